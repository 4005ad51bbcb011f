"""Reference: the IBSI digital phantom; the definition written out over every intensity of the range."""

from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.volume_histogram import volume_histogram
from ibsi_phantom import Reference, phantom, references

VALUES = np.rint(np.random.default_rng(5).normal(60, 40, 800))


@pytest.mark.parametrize("reference", references("ivh"), ids=lambda r: r.tag)
def test_volume_histogram_of_the_digital_phantom_is_that_of_the_manual(reference: Reference) -> None:
    image, mask = phantom()
    assert reference.holds(volume_histogram(image[mask])[reference.tag])


def by_definition(held: np.ndarray, read: np.ndarray) -> dict[str, float]:
    """`held` are the voxels' intensities, `read` all intensities of the range."""
    volume = np.array([np.mean(held >= intensity) for intensity in read])
    fraction = (read - read[0]) / (read[-1] - read[0])
    v10, v90 = (volume[fraction >= share - 1e-12].max() for share in (0.1, 0.9))
    i10, i90 = (read[volume <= share + 1e-12].min() for share in (0.1, 0.9))
    found = (v10, v90, i10, i90, v10 - v90, i10 - i90)
    return dict(zip(volume_histogram(np.arange(5.0)), found, strict=True))


@pytest.mark.parametrize("limits", [(None, None), (-200, None), (-200, 400), (-500, 400)])
def test_whole_numbers_are_read_in_steps_of_one_over_the_range(limits: Any) -> None:
    low, high = (
        found if end is None else end for found, end in zip((VALUES.min(), VALUES.max()), limits, strict=True)
    )
    expected = by_definition(VALUES, np.arange(low, high + 1))
    assert volume_histogram(VALUES, intensity_range=limits) == pytest.approx(expected, abs=1e-12)


def test_calibrated_values_are_read_at_the_centres_of_bins_over_the_range() -> None:
    values = VALUES + np.random.default_rng(6).uniform(-0.5, 0.5, VALUES.size)
    centres = -200 + (np.floor((values + 200) / 2.5) + 0.5) * 2.5
    expected = by_definition(centres, np.arange(-200 + 1.25, 400, 2.5))
    found = volume_histogram(values, kind="continuous", bin_width=2.5, intensity_range=(-200, 400))
    assert found == pytest.approx(expected, abs=1e-9)


def test_values_without_a_unit_are_read_as_levels_of_a_thousand_bins() -> None:
    values = np.random.default_rng(7).exponential(300, 5000)
    levels = np.minimum(np.floor(1000 * (values - values.min()) / np.ptp(values)) + 1, 1000)
    assert volume_histogram(values, kind="arbitrary") == pytest.approx(
        by_definition(levels, np.arange(1.0, 1001)), abs=1e-12
    )


def test_an_intensity_held_by_more_than_a_tenth_has_its_volume_one_step_above() -> None:
    found = volume_histogram(np.array([0, 0, 0, 5, 5]))
    assert (found["ivh_i10"], found["ivh_i90"]) == (6, 1)


def test_a_constant_region_lies_whole_at_every_fraction() -> None:
    constant = np.full(4, 3.0)
    for found in (volume_histogram(constant), volume_histogram(constant, kind="continuous", bin_width=0.1)):
        assert (found["ivh_v10"], found["ivh_v90"], found["ivh_diff_v10_v90"]) == (1, 1, 0)
        assert found["ivh_diff_i10_i90"] == 0


def test_a_constant_region_without_a_unit_fills_the_first_of_the_bins() -> None:
    found = volume_histogram(np.full(4, 3.0), kind="arbitrary")
    assert (found["ivh_v10"], found["ivh_i90"]) == (0, 2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "continuous"}, "bin_width"),
        ({"kind": "continuous", "bin_width": -1.0}, "bin_width"),
        ({"kind": "arbitrary", "n_bins": 1}, "at least 2"),
        ({"kind": "descrete"}, "did you mean 'discrete'"),
    ],
)
def test_a_histogram_without_bins_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        volume_histogram(VALUES, **wrong)


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(DataError, match="no voxel"):
        volume_histogram(np.array([]))
