"""Reference: the IBSI digital phantom; every pair of voxels weighed by the inverse of its distance."""

from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging import spatial
from hepar.imaging.spatial import spatial_autocorrelation
from ibsi_phantom import SPACING_MM, phantom, references

RNG = np.random.default_rng(9)
IMAGE = RNG.normal(50, 20, (6, 9, 8)) + 10 * np.arange(9)[:, None]
MASK = RNG.random(IMAGE.shape) < 0.6


def by_definition(
    image: np.ndarray, mask: np.ndarray, spacing_mm: tuple[float, float, float]
) -> dict[str, float]:
    places, values = np.argwhere(mask) * spacing_mm, image[mask]
    n, deviation = values.size, values - values.mean()
    total = product = difference = 0.0
    for i in range(n):
        for j in range(n):
            if i != j:
                weight = 1 / float(np.linalg.norm(places[i] - places[j]))
                total += weight
                product += weight * deviation[i] * deviation[j]
                difference += weight * (values[i] - values[j]) ** 2
    square = (deviation**2).sum()
    return {
        "morph_moran_i": n / total * product / square,
        "morph_geary_c": (n - 1) / (2 * total) * difference / square,
    }


def test_autocorrelation_of_the_digital_phantom_is_that_of_the_manual() -> None:
    found = spatial_autocorrelation(*phantom(), SPACING_MM)
    checked = [reference for reference in references("morphology") if reference.tag in found]
    assert len(checked) == 2
    assert all(reference.holds(found[reference.tag]) for reference in checked)


@pytest.mark.parametrize("cheap", [0, 10**9])
def test_pairs_and_fourier_transforms_give_the_definition(cheap: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(spatial, "CHEAP", cheap)
    spacing_mm = (2.5, 0.8, 1.1)
    expected = by_definition(IMAGE, MASK, spacing_mm)
    assert spatial_autocorrelation(IMAGE, MASK, spacing_mm) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("shape", [(1, 30, 30), (30, 1, 30), (30, 30, 1), (1, 1, 900)])
def test_flat_regions_are_summed_as_any_other(shape: tuple[int, int, int], monkeypatch: Any) -> None:
    image, mask = RNG.normal(size=shape), RNG.random(shape) < 0.9
    monkeypatch.setattr(spatial, "CHEAP", 10**9)
    pairs = spatial_autocorrelation(image, mask, (1, 2, 3))
    monkeypatch.setattr(spatial, "CHEAP", 0)
    assert spatial_autocorrelation(image, mask, (1, 2, 3)) == pytest.approx(pairs, rel=1e-9)


def test_a_checkerboard_is_less_alike_than_chance() -> None:
    board = np.indices((8, 8, 8)).sum(axis=0) % 2
    found = spatial_autocorrelation(board.astype(float), np.ones(board.shape, bool), (1, 1, 1))
    assert found["morph_moran_i"] < -1 / 511
    assert found["morph_geary_c"] > 1


def test_equal_intensities_have_no_autocorrelation() -> None:
    for mask in (MASK, np.arange(432).reshape(MASK.shape) == 5):
        found = spatial_autocorrelation(np.full(MASK.shape, 0.1), mask, (1, 1, 1))
        assert all(np.isnan(value) for value in found.values())


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="empty"):
        spatial_autocorrelation(IMAGE, np.zeros_like(MASK), (1, 1, 1))
