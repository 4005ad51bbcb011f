"""SIMULATED ultrasound: what was put in is found again."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.lesions import draw_lesion
from hepar.phantom.ultrasound import PROBES, REFERENCE, SCANNERS, RfRecording, Settings, reference_phantom
from hepar.phantom.ultrasound.checks import attenuation, diameter, nakagami, spectra
from hepar.phantom.ultrasound.focal import look_of
from hepar.phantom.ultrasound.recording import COUNTS
from hepar.phantom.ultrasound.rf import record
from hepar.phantom.ultrasound.scene import Lattice, Scene
from ultrasound_cases import QUIET, in_cell, made


@pytest.fixture(scope="module")
def reference() -> RfRecording:
    return reference_phantom(QUIET, frames=6)


@pytest.mark.parametrize("slope", [0.4, 0.7, 1.0])
def test_the_reference_phantom_method_finds_the_attenuation(slope: float, reference: RfRecording) -> None:
    found = attenuation(made(replace(REFERENCE, attenuation_db_cm_mhz=slope)), reference, depth_mm=(30, 80))
    assert found == pytest.approx(slope, abs=0.03)  # SD of one frame is 0.005, the bias below 0.01


@pytest.mark.parametrize("size", [60.0, 140.0])
def test_the_spectrum_gives_the_effective_diameter(size: float, reference: RfRecording) -> None:
    sample = made(replace(REFERENCE, diameter_um=size))
    assert diameter(sample, reference, depth_mm=(40, 80), attenuation=0.5) == pytest.approx(size, abs=15)


def test_backscatter_is_the_ratio_of_powers_at_3_mhz(reference: RfRecording) -> None:
    _, _, known = spectra(reference, depth_mm=(40, 80))
    frequency, _, power = spectra(made(replace(REFERENCE, backscatter_db=-7.0)), depth_mm=(40, 80))
    near = np.abs(frequency - 3) < 0.3
    assert 10 * np.log10(power[:, near].mean() / known[:, near].mean()) == pytest.approx(-7, abs=0.7)


@pytest.mark.parametrize("number", [0.3, 1.0, 4.0, 32.0])
def test_the_nakagami_parameter_follows_the_scatterers_in_a_cell(number: float) -> None:
    found = nakagami(made(in_cell(number), frames=3, seed=3), depth_mm=(48, 72))
    assert found == pytest.approx(
        number / (1 + number), rel=0.25
    )  # the pulse on f^2 is shorter than its nominal


def test_the_nakagami_parameter_rises_to_one_with_density() -> None:
    found = [nakagami(made(in_cell(n), frames=2), depth_mm=(48, 72)) for n in (0.3, 1, 4, 32)]
    assert found == sorted(found)
    assert 0.9 < found[-1] < 1.1


@pytest.mark.parametrize("name", sorted(PROBES))
def test_the_spectrum_peaks_in_the_band_of_the_probe(name: str) -> None:
    probe = replace(PROBES[name], noise_db=-110)
    clear = replace(REFERENCE, attenuation_db_cm_mhz=0.0)
    depth = (probe.focus_mm - 8, probe.focus_mm + 8)
    frequency, _, power = spectra(made(clear, probe=probe), depth_mm=depth)
    peak = frequency[power.mean(axis=0).argmax()]
    assert abs(peak / probe.fc_mhz - 1) < probe.bandwidth / 2


@pytest.mark.parametrize("name", sorted(PROBES))
def test_the_reference_tissue_has_unit_amplitude_in_focus(name: str) -> None:
    probe = replace(PROBES[name], noise_db=-110)
    found = made(replace(REFERENCE, attenuation_db_cm_mhz=0.0), probe=probe, frames=2).without_gain()
    near = np.abs(probe.depth_mm - probe.focus_mm) < 2
    assert found[..., near].std() == pytest.approx(1, rel=0.15)


def test_deep_behind_strong_attenuation_only_the_noise_floor_is_left() -> None:
    found = made(replace(REFERENCE, attenuation_db_cm_mhz=3.0), probe=PROBES["convex"]).without_gain()
    assert 20 * np.log10(found[..., -400:].std()) == pytest.approx(PROBES["convex"].noise_db, abs=0.3)


def test_a_cyst_is_dark_and_enhances_what_lies_behind() -> None:
    cyst = draw_lesion(np.random.default_rng(1), "cyst", diameter_mm=24)
    lattice = Lattice(QUIET)
    regions = np.zeros((lattice.rows, lattice.columns), dtype=np.uint8)
    x, z = lattice.places_mm()
    regions[np.hypot(x, z - 50) < 10] = 1

    scene = Scene((REFERENCE, look_of(cyst, REFERENCE).body), regions)
    rf = record(QUIET, scene, settings=Settings(0.0, 3.5), rng=np.random.default_rng(0), frames=1)[0] / COUNTS
    depth = QUIET.depth_mm
    inside, behind = np.abs(depth - 50) < 5, np.abs(depth - 70) < 6
    assert rf[46:50, inside].std() < 0.1 * rf[10:20, inside].std()
    assert rf[46:50, behind].std() > 1.5 * rf[10:20, behind].std()


def test_a_reference_of_another_preset_is_refused(reference: RfRecording) -> None:
    with pytest.raises(SimulationError, match="one preset"):
        attenuation(made(REFERENCE, probe=SCANNERS["B"]), reference, depth_mm=(30, 80))
