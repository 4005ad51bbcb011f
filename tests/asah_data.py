"""The aneurysmal subarachnoid haemorrhage data of pROC (Turck et al. 2010), and how close R's digits are."""

import csv
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parent / "golden" / "statistics" / "aSAH.csv"
EXACT = 1e-9
"""R prints ten to twelve significant digits."""


@pytest.fixture(scope="module")
def asah() -> dict[str, np.ndarray]:
    with GOLDEN.open(newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = {k: np.array([float(r[k]) for r in rows]) for k in ("s100b", "wfns", "ndka", "gos6")}
    poor = np.array([r["outcome"] == "Poor" for r in rows])
    return {"poor": poor, "male": np.array([r["gender"] == "Male" for r in rows]), **numbers}


def near(*numbers: float) -> object:
    return pytest.approx(numbers if len(numbers) > 1 else numbers[0], rel=EXACT, abs=0)
