"""Reference: the IBSI digital phantom; numpy and scipy on SIMULATED intensities."""

import numpy as np
import pytest
from scipy import stats

from hepar.core.errors import DataError
from hepar.imaging.statistics import ascending, statistics
from ibsi_phantom import Reference, phantom, references

RNG = np.random.default_rng(3)
VALUES = RNG.normal(60, 15, 5000)


@pytest.mark.parametrize("reference", references("statistics"), ids=lambda r: r.tag)
def test_statistics_of_the_digital_phantom_are_those_of_the_manual(reference: Reference) -> None:
    image, mask = phantom()
    assert reference.holds(statistics(image[mask])[reference.tag])


def test_there_are_18_statistics() -> None:
    assert len(statistics(VALUES)) == len(references("statistics")) == 18


def test_statistics_equal_numpy_and_scipy() -> None:
    found = statistics(VALUES)
    p10, p25, p50, p75, p90 = np.percentile(VALUES, [10, 25, 50, 75, 90])
    inner = np.sort(VALUES)[np.searchsorted(np.sort(VALUES), p10) : np.searchsorted(np.sort(VALUES), p90)]
    expected = {
        "stat_mean": VALUES.mean(),
        "stat_var": VALUES.var(),
        "stat_skew": stats.skew(VALUES),
        "stat_kurt": stats.kurtosis(VALUES),
        "stat_median": p50,
        "stat_min": VALUES.min(),
        "stat_p10": p10,
        "stat_p90": p90,
        "stat_max": VALUES.max(),
        "stat_iqr": p75 - p25,
        "stat_range": np.ptp(VALUES),
        "stat_mad": np.abs(VALUES - VALUES.mean()).mean(),
        "stat_rmad": np.abs(inner - inner.mean()).mean(),
        "stat_medad": np.abs(VALUES - p50).mean(),
        "stat_cov": VALUES.std() / VALUES.mean(),
        "stat_qcod": (p75 - p25) / (p75 + p25),
        "stat_energy": (VALUES**2).sum(),
        "stat_rms": np.sqrt((VALUES**2).mean()),
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_single_precision_intensities_are_summed_in_double_precision() -> None:
    values = np.full(2_000_001, 16_777_216, np.float32)
    values[0] -= 2
    assert statistics(values)["stat_mean"] == pytest.approx(16_777_216 - 2 / 2_000_001, rel=1e-14)


def test_sixteen_bit_integers_do_not_overflow() -> None:
    assert statistics(np.array([-30_000, 30_000], np.int16))["stat_range"] == 60_000


def test_a_constant_region_has_no_spread_and_no_shape() -> None:
    found = statistics(np.full(10, 0.1))
    assert found["stat_mean"] == 0.1
    assert [found[f"stat_{name}"] for name in ("var", "skew", "kurt", "iqr", "range", "mad", "medad")] == [
        0
    ] * 7


def test_a_single_voxel_is_a_constant_region() -> None:
    found = statistics(np.array([7]))
    assert (found["stat_median"], found["stat_rmad"], found["stat_energy"]) == (7, 0, 49)


def test_coefficients_without_a_denominator_are_undefined() -> None:
    found = statistics(np.array([-1.0, 1.0]))
    assert np.isnan(found["stat_cov"])
    assert np.isnan(found["stat_qcod"])


def test_two_voxels_have_none_between_the_percentiles() -> None:
    assert np.isnan(statistics(np.array([1.0, 2.0]))["stat_rmad"])
    assert statistics(np.array([2.0, 2.0]))["stat_rmad"] == 0


def test_values_already_in_order_are_taken_as_they_are() -> None:
    assert statistics(np.sort(VALUES)) == statistics(VALUES)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(wrong: float) -> None:
    with pytest.raises(DataError, match="finite numbers"):
        ascending(np.array([1.0, wrong, 2.0]))


def test_a_region_without_voxels_is_refused() -> None:
    with pytest.raises(DataError, match="no voxel"):
        statistics(np.array([]))
