"""Whole scans: contrasts as a radiologist expects them, truths recovered from images, determinism, errors."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.anatomy import Anatomy, Organ, Place, abdomen
from hepar.phantom.grid import Grid
from hepar.phantom.lesions import draw_lesion
from hepar.phantom.mri import MORE_SEQUENCES, SCANNERS, SEQUENCES, MrScan, draw_acquisition, mr_scan
from hepar.phantom.mri.disturbance import _moved, _warped
from hepar.phantom.mri.scene import scene_of
from hepar.phantom.patient import Patient
from mr_body import GRID, LIVER, body, calm, patient

BODY = body()


def calm_scan(who: Patient, sequence: str, *, anatomy: Anatomy = BODY) -> MrScan:
    return mr_scan(who, sequence, grid=GRID, anatomy=anatomy, acquisition=calm(who, sequence))


@cache
def usual(scanner: str, sequence: str) -> MrScan:
    return calm_scan(patient(scanner), sequence)


def median(scan: MrScan, organ: Organ) -> float:
    return float(np.median(scan.image[BODY.labels == organ]))


@pytest.mark.parametrize("scanner", SCANNERS)
def test_liver_is_brighter_than_spleen_on_t1_and_darker_on_t2_and_diffusion(scanner: str) -> None:
    for sequence, brighter in (("t1", True), ("hepatobiliary", True), ("t2", False), ("dwi", False)):
        scan = usual(scanner, sequence)
        assert (median(scan, Organ.LIVER) > median(scan, Organ.SPLEEN)) is brighter, sequence


@pytest.mark.parametrize("scanner", SCANNERS)
def test_in_the_hepatobiliary_phase_vessels_are_dark_in_a_bright_liver(scanner: str) -> None:
    scan = usual(scanner, "hepatobiliary")
    for vessel in (Organ.PORTAL_VEIN, Organ.AORTA):
        assert median(scan, Organ.LIVER) > 1.3 * median(scan, vessel)


def test_fat_is_dark_where_suppressed_and_bright_where_not() -> None:
    ratio = {}
    for sequence in ("t1", "in_phase"):
        scan = usual("A", sequence)
        ratio[sequence] = median(scan, Organ.FAT) / median(scan, Organ.LIVER)
    assert ratio["t1"] < 0.4
    assert ratio["in_phase"] > 1.2


def test_fluid_is_brightest_on_t2_and_its_diffusion_fastest() -> None:
    t2, adc = (usual("A", sequence) for sequence in ("t2", "adc"))
    assert median(t2, Organ.GALLBLADDER) > 2 * median(t2, Organ.SPLEEN)
    assert median(adc, Organ.GALLBLADDER) > 1.5 * median(adc, Organ.LIVER)


@pytest.mark.parametrize("scanner", SCANNERS)
def test_the_adc_of_the_liver_is_recovered_where_there_is_hardly_noise(scanner: str) -> None:
    who = patient(scanner)
    true = float(np.mean(scene_of(who, BODY, field_t=SCANNERS[scanner].field_t).liver.adc_um2_s))
    scan = usual(scanner, "adc")
    core = (BODY.labels == Organ.LIVER) & (np.abs(GRID.axis_mm(1)[:, None] + 5) < 30)
    # fat that is not suppressed and vessels blurred in take some percent
    assert float(np.median(scan.image[core])) == pytest.approx(true, rel=0.04)
    assert scan.unit == "1e-6 mm2/s"


def test_the_map_is_computed_from_the_very_images_that_are_given() -> None:
    who = patient("B")
    low, high, adc = (
        mr_scan(who, s, grid=GRID, anatomy=BODY).image.astype(float) for s in ("dwi_low", "dwi", "adc")
    )
    inside = BODY.labels == Organ.LIVER
    mine = np.log(low[inside] / high[inside]) / 750e-6
    # images are stored in whole numbers
    assert np.corrcoef(mine, adc[inside])[0, 1] > 0.97
    assert np.median(np.abs(mine - adc[inside])) < 10


def test_the_fat_fraction_of_the_liver_is_recovered() -> None:
    for fat in (0.02, 0.35):
        scan = calm_scan(patient(liver=replace(LIVER, fat=fat)), "fat_fraction")
        # T1 of fat is shorter than that of water, which two points cannot tell: some percent too much
        assert median(scan, Organ.LIVER) / 1000 == pytest.approx(fat, abs=0.06)


def test_the_background_follows_rayleigh() -> None:
    who = patient("C")
    how = replace(draw_acquisition(who, "t1", grid=GRID), noise=0.004, gain=20_000, breath_mm=0.0, pulse=0.0)
    image = mr_scan(who, "t1", grid=GRID, anatomy=BODY, acquisition=how).image[:, :, :4].astype(float)
    # 3,000 values of nearly the same sensitivity: the ratio is known to some percent
    assert image.mean() / image.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.06)


def test_iron_darkens_the_liver_and_not_the_spleen() -> None:
    usual, loaded = (calm_scan(patient(liver=replace(LIVER, iron_mg_g=iron)), "t2") for iron in (0.9, 6.0))
    assert median(loaded, Organ.LIVER) < 0.5 * median(usual, Organ.LIVER)
    assert median(loaded, Organ.SPLEEN) == pytest.approx(median(usual, Organ.SPLEEN), rel=0.05)


def test_a_cyst_is_bright_on_t2_and_dark_in_the_hepatobiliary_phase() -> None:
    cyst = draw_lesion(np.random.default_rng(2), "cyst", diameter_mm=30)
    who, at = patient(lesions=(cyst,)), Place((0.0, -5.0, -70.0))
    anatomy = body(places=(at,))
    spot = tuple(int(np.argmin(np.abs(GRID.axis_mm(a) - at.centre_mm[a]))) for a in range(3))
    for sequence, brighter in (("t2", True), ("hepatobiliary", False), ("adc", True)):
        scan = calm_scan(who, sequence, anatomy=anatomy)
        assert bool(scan.image[spot] > 1.3 * median(scan, Organ.LIVER)) is brighter
    assert scan.image[spot] > 1800


def test_a_mimic_is_as_bright_as_the_liver_that_it_is_part_of() -> None:
    mimic = draw_lesion(np.random.default_rng(2), "perfusion_anomaly", diameter_mm=40)
    who, at = patient(lesions=(mimic,)), Place((0.0, -5.0, -70.0))
    with_it = calm_scan(who, "t2", anatomy=body(places=(at,)))
    without = usual("A", "t2")
    assert median(with_it, Organ.LIVER) == pytest.approx(median(without, Organ.LIVER), rel=0.1)


@pytest.mark.parametrize("sequence", ["hepatobiliary", "adc", "fat_fraction"])
def test_the_same_patient_gives_the_same_bytes_in_any_order(sequence: str) -> None:
    first = mr_scan(patient("D"), sequence, grid=GRID, anatomy=BODY)
    mr_scan(patient("D", number=2), "dwi", grid=GRID, anatomy=BODY)
    second = mr_scan(patient("D"), sequence, grid=GRID, anatomy=BODY)
    assert np.array_equal(first.image, second.image)
    assert first.image.dtype == np.uint16
    assert first.image.shape == GRID.shape


def test_only_what_is_shown_tells_of_the_disease() -> None:
    other = replace(LIVER, fibrosis=2.5, collagen=0.4, stage=4, aetiology="HBV")
    one, two = (mr_scan(patient(liver=of), "t1", grid=GRID, anatomy=BODY).image for of in (LIVER, other))
    assert np.array_equal(one, two)


def test_the_scale_differs_from_scan_to_scan() -> None:
    gains = [draw_acquisition(patient(number=n), "t1", grid=GRID).gain for n in range(200)]
    assert np.std(np.log(gains)) == pytest.approx(0.3, abs=0.05)


def test_sequences_of_one_series_share_their_scan_and_others_do_not() -> None:
    low, high, t1 = (draw_acquisition(patient(), s, grid=GRID) for s in ("dwi_low", "dwi", "t1"))
    assert low == high
    assert len({draw_acquisition(patient(), s, grid=GRID) for s in ("in_phase", "opposed_phase")}) == 1
    assert low.shift_mm != t1.shift_mm


def test_thicker_slices_have_less_noise() -> None:
    thick = Grid(GRID.shape, (10.0, 2.5, 2.5))
    thin_noise, thick_noise = (draw_acquisition(patient(), "t1", grid=g).noise for g in (GRID, thick))
    assert thick_noise == pytest.approx(thin_noise / 2)


def test_a_field_error_moves_signal_along_y_and_keeps_its_sum() -> None:
    signal = np.zeros((60, 4), np.float32)
    signal[20:30] = 1
    ramp = np.broadcast_to(np.linspace(0, 6, 60, dtype=np.float32)[:, None], signal.shape).copy()
    found = _warped(signal, ramp)
    middle = (found.sum(axis=1) * np.arange(60)).sum() / found.sum()
    assert middle == pytest.approx(24.5 + 2.7, abs=0.3)
    assert found.sum() == pytest.approx(signal.sum(), rel=0.05)


def test_organs_move_along_z_by_the_shift() -> None:
    signal = np.zeros((9, 2, 2), np.float32)
    signal[4] = 1
    assert np.argmax(_moved(signal, 2.0)[:, 0, 0]) == 6
    assert _moved(signal, 0.5)[:, 0, 0][4:6] == pytest.approx([0.5, 0.5])


def test_an_unknown_sequence_or_scanner_is_refused_with_what_there_is() -> None:
    with pytest.raises(SimulationError, match=r"no MR sequence 'flair'.*Allowed: .*t1"):
        mr_scan(patient(), "flair", grid=GRID, anatomy=BODY)
    with pytest.raises(SimulationError, match=r"no MR scanner 'Z'.*Allowed: A, B, C, D"):
        mr_scan(patient("Z"), "t1", grid=GRID, anatomy=BODY)


def test_an_anatomy_on_another_grid_is_refused() -> None:
    with pytest.raises(SimulationError, match="give both the same grid"):
        mr_scan(patient(), "t1", grid=Grid((8, 96, 128), (5.0, 2.5, 2.6)), anatomy=BODY)


def test_an_anatomy_of_a_patient_with_other_lesions_is_refused() -> None:
    with pytest.raises(SimulationError, match="0 lesions and an anatomy with 1 places"):
        mr_scan(patient(), "t1", grid=GRID, anatomy=body(places=(Place((0.0, 0.0, -60.0)),)))


def test_without_an_anatomy_the_scan_is_of_the_patients_own() -> None:
    grid = Grid((6, 64, 80), (12.0, 5.0, 5.0))
    who, own = patient("B"), abdomen(patient("B"), grid)
    scan = mr_scan(who, "hepatobiliary", grid=grid)
    assert np.array_equal(scan.image, mr_scan(who, "hepatobiliary", grid=grid, anatomy=own).image)
    medians = [np.median(scan.image[own.mask(organ)]) for organ in (Organ.LIVER, Organ.MUSCLE, Organ.AIR)]
    assert medians == sorted(medians, reverse=True)


def test_one_slice_without_a_liver_still_makes_an_image() -> None:
    grid = Grid((1, 40, 40), (5.0, 3.0, 3.0))
    empty = Anatomy(grid, np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, bool), ())
    for sequence in (*SEQUENCES, *MORE_SEQUENCES):
        assert mr_scan(patient(), sequence, grid=grid, anatomy=empty).image.shape == grid.shape
