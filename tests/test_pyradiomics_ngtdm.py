"""Grey tone differences by PyRadiomics."""

import numpy as np
import pytest

from hepar.features.pyradiomics.counts import Texture, count_texture
from hepar.features.pyradiomics.ngtdm import ngtdm
from hepar.features.pyradiomics.settings import Settings

CHART = np.array([[1, 2, 5, 2], [3, 5, 1, 3], [1, 3, 5, 5], [3, 1, 1, 1], [0, 0, 0, 0]], np.uint16)
"""The image of PyRadiomics' documentation with an empty row below."""
SUMS = (13.35, 2.00, 3.03, 10.075)


def counted(levels: np.ndarray) -> Texture:
    return count_texture(levels[None], spacing_mm=(1.0, 1.0, 1.0), settings=Settings(), classes=["ngtdm"])


def test_differences_are_those_of_the_documentation() -> None:
    found = counted(CHART)
    assert found.differences[[0, 1, 2, 4]] == pytest.approx(SUMS, abs=0.01)
    share = np.array([6, 2, 4, 4]) / 16
    assert ngtdm(found)["Coarseness"] == pytest.approx(1 / (share @ found.differences[[0, 1, 2, 4]]))


def test_a_lone_voxel_counts_without_a_difference() -> None:
    lone = np.zeros((7, 4), np.uint16)
    lone[:4] = CHART[:4]
    lone[6, 3] = 4
    alone, without = ngtdm(counted(lone)), ngtdm(counted(CHART))
    assert alone["Coarseness"] == pytest.approx(without["Coarseness"] * 17 / 16)
