"""Captures of Clarius scanners: depth, lines and time gain as they were; everything else is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import raw_recordings as raw
from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.counts import counts_of
from hepar.io.ultrasound import read_recording

PROBE = "probe: {version: C3, elements: 192, pitch: 300 um, radius: 45 mm}\nvsound: 1540 m/s\n"


def test_depth_lines_and_frequency_are_those_of_the_description(tmp_path: Path) -> None:
    found = read_recording(raw.clarius(tmp_path, raw.echoes()), settings=raw.CLARIUS)
    assert (found.fs_mhz, found.fc_mhz, found.geometry, found.rf.dtype.name) == (15.0, 2.5, "linear", "int16")
    assert found.start_mm == pytest.approx(30 * 1.54 / 30)  # delay samples, there and back
    across = (np.arange(90, 94) - 95.5) * 0.3
    np.testing.assert_allclose(found.line_origin_mm, np.stack([across, np.zeros(4)], axis=1))
    np.testing.assert_array_equal(found.line_angle_deg, np.zeros(4))
    assert found.more == {"focus_mm": 60.0, "imaging_depth_mm": 100.0}


def test_a_convex_probe_has_its_lines_along_radii(tmp_path: Path) -> None:
    found = read_recording(raw.clarius(tmp_path, raw.echoes(), extra=PROBE))
    assert (found.geometry, found.radius_mm, found.c_mm_us, found.device) == (
        "convex",
        45.0,
        1.54,
        "Clarius C3",
    )
    arc = (np.arange(90, 94) - 95.5) * 0.3 / 45
    np.testing.assert_allclose(found.line_angle_deg, np.degrees(arc))
    np.testing.assert_allclose(found.line_origin_mm[:, 0], 45 * np.sin(arc))
    np.testing.assert_allclose(found.line_origin_mm[:, 1], 45 * np.cos(arc) - 45)


def test_what_the_description_leaves_out_is_asked_for_at_once(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes())
    with pytest.raises(DataError) as refused:
        read_recording(path)
    for key in ("c_mm_us", "geometry", "elements", "element_pitch_mm"):
        assert f"\n  {key}: " in str(refused.value)
    assert "a_rf.settings.yaml" in str(refused.value)
    raw.described(path, ".settings.yaml", **{**raw.CLARIUS, "geometry": "convex"})
    with pytest.raises(DataError, match="radius_mm: radius of the convex probe"):
        read_recording(path)


def test_time_gain_is_the_nominal_curve_where_the_scanner_wrote_no_other(tmp_path: Path) -> None:
    found = read_recording(raw.clarius(tmp_path, raw.echoes()), settings=raw.CLARIUS)
    assert found.tgc_db is not None
    np.testing.assert_allclose(found.tgc_db, 20 + found.depth_mm)
    newer = "\n  - { 0.00mm, 20.00dB }\n  - { 10.00mm, 30.00dB }"
    listed = read_recording(raw.clarius(tmp_path, raw.echoes(), name="b_rf", tgc=newer), settings=raw.CLARIUS)
    assert listed.tgc_db is not None
    np.testing.assert_array_equal(listed.tgc_db, found.tgc_db)


def test_time_gain_that_is_told_nowhere_stays_unknown(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes(), tgc="")
    assert read_recording(path, settings=raw.CLARIUS).tgc_db is None
    path.with_suffix(".tgc").write_text("frames: 3\n\ntimestamp: 1000000000 \ntimestamp: 1050000000 \n")
    assert read_recording(path, settings=raw.CLARIUS).tgc_db is None


@pytest.mark.parametrize("name", ["a_rf.tgc", "a_rf.tgc.yml", "a_env.tgc.yaml"])
def test_frames_of_different_time_gain_are_brought_to_that_of_the_first(name: str, tmp_path: Path) -> None:
    """The second curve is told 5 ms before its frame and stays in force, as the automatic gain changes it."""
    path = raw.clarius(tmp_path, raw.echoes())
    lines = (
        "1000000000 { 5.00mm, 10.00dB }{ 15.00mm, 20.00dB }",
        "1045000000 { 5.00mm, 16.00dB }{ 15.00mm, 26.00dB }",
    )
    (tmp_path / name).write_text("".join(f"timestamp: {line}\n" for line in lines))
    found = read_recording(path, settings=raw.CLARIUS)
    assert found.rf.dtype == np.float32
    assert found.tgc_db is not None
    np.testing.assert_allclose(found.tgc_db, np.interp(found.depth_mm, [5, 15], [10, 20]))
    np.testing.assert_array_equal(found.rf[0], raw.echoes()[0])
    np.testing.assert_allclose(found.rf[1:], raw.echoes()[1:] * 10 ** (-6 / 20), rtol=1e-6)  # float32


def test_clipping_is_still_seen_where_frames_were_brought_to_one_time_gain(tmp_path: Path) -> None:
    """Scaled by a gain that changes over depth, clipped samples would no longer be runs of one number."""
    rf = raw.echoes()
    rf[1, 2, 10:14], rf[2, 1, 30:33] = 32767, -32768
    path = raw.clarius(tmp_path, rf)
    lines = (
        "1000000000 { 0.00mm, 10.00dB }{ 5.00mm, 20.00dB }",
        "1045000000 { 0.00mm, 16.00dB }{ 5.00mm, 17.00dB }",
    )
    path.with_suffix(".tgc").write_text("".join(f"timestamp: {line}\n" for line in lines))
    found = read_recording(path, settings=raw.CLARIUS)
    assert counts_of(found, box=found.whole()).clipped == pytest.approx(7 / rf.size)
    others = np.abs(found.rf[np.abs(rf.astype(int)) < 32767])
    assert others.max() < np.abs(found.rf[1, 2, 10])


def test_one_curve_for_all_frames_leaves_the_counts_as_they_are(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes())
    path.with_suffix(".tgc").write_text("timestamp: 1000000000 { 5.00mm, 10.00dB }{ 15.00mm, 20.00dB }\n")
    found = read_recording(path, settings=raw.CLARIUS)
    assert found.rf.dtype == np.int16
    assert found.tgc_db is not None
    assert found.tgc_db[0] == 10.0


def test_what_the_user_states_stands_over_the_file(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes(), extra=PROBE)
    found = read_recording(path, settings={"time_gain": "none applied", "c_mm_us": 1.5, "device": "C3 no. 2"})
    assert (found.tgc_db is not None and found.tgc_db.any(), found.c_mm_us, found.device) == (
        False,
        1.5,
        "C3 no. 2",
    )
    with pytest.raises(ProtocolError, match="dtype is given, but the scanner's own files tell it"):
        read_recording(path, settings={"dtype": "int16"})


@pytest.mark.parametrize(
    ("name", "kind", "size", "what"),
    [
        ("a_rf", "IQ", 2, "holds IQ data"),
        ("a_rf", "RF", 4, "holds IQ data"),
        ("a_iq", "RF", 2, "holds IQ data"),
        ("a_env", "B pre-scan", 1, "holds an envelope"),
        ("a_rf", "B pre-scan", 2, "holds an envelope"),
        ("a_rf", "PW", 2, "does not call RF"),
    ],
)
def test_iq_and_envelopes_are_refused_under_whatever_name(
    name: str, kind: str, size: int, what: str, tmp_path: Path
) -> None:
    content = np.random.default_rng(0).integers(0, 255, (3, 4, 50 * size)).astype(np.uint8)
    rf = raw.echoes()
    raw_bytes = bytearray(raw.clarius_raw(content, size=size))
    raw_bytes[12:16] = np.uint32(50).tobytes()
    path = raw.clarius(tmp_path, rf, name=name, raw=bytes(raw_bytes), kind=kind)
    with pytest.raises(DataError, match=what):
        read_recording(path, settings=raw.CLARIUS)


def test_counts_that_contradict_the_file_are_refused(tmp_path: Path) -> None:
    rf = raw.echoes()
    path = raw.clarius(tmp_path, rf)
    path.write_bytes(raw.clarius_raw(rf)[:-1])
    with pytest.raises(DataError, match="need 1,244 bytes, and there are 1,243"):
        read_recording(path, settings=raw.CLARIUS)
    path.write_bytes(raw.clarius_raw(rf[:2]))
    with pytest.raises(DataError, match="has 2 frames, its description says 3"):
        read_recording(path, settings=raw.CLARIUS)
    path.write_bytes(raw.clarius_raw(rf[:0]))
    with pytest.raises(DataError, match="declares 0 frames of 4 lines"):
        read_recording(path, settings=raw.CLARIUS)


def test_a_sampling_rate_that_cannot_be_is_refused(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes())
    with pytest.raises(DataError, match=r"a_rf\.raw: a centre frequency of 2\.5 MHz sampled at 4 MHz"):
        read_recording(path, settings={**raw.CLARIUS, "fs_mhz": 4.0})


def test_a_damaged_point_of_time_gain_is_not_passed_over(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes())
    path.with_suffix(".tgc").write_text("timestamp: 1000000000 { 5.00mm, 10.00dB }{ 15..0mm, 20.00dB }\n")
    with pytest.raises(DataError, match="the time gain of a frame is damaged"):
        read_recording(path, settings=raw.CLARIUS)


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (("lines:\n", "nothing:\n"), "does not list its lines"),
        (("rx element: 90", "tx: 90"), "a line without 'rx element'"),
        (("15 MHz", "fast"), "has 'fast' where a number is expected"),
        (("15 MHz", ". MHz"), "has '. MHz' where a number is expected"),
        (("10.00mm", "10..0mm"), "a table of time gain that is damaged"),
        (("frames: 3", "frames: [3"), "is damaged or not a scanner's"),
        (("number of lines: 4", "number of lines: 5"), "declares 5 lines and lists 4"),
    ],
)
def test_a_damaged_description_is_refused(damage: tuple[str, str], what: str, tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes())
    text = path.with_suffix(".yml").read_text(encoding="utf-8")
    path.with_suffix(".yml").write_text(text.replace(*damage, 1), encoding="utf-8")
    with pytest.raises(DataError, match=what):
        read_recording(path, settings=raw.CLARIUS)


def test_a_number_whose_unit_is_not_told_is_asked_for(tmp_path: Path) -> None:
    path = raw.clarius(tmp_path, raw.echoes(), extra=PROBE.replace("300 um", "300"))
    with pytest.raises(DataError, match="element_pitch_mm: distance of its elements"):
        read_recording(path)


def packed(rf: Any, *, name: str = "a_rf", **extra: bytes) -> dict[str, bytes]:
    yml = raw.clarius_yml(rf, extra=PROBE).encode()
    return {f"{name}.raw.lzo": raw.lzop(raw.clarius_raw(rf)), f"{name}.yml": yml, **extra}


def test_a_tar_file_is_read_without_unpacking_it(tmp_path: Path) -> None:
    rf = raw.echoes()
    gain = b"timestamp: 1000000000 { 5.00mm, 11.00dB }{ 15.00mm, 20.00dB }\n"
    other = {"a_env.raw.lzo": b"x", "a_env.yml": b"y", "a_env.tgc": gain}
    path = raw.tar(tmp_path / "capture.tar", {**packed(rf), **other})
    found = read_recording(path)
    np.testing.assert_array_equal(found.rf, rf)
    assert found.tgc_db is not None
    assert found.tgc_db[0] == 11.0
    assert [file.name for file in tmp_path.iterdir()] == ["capture.tar"]


@pytest.mark.parametrize("name", ["../a_rf.raw", "/etc/a_rf.raw", "b/../../a_rf.raw"])
def test_names_that_lead_out_of_a_tar_file_are_refused(name: str, tmp_path: Path) -> None:
    path = raw.tar(tmp_path / "capture.tar", {**packed(raw.echoes()), name: b"x"})
    with pytest.raises(DataError, match="leads out of its folder"):
        read_recording(path)
    assert [file.name for file in tmp_path.iterdir()] == ["capture.tar"]


def test_a_tar_file_without_one_recording_of_radio_frequency_is_refused(tmp_path: Path) -> None:
    path = raw.tar(tmp_path / "capture.tar", packed(raw.echoes(), name="a_iq"))
    with pytest.raises(DataError, match=r"holds 0 recordings of radio frequency.*those of iq"):
        read_recording(path)
    raw.tar(path, {**packed(raw.echoes()), **packed(raw.echoes(), name="b_rf")})
    with pytest.raises(DataError, match="holds 2 recordings"):
        read_recording(path)
    raw.tar(path, {"a_rf.raw": raw.clarius_raw(raw.echoes())})
    with pytest.raises(DataError, match=r"description a_rf\.yml is missing"):
        read_recording(path)


def test_a_truncated_tar_file_is_refused(tmp_path: Path) -> None:
    path = raw.tar(tmp_path / "capture.tar", {**packed(raw.echoes()), "rest": bytes(9000)})
    content = path.read_bytes()
    for size in (300, 700, 6000):
        path.write_bytes(content[:size])
        with pytest.raises(DataError, match=r"capture\.tar"):
            read_recording(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    content = bytes(40 << 20)
    bomb = {**packed(raw.echoes()), "a_rf.raw.lzo": raw.lzop(content, block=4 << 20)}
    path = raw.tar(tmp_path / "capture.tar", bomb)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(DataError, match="more than echoes can"):
        read_recording(path)
