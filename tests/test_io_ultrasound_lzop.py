"""The container of lzop: any range of what is packed, and nothing of what is damaged."""

import struct
from pathlib import Path

import numpy as np
import pytest

import raw_recordings as raw
from hepar.core.errors import DataError
from hepar.io.ultrasound.lzop import LONGEST_BLOCK, lzop_file

CONTENT = np.repeat(np.random.default_rng(0).integers(0, 255, 500), 5).astype(np.uint8).tobytes()


def test_any_range_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.lzo"
    path.write_bytes(b"before" + raw.lzop(CONTENT) + b"after")
    packed = lzop_file(path, offset=6)
    assert packed.length == len(CONTENT)
    for start, count in ((0, 2500), (0, 10), (399, 2), (400, 400), (1234, 777), (2490, 99)):
        assert packed.read(start, count) == CONTENT[start : start + count]


def test_what_did_not_shrink_is_stored_as_it_is(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, 999).astype(np.uint8).tobytes()
    path = tmp_path / "x.lzo"
    path.write_bytes(raw.lzop(noise))
    assert lzop_file(path).read(0, 999) == noise


def test_every_damaged_byte_of_the_content_is_noticed(tmp_path: Path) -> None:
    whole = raw.lzop(CONTENT)
    path = tmp_path / "x.lzo"
    for at in range(5, len(whole), 37):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        with pytest.raises(DataError, match=r"x\.lzo"):
            lzop_file(path).read(0, len(CONTENT))


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    whole = raw.lzop(CONTENT)
    path = tmp_path / "x.lzo"
    for size in range(1, len(whole), 41):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match="is no lzop file, or ends within one"):
            lzop_file(path)


def test_blocks_that_lie_about_their_length_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.lzo"
    path.write_bytes(raw.lzop(CONTENT, lie=100))
    with pytest.raises(DataError, match="a compressed block is damaged"):
        lzop_file(path).read(0, 10)
    path.write_bytes(raw.lzop(b"")[:-4] + struct.pack(">III", LONGEST_BLOCK + 1, 8, 0) + bytes(12))
    with pytest.raises(DataError, match="is no lzop file"):
        lzop_file(path)
