"""Pixels of DICOM: numbers as they were measured, every transfer syntax, and files that hold less than they say."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import (
    UID,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from dicom_samples import NAME, PATIENT, Change, as_mr, file_of, set_pixels, setting, values, write_ct
from hepar.core.errors import DataError
from hepar.io.dicom_series import read_series
from hepar.io.images import read_image

BIG = (64, 48)


def refused(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_series(path)
    told = str(error.value)
    assert NAME not in told
    assert PATIENT not in told
    return told


# --- numbers


def test_slope_and_intercept_are_those_of_each_instance(tmp_path: Path) -> None:
    changes: dict[int, Change] = {
        k: setting(RescaleSlope=0.5 + k, RescaleIntercept=-10.0 * k) for k in range(5)
    }
    pixels = write_ct(tmp_path, changes=changes)
    array = read_image(tmp_path).array
    expected = pixels * (0.5 + np.arange(5))[:, None, None] - 10.0 * np.arange(5)[:, None, None]
    assert array.dtype == np.float32
    assert np.array_equal(array, expected.astype(np.float32))


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    stored = (values() + 1000).astype(np.uint16)
    write_ct(tmp_path, stored, every=setting(RescaleIntercept=-1024, BitsStored=12, HighBit=11))
    array = read_image(tmp_path).array
    assert array.dtype == np.int16
    assert np.array_equal(array, stored.astype(int) - 1024)


def test_numbers_too_large_for_16_bits_take_32(tmp_path: Path) -> None:
    stored = np.full((1, 3, 4), 65535, np.uint16)
    write_ct(tmp_path, stored, every=setting(RescaleIntercept=-1024))
    assert read_image(tmp_path).array.max() == 64511


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int32])
def test_signed_and_unsigned_numbers_of_any_width_are_read(tmp_path: Path, kind: type[np.integer]) -> None:
    info = np.iinfo(kind)
    pixels = np.array([[[info.min, 0, 1, info.max]] * 3], dtype=kind)
    write_ct(tmp_path, pixels, every=as_mr)
    assert np.array_equal(read_image(tmp_path).array, pixels.astype(np.float64))


@pytest.mark.parametrize(("signed", "low"), [(1, -2048), (0, 0)])
def test_overlay_bits_above_the_stored_ones_do_not_count(tmp_path: Path, signed: int, low: int) -> None:
    pixels = np.random.default_rng(2).integers(low, 2048, (1, 5, 6)).astype(np.int16)
    dirty = (pixels.view(np.uint16) & 0x0FFF) | 0x5000
    write_ct(
        tmp_path,
        dirty,
        every=setting(BitsStored=12, HighBit=11, PixelRepresentation=signed, RescaleIntercept=1),
    )
    assert np.array_equal(read_image(tmp_path).array, pixels + 1)


def test_padding_below_air_becomes_air_in_ct_and_the_lowest_value_elsewhere(tmp_path: Path) -> None:
    pixels = values(2)
    pixels[:, 0, :3] = -2000
    padded = setting(PixelPaddingValue=-2000)
    write_ct(tmp_path / "ct", pixels, every=padded)
    array = read_image(tmp_path / "ct").array
    assert (array[:, 0, :3] == -1024).all()
    assert np.array_equal(array[:, 1:], pixels[:, 1:])

    def padded_mr(dataset: Dataset) -> None:
        as_mr(dataset)
        padded(dataset)

    write_ct(tmp_path / "mr", pixels, every=padded_mr)
    array = read_image(tmp_path / "mr").array
    for k in range(2):
        assert (array[k, 0, :3] == pixels[k, pixels[k] > -2000].min()).all()


def test_padding_that_air_has_too_stays(tmp_path: Path) -> None:
    pixels = values(1)
    pixels[0, 0] = -1000
    write_ct(tmp_path, pixels, every=setting(PixelPaddingValue=-1000))
    assert np.array_equal(read_image(tmp_path).array, pixels)


# --- transfer syntaxes


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
def test_lossless_compression_changes_no_number(tmp_path: Path, syntax: UID, kind: type[np.integer]) -> None:
    info = np.iinfo(kind)
    pixels = np.random.default_rng(1).integers(info.min, info.max, (2, *BIG)).astype(kind)

    def compressed(dataset: Dataset) -> None:
        as_mr(dataset)
        dataset.compress(syntax, generate_instance_uid=False)

    write_ct(tmp_path, pixels, every=compressed)
    assert dcmread(tmp_path / "00.dcm").file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(read_image(tmp_path).array, pixels.astype(int))


@pytest.mark.parametrize("how", [["--jpeg"], ["--j2k"], ["--rle"], ["--jpegls"]])
def test_what_gdcm_compresses_is_read_as_it_was(tmp_path: Path, how: list[str]) -> None:
    tool = Path(sys.executable).with_name("gdcmconv")
    if not tool.exists():
        pytest.skip("gdcmconv, which comes with python-gdcm, is not beside this interpreter")
    pixels = np.random.default_rng(1).integers(0, 4000, (1, *BIG)).astype(np.uint16)
    write_ct(tmp_path, pixels, every=as_mr)
    subprocess.run(
        [tool, *how, tmp_path / "00.dcm", tmp_path / "packed.dcm"], check=True, capture_output=True
    )
    assert dcmread(tmp_path / "packed.dcm").file_meta.TransferSyntaxUID.is_compressed
    assert np.array_equal(read_image(tmp_path / "packed.dcm").array, pixels.astype(int))


def test_implicit_value_representations_are_read(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path / "a", values(1))
    dataset = dcmread(tmp_path / "a" / "00.dcm")
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(tmp_path / "b.dcm", implicit_vr=True)
    assert np.array_equal(read_image(tmp_path / "b.dcm").array, pixels)


@pytest.mark.parametrize(
    "name", ["MR_small_RLE", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "MR_small_bigendian"]
)
def test_the_files_that_pydicom_ships_hold_the_same_image(name: str) -> None:
    assert np.array_equal(read_image(_shipped(name)).array, read_image(_shipped("MR_small")).array)


def test_lossy_and_mismatched_jpeg_2000_are_read_as_signed() -> None:
    assert read_image(_shipped("693_J2KI")).array.min() < -1000
    assert read_image(_shipped("J2K_pixelrep_mismatch")).array.min() == -2000


def _shipped(name: str) -> Path:
    found = get_testdata_file(f"{name}.dcm")
    assert isinstance(found, str)
    return Path(found)


# --- what is refused


def _three_samples(dataset: Dataset) -> None:
    dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
    dataset.PixelData = dataset.PixelData * 3


def _float(value: float) -> Change:
    def change(dataset: Dataset) -> None:
        pixels = np.ones((dataset.Rows, dataset.Columns), np.float32)
        pixels[2, 3] = value
        del dataset.PixelData
        dataset.BitsAllocated = dataset.BitsStored = 32
        dataset.FloatPixelData = pixels.tobytes()

    return change


REFUSED: dict[str, tuple[Change, str]] = {
    "colour": (setting(PhotometricInterpretation="RGB", SamplesPerPixel=3), "a colour image (RGB)"),
    "a palette": (setting(PhotometricInterpretation="PALETTE COLOR"), "a colour image (PALETTE COLOR)"),
    "YBR": (
        setting(PhotometricInterpretation="YBR_FULL_422", SamplesPerPixel=3),
        "a colour image (YBR_FULL_422)",
    ),
    "inverted grey": (setting(PhotometricInterpretation="MONOCHROME1"), "MONOCHROME1 shows low values white"),
    "grey with three samples": (_three_samples, "is said to be MONOCHROME2 and has 3 samples a pixel"),
    "a slope of zero": (setting(RescaleSlope=0), "the rescale slope is 0; the values of instance 1"),
    "truncated pixels": (
        lambda ds: setattr(ds, "PixelData", ds.PixelData[:-10]),
        "the pixel data are truncated: 86 bytes where 96 are declared",
    ),
    "no pixels": (setting(PixelData=None), "has no pixel data"),
    "no bits": (setting(BitsAllocated=0), "declares 6 rows, 8 columns and 0 bits"),
    "a gigantic header": (
        setting(Rows=60000, Columns=60000),
        "the header declares 7,200,000,000 bytes of voxels, the file holds",
    ),
    "NaN": (_float(np.nan), "1 values are not finite, the first at row 2, column 3 of instance 1 (00.dcm)"),
    "infinity": (_float(np.inf), "1 values are not finite"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_pixels_that_are_no_grey_image_are_refused_by_what_they_are(tmp_path: Path, case: str) -> None:
    change, told = REFUSED[case]
    write_ct(tmp_path, values(1), every=change)
    assert told in refused(tmp_path)


def test_a_modality_table_that_is_not_linear_is_refused(tmp_path: Path) -> None:
    def with_table(dataset: Dataset) -> None:
        table = Dataset()
        table.LUTDescriptor, table.ModalityLUTType, table.LUTData = [2, 0, 16], "HU", b"\0\0\1\0"
        dataset.ModalityLUTSequence = [table]

    write_ct(tmp_path, values(1), every=with_table)
    assert "its values are a table's (Modality LUT)" in refused(tmp_path)


def _gigantic_in_jpeg(dataset: Dataset) -> None:
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    dataset.Rows = dataset.Columns = 60000


def _cut(dataset: Dataset) -> None:
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    dataset.PixelData = dataset.PixelData[:-40] + b"\0" * 40


def _rubbish(dataset: Dataset) -> None:
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    dataset.PixelData = dataset.PixelData[:20] + b"\7" * (len(dataset.PixelData) - 22) + b"\xff\xd9"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_gigantic_in_jpeg, "the header declares 7,200,000,000 bytes of voxels"),
        (_cut, "the compressed pixel data end before their end mark"),
        (_rubbish, "the pixels cannot be decoded (JPEG 2000 Image Compression (Lossless Only))"),
    ],
)
def test_damaged_compressed_pixels_are_refused(tmp_path: Path, change: Change, told: str) -> None:
    write_ct(tmp_path, values(1, BIG), every=change)
    assert told in refused(tmp_path)


@pytest.mark.parametrize("keep", [0.9, 0.5, 0.2])
@pytest.mark.parametrize("pack", [None, RLELossless, JPEG2000Lossless])
def test_a_file_cut_off_while_it_was_copied_is_refused(tmp_path: Path, keep: float, pack: UID | None) -> None:
    every: Callable[[Dataset], object] | None = (
        None if pack is None else lambda ds: ds.compress(pack, generate_instance_uid=False)
    )
    write_ct(tmp_path, values(3, BIG), every=every)
    whole = (tmp_path / file_of(1)).read_bytes()
    (tmp_path / file_of(1)).write_bytes(whole[: int(keep * len(whole))])
    assert file_of(1) in refused(tmp_path)


def test_a_12_bit_jpeg_that_no_decoder_knows_is_refused_by_its_syntax(tmp_path: Path) -> None:
    dataset = dcmread(_shipped("JPGExtended"))
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [1, 1], 1
    dataset.save_as(tmp_path / "a.dcm")
    assert "the pixels cannot be decoded (JPEG Extended (Process 2 and 4))" in refused(tmp_path)


def test_each_frame_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        seen.append(1)
        return iter_pixels(*args, **kwargs)

    monkeypatch.setattr("hepar.io.dicom_pixels.iter_pixels", counted)
    write_ct(tmp_path)
    read_series(tmp_path)
    assert len(seen) == 5


def test_a_frame_of_another_shape_than_declared_is_refused(tmp_path: Path) -> None:
    def shrunk(dataset: Dataset) -> None:
        set_pixels(dataset, values(1, (4, 8))[0])
        dataset.Rows = 6

    write_ct(tmp_path, changes={2: shrunk})
    assert "the pixel data are truncated" in refused(tmp_path)
    shutil.rmtree(tmp_path)
