"""A small SIMULATED study on disk (table, dictionary, protocol), for tests that need files; each part can be spoilt."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

Document = dict[str, Any]


def table(n: int = 120, *, seed: int = 0) -> pd.DataFrame:
    """SIMULATED participants: `marker` is higher in the diseased, `noise` is not; `old` is a weaker marker."""
    rng = np.random.default_rng(seed)
    diseased = rng.random(n) < 0.4
    return pd.DataFrame(
        {
            "id": [f"P{k:03}" for k in range(n)],
            "centre": [f"S{k % 4}" for k in range(n)],
            "age": rng.integers(18, 80, n),
            "sex": rng.choice(["m", "f"], n),
            "marker": np.round(rng.normal(diseased * 1.5, 1.0), 3),
            "old": np.round(rng.normal(diseased * 0.7, 1.0), 3),
            "noise": np.round(rng.normal(size=n), 3),
            "disease": diseased.astype(int),
            "followed": np.round(rng.uniform(0.1, 6.0, n), 3),
            "birth": "1950-01-01",
            "scan": "2015-06-01",
        }
    )


def dictionary() -> Document:
    """The dictionary of `table`."""
    return {
        "name": "small",
        "title": "SIMULATED participants",
        "source": "simulated by the test suite",
        "licence": "none needed",
        "citation": "none",
        "table": "table.csv",
        "case": "id",
        "site": "centre",
        "fields": {
            "age_y": {"column": "age", "kind": "number", "unit": "year", "range": [18, 110]},
            "sex": {"column": "sex", "kind": "category", "codes": {"m": "male", "f": "female"}},
            "marker": {"column": "marker", "kind": "number", "range": [-10, 10]},
            "old": {"column": "old", "kind": "number", "range": [-10, 10]},
            "noise": {"column": "noise", "kind": "number", "range": [-10, 10]},
            "disease": {"column": "disease", "kind": "boolean"},
            "followed_y": {
                "column": "followed",
                "kind": "number",
                "unit": "year",
                "range": [0, 20],
                "follow_up": True,
            },
            "birth_date": {"column": "birth", "kind": "date"},
            "scan_date": {"column": "scan", "kind": "date", "not_before": "birth_date"},
        },
    }


def protocol() -> Document:
    """A protocol on `table`."""
    return {
        "name": "small-study",
        "title": "A small study",
        "question": "Does the marker find the disease?",
        "simulated": True,
        "arms": {
            "main": {
                "title": "SIMULATED participants",
                "data": "dictionary.yaml",
                "eligibility": [{"name": "adult", "include": {"field": "age_y", "op": ">=", "value": 18}}],
                "outcome": {"kind": "binary", "label": "disease", "field": "disease", "one_of": [True]},
                "index_tests": {
                    "model": {
                        "label": "Marker model",
                        "features": [{"kind": "clinical", "fields": ["age_y", "sex", "marker"]}],
                        "model": "logistic",
                        "thresholds": [{"value": 0.4, "meaning": "further tests"}],
                    }
                },
                "comparators": {"old": {"kind": "field", "field": "old"}},
                "subgroups": ["sex"],
                "design": {"partition": {"kind": "site_folds", "folds": 4}, "seed": 3},
            }
        },
    }


def write_study(
    folder: Path,
    *,
    data: pd.DataFrame | bytes | None = None,
    fields: Document | None = None,
    study: Document | None = None,
) -> Path:
    """Write the study to `folder`; gives the path of its protocol."""
    folder.mkdir(parents=True, exist_ok=True)
    content = (
        data if isinstance(data, bytes) else (table() if data is None else data).to_csv(index=False).encode()
    )
    (folder / "table.csv").write_bytes(content)
    (folder / "dictionary.yaml").write_text(yaml.safe_dump(fields or dictionary(), sort_keys=False))
    (folder / "protocol.yaml").write_text(yaml.safe_dump(study or protocol(), sort_keys=False))
    return folder / "protocol.yaml"
