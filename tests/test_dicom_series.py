"""DICOM series from folders that hold anything: what is read, what is set aside, and what is refused by its name."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from dicom_samples import (
    BIRTH,
    NAME,
    PATIENT,
    UIDS,
    Change,
    as_mr,
    enhanced_mr,
    file_of,
    setting,
    values,
    write_ct,
)
from hepar.core.errors import DataError
from hepar.io.dicom_planes import SetAside
from hepar.io.dicom_series import contents, find_series, read_series, series_files

GOLDEN = Path(__file__).parent / "golden" / "images"


def refused(path: Path, *, series: str | None = None, frame: int | None = None) -> str:
    """The message of the refusal, which names nothing of the patient."""
    with pytest.raises(DataError) as error:
        read_series(path, series=series, frame=frame)
    told = str(error.value)
    for private in (NAME, "Simulated", PATIENT, BIRTH, "2001", "112233"):
        assert private not in told.replace(str(path), "")
    return told


# --- what is read


def test_a_series_is_sorted_by_geometry_not_by_number_or_name(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path)
    read = read_series(tmp_path)
    assert np.array_equal(read.volume.array, pixels)
    assert read.volume.array.dtype == np.int32 or read.volume.array.dtype == np.int16
    assert read.volume.orientation == "SPL"
    assert read.volume.spacing_mm == pytest.approx((2.5, 0.8, 0.7))
    assert read.volume.world_mm((1, 2, 3)) == pytest.approx([-20 + 3 * 0.7, 10 + 2 * 0.8, 102.5])
    assert (read.volume.modality, read.volume.unit, read.volume.frame_uid) == ("CT", "HU", UIDS["frame"])
    assert [file.name for file in read.files] == [file_of(k) for k in range(5)]
    assert series_files(tmp_path) == read.files
    assert read.set_aside == ()


@pytest.mark.parametrize(
    ("orientation", "along", "code"),
    [
        ([1, 0, 0, 0, 1, 0], [0, 0, -2.5], "SPL"),
        ([1, 0, 0, 0, 0, -1], [0, 2.5, 0], "PIL"),
        ([0, 1, 0, 0, 0, -1], [2.5, 0, 0], "RIP"),
        ([-1, 0, 0, 0, -1, 0], [0, 0, 2.5], "SAR"),
    ],
)
def test_slices_run_along_their_normal_whatever_the_plane(
    tmp_path: Path, orientation: list[int], along: list[float], code: str
) -> None:
    pixels = values(4)
    places = {
        k: setting(ImageOrientationPatient=orientation, ImagePositionPatient=[k * step for step in along])
        for k in range(4)
    }
    write_ct(tmp_path, pixels, changes=dict(places))
    volume = read_series(tmp_path).volume
    assert volume.orientation == code
    normal = np.cross(orientation[:3], orientation[3:])
    expected = pixels if np.dot(normal, along) > 0 else pixels[::-1]
    assert np.array_equal(volume.array, expected)
    assert np.linalg.det(volume.affine[:3, [2, 1, 0]]) > 0


def test_the_folder_may_hold_anything_and_all_that_is_no_image_is_told(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path / "deep" / "er")
    (tmp_path / "notes.txt").write_text("read me")
    (tmp_path / "fake.dcm").write_text("DICOM in name only")
    (tmp_path / "empty.dcm").touch()
    (tmp_path / ".hidden").write_text("not looked at")
    for name in ("DICOMDIR", "reportsi.dcm", "rtstruct.dcm", "SC_rgb.dcm", "liver_1frame.dcm"):
        source = get_testdata_file(name) if name != "SC_rgb.dcm" else get_testdata_file("SC_rgb_rle.dcm")
        if isinstance(source, str):
            shutil.copy(source, tmp_path / name)
    write_ct(
        tmp_path / "scout", values(1, (9, 9)), every=setting(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    )
    read = read_series(tmp_path)
    assert np.array_equal(read.volume.array, pixels)
    told = {aside.file: aside.reason for aside in read.set_aside}
    assert told["notes.txt"] == told["fake.dcm"] == "not a DICOM file"
    assert told["empty.dcm"] == "an empty file"
    assert told["reportsi.dcm"] == "Basic Text SR Storage: not an image"
    assert told["rtstruct.dcm"] == "RT Structure Set Storage: not an image"
    assert told["liver_1frame.dcm"] == "Segmentation Storage: not an image"
    assert told["SC_rgb.dcm"] == "a colour image (RGB); a grey image is needed"
    assert told["00.dcm"] == "localiser"
    assert ".hidden" not in told


def test_repeated_images_are_set_aside_and_told(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path / "a")
    write_ct(tmp_path / "b", skip=(0, 1))
    read = read_series(tmp_path)
    assert np.array_equal(read.volume.array, pixels)
    assert len(read.set_aside) == 3
    assert read.set_aside[0] == SetAside(file_of(2), f"repeats instance 3 ({file_of(2)})")


def test_one_of_several_series_is_chosen_by_uid_or_description(tmp_path: Path) -> None:
    portal = write_ct(tmp_path / "a")
    arterial = write_ct(
        tmp_path / "b",
        values(seed=1),
        every=setting(SeriesInstanceUID=UIDS["other"], SeriesDescription="arterial"),
    )
    told = refused(tmp_path)
    assert "holds 2 series" in told
    assert "'SIMULATED portal venous', CT, 5 images of 6 x 8" in told
    assert "'arterial', CT, 5 images of 6 x 8" in told
    assert "Choose one by series=" in told
    assert "or give the folder of one alone" in told
    assert np.array_equal(read_series(tmp_path, series="Arterial").volume.array, arterial)
    assert np.array_equal(read_series(tmp_path, series=UIDS["series"]).volume.array, portal)
    assert "no series fits 'delayed'" in refused(tmp_path, series="delayed")


def test_images_of_one_series_that_fit_no_common_grid_are_series_of_their_own(tmp_path: Path) -> None:
    write_ct(tmp_path / "a")
    write_ct(
        tmp_path / "b",
        values(2),
        every=setting(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]),
        changes={k: setting(ImagePositionPatient=[0, 5 * k, 0]) for k in range(2)},
    )
    assert [(one.key, len(one.planes)) for one in find_series(tmp_path)] == [
        (UIDS["series"], 5),
        (f"{UIDS['series']}#2", 2),
    ]
    assert read_series(tmp_path, series=f"{UIDS['series']}#2").volume.orientation == "PIL"


def test_series_whose_uid_was_emptied_are_read(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path, every=setting(SeriesInstanceUID="", SOPInstanceUID="", SOPClassUID=""))
    assert np.array_equal(read_series(tmp_path).volume.array, pixels)
    assert contents(tmp_path).series[0].key == "no-uid"


def test_an_mr_without_unit_stays_without(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path, every=as_mr)
    volume = read_series(tmp_path).volume
    assert (volume.modality, volume.unit) == ("MR", "")
    assert np.array_equal(volume.array, pixels)


def test_a_single_slice_has_its_declared_thickness(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path, values(1))
    assert read_series(tmp_path).volume.spacing_mm[0] == 3
    assert np.array_equal(read_series(tmp_path / "00.dcm").volume.array, pixels)
    (tmp_path / "00.dcm").unlink()
    write_ct(tmp_path, values(1), every=setting(SliceThickness=None))
    assert "single slice and declares no slice thickness" in refused(tmp_path)


def test_rounded_positions_are_even_spacing(tmp_path: Path) -> None:
    places: dict[int, Change] = {
        k: setting(ImagePositionPatient=[0, 0, round(1.25 * k, 1)]) for k in range(9)
    }
    write_ct(tmp_path, values(9), changes=places)
    assert read_series(tmp_path).volume.spacing_mm[0] == pytest.approx(1.25)


def test_a_data_set_without_preamble_and_syntax_is_read(tmp_path: Path) -> None:
    pixels = write_ct(tmp_path, values(1))
    whole = (tmp_path / "00.dcm").read_bytes()
    (tmp_path / "00.dcm").write_bytes(whole[whole.index(b"\x08\x00\x08\x00CS") :])
    assert np.array_equal(read_series(tmp_path).volume.array, pixels)


# --- several images at each place


def test_phases_in_one_series_are_refused_by_their_axis_or_chosen(tmp_path: Path) -> None:
    first = write_ct(tmp_path / "a", every=setting(TemporalPositionIdentifier=1))
    second = write_ct(tmp_path / "b", values(seed=3), every=setting(TemporalPositionIdentifier=2))
    told = refused(tmp_path)
    assert (
        "holds 2 images at each place, which differ in temporal position; choose one: frame=0 (1), frame=1 (2)"
        in told
    )
    assert np.array_equal(read_series(tmp_path, frame=0).volume.array, first)
    assert np.array_equal(read_series(tmp_path, frame=1).volume.array, second)
    assert "not 2" in refused(tmp_path, frame=2)


def test_echoes_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    write_ct(tmp_path / "a", every=setting(EchoTime=10.0))
    short = write_ct(tmp_path / "b", values(seed=3), every=setting(EchoTime=2.3))
    assert "differ in echo time; choose one: frame=0 (2.3), frame=1 (10.0)" in refused(tmp_path)
    assert np.array_equal(read_series(tmp_path, frame=0).volume.array, short)


def test_two_axes_at_once_are_told_together(tmp_path: Path) -> None:
    for b in (0, 400):
        for k, kind in enumerate(("M", "P")):
            write_ct(
                tmp_path / f"{b}{kind}",
                values(seed=b + k),
                every=setting(DiffusionBValue=float(b), ImageType=["ORIGINAL", "PRIMARY", kind]),
            )
    assert "holds 4 images at each place, which differ in b-value and image type" in refused(tmp_path)


def test_an_axis_of_times_is_told_without_the_times(tmp_path: Path) -> None:
    write_ct(tmp_path / "a", every=setting(AcquisitionTime="112233"))
    write_ct(tmp_path / "b", values(seed=1), every=setting(AcquisitionTime="112244"))
    assert "differ in acquisition time; choose one: frame=0, frame=1" in refused(tmp_path)


def test_a_frame_of_a_series_that_has_one_is_refused(tmp_path: Path) -> None:
    write_ct(tmp_path)
    assert "one image lies at each place" in refused(tmp_path, frame=1)
    assert read_series(tmp_path, frame=0).volume.array.shape == (5, 6, 8)


# --- what is refused


def _different_at_one_place(folder: Path) -> None:
    write_ct(folder)
    write_ct(folder / "again", values(seed=9), skip=(0, 1, 3, 4))


def _text(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("hello")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing slice": (
        lambda folder: write_ct(folder, values(7), skip=(3,)),
        f"1 missing slice(s) between instance 5 ({file_of(2)}) and instance 3 ({file_of(4)}): they are 5 mm apart,"
        " others 2.5 mm",
    ),
    "two missing slices of five": (
        lambda folder: write_ct(folder, values(5), skip=(1, 2)),
        f"2 missing slice(s) between instance 5 ({file_of(0)}) and instance 2 ({file_of(3)})",
    ),
    "uneven spacing": (
        lambda folder: write_ct(folder, changes={4: setting(ImagePositionPatient=[-20, 10, 111])}),
        f"uneven spacing between instance 2 ({file_of(3)}) and instance 1 ({file_of(4)}): they are 3.5 mm apart",
    ),
    "a gantry tilt": (
        lambda folder: write_ct(
            folder,
            changes={k: setting(ImagePositionPatient=[-20, 10 + 0.5 * k, 100 + 2.5 * k]) for k in range(5)},
        ),
        f"by 2 mm at instance 1 ({file_of(4)}): a gantry tilt of 11.3 degrees",
    ),
    "a shifted slice": (
        lambda folder: write_ct(folder, changes={2: setting(ImagePositionPatient=[-10, 10, 105])}),
        f"by 10 mm at instance 3 ({file_of(2)})",
    ),
    "two images at one place": (
        _different_at_one_place,
        f"instance 3 ({file_of(2)}) and instance 3 ({file_of(2)}) are different images at the same place",
    ),
    "no pixel spacing": (
        lambda folder: write_ct(folder, every=setting(PixelSpacing=None)),
        "the pixel spacing is missing; features need its millimetres",
    ),
    "directions that are not at right angles": (
        lambda folder: write_ct(folder, every=setting(ImageOrientationPatient=[1, 0, 0, 0.6, 0.8, 0])),
        "is not two unit vectors at right angles",
    ),
    "no position": (
        lambda folder: write_ct(folder, every=setting(ImagePositionPatient=None)),
        "an image without position and orientation in the patient",
    ),
    "a localiser alone": (
        lambda folder: write_ct(folder, every=setting(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])),
        "holds no image that makes a volume (00.dcm: localiser;",
    ),
    "an empty folder": (lambda folder: folder.mkdir(), "the folder is empty"),
    "text called DICOM": (
        lambda folder: _text(folder / "a.dcm"),
        "holds no image that makes a volume (a.dcm: not a DICOM file)",
    ),
    "no such folder": (lambda folder: None, "there is no such file or folder"),
    "a CT without intercept": (
        lambda folder: write_ct(
            folder, values().astype(np.uint16), every=setting(RescaleIntercept=None, RescaleSlope=None)
        ),
        "a CT without rescale intercept whose numbers cannot be negative",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_series_that_makes_no_volume_is_refused_by_what_is_wrong(tmp_path: Path, case: str) -> None:
    make, told = REFUSED[case]
    make(tmp_path / "series")
    assert told in refused(tmp_path / "series")


def test_a_header_that_is_cut_off_is_refused_by_its_file(tmp_path: Path) -> None:
    write_ct(tmp_path)
    whole = (tmp_path / file_of(4)).read_bytes()
    (tmp_path / file_of(4)).write_bytes(whole[: whole.index(b"MONOCHROME2") - 40])
    assert re.search(
        rf"{file_of(4)}: is a (CT Image Storage without rows|damaged DICOM file)", refused(tmp_path)
    )


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_ct(tmp_path)
    plain: Any = Path.open

    def locked(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == file_of(2):
            raise PermissionError(13, "Permission denied")
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", locked)
    assert f"{file_of(2)}: cannot be read (Permission denied)" in refused(tmp_path)


# --- enhanced multi-frame


def test_an_enhanced_instance_is_sorted_and_rescaled_frame_by_frame(tmp_path: Path) -> None:
    pixels = values(4)
    enhanced_mr(pixels, order=[2, 0, 3, 1]).save_as(tmp_path / "e.dcm", enforce_file_format=True)
    volume = read_series(tmp_path / "e.dcm").volume
    expected = pixels * 2.0 + np.arange(4)[:, None, None]
    assert volume.array.dtype == np.float32
    assert np.array_equal(volume.array, expected)
    assert volume.spacing_mm == pytest.approx((4, 0.8, 0.7))
    assert (volume.modality, volume.unit) == ("MR", "")


def test_an_enhanced_instance_of_several_times_is_refused_or_chosen(tmp_path: Path) -> None:
    pixels = values(6)
    enhanced_mr(pixels, n_times=2, order=[5, 0, 3, 1, 2, 4]).save_as(
        tmp_path / "e.dcm", enforce_file_format=True
    )
    assert "2 images at each place, which differ in temporal position" in refused(tmp_path)
    volume = read_series(tmp_path, frame=1).volume
    assert np.array_equal(volume.array, pixels[3:] * 2.0 + np.arange(3)[:, None, None])


def test_frames_without_a_place_are_no_volume(tmp_path: Path) -> None:
    def without(dataset: Dataset) -> Dataset:
        del dataset.PerFrameFunctionalGroupsSequence
        return dataset

    without(enhanced_mr(values(4))).save_as(tmp_path / "e.dcm", enforce_file_format=True)
    assert "4 frames, 1 of them with a place in the patient" in refused(tmp_path)


def test_a_missing_frame_is_refused_by_its_number(tmp_path: Path) -> None:
    dataset = enhanced_mr(values(6))
    dataset.PerFrameFunctionalGroupsSequence[5].PlanePositionSequence[0].ImagePositionPatient = [0, 0, 24]
    dataset.save_as(tmp_path / "e.dcm", enforce_file_format=True)
    assert (
        "1 missing slice(s) between instance 1, frame 5 (e.dcm) and instance 1, frame 6 (e.dcm)"
        in refused(tmp_path)
    )


def test_a_header_cut_off_between_rows_and_columns_is_refused_by_its_file(tmp_path: Path) -> None:
    write_ct(tmp_path, changes={2: setting(Columns=None)})
    told = refused(tmp_path)
    assert f"{file_of(2)}: declares" in told
    assert "0 columns; its header is cut off or wrong" in told


def test_what_was_set_aside_is_told_where_a_slice_is_missing(tmp_path: Path) -> None:
    write_ct(tmp_path, changes={2: setting(ImagePositionPatient=None)})
    told = refused(tmp_path)
    assert "1 missing slice(s) between" in told
    assert f"Set aside: {file_of(2)}: an image without position" in told


def test_a_folder_that_may_not_be_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_ct(tmp_path)
    (tmp_path / "closed").mkdir()
    listed = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr("os.scandir", scandir)
    assert "closed: cannot be read (Permission denied); check the rights of the folder" in refused(tmp_path)
