"""RTSTRUCT: contours as masks, voxel for voxel, and contours that belong to other slices or another image."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_samples import UIDS, values, write_ct
from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.io.dicom_writers import write_rtstruct
from hepar.io.images import read_image
from hepar.io.masks import read_masks
from hepar.io.rtstruct import read_rtstruct

GOLDEN = Path(__file__).parent / "golden" / "images" / "sts_002"


@pytest.fixture
def image(tmp_path: Path) -> Volume:
    write_ct(tmp_path / "ct", values(7, (12, 14)))
    return read_image(tmp_path / "ct")


@pytest.fixture
def mask(image: Volume) -> Volume:
    """A ring with an island, a corner contact and a part of its own."""
    region = np.zeros(image.array.shape, bool)
    region[1:4, 2:9, 3:10] = True
    region[1:4, 4:7, 5:8] = False
    region[2, 5, 6] = region[3, 9, 10] = region[4, 0, 0] = True
    return image.like(region)


@pytest.fixture
def structure(tmp_path: Path, mask: Volume) -> Path:
    write_rtstruct({"liver": mask}, tmp_path / "ct", tmp_path / "rt.dcm")
    return tmp_path / "rt.dcm"


def changed(path: Path, change: Callable[[Dataset], object]) -> Path:
    dataset = dcmread(path)
    change(dataset)
    new = path.with_name("changed.dcm")
    dataset.save_as(new)
    return new


def contour(dataset: Dataset, k: int = 0) -> Dataset:
    found: Dataset = dataset.ROIContourSequence[0].ContourSequence[k]
    return found


def moved(dataset: Dataset, *, every: bool = True, x: float = 0, y: float = 0, z: float = 0) -> None:
    contours = dataset.ROIContourSequence[0].ContourSequence
    for one in contours if every else contours[:1]:
        points = np.reshape(np.array(one.ContourData, float), (-1, 3)) + np.array([x, y, z])
        one.ContourData = [f"{mm:.6f}" for mm in points.ravel()]


def refused(path: Path, image: Volume, **how: Any) -> str:
    with pytest.raises(DataError) as error:
        read_rtstruct(path, like=image, **how)
    assert path.name in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("modality", "voxels"), [("ct", 17090), ("pet", 555)])
def test_the_contours_of_a_real_tumour_give_the_mask_that_another_library_made(
    modality: str, voxels: int
) -> None:
    nifti = read_image(GOLDEN / f"{modality}_mask.nii.gz")
    (found,) = read_masks(GOLDEN / f"{modality}_rtstruct.dcm", like=nifti).values()
    assert np.array_equal(found.array, nifti.array == 1)
    assert found.array.sum() == voxels


def test_the_contours_of_a_pet_lie_on_its_dicom_series() -> None:
    image = read_image(GOLDEN / "pet")
    masks = read_masks(GOLDEN / "pet_rtstruct.dcm", like=image)
    assert list(masks) == ["GTV_Mass_PET"]
    inside = masks["GTV_Mass_PET"].array
    assert image.array[inside].mean() > 3 * image.array[~inside].mean()


def test_a_mask_comes_back_voxel_for_voxel_with_its_holes(
    image: Volume, mask: Volume, structure: Path
) -> None:
    found = read_rtstruct(structure, like=image)
    assert list(found) == ["liver"]
    assert np.array_equal(found["liver"].array, mask.array)


@pytest.mark.parametrize("code", ["SPL", "IAR", "LPS", "PSL"])
def test_the_axes_of_the_image_do_not_matter(image: Volume, mask: Volume, structure: Path, code: str) -> None:
    found = read_rtstruct(structure, like=image.oriented(code))
    assert np.array_equal(found["liver"].array, mask.oriented(code).array)


def test_a_keyhole_is_a_hole(image: Volume, mask: Volume, structure: Path) -> None:
    def keyhole(dataset: Dataset) -> None:
        contours = dataset.ROIContourSequence[0].ContourSequence
        outer, inner = contours[0], contours[1]
        a, b = (np.reshape(np.array(c.ContourData, float), (-1, 3)) for c in (outer, inner))
        points = np.vstack([a, a[:1], b, b[:1], a[:1]])
        outer.ContourData = [f"{mm:.6f}" for mm in points.ravel()]
        outer.NumberOfContourPoints = len(points)
        del contours[1]

    found = read_rtstruct(changed(structure, keyhole), like=image)["liver"]
    assert np.array_equal(found.array, mask.array)


def test_a_contour_that_is_written_twice_counts_once(image: Volume, mask: Volume, structure: Path) -> None:
    twice = changed(structure, lambda ds: ds.ROIContourSequence[0].ContourSequence.append(contour(ds)))
    assert np.array_equal(read_rtstruct(twice, like=image)["liver"].array, mask.array)


def test_contours_a_little_off_their_slice_are_drawn_on_it(
    image: Volume, mask: Volume, structure: Path
) -> None:
    near = changed(structure, lambda ds: moved(ds, z=0.2))
    assert np.array_equal(read_rtstruct(near, like=image)["liver"].array, mask.array)


def test_rois_that_were_never_drawn_are_left_out(image: Volume, structure: Path) -> None:
    def undrawn(dataset: Dataset) -> None:
        roi = Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = 2, "spleen", UIDS["frame"]
        dataset.StructureSetROISequence.append(roi)
        empty = Dataset()
        empty.ReferencedROINumber = 2
        dataset.ROIContourSequence.append(empty)

    path = changed(structure, undrawn)
    assert list(read_rtstruct(path, like=image)) == ["liver"]
    assert "has no label 'spleen'; Allowed: 1, liver" in refused(path, image, labels={"spleen": "spleen"})


def _every_third(dataset: Dataset) -> None:
    sequence = dataset.ROIContourSequence[0].ContourSequence
    first = contour(dataset)
    points = np.reshape(np.array(first.ContourData, float), (-1, 3))
    contours = []
    for k in (0, 3, 6):
        copy = Dataset()
        copy.ContourGeometricType = "CLOSED_PLANAR"
        copy.ContourData = [
            f"{mm:.6f}" for mm in (points - (0, 0, points[0, 2]) + (0, 0, 100 + 2.5 * k)).ravel()
        ]
        contours.append(copy)
    del sequence[:]
    sequence.extend(contours)


def _tilted(dataset: Dataset) -> None:
    one = contour(dataset)
    points = np.reshape(np.array(one.ContourData, float), (-1, 3))
    points[:, 2] += np.linspace(0, 2, len(points))
    one.ContourData = [f"{mm:.6f}" for mm in points.ravel()]


def _set(**what: Any) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        for name, value in what.items():
            setattr(contour(dataset), name, value)

    return change


def _points(dataset: Dataset) -> None:
    for one in dataset.ROIContourSequence[0].ContourSequence:
        one.ContourGeometricType = "POINT"


REFUSED: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "between slices": (lambda ds: moved(ds, z=1.2), "a contour lies between slices, at 1.480 counted from 0"),
    "across slices": (_tilted, "a contour runs across 0.8 slices"),
    "outside the image": (
        lambda ds: moved(ds, z=50),
        "a contour lies outside the image, on slice 21 of 0 to 6",
    ),
    "beside the image": (lambda ds: moved(ds, x=500), "the region 'liver' is empty"),
    "every third slice": (_every_third, "contours lie on every 3. slice only; interpolate them"),
    "an open contour": (_set(ContourGeometricType="OPEN_PLANAR"), "has a contour of type 'OPEN_PLANAR'"),
    "points alone": (
        _points,
        "no ROI has a closed contour",
    ),
    "numbers that are no points": (_set(ContourData=["1", "2", "3", "4"]), "has a contour of 4 numbers"),
    "no contours": (lambda ds: delattr(ds, "ROIContourSequence"), "no ROI has a closed contour"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_contours_that_are_no_region_of_the_image_are_refused(
    image: Volume, structure: Path, case: str
) -> None:
    change, told = REFUSED[case]
    path = changed(structure, change)
    message = refused(path, image)
    assert told in message
    assert "liver" in message or "no ROI" in message


def test_contours_of_another_frame_of_reference_are_refused(image: Volume, structure: Path) -> None:
    other = Volume(image.array, image.affine, "CT", "HU", UIDS["other"])
    assert "ROI 'liver' was drawn in another frame of reference" in refused(structure, other)
    unknown = Volume(image.array, image.affine)
    assert read_rtstruct(structure, like=unknown)["liver"].array.any()
