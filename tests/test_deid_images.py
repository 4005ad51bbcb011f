"""What hepar reads of a series before and after: the same volume, and the parameters that the options promise."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from deid_samples import ct, run, save
from dicom_samples import as_mr, ct_slice, enhanced_mr, setting, values, write_ct
from hepar.core.errors import DataError
from hepar.io.deidentification import Options, Rules, deidentify, subject_of
from hepar.io.dicom_parameters import acquisition_parameters
from hepar.io.dicom_seg import read_seg
from hepar.io.dicom_series import read_series
from hepar.io.dicom_writers import write_rtstruct, write_seg
from hepar.io.images import read_image
from hepar.io.masks import read_masks

GOLDEN = Path(__file__).parent / "golden" / "images"
KEY = b"a SIMULATED key of 32 bytes ....1"
STUDY = {"dates": "modified", "retain_device": True, "clean_descriptors": True, "retain_patient": True}
"""Options of a study that compares scanners and phases."""


def folder_of(source: Path, target: Path, **options: Any) -> Path:
    """The series in `source`, de-identified into `target`."""
    target.mkdir()
    for file in sorted(source.glob("*.dcm")):
        dataset = dcmread(file)
        if not dataset.get("SOPInstanceUID"):  # slices bundled for tests have none
            dataset.SOPInstanceUID = f"1.2.{dataset.InstanceNumber}"
        rules = Rules(KEY, Options(**options))
        made = deidentify(
            dataset, rules=rules, subject=subject_of(KEY, str(dataset.PatientID) or "none")
        ).dataset
        made.save_as(target / file.name, enforce_file_format=True)
    return target


@pytest.mark.parametrize("options", [{}, STUDY], ids=["basic", "study"])
def test_a_real_venous_ct_reads_as_the_very_same_volume(tmp_path: Path, options: dict[str, Any]) -> None:
    made = folder_of(GOLDEN / "venous_liver", tmp_path / "out", **options)
    before, after = read_series(GOLDEN / "venous_liver"), read_series(made)
    assert np.array_equal(before.volume.array, after.volume.array)
    assert np.array_equal(before.volume.affine, after.volume.affine)


def test_its_parameters_are_those_that_the_options_promise(tmp_path: Path) -> None:
    before = acquisition_parameters(GOLDEN / "venous_liver")
    basic = acquisition_parameters(folder_of(GOLDEN / "venous_liver", tmp_path / "basic"))
    study = acquisition_parameters(folder_of(GOLDEN / "venous_liver", tmp_path / "study", **STUDY))
    assert study == before
    changed = {name for name in before if before[name] != basic.get(name)}
    assert changed == {"manufacturer", "model", "software", "contrast_agent"} & set(before)


def test_an_mr_keeps_its_timing(tmp_path: Path) -> None:
    mr = {"RepetitionTime": "4.5", "EchoTime": "2.1", "FlipAngle": "12", "MagneticFieldStrength": "3"}
    mr |= {
        "SequenceName": "*fl3d2",
        "ScanningSequence": "GR",
        "MRAcquisitionType": "3D",
        "PixelBandwidth": "400",
    }

    def change(dataset: Dataset) -> None:
        as_mr(dataset)
        setting(**mr)(dataset)

    write_ct(tmp_path / "in", every=change)
    before = acquisition_parameters(tmp_path / "in")
    after = acquisition_parameters(folder_of(tmp_path / "in", tmp_path / "out"))
    assert {**before, "manufacturer": "REMOVED"} == after


def test_an_enhanced_mr_with_b_values_reads_as_the_very_same_frames(tmp_path: Path) -> None:
    dataset = enhanced_mr(values(8), n_times=2)
    for k, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        diffusion: Any = Dataset()
        diffusion.DiffusionBValue = [50.0, 800.0][k // 4]
        frame.MRDiffusionSequence = Sequence([diffusion])
        del frame.FrameContentSequence
    (tmp_path / "in").mkdir()
    dataset.save_as(tmp_path / "in" / "a.dcm", enforce_file_format=True)
    made = folder_of(tmp_path / "in", tmp_path / "out")
    told = []
    for folder in (tmp_path / "in", made):
        with pytest.raises(DataError, match="b-value") as error:
            read_series(folder)
        told.append(str(error.value).replace(str(folder), ""))
    frames = [
        dcmread(folder / "a.dcm").PerFrameFunctionalGroupsSequence for folder in (tmp_path / "in", made)
    ]
    assert frames[0] == frames[1]
    assert read_of(tmp_path / "in", 1) == read_of(made, 1)


def read_of(folder: Path, frame: int) -> tuple[Any, ...]:
    volume = read_series(folder, frame=frame).volume
    return tuple(volume.array.ravel()), tuple(volume.affine.ravel())


def test_relative_times_of_phases_stay_with_modified_dates(tmp_path: Path) -> None:
    for name, time in (("arterial", "101010"), ("portal", "101055.5")):
        write_ct(tmp_path / name, every=setting(AcquisitionTime=time, ContentTime=time))
    told = {}
    for name in ("arterial", "portal"):
        made = folder_of(tmp_path / name, tmp_path / f"{name} out", dates="modified", clean_descriptors=True)
        header = dcmread(next(made.glob("*.dcm")))
        told[name] = (header.AcquisitionDate, header.AcquisitionTime, header.SeriesDescription)
    assert told["arterial"][0] == told["portal"][0] != "20010203"
    assert (told["arterial"][1], told["portal"][1]) == ("101010", "101055.5")
    assert told["portal"][2] == "portal venous"  # SIMULATED is no word of the list


def test_ultrasound_regions_stay() -> None:
    dataset: Any = ct_slice(values()[0], 0)
    region: Any = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 10, 20
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 500, 400
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = 3, 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.05, 0.05
    dataset.SequenceOfUltrasoundRegions = Sequence([region])
    made = deidentify(dataset, rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    assert made.SequenceOfUltrasoundRegions == dataset.SequenceOfUltrasoundRegions


def test_pixels_are_shared_not_copied() -> None:
    dataset: Any = ct_slice(values()[0], 0)
    made: Any = deidentify(dataset, rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    assert made.PixelData is dataset.PixelData


def test_a_segmentation_still_lies_on_its_series(tmp_path: Path) -> None:
    write_ct(tmp_path / "in" / "ct")
    image = read_image(tmp_path / "in" / "ct")
    liver = np.zeros(image.array.shape, bool)
    liver[0, 1:4, 2:7] = True
    (tmp_path / "seg").mkdir()
    write_seg({"liver": image.like(liver)}, tmp_path / "in" / "ct", tmp_path / "seg" / "seg.dcm")
    ct = folder_of(tmp_path / "in" / "ct", tmp_path / "ct out")
    for options, name in (({}, "REMOVED"), ({"clean_descriptors": True}, "liver")):
        seg = folder_of(tmp_path / "seg", tmp_path / f"seg {name}", **options)
        found = read_seg(seg / "seg.dcm", like=read_image(ct))
        assert list(found) == [name]
        assert np.array_equal(found[name].array, liver)


@pytest.mark.parametrize("descriptors", [False, True])
def test_masks_of_a_series_are_the_same_ones_and_keep_known_names_with_cleaned_descriptors(
    descriptors: bool, tmp_path: Path
) -> None:
    for k in range(3):
        save(ct(k), tmp_path / "in" / "ct" / f"{k}.dcm")
    image = read_image(tmp_path / "in" / "ct")
    halves = np.zeros((2, *image.array.shape), np.uint8)
    halves[0, :, :3], halves[1, :, 4:6] = 1, 1
    masks = {"liver": image.like(halves[0]), "lesion of Marigolda": image.like(halves[1])}
    write_seg(masks, tmp_path / "in" / "ct", tmp_path / "in" / "seg" / "a.dcm")
    write_rtstruct(masks, tmp_path / "in" / "ct", tmp_path / "in" / "rt" / "a.dcm")
    run(tmp_path / "in", tmp_path / "out", options=Options(clean_descriptors=descriptors))
    found = {dcmread(file).Modality: file for file in sorted((tmp_path / "out").rglob("*.dcm"))}
    after = read_image(found["CT"].parent)
    assert np.array_equal(after.array, image.array)
    assert np.array_equal(after.affine, image.affine)
    for modality in ("SEG", "RTSTRUCT"):
        made = read_masks(found[modality], like=after)
        assert not any("marigolda" in name.lower() for name in made)
        assert (set(made) == {"liver", "lesion of"} or set(made) == {"liver", "lesion"}) is descriptors
        for before, mask in zip(masks.values(), made.values(), strict=True):
            assert np.array_equal(before.array, mask.array)
        refers = {
            str(e.value)
            for e in dcmread(found[modality]).iterall()
            if e.keyword == "ReferencedSOPInstanceUID"
        }
        slices = [dcmread(file) for file in found["CT"].parent.glob("*.dcm")]
        study = {str(slices[0].StudyInstanceUID)}  # a structure set refers to it, too
        assert refers - study == {str(one.SOPInstanceUID) for one in slices}
        assert frame_of(found[modality]) == frame_of(found["CT"])


def frame_of(file: Path) -> str:
    """UID of the frame of reference, wherever the object keeps it."""
    dataset = dcmread(file)
    found = {
        str(e.value)
        for e in dataset.iterall()
        if e.keyword in ("FrameOfReferenceUID", "ReferencedFrameOfReferenceUID")
    }
    assert len(found) == 1
    return found.pop()
