"""One reader for every kind of image: the format follows from the name, and real images are where they should be."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dicom_samples import file_of, write_ct
from hepar.core.errors import DataError
from hepar.imaging.geometry import same_grid
from hepar.io.images import image_files, read_image, write_nifti

GOLDEN = Path(__file__).parent / "golden" / "images"


def test_a_pet_read_from_dicom_and_from_nifti_is_the_same_image() -> None:
    dicom, nifti = read_image(GOLDEN / "sts_002" / "pet"), read_image(GOLDEN / "sts_002" / "pet_image.nii.gz")
    assert same_grid(dicom, nifti)
    assert dicom.orientation == nifti.orientation == "SPL"
    assert np.abs(dicom.array - nifti.array).max() < 1e-5
    assert (dicom.modality, dicom.unit) == ("PT", "g/mL")
    assert (nifti.modality, nifti.unit) == ("", "")


def test_compressed_ct_slices_are_in_hounsfield_units() -> None:
    image = read_image(GOLDEN / "dcmqi_liver")
    assert image.array.shape == (3, 512, 512)
    assert (image.modality, image.unit) == ("CT", "HU")
    assert (image.array.min(), image.array.max()) == (-1024, 1381)


def test_a_magnetic_resonance_slice_that_pydicom_ships_has_no_unit() -> None:
    found = get_testdata_file("examples_overlay.dcm")
    assert isinstance(found, str)
    image = read_image(found)
    assert image.array.shape == (1, 300, 484)
    assert (image.modality, image.unit) == ("MR", "")
    assert image.spacing_mm == pytest.approx((4, 0.72314, 0.72314), abs=1e-5)


def test_a_dicom_series_survives_nifti(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path / "dicom")
    image = read_image(tmp_path / "dicom")
    write_nifti(image, tmp_path / "a.nii.gz")
    back = read_image(tmp_path / "a.nii.gz", modality="CT")
    assert same_grid(back, image)
    assert np.array_equal(back.array, pixels)
    assert back.unit == "HU"


def test_modality_and_unit_are_for_files_that_do_not_say_them(tmp_path: Path) -> None:
    write_ct(tmp_path / "dicom")
    with pytest.raises(DataError, match="its modality is 'CT', not 'MR'"):
        read_image(tmp_path / "dicom", modality="MR")
    assert read_image(tmp_path / "dicom", unit="nonsense").unit == "HU"
    assert read_image(GOLDEN / "sts_002" / "pet_image.nii.gz", modality="PT", unit="g/mL").unit == "g/mL"


def test_the_files_of_an_image_are_those_whose_bytes_make_it(tmp_path: Path) -> None:
    write_ct(tmp_path)
    (tmp_path / "notes.txt").write_text("no part of it")
    assert [file.name for file in image_files(tmp_path)] == [file_of(k) for k in range(5)]
    nifti = GOLDEN / "sts_002" / "pet_image.nii.gz"
    assert image_files(nifti) == (nifti,)
    nrrd = GOLDEN / "dcmqi_liver" / "liver_seg.nrrd"
    assert image_files(nrrd) == (nrrd,)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.hdr"])
def test_a_picture_has_no_place_in_the_patient(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DataError, match="says nothing of the place in the patient"):
        read_image(tmp_path / name)


def test_only_dicom_has_series(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="leave out series='portal'"):
        read_image(GOLDEN / "sts_002" / "pet_image.nii.gz", series="portal")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("absent", "absent.nii.gz", "absent.nrrd", "absent.mha", "absent.dcm"):
        with pytest.raises(DataError, match=f"{name}: there is no such file or folder"):
            read_image(tmp_path / name)
