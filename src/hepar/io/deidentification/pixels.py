"""Pixels without what is written into them: outside the boxes of ultrasound, and in bits that no pixel uses."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian

from ...core.errors import DataError
from .jpeg_text import hides_text, is_frame
from .regions import Box

Pixels = NDArray[Any]
MASKED = "All outside the regions of ultrasound set to one value"
KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
LARGEST_FRAME = 1 << 30
"""Bytes of one frame that is decoded; a few bytes can declare four times as many."""
LARGEST = 0xFFFFFFFE
"""Bytes of uncompressed pixels that DICOM can declare."""
_JPEG, _JPEG_LS, _JPEG_2000, _HT = "ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15"
_LOSSY = {"50": _JPEG, "51": _JPEG, "81": _JPEG_LS, "91": _JPEG_2000, "93": _JPEG_2000, "203": _HT}
"""What Lossy Image Compression Method (PS3.3 C.7.6.1.1.5) calls 1.2.840.10008.1.2.4.N."""
_GREY_CHROMA = 128
_FILMS = "1.2.840.10008.1.2.4.10"
"""Root of the transfer syntaxes of MPEG-2, MPEG-4 and HEVC."""


def clean_pixels(dataset: Dataset, boxes: Sequence[Box] = (), *, scratch: BinaryIO) -> bool:
    """Clean the pixels of `dataset` in place; with `boxes`, nothing outside them is left in any frame.

    Pictures within sequences, which are small copies with all their text, are dropped. Bits above and below those of
    a pixel, where old files keep overlays, and bytes after the last frame are cleared. What had to be decoded goes to
    the empty file `scratch` frame by frame, and `dataset` then reads from there: uncompressed, little-endian, with the
    flags of the loss it had. Says whether the pixels are other ones.

    Raises:
        DataError: the pixels are not there, fewer than declared, or cannot be decoded.
    """
    _drop_small_pictures(dataset)
    if not any(keyword in dataset for keyword in KEYWORDS):
        if boxes or "PixelDataProviderURL" in dataset:
            raise DataError("has no pixel data")
        return False
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if syntax == ExplicitVRBigEndian:
        _refuse_tables(dataset)
    hidden = syntax.is_encapsulated and (_embedded_overlay(dataset) or _text_in_frames(dataset))
    if boxes or hidden or syntax == ExplicitVRBigEndian:
        _rewrite(dataset, boxes, syntax=syntax, target=scratch)
    elif not syntax.is_encapsulated:
        return _clear_unused(dataset)
    else:
        return False
    return True


def _refuse_tables(dataset: Dataset) -> None:
    """Refuse words other than pixels, whose bytes would stay in the order of big-endian files."""
    if any(
        element.VR in ("OW", "OF", "OD", "OL", "OV") and element.keyword != "PixelData"
        for element in dataset.iterall()
    ):
        raise DataError("is big-endian with tables of words in it, which are not converted")


def masked_frames(dataset: Dataset, boxes: Sequence[Box]) -> Iterator[tuple[Pixels, str]]:
    """The frames of `dataset`, each only once it is seen that it holds nothing outside `boxes`.

    Raises:
        DataError: one holds something.
    """
    for frame, kind in frames_of(dataset):
        if not np.array_equal(_within(frame, boxes, kind=kind), frame):
            raise DataError("its mask could not be found again in what was written")
        yield frame, kind


def frames_of(dataset: Dataset, *, indices: Sequence[int] | None = None) -> Iterator[tuple[Pixels, str]]:
    """Frames (rows, columns[, samples]) as they are stored, each with its photometric interpretation."""
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    try:
        for frame, how in get_decoder(syntax).iter_array(dataset, raw=True, indices=indices):
            yield frame, str(how.get("photometric_interpretation", ""))
    except Exception as error:  # a decoder raises what it likes; its words may quote the file
        raise DataError(f"its pixels cannot be decoded ({syntax.name}, {type(error).__name__})") from None


def _drop_small_pictures(dataset: Dataset, *, top: bool = True) -> None:
    """Remove icons, and pixels of items of sequences."""
    for element in list(dataset):
        if element.keyword == "IconImageSequence" or (element.keyword in KEYWORDS and not top):
            del dataset[element.tag]
        elif element.VR == "SQ":
            for item in element.value or ():
                _drop_small_pictures(item, top=False)


def _embedded_overlay(dataset: Dataset) -> bool:
    """Whether an overlay, of which the bits of pixels are a part, is declared (retired, PS3.3 C.9.2)."""
    positions = (dataset.get((group, 0x0102)) for group in range(0x6000, 0x6020, 2))
    bits = int(dataset.get("BitsAllocated") or 0) > int(dataset.get("BitsStored") or 0)
    return bits and any(position is not None and position.value for position in positions)


def _text_in_frames(dataset: Dataset) -> bool:
    """Whether compressed pixels carry text beside their pictures: in a stream, between streams, or as offsets.

    Films are said to do so, since their streams are not read.
    """
    if dataset.file_meta.TransferSyntaxUID.startswith(_FILMS):
        return True
    data = dataset.get("PixelData") or b""
    stream = b""
    for fragment in generate_fragments(data[_item_bytes(data) :]):
        if is_frame(fragment):
            if hides_text(stream):
                return True
            stream = fragment
        else:
            stream += fragment
    return hides_text(stream) or not _are_offsets(data[8 : _item_bytes(data)])


def _item_bytes(data: bytes) -> int:
    """Bytes of the table of offsets before the first fragment."""
    return 8 + int.from_bytes(data[4:8], "little")


def _are_offsets(table: bytes) -> bool:
    """Whether a table of offsets holds nothing else: they begin with 0 and rise."""
    offsets = np.frombuffer(table[: len(table) // 4 * 4], "<u4").astype(np.int64)
    return len(table) % 4 == 0 and (
        not offsets.size or (offsets[0] == 0 and bool((np.diff(offsets) > 0).all()))
    )


def _rewrite(dataset: Dataset, boxes: Sequence[Box], *, syntax: UID, target: BinaryIO) -> None:
    if int(dataset.get("BitsAllocated") or 0) not in (8, 16, 32) or "PixelData" not in dataset:
        raise DataError(
            f"its pixels cannot be written anew ({dataset.get('BitsAllocated')} bits, {syntax.name})"
        )
    if _declared_bytes(dataset, frames=1) > LARGEST_FRAME:
        raise DataError(f"declares frames of more than {LARGEST_FRAME:,} bytes, which are not decoded")
    declared = int(dataset.get("NumberOfFrames") or 1)
    frame = np.empty(0)
    kind, written, size = "", 0, 0
    for frame, kind in frames_of(dataset):
        shown = _within(frame, boxes, kind=kind) if boxes else frame
        size += target.write(_little_endian(_used(shown, dataset)))
        written += 1
        if size > LARGEST:
            raise DataError(
                f"its pixels are more than {LARGEST:,} bytes uncompressed, which DICOM cannot store"
            )
    if written != declared:
        raise DataError(f"declares {declared} frames and holds {written}")
    target.write(b"\0" * (size % 2))
    _store(dataset, target, frame, kind=kind)
    _note_loss(dataset, syntax)


def _within(frame: Pixels, boxes: Sequence[Box], *, kind: str) -> Pixels:
    """The frame with nothing but its `boxes`: the rest is black, or index 0 of a palette."""
    shown = np.zeros_like(frame)
    if kind.startswith("YBR"):
        shown[..., 1:] = _GREY_CHROMA
    for box in boxes:
        if not box.fits(*frame.shape[:2]):
            raise DataError("a region lies outside the decoded frame")
        place = np.s_[box.top : box.bottom, box.left : box.right]
        shown[place] = frame[place]
    return shown


def _used(frame: Pixels, dataset: Dataset) -> Pixels:
    """Numbers whose bits outside High Bit and Bits Stored are those of the number itself."""
    bits, high = 8 * frame.dtype.itemsize, int(dataset.get("HighBit") or 0)
    stored = int(dataset.get("BitsStored") or bits)
    if frame.dtype.kind not in "iu" or not 0 < stored < bits:
        return frame
    if high != stored - 1:  # what lies below is no part of the number either
        mask = ((1 << stored) - 1) << max(high + 1 - stored, 0)
        kept: Pixels = (frame.view(f"u{frame.dtype.itemsize}") & mask).view(frame.dtype)
        return kept
    whole: Pixels = (frame << (bits - stored)) >> (bits - stored)
    return whole


def _little_endian(frame: Pixels) -> bytes:
    return np.ascontiguousarray(frame, frame.dtype.newbyteorder("<")).tobytes()


def _store(dataset: Dataset, target: BinaryIO, frame: Pixels, *, kind: str) -> None:
    """Point `dataset` to the frames in `target`, all of which look like `frame`."""
    target.seek(0)
    dataset["PixelData"] = DataElement(0x7FE00010, "OW" if frame.dtype.itemsize > 1 else "OB", target)
    dataset.Rows, dataset.Columns = frame.shape[:2]
    dataset.SamplesPerPixel = 1 if frame.ndim == 2 else frame.shape[2]
    dataset.PhotometricInterpretation = kind.removesuffix("_422")  # decoders give each pixel its chroma
    dataset.BitsAllocated = 8 * frame.dtype.itemsize
    if frame.ndim == 3:
        dataset.PlanarConfiguration = 0
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in dataset:
            del dataset[keyword]
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=True)


def _note_loss(dataset: Dataset, syntax: UID) -> None:
    """Keep that the pixels were compressed with loss, now that the transfer syntax does not tell it any more."""
    method = _LOSSY.get(syntax.rpartition(".")[2]) if syntax.startswith("1.2.840.10008.1.2.4.") else None
    if method is not None:
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = dataset.get("LossyImageCompressionMethod") or method


def _clear_unused(dataset: Dataset) -> bool:
    """Clear unused bits of uncompressed little-endian pixels, and cut what follows the last frame."""
    element = dataset[next(keyword for keyword in KEYWORDS if keyword in dataset)]
    data = element.value or b""
    size = _declared_bytes(dataset)
    if len(data) < size:
        raise DataError(f"its pixels are cut off: {len(data):,} bytes where {size:,} are declared")
    bits = int(dataset.get("BitsAllocated") or 8)
    clean = data[:size]
    if element.keyword == "PixelData" and bits in (8, 16, 32):
        sign = "i" if dataset.get("PixelRepresentation") == 1 else "u"
        clean = _little_endian(_used(np.frombuffer(clean, f"<{sign}{bits // 8}"), dataset))
    clean += b"\0" * (size % 2)
    changed = clean != data
    if changed:
        dataset[element.keyword] = DataElement(element.tag, "OW" if bits > 8 else element.VR, clean)
    return changed


def _declared_bytes(dataset: Dataset, *, frames: int | None = None) -> int:
    """Bytes of `frames` frames, or of all."""
    names = ("Rows", "Columns", "BitsAllocated")
    rows, columns, bits = (int(dataset.get(name) or 0) for name in names)
    samples, n = (int(dataset.get(name) or 1) for name in ("SamplesPerPixel", "NumberOfFrames"))
    n = n if frames is None else frames
    if min(rows, columns, bits, samples, n) < 1:
        raise DataError(f"declares {n} frames of {rows} x {columns} pixels of {bits} bits")
    if str(dataset.get("PhotometricInterpretation")) == "YBR_FULL_422":
        samples = 2
    return -(-rows * columns * samples * n * bits // 8)
