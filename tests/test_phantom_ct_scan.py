"""SIMULATED CT scans measured as images: organs, noise, phases, breath-holds and the same bytes each time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from ct_phantom import GRID, body, cyst, patient, with_fat
from hepar.core.errors import SimulationError
from hepar.phantom.anatomy import Organ, Place, abdomen
from hepar.phantom.ct import PHASES, SCANNERS, Acquisition, CtScan, ct_scan, paint, tissues_of
from hepar.phantom.ct import scan as scanning
from hepar.phantom.ct.artefacts import streaks
from hepar.phantom.grid import Grid
from hepar.phantom.patient import Patient

QUIET = Acquisition(mas=2000, kernel="soft", hardening=0.0, slice_mm=3.0)
ORGANS = ("liver", "spleen", "aorta", "portal_vein")


def taken(phase: str = "portal", who: Patient | None = None, **settings: Any) -> CtScan:
    return ct_scan(who or patient(), phase, grid=GRID, anatomy=body(), acquisition=replace(QUIET, **settings))


def mean_hu(scan: CtScan, organ: str) -> float:
    inside = binary_erosion(scan.moved(body().labels) == Organ[organ.upper()], iterations=2)
    return float(scan.hu[inside].mean())


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("offset_hu", [0.0, 6.0])
def test_organs_measure_what_the_truth_says(phase: str, offset_hu: float) -> None:
    scan = taken(phase, offset_hu=offset_hu)
    for organ in ORGANS:
        # texture moves the mean of a block by about 1 HU, the kernel that of the aorta (30 mm wide) by 1 % of its step
        expected = scan.hu_truth[organ] + offset_hu * (1 + scan.hu_truth[organ] / 1000)
        assert mean_hu(scan, organ) == pytest.approx(expected, abs=2.0, rel=0.02)


def test_phases_are_ordered_in_the_image() -> None:
    _, arterial, portal, delayed = (taken(phase) for phase in PHASES)
    assert mean_hu(arterial, "aorta") > mean_hu(portal, "aorta") > mean_hu(delayed, "aorta")
    assert mean_hu(portal, "portal_vein") > mean_hu(delayed, "portal_vein") > mean_hu(arterial, "portal_vein")
    assert mean_hu(portal, "liver") > mean_hu(arterial, "liver")


def test_steatosis_darkens_the_liver_against_the_spleen() -> None:
    differences = [
        mean_hu(scan, "liver") - mean_hu(scan, "spleen")
        for scan in (taken("native", with_fat(f)) for f in (0.02, 0.22))
    ]
    assert differences[0] - differences[1] == pytest.approx(34, abs=4)


def repeated(acquisition: Acquisition) -> tuple[CtScan, NDArray[np.float64]]:
    """A scan, and the difference (over root 2) of two realisations of its noise."""
    scan = ct_scan(patient(), "portal", grid=GRID, anatomy=body(), acquisition=acquisition)
    perfect = paint.painted(
        patient(),
        body(),
        "portal",
        tissues=tissues_of(patient(), "portal", acquisition),
        acquisition=acquisition,
    )
    flat = streaks(perfect, GRID, replace(acquisition, hardening=0.0), rng=np.random.default_rng(0))
    images = [
        scanning._scanned(
            perfect,
            GRID,
            acquisition,
            motion=scan.motion,
            noise=scanning._noise_of(patient(), perfect, body(), phase=phase, acquisition=acquisition),
            lines=flat,
        ).astype(float)
        for phase in ("portal", "native")
    ]
    return scan, (images[0] - images[1]) / np.sqrt(2)


@pytest.mark.parametrize(
    "acquisition", [Acquisition(), SCANNERS["B"].usual, Acquisition(slice_mm=6.0, kvp=100.0)]
)
def test_noise_measures_what_the_scan_says(acquisition: Acquisition) -> None:
    scan, noise = repeated(replace(acquisition, hardening=0.0, offset_hu=0.0))
    # 27,000 voxels, about a third of them independent
    assert noise[body().liver].std() == pytest.approx(scan.noise_hu, rel=0.04)


def test_noise_is_highest_in_the_middle_of_the_body() -> None:
    _, noise = repeated(Acquisition())
    assert noise[:, 40:56, 46:66].std() > 1.15 * noise[:, 40:56, 8:14].std()


def test_a_large_body_is_noisier() -> None:
    anatomy = body()
    heavy = replace(
        anatomy, labels=np.where(anatomy.labels == Organ.AIR, np.uint8(Organ.MUSCLE), anatomy.labels)
    )
    plain, loaded = (
        ct_scan(patient(), "portal", grid=GRID, anatomy=a, acquisition=Acquisition())
        for a in (anatomy, heavy)
    )
    assert loaded.noise_hu > 1.1 * plain.noise_hu


def test_the_same_patient_gives_the_same_bytes_in_slabs_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    first = taken("arterial", hardening=1.0, mas=100)
    assert (first.hu == taken("arterial", hardening=1.0, mas=100).hu).all()
    monkeypatch.setattr(paint, "SLAB", 5 * 96 * 112)
    assert (first.hu == taken("arterial", hardening=1.0, mas=100).hu).all()
    assert (first.hu != taken("arterial", patient(number=2), hardening=1.0, mas=100).hu).any()


def test_noise_differs_between_phases_and_texture_does_not() -> None:
    inside = body().labels == Organ.LIVER
    who = patient()
    pictures = [
        paint.painted(who, body(), phase, tissues=tissues_of(who, phase, QUIET), acquisition=QUIET)[inside]
        for phase in PHASES
    ]
    assert min(np.corrcoef(pictures)[0]) > 0.95


def test_the_breath_hold_is_recovered_from_the_images() -> None:
    who = next(
        p for p in (patient(number=n) for n in range(1, 60)) if abs(taken("delayed", p).shift_mm[0]) > 6
    )
    portal, delayed = taken("portal", who), taken("delayed", who)
    rows, columns = slice(24, 40), slice(20, 46)
    fine = np.arange(0, 31.01, 0.1)
    profiles = [
        np.interp(
            fine, np.arange(32), scan.hu[:, rows, columns].mean((1, 2)) - scan.hu[14:18, rows, columns].mean()
        )
        for scan in (portal, delayed)
    ]
    shifts = np.arange(-60, 61)
    errors = [np.square(np.roll(profiles[0], -k) - profiles[1])[70:-70].mean() for k in shifts]
    assert shifts[int(np.argmin(errors))] * 0.3 == pytest.approx(delayed.shift_mm[0], abs=2.0)


def test_a_lesion_is_where_its_place_is_and_as_dark_as_it_says() -> None:
    place = (Place((-1.5, -40.0, -72.0)),)
    who = patient(lesions=(cyst(),))
    scan = ct_scan(who, "portal", grid=GRID, anatomy=body(places=place), acquisition=QUIET)
    y, x = round(-40 / 3 + 47.5), round(-72 / 3 + 55.5)
    middle = scan.hu[14:17, y - 2 : y + 3, x - 2 : x + 3].mean()
    assert middle == pytest.approx(10, abs=4)
    assert mean_hu(scan, "spleen") == pytest.approx(scan.hu_truth["spleen"], abs=2)


def test_blank_air_is_air_and_nothing_leaves_the_range_of_a_scanner() -> None:
    empty = replace(body(), labels=np.zeros(GRID.shape, np.uint8), liver=np.zeros(GRID.shape, bool))
    scan = ct_scan(patient(), "portal", grid=GRID, anatomy=empty, acquisition=Acquisition(couch=False))
    assert scan.hu.dtype == np.int16
    assert scan.hu.min() >= -1024
    assert scan.hu.max() <= 3071
    assert scan.hu.mean() == pytest.approx(-1000, abs=5)
    assert np.isfinite(scan.noise_hu)


def test_outside_of_the_circle_is_the_lowest_value() -> None:
    scan = taken(circle=True)
    assert (scan.hu[:, 0, 0] == -1024).all()
    assert (scan.hu[:, 48, 0] == -1024).mean() < 0.9


def test_the_scan_says_how_it_was_taken() -> None:
    scan = ct_scan(patient(scanners={"ct": "B"}), "arterial", grid=GRID, anatomy=body())
    assert (scan.scanner, scan.kvp, scan.phase) == ("B", 120.0, "arterial")
    assert scan.delay_s
    assert 20 < scan.delay_s < 60
    assert ct_scan(patient(), "native", grid=GRID, anatomy=body()).delay_s is None


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(SimulationError, match="there is no CT phase 'venous'"):
        taken("venous")
    with pytest.raises(SimulationError, match="make the anatomy on the grid of the CT"):
        ct_scan(patient(), "portal", grid=Grid((4, 8, 8), (3, 3, 3)), anatomy=body())
    with pytest.raises(SimulationError, match="has 1 lesions and an anatomy with 0 places"):
        taken(who=patient(lesions=(cyst(),)))
    with pytest.raises(SimulationError, match="there is no CT scanner 'Z'"):
        taken(who=patient(scanners={"ct": "Z"}))


def test_an_abdomen_is_scanned_with_every_organ_known() -> None:
    grid = Grid((12, 64, 64), (12.0, 6.0, 6.0))
    scan = ct_scan(patient(), "portal", grid=grid)
    labels = abdomen(patient(), grid).labels
    assert scan.hu[labels == Organ.LIVER].mean() > scan.hu[labels == Organ.FAT].mean() + 60
    assert {Organ(k).name.lower() for k in np.unique(labels)} <= set(scan.hu_truth)
