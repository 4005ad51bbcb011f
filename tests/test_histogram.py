"""Reference: the IBSI digital phantom."""

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.histogram import histogram, level_counts
from hepar.imaging.statistics import statistics
from ibsi_phantom import Reference, phantom, references


@pytest.mark.parametrize("reference", references("histogram"), ids=lambda r: r.tag)
def test_histogram_of_the_digital_phantom_is_that_of_the_manual(reference: Reference) -> None:
    image, mask = phantom()
    assert reference.holds(histogram(image[mask].astype(np.uint8), 6)[reference.tag])


def test_there_are_23_histogram_features() -> None:
    assert len(histogram(np.array([1, 2, 2]))) == len(references("histogram")) == 23


def test_features_shared_with_first_order_statistics_are_equal() -> None:
    levels = np.random.default_rng(1).integers(3, 40, 1000)
    first_order = statistics(levels)
    for tag, value in histogram(levels).items():
        shared = tag.replace("ih_", "stat_")
        if shared in first_order:
            assert value == pytest.approx(first_order[shared], rel=1e-12)


def test_empty_bins_count_in_the_gradients() -> None:
    found = histogram(np.array([1, 1, 1, 1, 4]))
    assert (found["ih_min_grad"], found["ih_min_grad_g"]) == (-4, 1)
    assert (found["ih_max_grad"], found["ih_max_grad_g"]) == (1, 4)


def test_bins_beyond_the_highest_level_count_when_they_are_asked_for() -> None:
    assert histogram(np.array([1, 2, 2]), 3)["ih_min_grad"] == -2
    assert histogram(np.array([1, 2, 2]))["ih_min_grad"] == 1


def test_of_equally_full_bins_the_mode_is_the_one_nearest_the_mean_then_the_lower() -> None:
    assert histogram(np.array([1, 1, 5, 5, 6]))["ih_mode"] == 5
    assert histogram(np.array([2, 2, 6, 6]))["ih_mode"] == 2


def test_a_constant_region_has_one_bin_and_no_gradient() -> None:
    found = histogram(np.ones(5, np.uint8))
    assert (found["ih_mode"], found["ih_entropy"], found["ih_uniformity"]) == (1, 0, 1)
    assert np.isnan(found["ih_max_grad"])
    assert np.isnan(found["ih_min_grad_g"])


def test_levels_are_counted_from_one() -> None:
    assert level_counts(np.array([1, 3, 3], np.uint16)).tolist() == [1, 0, 2]


@pytest.mark.parametrize("levels", [[0, 1], [1, 4], []])
def test_levels_out_of_range_are_refused(levels: list[int]) -> None:
    with pytest.raises(DataError, match="must lie in"):
        histogram(np.array(levels, int), 3)
