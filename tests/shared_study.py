"""A small SIMULATED study with recordings and all that must not be passed on, for the tests of sharing."""

from pathlib import Path
from typing import Any

import yaml

KEY = bytes(range(40))
ROWS = """id,person,centre,number,age,sex,born,scan,visit,note,kpa,signed
LIV-0001,PAT-77001,Dresden,1,40,m,2060-03-01,2100-09-13,2100-10-13,said much,4.4,True
LIV-0002,PAT-77002,Dresden,2,93,f,2007-05-05,2100-05-18,2100-05-20,,12.5,True
LIV-0003,PAT-77003,Leipzig,3,62,f,2038-02-02,2100-07-01,,,7.25,True
LIV-0004,PAT-77004,Leipzig,4,51,m,2049-01-01,2100-07-02,2100-07-02,,5.5,True
LIV-0005,PAT-77005,Leipzig,5,33,m,2067-01-01,2100-07-03,2100-07-02,,6.5,False
"""
Document = dict[str, Any]


def dictionary(*, recordings: bool = True) -> Document:
    simulated = {"kind": "recording", "cohort": 1, "number": "number"}
    made: Document = {
        "name": "small_rf",
        "title": "SIMULATED participants with recordings",
        "source": "simulated by the test suite",
        "licence": "none needed",
        "citation": "none",
        "simulated": True,
        "table": "table.csv",
        "case": "id",
        "participant": "person",
        "site": "centre",
        "fields": {
            "age_y": {"column": "age", "kind": "number", "unit": "year", "range": [18, 110]},
            "sex": {"kind": "category", "codes": {"m": "male", "f": "female"}},
            "birth_date": {"column": "born", "kind": "date"},
            "scan_date": {"column": "scan", "kind": "date"},
            "visit_date": {"column": "visit", "kind": "date"},
            "note": {"kind": "text"},
            "centre": {"kind": "category", "levels": ["Dresden", "Leipzig"]},
            "stiffness_kpa": {"column": "kpa", "kind": "number", "unit": "kPa", "range": [1, 75]},
            "consent": {"column": "signed", "kind": "boolean"},
        },
    }
    if recordings:
        made["acquisitions"] = {
            "rf": {"kind": "recording", "simulated": simulated},
            "phantom": {"kind": "recording", "simulated": {**simulated, "of": "phantom"}},
        }
    return made


def protocol() -> Document:
    return {
        "name": "small-rf",
        "title": "A small study of SIMULATED recordings",
        "question": "Does anything tell the stiffness?",
        "simulated": True,
        "arms": {
            "diffuse": {
                "title": "SIMULATED participants",
                "data": "dictionary.yaml",
                "eligibility": [{"name": "consent signed", "include": {"field": "consent", "value": True}}],
                "outcome": {"kind": "binary", "label": "stiff", "field": "stiffness_kpa", "at_least": 6},
                "index_tests": {
                    "model": {
                        "label": "Age and sex",
                        "features": [{"kind": "clinical", "fields": ["age_y", "sex"]}],
                        "model": "logistic",
                    }
                },
                "describe": ["scan_date"],
                "design": {"partition": {"kind": "k_fold", "folds": 2}, "seed": 3},
            }
        },
    }


def write_study(folder: Path, *, recordings: bool = True, study: Document | None = None) -> Path:
    """Write the study to `folder`; gives the path of its protocol."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.csv").write_text(ROWS)
    (folder / "dictionary.yaml").write_text(
        yaml.safe_dump(dictionary(recordings=recordings), sort_keys=False)
    )
    (folder / "protocol.yaml").write_text(yaml.safe_dump(study or protocol(), sort_keys=False))
    return folder / "protocol.yaml"
