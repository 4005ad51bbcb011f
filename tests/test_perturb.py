"""SIMULATED spheres and noise: what each change does, and what it never does."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.geometry import Volume
from hepar.imaging.perturb import (
    KINDS,
    Change,
    draw,
    noise_level,
    perturb,
    standard_perturbations,
)

SPACING = (3.0, 0.9, 0.8)
few = settings(max_examples=25, deadline=None)


def volume(array: np.ndarray, unit: str = "") -> Volume:
    affine = np.eye(4)
    affine[:3, :3] = np.fliplr(np.diag(SPACING[::-1]))
    return Volume(array, affine, "CT", unit)


def sphere(radius_mm: float = 14.0, shape: tuple[int, int, int] = (20, 64, 72)) -> Volume:
    grid = np.indices(shape) - (np.array(shape).reshape(3, 1, 1, 1) - 1) / 2
    return volume(np.sqrt(((grid * np.array(SPACING).reshape(3, 1, 1, 1)) ** 2).sum(axis=0)) <= radius_mm)


@cache
def smooth(shape: tuple[int, int, int] = (20, 64, 72), *, sd: float = 0.0) -> Volume:
    """SIMULATED smooth tissue with noise of standard deviation `sd`."""
    random = np.random.default_rng(1)
    tissue = 400 * ndimage.gaussian_filter(random.standard_normal(shape), (2, 6, 6))
    return volume(100 + tissue + sd * random.standard_normal(shape))


def dice(one: Volume, other: Volume) -> float:
    both = np.count_nonzero(one.array & other.array)
    return 2 * both / (np.count_nonzero(one.array) + np.count_nonzero(other.array))


def test_a_change_of_nothing_is_the_identity() -> None:
    image, mask = smooth(sd=5), sphere()
    found, region = perturb(image, mask, Change(seed=7))
    np.testing.assert_array_equal(found.array, image.array)
    np.testing.assert_array_equal(region.array, mask.array)


def test_the_same_change_gives_the_same_twice_and_another_case_another() -> None:
    image, mask = smooth(sd=5), sphere()
    change = draw(KINDS, seed=1, case_id="a")
    assert change == draw(KINDS, seed=1, case_id="a")
    assert change != draw(KINDS, seed=1, case_id="b")
    assert change != draw(KINDS, seed=2, case_id="a")
    once, again = (perturb(image, mask, change) for _ in range(2))
    np.testing.assert_array_equal(once[0].array, again[0].array)
    np.testing.assert_array_equal(once[1].array, again[1].array)


def test_a_kind_is_drawn_alike_whatever_stands_beside_it() -> None:
    alone, together = draw(("rotate",), seed=3, case_id="a"), draw(KINDS, seed=3, case_id="a")
    assert alone.rotation_deg == together.rotation_deg != 0
    assert alone == replace(Change(), rotation_deg=alone.rotation_deg, seed=together.seed)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    wrong: Any = ["rotation"]
    with pytest.raises(ProtocolError, match="did you mean 'rotate'"):
        draw(wrong, seed=0, case_id="a")


def test_the_standard_repeats_hold_every_kind() -> None:
    assert standard_perturbations(3) == (KINDS,) * 3
    with pytest.raises(ProtocolError, match="-1 perturbations"):
        standard_perturbations(-1)


@few
@given(*[st.floats(0, 1).filter(lambda share: abs(share - 0.5) > 1e-3)] * 3, st.floats(-15, 15))
def test_a_moved_region_keeps_its_volume_and_most_of_its_place(
    z: float, y: float, x: float, angle: float
) -> None:
    mask = sphere()
    _, region = perturb(smooth(), mask, Change(shift=(z, y, x), rotation_deg=angle))
    assert np.count_nonzero(region.array) == pytest.approx(np.count_nonzero(mask.array), rel=0.05)
    assert dice(region, mask) > 0.8


def test_a_shift_of_whole_voxels_moves_image_and_region_as_they_are() -> None:
    image, mask = smooth(sd=5), sphere()
    found, region = perturb(image, mask, Change(shift=(1.0, 2.0, 0.0)))
    np.testing.assert_allclose(found.array[2:-2, 4:-4], image.array[3:-1, 6:-2], atol=1e-6)
    np.testing.assert_array_equal(region.array[:-1, :-2], mask.array[1:, 2:])


def test_image_and_region_move_together() -> None:
    """The image is the region itself, smoothed: after any move the half-value surface is still the region's."""
    mask = sphere()
    blurred = volume(ndimage.gaussian_filter(mask.array.astype(float), (0.5, 1.5, 1.5)))
    found, region = perturb(blurred, mask, Change(shift=(0.4, 0.7, 0.2), rotation_deg=12))
    assert dice(region, volume(found.array > 0.5)) > 0.95


def test_a_rotation_is_by_millimetres_where_pixels_are_not_square() -> None:
    """A bar that lies along y turns by the angle in the patient, not in the index."""
    bar = np.zeros((1, 80, 80), dtype=bool)
    bar[0, 20:60, 39:42] = True
    _, region = perturb(volume(np.zeros(bar.shape)), volume(bar), Change(rotation_deg=30.0))
    points = np.argwhere(region.array[0]) * np.array(SPACING[1:])
    _, vectors = np.linalg.eigh(np.cov(points.T))
    assert np.degrees(np.arctan2(abs(vectors[1, 1]), abs(vectors[0, 1]))) == pytest.approx(30, abs=1)


def test_a_rotation_and_its_reverse_bring_the_image_back() -> None:
    image, mask = smooth(), sphere()
    there, moved = perturb(image, mask, Change(rotation_deg=8))
    back, _ = perturb(there, moved, Change(rotation_deg=-8))
    inside = ndimage.binary_erosion(mask.array, iterations=2)
    assert np.abs(back.array - image.array)[inside].max() < 0.02 * image.array[inside].std()


def test_nothing_moves_along_an_axis_of_one_voxel() -> None:
    mask = volume(sphere(shape=(1, 64, 72)).array)
    image = smooth((1, 64, 72), sd=3)
    found, region = perturb(image, mask, Change(shift=(0.5, 0.0, 0.0)))
    np.testing.assert_allclose(found.array, image.array)
    np.testing.assert_array_equal(region.array, mask.array)


@pytest.mark.parametrize("sd", [2.0, 10.0, 40.0])
def test_the_noise_of_an_image_is_found_beneath_its_tissue(sd: float) -> None:
    assert noise_level(smooth(sd=sd), sphere().array) == pytest.approx(sd, rel=0.05)


def test_an_empty_background_hardly_lowers_the_noise() -> None:
    """Only where filters reach across its edge: at 5 of the 42 columns left."""
    image = smooth(sd=10)
    image = image.like(np.where(np.arange(72) < 30, -1000.0, image.array))
    assert noise_level(image, sphere().array) == pytest.approx(10, rel=0.12)
    assert noise_level(volume(np.zeros((20, 64, 72))), sphere().array) == 0


def test_noise_is_added_as_strong_as_asked() -> None:
    image, mask = smooth(sd=10), sphere()
    for change in (Change(noise_sd=4.0), Change(noise=0.4)):
        found, region = perturb(image, mask, change)
        assert (found.array - image.array).std() == pytest.approx(4, rel=0.08)
        np.testing.assert_array_equal(region.array, mask.array)


def test_hounsfield_units_are_rounded_again() -> None:
    image = volume(np.rint(smooth(sd=10).array), "HU")
    found, _ = perturb(image, sphere(), Change(noise=1.0, rotation_deg=3))
    np.testing.assert_array_equal(found.array, np.rint(found.array))


@few
@given(st.floats(-0.5, 0.5), st.integers(0, 5))
def test_a_region_grows_or_shrinks_by_the_share_asked_for_and_one_holds_the_other(
    share: float, seed: int
) -> None:
    mask = sphere()
    _, region = perturb(smooth(), mask, Change(volume=share, seed=seed))
    n = np.count_nonzero(mask.array)
    assert np.count_nonzero(region.array) == round(n * (1 + share))
    assert np.count_nonzero(region.array & mask.array) == min(n, np.count_nonzero(region.array))


@few
@given(st.floats(0.3, 2.0), st.integers(0, 1000))
def test_a_redrawn_contour_stays_within_three_standard_deviations(sd_mm: float, seed: int) -> None:
    mask = sphere()
    _, region = perturb(smooth(), mask, Change(contour_mm=sd_mm, seed=seed))
    changed = region.array != mask.array
    depth = ndimage.distance_transform_edt(mask.array, sampling=SPACING)
    outside = ndimage.distance_transform_edt(~mask.array, sampling=SPACING)
    assert np.all((depth + outside)[changed] <= 3 * sd_mm + 0.9)


def test_contours_differ_by_about_as_much_as_asked() -> None:
    """A displacement of standard deviation s moves s sqrt(2 / pi) of volume per surface, in the mean over draws."""
    mask = sphere(radius_mm=18.0, shape=(28, 72, 80))
    sizes, overlaps = [], []
    for seed in range(30):
        _, region = perturb(smooth((28, 72, 80)), mask, Change(contour_mm=1.0, seed=seed))
        sizes.append(np.count_nonzero(region.array) / np.count_nonzero(mask.array))
        overlaps.append(dice(region, mask))
    assert np.mean(sizes) == pytest.approx(1, abs=0.03)
    assert np.mean(overlaps) == pytest.approx(1 - (2 / np.pi) ** 0.5 * 3 / 18 / 2, abs=0.02)
    assert len(set(sizes)) > 25


@few
@given(st.integers(1, 3), st.integers(0, 10_000))
def test_the_smallest_region_never_vanishes(size: int, seed: int) -> None:
    array = np.zeros((5, 9, 9), dtype=bool)
    array[2, 4, 4 : 4 + size] = True
    change = draw(KINDS, seed=seed, case_id="a")
    for one in (change, replace(change, contour_mm=4.0), replace(change, volume=-0.99)):
        _, region = perturb(volume(np.ones((5, 9, 9))), volume(array), one)
        assert region.array.any()


def test_a_margin_cuts_both_and_changes_little_within() -> None:
    image, mask = smooth(sd=3), sphere()
    change = replace(draw(("translate", "rotate"), seed=4, case_id="a"))
    whole, region = perturb(image, mask, change)
    cut, cut_region = perturb(image, mask, change, margin_mm=8.0)
    assert cut.array.size < whole.array.size
    at = np.rint(whole.index(cut.world_mm([0, 0, 0]))).astype(int)
    box = tuple(slice(start, start + n) for start, n in zip(at, cut.array.shape, strict=True))
    np.testing.assert_array_equal(cut_region.array, region.array[box])
    inside = cut_region.array
    np.testing.assert_allclose(cut.array[inside], whole.array[box][inside], atol=0.5)


@pytest.mark.parametrize("seed", range(6))
def test_a_region_is_not_cut_off_where_it_moves(seed: int) -> None:
    """A flat bar whose ends leave its box when it turns, grows and is redrawn: a margin of 0 took a quarter of it."""
    array = np.zeros((24, 64, 64), dtype=bool)
    array[8:16, 28:34, 8:56] = True
    image, mask = smooth(shape=array.shape), volume(array)
    change = replace(draw(("translate", "rotate", "volume", "contour"), seed=seed, case_id="a"), volume=0.1)
    alone = replace(change, contour_mm=0.0)
    whole, cut = (perturb(image, mask, alone, margin_mm=margin)[1] for margin in (None, 0.0))
    assert np.count_nonzero(cut.array) == np.count_nonzero(whole.array)
    moved, region = perturb(image, mask, change, margin_mm=0.0)
    for axis in (0, 1):
        found = np.nonzero(region.array)[axis]
        assert 0 < found.min() <= found.max() < region.array.shape[axis] - 1
    assert moved.array.shape == region.array.shape


def test_what_cannot_be_perturbed_is_refused() -> None:
    image, mask = smooth(), sphere()
    with pytest.raises(DataError, match="region is empty"):
        perturb(image, mask.like(np.zeros_like(mask.array)), Change())
    with pytest.raises(DataError, match="another grid than the image: shape"):
        perturb(image, sphere(shape=(20, 64, 70)), Change())
    broken = image.array.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(DataError, match="1 voxels that are NaN"):
        perturb(image.like(broken), mask, Change())
