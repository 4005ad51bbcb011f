"""NRRD: spaces, encodings, layers, and headers that say too little or too much."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.io.nrrd_image import nrrd_files, read_layers, read_nrrd

ARRAY = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
HEADER: dict[str, Any] = {
    "space": "left-posterior-superior",
    "space directions": [[0.7, 0, 0], [0, 0.8, 0], [0, 0, 3]],
    "space origin": [-10, 20, 30],
}


def saved(path: Path, array: np.ndarray = ARRAY, **header: Any) -> Path:
    chosen = {**HEADER, **header}
    nrrd.write(str(path), array, {name: value for name, value in chosen.items() if value is not None})
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_nrrd(path)
    assert path.name in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_every_encoding_holds_the_same_volume(tmp_path: Path, encoding: str) -> None:
    volume = read_nrrd(saved(tmp_path / "a.nrrd", encoding=encoding))
    assert np.array_equal(volume.array, ARRAY.T)
    assert volume.array.dtype == np.int16
    assert volume.spacing_mm == pytest.approx((3, 0.8, 0.7))
    assert volume.world_mm((0, 0, 0)) == pytest.approx([-10, 20, 30])
    assert volume.orientation == "SPL"


@pytest.mark.parametrize(
    ("space", "code", "origin"),
    [
        ("left-posterior-superior", "SPL", [-10, 20, 30]),
        ("RAS", "SAR", [10, -20, 30]),
        ("left-anterior-superior", "SAL", [-10, -20, 30]),
    ],
)
def test_every_space_is_taken_to_lps(tmp_path: Path, space: str, code: str, origin: list[float]) -> None:
    volume = read_nrrd(saved(tmp_path / "a.nrrd", space=space))
    assert volume.orientation == code
    assert volume.world_mm((0, 0, 0)) == pytest.approx(origin)


def test_voxels_in_a_file_of_their_own_are_found_beside_the_header(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nhdr")
    assert np.array_equal(read_nrrd(path).array, ARRAY.T)
    assert [file.name for file in nrrd_files(path)] == ["a.nhdr", "a.raw.gz"]
    (tmp_path / "a.raw.gz").unlink()
    with pytest.raises(DataError, match="there is no such file"):
        read_nrrd(path)


def test_layers_are_the_axis_without_a_direction(tmp_path: Path) -> None:
    array = np.arange(48, dtype=np.uint8).reshape(2, 4, 3, 2)
    directions = [[np.nan] * 3, *HEADER["space directions"]]
    path = saved(
        tmp_path / "a.nrrd", array, **{"space directions": directions, "kinds": ["list", *["domain"] * 3]}
    )
    assert np.array_equal(read_layers(path).layers, array.transpose(0, 3, 2, 1))
    assert "is 4-D, with 2 volumes along its axis without a direction" in refused(path)
    assert np.array_equal(read_nrrd(path, frame=1).array, array[1].T)


def _changed(old: bytes, new: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = saved(folder / "a.nrrd", encoding="raw")
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new))
        return path

    return make


def _text(folder: Path) -> Path:
    (folder / "a.nrrd").write_text("hello")
    return folder / "a.nrrd"


def _nan(folder: Path) -> Path:
    return saved(folder / "a.nrrd", np.full((2, 2, 2), np.nan, np.float32))


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no space": (_changed(b"space: left-posterior-superior\n", b"space dimension: 3\n"), "no 'space'"),
    "an unknown space": (
        _changed(b"left-posterior-superior", b"scanner-xyz"),
        "its space is 'scanner-xyz'; allowed",
    ),
    "a gigantic header": (
        _changed(b"sizes: 4 3 2", b"sizes: 40000 30000 20000"),
        "declares 48,000,000,000,000 bytes",
    ),
    "truncated voxels": (
        _changed(b"sizes: 4 3 2", b"sizes: 4 3 9"),
        "declares 216 bytes of voxels, the file holds 48",
    ),
    "no voxel": (_changed(b"sizes: 4 3 2", b"sizes: 0 3 2"), "declares the sizes [0, 3, 2]"),
    "an unknown type": (_changed(b"type: int16", b"type: quad"), "holds values of type 'quad'"),
    "blocks": (_changed(b"type: int16", b"type: block"), "holds blocks of bytes"),
    "a file elsewhere": (
        _changed(b"encoding: raw", b"data file: ../b.raw\nencoding: raw"),
        "its voxels are in '../b.raw'; they must be in one file of the same folder",
    ),
    "axes without extent": (
        _changed(b"(0.69999999999999996,0,0)", b"(0,0,0)"),
        "the header gives no valid axes",
    ),
    "a shear": (_changed(b"(0.69999999999999996,0,0)", b"(0.7,0.1,0)"), "the axes are not at right angles"),
    "text": (_text, "is no NRRD file, or a damaged one"),
    "NaN": (_nan, "8 of 8 values are not finite"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_volume_is_refused_by_what_is_wrong(tmp_path: Path, case: str) -> None:
    make, told = REFUSED[case]
    assert told in refused(make(tmp_path))


def test_a_cut_gzip_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nrrd", np.random.default_rng(0).integers(0, 9999, (9, 9, 9)).astype(np.int16))
    path.write_bytes(path.read_bytes()[:-300])
    assert "is no NRRD file, or a damaged one" in refused(path)
