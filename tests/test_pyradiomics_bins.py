"""Grey levels by PyRadiomics."""

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.features.pyradiomics.bins import bin_levels
from hepar.features.pyradiomics.settings import Settings


def with_width(width: float) -> Settings:
    return Settings.model_validate({"binWidth": width})


def test_bins_start_at_a_multiple_of_the_width_and_hold_their_lower_edge() -> None:
    values = np.array([54, 74, 75, 99, 100, 166], np.int16)
    assert bin_levels(values, with_width(25)).tolist() == [1, 1, 2, 2, 3, 5]


def test_negative_values_are_rounded_down() -> None:
    assert bin_levels(np.array([-26.0, -25.0, -1.0, 0.0]), with_width(25)).tolist() == [1, 2, 2, 3]


def test_a_number_of_bins_spans_the_range_and_its_last_holds_the_maximum() -> None:
    values = np.array([0.0, 0.9, 1.0, 3.9, 4.0])
    assert bin_levels(values, Settings.model_validate({"binCount": 4})).tolist() == [1, 1, 2, 4, 4]


def test_a_constant_region_has_one_level() -> None:
    for settings in (with_width(25), with_width(0.3), Settings.model_validate({"binCount": 8})):
        assert len(set(bin_levels(np.full(3, 50, np.int16), settings).tolist())) == 1


def test_too_many_bins_are_refused_with_the_range() -> None:
    with pytest.raises(DataError, match=r"values from 0 to 1e\+06 fall in 10000000 bins of width 0\.1"):
        bin_levels(np.array([0.0, 1e6]), with_width(0.1))
