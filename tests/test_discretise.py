import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.discretise import fixed_bin_number, fixed_bin_size, whole_levels

VALUES = np.array([-100.0, -75.1, -75, 0, 62.4, 99.9, 100])


def test_a_fixed_number_of_bins_divides_the_range_and_the_highest_value_is_in_the_last() -> None:
    assert fixed_bin_number(VALUES, 8).tolist() == [1, 1, 2, 5, 7, 8, 8]


def test_bins_of_fixed_size_begin_at_the_lower_end_of_the_range() -> None:
    assert fixed_bin_size(VALUES, 25, -500).tolist() == [17, 17, 18, 21, 23, 24, 25]


def test_bins_of_fixed_size_begin_at_the_lowest_value_where_no_start_is_given() -> None:
    assert fixed_bin_size(VALUES, 25).tolist() == [1, 1, 2, 5, 7, 8, 9]


def test_a_constant_region_is_one_level() -> None:
    assert fixed_bin_number(np.full(3, 5.0), 32).tolist() == [1, 1, 1]
    assert fixed_bin_size(np.full(3, 5.0), 25).tolist() == [1, 1, 1]


def test_levels_take_eight_bits_where_those_hold_them() -> None:
    assert fixed_bin_number(VALUES, 255).dtype == np.uint8
    assert fixed_bin_number(VALUES, 255).max() == 255
    assert fixed_bin_number(VALUES, 256).dtype == np.uint16
    assert fixed_bin_number(VALUES, 65_535).max() == 65_535
    assert fixed_bin_size(VALUES, 200 / 254.5).max() == 255
    assert fixed_bin_size(VALUES, 200 / 254.5).dtype == np.uint8
    assert fixed_bin_size(VALUES, 200 / 255.5).dtype == np.uint16


def test_sixteen_bit_integers_do_not_overflow() -> None:
    values = np.array([-30_000, 0, 30_000], np.int16)
    assert fixed_bin_number(values, 4).tolist() == [1, 3, 4]
    assert fixed_bin_size(values, 15_000, -32_000).tolist() == [1, 3, 5]


def test_the_intensities_are_not_changed() -> None:
    before = VALUES.copy()
    fixed_bin_number(VALUES, 8)
    fixed_bin_size(VALUES, 25)
    assert (before == VALUES).all()


def test_whole_numbers_from_one_are_levels_already() -> None:
    levels = whole_levels(np.array([1.0, 4, 6]))
    assert levels.tolist() == [1, 4, 6]
    assert levels.dtype == np.uint8
    assert whole_levels(np.array([300])).dtype == np.uint16


@pytest.mark.parametrize("values", [[0, 1], [1.5, 2], [-1, 4], [1, 70_000]])
def test_other_intensities_are_no_levels(values: list[float]) -> None:
    with pytest.raises(DataError, match="no grey levels"):
        whole_levels(np.array(values))


@pytest.mark.parametrize("n_bins", [0, -4, 65_536])
def test_an_impossible_number_of_bins_is_refused(n_bins: int) -> None:
    with pytest.raises(ProtocolError, match="allowed are 1 to 65535"):
        fixed_bin_number(VALUES, n_bins)


@pytest.mark.parametrize("width", [0, -25, float("nan"), float("inf")])
def test_a_bin_without_width_is_refused(width: float) -> None:
    with pytest.raises(ProtocolError, match="must be positive"):
        fixed_bin_size(VALUES, width)


def test_too_many_bins_are_refused() -> None:
    with pytest.raises(DataError, match="more than 65535"):
        fixed_bin_size(VALUES, 0.001)


def test_a_value_below_the_first_bin_is_refused() -> None:
    with pytest.raises(DataError, match="holds -100, below 0"):
        fixed_bin_size(VALUES, 25, 0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(wrong: float) -> None:
    for discretise in (lambda v: fixed_bin_number(v, 8), lambda v: fixed_bin_size(v, 25), whole_levels):
        with pytest.raises(DataError, match="finite"):
            discretise(np.array([1.0, wrong]))


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(DataError, match="no voxel"):
        fixed_bin_number(np.array([]), 8)
