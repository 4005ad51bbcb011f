import numpy as np
import pytest

from hepar.imaging.interpolate import METHODS, Points, interpolated

VALUES = np.random.default_rng(11).normal(40, 25, 30)


def along_x(values: np.ndarray, places: list[float], name: str) -> list[float]:
    found = interpolated(values.reshape(1, 1, -1), [None, None, Points.at(np.array(places))], METHODS[name])
    return [float(value) for value in found.ravel()]


@pytest.mark.parametrize("name", METHODS)
def test_a_value_is_found_again_at_its_own_place(name: str) -> None:
    assert along_x(VALUES, list(range(30)), name) == pytest.approx(VALUES, abs=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_a_constant_stays_constant_beyond_the_border_too(name: str) -> None:
    places = np.linspace(-3, 12, 41).tolist()
    assert along_x(np.full(10, 7.25), places, name) == pytest.approx([7.25] * 41, rel=1e-12)


def test_the_nearest_of_two_equally_near_is_the_upper() -> None:
    assert along_x(np.arange(4), [0.4999, 0.5, 0.5 - 1e-9, 1.4, -1, 9], "nearest") == [0, 1, 1, 1, 0, 3]


def test_linear_values_lie_on_the_line_between_two() -> None:
    assert along_x(np.array([0.0, 8, 4]), [0.25, 1.5, -2, 5], "linear") == [2, 6, 0, 4]


def test_a_cubic_is_found_again_by_a_cubic_spline_far_from_the_border() -> None:
    index = np.arange(120.0)
    places = np.linspace(50, 70, 33)
    cubic = (index - 60) ** 3 - 5 * (index - 60)
    assert along_x(cubic, places.tolist(), "cubic") == pytest.approx(
        (places - 60) ** 3 - 5 * (places - 60), abs=1e-6
    )


@pytest.mark.parametrize("name", METHODS)
def test_axes_are_interpolated_one_by_one_whatever_their_memory_order(name: str) -> None:
    array = np.random.default_rng(12).integers(-500, 500, (7, 8, 9)).astype(np.int16)
    points = [Points.at(np.linspace(0.3, size - 2, 5)) for size in array.shape]
    expected: np.ndarray = array.astype(float)
    for axis, along in enumerate(points):
        moved = np.moveaxis(expected, axis, 2)
        expected = np.moveaxis(interpolated(moved, [None, None, along], METHODS[name]), 2, axis)
    for stored in (array, np.asfortranarray(array)):
        assert interpolated(stored, points, METHODS[name]) == pytest.approx(expected, abs=1e-9)


def test_the_array_is_not_changed() -> None:
    before = VALUES.copy()
    for name in METHODS:
        along_x(VALUES, [0.5, 3.25], name)
    assert (before == VALUES).all()
