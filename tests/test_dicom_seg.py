"""DICOM SEG: frames placed by geometry, every type of segmentation, and frames that belong to another image."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_samples import UIDS, write_ct
from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.io.dicom_seg import read_seg
from hepar.io.dicom_writers import write_seg
from hepar.io.images import read_image
from hepar.io.masks import read_masks

GOLDEN = Path(__file__).parent / "golden" / "images"


@pytest.fixture
def image(tmp_path: Path) -> Volume:
    write_ct(tmp_path / "ct")
    return read_image(tmp_path / "ct")


@pytest.fixture
def masks(image: Volume) -> dict[str, Volume]:
    """Two regions with empty slices between them; neither is symmetric."""
    liver, tumour = np.zeros(image.array.shape, bool), np.zeros(image.array.shape, bool)
    liver[0, 1:4, 2:7], liver[3, 0, :3], liver[4, 5, 7] = True, True, True
    tumour[0, 2, 3:5] = True
    return {"liver": image.like(liver), "tumour": image.like(tumour)}


@pytest.fixture
def seg(tmp_path: Path, masks: dict[str, Volume]) -> Path:
    write_seg(masks, tmp_path / "ct", tmp_path / "seg.dcm")
    return tmp_path / "seg.dcm"


def same(found: dict[str, Volume], masks: dict[str, Volume]) -> bool:
    return list(found) == list(masks) and all(
        np.array_equal(found[name].array, masks[name].array) for name in masks
    )


def refused(path: Path, image: Volume, **how: Any) -> str:
    with pytest.raises(DataError) as error:
        read_seg(path, like=image, **how)
    assert path.name in str(error.value)
    return str(error.value)


def test_the_segmentation_of_a_real_liver_agrees_with_its_nrrd_voxel_for_voxel() -> None:
    image = read_image(GOLDEN / "dcmqi_liver")
    seg = read_masks(GOLDEN / "dcmqi_liver" / "liver_seg.dcm", like=image)
    label = read_masks(GOLDEN / "dcmqi_liver" / "liver_seg.nrrd", like=image)
    assert list(seg) == ["Liver"]
    assert np.array_equal(seg["Liver"].array, label["1"].array)
    assert seg["Liver"].array.sum() == 107098
    assert image.array[seg["Liver"].array].mean() == pytest.approx(37.33, abs=0.01)


def test_segments_come_back_voxel_for_voxel_and_slices_left_out_are_empty(
    image: Volume, masks: dict[str, Volume], seg: Path
) -> None:
    assert int(dcmread(seg).NumberOfFrames) == 4
    assert same(read_seg(seg, like=image), masks)


@pytest.mark.parametrize("code", ["SPL", "ISR", "IPL", "LPS", "ARI", "PSL"])
def test_frames_are_placed_whatever_the_axes_of_the_image(
    image: Volume, masks: dict[str, Volume], seg: Path, code: str
) -> None:
    code = {"ISR": "IAR"}.get(code, code)
    turned = image.oriented(code)
    found = read_seg(seg, like=turned)
    for name, mask in masks.items():
        assert np.array_equal(found[name].array, mask.oriented(code).array)


def test_the_order_of_frames_does_not_matter(
    image: Volume, masks: dict[str, Volume], seg: Path, tmp_path: Path
) -> None:
    dataset = dcmread(seg)
    order = [2, 0, 3, 1]
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")[: 4 * 48].reshape(
        4, 48
    )
    packed = np.packbits(bits[order].ravel(), bitorder="little").tobytes()
    dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    frames = dataset.PerFrameFunctionalGroupsSequence
    dataset.PerFrameFunctionalGroupsSequence = [frames[k] for k in order]
    dataset.save_as(tmp_path / "shuffled.dcm")
    assert same(read_seg(tmp_path / "shuffled.dcm", like=image), masks)


def test_segments_are_chosen_by_number_or_label(image: Volume, masks: dict[str, Volume], seg: Path) -> None:
    found = read_seg(seg, like=image, labels={"a": 2, "b": ("liver", "tumour")})
    assert np.array_equal(found["a"].array, masks["tumour"].array)
    assert np.array_equal(found["b"].array, masks["liver"].array)
    assert "has no label 'kidney'; Allowed: 1, 2, liver, tumour" in refused(
        seg, image, labels={"x": "kidney"}
    )


def _frames_of(seg: Path, pixels: np.ndarray, **values: Any) -> Dataset:
    """The SEG with 8 bits a pixel (frames, rows, columns)."""
    dataset = dcmread(seg)
    dataset.PixelData = pixels.astype(np.uint8).tobytes()
    dataset["PixelData"].VR = "OB"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    for name, value in values.items():
        setattr(dataset, name, value)
    return dataset


def test_a_fractional_segment_is_where_it_is_at_least_half(image: Volume, seg: Path, tmp_path: Path) -> None:
    pixels = np.zeros((4, 6, 8))
    pixels[:, 1, :4] = (99, 100, 101, 200)
    dataset = _frames_of(seg, pixels, SegmentationType="FRACTIONAL", MaximumFractionalValue=200)
    dataset.save_as(tmp_path / "f.dcm")
    found = read_seg(tmp_path / "f.dcm", like=image)
    assert found["tumour"].array.sum() == 3
    assert np.array_equal(found["tumour"].array[0, 1, :4], [False, True, True, True])


def test_a_label_map_gives_each_number_its_segment(image: Volume, seg: Path, tmp_path: Path) -> None:
    pixels = np.zeros((4, 6, 8))
    pixels[0, 0, :3], pixels[0, 1, :5] = 1, 2
    dataset = _frames_of(seg, pixels, SegmentationType="LABELMAP")
    dataset.save_as(tmp_path / "l.dcm")
    found = read_seg(tmp_path / "l.dcm", like=image)
    assert {name: int(mask.array.sum()) for name, mask in found.items()} == {"liver": 3, "tumour": 5}


def test_segments_of_the_same_label_are_told_apart_by_number(
    image: Volume, seg: Path, tmp_path: Path
) -> None:
    dataset = dcmread(seg)
    for segment in dataset.SegmentSequence:
        segment.SegmentLabel = "lesion"
    dataset.save_as(tmp_path / "s.dcm")
    assert list(read_seg(tmp_path / "s.dcm", like=image)) == ["lesion #1", "lesion #2"]


def test_a_segmentation_of_another_image_is_refused(image: Volume, seg: Path, tmp_path: Path) -> None:
    assert "lies outside its image" in refused(seg, Volume(image.array[1:], _moved(image, (1, 0, 0)), "CT"))
    assert "is not on the grid of its image" in refused(
        seg, Volume(image.array, _moved(image, (0, 0.5, 0)), "CT")
    )
    told = refused(seg, Volume(image.array[:, 1:], _moved(image, (0, 1, 0)), "CT"))
    assert "Frame: shape (1, 6, 8)" in told
    assert "image: shape (5, 5, 8)" in told
    other = Volume(image.array, image.affine, "CT", "HU", UIDS["other"])
    assert "was drawn in another frame of reference than the image" in refused(seg, other)


def _moved(image: Volume, voxels: tuple[float, float, float]) -> np.ndarray:
    affine = image.affine.copy()
    affine[:3, 3] = image.world_mm(voxels)
    return affine


def test_frames_may_be_a_part_of_the_slice(image: Volume, seg: Path) -> None:
    affine = _moved(image, (-1, -2, -3))
    large = Volume(np.zeros((7, 10, 12), np.int16), affine, "CT")
    found = read_seg(seg, like=large)
    assert np.array_equal(found["liver"].array[1:6, 2:8, 3:11], read_seg(seg, like=image)["liver"].array)
    assert found["liver"].array.sum() == 15 + 3 + 1


def test_an_empty_segment_is_refused_unless_others_are_chosen(
    image: Volume, seg: Path, tmp_path: Path
) -> None:
    dataset = dcmread(seg)
    dataset.PerFrameFunctionalGroupsSequence[3].SegmentIdentificationSequence[0].ReferencedSegmentNumber = 1
    dataset.save_as(tmp_path / "e.dcm")
    assert "the region 'tumour' is empty" in refused(tmp_path / "e.dcm", image)
    assert list(read_seg(tmp_path / "e.dcm", like=image, labels={"liver": 1})) == ["liver"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"SegmentationType": "SURFACE"}, "is a segmentation of type 'SURFACE'"),
        ({"SegmentSequence": []}, "declares no segment"),
        ({"NumberOfFrames": 5}, "declares 5 frames and places 4"),
        ({"PixelData": b"\0\1"}, "the pixel data are truncated"),
        ({"Rows": 60000, "Columns": 60000}, "the header declares"),
    ],
)
def test_a_damaged_segmentation_is_refused(
    image: Volume, seg: Path, tmp_path: Path, values: dict[str, Any], told: str
) -> None:
    dataset = dcmread(seg)
    for name, value in values.items():
        setattr(dataset, name, value)
    dataset.save_as(tmp_path / "d.dcm")
    assert told in refused(tmp_path / "d.dcm", image)


def test_frames_without_a_place_are_refused(image: Volume, seg: Path, tmp_path: Path) -> None:
    dataset = dcmread(seg)
    del dataset.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence
    dataset.save_as(tmp_path / "d.dcm")
    assert "a frame has no position, orientation or pixel spacing" in refused(tmp_path / "d.dcm", image)
