from collections.abc import Callable
from itertools import permutations, product
from typing import Any, Literal, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from hepar.core.errors import ProtocolError
from hepar.imaging.filters.boundary import padded, source_index
from hepar.imaging.filters.options import Boundary, Pooling
from hepar.imaging.filters.rotations import Plan, pooled, responses, rotations
from hepar.imaging.filters.separable import convolve

SCIPY: dict[Boundary, Literal["constant", "nearest", "wrap", "reflect"]] = {
    "zero": "constant",
    "nearest": "nearest",
    "periodic": "wrap",
    "mirror": "reflect",
}
NUMPY: dict[Boundary, Literal["constant", "edge", "wrap", "symmetric"]] = {
    "zero": "constant",
    "nearest": "edge",
    "periodic": "wrap",
    "mirror": "symmetric",
}
IMAGE = np.random.default_rng(3).normal(size=(5, 7, 9)).astype(np.float32)
PLAN: Plan = (((1.0, 2.0, 4.0),), ((1.0, -1.0, 0.0), (0.5, 1.0, 0.25)), ((-1.0, 0.0, 1.0),))


@pytest.mark.parametrize("boundary", SCIPY)
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("size", [1, 3, 25])
def test_a_convolution_is_that_of_scipy_in_every_boundary(boundary: Boundary, axis: int, size: int) -> None:
    kernel = np.random.default_rng(size).normal(size=size)
    expected = ndimage.convolve1d(IMAGE.astype(float), kernel, axis=axis, mode=SCIPY[boundary])
    np.testing.assert_allclose(
        convolve(IMAGE, kernel, axis=axis, boundary=boundary), expected, atol=1e-6 * np.abs(kernel).sum()
    )


def test_wide_rows_are_filtered_in_blocks_without_a_seam() -> None:
    image = np.random.default_rng(0).normal(size=(3, 4, 3000)).astype(np.float32)
    expected = ndimage.convolve1d(image.astype(float), [1.0, 2.0, 4.0], axis=1, mode="reflect")
    np.testing.assert_allclose(
        convolve(image, np.array([1.0, 2.0, 4.0]), axis=1, boundary="mirror"), expected, atol=1e-5
    )


@pytest.mark.parametrize("boundary", NUMPY)
def test_padding_is_that_of_numpy_in_every_boundary(boundary: Boundary) -> None:
    widths = [(2, 1), (0, 3), (4, 0)]
    expected = np.pad(IMAGE, widths, mode=NUMPY[boundary])
    np.testing.assert_array_equal(padded(IMAGE, widths, boundary=boundary), expected)


def test_an_image_of_one_voxel_can_be_mirrored_far_beyond_its_border() -> None:
    assert source_index(1, before=3, after=3, boundary="mirror").tolist() == [0] * 7


def test_an_unknown_boundary_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(ProtocolError, match="mirror"):
        source_index(3, before=1, after=1, boundary=cast(Boundary, "reflect"))


def _by_turning_the_image(plan: Plan) -> list[NDArray[np.float64]]:
    """Responses in all positions: turn the image, filter it as it is, turn the response back."""
    found = []
    for order in permutations(range(3)):
        for flips in product((1, -1), repeat=3):
            turn = np.zeros((3, 3))
            turn[range(3), order] = flips
            if np.linalg.det(turn) > 0:
                step = tuple(slice(None, None, flip) for flip in flips)
                image = IMAGE.transpose(order)[step].astype(float)
                for axis, steps in enumerate(plan):
                    for kernel in steps:
                        image = ndimage.convolve1d(image, kernel, axis=axis, mode="constant")
                found.append(image[step].transpose(np.argsort(order)))
    return found


def test_a_filter_has_24_right_angled_positions_in_space_and_4_in_a_slice() -> None:
    assert sum(len(signs) for signs in rotations(PLAN).values()) == 24
    assert sum(len(signs) for signs in rotations(PLAN[:2]).values()) == 4


@pytest.mark.parametrize(("pooling", "pool"), [("average", np.mean), ("max", np.max), ("min", np.min)])
def test_pooled_responses_are_those_of_turned_images(pooling: Pooling, pool: Callable[..., Any]) -> None:
    expected = pool(_by_turning_the_image(PLAN), axis=0)
    np.testing.assert_allclose(pooled(IMAGE, PLAN, pooling=pooling, boundary="zero"), expected, atol=1e-5)


def test_plans_that_share_convolutions_give_the_responses_of_each_alone() -> None:
    low, high = ((1.0, 2.0, 1.0),), ((1.0, -2.0, 1.0),)
    plans = list(product((low, high), repeat=3))
    together = dict(responses(IMAGE, plans, boundary="mirror"))
    assert set(together) == set(plans)
    for plan in plans:
        [(_, alone)] = responses(IMAGE, [plan], boundary="mirror")
        np.testing.assert_array_equal(together[plan], alone)
