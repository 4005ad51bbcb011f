"""Pictures of a table are read whatever they are stored as, and refused where they cannot be."""

import datetime as dt
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.imaging.likeness import exact_digest
from hepar.io.pictures import read_stored

image = pytest.importorskip("PIL.Image")
PIXELS = np.arange(48 * 40, dtype=np.uint16).reshape(48, 40)


def digest(path: Path) -> str:
    content = read_stored(path).content
    assert not isinstance(content, Volume)
    return exact_digest(content)


def test_the_same_pixels_have_one_digest_in_every_lossless_file(tmp_path: Path) -> None:
    grey = image.fromarray((PIXELS % 251).astype(np.uint8))
    grey.save(tmp_path / "a.png")
    grey.convert("RGB").save(tmp_path / "b.bmp")
    grey.convert("RGBA").save(tmp_path / "c.png")
    grey.save(tmp_path / "d.tif")
    grey.save(tmp_path / "e.PNG", compress_level=0)
    assert len({digest(tmp_path / name) for name in ("a.png", "b.bmp", "c.png", "d.tif", "e.PNG")}) == 1


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    image.fromarray(PIXELS).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(read_stored(tmp_path / "deep.png").content, PIXELS)


def test_facts_tell_how_it_was_stored(tmp_path: Path) -> None:
    image.fromarray(PIXELS.astype(np.uint8)).save(tmp_path / "a.jpg", quality=50, dpi=(96, 96))
    facts = read_stored(tmp_path / "a.jpg").facts
    assert facts["format"] == "JPEG"
    assert (facts["width, pixels"], facts["height, pixels"], facts["pixels per inch"]) == (40.0, 48.0, 96.0)
    assert float(str(facts["JPEG quantisation"])) > 0


def test_dicom_is_read_with_its_day_and_without_names(tmp_path: Path) -> None:
    samples = pytest.importorskip("dicom_samples")
    folder = tmp_path / "ct"
    samples.write_ct(folder)
    file = sorted(folder.iterdir())[0]
    stored = read_stored(file)
    assert stored.facts["format"] == "DICOM"
    assert stored.facts["modality"] == "CT"
    assert all(isinstance(value, dt.date) for name, value in stored.facts.items() if name == "acquired")
    assert isinstance(read_stored(folder).content, Volume)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0", "cannot be decoded"),
        ("empty.jpg", b"", "is empty"),
        ("text.png", b"no picture", "cannot be decoded"),
        ("nothing", b"no picture at all", "DICOM"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_stored(tmp_path / name)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    image.fromarray(PIXELS.astype(np.uint8)).save(tmp_path / "bomb.png")
    content = bytearray((tmp_path / "bomb.png").read_bytes())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(DataError, match=r"bomb\.png: (has 3,600,000,000 pixels|cannot be decoded)"):
        read_stored(tmp_path / "bomb.png")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_stored(tmp_path / "absent.png")


def test_a_palette_with_opacity_is_no_reason_not_to_read_a_picture(tmp_path: Path) -> None:
    grey = image.fromarray((PIXELS % 7).astype(np.uint8), "L").convert("P")
    grey.save(tmp_path / "p.png", transparency=bytes(range(0, 250, 2)))
    assert read_stored(tmp_path / "p.png").facts["number type"] == "P"
