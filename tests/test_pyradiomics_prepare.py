"""The steps before features, and masks that do not fit."""

from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.features.pyradiomics.prepare import prepare, region_of
from hepar.features.pyradiomics.settings import Settings
from hepar.imaging.geometry import Volume

SHAPE = (6, 8, 10)


def image(**changes: Any) -> Volume:
    values = np.random.default_rng(1).normal(100, 20, SHAPE)
    return Volume(changes.get("array", values), changes.get("affine", np.diag([2.0, 1.0, 1.0, 1.0])))


def mask(*, label: int = 1, affine: Any = None) -> Volume:
    held = np.zeros(SHAPE, np.uint8)
    held[2:4, 2:6, 3:7] = label
    return Volume(held, np.diag([2.0, 1.0, 1.0, 1.0]) if affine is None else affine)


def settings(**given: Any) -> Settings:
    return Settings.model_validate(given)


def test_a_missing_label_is_refused_with_those_there_are() -> None:
    with pytest.raises(DataError, match="no voxel of label 1; it holds 5"):
        prepare(image(), mask(label=5), settings())
    with pytest.raises(DataError, match="it holds none"):
        prepare(image(), mask(label=0), settings())


def test_a_mask_that_lies_elsewhere_is_refused_with_both_places() -> None:
    moved = np.diag([2.0, 1.0, 1.0, 1.0])
    moved[0, 3] = 3
    with pytest.raises(
        DataError, match=r"from \(3, 0, 0\), image 6 x 8 x 10 voxels of 2 x 1 x 1 mm from \(0, 0, 0\)"
    ):
        prepare(image(), mask(affine=moved), settings())
    assert prepare(image(), mask(affine=moved), settings(geometryTolerance=4)).region.sum() == 32


def test_a_corrected_mask_takes_the_nearest_voxels() -> None:
    moved = np.diag([2.0, 1.0, 1.0, 1.0])
    moved[:3, 3] = (2, 1.3, -0.2)
    found = region_of(image(), mask(affine=moved), settings(correctMask=True))
    assert np.argwhere(found).min(axis=0).tolist() == [3, 3, 3]
    assert found.sum() == 32


def test_a_corrected_mask_must_stay_inside_the_image() -> None:
    moved = np.diag([2.0, 1.0, 1.0, 1.0])
    moved[0, 3] = 6
    with pytest.raises(DataError, match="reaches outside the image"):
        region_of(image(), mask(affine=moved), settings(correctMask=True))


def test_values_that_are_not_numbers_are_refused_with_their_number() -> None:
    broken = image().array.copy()
    broken[0, 0, :2] = np.nan
    with pytest.raises(DataError, match="2 values that are not finite"):
        prepare(image(array=broken), mask(), settings())


def test_an_image_of_colours_is_refused() -> None:
    with pytest.raises(DataError, match=r"shape \(6, 8, 10, 3\)"):
        prepare(image(array=np.zeros((*SHAPE, 3))), mask(), settings())


def test_small_regions_are_refused() -> None:
    one = np.zeros(SHAPE, np.uint8)
    one[2, 2, 2] = 1
    with pytest.raises(DataError, match="single voxel"):
        prepare(image(), mask().like(one), settings())
    one[2, 2, 3:5] = 1
    with pytest.raises(DataError, match=r"extends in 1 dimensions \(1 x 1 x 3 voxels\)"):
        prepare(image(), mask().like(one), settings())
    with pytest.raises(DataError, match=r"32 voxels, more than minimumROISize \(32\)"):
        prepare(image(), mask(), settings(minimumROISize=32))


def test_normalisation_centres_the_whole_image_and_cuts_outliers() -> None:
    found = prepare(
        image(), mask(), settings(normalize=True, normalizeScale=100, removeOutliers=1.5)
    ).image.array
    plain = prepare(image(), mask(), settings(normalize=True)).image.array
    assert plain.mean() == pytest.approx(0, abs=1e-12)
    assert plain.std(ddof=1) == pytest.approx(1)
    assert (found.min(), found.max()) == (-150, 150)
    with pytest.raises(DataError, match="7 everywhere and cannot be normalised"):
        prepare(image(array=np.full(SHAPE, 7.0)), mask(), settings(normalize=True))


def test_resegmentation_leaves_the_whole_region_to_shape() -> None:
    values = np.arange(480.0).reshape(SHAPE)
    inside = values[region_of(image(), mask(), settings())]
    ranges = {
        "absolute": ([200, 300], (200, 300)),
        "relative": ([0.7], (0.7 * inside.max(), np.inf)),
        "sigma": ([-1, 1], (inside.mean() - inside.std(), inside.mean() + inside.std())),
    }
    for mode, (given, (low, high)) in ranges.items():
        found = prepare(image(array=values), mask(), settings(resegmentRange=given, resegmentMode=mode))
        assert found.region.sum() == np.sum((inside >= low) & (inside <= high))
        assert found.whole.sum() == 32


def test_resegmentation_that_leaves_nothing_says_what_there_was() -> None:
    values = np.arange(480.0).reshape(SHAPE)
    with pytest.raises(DataError, match=r"to 900, 1000 leaves 0 of the region's 32 voxels \(183 to 296\)"):
        prepare(image(array=values), mask(), settings(resegmentRange=[900, 1000]))


def test_a_cropped_image_keeps_its_place() -> None:
    found = prepare(image(), mask(), settings(preCrop=True, padDistance=1))
    assert found.image.array.shape == (4, 6, 6)
    assert found.image.affine[:3, 3].tolist() == [2, 1, 2]
    np.testing.assert_array_equal(found.image.array, image().array[1:5, 1:7, 2:8])


def test_resampling_to_the_same_spacing_only_crops() -> None:
    found = prepare(image(), mask(), settings(resampledPixelSpacing=[1, 0, 2], padDistance=0))
    assert found.image.array.shape == (2, 4, 4)
    assert found.resampled


def test_an_axis_of_one_slice_keeps_its_spacing() -> None:
    flat = mask().array.copy()
    flat[3:] = 0
    found = prepare(
        image(), mask().like(flat), settings(resampledPixelSpacing=[0.5, 0.5, 0.5], padDistance=0)
    )
    assert found.image.spacing_mm == pytest.approx((2, 0.5, 0.5))
