"""Pixels of DICOM planes as the numbers they stand for, each file opened and each frame decoded once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID, RLELossless

from ..core.errors import DataError
from ..imaging.geometry import Array
from .dicom_header import read_dataset, text, understood
from .dicom_planes import Plane
from .files import refuse_more_than_held

LOWEST_HU = -1024.0
"""What padding outside the field of view becomes in CT: the lowest number scanners store for air."""
GREY = "MONOCHROME2"
_LARGE = 1 << 30


def decoded(planes: Sequence[Plane], *, unit: str) -> Array:
    """Rescaled values of `planes` (slices, rows, columns), in their order.

    Integers where every slope is 1 and every intercept whole, else float32. Padding becomes `LOWEST_HU` in HU if it is
    lower, and the lowest other value of its plane in other units.
    """
    refuse_flat_scale(planes)
    by_file: defaultdict[Path, list[int]] = defaultdict(list)
    for place, plane in enumerate(planes):
        by_file[plane.file].append(place)
    volume = np.empty(0)
    for file, places in by_file.items():
        with understood(file):
            dataset = read_dataset(file)
            frames = stored_frames(dataset, file, [planes[place].frame for place in places])
            padding = _padding(dataset)
            for place, stored in zip(places, frames, strict=True):
                if not volume.size:
                    volume = np.empty((len(planes), *planes[0].shape), _dtype(planes, stored))
                volume[place] = _rescaled(stored, planes[place], padding=padding, unit=unit)
    _refuse_not_finite(volume, planes)
    return volume


def same_image(a: Plane, b: Plane) -> bool:
    """Whether two planes hold the same numbers."""
    first, second = (_one(plane) for plane in (a, b))
    return (a.slope, a.intercept) == (b.slope, b.intercept) and bool(np.array_equal(first, second))


def _one(plane: Plane) -> Array:
    with understood(plane.file):
        (stored,) = stored_frames(read_dataset(plane.file), plane.file, [plane.frame])
    return stored


def refuse_flat_scale(planes: Sequence[Plane]) -> None:
    """Refuse a rescale slope of zero, which makes every value the same."""
    for plane in planes:
        if plane.slope == 0:
            raise DataError(f"{plane.file}: the rescale slope is 0; the values of {plane.name} are lost")


def refuse_not_grey(dataset: Dataset, file: Path) -> None:
    """Refuse colour, inverted and contradictory images by what they are."""
    samples, kind = (
        int(dataset.get("SamplesPerPixel", 1)),
        text({"": dataset.get("PhotometricInterpretation")}, ""),
    )
    if kind == "MONOCHROME1":
        raise DataError(
            f"{file}: MONOCHROME1 shows low values white; whether its numbers were inverted cannot be told. Convert it"
            f" to {GREY} where it was made"
        )
    if kind in (GREY, "") and samples != 1:
        raise DataError(
            f"{file}: is said to be {kind or 'grey'} and has {samples} samples a pixel; its header is wrong"
        )
    if kind not in (GREY, ""):
        raise DataError(
            f"{file}: is a colour image ({kind}, {samples} sample{'s' if samples > 1 else ''} a pixel); a grey image"
            " is needed"
        )
    if dataset.get("ModalityLUTSequence"):
        raise DataError(
            f"{file}: its values are a table's (Modality LUT), not of slope and intercept; export the series"
            " with a linear scale"
        )


def stored_frames(dataset: Dataset, file: Path, frames: list[int]) -> Iterator[Array]:
    """Stored numbers of `frames`, in that order."""
    refuse_not_grey(dataset, file)
    syntax = _refuse_incomplete(dataset, file)
    try:
        if dataset.BitsAllocated == 1 and not syntax.is_encapsulated:
            yield from _bits(dataset, frames)
            return
        for image in iter_pixels(dataset, indices=frames, raw=True):
            yield _without_unused_bits(np.asarray(image), dataset, compressed=syntax.is_encapsulated)
    except Exception as error:  # a decoder raises what it likes
        why = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        raise DataError(
            f"{file}: the pixels cannot be decoded ({syntax.name}): {why}; copy the file again from its source, or"
            " export it uncompressed"
        ) from None


def _bits(dataset: Dataset, frames: list[int]) -> Iterator[Array]:
    """Frames of one bit a pixel, which follow each other without a gap, also within a byte."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    packed = np.frombuffer(dataset.PixelData, np.uint8)
    for frame in frames:
        first = frame * rows * columns
        held = packed[first // 8 : -(-(first + rows * columns) // 8)]
        bits = np.unpackbits(held, bitorder="little")[first % 8 :]
        yield bits[: rows * columns].reshape(rows, columns)


def _refuse_incomplete(dataset: Dataset, file: Path) -> UID:
    """The transfer syntax; refuses pixels that are absent, fewer than declared or cut off."""
    keyword = next((k for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData") if k in dataset), None)
    if keyword is None:
        raise DataError(f"{file}: has no pixel data; copy the file again from its source")
    syntax = _syntax(dataset, file)
    rows, columns, bits = (int(dataset.get(k, 0) or 0) for k in ("Rows", "Columns", "BitsAllocated"))
    n = int(dataset.get("NumberOfFrames", 1) or 1)
    declared = rows * columns * n * bits // 8
    if min(rows, columns, bits) < 1:
        raise DataError(
            f"{file}: declares {rows} rows, {columns} columns and {bits} bits; its header is wrong"
        )
    refuse_more_than_held(file, declared, compressed=syntax.is_compressed)
    data = dataset[keyword].value or b""
    if not syntax.is_encapsulated and len(data) < declared:
        raise DataError(
            f"{file}: the pixel data are truncated: {len(data):,} bytes where {declared:,} are declared; copy the file"
            " again from its source"
        )
    if syntax.is_encapsulated and syntax != RLELossless and b"\xff\xd9" not in data[-32:]:
        raise DataError(
            f"{file}: the compressed pixel data end before their end mark; copy the file again from its source"
        )
    return syntax


def _syntax(dataset: Dataset, file: Path) -> UID:
    """The transfer syntax; a data set without one is read as it was found to be written."""
    meta = getattr(dataset, "file_meta", None)
    if meta is not None and "TransferSyntaxUID" in meta:
        syntax = UID(meta.TransferSyntaxUID)
        if not syntax.is_transfer_syntax:
            raise DataError(
                f"{file}: names no transfer syntax that is known; copy the file again from its source"
            )
        return syntax
    implicit, little = dataset.original_encoding
    syntax = UID(
        "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"
    )
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = syntax
    return syntax


def _without_unused_bits(image: Array, dataset: Dataset, *, compressed: bool) -> Array:
    """Stored numbers without what old files keep in the bits above them (overlays)."""
    image = image.astype(image.dtype.newbyteorder("="), copy=False)
    unused = int(dataset.get("BitsAllocated", 16)) - int(dataset.get("BitsStored", 16))
    if compressed or unused <= 0 or image.dtype.kind not in "iu":
        return image
    return (image << unused) >> unused


def _padding(dataset: Dataset) -> tuple[float, float] | None:
    """Lowest and highest stored number that means no image."""
    found = [dataset.get(k) for k in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    ends = [_as_stored(value, dataset) for value in found if isinstance(value, int)]
    return (min(ends), max(ends)) if ends and found[0] is not None else None


def _as_stored(value: int, dataset: Dataset) -> float:
    """A padding value written without the sign that the pixels have."""
    bits = int(dataset.get("BitsAllocated", 16))
    signed = dataset.get("PixelRepresentation") == 1
    return float(value - (1 << bits) if signed and value >= 1 << bits - 1 else value)


def _dtype(planes: Sequence[Plane], stored: Array) -> Any:
    """The smallest kind of number that holds every rescaled value; float32 where one may have a fraction."""
    whole = all(plane.slope == 1 and float(plane.intercept).is_integer() for plane in planes)
    if not whole or stored.dtype.kind == "f":
        return np.float64 if stored.dtype == np.float64 else np.float32
    low = min(plane.stored[0] + int(plane.intercept) for plane in planes)
    high = max(plane.stored[1] + int(plane.intercept) for plane in planes)
    return next(
        (t for t in (np.int16, np.int32) if np.iinfo(t).min <= low and high <= np.iinfo(t).max), np.float64
    )


def _scaled(stored: Array, plane: Plane) -> Array:
    short = stored.dtype.kind in "iu" and stored.dtype.itemsize < 4 and abs(plane.intercept) < _LARGE
    if short and plane.slope == 1 and float(plane.intercept).is_integer():
        return stored.astype(np.int32) + int(plane.intercept)
    wide: Array = stored.astype(np.float64) * plane.slope + plane.intercept
    return wide


def _rescaled(stored: Array, plane: Plane, *, padding: tuple[float, float] | None, unit: str) -> Array:
    if stored.shape != plane.shape:
        raise DataError(
            f"{plane.file}: {plane.name} decodes to {stored.shape}, its header declares {plane.shape}"
        )
    values = _scaled(stored, plane)
    if padding is None:
        return values
    outside = (stored >= padding[0]) & (stored <= padding[1])
    if unit == "HU":
        values[outside] = np.maximum(values[outside], LOWEST_HU)
    elif outside.any() and not outside.all():
        values[outside] = values[~outside].min()
    return values


def _refuse_not_finite(volume: Array, planes: Sequence[Plane]) -> None:
    if volume.dtype.kind != "f" or np.isfinite(volume).all():
        return
    bad = np.argwhere(~np.isfinite(volume))
    z, y, x = map(int, bad[0])
    raise DataError(
        f"{planes[z].file}: {len(bad)} values are not finite, the first at row {y}, column {x} of {planes[z].name}"
    )
