"""DICOM out: a volume that is written comes back the same, and the header says what it is."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread

from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.io.dicom_images import (
    CtSettings,
    MrSettings,
    Series,
    Subject,
    UsSettings,
    write_ct,
    write_mr,
    write_us,
)
from hepar.io.images import read_image, write_nifti
from hepar.io.masks import read_masks
from hepar.phantom.grid import Grid

GRID = Grid((6, 20, 24), (5.0, 1.7, 1.6))
SUBJECT = Subject("study D, seed 1", "SIM-D-0001", "f", 46.3, 1.714, 80.26, "B")
PORTAL = Series(SUBJECT, "CT", "portal", 2, "portal venous", "A", 36000.0, 36070.25)
CT = CtSettings(kvp=120, kernel="B30f", thickness_mm=5.0, contrast="Iohexol", exposure_mas=152.4)
GRADIENT = MrSettings("GR", field_t=1.5, tr_ms=4.5, te_ms=2.2, flip_deg=10, thickness_mm=4)
DIFFUSION = MrSettings("EP", field_t=3.0, tr_ms=5000, te_ms=62, flip_deg=90, thickness_mm=4, b_s_mm2=800)
SETTINGS = UsSettings(mm_per_pixel=(0.3, 0.4), frame_ms=40, centre_mhz=3.5, depth_mm=150)


def volume(low: int = -1024, high: int = 2000, *, kind: Any = np.int16) -> Volume:
    """SIMULATED numbers on the grid."""
    values = np.random.default_rng(0).integers(low, high, GRID.shape).astype(kind)
    return Volume(values, GRID.affine, "CT", "HU")


def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (3, 31, 41)).astype(np.uint8)


def write_all(folder: Path) -> list[Path]:
    """A CT, three MR and an ultrasound; one file of each."""
    write_ct(volume(), folder / "ct", series=PORTAL, settings=CT)
    mr = replace(PORTAL, exam="MR", name="t1")
    write_mr(volume(0, 4000), folder / "t1", series=mr, settings=replace(GRADIENT, contrast="gadoxetate"))
    write_mr(volume(0, 4000), folder / "dwi", series=replace(mr, name="dwi"), settings=DIFFUSION)
    adc = replace(DIFFUSION, kind="ADC", b_s_mm2=None)
    write_mr(volume(0, 4000), folder / "adc", series=replace(mr, name="adc"), settings=adc)
    write_us(frames(), folder / "us.dcm", series=replace(PORTAL, exam="US", name="b-mode"), settings=SETTINGS)
    return [*(folder / name / "0003.dcm" for name in ("ct", "t1", "dwi", "adc")), folder / "us.dcm"]


def test_a_ct_comes_back_with_its_numbers_its_place_and_its_unit(tmp_path: Path) -> None:
    write_ct(volume(), tmp_path / "ct", series=PORTAL, settings=CT)
    back = read_image(tmp_path / "ct")
    np.testing.assert_array_equal(back.array, volume().array)
    np.testing.assert_allclose(back.affine, GRID.affine, atol=1e-9)  # DICOM's decimals have 16 characters
    assert (back.modality, back.unit) == ("CT", "HU")


def test_an_mr_comes_back_with_its_numbers_and_its_place(tmp_path: Path) -> None:
    for name, low, settings in (("t1", 0, GRADIENT), ("dwi", 0, DIFFUSION), ("phase", -4000, GRADIENT)):
        series = replace(PORTAL, exam="MR", name=name)
        write_mr(volume(low, 4000), tmp_path / name, series=series, settings=settings)
        back = read_image(tmp_path / name)
        np.testing.assert_array_equal(back.array, volume(low, 4000).array)
        np.testing.assert_allclose(back.affine, GRID.affine, atol=1e-9)


def test_axes_that_run_the_other_way_are_turned_and_every_voxel_stays_in_its_place(tmp_path: Path) -> None:
    write_ct(volume().oriented("IAR"), tmp_path / "ct", series=PORTAL, settings=CT)
    back = read_image(tmp_path / "ct")
    np.testing.assert_array_equal(back.array, volume().array)
    np.testing.assert_allclose(back.affine, GRID.affine, atol=1e-9)


def test_a_mask_of_the_same_grid_lies_on_the_series(tmp_path: Path) -> None:
    write_ct(volume(), tmp_path / "ct", series=PORTAL, settings=CT)
    inside = volume().array > 500
    write_nifti(volume().like(inside), tmp_path / "liver.nii.gz")
    found = read_masks(tmp_path / "liver.nii.gz", like=read_image(tmp_path / "ct"))
    np.testing.assert_array_equal(found["1"].array, inside)


def test_two_phases_of_one_examination_are_two_series_of_one_study(tmp_path: Path) -> None:
    arterial = replace(PORTAL, name="arterial", number=1, description="arterial", start_s=36035.0)
    for series in (arterial, PORTAL):
        write_ct(volume(), tmp_path / series.name, series=series, settings=CT)
    one, other = (dcmread(tmp_path / name / "0001.dcm") for name in ("arterial", "portal"))
    assert one.StudyInstanceUID == other.StudyInstanceUID
    assert one.FrameOfReferenceUID == other.FrameOfReferenceUID
    assert one.SeriesInstanceUID != other.SeriesInstanceUID
    assert one.SOPInstanceUID != other.SOPInstanceUID
    assert (one.AcquisitionTime, other.AcquisitionTime) == ("100035.000000", "100110.250000")
    np.testing.assert_array_equal(read_image(tmp_path, series="arterial").array, volume().array)


def test_the_same_series_gives_the_same_bytes_and_another_seed_other_uids(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_all(tmp_path / name)
    files = [p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.dcm")]
    assert len(files) == 4 * GRID.shape[0] + 1
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()
    second = replace(PORTAL, subject=replace(SUBJECT, cohort="study D, seed 2"))
    write_ct(volume(), tmp_path / "second", series=second, settings=CT)
    one, two = (dcmread(tmp_path / name / "0001.dcm") for name in ("one/ct", "second"))
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        assert one[keyword].value != two[keyword].value
        assert one[keyword].value.is_valid


def test_every_header_says_that_it_is_simulated_and_holds_no_date_of_a_patient(tmp_path: Path) -> None:
    for file in write_all(tmp_path):
        header = dcmread(file, stop_before_pixels=True)
        assert str(header.PatientName).startswith("SIMULATED^")
        assert header.PatientID == "SIM-D-0001"
        assert header.PatientBirthDate == ""
        assert header.StudyDate == header.AcquisitionDate == "20990101"
        assert "SIMULATED" in header.ImageComments
        assert "SIMULATED" in header.DerivationDescription


def test_the_header_tells_how_the_ct_was_made(tmp_path: Path) -> None:
    write_ct(volume(), tmp_path, series=PORTAL, settings=CT)
    header = dcmread(tmp_path / "0001.dcm")
    assert (header.KVP, header.ConvolutionKernel, header.Exposure) == (120, "B30f", 152)
    assert (header.SliceThickness, header.SpacingBetweenSlices, list(header.PixelSpacing)) == (
        5,
        5,
        [1.7, 1.6],
    )
    assert (header.RescaleSlope, header.RescaleIntercept, header.RescaleType) == (1, -1024, "HU")
    assert (header.WindowCenter, header.WindowWidth) == (60, 400)
    assert (header.ContrastBolusAgent, header.PatientAge, header.PatientSex) == ("Iohexol", "046Y", "F")
    native = tmp_path / "native"
    write_ct(volume(), native, series=replace(PORTAL, name="native"), settings=replace(CT, contrast=""))
    assert "ContrastBolusAgent" not in dcmread(native / "0001.dcm")


def test_pixels_of_a_b_mode_are_calibrated_and_its_frames_come_back(tmp_path: Path) -> None:
    path = tmp_path / "us.dcm"
    write_us(frames(), path, series=replace(PORTAL, exam="US", name="b-mode"), settings=SETTINGS)
    back = dcmread(path)
    np.testing.assert_array_equal(back.pixel_array, frames())
    (region,) = back.SequenceOfUltrasoundRegions
    assert (region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection) == (3, 3)  # centimetres
    assert (region.PhysicalDeltaX, region.PhysicalDeltaY) == pytest.approx((0.04, 0.03))
    assert (region.RegionLocationMaxX1, region.RegionLocationMaxY1) == (40, 30)


def test_what_dicom_does_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="round or scale them first"):
        write_ct(volume(kind=np.float32).like(volume().array + 0.5), tmp_path, series=PORTAL, settings=CT)
    with pytest.raises(DataError, match="whole numbers from -33792 to 31743"):
        write_ct(volume(32000, 32700), tmp_path, series=PORTAL, settings=CT)
    with pytest.raises(DataError, match="round or scale them first"):
        write_mr(volume(0, 100000, kind=np.int32), tmp_path, series=PORTAL, settings=GRADIENT)
    with pytest.raises(DataError, match="nan"):
        write_mr(volume().like(np.full(GRID.shape, np.nan)), tmp_path, series=PORTAL, settings=GRADIENT)
    with pytest.raises(DataError, match="of uint8"):
        write_us(frames().astype(np.float32)[0], tmp_path / "us.dcm", series=PORTAL, settings=SETTINGS)
    assert not list(tmp_path.iterdir())


def test_a_sheared_volume_is_refused(tmp_path: Path) -> None:
    affine = GRID.affine.copy()
    affine[0, 0] = 1.0
    with pytest.raises(DataError, match="not at right angles"):
        write_ct(replace(volume(), affine=affine), tmp_path, series=PORTAL, settings=CT)


def test_a_series_is_not_mixed_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("mine")
    with pytest.raises(DataError, match="is not empty"):
        write_ct(volume(), tmp_path, series=PORTAL, settings=CT)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
def test_an_independent_validator_finds_no_error(tmp_path: Path) -> None:
    for file in write_all(tmp_path):
        found = subprocess.run(["dciodvfy", str(file)], capture_output=True, text=True, check=False)
        told = found.stdout + found.stderr
        assert "Error" not in told, told
        assert found.returncode == 0
