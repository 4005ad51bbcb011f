"""DICOM segmentations (SEG): binary, fractional and label map; each frame placed by its position, not its number."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from ..core.errors import DataError
from ..imaging.geometry import GRID_TOLERANCE, Array, Float, Volume, affine_of, describe
from .dicom_header import GROUPS, Values, flat, number, numbers, read_dataset, text, understood
from .dicom_pixels import stored_frames
from .regions import Labels, region, unique, wanted

THRESHOLD = 0.5
"""Share of the largest fractional value from which on a voxel belongs to the segment."""


def read_seg(path: Path, *, like: Volume, labels: Labels | None = None) -> dict[str, Volume]:
    """The segments of the SEG at `path`, by label, as boolean volumes on the grid of `like`.

    Frames that are missing are empty. A frame that does not lie on the grid of the image, one outside it that holds
    voxels, another frame of reference and an empty segment are refused.
    """
    dataset = read_dataset(path)
    with understood(path):
        top = flat(dataset, without=(*GROUPS, "SegmentSequence", "PixelData"))
        _refuse_other_frame(text(top, "FrameOfReferenceUID"), like, path)
        chosen = wanted(labels, _segments(dataset, path), path=path)
        frames = _frames(dataset, path)
        used = sorted({n for of in chosen.values() for n in of})
        inside = {n: np.zeros(like.array.shape, bool) for n in used}
        _fill(inside, dataset, frames=frames, top=top, like=like, path=path)
    return {
        name: region(np.any([inside[n] for n in of], axis=0), like, name=name, path=path)
        for name, of in chosen.items()
    }


def _segments(dataset: Dataset, path: Path) -> dict[str, int]:
    """Number of each segment by its label."""
    items = [flat(item) for item in dataset.get("SegmentSequence") or ()]
    named = [(text(item, "SegmentLabel"), int(number(item, "SegmentNumber") or 0)) for item in items]
    background = {0}  # of a label map
    found = unique([(label or str(n), n) for label, n in named if n not in background])
    if not found:
        raise DataError(f"{path}: declares no segment; copy the file again from its source")
    return found


def _frames(dataset: Dataset, path: Path) -> list[Values]:
    shared = [flat(item) for item in dataset.get(GROUPS[0]) or ()]
    frames = [flat(item) for item in dataset.get(GROUPS[1]) or ()]
    declared = int(dataset.get("NumberOfFrames", 1) or 1)
    if len(frames) != declared:
        raise DataError(
            f"{path}: declares {declared} frames and places {len(frames)}; copy the file again from its source"
        )
    return [{**(shared[0] if shared else {}), **frame} for frame in frames]


def _fill(
    inside: Mapping[int, Array],
    dataset: Dataset,
    *,
    frames: Sequence[Values],
    top: Values,
    like: Volume,
    path: Path,
) -> None:
    """Set the voxels of each segment in `inside`."""
    kind = text(top, "SegmentationType").upper()
    cut = THRESHOLD * (number(top, "MaximumFractionalValue") or 1.0) if kind == "FRACTIONAL" else 1
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise DataError(f"{path}: is a segmentation of type {kind!r}; allowed: BINARY, FRACTIONAL, LABELMAP")
    segment_of = [int(number(frame, "ReferencedSegmentNumber") or 0) for frame in frames]
    wanted_frames = [k for k, n in enumerate(segment_of) if kind == "LABELMAP" or n in inside]
    images = stored_frames(dataset, path, wanted_frames)
    for k, image in zip(wanted_frames, images, strict=True):
        for segment in inside if kind == "LABELMAP" else (segment_of[k],):
            held = image == segment if kind == "LABELMAP" else image >= cut
            if held.any():
                view = _view(
                    inside[segment], _frame_affine(frames[k], path), held.shape, like=like, path=path
                )
                view |= held


def _frame_affine(frame: Values, path: Path) -> Float:
    """Takes (slice, row, column) of a frame to millimetres; its slice direction is the normal."""
    position, spacing = numbers(frame, "ImagePositionPatient"), numbers(frame, "PixelSpacing")
    orientation = numbers(frame, "ImageOrientationPatient")
    if len(position) != 3 or len(orientation) != 6 or len(spacing) != 2:
        raise DataError(f"{path}: a frame has no position, orientation or pixel spacing; it cannot be placed")
    along, down = np.array(orientation[:3]), np.array(orientation[3:])
    return affine_of([np.cross(along, down), down * spacing[0], along * spacing[1]], position)


def _view(mask: Array, affine: Float, shape: tuple[int, ...], *, like: Volume, path: Path) -> Array:
    """The pixels of `mask` that a frame of `shape` (rows, columns) lies on, in the frame's own order."""
    corners = np.array([[0, 0, 0, 1], [0, shape[0] - 1, 0, 1], [0, 0, shape[1] - 1, 1]], dtype=float)
    at = like.index((corners @ affine.T)[:, :3])
    whole = np.round(at)
    down, along = (whole[k] - whole[0] for k in (1, 2))
    fits = (
        np.abs(at - whole).max() <= GRID_TOLERANCE
        and sorted(map(abs, down)) == [0, 0, shape[0] - 1]
        and sorted(map(abs, along)) == [0, 0, shape[1] - 1]
        and not np.any(down * along)
    )
    last = whole[0] + down + along
    low, high = np.minimum(whole[0], last), np.maximum(whole[0], last)
    if not fits or low.min() < 0 or np.any(high >= mask.shape):
        frame = Volume(np.zeros((1, *shape), bool), affine)
        what = "lies outside its image" if fits else "is not on the grid of its image"
        raise DataError(
            f"{path}: a frame {what}. Frame: {describe(frame)} (slice thickness apart); image: {describe(like)}. Give"
            " the image that was segmented"
        )
    return _cut(mask, low.astype(int), high.astype(int), down=down, along=along)


def _cut(mask: Array, low: Array, high: Array, *, down: Float, along: Float) -> Array:
    """The box from `low` to `high` of `mask` as (rows, columns) that run along `down` and `along`."""
    axis_along = int(np.argmax(np.abs(along))) if np.any(along) else -1
    axis_down = (
        int(np.argmax(np.abs(down))) if np.any(down) else next(a for a in (1, 0, 2) if a != axis_along)
    )
    if axis_along < 0:
        axis_along = next(a for a in (2, 1, 0) if a != axis_down)
    steps = [slice(a, b + 1) for a, b in zip(low, high, strict=True)]
    box = mask[tuple(steps)].transpose(3 - axis_down - axis_along, axis_down, axis_along)[0]
    view: Array = box[:: -1 if down[axis_down] < 0 else 1, :: -1 if along[axis_along] < 0 else 1]
    return view


def _refuse_other_frame(uid: str, like: Volume, path: Path) -> None:
    if uid and like.frame_uid and uid != like.frame_uid:
        raise DataError(
            f"{path}: was drawn in another frame of reference than the image; give the image it was drawn on, or"
            " register the two"
        )
