"""Texture features of the digital phantom of the IBSI, value by value, and of regions that hardly have a texture."""

import csv
from pathlib import Path
from typing import get_args

import nibabel
import numpy as np
import pytest

from hepar.imaging.nomenclature import Aggregation, Extent, features
from hepar.imaging.texture import texture_features
from hepar.imaging.texture_matrices import TEXTURE_FAMILIES

GOLDEN = Path(__file__).parent / "golden" / "ibsi1"
AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)
EXTENTS: tuple[Extent, ...] = get_args(Extent)
SUFFIX = {
    "2D, averaged": "2d_avg",
    "2D, slice-merged": "2d_s_mrg",
    "2.5D, direction-merged": "2.5d_d_mrg",
    "2.5D, merged": "2.5d_mrg",
    "3D, averaged": "3d_avg",
    "3D, merged": "3d_mrg",
    "2D": "2d",
    "2.5D": "2.5d",
    "3D": "3d",
}


def references() -> list[tuple[str, float, float]]:
    """Tag, value and tolerance of each texture feature of the digital phantom."""
    tags = {f.code: f.tag for f in features().values() if f.family in TEXTURE_FAMILIES}
    with (GOLDEN / "ibsi1_reference_values.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["data_set"] == "dig. phantom" and r["ibsi_code"] in tags]
    return [
        (
            f"{tags[row['ibsi_code']]}_{SUFFIX[row['aggregation']]}",
            float(row["reference_value"]),
            0.0 if row["tolerance_is_exact"] == "True" else float(row["tolerance"]),
        )
        for row in rows
    ]


def read(path: Path) -> np.ndarray:
    """A NIfTI file as (z, y, x)."""
    return nibabel.Nifti1Image.from_filename(path).get_fdata().T


@pytest.fixture(scope="module")
def phantom() -> dict[str, float]:
    image, mask = (read(GOLDEN / f"{name}.nii.gz") for name in ("phantom", "mask"))
    region = mask > 0
    return texture_features(
        np.where(region, image, 0).astype(np.uint8), region=region, aggregations=AGGREGATIONS, extents=EXTENTS
    )


def test_there_are_reference_values_for_every_texture_feature() -> None:
    assert len(references()) == 405


@pytest.mark.parametrize(("tag", "reference", "tolerance"), references())
def test_the_digital_phantom_has_the_value_of_the_manual(
    phantom: dict[str, float], tag: str, reference: float, tolerance: float
) -> None:
    assert abs(float(f"{phantom[tag]:.3g}") - reference) <= tolerance + 1e-12 * abs(reference)
