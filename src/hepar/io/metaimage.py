"""MetaImage files (.mha, and .mhd with its raw file) in."""

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..core.errors import DataError, choices
from ..imaging.geometry import Array, Volume, affine_of
from .files import is_beside, refuse_more_than_held, refuse_unreadable
from .grey import three_axes, volume_of

TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
"""MetaImage's types of numbers as NumPy's."""
_LONGEST_HEADER = 1 << 20


def read_metaimage(path: Path, *, frame: int | None = None) -> Volume:
    """The volume at `path`; of a 4-D file `frame` chooses it.

    Directions and offset are those of ITK, in LPS: each three numbers of `TransformMatrix` are the direction of an
    axis, x first. A file without them is taken to lie along the patient's axes, as its format says.
    """
    refuse_unreadable(path)
    header, start = _header(path)
    shape = _shape(header, path)
    array = np.frombuffer(_data(header, path, start=start, shape=shape), _dtype(header, path)).reshape(shape)
    array = three_axes(array, frame=frame, axis="its fourth axis", path=path)
    n = len(shape) if _integer(header, "NDims", path) > 3 else 3
    directions = _floats(header, ("TransformMatrix", "Rotation", "Orientation"), np.eye(n).ravel(), path=path)
    origin = _floats(header, ("Offset", "Position", "Origin"), np.zeros(n), path=path)[:3]
    spacing = _floats(header, ("ElementSpacing", "ElementSize"), np.ones(n), path=path)[:3]
    steps = directions.reshape(n, n)[:3, :3] * spacing[:, None]
    return volume_of(array.copy(), affine_of(steps[::-1], origin), path=path)


def metaimage_files(path: Path) -> tuple[Path, ...]:
    """The header and, where it is another, the file of the voxels."""
    data = _header(path)[0].get("ElementDataFile", "LOCAL")
    return (path,) if data == "LOCAL" else (path, _beside(path, data))


def _header(path: Path) -> tuple[Mapping[str, str], int]:
    """Values by name, and the byte after the header."""
    values: dict[str, str] = {}
    with path.open("rb") as file:
        while "ElementDataFile" not in values:
            line = file.readline(4096)
            name, equals, value = line.decode("latin-1").partition("=")
            if not line or not equals or file.tell() > _LONGEST_HEADER:
                raise DataError(
                    f"{path}: is no MetaImage, or a damaged one: its header stops before ElementDataFile;"
                    " copy it again from its source"
                )
            values[name.strip()] = value.strip()
        return values, file.tell()


def _shape(header: Mapping[str, str], path: Path) -> tuple[int, ...]:
    """Axes (frames, z, y, x)."""
    sizes = [int(n) for n in _floats(header, ("DimSize",), np.array([0.0]), path=path)]
    n, channels = _integer(header, "NDims", path), int(header.get("ElementNumberOfChannels", "1"))
    if channels != 1:
        raise DataError(f"{path}: has {channels} channels a voxel; a grey image is needed")
    if n not in (3, 4) or len(sizes) != n or min(sizes) < 1:
        raise DataError(
            f"{path}: declares {n} axes of sizes {sizes}; a volume has 3 axes of at least one voxel, or 4"
        )
    return (1,) * (4 - n) + tuple(sizes[::-1])


def _dtype(header: Mapping[str, str], path: Path) -> str:
    kind = header.get("ElementType", "")
    if kind not in TYPES:
        raise DataError(f"{path}: holds values of type {kind!r}; {choices(kind, TYPES)}")
    big = "true" in (header.get(k, "").lower() for k in ("BinaryDataByteOrderMSB", "ElementByteOrderMSB"))
    return f"{'>' if big else '<'}{TYPES[kind]}"


def _data(header: Mapping[str, str], path: Path, *, start: int, shape: tuple[int, ...]) -> bytes:
    """The bytes of the voxels."""
    if header.get("BinaryData", "True").lower() != "true":
        raise DataError(f"{path}: its voxels are written as text; save it as binary")
    declared = int(np.prod(shape, dtype=object)) * np.dtype(_dtype(header, path)).itemsize
    compressed = header.get("CompressedData", "False").lower() == "true"
    local = header["ElementDataFile"] == "LOCAL"
    file = path if local else _beside(path, header["ElementDataFile"])
    skip = start if local else int(header.get("HeaderSize", "0"))
    if skip < 0:
        skip = max(file.stat().st_size - declared, 0)
    refuse_more_than_held(file, declared, compressed=compressed, offset=skip)
    with file.open("rb") as opened:
        opened.seek(skip)
        held = _inflated(opened.read(), declared, file) if compressed else opened.read(declared)
    if len(held) != declared:
        raise DataError(
            f"{file}: holds {len(held):,} bytes of voxels where {declared:,} are declared; copy it again"
        )
    return held


def _inflated(packed: bytes, declared: int, file: Path) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(packed, declared)
    except zlib.error:
        raise DataError(f"{file}: the compressed voxels are damaged; copy it again from its source") from None


def _beside(path: Path, name: str) -> Path:
    if not is_beside(name) or "%" in name or name == "LIST":
        raise DataError(f"{path}: its voxels are in {name!r}; they must be in one file of the same folder")
    refuse_unreadable(path.with_name(name))
    return path.with_name(name)


def _integer(header: Mapping[str, str], name: str, path: Path) -> int:
    return int(_floats(header, (name,), np.array([0.0]), path=path)[0])


def _floats(header: Mapping[str, str], names: tuple[str, ...], default: Array, *, path: Path) -> Array:
    """Numbers of the first of `names` that is there; as many as in `default`, except for one that is alone."""
    name = next((name for name in names if name in header), None)
    if name is None:
        return default
    try:
        found = np.array([float(word) for word in header[name].split()])
    except ValueError:
        raise DataError(f"{path}: {name} is {header[name]!r}, which is not made of numbers") from None
    if not len(found) or (len(default) > 1 and len(found) != len(default)):
        raise DataError(f"{path}: {name} has {len(found)} numbers; {len(default)} are needed")
    return found
