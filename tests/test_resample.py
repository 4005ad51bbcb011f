"""Oracle: scipy's map_coordinates on the manual's grid."""

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.geometry import Volume
from hepar.imaging.resample import resample_image, resample_mask, resample_region, target_box

ORDERS: dict[Any, int] = {"nearest": 0, "linear": 1, "cubic": 3}
OBLIQUE = np.array([[0.1, 0.9, -0.2], [-0.2, 0.2, 0.95], [0.97, 0.1, 0.15]])


def volume(array: np.ndarray, spacing_mm: tuple[float, float, float]) -> Volume:
    directions, _ = np.linalg.qr(OBLIQUE)
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing_mm
    affine[:3, 3] = (-120, 35, 410)
    return Volume(array, affine, "CT", "HU")


def blob(shape: tuple[int, int, int], centre: tuple[float, float, float], radius: float) -> np.ndarray:
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    return np.asarray(((grid - centre) ** 2).sum(axis=-1) <= radius**2)


IMAGE = volume(np.random.default_rng(4).normal(50, 30, (12, 40, 36)).astype(np.float32), (3.27, 0.98, 0.98))
MASK = IMAGE.like(blob(IMAGE.array.shape, (6, 22, 14), 4.3))


def points(array: np.ndarray, old: tuple[float, ...], new: tuple[float, ...]) -> list[np.ndarray]:
    """The manual's grid, in voxels of the old one."""
    size = [int(np.ceil(n * a / b - 1e-6)) for n, a, b in zip(array.shape, old, new, strict=True)]
    return [
        (n - 1 - b / a * (m - 1)) / 2 + b / a * np.arange(m)
        for n, m, a, b in zip(array.shape, size, old, new, strict=True)
    ]


def interpolated(array: np.ndarray, places: list[np.ndarray], order: Any) -> np.ndarray:
    """By scipy, the border's values going on for 40 voxels."""
    grid = np.stack(np.meshgrid(*(place + 40 for place in places), indexing="ij"))
    padded = np.pad(array.astype(np.float64), 40, mode="edge")
    return np.asarray(ndimage.map_coordinates(padded, grid, order=order, mode="mirror"))


@pytest.mark.parametrize("method", ORDERS)
@pytest.mark.parametrize("spacing_mm", [(2, 2, 2), (1, 0.7, 1.3), (5, 1, 1)])
def test_values_are_those_of_an_interpolation_at_the_points_of_the_manual(
    method: Any, spacing_mm: Any
) -> None:
    expected = interpolated(IMAGE.array, points(IMAGE.array, IMAGE.spacing_mm, spacing_mm), ORDERS[method])
    found = resample_image(IMAGE, spacing_mm, method=method)
    assert found.array.shape == expected.shape
    assert np.abs(found.array - expected).max() < 1e-9


def test_the_middle_of_the_grid_stays_where_it_was_in_the_patient() -> None:
    found = resample_image(IMAGE, (2, 2, 2))
    middle = (np.array([*found.array.shape, 0]) - 1) / 2
    before = (np.array([*IMAGE.array.shape, 0]) - 1) / 2
    middle[3] = before[3] = 1
    assert found.affine @ middle == pytest.approx(IMAGE.affine @ before)
    assert found.spacing_mm == pytest.approx((2, 2, 2))


def test_an_image_that_holds_its_place_in_the_patient_does_so_on_the_new_grid() -> None:
    index = np.stack(np.meshgrid(*map(np.arange, (9, 14, 12)), indexing="ij"), axis=-1)
    still = volume(index[..., 0], (3, 1, 1))
    for axis in range(3):
        world = index @ still.affine[axis, :3] + still.affine[axis, 3]
        found = resample_image(still.like(world), (1.5, 0.8, 1.1))
        new = np.stack(np.meshgrid(*map(np.arange, found.array.shape), indexing="ij"), axis=-1)
        expected = new @ found.affine[axis, :3] + found.affine[axis, 3]
        inner = (slice(1, -1),) * 3
        assert np.abs(found.array - expected)[inner].max() < 1e-9


def test_an_axis_without_a_spacing_stays_as_it_is() -> None:
    found = resample_image(IMAGE, (None, 2, 2), method="linear")
    assert found.array.shape == (12, 20, 18)
    assert found.spacing_mm == pytest.approx((3.27, 2, 2))
    alone = resample_image(volume(IMAGE.array[5:6], IMAGE.spacing_mm), (None, 2, 2))
    assert (found.array[5] == alone.array[0]).all()


def test_the_same_spacing_but_for_the_rounding_of_a_header_leaves_the_image() -> None:
    image = volume(IMAGE.array, (2, float(np.float32(0.8)), 0.8))
    found = resample_image(image, (2, 0.8, 0.8), method="cubic")
    assert (found.array == IMAGE.array).all()
    halved = resample_image(image, (2, 1.6, 1.6))
    assert halved.array.shape == (12, 20, 18)


@pytest.mark.parametrize("method", ["nearest", "linear"])
@pytest.mark.parametrize("spacing_mm", [(2, 2, 2), (None, 0.6, 0.6), (1, 3, 0.98)])
def test_a_part_of_the_grid_has_the_values_of_the_whole(method: Any, spacing_mm: Any) -> None:
    box = target_box(MASK, spacing_mm, margin_mm=(3, 3, 3))
    whole = resample_image(IMAGE, spacing_mm, method=method)
    part = resample_image(IMAGE, spacing_mm, method=method, box=box)
    assert (part.array == whole.array[box]).all()
    assert part.affine @ (0, 0, 0, 1) == pytest.approx(whole.affine @ (*(side.start for side in box), 1))


def test_a_part_of_a_spline_has_the_values_of_the_whole_up_to_rounding() -> None:
    wide = volume(np.rint(np.random.default_rng(5).normal(50, 30, (90, 100, 110))), (1.5, 0.9, 0.9))
    box = (slice(30, 38), slice(40, 50), slice(36, 44))
    whole = resample_image(wide, (2, 1, 1), method="cubic")
    part = resample_image(wide, (2, 1, 1), method="cubic", box=box)
    assert np.abs(part.array - whole.array[box]).max() < 1e-12
    rounded = resample_image(wide, (2, 1, 1), method="cubic", box=box, whole_numbers=True)
    assert (rounded.array == np.rint(whole.array[box])).all()


@pytest.mark.parametrize("method", ["nearest", "linear"])
@pytest.mark.parametrize("spacing_mm", [(2, 2, 2), (None, 0.6, 0.6), (3.27, 0.49, 0.49), (1.635, 1, 1)])
def test_a_mask_holds_the_points_where_its_interpolation_reaches_one_half(
    method: Any, spacing_mm: Any
) -> None:
    new = tuple(
        old if wanted is None else wanted for old, wanted in zip(IMAGE.spacing_mm, spacing_mm, strict=True)
    )
    share = interpolated(MASK.array, points(IMAGE.array, IMAGE.spacing_mm, new), ORDERS[method])
    assert (resample_mask(MASK, spacing_mm, method=method).array == (np.round(share, 6) >= 0.5)).all()


def test_voxels_at_exactly_one_half_are_not_lost_to_rounding() -> None:
    """Points at tenths of voxels, so that the shares are whole thousandths."""
    array = np.zeros((10, 30, 30), bool)
    array[3:7, 10:20, 10:20] = True
    tenths = [-3 + 4 * np.arange(n) for n in (25, 75, 75)]
    spans = ((30, 60), (100, 190), (100, 190))
    shares = [
        np.clip(10 - np.maximum(low - at, at - high), 0, 10)
        for at, (low, high) in zip(tenths, spans, strict=True)
    ]
    expected = np.einsum("i,j,k->ijk", *shares) >= 500
    found = resample_mask(volume(array, (3, 0.9, 0.9)), (1.2, 0.36, 0.36)).array
    assert (found == expected).all()
    assert (np.einsum("i,j,k->ijk", *shares) == 500).any()


def test_a_mask_at_the_border_goes_on_to_the_border() -> None:
    full = volume(np.ones((4, 6, 6), bool), (2, 1, 1))
    assert resample_mask(full, (1, 0.7, 0.7)).array.all()


def test_rounding_takes_halves_to_the_even_number() -> None:
    image = volume(np.arange(8.0).reshape(1, 1, 8), (1, 1, 1))
    found = resample_image(image, (None, None, 0.5), whole_numbers=True).array.ravel()
    exact = resample_image(image, (None, None, 0.5)).array.ravel()
    assert found.tolist() == np.rint(exact).tolist()
    tenths = resample_image(volume(np.array([[[0.0, 5.0]]]), (1, 1, 1)), (None, None, 0.1)).array.ravel()
    rounded = resample_image(
        volume(np.array([[[0.0, 5.0]]]), (1, 1, 1)), (None, None, 0.1), whole_numbers=True
    )
    assert rounded.array.ravel().tolist() == np.rint(np.round(tenths, 6)).tolist()


def test_a_region_is_resampled_with_the_image_around_it_on_one_part_of_the_grid() -> None:
    other = IMAGE.like(blob(IMAGE.array.shape, (7, 15, 25), 3.0)).array
    near, masks = resample_region(
        IMAGE, {"one": MASK.array, "two": other}, spacing_mm=(2, 2, 2), margin_mm=(2, 4, 6), method="linear"
    )
    whole = resample_image(IMAGE, (2, 2, 2))
    start = np.rint(np.linalg.solve(whole.affine, near.affine[:, 3])[:3]).astype(int)
    box = tuple(slice(first, first + size) for first, size in zip(start, near.array.shape, strict=True))
    assert (near.array == whole.array[box]).all()
    for name, mask in (("one", MASK.array), ("two", other)):
        on_whole = resample_mask(IMAGE.like(mask), (2, 2, 2)).array
        assert (masks[name] == on_whole[box]).all()
        assert masks[name].sum() == on_whole.sum()


def test_without_a_spacing_the_image_is_cut_out_as_it_is() -> None:
    near, masks = resample_region(IMAGE, {"one": MASK.array}, spacing_mm=None, margin_mm=(3.27, 0.98, 0.98))
    assert near.array.shape == (11, 11, 11)
    assert masks["one"].sum() == MASK.array.sum()
    assert near.spacing_mm == IMAGE.spacing_mm


def test_a_region_lost_on_a_coarse_grid_is_refused_by_name() -> None:
    small = np.zeros(IMAGE.array.shape, bool)
    small[5, 20, 20] = True
    with pytest.raises(DataError, match=r"region 'spot': nothing is left .* it has 1 voxels"):
        resample_region(IMAGE, {"spot": small}, spacing_mm=(8, 8, 8))


@pytest.mark.parametrize("spacing_mm", [(0, 1, 1), (1, -2, 1), (1, 1, float("nan"))])
def test_a_spacing_that_is_not_positive_is_refused(spacing_mm: Any) -> None:
    with pytest.raises(ProtocolError, match="must be positive"):
        resample_image(IMAGE, spacing_mm)


def test_an_unknown_method_is_refused() -> None:
    wrong: Any = "lienar"
    with pytest.raises(ProtocolError, match="did you mean 'linear'"):
        resample_image(IMAGE, (2, 2, 2), method=wrong)
    with pytest.raises(ProtocolError, match="did you mean 'linear'"):
        resample_mask(MASK, (2, 2, 2), method=wrong)


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="empty"):
        resample_mask(IMAGE.like(np.zeros(IMAGE.array.shape, bool)), (2, 2, 2))


def test_an_image_with_values_that_are_no_numbers_is_refused() -> None:
    array = IMAGE.array.copy()
    array[5, 20, 20] = np.nan
    with pytest.raises(DataError, match="not finite"):
        resample_image(IMAGE.like(array), (2, 2, 2))
