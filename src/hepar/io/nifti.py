"""NIfTI files (.nii, .nii.gz) in and out."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.imageglobals import logger
from nibabel.spatialimages import HeaderDataError

from ..core.atomic import write_bytes_atomically
from ..core.errors import DataError
from ..imaging.geometry import Array, Float, Volume
from .dicom_header import lenient
from .files import refuse_more_than_held, refuse_unreadable
from .grey import three_axes, volume_of

MM_PER = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""Millimetres by NIfTI's code of the unit of space; writers that leave it out (0) mean millimetres."""

_SWAPPED = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])
"""Takes an index (z, y, x) to NIfTI's (i, j, k)."""
_RAS_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Takes NIfTI's world (right, anterior, superior) to that of DICOM, and back."""
_LARGEST_HEADER = 1 << 26
_IMAGE: Any = nib.Nifti1Image


def read_nifti(path: Path, *, frame: int | None = None) -> Volume:
    """The volume at `path`.

    The place is that of the sform, else of the qform; a file with neither is refused, since left and right would be a
    guess. Scaled integers become float32; of a 4-D file `frame` chooses the volume.
    """
    refuse_unreadable(path)
    image = _opened(path)
    header = image.header
    _refuse_colour(header, path)
    shape = tuple(int(n) for n in header.get_data_shape())
    _refuse_wrong_size(header, shape, offset=float(image.dataobj.offset), path=path)
    array = three_axes(_frames(_numbers(image, path), path), frame=frame, axis="its fourth axis", path=path)
    return volume_of(array, _affine(header, path), path=path)


def write_nifti(volume: Volume, path: Path, *, about: str = "") -> None:
    """Write `volume` to `path` (.nii or .nii.gz), whole or not at all; the same volume gives the same bytes.

    `about` is the description in the header, ASCII of 79 characters at most.
    """
    if not path.name.endswith((".nii", ".nii.gz")):
        raise DataError(f"{path}: name a NIfTI file .nii or .nii.gz")
    array = _storable(volume.array)
    image = _IMAGE(array.T, _RAS_LPS @ volume.affine @ _SWAPPED)
    image.header.set_xyzt_units("mm")
    image.set_sform(image.affine, code="scanner")
    image.set_qform(image.affine, code="scanner")
    image.header["descrip"] = about.encode("ascii")
    data = image.to_bytes()
    write_bytes_atomically(path, _packed(data) if path.name.endswith(".gz") else data)


def _packed(data: bytes) -> bytes:
    """`data` by gzip, without the time and the system (which versions of Python tell differently)."""
    packed = gzip.compress(data, 6, mtime=0)
    return packed[:9] + b"\xff" + packed[10:]


@contextmanager
def _silent() -> Iterator[None]:
    """No word from nibabel on what it mends in a header."""
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _opened(path: Path) -> Any:
    try:
        with lenient(), _silent():
            image = nib.load(path)
    except (ImageFileError, HeaderDataError, OSError, EOFError, ValueError, OverflowError, zlib.error):
        raise DataError(
            f"{path}: is no NIfTI file, or a damaged one; copy it again from its source"
        ) from None
    if not isinstance(image, _IMAGE):
        raise DataError(f"{path}: is of the format {type(image).__name__}; convert it to NIfTI (.nii.gz)")
    return image


def _refuse_colour(header: Any, path: Path) -> None:
    if header.get_data_dtype().names:
        raise DataError(f"{path}: is a colour image; a grey image is needed")


def _refuse_wrong_size(header: Any, shape: tuple[int, ...], *, offset: float, path: Path) -> None:
    if min(shape, default=0) < 1 or len(shape) < 2:
        raise DataError(
            f"{path}: declares the shape {shape}; a volume has at least one voxel along each axis"
        )
    declared = int(np.prod(shape, dtype=object)) * header.get_data_dtype().itemsize
    if not 0 <= offset < _LARGEST_HEADER:
        raise DataError(f"{path}: declares its voxels at byte {offset:g}; the header is wrong")
    compressed = path.suffix.lower() == ".gz"
    refuse_more_than_held(path, declared, compressed=compressed, offset=0 if compressed else int(offset))


def _numbers(image: Any, path: Path) -> Array:
    """Values as stored, or scaled by the header's slope and intercept."""
    scaled = (image.dataobj.slope, image.dataobj.inter) != (1.0, 0.0)
    try:
        with lenient():
            raw = np.asarray(image.dataobj.get_unscaled())
            if not scaled:
                return raw
            wide = raw.astype(np.float64) * image.dataobj.slope + image.dataobj.inter
            return np.asarray(wide, np.float64 if raw.dtype == np.float64 else np.float32)
    except (OSError, EOFError, ValueError, zlib.error):
        raise DataError(
            f"{path}: the voxels are truncated or damaged; copy it again from its source"
        ) from None


def _frames(array: Array, path: Path) -> Array:
    """Axes (frames, z, y, x) of an array stored as (i, j, k, ...)."""
    while array.ndim > 4 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim > 4:
        raise DataError(
            f"{path}: has {array.ndim} axes, shape {array.shape}; give one volume, e.g. a file for each channel"
        )
    filled: Array = array.reshape(*array.shape, *(1,) * (4 - array.ndim)).T
    return filled


def _affine(header: Any, path: Path) -> Float:
    if int(header["sform_code"]) <= 0 and int(header["qform_code"]) <= 0:
        raise DataError(
            f"{path}: says nothing of its place in the patient (qform_code and sform_code are 0), so left and right are"
            " unknown; set one of them with the tool that made the file"
        )
    unit = int(header["xyzt_units"]) % 8
    if unit not in MM_PER:
        raise DataError(
            f"{path}: declares an unknown unit of space ({unit}); allowed: 1 (m), 2 (mm), 3 (micrometre)"
        )
    with lenient():
        ras = np.array(header.get_best_affine(), dtype=float)
    ras[:3] *= MM_PER[unit]
    affine: Float = _RAS_LPS @ ras @ _SWAPPED
    return affine


def _storable(array: Array) -> Array:
    """The array in a type that other tools read."""
    if array.dtype == bool:
        return array.astype(np.uint8)
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
        low, high = int(array.min(initial=0)), int(array.max(initial=0))
        small = next(t for t in (np.int32, np.float64) if t is np.float64 or _holds(t, low, high))
        return array.astype(small)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _holds(kind: Any, low: int, high: int) -> bool:
    return bool(np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
