"""Masks on the grid of their image: label images, probabilities, segments of 3D Slicer, folders; and what is no mask."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume, affine_of, describe
from hepar.io.images import read_image, write_nifti
from hepar.io.masks import read_masks

GOLDEN = Path(__file__).parent / "golden" / "images"
STEPS = [[0, 0, 3.0], [0, 0.8, 0], [0.7, 0, 0]]
IMAGE = Volume(np.zeros((3, 4, 5), np.int16), affine_of(STEPS, (-10, 20, 30)), "CT", "HU", "1.2.3")


def labels_image() -> np.ndarray:
    array = np.zeros((3, 4, 5), np.uint8)
    array[0, :2], array[1, 2:], array[2, 0, 0] = 1, 2, 7
    return array


def saved(path: Path, array: np.ndarray, *, like: Volume = IMAGE) -> Path:
    write_nifti(Volume(array, like.affine), path)
    return path


def refused(path: Path, **how: Any) -> str:
    with pytest.raises(DataError) as error:
        read_masks(path, like=IMAGE, **how)
    assert path.name in str(error.value)
    return str(error.value)


# --- label images


def test_each_label_is_a_region_in_the_place_of_the_image(tmp_path: Path) -> None:
    masks = read_masks(saved(tmp_path / "m.nii.gz", labels_image()), like=IMAGE)
    assert {name: int(mask.array.sum()) for name, mask in masks.items()} == {"1": 10, "2": 10, "7": 1}
    assert masks["2"].array.dtype == bool
    assert np.array_equal(masks["2"].array, labels_image() == 2)
    assert masks["2"].affine is IMAGE.affine
    assert (masks["2"].modality, masks["2"].frame_uid) == ("SEG", "1.2.3")


def test_regions_are_named_and_made_of_one_or_several_labels(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.nii.gz", labels_image())
    masks = read_masks(path, like=IMAGE, labels={"liver": (1, 2), "tumour": 2})
    assert {name: int(mask.array.sum()) for name, mask in masks.items()} == {"liver": 20, "tumour": 10}
    assert "has no label 3; Allowed: 1, 2, 7" in refused(path, labels={"liver": 3})


@pytest.mark.parametrize("code", ["SPL", "LPS", "SAR", "RIA", "PLI"])
def test_a_mask_in_another_axis_order_is_turned_to_its_image(tmp_path: Path, code: str) -> None:
    turned = Volume(labels_image(), IMAGE.affine).oriented(code)
    write_nifti(turned, tmp_path / "m.nii.gz")
    masks = read_masks(tmp_path / "m.nii.gz", like=IMAGE)
    assert np.array_equal(masks["7"].array, labels_image() == 7)


def test_the_labels_of_a_real_ct_lie_over_its_organs() -> None:
    image = read_image(GOLDEN / "venous_liver")
    path = GOLDEN / "venous_liver" / "labels.nii.gz"
    assert image.orientation == "SPL"
    assert read_image(path).orientation == "SAL"
    masks = read_masks(path, like=image, labels={"liver": 5, "spleen": 1})
    medians = {name: float(np.median(image.array[mask.array])) for name, mask in masks.items()}
    assert medians == pytest.approx({"liver": 93, "spleen": 80}, abs=4)
    assert np.percentile(image.array[masks["liver"].array], 5) > 40
    assert np.percentile(image.array[read_image(path).array == 5], 5) < -100


def test_a_map_of_probabilities_is_the_region_from_one_half_on(tmp_path: Path) -> None:
    array = np.full((3, 4, 5), 0.49, np.float32)
    array[1, 1] = (0.5, 0.51, 1.0, 0.2, 0.0)
    masks = read_masks(saved(tmp_path / "p.nii.gz", array), like=IMAGE)
    assert list(masks) == ["1"]
    assert masks["1"].array.sum() == 3
    named = read_masks(tmp_path / "p.nii.gz", like=IMAGE, labels={"liver": 1})
    assert named["liver"].array.sum() == 3


def test_labels_stored_as_fractions_that_are_whole_are_labels(tmp_path: Path) -> None:
    masks = read_masks(saved(tmp_path / "m.nii.gz", labels_image().astype(np.float32)), like=IMAGE)
    assert list(masks) == ["1", "2", "7"]


def test_the_masks_of_a_folder_are_named_as_their_files(tmp_path: Path) -> None:
    for name, label in (("liver", 1), ("spleen", 2)):
        saved(tmp_path / f"{name}.nii.gz", (labels_image() == label).astype(np.uint8))
    masks = read_masks(tmp_path, like=IMAGE)
    assert {name: int(mask.array.sum()) for name, mask in masks.items()} == {"liver": 10, "spleen": 10}
    both = read_masks(tmp_path, like=IMAGE, labels={"organs": ("liver", "spleen")})
    assert both["organs"].array.sum() == 20
    saved(tmp_path / "many.nii.gz", labels_image())
    with pytest.raises(DataError, match=r"many\.nii\.gz: holds the labels 1, 2, 7"):
        read_masks(tmp_path, like=IMAGE)


# --- segments of 3D Slicer


def _slicer(path: Path, *, offset: str | None = "1 0 0", layers: bool = False) -> Path:
    """The labels from column 1 on, as 3D Slicer cuts and names them."""
    part = labels_image()[:, :, 1:].T
    origin = IMAGE.world_mm((0, 0, 1)).tolist()
    directions: list[Any] = [[0.7, 0, 0], [0, 0.8, 0], [0, 0, 3.0]]
    header: dict[str, Any] = {
        "space": "left-posterior-superior",
        "space origin": origin,
        "Segment0_Name": "liver",
        "Segment0_LabelValue": "1",
        "Segment0_Layer": "0",
        "Segment1_Name": "cyst",
        "Segment1_LabelValue": "1" if layers else "2",
        "Segment1_Layer": "1" if layers else "0",
    }
    if layers:
        part = np.stack([part == 1, part == 2]).astype(np.uint8)
        directions = [[np.nan] * 3, *directions]
        header["kinds"] = ["list", "domain", "domain", "domain"]
    if offset is not None:
        header["Segmentation_ReferenceImageExtentOffset"] = offset
    nrrd.write(str(path), part, {**header, "space directions": directions})
    return path


@pytest.mark.parametrize("layers", [False, True])
def test_segments_that_slicer_cut_out_are_placed_by_name(tmp_path: Path, layers: bool) -> None:
    masks = read_masks(_slicer(tmp_path / "m.seg.nrrd", layers=layers), like=IMAGE)
    assert list(masks) == ["liver", "cyst"]
    for name, label in (("liver", 1), ("cyst", 2)):
        expected = labels_image() == label
        expected[:, :, 0] = False
        assert np.array_equal(masks[name].array, expected)
    assert list(read_masks(tmp_path / "m.seg.nrrd", like=IMAGE, labels={"x": "cyst"})) == ["x"]


@pytest.mark.parametrize("offset", [None, "2 0 0", "9 0 0", "-1 0 0"])
def test_a_part_that_does_not_say_where_it_belongs_is_refused(tmp_path: Path, offset: str | None) -> None:
    assert "the mask is on another grid" in refused(_slicer(tmp_path / "m.seg.nrrd", offset=offset))


def test_a_plain_nrrd_is_a_label_image() -> None:
    image = read_image(GOLDEN / "dcmqi_liver")
    masks = read_masks(GOLDEN / "dcmqi_liver" / "liver_spine_seg.nrrd", like=image)
    assert {name: int(mask.array.sum()) for name, mask in masks.items()} == {"1": 107098, "2": 12439}


# --- what is refused


def _shifted(folder: Path) -> Path:
    affine = IMAGE.affine.copy()
    affine[2, 3] += 3
    write_nifti(Volume(labels_image(), affine), folder / "m.nii.gz")
    return folder / "m.nii.gz"


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "an empty mask": (
        lambda folder: saved(folder / "m.nii.gz", np.zeros((3, 4, 5), np.uint8)),
        "the mask is empty (every voxel is 0)",
    ),
    "an empty probability map": (
        lambda folder: saved(folder / "m.nii.gz", np.full((3, 4, 5), 0.1, np.float32)),
        "the region '1' is empty",
    ),
    "an image": (
        lambda folder: saved(folder / "m.nii.gz", np.arange(60, dtype=np.int16).reshape(3, 4, 5) - 30),
        "holds values from -30 to 29; that is an image, not a mask",
    ),
    "an image of fractions": (
        lambda folder: saved(folder / "m.nii.gz", np.linspace(0, 9, 60, dtype=np.float32).reshape(3, 4, 5)),
        "holds fractions outside 0 to 1",
    ),
    "a mask without its last slice": (
        lambda folder: saved(folder / "m.nii.gz", labels_image()[:2]),
        "the mask is on another grid than its image. Mask: shape (2, 4, 5)",
    ),
    "a shifted mask": (_shifted, f"image: {describe(IMAGE)}"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_mask_of_the_image_is_refused(tmp_path: Path, case: str) -> None:
    make, told = REFUSED[case]
    assert told in refused(make(tmp_path))


def test_more_labels_than_a_mask_has_are_those_of_an_image(tmp_path: Path) -> None:
    large = Volume(np.zeros((12, 10, 10), np.int16), IMAGE.affine)
    array = np.arange(1200, dtype=np.int16).reshape(12, 10, 10)
    with pytest.raises(DataError, match="that is an image, not a mask"):
        read_masks(saved(tmp_path / "m.nii.gz", array, like=large), like=large)


def test_more_masks_than_memory_holds_are_to_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.io.masks.MOST_BYTES", 150)
    path = saved(tmp_path / "m.nii.gz", labels_image())
    assert "3 regions of 60 voxels need" in refused(path)
    assert list(read_masks(path, like=IMAGE, labels={"a": 1})) == ["a"]


def test_other_files_are_no_masks(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("hello")
    assert "is no mask that can be read; give DICOM SEG, RTSTRUCT or one of .nii" in refused(
        tmp_path / "m.txt"
    )
    assert "there is no such file" in refused(tmp_path / "absent.nii.gz")
    slice_of_ct = GOLDEN / "dcmqi_liver" / "01.dcm"
    assert "is a DICOM file of modality 'CT'; masks are DICOM SEG, RTSTRUCT" in refused(slice_of_ct)


def test_a_folder_of_masks_holds_one_object(tmp_path: Path) -> None:
    assert "one DICOM SEG or RTSTRUCT is needed, found: none" in refused(tmp_path)
    image = read_image(GOLDEN / "dcmqi_liver")
    folder = tmp_path / "seg"
    folder.mkdir()
    (folder / "readme.txt").write_text("hello")
    (folder / "a.dcm").write_bytes((GOLDEN / "dcmqi_liver" / "liver_seg.dcm").read_bytes())
    assert list(read_masks(folder, like=image)) == ["Liver"]
    (folder / "b.dcm").write_bytes((folder / "a.dcm").read_bytes())
    with pytest.raises(DataError, match=r"found: a\.dcm, b\.dcm; give the path"):
        read_masks(folder, like=image)
