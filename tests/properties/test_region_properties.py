"""Laws of shapes, intensities and grids that hold for any region."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hepar.imaging.discretise import fixed_bin_number, fixed_bin_size
from hepar.imaging.geometry import Volume
from hepar.imaging.histogram import histogram
from hepar.imaging.local_intensity import local_intensity
from hepar.imaging.morphology import morphology
from hepar.imaging.regions import bounding_box, dilate, erode, ring, shell
from hepar.imaging.resample import resample_image, resample_mask, resample_region
from hepar.imaging.resegment import resegment
from hepar.imaging.spatial import spatial_autocorrelation
from hepar.imaging.statistics import statistics
from hepar.imaging.volume_histogram import volume_histogram

few = settings(max_examples=40, deadline=None)
spacings = st.tuples(*[st.floats(0.5, 4)] * 3)
SIZES = ("volume", "vol_approx", "area_mesh", "diam", "pca_maj_axis")


@st.composite
def regions(draw: st.DrawFn) -> np.ndarray:
    """A mask of at least one voxel, at most 6 along each axis."""
    shape = draw(st.tuples(*[st.integers(1, 6)] * 3))
    mask = draw(hnp.arrays(bool, shape))
    mask[tuple(size // 2 for size in shape)] = True
    return np.asarray(mask)


@st.composite
def images(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Whole intensities, as of a CT, and a mask."""
    mask = draw(regions())
    values = draw(hnp.arrays(np.int16, mask.shape, elements=st.integers(-1000, 1000)))
    return values.astype(np.float64), mask


values = hnp.arrays(np.float64, st.integers(1, 60), elements=st.integers(-500, 500).map(float))


def same(found: dict[str, float], expected: dict[str, float], *, rel: float = 1e-9) -> None:
    assert found == pytest.approx(expected, rel=rel, abs=1e-9, nan_ok=True)


@few
@given(regions(), spacings)
def test_shape_does_not_depend_on_where_the_region_lies_in_the_array(
    mask: np.ndarray, spacing_mm: Any
) -> None:
    moved = np.pad(mask, ((1, 4), (0, 2), (3, 0)))
    same(morphology(moved, spacing_mm), morphology(mask, spacing_mm))


@few
@given(regions(), spacings, st.floats(0.2, 5))
def test_a_region_twice_as_large_is_the_same_shape(mask: np.ndarray, spacing_mm: Any, scale: float) -> None:
    one = morphology(mask, spacing_mm)
    other = morphology(mask, tuple(scale * step for step in spacing_mm))
    powers = dict(zip(SIZES, (3, 3, 2, 1, 1), strict=True))
    for name, power in powers.items():
        assert other[f"morph_{name}"] == pytest.approx(one[f"morph_{name}"] * scale**power, abs=1e-9)
    for name in ("sphericity", "pca_elongation", "vol_dens_aabb", "area_dens_conv_hull"):
        assert other[f"morph_{name}"] == pytest.approx(one[f"morph_{name}"], rel=1e-7, nan_ok=True)


@few
@given(regions(), spacings)
def test_a_surface_lies_in_its_hull_and_the_hull_in_its_boxes(mask: np.ndarray, spacing_mm: Any) -> None:
    found = morphology(mask, spacing_mm, enclosing=True)
    assert 0 < found["morph_volume"] <= found["morph_vol_approx"] * (1 + 1e-9)
    assert 0 < found["morph_sphericity"] < 1
    assert found["morph_vol_dens_conv_hull"] <= 1 + 1e-9
    for name in ("aabb", "ombb", "mvee"):
        assert found[f"morph_vol_dens_{name}"] <= found["morph_vol_dens_conv_hull"] * (1 + 1e-9)
    assert found["morph_vol_dens_ombb"] >= found["morph_vol_dens_aabb"] * (1 - 1e-9)
    assert found["morph_diam"] <= np.linalg.norm(np.array(mask.shape) * spacing_mm) * (1 + 1e-9)


@few
@given(values, st.floats(0.5, 3), st.integers(-200, 200))
def test_first_order_statistics_follow_the_unit(intensities: np.ndarray, scale: float, shift: int) -> None:
    one, other = statistics(intensities), statistics(scale * intensities + shift)
    for name in ("iqr", "range", "mad", "rmad", "medad"):
        assert other[f"stat_{name}"] == pytest.approx(scale * one[f"stat_{name}"], abs=1e-9, nan_ok=True)
    for name in ("mean", "median", "min", "p10", "p90", "max"):
        assert other[f"stat_{name}"] == pytest.approx(scale * one[f"stat_{name}"] + shift, abs=1e-9)
    assert other["stat_var"] == pytest.approx(scale**2 * one["stat_var"], abs=1e-9)
    for name in ("skew", "kurt"):
        assert other[f"stat_{name}"] == pytest.approx(one[f"stat_{name}"], rel=1e-6, abs=1e-6)


@few
@given(values, st.randoms(use_true_random=False))
def test_features_of_intensities_do_not_depend_on_their_order(intensities: np.ndarray, random: Any) -> None:
    order = list(range(intensities.size))
    random.shuffle(order)
    same(statistics(intensities[order]), statistics(intensities))
    same(volume_histogram(intensities[order]), volume_histogram(intensities))


@few
@given(values, st.integers(2, 300))
def test_levels_keep_the_order_of_intensities_and_use_the_first_and_the_last_bin(
    intensities: np.ndarray, n_bins: int
) -> None:
    levels = fixed_bin_number(intensities, n_bins)
    assert levels.min() == 1
    assert levels.max() == (n_bins if np.ptp(intensities) else 1)
    assert (np.diff(levels[np.argsort(intensities, kind="stable")].astype(int)) >= 0).all()


@few
@given(values, st.integers(1, 100))
def test_the_bin_of_a_level_holds_the_intensity(intensities: np.ndarray, width: int) -> None:
    levels = fixed_bin_size(intensities, width, -500).astype(int)
    assert (-500 + (levels - 1) * width <= intensities).all()
    assert (intensities < -500 + levels * width).all()
    assert histogram(levels)["ih_max"] == levels.max()


@few
@given(values)
def test_the_volume_histogram_falls_with_intensity(intensities: np.ndarray) -> None:
    for kind in (dict[str, Any](), {"kind": "continuous", "bin_width": 0.7}, {"kind": "arbitrary"}):
        found = volume_histogram(intensities, **kind)
        assert 0 <= found["ivh_v90"] <= found["ivh_v10"] <= 1
        assert found["ivh_diff_i10_i90"] >= 0


@few
@given(images(), spacings)
def test_the_global_peak_is_the_higher_and_both_lie_within_the_image(case: Any, spacing_mm: Any) -> None:
    image, mask = case
    found = local_intensity(image, mask, spacing_mm)
    assert image.min() - 1e-9 <= found["loc_peak_local"] <= found["loc_peak_glob"] <= image.max() + 1e-9


@few
@given(images(), st.floats(-200, 200), st.floats(0.5, 3))
def test_re_segmentation_keeps_part_of_the_region_and_all_that_it_should(
    case: Any, low: float, sigma: float
) -> None:
    image, mask = case
    inside = mask & (image >= low)
    spread = image[mask].std()
    kept = inside & (np.abs(image - image[mask].mean()) <= sigma * spread)
    if kept.any():
        found = resegment(image, mask, intensity_range=(low, None), outlier_sigma=sigma)
        assert not (found & ~mask).any()
        assert np.count_nonzero(found ^ kept) == 0


@few
@given(images(), spacings, st.tuples(*[st.floats(0.6, 5)] * 3), st.sampled_from(["nearest", "linear"]))
def test_a_resampled_region_is_the_same_cut_out_or_whole(
    case: Any, spacing_mm: Any, wanted: Any, method: Any
) -> None:
    image, _ = case
    volume = Volume(image, np.diag([*spacing_mm, 1.0]))
    whole = resample_image(volume, wanted, method=method)
    assert image.min() <= whole.array.min()
    assert whole.array.max() <= image.max()
    dense = Volume(np.ones(image.shape, bool), volume.affine)
    near, found = resample_region(volume, {"all": dense.array}, spacing_mm=wanted, method=method)
    assert near.array.shape == whole.array.shape
    assert (near.array == whole.array).all()
    assert (found["all"] == resample_mask(dense, wanted).array).all()
    assert found["all"].all()


@few
@given(regions(), spacings, st.floats(0.1, 6))
def test_a_ring_lies_outside_and_a_shell_inside_and_both_grow_with_their_width(
    mask: np.ndarray, spacing_mm: Any, width_mm: float
) -> None:
    wide = np.pad(mask, 3)
    grown = dilate(wide, spacing_mm, distance_mm=width_mm)
    if (grown & ~wide).any():
        assert (ring(wide, spacing_mm, outer_mm=width_mm) == (grown & ~wide)).all()
    core = erode(wide, spacing_mm, distance_mm=width_mm)
    if (wide & ~core).any():
        assert (shell(wide, spacing_mm, outer_mm=width_mm) == (wide & ~core)).all()


@few
@given(images(), spacings)
def test_autocorrelation_does_not_depend_on_unit_origin_or_spacing_scale(case: Any, spacing_mm: Any) -> None:
    image, mask = case
    one = spatial_autocorrelation(image, mask, spacing_mm)
    other = spatial_autocorrelation(3 * image - 70, mask, tuple(2 * step for step in spacing_mm))
    same(other, one, rel=1e-6)


@few
@given(regions())
def test_the_bounding_box_holds_the_region_and_nothing_less(mask: np.ndarray) -> None:
    box = bounding_box(np.pad(mask, 2))
    inside = np.pad(mask, 2)[box]
    assert inside.sum() == mask.sum()
    for axis in range(3):
        assert inside.take(0, axis).any()
        assert inside.take(-1, axis).any()
