"""How a recording was acquired: lines, time gain, times and units, as described; what contradicts itself is refused."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import raw_recordings as raw
from hepar.core.errors import DataError, HeparError, ProtocolError
from hepar.imaging.ultrasound.frames import RfFrames
from hepar.io.ultrasound import read_recording
from hepar.io.ultrasound.settings import Recording


def read(folder: Path, **change: Any) -> RfFrames:
    np.save(folder / "a.npy", raw.echoes())
    keys = {"axes": ["frame", "line", "sample"], **raw.LINEAR, **change}
    return read_recording(
        folder / "a.npy", settings={key: value for key, value in keys.items() if value is not None}
    )


def test_a_convex_probe_has_its_lines_along_the_radii_of_its_arc(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        geometry="convex",
        radius_mm=50.0,
        line_angle_deg={"first": -30.0, "last": 30.0},
        line_across_mm=None,
    )
    angle = np.radians(np.linspace(-30, 30, raw.LINES))
    np.testing.assert_allclose(np.degrees(angle), found.line_angle_deg)
    np.testing.assert_allclose(
        found.line_origin_mm, np.stack([50 * np.sin(angle), 50 * np.cos(angle) - 50], axis=1)
    )
    assert found.radius_mm == 50.0


def test_a_phased_array_has_its_lines_from_one_point(tmp_path: Path) -> None:
    found = read(tmp_path, geometry="phased", line_angle_deg=[-40, -10, 10, 40], line_across_mm=None)
    np.testing.assert_array_equal(found.line_angle_deg, [-40, -10, 10, 40])
    assert not found.line_origin_mm.any()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("none applied", lambda depth: 0 * depth),
        ({"slope_db_cm": 3.0}, lambda depth: 0.3 * depth),
        ({"slope_db_cm": 3.0, "from_mm": 3.0}, lambda depth: 0.3 * np.maximum(depth - 3, 0)),
        ({"depth_mm": [2.5, 3.5], "gain_db": [10, 20]}, lambda depth: np.clip(10 * depth - 15, 10, 20)),
        ({"samples_db": list(range(raw.SAMPLES))}, lambda depth: np.arange(raw.SAMPLES)),
    ],
)
def test_time_gain_is_what_is_said_of_it(given: Any, expected: Any, tmp_path: Path) -> None:
    found = read(tmp_path, time_gain=given)
    assert found.tgc_db is not None
    np.testing.assert_allclose(
        found.tgc_db, expected(found.depth_mm), atol=1e-12
    )  # gain 0 is met to rounding


def test_time_gain_that_nobody_knows_stays_unknown(tmp_path: Path) -> None:
    assert read(tmp_path, time_gain="unknown").tgc_db is None


def test_times_are_given_each_or_by_a_rate_or_not_at_all(tmp_path: Path) -> None:
    assert read(tmp_path).frame_times_ms is None
    np.testing.assert_array_equal(read(tmp_path, frame_rate_hz=25.0).frame_times_ms, [0, 40, 80])
    np.testing.assert_array_equal(read(tmp_path, frame_times_ms=[0, 41, 79]).frame_times_ms, [0, 41, 79])


def test_texts_numbers_and_boxes_are_carried_over(tmp_path: Path) -> None:
    box = {"depth_mm": [2.5, 3.5], "lines": [0, 3]}
    found = read(
        tmp_path, device="X", preset="abdomen", view="1", site="S", remark="r", bandwidth=0.6, gain_db=2.0, scale=0.1,
        regions={"liver": box}, more={"focus_mm": 60.0},
    )  # fmt: skip
    assert (found.device, found.preset, found.view, found.site, found.remark) == (
        "X",
        "abdomen",
        "1",
        "S",
        "r",
    )
    assert (found.bandwidth, found.gain_db, found.scale, found.more) == (0.6, 2.0, 0.1, {"focus_mm": 60.0})
    assert found.region("liver").lines == (0, 3)


@pytest.mark.parametrize(
    ("change", "error", "what"),
    [
        ({"fs_mhz": 9.0}, DataError, r"a\.npy: a centre frequency of 5 MHz sampled at 9 MHz is no radio frequency"),
        ({"fs_mhz": 0.0}, DataError, "fs_mhz is 0.0; give a number above 0"),
        ({"fs_mhz": -20.0}, DataError, "fs_mhz is -20.0"),
        ({"fs_mhz": float("nan")}, ProtocolError, "fs_mhz.*finite number"),
        ({"fs": 20.0}, ProtocolError, "fs: unknown key 'fs'; Allowed: .*fs_mhz"),
        ({"time_gain": "none"}, ProtocolError, "time_gain"),
        ({"time_gain": {"slope": 3.0}}, ProtocolError, "time_gain"),
        ({"time_gain": {"depth_mm": [1, 2], "gain_db": [1]}}, DataError, "has 2 depths and 1 gains"),
        ({"time_gain": {"depth_mm": [2, 1], "gain_db": [1, 2]}}, DataError, "depths rising"),
        ({"time_gain": {"samples_db": [1, 2]}}, DataError, "time_gain has 2 values for 50 samples"),
        ({"line_across_mm": [0.0, 1.0]}, DataError, "line_across_mm has 2 values for 4 lines"),
        ({"frame_times_ms": [0.0]}, DataError, "frame_times_ms has 1 values for 3 frames"),
        ({"frame_times_ms": [0.0, 2.0, 1.0]}, DataError, "frame_times_ms falls somewhere"),
        ({"frame_rate_hz": 0.0}, DataError, "frame_rate_hz is 0"),
        ({"geometry": "curved"}, ProtocolError, "geometry: Input should be 'convex', 'linear' or 'phased'"),
        ({"axes": ["frame", "line"]}, ProtocolError, "name line and sample"),
        ({"axes": ["line", "line", "sample"]}, ProtocolError, "each once"),
        ({"regions": {"liver": {"depth_mm": [2.5, 60], "lines": [0, 1]}}}, DataError, "reaches out of the frame"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    change: dict[str, Any], error: type[HeparError], what: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=what):
        read(tmp_path, **change)


def test_a_key_that_is_none_names_those_that_are(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", raw.echoes())
    raw.described(tmp_path / "a.npy", axes=["frame", "line", "sample"], speed_mm_us=1.54)
    with pytest.raises(
        ProtocolError,
        match=r"a\.yaml is not a valid description(.|\n)*unknown key 'speed_mm_us'.*Allowed:.* c_mm_us",
    ):
        read_recording(tmp_path / "a.npy")


def test_settings_may_be_a_file_of_their_own(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", raw.echoes())
    file = raw.described(tmp_path / "preset", axes=["frame", "line", "sample"], **raw.LINEAR)
    assert read_recording(tmp_path / "a.npy", settings=file).fs_mhz == 20.0


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "how-to" / "read-raw-ultrasound.md").read_text("utf-8")
    cells = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", cells)) == set(Recording.model_fields)
