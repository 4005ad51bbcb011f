"""The IBSI-1 digital phantom and the manual's values for it."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nibabel
import numpy as np

from hepar.imaging.nomenclature import features

FOLDER = Path(__file__).parent / "golden" / "ibsi1"
SPACING_MM = (2.0, 2.0, 2.0)
WRONG_CODES = {
    "10th discretised intensity percentile": "GPMT",
    "90th discretised intensity percentile": "OZ0C",
}
"""The table of reference values prints neighbouring identifiers for these two."""


class Reference(NamedTuple):
    """One value of the manual: |value rounded to three digits - `value`| <= `tolerance`, 0 where exact."""

    tag: str
    value: float
    tolerance: float

    def holds(self, found: float) -> bool:
        rounded = float(f"{found:.2e}")
        return abs(rounded - self.value) <= self.tolerance + 1e-9 * abs(self.value)


@cache
def phantom() -> tuple[np.ndarray, np.ndarray]:
    """Levels and mask of the digital phantom, (z, y, x)."""
    image, mask = (_array(FOLDER / f"{name}.nii.gz") for name in ("phantom", "mask"))
    return image.astype(np.float32), mask > 0


def _array(path: Path) -> np.ndarray:
    file = nibabel.load(path)
    assert isinstance(file, nibabel.Nifti1Image)
    return np.ascontiguousarray(np.asarray(file.dataobj).T)


def references(*families: str) -> list[Reference]:
    """The manual's values of the digital phantom for families of features by tag's family, in its order."""
    with (FOLDER / "ibsi1_reference_values.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["data_set"] == "dig. phantom"]
    found, seen = [], dict[str, int]()
    for row in rows:
        code = WRONG_CODES.get(row["feature"], row["ibsi_code"])
        tags = [
            tag for tag, feature in features().items() if feature.code == code and feature.family in families
        ]
        if tags:
            found.append(
                Reference(tags[seen.get(code, 0)], float(row["reference_value"]), float(row["tolerance"]))
            )
            seen[code] = seen.get(code, 0) + 1
    return found
