"""The searcher and the count of what it finds, on SIMULATED livers of a few lines."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hepar.core.errors import SimulationError
from hepar.phantom.grid import Grid
from hepar.phantom.lesions import body_of, ct_change, draw_lesion
from hepar.phantom.observers.froc import Reading, found_at
from hepar.phantom.observers.scanning import Candidate, scan_for_lesions

GRID = Grid((30, 56, 56), (3.0, 2.0, 2.0))
PLACES = ((-12.0, 8.0, 10.0), (15.0, -20.0, -14.0))


def liver_of(seed: int, *, diameters_mm: tuple[float, ...]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Two phases with cysts at the first places, and the liver."""
    z, y, x = np.meshgrid(*(GRID.axis_mm(axis) for axis in range(3)), indexing="ij")
    liver = (z / 40) ** 2 + (y / 50) ** 2 + (x / 50) ** 2 < 1
    rng = np.random.default_rng(seed)
    volumes = {}
    for phase, hu, vessel in (("arterial", 70.0, 300.0), ("portal", 110.0, 165.0)):
        volume = (
            np.where(liver, hu, -100.0) + 10 * gaussian_filter(rng.standard_normal(GRID.shape), 0.6) / 0.25
        )
        for place, diameter in zip(PLACES, diameters_mm, strict=False):
            lesion = draw_lesion(np.random.default_rng(1), "cyst", diameter_mm=diameter)
            body = body_of(lesion, place, GRID, rng=np.random.default_rng(2))
            tissue = ct_change(lesion, body, phase, liver_hu=hu, vessel_hu=vessel)
            volume[body.box] += body.coverage * (tissue - volume[body.box])
        volumes[phase] = volume
    return volumes, liver


def test_cysts_are_found_first_where_they_are_and_with_about_their_size() -> None:
    volumes, liver = liver_of(1, diameters_mm=(14.0, 25.0))
    first, second, third, *_ = scan_for_lesions(volumes, liver, np.zeros_like(liver), grid=GRID)
    by_place = sorted((first, second), key=lambda one: one.centre_mm[0])
    for one, place, diameter in zip(by_place, PLACES, (14.0, 25.0), strict=True):
        assert np.linalg.norm(np.subtract(one.centre_mm, place)) < 5
        assert diameter / 2 < one.diameter_mm < 2 * diameter
    assert third.score < 0.6 * second.score


def test_vessels_are_left_out() -> None:
    volumes, liver = liver_of(1, diameters_mm=())
    tube = np.zeros_like(liver)
    tube[:, 28:31, 28:31] = True
    bright = {name: np.where(tube & liver, 250.0, volume) for name, volume in volumes.items()}
    with_it, without = (
        scan_for_lesions(bright, liver, vessels, grid=GRID)[0].score
        for vessels in (np.zeros_like(tube), tube)
    )
    assert without < 0.5 * with_it


def test_search_refuses_what_does_not_fit_together_or_has_no_liver() -> None:
    volumes, liver = liver_of(1, diameters_mm=())
    with pytest.raises(SimulationError, match="give the same"):
        scan_for_lesions({"portal": volumes["portal"][1:]}, liver, np.zeros_like(liver), grid=GRID)
    with pytest.raises(SimulationError, match="nothing to search"):
        scan_for_lesions(volumes, liver, liver, grid=GRID)


def reading(
    *candidates: tuple[float, float], lesions: tuple[float, ...] = (), diameter_mm: float = 8.0
) -> Reading:
    """Candidates and lesions along one axis: (place, score) and places."""
    return Reading(
        candidates=[Candidate((0.0, 0.0, at), 8.0, score) for at, score in candidates],
        centres_mm=[(0.0, 0.0, at) for at in lesions],
        diameters_mm=[diameter_mm] * len(lesions),
    )


def test_a_lesion_counts_once_and_only_above_the_threshold_of_false_alarms() -> None:
    scans = [
        reading((1.0, 9.0), (-1.0, 8.0), (50.0, 5.0), lesions=(0.0, 90.0)),
        reading((0.0, 4.0), (40.0, 6.0), (70.0, 3.0), lesions=(0.0,)),
    ]
    assert [one.tolist() for one in found_at(scans, 0.0)] == [[True, False], [False]]
    assert [one.tolist() for one in found_at(scans, 1.0)] == [[True, False], [True]]


def test_one_candidate_finds_one_lesion_and_the_radius_of_a_large_one_counts() -> None:
    near = reading((2.0, 5.0), lesions=(0.0, 4.0))
    assert found_at([near], 1.0)[0].sum() == 1
    assert found_at([reading((15.0, 5.0), lesions=(0.0,), diameter_mm=40.0)], 1.0)[0].all()
    assert not found_at([reading((15.0, 5.0), lesions=(0.0,))], 1.0)[0].any()


def test_counting_without_scans_is_refused() -> None:
    with pytest.raises(SimulationError, match="give scans"):
        found_at([], 1.0)
