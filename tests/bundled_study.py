"""A small study on SIMULATED recordings in files, with networks and tabular models, for the tests of bundles."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from hepar.analyses.base import Findings, row
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.io.rf_file import write_rf
from hepar.stats.estimate import Estimate
from hepar.study.extract import extract
from hepar.study.prepare import prepare
from hepar.study.protocol import Study, read_protocol
from hepar.study.result import Prepared

Document = dict[str, Any]
PATIENTS = 20
SMALL = {"seen": {"height_mm": 16, "width_mm": 20, "frames": 1}}
TINY = {"training": {"epochs": 2, "batch": 6}}


def recording(number: int, *, stiff: bool, preset: str = "Abdomen") -> RfFrames:
    """SIMULATED speckle about 3.5 MHz whose level falls faster with depth in the stiff, in a box "liver"."""
    rng = np.random.default_rng(number)
    depth = np.linspace(0, 1, 900)
    band = np.exp(-(((np.fft.rfftfreq(900, 1 / 20.0) - 3.5) / 1.2) ** 2))
    speckle = np.fft.irfft(np.fft.rfft(rng.normal(size=(1, 32, 900))) * band, n=900)
    echoes = (
        speckle * np.exp(-(3.0 if stiff else 1.5) * depth) + 1e-4 * rng.normal(size=speckle.shape)
    ) * 9000
    return RfFrames(
        rf=echoes.astype(np.int16),
        fs_mhz=20.0,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="linear",
        line_angle_deg=np.zeros(32, dtype=np.float32),
        line_origin_mm=np.stack((np.linspace(-16, 16, 32), np.zeros(32)), 1).astype(np.float32),
        start_mm=0.0,
        tgc_db=np.zeros(900, dtype=np.float32),
        gain_db=0.0,
        device="SIMULATED US A",
        preset=preset,
        remark="SIMULATED",
        regions={"liver": Box((8.0, 30.0), (2, 29))},
    )


def dictionary(*, recordings: bool) -> Document:
    made: Document = {
        "name": "small_bundle",
        "title": "SIMULATED participants with recordings",
        "source": "simulated by the test suite",
        "licence": "none needed",
        "citation": "none",
        "simulated": True,
        "table": "table.csv",
        "case": "id",
        "site": "centre",
        "fields": {
            "age_y": {"column": "age", "kind": "number", "unit": "year", "range": [18, 110]},
            "sex": {"kind": "category", "codes": {"m": "male", "f": "female"}},
            "stiffness_kpa": {"column": "kpa", "kind": "number", "unit": "kPa", "range": [1, 75]},
        },
    }
    if recordings:
        made["acquisitions"] = {"rf": {"kind": "recording", "files": "recordings/{case}"}}
    return made


def _test(label: str, features: Document, model: Document | str, **more: Any) -> Document:
    return {"label": label, "features": [features], "model": model, **more}


def protocol(*, networks: bool = True) -> Document:
    values = {"kind": "clinical", "fields": ["age_y", "sex"], "log": ["age_y"]}
    cut = {"value": 0.5, "meaning": "elastography", "scale": "probability"}
    tests = {
        "clinical": _test("Age and sex", values, "logistic", thresholds=[cut]),
        "age": _test(
            "Age alone", {"kind": "clinical", "fields": ["age_y"]}, {"kind": "as_is", "higher": False}
        ),
    }
    if networks:
        tests |= {
            "rf": _test(
                "RF network", {"kind": "rf_input", **SMALL}, {"kind": "rf_net", **TINY}, thresholds=[cut]
            ),
            "bmode": _test("B-mode network", {"kind": "bmode_input", **SMALL}, {"kind": "bmode_net", **TINY}),
        }
    return {
        "name": "small-bundle",
        "title": "A small study of SIMULATED recordings",
        "question": "Does a network tell who is stiff?",
        "simulated": True,
        "intended_use": "tests of this software",
        "arms": {
            "main": {
                "title": "SIMULATED participants",
                "data": "dictionary.yaml",
                "outcome": {
                    "kind": "binary",
                    "label": "stiff liver",
                    "field": "stiffness_kpa",
                    "at_least": 8,
                },
                "index_tests": tests,
                "analyses": ["discrimination"],
                "design": {"partition": {"kind": "external_sites", "sites": ["Z"], "folds": 2}, "seed": 1},
            }
        },
    }


def write_study(folder: Path, *, study: Document | None = None) -> Path:
    """Write the study to `folder`, with recordings where a network reads them; gives the path of its protocol."""
    study = study or protocol()
    recordings = "rf" in study["arms"]["main"]["index_tests"]
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    rows = ["id,centre,age,sex,kpa"]
    for number in range(PATIENTS):
        stiff = number % 2 == 1
        age = int(rng.integers(20, 50)) + 20 * stiff
        sex = "m" if rng.random() < 0.5 + 0.2 * stiff else "f"
        rows.append(f"P{number:02},{'Z' if number >= PATIENTS - 4 else 'A'},{age},{sex},{12 if stiff else 5}")
        for view in range(2) if recordings else ():
            made = recording(10 * number + view, stiff=stiff)
            write_rf(
                replace(made, subject=f"P{number:02}"), folder / "recordings" / f"P{number:02}" / f"{view}.h5"
            )
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    (folder / "dictionary.yaml").write_text(
        yaml.safe_dump(dictionary(recordings=recordings), sort_keys=False)
    )
    (folder / "protocol.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    return folder / "protocol.yaml"


def prepared(folder: Path, *, study: Document | None = None) -> tuple[Study, Prepared]:
    """The study written to `folder`, with features extracted."""
    found, place = read_protocol(write_study(folder, study=study))
    (arm,) = prepare(found, place)
    return found, extract(arm)


def estimates() -> pd.DataFrame:
    """Made-up estimates of the test "rf", as the findings of a study hold them."""
    auc = Estimate(value=0.8, low=0.7, high=0.9, n=16, events=8, method="made up")
    told = {"analysis": "discrimination", "quantity": "auc", "test": "rf"}
    return Findings.of(
        [
            row(auc, role="cross-validated", **told),
            row(auc, role="cross-validated", group="sex=male", **told),
            row(replace(auc, value=float("nan")), role="external", **told),
        ]
    ).rows
