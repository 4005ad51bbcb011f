"""Numbers with a description beside them: `.npy` and `.npz` of NumPy, and headerless binary files.

Everything but the numbers stands in `NAME.yaml`. Of a file, only the frames that are asked for come into memory.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, ProtocolError, choices
from .acquisition import Acquired, Lookup, no_variables
from .settings import PROBE, Recording, refuse_unused
from .source import DAMAGED, Look
from .stream import Source, Stream, refuse_no_radio_frequency, stream_of, told_of

Array = NDArray[Any]
Opened = Callable[[], AbstractContextManager[Any]]
"""Opens the array anew each time it is needed, and lets it go: an array of NumPy or a data set of HDF5."""
NPY, ZIP = b"\x93NUMPY", b"PK\x03\x04"
SIDECARS = (".yaml", ".yml", ".settings.yaml", ".settings.yml")
BINARY = ("dtype", "shape", "byte_order", "offset_bytes")
PIECE_BYTES = 32 << 20
"""Bytes that are mapped at once of a file in which frames do not lie one after the other."""
AXES = ("frame", "line", "sample")


def lacks(look: Look) -> str:
    """What keeps the file from being one of these; empty where it is one."""
    if look.head.startswith(NPY) or (look.head.startswith(ZIP) and look.path.suffix.lower() == ".npz"):
        return ""
    settings = look.settings(*SIDECARS)
    if settings.dtype is None and settings.shape is None:
        return "it is no NumPy file, and no description NAME.yaml gives the dtype and shape of a binary file's numbers"
    return ""


def open_stream(look: Look) -> Stream:
    """The recording in a NumPy or binary file, as its description says."""
    settings = look.settings(*SIDECARS)
    refuse_unused(settings, PROBE, path=look.path, why="lines are placed by line_across_mm or line_angle_deg")
    if look.head.startswith((NPY, ZIP)):
        refuse_unused(settings, BINARY, path=look.path, why="a NumPy file tells it itself")
    if look.head.startswith(ZIP):
        return _zipped(look.path, settings)
    refuse_unused(settings, ("rf",), path=look.path, why="the file holds one array only")
    if look.head.startswith(NPY):
        return described_array(lambda: nullcontext(_mapped_npy(look.path)), settings, look.path)
    return described_array(_binary(look.path, settings), settings, look.path)


def described_array(
    opened: Opened,
    settings: Recording,
    path: Path,
    *,
    lookup: Lookup = no_variables,
    turned: bool = False,
) -> Stream:
    """The recording whose array `opened` gives, with axes and acquisition as `settings` describe.

    `turned` says that the file lists the axes the other way round than the description.
    """
    with opened() as array, told_of(path):
        held, kind = tuple(array.shape), array.dtype
        refuse_no_radio_frequency(kind, held)
    if settings.axes is None:
        ask_for(("axes",), settings, path=path)
    axes = settings.axes or ()
    if len(axes) != len(held):
        raise DataError(
            f"{path}: axes names {len(axes)} axes ({', '.join(axes)}), the array has {len(held)}, of shape"
            f" {held[::-1] if turned else held}; name each"
        )
    axes = axes[::-1] if turned else axes
    sizes = dict(zip(axes, held, strict=True))
    shape = (sizes.get("frame", 1), sizes["line"], sizes["sample"])
    source = Source(shape, kind, lambda start, stop: _frames(opened, axes, start=start, stop=stop))
    return stream_of(source, Acquired(path, settings, shape, {}, lookup).facts(), path)


def ask_for(storage: Sequence[str], settings: Recording, *, path: Path) -> None:
    """Refuse a description without a key of `storage`, and ask for what it lacks of the acquisition with it."""
    missing = [key for key in storage if getattr(settings, key) is None]
    if missing:
        known = Acquired(path, settings, (1, 1, 1), {})
        known.ask(*missing, *known.missing())


def _frames(opened: Opened, axes: Sequence[str], *, start: int, stop: int) -> Array:
    """Frames `start` to `stop` as (frames, lines, samples).

    Where they do not lie one after the other, the array is opened piece by piece along its first axis and let go
    again, so that little of it is in memory at once.
    """
    order = [axes.index(axis) for axis in AXES if axis in axes]
    chosen = [slice(start, stop) if axis == "frame" else slice(None) for axis in axes]
    with opened() as array:
        if axes[0] == "frame" or "frame" not in axes:
            found = np.array(array[tuple(chosen)]).transpose(order)
            return found if "frame" in axes else found[None]
        length, size = array.shape[0], array.size * array.dtype.itemsize
    rows = max(PIECE_BYTES * length // size, 1)
    pieces = []
    for first in range(0, length, rows):
        with opened() as array:
            pieces.append(np.array(array[(slice(first, first + rows), *chosen[1:])]))
    return np.concatenate(pieces).transpose(order)


def _mapped_npy(path: Path) -> Array:
    try:
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED:
        raise DataError(
            f"{path}: is no NumPy array of numbers, or a truncated one; save it again, with numpy.save and a type of"
            " numbers"
        ) from None
    return array


def _zipped(path: Path, settings: Recording) -> Stream:
    """`.npz` is compressed as a whole, so that its array is read as a whole."""
    try:
        with path.open("rb") as content, np.load(content, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
    except DAMAGED:
        raise DataError(
            f"{path}: is no NumPy archive of numbers, or a damaged one; save it again, with numpy.savez and types of"
            " numbers"
        ) from None

    def lookup(name: str) -> Array:
        if name not in held:
            raise ProtocolError(f"{path}: holds no variable {name!r}; {choices(name, held)}")
        found: Array = held[name]
        return found

    if settings.rf is None:
        ask_for(("rf", "axes"), settings, path=path)
    rf = lookup(settings.rf or "")
    return described_array(lambda: nullcontext(rf), settings, path, lookup=lookup)


def _binary(path: Path, settings: Recording) -> Opened:
    ask_for(
        ("dtype", "shape", "axes", *(["byte_order"] if settings.dtype != "int8" else [])),
        settings,
        path=path,
    )
    shape, offset = settings.shape or (), settings.offset_bytes or 0
    if min(shape, default=0) < 1:
        raise DataError(f"{path}: shape is {list(shape)}, hence no echo; give sizes of 1 or more")
    kind = np.dtype(settings.dtype).newbyteorder(">" if settings.byte_order == "big" else "<")
    needed, held = offset + kind.itemsize * int(np.prod(shape, dtype=object)), path.stat().st_size
    if needed != held:
        raise DataError(
            f"{path}: {' x '.join(map(str, shape))} numbers of type {settings.dtype} after {offset} bytes need"
            f" {needed:,} bytes, and the file has {held:,}; it is truncated, or shape, dtype or offset_bytes is wrong"
        )
    return lambda: nullcontext(np.memmap(path, kind, mode="r", offset=offset, shape=shape))
