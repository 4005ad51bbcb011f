"""Volumes that were cut or resampled along their slices are known again, SIMULATED ones of others are not."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from hepar.core.errors import DataError
from hepar.imaging.likeness import Stack, overlapping, stack_of
from hepar.imaging.likeness.overlap import _diagonals
from hepar.imaging.likeness.stack import MOST, STEP_MM

Values = NDArray[Any]
MM = 3.0
SLICES = 40


def body(seed: int) -> Values:
    """SIMULATED: an ellipse that all have in common, with structure of one's own."""
    rng = np.random.default_rng(seed)
    own = gaussian_filter(rng.normal(size=(SLICES, 80, 90)), (2, 2.5, 2.5))
    y, x = np.mgrid[-1:1:80j, -1:1:90j]
    inside = (y / 0.8) ** 2 + (x / 0.9) ** 2 < 1
    return np.where(inside, 100 + 300 * own + 40 * y, -900.0)


def stack(volume: Values, *, spacing_mm: float = MM) -> Stack:
    return stack_of(volume, spacing_mm=spacing_mm)


@pytest.fixture(scope="module")
def others() -> list[Stack]:
    return [stack(body(seed)) for seed in range(1, 9)]


def resampled(volume: Values, factor: float) -> Values:
    return np.asarray(zoom(volume, (factor, 1, 1), order=1, grid_mode=True, mode="nearest"))


CHANGED: Mapping[str, Callable[[Values], Stack]] = {
    "one slice cut off": lambda v: stack(v[1:]),
    "a quarter cut off above": lambda v: stack(v[:-10]),
    "cut at both ends": lambda v: stack(v[9:-8]),
    "thinner slices": lambda v: stack(resampled(v, 1.5), spacing_mm=2.0),
    "thicker slices": lambda v: stack(resampled(v, 0.5), spacing_mm=6.0),
    "every second slice": lambda v: stack(v[::2], spacing_mm=6.0),
    "cut and resampled": lambda v: stack(resampled(v[4:-6], 0.8), spacing_mm=3.75),
    "cut, another scale of grey, cropped": lambda v: stack((0.5 * v + 70)[7:, 2:-1, 1:-2]),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_volume_is_found_and_no_other(name: str, others: list[Stack]) -> None:
    stacks = [stack(body(0)), *others, CHANGED[name](body(0))]
    found = overlapping(stacks, [f"P{k}" for k in range(len(stacks))])
    assert [(one.first, one.second) for one in found] == [(0, len(stacks) - 1)]


def test_the_shift_is_told_in_millimetres(others: list[Stack]) -> None:
    (found,) = overlapping([stack(body(0)), *others, stack(body(0)[10:])], [f"P{k}" for k in range(10)])
    assert found.shift_mm == pytest.approx(10 * MM, abs=STEP_MM / 2)
    (found,) = overlapping([stack(body(0)[10:]), *others, stack(body(0))], [f"P{k}" for k in range(10)])
    assert found.shift_mm == pytest.approx(-10 * MM, abs=STEP_MM / 2)


def test_two_parts_of_one_body_overlap_where_both_have_slices() -> None:
    whole = body(0)
    apart = [stack(whole[:20]), stack(whole[20:])]
    assert overlapping(apart, ["A", "B"]) == ()
    lower, upper = stack(whole[:28]), stack(whole[14:])
    assert len(overlapping([lower, upper], ["A", "B"])) == 1


def test_volumes_of_one_owner_masks_and_short_volumes_are_left_alone(others: list[Stack]) -> None:
    one = stack(body(0))
    mask = stack(np.where(body(0) > 100, 1, 0).astype(np.uint8).cumprod(axis=0)[:12])
    empty = stack(np.zeros((12, 20, 20)))
    short = stack(body(0)[:4])
    assert overlapping([one, one, *others], ["P", "P", *(f"P{k}" for k in range(8))]) == ()
    assert overlapping([mask, mask, empty, empty, short, short], list("abcdef")) == ()
    assert overlapping([one], ["P"]) == ()


def test_slabs_average_slices_by_the_share_they_have_in_them() -> None:
    volume = np.arange(10.0)[:, None, None] * np.linspace(0, 1, 64)[None, :, None] * np.ones((1, 1, 64))
    levels = stack(volume, spacing_mm=2.5).levels
    assert levels.shape == (5, 64, 64)
    assert (levels.reshape(5, -1).max(axis=1) == 255).all()
    assert len(stack(np.ones((3, 8, 8)), spacing_mm=1.0).levels) == 1
    assert len(stack(np.ones((300, 8, 8)), spacing_mm=5.0).levels) == MOST


def test_numbers_that_are_none_count_as_darkest(others: list[Stack]) -> None:
    holed = np.where(body(0) == -900.0, np.nan, body(0))
    holed[0] = np.nan
    found = overlapping([stack(body(0)), *others, stack(holed)], [f"P{k}" for k in range(10)])
    assert [(one.first, one.second) for one in found] == [(0, 9)]


def test_sums_along_diagonals_are_those_of_numpy() -> None:
    matrix = np.random.default_rng(0).normal(size=(4, 7))
    expected = [np.trace(matrix, offset=k) for k in range(-3, 7)]
    np.testing.assert_allclose(_diagonals(matrix), expected)


def test_what_is_no_volume_is_refused() -> None:
    with pytest.raises(DataError, match=r"axes \(z, y, x\)"):
        stack(np.zeros((4, 4)))
