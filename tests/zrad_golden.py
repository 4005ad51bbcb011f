"""A real CT and what Z-Rad makes of it in the five configurations of IBSI-1 (see tests/golden/zrad/README.md)."""

import csv
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nibabel
import numpy as np

from hepar.imaging.geometry import Volume

FOLDER = Path(__file__).parent / "golden" / "zrad"
NOT_ABOVE_BUT_AT_LEAST = {(name, tag) for name in "AB" for tag in ("ivh_v10", "ivh_diff_v10_v90")}
"""Where Z-Rad and the manual differ."""


class Configuration(NamedTuple):
    """One row of the table in the README."""

    spacing_mm: Any
    method: Any
    intensity_range: Any
    outlier_sigma: float | None
    bin_width: float | None
    histogram: dict[str, Any]


CONFIGURATIONS = {
    "A": Configuration(None, "linear", (-500, 400), None, 25, {"kind": "discrete"}),
    "B": Configuration((None, 2, 2), "linear", (-500, 400), None, None, {"kind": "discrete"}),
    "C": Configuration((2, 2, 2), "linear", (-1000, 400), None, 25, {"kind": "continuous", "bin_width": 2.5}),
    "D": Configuration((2, 2, 2), "linear", (None, None), 3, None, {"kind": "discrete"}),
    "E": Configuration((2, 2, 2), "cubic", (-1000, 400), 3, None, {"kind": "arbitrary"}),
}


@cache
def ct() -> tuple[Volume, Volume]:
    """The CT and its mask."""
    return _volume("image"), _volume("mask")


@cache
def golden(name: str) -> dict[str, float]:
    """Z-Rad's values of configuration `name` by tag."""
    with (FOLDER / f"config_{name}.csv").open(encoding="utf-8") as file:
        return {row["tag"]: float(row["value"]) for row in csv.DictReader(file)}


def _volume(name: str) -> Volume:
    file = nibabel.load(FOLDER / f"{name}.nii.gz")
    assert isinstance(file, nibabel.Nifti1Image)
    assert file.affine is not None
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ file.affine[:, [2, 1, 0, 3]]
    return Volume(np.ascontiguousarray(np.asarray(file.dataobj).T), affine, "CT", "HU")
