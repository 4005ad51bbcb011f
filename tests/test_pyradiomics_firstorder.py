"""First-order features by PyRadiomics."""

import numpy as np
import pytest

from hepar.features.pyradiomics.firstorder import first_order
from hepar.features.pyradiomics.names import allowed

VALUES = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
LEVELS = np.array([1, 1, 2, 1, 2, 3, 1, 2], np.uint16)


def test_all_names_are_there() -> None:
    assert sorted(first_order(VALUES, LEVELS, voxel_mm3=1.0)) == sorted(allowed("firstorder"))


def test_energies_are_of_shifted_values() -> None:
    found = first_order(VALUES, LEVELS, voxel_mm3=2.5, shift=10)
    energy = float(np.sum((VALUES + 10) ** 2))
    assert found["Energy"] == pytest.approx(energy)
    assert found["TotalEnergy"] == pytest.approx(2.5 * energy)
    assert found["RootMeanSquared"] == pytest.approx(np.sqrt(energy / 8))
    assert found["Mean"] == pytest.approx(VALUES.mean())


def test_kurtosis_is_not_in_excess_of_three() -> None:
    normal = np.random.default_rng(0).normal(size=100_000)
    found = first_order(normal, np.ones(100_000, np.uint16), voxel_mm3=1.0)
    assert found["Kurtosis"] == pytest.approx(3, abs=0.1)
    assert found["StandardDeviation"] == pytest.approx(1, abs=0.01)


def test_entropy_and_uniformity_are_those_of_the_levels() -> None:
    found = first_order(VALUES, LEVELS, voxel_mm3=1.0)
    p = np.array([4, 3, 1]) / 8
    assert found["Entropy"] == pytest.approx(-np.sum(p * np.log2(p)))
    assert found["Uniformity"] == pytest.approx(np.sum(p**2))
