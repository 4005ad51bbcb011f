"""Masks written as SEG and RTSTRUCT: what they refer to, that they come back, and what is not written."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom import dcmread

from dicom_samples import UIDS, enhanced_mr, setting, values, write_ct
from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.io.dicom_writers import write_rtstruct, write_seg
from hepar.io.images import read_image
from hepar.io.masks import read_masks

WRITERS: list[Callable[..., None]] = [write_seg, write_rtstruct]
GOLDEN = Path(__file__).parent / "golden" / "images"


def region(image: Volume) -> Volume:
    inside = np.zeros(image.array.shape, bool)
    inside[1, 2:4, 3:6] = inside[2, 0, 0] = True
    return image.like(inside)


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_written_belongs_to_the_patient_and_the_series(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write_ct(tmp_path / "ct")
    image = read_image(tmp_path / "ct")
    write({"liver": region(image)}, tmp_path / "ct", tmp_path / "out.dcm")
    written, source = dcmread(tmp_path / "out.dcm"), dcmread(tmp_path / "ct" / "00.dcm")
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "FrameOfReferenceUID"):
        assert written[keyword].value == source[keyword].value
    assert written.SeriesInstanceUID != source.SeriesInstanceUID
    assert written.Manufacturer == "hepar"
    referred = {str(e.value) for e in written.iterall() if e.keyword == "ReferencedSOPInstanceUID"}
    assert str(source.SOPInstanceUID) in referred


@pytest.mark.parametrize("write", WRITERS)
def test_the_masks_of_a_real_ct_come_back_voxel_for_voxel(tmp_path: Path, write: Callable[..., None]) -> None:
    image = read_image(GOLDEN / "dcmqi_liver")
    masks = read_masks(
        GOLDEN / "dcmqi_liver" / "liver_spine_seg.nrrd", like=image, labels={"Liver": 1, "Spine": 2}
    )
    write(masks, GOLDEN / "dcmqi_liver", tmp_path / "out.dcm")
    back = read_masks(tmp_path / "out.dcm", like=image)
    assert list(back) == ["Liver", "Spine"]
    assert all(np.array_equal(back[name].array, masks[name].array) for name in masks)


@pytest.mark.parametrize("write", WRITERS)
def test_a_mask_with_other_axes_is_turned_to_the_series(tmp_path: Path, write: Callable[..., None]) -> None:
    write_ct(tmp_path / "ct")
    image = read_image(tmp_path / "ct")
    write({"liver": region(image).oriented("RIA")}, tmp_path / "ct", tmp_path / "out.dcm")
    assert np.array_equal(read_masks(tmp_path / "out.dcm", like=image)["liver"].array, region(image).array)


@pytest.mark.parametrize("write", WRITERS)
def test_a_multi_frame_source_is_referred_to_frame_by_frame(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    path = tmp_path / "e.dcm"
    enhanced_mr(values(4), order=[2, 0, 3, 1]).save_as(path, enforce_file_format=True)
    image = read_image(path)
    write({"liver": region(image)}, path, tmp_path / "out.dcm")
    assert np.array_equal(read_masks(tmp_path / "out.dcm", like=image)["liver"].array, region(image).array)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrays(bool, (3, 6, 8), elements=st.booleans()))
def test_any_mask_survives_seg_and_rtstruct(tmp_path: Path, inside: np.ndarray) -> None:
    if not (tmp_path / "ct").exists():
        write_ct(tmp_path / "ct", values(3))
    image = read_image(tmp_path / "ct")
    inside[1, 3, 3] = True
    inside[2] |= inside[0].any()
    for write in WRITERS:
        write({"liver": image.like(inside)}, tmp_path / "ct", tmp_path / "out.dcm")
        assert np.array_equal(read_masks(tmp_path / "out.dcm", like=image)["liver"].array, inside)


def test_who_drew_a_segment_is_said(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    mask = region(read_image(tmp_path / "ct"))
    write_seg({"Liver": mask}, tmp_path / "ct", tmp_path / "hand.dcm")
    write_seg({"other": mask}, tmp_path / "ct", tmp_path / "net.dcm", algorithm="SIMULATED net")
    (hand,), (net,) = (dcmread(tmp_path / f"{name}.dcm").SegmentSequence for name in ("hand", "net"))
    assert (hand.SegmentAlgorithmType, net.SegmentAlgorithmType) == ("MANUAL", "AUTOMATIC")
    assert net.SegmentAlgorithmName == "SIMULATED net"
    assert hand.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Liver"
    assert net.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Tissue"


@pytest.mark.parametrize("write", WRITERS)
def test_what_cannot_be_written_is_refused(tmp_path: Path, write: Callable[..., None]) -> None:
    write_ct(tmp_path / "ct")
    image = read_image(tmp_path / "ct")
    target = tmp_path / "out.dcm"
    with pytest.raises(DataError, match="no mask was given"):
        write({}, tmp_path / "ct", target)
    with pytest.raises(DataError, match="the mask 'liver' is empty"):
        write({"liver": image.like(np.zeros(image.array.shape, bool))}, tmp_path / "ct", target)
    with pytest.raises(DataError, match="the grids differ"):
        write({"liver": Volume(np.ones((2, 3, 4), bool), image.affine)}, tmp_path / "ct", target)
    write_ct(tmp_path / "bare", every=setting(SOPInstanceUID="", StudyInstanceUID=""))
    with pytest.raises(DataError, match=r"has no SOPInstanceUID, StudyInstanceUID .* write_nifti"):
        write({"liver": region(image)}, tmp_path / "bare", target)
    assert not target.exists()


def test_one_of_several_series_is_drawn_on(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    write_ct(
        tmp_path / "ct" / "b", every=setting(SeriesInstanceUID=UIDS["other"], SeriesDescription="arterial")
    )
    image = read_image(tmp_path / "ct", series="arterial")
    write_seg({"liver": region(image)}, tmp_path / "ct", tmp_path / "out.dcm", series="arterial")
    referred = dcmread(tmp_path / "out.dcm").ReferencedSeriesSequence[0].SeriesInstanceUID
    assert referred == UIDS["other"]
