"""One function for every raw recording: the right reader, blocks in place of the whole, clear refusals."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

import raw_recordings as raw
from hepar.core.errors import DataError, HeparError, ProtocolError
from hepar.imaging.ultrasound.frames import RfFrames
from hepar.io.rf_file import write_rf
from hepar.io.ultrasound import READERS, open_recording, read_recording


def own(folder: Path) -> Path:
    path = folder / "own.h5"
    npy(folder)
    write_rf(read_recording(folder / "array.npy"), path)
    return path


def npy(folder: Path) -> Path:
    path = folder / "array.npy"
    np.save(path, raw.echoes())
    raw.described(path, axes=["frame", "line", "sample"], frame_rate_hz=20.0, **raw.LINEAR)
    return path


def clarius(folder: Path) -> Path:
    path = raw.clarius(folder, raw.echoes())
    raw.described(path, ".settings.yaml", **raw.CLARIUS)
    return path


def packed(folder: Path) -> Path:
    path = folder / "b_rf.raw.lzo"
    path.write_bytes(raw.lzop(raw.clarius_raw(raw.echoes())))
    (folder / "b_rf.yml").write_text(raw.clarius_yml(raw.echoes()), encoding="utf-8")
    raw.described(folder / "b_rf.raw", ".settings.yaml", **raw.CLARIUS)
    return path


def uff(folder: Path) -> Path:
    scan = {"x_axis": np.linspace(-3e-3, 3e-3, raw.LINES), "z_axis": 2e-3 + np.arange(raw.SAMPLES) * 4e-5}
    path = raw.uff(folder / "das.uff", raw.echoes().astype(np.float32), scan)
    raw.described(path, fc_mhz=5.0, c_mm_us=1.54, time_gain="none applied", frame_rate_hz=20.0)
    return path


def matlab_7(folder: Path) -> Path:
    path = folder / "lab.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["RF"] = raw.echoes()  # MATLAB lists sample, line, frame
    content = bytearray(path.read_bytes())
    content[:19] = b"MATLAB 7.3 MAT-file"
    path.write_bytes(content)
    raw.described(path, rf="RF", axes=["sample", "line", "frame"], frame_rate_hz=20.0, **raw.LINEAR)
    return path


FORMATS = (own, npy, clarius, packed, uff, matlab_7)


@pytest.mark.parametrize("make", FORMATS, ids=lambda make: make.__name__)
def test_blocks_are_the_frames_of_the_whole(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    stream, whole = open_recording(path), read_recording(path)
    assert stream.frames == raw.FRAMES
    np.testing.assert_array_equal(whole.rf, raw.echoes())
    blocks = list(stream.blocks(2))
    assert [len(block.rf) for block in blocks] == [2, 1]
    np.testing.assert_array_equal(np.concatenate([block.rf for block in blocks]), whole.rf)
    np.testing.assert_array_equal(
        np.concatenate([block.frame_times_ms for block in blocks]), [0.0, 50.0, 100.0]
    )
    for field in fields(RfFrames):
        if field.name not in ("rf", "frame_times_ms"):
            np.testing.assert_equal(getattr(blocks[1], field.name), getattr(whole, field.name))


@pytest.mark.parametrize("make", FORMATS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_truncated_file_is_refused_by_its_name(
    make: Callable[[Path], Path], share: float, tmp_path: Path
) -> None:
    path = make(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=path.name.replace(".", r"\.")):
        read_recording(path)


def test_the_frames_asked_for_are_there(tmp_path: Path) -> None:
    stream = open_recording(npy(tmp_path))
    np.testing.assert_array_equal(stream.read(1, 2).rf, raw.echoes()[1:2])
    for start, stop in ((2, 2), (-1, 2), (0, 4)):
        with pytest.raises(DataError, match="none of the 3 of the recording"):
            stream.read(start, stop)
    with pytest.raises(DataError, match="a block of 0 frames"):
        next(stream.blocks(0))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "is a PNG picture, a B-mode image"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "is a JPEG picture"),
        (bytes(128) + b"DICM" + bytes(50), "is a DICOM file"),
        (b"\0\0\0\x20ftypisom" + bytes(50), "is a video"),
    ],
)
def test_a_picture_is_no_radio_frequency_whatever_its_name(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "liver.raw"
    path.write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_recording(path)


def test_a_file_that_nothing_reads_gets_told_what_each_reader_lacks(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("P-0815, born 1950")
    with pytest.raises(DataError) as refused:
        read_recording(path)
    assert all(f"  {name}: " in str(refused.value) for name in READERS)
    assert "0815" not in str(refused.value)
    for other, what in ((tmp_path, "is a folder"), (tmp_path / "no.mat", "there is no such file")):
        with pytest.raises(DataError, match=what):
            read_recording(other)


def test_boxes_beside_a_recording_are_its_regions(tmp_path: Path) -> None:
    path = npy(tmp_path)
    raw.described(path, ".regions.yaml", regions={"liver": {"depth_mm": [2.5, 3.5], "lines": [1, 2]}})
    assert read_recording(path).regions["liver"].lines == (1, 2)
    assert open_recording(path).read(0, 1).region("liver").depth_mm == (2.5, 3.5)


@pytest.mark.parametrize(
    ("regions", "error", "what"),
    [
        ({"liver": {"depth_mm": [2.5, 99.0], "lines": [1, 2]}}, DataError, "reaches out of the frame"),
        ({"liver": {"depth_mm": [2.5, 3.5], "lines": [1, 4]}}, DataError, "reaches out of the frame"),
        ({"liver": {"depth_mm": [3.5, 2.5], "lines": [1, 2]}}, DataError, "two rising depths"),
        ({"liver": {"depths": [2.5, 3.5], "lines": [1, 2]}}, ProtocolError, "unknown key 'depths'; did you mean 'depth_mm'"),
    ],
)  # fmt: skip
def test_a_box_that_cannot_be_is_refused(
    regions: object, error: type[HeparError], what: str, tmp_path: Path
) -> None:
    path = npy(tmp_path)
    raw.described(path, ".regions.yaml", regions=regions)
    with pytest.raises(error, match=what):
        open_recording(path)


def test_a_region_told_twice_is_refused(tmp_path: Path) -> None:
    path = npy(tmp_path)
    box = {"liver": {"depth_mm": [2.5, 3.5], "lines": [1, 2]}}
    raw.described(path, axes=["frame", "line", "sample"], regions=box, **raw.LINEAR)
    raw.described(path, ".regions.yaml", regions=box)
    with pytest.raises(DataError, match="region 'liver' is in the recording and in the file beside it"):
        open_recording(path)


def test_the_own_format_needs_no_settings(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="the file tells all of it itself"):
        read_recording(own(tmp_path), settings={"fs_mhz": 40.0})


def test_data_of_channels_become_lines(tmp_path: Path) -> None:
    path = tmp_path / "plane.mat"
    param = {"fs": 20e6, "fc": 5e6, "pitch": 3e-4, "TXdelay": np.zeros(16), "c": 1540.0, "PRF": 1e3}
    echoes = np.random.default_rng(0).integers(-99, 99, (600, 16, 3)).astype(np.int16)
    savemat(path, {"RF": echoes, "param": param})
    stream = open_recording(path)
    found = stream.read()
    assert (found.rf.shape[:2], found.geometry, found.fc_mhz) == ((3, 16), "linear", 5.0)
    np.testing.assert_array_equal(stream.read(1, 2).rf, found.rf[1:2])
    keys = {**raw.LINEAR, "rf": "RF", "axes": ["sample", "line", "frame"]}
    np.testing.assert_array_equal(read_recording(path, settings=keys).rf, echoes.transpose(2, 1, 0))


@pytest.mark.parametrize("make", [npy, clarius, packed])
def test_overwritten_bytes_are_refused_or_read_never_a_traceback(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = make(tmp_path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for at in rng.integers(0, min(len(whole), 300), 40):
        path.write_bytes(whole[:at] + bytes([rng.integers(256)]) + whole[at + 1 :])
        with suppress(HeparError):
            assert read_recording(path).rf.size
