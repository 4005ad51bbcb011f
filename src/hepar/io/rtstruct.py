"""DICOM structure sets (RTSTRUCT): contours as masks on the grid of an image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from ..core.errors import DataError
from ..imaging.contours import filled
from ..imaging.geometry import Array, Float, Volume
from .dicom_header import flat, number, numbers, read_dataset, text, understood
from .regions import Labels, region, unique, wanted

PLANE_TOLERANCE = 0.1
"""Share of the slice spacing by which a contour may lie off a slice and still be drawn on it: positions are rounded."""
CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
"""Types of contours that enclose a region."""


@dataclass(frozen=True, slots=True)
class Roi:
    """A region of interest: its number, its name, its frame of reference and its closed contours (n, 3) in mm."""

    number: int
    name: str
    frame_uid: str
    contours: tuple[Float, ...]


def read_rtstruct(path: Path, *, like: Volume, labels: Labels | None = None) -> dict[str, Volume]:
    """The ROIs of the structure set at `path` that have contours, by name, as boolean volumes on the grid of `like`.

    A voxel belongs to a ROI if its centre lies inside an odd number of the contours of its slice (`filled`), so that a
    contour inside another is a hole. Contours between the slices or across them, outside the image, on every n-th slice
    only, open ones, and those of another frame of reference are refused.
    """
    with understood(path):
        rois = {roi.number: roi for roi in _rois(read_dataset(path), path)}
    names = unique([(roi.name, roi.number) for roi in rois.values()])
    if not names:
        raise DataError(f"{path}: no ROI has a closed contour; draw the region, or leave out the case")
    return {
        name: region(_union([rois[n] for n in of], like, path), like, name=name, path=path)
        for name, of in wanted(labels, names, path=path).items()
    }


def _rois(dataset: Dataset, path: Path) -> list[Roi]:
    """ROIs that have contours; planning systems list others that were never drawn."""
    about = {
        int(number(v, "ROINumber") or 0): v for v in map(flat, dataset.get("StructureSetROISequence") or ())
    }
    rois = []
    for item in dataset.get("ROIContourSequence") or ():
        n = int(number(flat(item, without=("ContourSequence",)), "ReferencedROINumber") or 0)
        name = text(about.get(n, {}), "ROIName") or str(n)
        contours = [
            c for c in (item.get("ContourSequence") or ()) if c.get("ContourGeometricType") != "POINT"
        ]
        points = tuple(_points(contour, name, path) for contour in contours)
        if points:
            rois.append(Roi(n, name, text(about.get(n, {}), "ReferencedFrameOfReferenceUID"), points))
    return rois


def _points(contour: Dataset, name: str, path: Path) -> Float:
    kind = text({"": contour.get("ContourGeometricType")}, "")
    if kind not in CLOSED:
        raise DataError(f"{path}: ROI {name!r} has a contour of type {kind!r}; a region needs closed ones")
    found = numbers({"ContourData": contour.get("ContourData")}, "ContourData")
    if len(found) < 3 or len(found) % 3:
        raise DataError(f"{path}: ROI {name!r} has a contour of {len(found)} numbers; each point has 3")
    return np.reshape(found, (-1, 3))


def _union(rois: Sequence[Roi], like: Volume, path: Path) -> Any:
    return np.any([_mask(roi, like, path) for roi in rois], axis=0)


def _mask(roi: Roi, like: Volume, path: Path) -> Any:
    """The voxels of one ROI."""
    if roi.frame_uid and like.frame_uid and roi.frame_uid != like.frame_uid:
        raise DataError(
            f"{path}: ROI {roi.name!r} was drawn in another frame of reference than the image; give the image it was"
            " drawn on, or register the two"
        )
    loops = [like.index(points) for points in roi.contours]
    axis = int(np.argmin(np.max([np.ptp(loop, axis=0) for loop in loops], axis=0)))
    slices = _by_slice(loops, axis=axis, n=like.array.shape[axis], where=f"{path}: ROI {roi.name!r}")
    mask = np.zeros(like.array.shape, bool)
    planes: Array = np.moveaxis(mask, axis, 0)
    _, rows, columns = planes.shape
    for k, flat_loops in slices.items():
        planes[k] = filled(flat_loops, (rows, columns))
    return mask


def _by_slice(loops: Sequence[Float], *, axis: int, n: int, where: str) -> Mapping[int, list[Float]]:
    """The loops (row, column) on each slice along `axis`."""
    slices: dict[int, list[Float]] = {}
    for loop in loops:
        off = loop[:, axis]
        k = round(float(off.mean()))
        if np.ptp(off) > 2 * PLANE_TOLERANCE:
            raise DataError(
                f"{where}: a contour runs across {np.ptp(off):.3g} slices; contours must lie in the slices of the image"
            )
        if np.abs(off - k).max() > PLANE_TOLERANCE:
            raise DataError(
                f"{where}: a contour lies between slices, at {off.mean():.3f} counted from 0; give the image that it"
                " was drawn on"
            )
        if not 0 <= k < n:
            raise DataError(f"{where}: a contour lies outside the image, on slice {k} of 0 to {n - 1}")
        plane = np.delete(loop, axis, axis=1)
        if not any(_same(plane, other) for other in slices.setdefault(k, [])):
            slices[k].append(plane)
    _refuse_skipped(sorted(slices), where)
    return slices


def _same(a: Float, b: Float) -> bool:
    """Whether a contour repeats another, which some systems write."""
    return a.shape == b.shape and bool(np.allclose(a, b, atol=1e-6))


def _refuse_skipped(slices: Sequence[int], where: str) -> None:
    """Contours on every n-th slice are slabs with gaps, not a region."""
    if len(slices) > 2 and int(np.diff(slices).min()) > 1:
        raise DataError(
            f"{where}: contours lie on every {int(np.diff(slices).min())}. slice only; interpolate them where they were"
            " drawn, or give the image with the slices that they were drawn on"
        )
