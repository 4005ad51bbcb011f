"""`hepar recording`: one SIMULATED recording looked at, from the file to the page; and all that it refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from matplotlib.image import imread, imsave

import hepar.report.sheet
from hepar.api import recording
from hepar.cli import main
from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.maps import Maps
from hepar.imaging.ultrasound.parameters import LIMITS
from hepar.imaging.ultrasound.reference import Phantom
from hepar.imaging.ultrasound.resampling import Estimate
from hepar.io.rf_file import write_rf
from hepar.phantom.ultrasound import PROBES, REFERENCE, Medium
from hepar.report.recording_facts import PARAMETERS, facts, lines, verdict
from hepar.report.recording_page import recording_page
from hepar.report.recording_picture import layers_of, outline_mm, picture_of
from hepar.study.recording import Measured, Place, Reading, measure
from hepar.study.recording_files import read
from us_frames import SMALL, recorded

LIVER = Medium(0.8, 3.0, 120.0, 60.0)
BOX = Box((12.0, 42.0), (0, 23))
NARROW = replace(PROBES["convex_narrow"], lines=24, samples=900, span=12.0)
LINEAR = replace(PROBES["linear"], lines=24, samples=1100, span=12.0)
Typed = Callable[..., tuple[int, str, str]]


def simulated(**changed: Any) -> RfFrames:
    return replace(recorded(LIVER, frames=2, seed=3), regions={"liver": BOX}, **changed)


@pytest.fixture(scope="module")
def liver() -> RfFrames:
    return simulated()


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return Phantom(recorded(frames=6, seed=4), REFERENCE.attenuation_db_cm_mhz, REFERENCE.diameter_um)


@pytest.fixture(scope="module")
def measured(liver: RfFrames, phantom: Phantom) -> Measured:
    return looked_at(liver, phantom=phantom)


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    """Runs a command in an empty folder; gives its exit status and what it prints."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["hepar", "recording", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert isinstance(stopped.value.code, int)
        return (stopped.value.code, *capsys.readouterr())

    return run


def looked_at(frames: RfFrames, place: Place | None = None, **how: Any) -> Measured:
    return measure(Reading(frames, "hepar's own HDF5", len(frames.rf)), place, **how)


def stored(frames: RfFrames, folder: Path, name: str = "clip.h5") -> Path:
    write_rf(frames, folder / name)
    return folder / name


def test_every_parameter_has_a_name_and_a_unit_in_print() -> None:
    assert list(PARAMETERS) == list(LIMITS)
    for name, (_, unit) in PARAMETERS.items():
        assert ("_db" in name) == ("dB" in unit)


def test_a_recording_tells_its_attenuation_with_an_interval(measured: Measured) -> None:
    found = measured.values["attenuation_db_cm_mhz"]
    assert measured.usable
    # one interval of 95 % in twenty misses; three standard errors are missed by one in some hundreds
    assert abs(found.value - LIVER.attenuation_db_cm_mhz) < 3 * found.standard_error < 0.15
    assert f"Attenuation: {found.value:.3f} ({found.low:.3f} to {found.high:.3f}) dB/cm/MHz" in "\n".join(
        lines(measured)
    )


@pytest.mark.parametrize("probe", [SMALL, NARROW, LINEAR], ids=lambda probe: str(probe.name))
def test_spectra_peak_in_the_band_of_the_transducer(probe: Any) -> None:
    found = looked_at(recorded(probe=probe, seed=1))
    low, high = (probe.fc_mhz * (1 + side * probe.bandwidth / 2) for side in (-1, 1))
    assert len(found.spectra) == 3
    for one in found.spectra:
        assert one.peak_mhz is not None
        assert low <= one.peak_mhz <= high
        assert one.noise_db.max() < one.level_db.max() <= 1e-9


def test_the_page_is_a_picture_of_the_same_bytes_each_time(measured: Measured, tmp_path: Path) -> None:
    one, two = (recording_page(measured, tmp_path / name).read_bytes() for name in ("1.png", "2.png"))
    assert one == two
    assert imread(tmp_path / "1.png").shape[1] == 1352
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.png", "2.png"]


def test_neither_page_nor_text_nor_document_tells_who_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = {"subject": "DOE^JANE", "site": "Elsewhere", "view": "of 1970-01-01", "remark": "born in May"}
    found = looked_at(simulated(**secret, device="US A"))
    drawn: list[str] = []
    text = hepar.report.sheet.Canvas.text

    def heard(canvas: Any, left: float, top: float, said: str, **style: Any) -> None:
        drawn.append(said)
        text(canvas, left, top, said, **style)

    monkeypatch.setattr(hepar.report.sheet.Canvas, "text", heard)
    content = recording_page(found, tmp_path / "DOE.png").read_bytes()
    told = "\n".join([*drawn, *lines(found), json.dumps(facts(found))]).encode() + content
    assert b"liver" in told
    for word in (b"DOE", b"Elsewhere", b"1970-01-01", b"born in May", b"SIM-PHANTOM", b"SIMULATED"):
        assert word not in told


def test_simulated_is_said_where_the_recording_says_it(measured: Measured) -> None:
    assert lines(measured)[0].startswith("SIMULATED")
    assert facts(measured)["simulated"]
    assert not looked_at(simulated(remark="", device="US A")).simulated


def test_a_clipped_recording_has_a_page_with_reasons_and_no_number(typed: Typed, tmp_path: Path) -> None:
    loud = (recorded(LIVER).rf.astype(np.int32) * 1000).clip(-32767, 32767).astype(np.int16)
    path = stored(replace(recorded(LIVER), rf=loud, regions={"liver": BOX}), tmp_path)
    status, out, _ = typed(path, "-o", "out.png", "--json", "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert status == 1
    assert "Cannot be measured: liver" in out
    assert "refuse: clipped" in out
    assert (found["usable"], found["parameters"]) == (False, {})
    assert imread(tmp_path / "out.png").ndim == 3


def test_the_command_writes_page_and_document_and_says_where(
    typed: Typed, liver: RfFrames, phantom: Phantom, tmp_path: Path
) -> None:
    path, beside = stored(liver, tmp_path), stored(phantom.frames, tmp_path, "phantom.h5")
    status, out, err = typed(path, "--phantom", beside, "-o", "new/page.png", "--json", "new/facts.json")
    found = json.loads((tmp_path / "new" / "facts.json").read_text())
    assert (status, err) == (0, "")
    assert "page: new/page.png" in out
    assert "taken for the simulator's reference: 0.5 dB/cm/MHz" in out
    assert found["parameters"]["attenuation_db_cm_mhz"]["unit"] == "dB/cm/MHz"
    assert found["region"] == {"name": "liver", "depth_mm": [12.0, 42.0], "lines": [0, 23]}
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"page.png", "facts.json"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--region", "spleen"], "no region 'spleen'; Allowed: liver"),
        (["--region", "liver", "--lines", "2", "9"], "give one or the other"),
        (["--depth", "20", "400"], "reaches out of the frame: lines 0 to 23"),
        (["--lines", "10", "80"], "reaches out of the frame: lines 0 to 23"),
        (["--depth", "40", "20"], "give two rising depths in mm"),
        (["--depth", "nan", "20"], "give two rising depths in mm"),
        (["--lines", "9", "3"], "count lines from 0, the first one first"),
        (["-o", "page.jpg"], "give a name that ends in .png"),
        (["--json", "clip.h5"], "give a name that ends in .json"),
        (["-o", "clip.h5/page.png"], "cannot be written"),
        (["--json", "clip.h5/facts.json"], "cannot be written"),
        (["--path-attenuation", "0.6"], "no phantom; give its recording too"),
        (["--phantom", "none.h5"], "none.h5"),
        (["--settings", "none.yaml"], "settings are given, but the file tells all of it itself"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence_and_nothing_is_written(
    arguments: list[str], told: str, typed: Typed, liver: RfFrames, tmp_path: Path
) -> None:
    stored(liver, tmp_path)
    status, _, err = typed("clip.h5", *arguments)
    assert status == 2
    assert err.startswith("error: ")
    assert told in err
    assert [path.name for path in tmp_path.iterdir()] == ["clip.h5"]


def test_a_picture_a_truncated_file_and_a_folder_are_refused(
    typed: Typed, liver: RfFrames, tmp_path: Path
) -> None:
    imsave(tmp_path / "bmode.png", np.zeros((8, 8)))
    whole = stored(liver, tmp_path).read_bytes()
    (tmp_path / "clip.h5").write_bytes(whole[: len(whole) // 2])
    before = sorted(path.name for path in tmp_path.iterdir())
    for name, told in (("bmode.png", "is a PNG picture"), ("clip.h5", "clip.h5"), (".", "is a folder")):
        status, _, err = typed(name, "-o", "page-of-it.png")
        assert status == 2
        assert told in err
        assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_phantom_of_another_preset_forbids_numbers(liver: RfFrames) -> None:
    other = Phantom(recorded(probe=replace(SMALL, fc_mhz=3.0)), 0.5, 40.0)
    found = looked_at(liver, phantom=other)
    assert not found.usable
    assert not found.values
    assert any("not recorded as the recording was: fc_mhz 3.5 against 3" in line for line in lines(found))


def test_a_saturated_phantom_forbids_numbers(liver: RfFrames, phantom: Phantom) -> None:
    loud = np.clip(phantom.frames.rf.astype(np.int64) * 40, -3000, 3000).astype(np.int16)
    found = looked_at(liver, phantom=replace(phantom, frames=replace(phantom.frames, rf=loud)))
    assert not found.usable
    assert not found.values
    assert any("the reference phantom: " in line and "clipped" in line for line in lines(found))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"phantom_attenuation": 50.0}, "in dB/cm/MHz, above 0 and at most 3"),
        ({"phantom_attenuation": 0.5, "phantom_diameter_um": 0.0}, "in um, above 1 and at most 500"),
        ({"phantom_attenuation": 0.5, "phantom_diameter_um": 0.04}, "in um, above 1 and at most 500"),
        ({"phantom_diameter_um": 0.0}, "in um, above 1 and at most 500"),
        ({"path_attenuation": 30.0}, "give 0 to 3 dB/cm/MHz"),
    ],
)
def test_properties_in_another_unit_or_of_nothing_are_refused(
    given: dict[str, Any], told: str, liver: RfFrames, phantom: Phantom, tmp_path: Path
) -> None:
    path, beside = stored(liver, tmp_path), stored(phantom.frames, tmp_path, "phantom.h5")
    with pytest.raises(ProtocolError, match=told):
        recording(path, phantom=beside, **given)


def test_a_recording_is_no_phantom_of_itself(liver: RfFrames, tmp_path: Path) -> None:
    path = stored(liver, tmp_path)
    (tmp_path / "other.h5").symlink_to(path)
    with pytest.raises(ProtocolError, match="the phantom is the recording itself"):
        recording(path, phantom=tmp_path / "other.h5")


def test_a_code_page_without_a_minus_gets_a_plain_one(
    liver: RfFrames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(liver, tmp_path)
    out = tmp_path / "told.txt"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["hepar", "recording", "clip.h5"])
    with out.open("w", encoding="cp1252") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        with pytest.raises(SystemExit) as stopped:
            main()
    assert stopped.value.code == 0
    told = out.read_text(encoding="cp1252")
    assert "Homodyned K U: -" in told
    assert "mm/µs" in told
    assert "?" not in told


def test_a_real_phantom_is_asked_for_its_attenuation_and_lacks_what_needs_its_diameter(
    liver: RfFrames, phantom: Phantom, tmp_path: Path
) -> None:
    path = stored(replace(liver, device="", remark=""), tmp_path)
    beside = stored(replace(phantom.frames, device="", remark=""), tmp_path, "phantom.h5")
    with pytest.raises(ProtocolError, match="data sheet in dB/cm/MHz with --phantom-attenuation"):
        recording(path, phantom=beside)
    found = recording(path, phantom=beside, phantom_attenuation=0.5)
    assert "attenuation_db_cm_mhz" in found.values
    assert found.reasons["diameter_um"] == "the diameter of the phantom's scatterers was not given"


def test_time_gain_that_is_unknown_leaves_the_slope_that_needs_none(
    liver: RfFrames, phantom: Phantom
) -> None:
    found = looked_at(replace(liver, tgc_db=None), phantom=phantom)
    assert found.usable
    assert found.method == "gain_free"
    assert "attenuation_gain_free_db_cm_mhz" in {*found.values, *found.reasons}
    assert "time gain" in found.reasons["attenuation_db_cm_mhz"]
    assert "attenuation_db_cm_mhz" not in found.values
    assert found.maps is None or "midband_db" not in found.maps.values


def test_an_acquisition_that_cannot_tell_attenuation_does_not_tell_it() -> None:
    found = looked_at(recorded(probe=NARROW, seed=2))
    assert "attenuation_shift_db_cm_mhz" not in found.values
    assert "cannot measure attenuation by spectral shift" in "\n".join(lines(found))
    assert verdict(found).startswith("Can be measured, but not its attenuation")
    assert "nakagami_m" in found.values


def test_attenuation_below_zero_is_no_value(liver: RfFrames) -> None:
    """Depth turned around, so that echoes gain high frequencies on their way down."""
    turned = replace(
        liver, rf=np.ascontiguousarray(liver.without_gain()[..., ::-1]), tgc_db=None, gain_db=None
    )
    found = looked_at(turned, Place(depth_mm=(5.0, 48.0)))
    assert "attenuation_shift_db_cm_mhz" not in found.values
    assert "lies below 0, which no tissue has" in found.reasons["attenuation_shift_db_cm_mhz"]


def test_a_single_line_has_a_page_but_no_interval_and_so_no_number(tmp_path: Path) -> None:
    one = simulated()
    one = replace(
        one,
        rf=one.rf[:, :1],
        line_angle_deg=one.line_angle_deg[:1],
        line_origin_mm=one.line_origin_mm[:1],
        regions={},
    )
    found = looked_at(one)
    assert not found.usable
    assert not found.values
    assert "few lines: the region has 1 line;" in "\n".join(lines(found))
    assert imread(recording_page(found, tmp_path / "line.png")).ndim == 3


def test_a_recording_too_short_for_a_window_is_said_to_be(tmp_path: Path) -> None:
    short = recorded(LIVER)
    short = replace(short, rf=short.rf[..., :60], tgc_db=None, regions={})
    found = looked_at(short)
    assert not found.usable
    assert "has no room for a window" in "\n".join(lines(found))
    assert imread(recording_page(found, tmp_path / "short.png")).ndim == 3


def test_a_frame_without_a_region_is_taken_whole_and_that_is_doubted(liver: RfFrames) -> None:
    found = looked_at(replace(liver, regions={}))
    assert found.whole
    assert found.box == liver.whole()
    assert any(problem.name == "no region" for problem in found.problems)


def test_liver_is_taken_where_several_regions_are_marked_and_none_is_named(liver: RfFrames) -> None:
    several = replace(liver, regions={"lesion": Box((20.0, 30.0), (4, 12)), "liver": BOX})
    name, box, said = Place().found(several)
    assert (name, box) == ("liver", BOX)
    assert "others are lesion" in said
    assert Place("lesion").found(several)[1] == several.regions["lesion"]


def test_of_a_long_clip_frames_are_looked_at_that_are_spread_over_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    clip = replace(
        recorded(LIVER),
        rf=rng.integers(-99, 99, (9, 24, 1300)).astype(np.int16),
        frame_times_ms=np.arange(9) * 40.0,
    )
    found = read(stored(clip, tmp_path), most_bytes=3 * clip.rf[0].nbytes)
    assert found.clip_frames == 9
    np.testing.assert_array_equal(found.frames.rf, clip.rf[[0, 4, 8]])
    assert found.frames.frame_times_ms is not None
    np.testing.assert_array_equal(found.frames.frame_times_ms, [0, 160, 320])
    assert "  Frames             9 (3 of them looked at), 0.32 s from the first to the last" in lines(
        measure(found)
    )


def test_channel_data_are_beamformed_and_that_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "channels.hdf5", "w") as file:
        group = file.create_group("US/US_DATASET0000")
        group["data/real"] = rng.standard_normal((1, 16, 500)).astype(np.float32)
        group["data/imag"] = np.zeros((1, 16, 500), dtype=np.float32)
        across = (np.arange(16) - 7.5) * 3e-4
        group["probe_geometry"] = np.stack([across, 0 * across, 0 * across])
        group["angles"], group["initial_time"], group["PRF"] = [0.0], [0.0], [100.0]
        group["sampling_frequency"], group["sound_speed"] = [25e6], [1540.0]
        group["modulation_frequency"] = [0.0]
    settings = tmp_path / "how.yaml"
    settings.write_text("fc_mhz: 5.0\n")
    found = recording(tmp_path / "channels.hdf5", settings=settings)
    assert found.reading.beamformed
    assert any("beamformed by delay and sum with its defaults" in line for line in lines(found))


def test_outlines_run_along_the_lines_in_mm(liver: RfFrames) -> None:
    corners = outline_mm(liver, Box((12.0, 42.0), (0, 23)))
    across, down = SMALL.place_mm(np.array([0, 0, 23, 23], dtype=np.float32), np.array([12, 42, 12, 42.0]))
    for place in zip(across, down, strict=True):
        assert np.hypot(*(corners - place).T).min() < 0.02  # origins and angles are stored as float32


def test_maps_lie_where_they_were_measured(liver: RfFrames) -> None:
    depth = np.linspace(2.0, 48.0, 24)
    line = np.arange(2.0, 22.0, 4.0)
    values = np.repeat(depth[:, None], line.size, axis=1).astype(np.float32)
    values[5] = np.nan
    picture = picture_of(liver)
    (layer,) = layers_of(picture, Maps({"nakagami_m": values}, depth, line, line), box=BOX)
    assert picture.shown is not None
    column = layer.pixels[:, layer.pixels.shape[1] // 2]
    down = picture.shown.z_mm + np.arange(column.size) * picture.shown.mm_per_px
    inside = np.isfinite(column)
    np.testing.assert_allclose(column[inside], down[inside], atol=0.05)  # half a pixel off the axis
    assert not np.isfinite(column[np.abs(down - depth[5]) < 1.5]).any()
    assert layer.ends == pytest.approx(np.nanpercentile(values[(depth >= 12) & (depth <= 42)], [2, 98]))


def test_a_value_that_is_not_finite_is_none_in_the_document(measured: Measured) -> None:
    odd = replace(measured, values={"hk_k": Estimate(1.0, float("-inf"), float("inf"), float("nan"))})
    assert json.dumps(facts(odd), allow_nan=False)
    assert facts(odd)["parameters"]["hk_k"] == {
        "value": 1.0, "low": None, "high": None, "standard_error": None, "unit": "",
    }  # fmt: skip


def test_a_region_of_python_is_refused_as_on_the_command_line(liver: RfFrames) -> None:
    with pytest.raises(DataError, match="reaches out of the frame"):
        looked_at(liver, Place(lines=(0, 24)))
