"""MetaImage: header, raw or compressed voxels, and headers that lie."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.io.images import image_files
from hepar.io.metaimage import read_metaimage

ARRAY = np.arange(24, dtype="<i2").reshape(2, 3, 4)
HEADER = {
    "ObjectType": "Image",
    "NDims": "3",
    "BinaryData": "True",
    "BinaryDataByteOrderMSB": "False",
    "TransformMatrix": "1 0 0 0 1 0 0 0 1",
    "Offset": "-10 20 30",
    "ElementSpacing": "0.7 0.8 3",
    "DimSize": "4 3 2",
    "ElementType": "MET_SHORT",
    "ElementDataFile": "LOCAL",
}


def saved(path: Path, array: np.ndarray = ARRAY, *, compress: bool = False, **header: str | None) -> Path:
    """A MetaImage at `path`; header fields that are None are left out."""
    data = array.tobytes()
    packed = zlib.compress(data) if compress else data
    fields = {**HEADER, **({"CompressedData": "True"} if compress else {}), **header}
    fields["ElementDataFile"] = fields.pop("ElementDataFile")
    text = "".join(f"{name} = {value}\n" for name, value in fields.items() if value is not None).encode()
    if fields["ElementDataFile"] == "LOCAL":
        path.write_bytes(text + packed)
    else:
        path.write_bytes(text)
        (path.parent / Path(str(fields["ElementDataFile"])).name).write_bytes(packed)
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_metaimage(path)
    return str(error.value)


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("data", ["LOCAL", "a.raw"])
def test_voxels_are_read_from_the_file_or_beside_it_packed_or_not(
    tmp_path: Path, compress: bool, data: str
) -> None:
    path = saved(tmp_path / "a.mha", compress=compress, ElementDataFile=data)
    volume = read_metaimage(path)
    assert np.array_equal(volume.array, ARRAY)
    assert volume.spacing_mm == pytest.approx((3, 0.8, 0.7))
    assert volume.world_mm((0, 0, 0)) == pytest.approx([-10, 20, 30])
    assert volume.orientation == "SPL"
    names = ["a.mha"] if data == "LOCAL" else ["a.mha", "a.raw"]
    assert [file.name for file in image_files(path)] == names


def test_each_three_numbers_of_the_matrix_are_the_direction_of_an_axis(tmp_path: Path) -> None:
    volume = read_metaimage(saved(tmp_path / "a.mha", TransformMatrix="0 1 0 0 0 1 1 0 0"))
    assert volume.orientation == "LSP"
    assert volume.world_mm((0, 0, 1)) == pytest.approx([-10, 20.7, 30])


@pytest.mark.parametrize(
    ("kind", "name"), [("u1", "UCHAR"), ("u2", "USHORT"), ("i4", "INT"), ("f4", "FLOAT"), ("f8", "DOUBLE")]
)
@pytest.mark.parametrize("big", [False, True])
def test_every_type_and_byte_order_is_read_as_native_numbers(
    tmp_path: Path, kind: str, name: str, big: bool
) -> None:
    array = ARRAY.astype(f"{'>' if big else '<'}{kind}")
    read = read_metaimage(
        saved(tmp_path / "a.mha", array, ElementType=f"MET_{name}", BinaryDataByteOrderMSB=str(big))
    ).array
    assert read.dtype == np.dtype(kind)
    assert read.dtype.isnative
    assert np.array_equal(read, ARRAY)


def test_a_file_without_directions_lies_along_the_axes_of_the_patient(tmp_path: Path) -> None:
    volume = read_metaimage(saved(tmp_path / "a.mha", TransformMatrix=None, Offset=None, ElementSpacing=None))
    assert np.array_equal(volume.affine, np.eye(4)[[2, 1, 0, 3]])


def test_a_header_size_of_minus_one_means_the_end_of_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.mhd", ElementDataFile="a.raw", HeaderSize="-1")
    (tmp_path / "a.raw").write_bytes(b"a header of its own" + ARRAY.tobytes())
    assert np.array_equal(read_metaimage(path).array, ARRAY)


def test_of_a_4d_file_the_frame_is_chosen(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.mha",
        NDims="4",
        DimSize="4 3 1 2",
        TransformMatrix=" ".join(map(str, np.eye(4, dtype=int).ravel())),
        Offset="0 0 0 0",
        ElementSpacing="1 1 1 1",
    )
    assert "is 4-D, with 2 volumes along its fourth axis" in refused(path)
    assert np.array_equal(read_metaimage(path, frame=1).array, ARRAY[1:])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "channels": ({"ElementNumberOfChannels": "3"}, "has 3 channels a voxel; a grey image is needed"),
    "text voxels": ({"BinaryData": "False"}, "its voxels are written as text"),
    "an unknown type": ({"ElementType": "MET_SHRT"}, "did you mean 'MET_SHORT'?"),
    "a gigantic header": ({"DimSize": "40000 30000 20000"}, "the header declares 48,000,000,000,000 bytes"),
    "truncated voxels": ({"DimSize": "4 3 9"}, "the header declares 216 bytes of voxels, the file holds 48"),
    "two axes": ({"NDims": "2", "DimSize": "4 6"}, "declares 2 axes of sizes [4, 6]"),
    "no sizes": ({"DimSize": None}, "declares 3 axes of sizes [0]"),
    "sizes that are no numbers": (
        {"DimSize": "four 3 2"},
        "DimSize is 'four 3 2', which is not made of numbers",
    ),
    "a short matrix": ({"TransformMatrix": "1 0 0 0 1 0"}, "TransformMatrix has 6 numbers; 9 are needed"),
    "a list of files": ({"ElementDataFile": "LIST"}, "they must be in one file of the same folder"),
    "a file elsewhere": ({"ElementDataFile": "../../b.raw"}, "its voxels are in '../../b.raw'"),
    "a shear": ({"TransformMatrix": "1 0.2 0 0 1 0 0 0 1"}, "the axes are not at right angles"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_volume_is_refused_by_what_is_wrong(tmp_path: Path, case: str) -> None:
    header, told = REFUSED[case]
    assert told in refused(saved(tmp_path / "a.mha", **header))


def test_damaged_packed_voxels_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.mha", compress=True)
    path.write_bytes(path.read_bytes()[:-20])
    assert "bytes of voxels where 48 are declared" in refused(path)
    path.write_bytes(path.read_bytes()[:-20] + b"\7" * 20)
    assert "the compressed voxels are damaged" in refused(path)


def test_a_file_that_is_no_metaimage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mha").write_bytes(b"\0\1\2" * 100)
    assert "is no MetaImage, or a damaged one" in refused(tmp_path / "a.mha")
