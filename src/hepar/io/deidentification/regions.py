"""Where an ultrasound frame shows the patient: boxes of the header, or of a table of devices; the rest is text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from pydicom.dataset import Dataset

from ...core.document import read_document
from ...core.errors import DataError

GRAPHICS = 5
"""Region Spatial Format of a region that is a drawing: text, a colour bar, a body mark (PS3.3 C.8.5.5.1.1)."""
MOST_REGIONS = 100
WHOLE = 0.95
"""A box of so large a part of the frame is no region: the text around the image would be in it."""


class NoRegionError(DataError):
    """Nothing tells where the image of an ultrasound frame ends and the text begins."""


@dataclass(frozen=True, slots=True)
class Box:
    """Rows `top` to `bottom` and columns `left` to `right`, in pixels from 0, the last ones not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        """Pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def fits(self, rows: int, columns: int) -> bool:
        """Whether it has an area and lies inside a frame."""
        return 0 <= self.top < self.bottom <= rows and 0 <= self.left < self.right <= columns


Place = Annotated[int, Field(ge=0)]


class _MaskBox(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    top: Place
    left: Place
    bottom: Place
    right: Place


class _Mask(BaseModel):
    """What is kept of the frames of one device at one size."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    manufacturer: str
    model: str
    rows: Annotated[int, Field(gt=0)]
    columns: Annotated[int, Field(gt=0)]
    boxes: Annotated[tuple[_MaskBox, ...], Field(min_length=1)]


class DeviceMasks(BaseModel):
    """What is kept of the frames of devices that do not tell their regions."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    masks: tuple[_Mask, ...] = ()

    def boxes_of(self, dataset: Dataset) -> tuple[Box, ...]:
        """Boxes of the device and frame size of `dataset`; none where the table has neither."""
        device = tuple(_plain(dataset.get(name)) for name in ("Manufacturer", "ManufacturerModelName"))
        size = (dataset.get("Rows"), dataset.get("Columns"))
        for mask in self.masks:
            if (_plain(mask.manufacturer), _plain(mask.model)) == device and (
                mask.rows,
                mask.columns,
            ) == size:
                return tuple(Box(b.top, b.left, b.bottom, b.right) for b in mask.boxes)
        return ()


NO_MASKS = DeviceMasks()


def read_masks(path: Path) -> DeviceMasks:
    """The table of devices in the YAML file at `path`; a box outside its frame, or as large as it, is refused."""
    found = read_document(DeviceMasks, path, what="table of masks")
    for number, mask in enumerate(found.masks, 1):
        for box in (Box(b.top, b.left, b.bottom, b.right) for b in mask.boxes):
            if not box.fits(mask.rows, mask.columns) or box.area > WHOLE * mask.rows * mask.columns:
                raise DataError(
                    f"{path}: mask {number}: the box {box.top}, {box.left}, {box.bottom}, {box.right} has no area, is"
                    f" not inside {mask.rows} x {mask.columns} or leaves nothing out; give top < bottom, left < right"
                )
        boxes = tuple(Box(b.top, b.left, b.bottom, b.right) for b in mask.boxes)
        if covered(boxes, rows=mask.rows, columns=mask.columns) > WHOLE:
            raise DataError(f"{path}: mask {number}: the boxes together leave nothing out; make them smaller")
    return found


def boxes_of(dataset: Dataset, masks: DeviceMasks) -> tuple[Box, ...]:
    """What of the frames of an ultrasound `dataset` is image: its regions, else what `masks` says of its device.

    Raises:
        NoRegionError: neither tells, a region does not lie in the frame, or one is as large as the frame.
    """
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    of_device = masks.boxes_of(dataset)
    if of_device:
        return of_device
    boxes = _regions(dataset.get("SequenceOfUltrasoundRegions") or (), rows=rows, columns=columns)
    if not boxes:
        raise NoRegionError("no region of ultrasound in the header and no mask of the device (--masks)")
    if len(boxes) > MOST_REGIONS:
        raise NoRegionError(f"more than {MOST_REGIONS} regions of ultrasound; give a mask (--masks)")
    if not all(box.fits(rows, columns) for box in boxes):
        raise NoRegionError(
            "a region of ultrasound lies outside the frame, which was cut or resized; give a mask (--masks)"
        )
    if covered(boxes, rows=rows, columns=columns) > WHOLE:
        raise NoRegionError("the regions of ultrasound are as large as the frame; give a mask (--masks)")
    return boxes


def covered(boxes: Sequence[Box], *, rows: int, columns: int) -> float:
    """The part of a frame that `boxes`, which lie in it, cover together."""
    ys = np.unique([edge for box in boxes for edge in (box.top, box.bottom)])
    xs = np.unique([edge for box in boxes for edge in (box.left, box.right)])
    shown = np.zeros((len(ys), len(xs)), dtype=bool)  # of edges, not of pixels: a header may declare any size
    for box in boxes:
        rows_of, columns_of = (
            np.searchsorted(ys, (box.top, box.bottom)),
            np.searchsorted(xs, (box.left, box.right)),
        )
        shown[slice(*rows_of), slice(*columns_of)] = True
    return float(np.diff(ys) @ shown[:-1, :-1] @ np.diff(xs)) / (rows * columns)


def _regions(items: Sequence[Dataset], *, rows: int, columns: int) -> tuple[Box, ...]:
    """Boxes of DICOM's regions, whose last row and column belong to them (PS3.3 C.8.5.5); empty ones are left out.

    Some devices count the last row or column from 1: what reaches one beyond the frame is cut.
    """
    names = ("RegionLocationMinY0", "RegionLocationMinX0", "RegionLocationMaxY1", "RegionLocationMaxX1")
    boxes = []
    for item in items:
        values = [item.get(name) for name in names]
        if not all(isinstance(value, int) for value in values):
            raise NoRegionError("a region of ultrasound lacks its place; give a mask (--masks)")
        top, left, last_row, last_column = (int(str(value)) for value in values)
        drawn = item.get("RegionSpatialFormat") == GRAPHICS
        if top < last_row and left < last_column and not drawn:
            bottom = last_row + (last_row < rows)
            boxes.append(Box(top, left, bottom, last_column + (last_column < columns)))
    return tuple(boxes)


def _plain(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()
