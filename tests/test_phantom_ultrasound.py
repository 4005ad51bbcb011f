"""SIMULATED ultrasound of a patient: what changes what, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.lesions import draw_lesion
from hepar.phantom.patient import Lesion
from hepar.phantom.ultrasound import (
    PROBES,
    Medium,
    Probe,
    Region,
    RfRecording,
    Settings,
    b_mode,
    elastography,
    rf_frames,
    tissue_of,
)
from hepar.phantom.ultrasound.plane import plane_of
from hepar.phantom.ultrasound.rf import regions_of
from hepar.phantom.ultrasound.scene import Regular
from ultrasound_cases import QUIET, patient

LOUD = 0.5
"""Least share of a cohort's variance of a property that is not fibrosis."""


def anything(value: object) -> Any:
    """A value that no type allows, as it may come from a document."""
    return value


@pytest.fixture(scope="module")
def recording() -> RfRecording:
    return rf_frames(patient(), frames=2)


def test_gain_and_time_gain_can_be_undone() -> None:
    probe, flat = PROBES["convex"], Settings(0.0, 0.0)
    steep = Settings(-3.0, 4.0, (2.0, -1.0, 0.0, 1.0, 3.0, -2.0, 0.0, 1.0))
    plain, raised = (rf_frames(patient(), probe=probe, settings=s) for s in (flat, steep))
    assert np.abs(raised.rf).max() < 32767
    assert not np.allclose(plain.rf, raised.rf)
    np.testing.assert_allclose(plain.without_gain(), raised.without_gain(), atol=1e-4, rtol=1e-4)


def test_counts_are_those_of_a_sixteen_bit_converter() -> None:
    found = rf_frames(patient(), settings=Settings(60.0, 3.5)).rf
    assert np.abs(found).max() == 32767


def test_frames_of_a_held_probe_are_nearly_the_same_and_views_are_not() -> None:
    found = rf_frames(patient(), frames=3, settings=Settings(0.0, 0.0)).rf[..., 900:1400].reshape(3, -1)
    other = rf_frames(patient(), view=1, settings=Settings(0.0, 0.0)).rf[..., 900:1400].ravel()
    near = np.array(np.corrcoef(found))
    assert near[0, 1] == pytest.approx(0.975, abs=0.015)
    assert near[0, 2] < near[0, 1]
    assert abs(np.corrcoef(found[0], other)[0, 1]) < 0.1


def test_the_same_patient_gives_the_same_bytes() -> None:
    one, two = (rf_frames(patient(3, rf=1.0), frames=2, view=1) for _ in range(2))
    assert one.rf.tobytes() == two.rf.tobytes()
    assert one.truth == two.truth
    assert rf_frames(patient(4)).rf.tobytes() != rf_frames(patient(5)).rf.tobytes()


@pytest.mark.parametrize(
    ("key", "changed", "same"),
    [
        ("rf", {"attenuation_db_cm_mhz", "diameter_um"}, {"density_mm2", "texture_db", "backscatter_db"}),
        ("bmode", {"density_mm2", "texture_db", "backscatter_db"}, {"attenuation_db_cm_mhz", "diameter_um"}),
    ],
)
def test_each_source_changes_what_is_its_own(key: str, changed: set[str], same: set[str]) -> None:
    low, high = (rf_frames(replace(patient(), shown={key: value})).truth for value in (-1.0, 1.0))
    assert all(low[name] != high[name] for name in changed)
    assert all(low[name] == high[name] for name in same)


def test_fibrosis_itself_changes_nothing_but_through_what_is_shown() -> None:
    healthy = patient(rf=0.5, bmode=0.2)
    ill = replace(healthy, liver=replace(healthy.liver, fibrosis=2.0, stage=4, collagen=0.3))
    assert rf_frames(healthy).rf.tobytes() == rf_frames(ill).rf.tobytes()
    assert elastography(healthy) == elastography(ill)


def test_more_of_every_property_is_nuisance_than_disease() -> None:
    rng = np.random.default_rng(0)
    disease, rest, fat = rng.standard_normal((3, 600))
    shown = 0.66 * disease + np.sqrt(1 - 0.66**2) * rest
    found = [
        tissue_of(patient(i + 1, fat=float(f), rf=float(s), bmode=float(s)))
        for i, (s, f) in enumerate(zip(shown, 0.05 * np.exp(0.8 * fat), strict=True))
    ]
    liver = [
        (np.log(t.liver.diameter_um), t.liver.attenuation_db_cm_mhz, np.log(t.liver.density_mm2))
        for t in found
    ]
    rest_of_it = [
        (t.liver.backscatter_db, t.texture_db, t.texture_mm, t.surface_mm, t.spacing_mm) for t in found
    ]
    share = [np.corrcoef(disease, column)[0, 1] ** 2 for column in np.hstack([liver, rest_of_it]).T]
    assert max(share) < 1 - LOUD
    assert min(share) > 0.001


def test_fat_raises_attenuation_and_brightness() -> None:
    lean, fat = (rf_frames(patient(fat=value)).truth for value in (0.02, 0.3))
    assert fat["attenuation_db_cm_mhz"] - lean["attenuation_db_cm_mhz"] == pytest.approx(0.28, abs=0.01)
    assert fat["backscatter_db"] > lean["backscatter_db"] + 5


def test_the_wall_is_thicker_in_the_obese() -> None:
    lean, obese = (
        np.mean([tissue_of(patient(i, bmi=b)).wall.total_mm for i in range(1, 80)]) for b in (22, 36)
    )
    assert 13 < lean < 18
    assert obese > 26


def test_a_shortcut_changes_the_gain_and_nothing_of_the_tissue() -> None:
    low, high = (rf_frames(patient(gain=value)) for value in (-2.0, 2.0))
    assert high.gain_db - low.gain_db == pytest.approx(14)
    assert low.truth == high.truth
    np.testing.assert_allclose(low.without_gain(), high.without_gain(), atol=2e-3)


def test_the_regions_of_a_recording_go_from_the_wall_to_the_liver(recording: RfRecording) -> None:
    middle = recording.regions[48]
    assert middle[0] == Region.SKIN
    assert (np.diff(np.flatnonzero(middle == Region.FAT)) == 1).all()
    assert (recording.regions == Region.LIVER).mean() > 0.4
    assert recording.regions.shape == (96, 650)


def test_the_first_view_is_aimed_at_the_largest_lesion() -> None:
    rng = np.random.default_rng(0)
    lesions = [draw_lesion(rng, "hcc", diameter_mm=12), draw_lesion(rng, "metastasis", diameter_mm=30)]
    found = rf_frames(patient(lesions=lesions), view=0)
    assert 1 in {cut.number for cut in found.cuts}
    assert (found.regions >= Region.LESION).any()


def test_lesions_lie_in_the_liver_and_not_beyond_the_diaphragm() -> None:
    seen = 0
    for number in range(1, 13):
        lesion = draw_lesion(np.random.default_rng(number), "fnh", diameter_mm=20)
        regions = rf_frames(patient(number, lesions=[lesion])).regions
        seen += int((regions == Region.LESION).sum() > 100)
    assert seen == 12


def plane_regions(number: int) -> np.ndarray:
    """Regions (lines, samples) of a heavy person without the echoes, which take longer."""
    who, probe = patient(number), PROBES["convex_middle"]
    who = replace(who, person=replace(who.person, weight_kg=120.0))
    return regions_of(probe, plane_of(who, probe).scene)


def test_no_liver_lies_outside_of_the_dome_of_the_diaphragm() -> None:
    for number in range(1, 31):
        regions = plane_regions(number)
        samples = regions.shape[1]
        beyond = np.maximum.accumulate(regions == Region.BEYOND, axis=1)
        assert (regions[beyond] == Region.BEYOND).all()
        depth = np.where(beyond.any(axis=1), beyond.argmax(axis=1), samples)
        # from its deepest line the dome rises to both sides, and no liver begins again beside it
        middle = int(np.median(np.flatnonzero(depth == depth.max())))
        for side in (depth[middle:], depth[middle::-1]):
            assert (side - np.minimum.accumulate(side)).max() < 0.05 * samples


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Medium(-0.1, 0, 40, 10), "attenuation_db_cm_mhz"),
        (lambda: Medium(0.5, 0, 0.0, 10), "diameter_um"),
        (lambda: Medium(0.5, 0, float("nan"), 10), "diameter_um"),
        (lambda: Medium(0.5, 0, 40, 0), "density_mm2"),
        (lambda: replace(QUIET, geometry=anything("round")), "convex"),
        (lambda: replace(QUIET, radius_mm=0.0), "radius_mm"),
        (lambda: replace(QUIET, fs_mhz=8.0), "folds"),
        (lambda: replace(QUIET, bandwidth=float("inf")), "bandwidth"),
        (lambda: Probe("x", "linear", 5, 0.6, 20, lines=4, samples=2000, span=40), "lines"),
        (lambda: Regular(1.0, 0.0, 0.1), "jitter"),
        (lambda: Settings(float("nan"), 3.0), "gain_db"),
        (lambda: Settings(0.0, 3.0, (0.0,)), "sliders_db"),
        (lambda: rf_frames(patient(), frames=0), "frames"),
        (lambda: rf_frames(patient(), view=-1), "view"),
        (lambda: rf_frames(patient(scanner="Q")), "Allowed: A, B, C"),
        (lambda: rf_frames(patient(lesions=[Lesion("blob", False, False, 20.0)])), "blob"),
        (lambda: rf_frames(patient(lesions=[Lesion("hcc", True, False, 300.0)])), "does not fit"),
        (lambda: rf_frames(patient(lesions=[Lesion("hcc", True, False, 0.0)])), "does not fit"),
        (lambda: elastography(patient(), probe=anything("S")), "Allowed: M, XL"),
        (lambda: b_mode(rf_frames(patient()), dynamic_range_db=0), "dynamic_range_db"),
        (lambda: b_mode(rf_frames(patient()), mm_per_px=-1), "mm_per_px"),
    ],
)
def test_what_cannot_be_is_refused_with_the_value_and_what_is_allowed(
    wrong: Callable[[], object], told: str
) -> None:
    with pytest.raises(SimulationError, match=told):
        wrong()
