from dataclasses import replace

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.frames import Box
from hepar.imaging.ultrasound.parameters import LEVEL, LIMITS, Parameters, parameters
from hepar.imaging.ultrasound.speckle import ENVELOPE
from hepar.io.simulated_rf import frames_of
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import PROBES, Medium, Settings, reference_phantom, rf_frames
from us_phantoms import TALL, WIDE, phantom, reference, scaled

TISSUE = Medium(0.8, 3.0, 120.0, 30.0)
SLOPE = "attenuation_db_cm_mhz"
FREE = "attenuation_gain_free_db_cm_mhz"


def measured(medium: Medium = TISSUE, *, seed: int = 1, settings: Settings | None = None) -> Parameters:
    return parameters(phantom(medium, seed=seed, settings=settings), reference(), box=TALL, seed=0, draws=60)


def test_a_wide_band_phantom_gives_what_was_put_in() -> None:
    errors = []
    for seed, medium in enumerate(
        Medium(slope, level, size, density)
        for slope, level, size, density in (
            (0.4, -6, 60, 10), (0.5, 4, 200, 50), (0.6, 2, 90, 30), (0.8, 3, 120, 30), (0.9, -3, 150, 20), (1.1, 6, 75, 40)
        )
    ):  # fmt: skip
        found = measured(medium, seed=seed + 40).values
        errors.append(
            (
                found[SLOPE].value - medium.attenuation_db_cm_mhz,
                found["diameter_um"].value - medium.diameter_um,
                found["backscatter_db"].value - medium.backscatter_db,
            )
        )
    bias = np.abs(np.mean(errors, axis=0))
    rmse = np.sqrt(np.mean(np.square(errors), axis=0))
    assert bias[0] < 0.01
    assert (rmse < (0.02, 15, 0.6)).all()


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    found = [measured(seed=seed) for seed in range(100, 112)]
    held = np.mean([one.values[SLOPE].low <= 0.8 <= one.values[SLOPE].high for one in found])
    assert held >= 0.75  # of 12 intervals of 95 %, fewer than 9 hold with probability 0.0002


def test_every_parameter_is_a_value_or_a_reason() -> None:
    for known in (reference(), None):
        found = parameters(phantom(TISSUE, seed=1), known, box=TALL, seed=0, draws=20)
        assert set(found.values) | set(found.reasons) == set(LIMITS)
        assert not set(found.values) & set(found.reasons)
        assert all(one.low <= one.value <= one.high for one in found.values.values())


def test_the_same_seed_gives_the_same_numbers() -> None:
    assert measured().values == measured().values


def test_gain_and_time_gain_change_nothing_when_they_are_known() -> None:
    knobs = Settings(6.0, 2.5, (2.0, -2.0, 1.0, 0.0, -1.0, 2.0, 0.0, 1.0))
    plain, turned = measured(), measured(settings=knobs)
    for name, value in plain.values.items():
        # counts are whole numbers: another gain rounds other echoes
        assert turned.values[name].value == pytest.approx(value.value, abs=0.2 * value.standard_error + 1e-6)


def test_an_unknown_time_gain_leaves_what_needs_none() -> None:
    frames = phantom(TISSUE, seed=1)
    loud = replace(scaled(frames, np.linspace(0, 15, frames.rf.shape[2])), tgc_db=None)
    found = parameters(loud, reference(), box=TALL, seed=0, draws=60)
    assert "time gain" in found.reasons[SLOPE]
    assert "time gain" in found.reasons["diameter_um"]
    assert found.values[FREE].value == pytest.approx(0.8, abs=0.09)
    assert {"nakagami_m", "attenuation_shift_db_cm_mhz"} <= set(found.values)


def test_an_unknown_gain_leaves_slopes_and_sizes() -> None:
    found = parameters(
        replace(phantom(TISSUE, seed=1), gain_db=None), reference(), box=TALL, seed=0, draws=60
    )
    assert all("gain" in found.reasons[name] for name in LEVEL)
    assert {SLOPE, "diameter_um", "lizzi_slope_db_mhz"} <= set(found.values)


def test_an_offset_of_the_converter_is_no_echo() -> None:
    frames = phantom(TISSUE, seed=1)
    shifted = replace(frames, rf=frames.rf.astype(np.float32) + 3000)
    found = parameters(shifted, reference(), box=TALL, seed=0, draws=20)
    assert found.values[SLOPE].value == pytest.approx(0.8, abs=0.02)


def test_dead_lines_change_little() -> None:
    frames = phantom(TISSUE, seed=1)
    dead = frames.rf.copy()
    dead[:, [5, 6, 7, 40, 41]] = 0
    found = parameters(replace(frames, rf=dead), reference(), box=TALL, seed=0, draws=20)
    for name in (SLOPE, "backscatter_db", "nakagami_m"):
        plain = measured().values[name]
        assert abs(found.values[name].value - plain.value) < 3 * plain.standard_error


def test_without_a_phantom_there_is_a_reason_for_what_needs_one() -> None:
    found = parameters(phantom(TISSUE, seed=1), None, box=TALL, seed=0, draws=20)
    assert found.reasons[SLOPE] == "no reference phantom was given"
    assert set(ENVELOPE) <= set(found.values) | set(found.reasons)
    assert any("tilt" in one for one in found.remarks)


def test_a_few_lines_of_a_narrow_band_are_refused_and_not_printed() -> None:
    sample = phantom(TISSUE, seed=1, preset="convex_narrow")
    found = parameters(sample, reference("convex_narrow"), box=Box((30.0, 46.0), (80, 103)), seed=0, draws=60)
    assert "cannot measure attenuation" in found.reasons[SLOPE]
    unknown = parameters(
        replace(sample, bandwidth=None), reference("convex_narrow"), box=Box((30.0, 46.0), (80, 103)), seed=0, draws=60
    )  # fmt: skip
    assert "standard error" in unknown.reasons[SLOPE]
    allowed = parameters(
        sample, reference("convex_narrow"), box=Box((30.0, 46.0), (80, 103)), seed=0, draws=60, limits={SLOPE: 1.0}
    )  # fmt: skip
    wide = allowed.values[SLOPE]
    assert wide.high - wide.low > 10 * (measured().values[SLOPE].high - measured().values[SLOPE].low)


def test_scatterers_too_small_for_the_wave_have_no_diameter() -> None:
    found = measured(Medium(0.5, 0.0, 15.0, 60.0))
    assert "cannot be told from points" in found.reasons["diameter_um"]
    assert "concentration_db" in found.reasons


def test_speckle_that_is_fully_developed_has_no_clustering() -> None:
    found = measured(Medium(0.5, 0.0, 40.0, 400.0), seed=7)
    assert "fully developed" in found.reasons["hk_alpha"]
    assert found.values["hk_x"].value == pytest.approx(1.0, abs=0.06)


def test_a_region_in_the_noise_gives_reasons_alone() -> None:
    sample = phantom(TISSUE, seed=1)
    hiss = np.random.default_rng(0).standard_normal(sample.rf.shape, dtype=np.float32) * 3000
    found = parameters(replace(sample, rf=hiss), reference(), box=TALL, seed=0, draws=20)
    assert not found.values
    assert found.band_mhz == (0, 0)
    assert "noise" in found.reasons[SLOPE]
    assert "noise" in found.reasons["nakagami_m"]


def test_the_band_far_from_three_megahertz_has_its_own_backscatter() -> None:
    linear = PROBES["linear"]
    sample = phantom(Medium(0.5, 3.0, 60.0, 200.0), seed=1, preset="linear")
    known = frames_of(reference_phantom(linear, frames=3), scanner="A", site="SIM")
    found = parameters(sample, known, box=Box((8.0, 34.0), (0, 127)), seed=0, draws=40, window_mm=3.0)
    assert "3 MHz lies outside" in found.reasons["backscatter_db"]
    assert "backscatter_centre_db" in found.values


def test_what_lies_above_the_region_is_told_or_remarked() -> None:
    frames = phantom(TISSUE, seed=1)
    silent = parameters(frames, reference(), box=TALL, seed=0, draws=40)
    told = parameters(frames, reference(), box=TALL, seed=0, draws=40, path_attenuation=0.9)
    assert any("above the region" in one for one in silent.remarks)
    assert not any("above the region" in one for one in told.remarks)
    change = told.values["backscatter_db"].value - silent.values["backscatter_db"].value
    assert change == pytest.approx(2 * (0.9 - silent.values[SLOPE].value) * 3.0 * 3.0, abs=0.3)


def test_a_liver_behind_its_wall_is_within_its_interval_more_often_than_not() -> None:
    errors, held = [], []
    for number in range(1, 8):
        patient = draw_patient(Scenario.of("B", arm="natural"), seed=1, number=number)
        made = rf_frames(patient, probe=WIDE)
        frames = frames_of(made, scanner="A", site="SIM")
        if "liver" not in frames.regions:
            continue
        found = parameters(frames, reference(), box=frames.region("liver"), seed=0, draws=60).values
        if SLOPE in found:
            errors.append(found[SLOPE].value - made.truth["attenuation_db_cm_mhz"])
            held.append(found[SLOPE].low <= made.truth["attenuation_db_cm_mhz"] <= found[SLOPE].high)
    assert len(errors) >= 4
    assert np.sqrt(np.mean(np.square(errors))) < 0.08  # 0.04 over 40 patients
    assert np.mean(held) > 0.6


def test_a_reference_of_another_preset_is_refused() -> None:
    known = replace(reference(), regions={})
    for name, other in (
        ("fs_mhz", replace(known, fs_mhz=25.0)),
        ("fc_mhz", replace(known, fc_mhz=3.0)),
        ("start_mm", replace(known, start_mm=2.0)),
        ("geometry", replace(known, geometry="phased")),
        ("preset", replace(known, preset="abdomen 2")),
    ):
        with pytest.raises(DataError, match=f"was not recorded as the recording was: {name} "):
            parameters(phantom(TISSUE, seed=1), other, box=TALL, seed=0)


def test_a_reference_of_other_lines_or_too_shallow_is_refused() -> None:
    known = reference()
    assert known.tgc_db is not None
    fewer = replace(
        known, rf=known.rf[:, :48], line_angle_deg=known.line_angle_deg[:48], line_origin_mm=known.line_origin_mm[:48], regions={},
    )  # fmt: skip
    with pytest.raises(DataError, match="96 lines against 48"):
        parameters(phantom(TISSUE, seed=1), fewer, box=TALL, seed=0)
    shallow = replace(known, rf=known.rf[..., :1500], tgc_db=known.tgc_db[:1500], regions={})
    with pytest.raises(DataError, match="reference phantom"):
        parameters(phantom(TISSUE, seed=1), shallow, box=TALL, seed=0)


@pytest.mark.parametrize("lines", [1, 2, 5])
def test_very_few_lines_give_a_reason_and_no_interval_of_no_width(lines: int) -> None:
    found = parameters(phantom(TISSUE, seed=1), reference(), box=Box((30.0, 80.0), (40, 39 + lines)), seed=0)
    assert not found.values
    assert set(found.reasons) == set(LIMITS)
    assert f"the region has {lines} line" in found.reasons[SLOPE]
    six = parameters(phantom(TISSUE, seed=1), reference(), box=Box((30.0, 80.0), (40, 45)), seed=0)
    assert all(one.low <= one.value <= one.high and one.low < one.high for one in six.values.values())


def test_lines_that_are_all_one_have_no_interval() -> None:
    frames = phantom(TISSUE, seed=1)
    found = parameters(
        replace(frames, rf=np.repeat(frames.rf[:, 40:41], 96, axis=1)), None, box=TALL, seed=0, draws=20
    )
    assert not found.values
    assert "as good as one and the same" in found.reasons["nakagami_m"]


def test_a_region_in_and_out_of_a_shadow_says_that_and_not_noise() -> None:
    """Half of the lines 20 dB down: neither half is like the median, and the noise is not to blame."""
    frames = phantom(TISSUE, seed=1)
    shade = np.where(np.arange(96) < 48, np.float32(0.1), np.float32(1))[:, None]
    patchy = replace(
        frames, rf=frames.rf * shade * np.where(np.arange(96) % 24 < 12, 1, 3)[:, None].astype(np.float32)
    )
    found = parameters(patchy, reference(), box=TALL, seed=0, draws=20)
    assert "3 dB or more off the rest of its depth" in found.reasons[SLOPE]
    third = replace(
        frames, rf=frames.rf * np.where(np.arange(96) < 29, np.float32(0.1), np.float32(1))[:, None]
    )
    kept = parameters(third, reference(), box=TALL, seed=0, draws=20)
    assert kept.values[SLOPE].value == pytest.approx(0.8, abs=0.02)
    assert any("30% of the region is unlike the rest of its depth" in one for one in kept.remarks)


def test_dead_depths_and_few_lines_of_tissue_raise_no_warning() -> None:
    """Means of nothing and surfaces far outside of what is there were divided and exponentiated."""
    frames = phantom(TISSUE, seed=1)
    rf = frames.rf.copy()
    rf[..., 1200:] = 0
    rf[:, 30:] = 0
    for known in (reference(), None):
        found = parameters(replace(frames, rf=rf), known, box=TALL, seed=0, draws=20)
        assert set(found.values) | set(found.reasons) == set(LIMITS)


def test_impossible_settings_are_refused() -> None:
    frames = phantom(TISSUE, seed=1)
    for path in (-0.1, np.nan):
        with pytest.raises(ProtocolError, match="path_attenuation is"):
            parameters(frames, reference(), box=TALL, seed=0, path_attenuation=path)
    with pytest.raises(ProtocolError, match="draws is 5"):
        parameters(frames, None, box=TALL, seed=0, draws=5)
    with pytest.raises(ProtocolError, match="no parameter 'attenuation'"):
        parameters(frames, None, box=TALL, seed=0, limits={"attenuation": 1.0})
    with pytest.raises(ProtocolError, match="attenuation of the reference phantom is -1"):
        parameters(frames, reference(), box=TALL, seed=0, reference_attenuation=-1.0)
