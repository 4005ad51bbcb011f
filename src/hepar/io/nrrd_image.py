"""NRRD files (.nrrd, .nhdr) in, with the names of segments that 3D Slicer writes."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nrrd
import numpy as np

from ..core.errors import DataError
from ..imaging.geometry import Array, Float, Volume
from .dicom_header import lenient
from .files import is_beside, refuse_more_than_held, refuse_unreadable
from .grey import three_axes, volume_of

TO_LPS: Mapping[str, tuple[float, float, float]] = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
"""Signs that take each of NRRD's spaces to LPS."""
SPATIAL = frozenset({"domain", "space"})
"""Kinds of an axis that runs through the patient."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a `.seg.nrrd`: its name, its number in the array and the layer that holds it."""

    name: str
    label: int
    layer: int


@dataclass(frozen=True, slots=True)
class Nrrd:
    """Layers (n, z, y, x), where they lie, and what 3D Slicer says of them.

    `offset` is the index (z, y, x) of the first voxel in the image that the segmentation was cut from; None where the
    file does not say.
    """

    layers: Array
    affine: Float
    segments: tuple[Segment, ...] = ()
    offset: tuple[int, ...] | None = None


def read_nrrd(path: Path, *, frame: int | None = None) -> Volume:
    """The volume at `path`; of a 4-D file `frame` chooses it."""
    found = read_layers(path)
    array = three_axes(found.layers, frame=frame, axis="its axis without a direction", path=path)
    return volume_of(array, found.affine, path=path)


def read_layers(path: Path) -> Nrrd:
    """All volumes of the file at `path`; refuses a file that says nothing of its place in the patient."""
    refuse_unreadable(path)
    try:
        with lenient(), path.open("rb") as file:
            header: dict[str, Any] = nrrd.read_header(file)
            _refuse_wrong_size(header, path, offset=file.tell())
            array = nrrd.read_data(header, file, str(path))
    except DataError:
        raise
    except (nrrd.NRRDError, OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise DataError(
            f"{path}: is no NRRD file, or a damaged one ({str(error)[:100]}); copy it again from its source"
        ) from None
    directions, origin = _directions(header, array.ndim, path)
    layers = _layers(array, directions)
    space = directions[np.isfinite(directions).all(axis=1)]
    affine = np.eye(4)
    affine[:3, :3] = np.diag(_signs(header, path)) @ space[::-1].T
    affine[:3, 3] = np.multiply(_signs(header, path), origin)
    return Nrrd(layers, affine, _segments(header), _offset(header))


def nrrd_files(path: Path) -> tuple[Path, ...]:
    """The header and, where it is another, the file of the voxels."""
    with lenient(), path.open("rb") as file:
        try:
            header: dict[str, Any] = nrrd.read_header(file)
        except (nrrd.NRRDError, ValueError):
            raise DataError(f"{path}: is no NRRD file; copy it again from its source") from None
    return tuple(dict.fromkeys((path, _data_file(header, path))))


def _data_file(header: Mapping[str, Any], path: Path) -> Path:
    """The file that holds the voxels."""
    detached = header.get("data file", header.get("datafile"))
    if detached is None:
        return path
    if not is_beside(str(detached)):
        raise DataError(
            f"{path}: its voxels are in {str(detached)!r}; they must be in one file of the same folder"
        )
    refuse_unreadable(path.with_name(str(detached)))
    return path.with_name(str(detached))


def _refuse_wrong_size(header: Mapping[str, Any], path: Path, *, offset: int) -> None:
    sizes = [int(n) for n in header.get("sizes", ())]
    if not 2 < len(sizes) < 5 or min(sizes) < 1:
        raise DataError(
            f"{path}: declares the sizes {sizes}; a volume has 3 axes of at least one voxel, or 4"
        )
    if header.get("type") == "block":
        raise DataError(f"{path}: holds blocks of bytes; a grey image is needed")
    data = _data_file(header, path)
    packed = header.get("encoding") != "raw"
    declared = int(np.prod(sizes, dtype=object)) * np.dtype(_dtype(header, path)).itemsize
    refuse_more_than_held(data, declared, compressed=packed, offset=offset if data == path else 0)


def _dtype(header: Mapping[str, Any], path: Path) -> str:
    kinds = {
        "i1": ("signed char", "int8", "int8_t"),
        "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
        "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
        "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
        "i4": ("int", "signed int", "int32", "int32_t"),
        "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
        "i8": ("longlong", "long long", "long long int", "int64", "int64_t"),
        "u8": ("ulonglong", "unsigned long long", "uint64", "uint64_t"),
        "f4": ("float",),
        "f8": ("double",),
    }
    found = next((code for code, names in kinds.items() if str(header.get("type")).lower() in names), None)
    if found is None:
        raise DataError(f"{path}: holds values of type {header.get('type')!r}, which is not known")
    return found


def _directions(header: Mapping[str, Any], ndim: int, path: Path) -> tuple[Float, Float]:
    """Steps along each axis of the file (rows of NaN for an axis outside space), and the origin."""
    if "space directions" not in header or "space" not in header:
        raise DataError(
            f"{path}: says nothing of its place in the patient (no 'space' or 'space directions'); write it with them"
        )
    directions = np.array(
        [[np.nan] * 3 if row is None else row for row in header["space directions"]], dtype=float
    )
    n = int(np.isfinite(directions).all(axis=1).sum())
    if directions.shape != (ndim, 3) or n != 3:
        raise DataError(f"{path}: {n} of its {ndim} axes have a direction in space; a volume has 3")
    origin = np.asarray(header.get("space origin", (0, 0, 0)), dtype=float)
    if origin.shape != (3,):
        raise DataError(f"{path}: its space origin has {origin.size} numbers; 3 are needed")
    return directions, origin


def _signs(header: Mapping[str, Any], path: Path) -> tuple[float, float, float]:
    space = str(header["space"]).lower()
    if space not in TO_LPS:
        raise DataError(f"{path}: its space is {space!r}; allowed: {', '.join(TO_LPS)}")
    return TO_LPS[space]


def _layers(array: Array, directions: Float) -> Array:
    """Axes (layers, z, y, x)."""
    if array.ndim == 3:
        return array.T[None]
    outside = int(np.flatnonzero(~np.isfinite(directions).all(axis=1))[0])
    return np.moveaxis(array, outside, -1).T


def _segments(header: Mapping[str, Any]) -> tuple[Segment, ...]:
    found: list[Segment] = []
    while f"Segment{len(found)}_Name" in header:
        at = f"Segment{len(found)}"
        found.append(
            Segment(
                str(header[f"{at}_Name"]),
                int(header.get(f"{at}_LabelValue", 1)),
                int(header.get(f"{at}_Layer", 0)),
            )
        )
    return tuple(found)


def _offset(header: Mapping[str, Any]) -> tuple[int, ...] | None:
    text = header.get("Segmentation_ReferenceImageExtentOffset")
    return None if text is None else tuple(int(n) for n in str(text).split())[::-1]
