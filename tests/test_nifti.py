"""NIfTI: what is read and written, and every header that lies."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from hepar.core.errors import DataError, RunError
from hepar.imaging.geometry import Volume, affine_of
from hepar.io.nifti import read_nifti, write_nifti

IMAGE: Any = nib.Nifti1Image
STEPS = [[0, 0, 3.0], [0, 0.8, 0], [0.7, 0, 0]]


def volume(array: np.ndarray | None = None) -> Volume:
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4) if array is None else array
    return Volume(array, affine_of(STEPS, (-10, 20, 30)))


def saved(path: Path, array: np.ndarray, affine: np.ndarray | None = None, **header: Any) -> Path:
    """A NIfTI of `array` (i, j, k, ...) by nibabel, then its header's fields set."""
    image = IMAGE(array, np.diag([2.0, 2, 2, 1]) if affine is None else affine)
    for name, value in header.items():
        image.header[name] = value
    nib.save(image, path)
    return path


def damaged(path: Path, change: Callable[[bytearray], None]) -> Path:
    """The uncompressed file at `path` with its bytes changed."""
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(bytes(data))
    return path


def refused(path: Path, frame: int | None = None) -> str:
    with pytest.raises(DataError) as error:
        read_nifti(path, frame=frame)
    assert path.name in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_what_is_written_is_read_and_nibabel_sees_the_same_place(tmp_path: Path, name: str) -> None:
    write_nifti(volume(), tmp_path / name)
    read = read_nifti(tmp_path / name)
    assert np.array_equal(read.array, volume().array)
    assert read.affine == pytest.approx(volume().affine, abs=1e-5)
    theirs: Any = nib.load(tmp_path / name)
    assert np.diag(theirs.affine)[:3] == pytest.approx([-0.7, -0.8, 3])
    assert np.asarray(theirs.dataobj)[3, 2, 1] == volume().array[1, 2, 3]
    assert theirs.affine @ [3, 2, 1, 1] == pytest.approx([10 - 2.1, -20 - 1.6, 33, 1])


def test_neither_time_nor_system_nor_version_of_python_is_told_and_a_description_is(tmp_path: Path) -> None:
    write_nifti(volume(), tmp_path / "a.nii.gz", about="SIMULATED")
    assert (tmp_path / "a.nii.gz").read_bytes()[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    theirs: Any = nib.load(tmp_path / "a.nii.gz")
    assert theirs.header["descrip"].item() == b"SIMULATED"
    write_nifti(volume(), tmp_path / "b.nii")
    theirs = nib.load(tmp_path / "b.nii")
    assert theirs.header["descrip"].item() == b""


def test_the_same_volume_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_nifti(volume(), tmp_path / f"{name}.nii.gz")
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


@pytest.mark.parametrize(
    ("kind", "read_as"),
    [
        (np.bool_, np.uint8),
        (np.uint8, np.uint8),
        (np.int16, np.int16),
        (np.uint16, np.uint16),
        (np.int32, np.int32),
        (np.int64, np.int32),
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
    ],
)
def test_every_kind_of_number_survives(tmp_path: Path, kind: Any, read_as: Any) -> None:
    array = np.array([[[0, 1], [1, 0]]]).astype(kind)
    write_nifti(volume(array), tmp_path / "a.nii.gz")
    read = read_nifti(tmp_path / "a.nii.gz").array
    assert read.dtype == read_as
    assert np.array_equal(read, array)


def test_integers_beyond_32_bits_are_written_as_float(tmp_path: Path) -> None:
    write_nifti(volume(np.full((1, 2, 2), 1 << 40)), tmp_path / "a.nii")
    assert read_nifti(tmp_path / "a.nii").array.max() == 1 << 40


def test_scaled_integers_are_their_scaled_values(tmp_path: Path) -> None:
    def scaled(data: bytearray) -> None:
        data[112:120] = np.array([0.5, -1024], "<f4").tobytes()

    path = damaged(saved(tmp_path / "a.nii", np.arange(8, dtype=np.int16).reshape(2, 2, 2)), scaled)
    array = read_nifti(path).array
    assert array.dtype == np.float32
    assert array[0, 0].tolist() == [-1024, -1022]


def test_the_qform_counts_where_there_is_no_sform_and_units_are_heeded(tmp_path: Path) -> None:
    array = np.zeros((2, 3, 4), np.int16)
    affine = np.array([[0, -2.0, 0, 5], [3, 0, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1]])
    image = IMAGE(array, None)
    image.set_qform(affine, code=1)
    image.set_sform(None, code=0)
    image.header.set_xyzt_units("micron")
    nib.save(image, tmp_path / "a.nii")
    read = read_nifti(tmp_path / "a.nii")
    assert read.spacing_mm == pytest.approx((0.004, 0.002, 0.003))
    assert read.orientation == "SLA"


def test_big_endian_files_become_native(tmp_path: Path) -> None:
    array = np.arange(8, dtype=np.int16).reshape(2, 2, 2)
    swapped = IMAGE(array, np.eye(4), IMAGE(array, np.eye(4)).header.as_byteswapped(">"))
    nib.save(swapped, tmp_path / "a.nii")
    read = read_nifti(tmp_path / "a.nii").array
    assert read.dtype.isnative
    assert read.ravel().tolist() == [0, 4, 2, 6, 1, 5, 3, 7]


def test_a_slice_stored_with_two_axes_is_a_volume_of_one(tmp_path: Path) -> None:
    assert read_nifti(saved(tmp_path / "a.nii", np.zeros((3, 4), np.int16))).array.shape == (1, 4, 3)


def test_of_a_4d_file_the_frame_is_chosen(tmp_path: Path) -> None:
    array = np.arange(48, dtype=np.int16).reshape(2, 3, 4, 2)
    path = saved(tmp_path / "a.nii.gz", array)
    assert "is 4-D, with 2 volumes along its fourth axis; choose one by frame=, 0 to 1" in refused(path)
    assert "not 2" in refused(path, 2)
    assert np.array_equal(read_nifti(path, frame=1).array, array[..., 1].T)
    single = saved(tmp_path / "b.nii.gz", array[..., :1])
    assert np.array_equal(read_nifti(single).array, array[..., 0].T)


def _rgb(tmp_path: Path) -> Path:
    array = np.zeros((2, 2, 2), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    return saved(tmp_path / "a.nii", array)


def _with(array: np.ndarray, **header: Any) -> Callable[[Path], Path]:
    return lambda folder: saved(folder / "a.nii", array, **header)


def _bytes(place: int, kind: str, *values: float) -> Callable[[Path], Path]:
    """A file whose header says `values` at byte `place`."""

    def make(folder: Path) -> Path:
        path = saved(folder / "a.nii", np.zeros((4, 4, 4), np.int16))
        new = np.array(values, kind).tobytes()
        return damaged(path, lambda data: data.__setitem__(slice(place, place + len(new)), new))

    return make


def _text(folder: Path) -> Path:
    (folder / "a.nii").write_text("NIfTI in name only, and long enough to hold a header" * 20)
    return folder / "a.nii"


def _gzip(folder: Path, keep: float = 0.5) -> Path:
    noise = np.random.default_rng(0).integers(0, 999, (9, 9, 9)).astype(np.int16)
    path = saved(folder / "a.nii.gz", noise)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole))])
    return path


def _not_gzip(folder: Path) -> Path:
    (folder / "a.nii.gz").write_bytes(b"plain" * 100)
    return folder / "a.nii.gz"


def _gigantic_gzip(folder: Path) -> Path:
    path = _bytes(40, "<i2", 3, 30000, 30000, 30000)(folder)
    (folder / "b.nii.gz").write_bytes(gzip.compress(path.read_bytes()))
    return folder / "b.nii.gz"


def _sheared(folder: Path) -> Path:
    affine = np.array([[1, 0, 0.2, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    return saved(folder / "a.nii", np.zeros((2, 2, 2), np.int16), affine)


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "colour": (_rgb, "is a colour image; a grey image is needed"),
    "complex numbers": (_with(np.zeros((2, 2, 2), np.complex64)), "holds complex numbers"),
    "five axes": (_with(np.zeros((2, 2, 2, 1, 3), np.int16)), "has 5 axes"),
    "NaN": (
        _with(np.where(np.arange(24).reshape(4, 3, 2) > 21, np.nan, 0).astype(np.float32)),
        "2 of 24 values are not finite, the first at (z, y, x) = (0, 2, 3)",
    ),
    "no place": (
        _bytes(252, "<i2", 0, 0),
        "says nothing of its place in the patient",
    ),
    "a shear": (_sheared, "the axes are not at right angles"),
    "text": (_text, "is no NIfTI file, or a damaged one"),
    "a gigantic header": (
        _bytes(40, "<i2", 3, 30000, 30000, 30000),
        "the header declares 54,000,000,000,000 bytes",
    ),
    "a gigantic header, compressed": (_gigantic_gzip, "the header declares 54,000,000,000,000 bytes"),
    "an axis of no voxel": (_bytes(42, "<i2", 0), "declares the shape (0, 4, 4)"),
    "a negative axis": (_bytes(42, "<i2", -4), "declares the shape (-4, 4, 4)"),
    "voxels beyond the end": (_bytes(108, "<f4", 4000), "the file holds 0"),
    "voxels at an absurd place": (_bytes(108, "<f4", 1e30), "the header is wrong"),
    "axes without extent": (_bytes(280, "<f4", *[0.0] * 12), "the header gives no valid axes"),
    "axes that are NaN": (_bytes(280, "<f4", *[np.nan] * 12), "the header gives no valid axes"),
    "a cut gzip": (_gzip, "damaged"),
    "no gzip": (_not_gzip, "is no NIfTI file, or a damaged one"),
    "a type that there is not": (_bytes(70, "<i2", 999), "is no NIfTI file, or a damaged one"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_volume_is_refused_by_what_is_wrong(tmp_path: Path, case: str) -> None:
    make, told = REFUSED[case]
    assert told in refused(make(tmp_path))


def test_absent_and_empty_files_are_refused(tmp_path: Path) -> None:
    assert "there is no such file or folder" in refused(tmp_path / "absent.nii")
    (tmp_path / "empty.nii").touch()
    assert "the file is empty" in refused(tmp_path / "empty.nii")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", np.zeros((4, 4, 4), np.int16))
    path.write_bytes(path.read_bytes()[:-10])
    assert "the header declares 128 bytes of voxels, the file holds 118; it is truncated" in refused(path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_nifti(volume(), tmp_path / "a.nii")
    before = (tmp_path / "a.nii").read_bytes()

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunError, match=r"a\.nii: cannot be written \(No space left on device\)"):
        write_nifti(volume(np.ones((9, 9, 9))), tmp_path / "a.nii")
    assert (tmp_path / "a.nii").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.nii"]


def test_another_ending_than_that_of_nifti_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"name a NIfTI file \.nii or \.nii\.gz"):
        write_nifti(volume(), tmp_path / "a.mha")


def test_an_ending_in_capitals_is_the_same_ending(tmp_path: Path) -> None:
    zeros = Volume(np.zeros((9, 40, 40), np.int16), np.diag([2.0, 1, 1, 1])[[2, 1, 0, 3]])
    write_nifti(zeros, tmp_path / "a.nii.gz")
    capitals = (tmp_path / "a.nii.gz").rename(tmp_path / "A.NII.GZ")
    assert read_nifti(capitals).array.shape == zeros.array.shape
