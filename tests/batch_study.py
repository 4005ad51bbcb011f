"""A small study with SIMULATED scanners that shift its features: nobody stands behind a case."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

Document = dict[str, Any]
FEATURES = 12


def table(n: int = 120) -> pd.DataFrame:
    """SIMULATED participants: scanners shift twelve features, two of them go with the disease."""
    rng = np.random.default_rng(11)
    diseased = rng.random(n) < 0.45
    scanner = rng.choice(["Alpha", "Beta", "Gamma"], n)
    scanner[:2], scanner[4] = "Rare", ""
    shift = {name: rng.normal(0, 1.5, FEATURES) for name in ("Alpha", "Beta", "Gamma", "Rare", "")}
    values = rng.normal(size=(n, FEATURES)) + np.array([shift[str(name)] for name in scanner])
    values[:, :2] += 1.3 * diseased[:, None]
    columns = {f"f{k}": values[:, k].round(4) for k in range(FEATURES)}
    return pd.DataFrame(
        {
            "id": [f"P{k:03}" for k in range(n)],
            "centre": [f"S{k % 4}" for k in range(n)],
            "scanner": scanner,
            "age": rng.integers(20, 80, n),
            "disease": diseased.astype(int),
            **columns,
        }
    )


def dictionary() -> Document:
    """The dictionary of `table`."""
    levels = {name: name for name in ("Alpha", "Beta", "Gamma", "Rare")}
    numbers = {f"f{k}": {"column": f"f{k}", "kind": "number"} for k in range(FEATURES)}
    return {
        "name": "batches",
        "title": "SIMULATED scanners",
        "source": "simulated by the test suite",
        "licence": "none needed",
        "citation": "none",
        "table": "table.csv",
        "case": "id",
        "site": "centre",
        "fields": {
            "scanner": {"column": "scanner", "kind": "category", "codes": levels, "label": "Scanner"},
            "age_y": {"column": "age", "kind": "number", "unit": "year", "label": "Age"},
            "disease": {"column": "disease", "kind": "boolean"},
            **numbers,
        },
    }


def piped(*, unseen: str = "pass", k: int = 3, **changes: Any) -> Document:
    """Constant features out, scanners harmonised, the `k` best kept; age passes all steps."""
    steps = ["varying", {"kind": "combat", "batch": "scanner", "unseen": unseen}, {"kind": "best", "k": k}]
    return {"kind": "piped", "steps": steps, "spare": ["age_y"], "model": "logistic", **changes}


def protocol(model: Any = None) -> Document:
    """A protocol with the model given (`piped()` when omitted) and one without steps."""
    fields = [f"f{k}" for k in range(FEATURES)]
    radiomics = {
        "label": "Harmonised",
        "features": [{"kind": "clinical", "fields": ["age_y", "scanner", *fields]}],
        "model": piped() if model is None else model,
    }
    clinical = {"label": "Age", "features": [{"kind": "clinical", "fields": ["age_y"]}], "model": "logistic"}
    return {
        "name": "batch-study",
        "title": "SIMULATED scanners",
        "question": "Does harmonisation help?",
        "simulated": True,
        "arms": {
            "main": {
                "title": "SIMULATED participants",
                "data": "dictionary.yaml",
                "outcome": {"kind": "binary", "label": "disease", "field": "disease", "one_of": [True]},
                "index_tests": {"radiomics": radiomics, "clinical": clinical},
                "design": {"partition": {"kind": "k_fold", "folds": 4}, "seed": 5},
                "analyses": ["discrimination"],
            }
        },
    }


def write(folder: Path, document: Document | None = None) -> Path:
    """Write table, dictionary and protocol to `folder`; gives the path of the protocol."""
    folder.mkdir(parents=True, exist_ok=True)
    table().to_csv(folder / "table.csv", index=False)
    (folder / "dictionary.yaml").write_text(yaml.safe_dump(dictionary(), sort_keys=False))
    (folder / "protocol.yaml").write_text(yaml.safe_dump(document or protocol(), sort_keys=False))
    return folder / "protocol.yaml"
