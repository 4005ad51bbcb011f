"""What was written, read again: whether its mask holds, and where something inside it looks like text."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydicom import dcmread

from ...core.errors import DataError
from .pixels import masked_frames
from .planes import Planes, planes_of
from .regions import Box
from .typed_text import Typed, typed_text

MOST_PIXELS = 1 << 24
"""Of a frame that is searched; screens have two millions."""


def read_back(path: Path, boxes: Sequence[Box]) -> Typed | None:
    """Where text was found inside `boxes` of the file at `path`, in rows and columns of its frame.

    Raises:
        DataError: a frame holds something outside of them, cannot be decoded, or is too large to be searched.
    """
    dataset = dcmread(path)
    frames = masked_frames(dataset, boxes)
    top, left = min(box.top for box in boxes), min(box.left for box in boxes)
    found = typed_text(_cut(frames, boxes, dataset))
    for _ in frames:  # the mask of those after the text is looked at, too
        pass
    if found is None:
        return None
    box = found.box
    return Typed(found.frame, Box(box.top + top, box.left + left, box.bottom + top, box.right + left))


def _cut(frames: Iterator[tuple[Any, str]], boxes: Sequence[Box], dataset: Any) -> Iterator[Planes]:
    """The part of each frame that holds all `boxes`."""
    if dataset.Rows * dataset.Columns > MOST_PIXELS:
        raise DataError(f"its frames have more than {MOST_PIXELS:,} pixels and are not searched for text")
    rows = slice(min(box.top for box in boxes), max(box.bottom for box in boxes))
    columns = slice(min(box.left for box in boxes), max(box.right for box in boxes))
    for frame, kind in frames:
        yield planes_of(frame[rows, columns], kind, dataset)
