"""Radio-frequency ultrasound in HDF5: the echoes, how they were acquired, and the unit of every number."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ..core.atomic import write_bytes_atomically
from ..core.errors import DataError
from ..imaging.ultrasound.frames import Box, RfFrames
from .files import refuse_unreadable

FORMAT = "hepar-rf"
VERSION = 2
_LIBRARY = ("v110", "v110")
"""Oldest and newest HDF5 that the file is laid out for, so that another library writes the same."""
_UNITS: Mapping[str, str] = {
    "scale": "1",
    "fs_mhz": "MHz",
    "fc_mhz": "MHz",
    "bandwidth": "1",
    "c_mm_us": "mm/us",
    "start_mm": "mm",
    "radius_mm": "mm",
    "gain_db": "dB",
    "frame_times_ms": "ms",
    "tgc_db": "dB",
    "line_angle_deg": "deg",
    "line_origin_mm": "mm",
}
_UNIT_OF_ENDING = {"mm": "mm", "db": "dB", "deg": "deg"}
_TEXTS = ("geometry", "device", "preset", "subject", "site", "view", "remark")
_Array = NDArray[Any]


def quantised(rf: NDArray[np.floating[Any]]) -> tuple[NDArray[np.int16], float]:
    """`rf` in whole steps as a 16-bit converter gives it, and the size of a step; the largest echo takes all bits."""
    peak = float(np.abs(rf).max(initial=0.0))
    if not np.isfinite(peak):
        raise DataError("rf holds values that are not finite; every echo is a number")
    step = peak / np.iinfo(np.int16).max if peak else 1.0
    return np.rint(rf / np.float32(step)).clip(-32767, 32767).astype(np.int16), step


def write_rf(data: RfFrames, path: Path) -> None:
    """Write `data` to `path` (.h5), whole or not at all; the same data give the same bytes."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=_LIBRARY) as file:
        _say(file, format=FORMAT)
        file.attrs["version"] = VERSION
        echoes = _dataset(file, "rf", data.rf, chunks=(1, *data.rf.shape[1:]))
        _say(echoes, axes="frame, line, sample", unit="1; acquisition/scale is a step")
        for name, unit in _UNITS.items():
            values = getattr(data, name)
            if values is None:
                continue
            values = values if np.ndim(values) else np.float64(values)
            _say(_dataset(file, f"acquisition/{name}", np.asarray(values)), unit=unit)
        _say(file["acquisition"], **{name: getattr(data, name) for name in _TEXTS})
        for name, box in sorted(data.regions.items()):
            _say(_dataset(file, f"regions/{name}/depth_mm", np.asarray(box.depth_mm, dtype=float)), unit="mm")
            _say(_dataset(file, f"regions/{name}/lines", np.asarray(box.lines)), unit="1")
        for name, value in sorted(data.more.items()):
            unit = _UNIT_OF_ENDING.get(name.rpartition("_")[2], "1")
            _say(_dataset(file, f"more/{name}", np.asarray(float(value))), unit=unit)
    write_bytes_atomically(path, buffer.getvalue())


def read_rf(path: Path | str, *, start: int = 0, stop: int | None = None) -> RfFrames:
    """The frames from `start` up to `stop`, or all, of the recording that `write_rf` wrote to `path`.

    Only those come into memory. A file of another kind or a damaged one is refused.
    """
    path = Path(path)
    refuse_unreadable(path)
    with _opened(path) as file:
        _refuse_other_format(file, path)
        try:
            return _data(file, slice(start, stop))
        except DataError as error:
            raise DataError(f"{path}: {error}") from None


def count_frames(path: Path) -> int:
    """How many frames the recording at `path` has."""
    with _opened(path) as file:
        _refuse_other_format(file, path)
        return int(file["rf"].shape[0])


def is_own(path: Path) -> bool:
    """Whether the HDF5 file at `path` calls itself one of this format, of whatever version."""
    with _opened(path) as file:
        return _text(file.attrs.get("format")) == FORMAT


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with h5py.File(path, "r") as file:
            yield file
    except DataError:
        raise
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, MemoryError):
        raise DataError(
            f"{path}: is no HDF5 file of radio frequency, or a damaged one; copy it again from its source"
        ) from None


def _dataset(file: Any, name: str, values: _Array, *, chunks: tuple[int, ...] | None = None) -> Any:
    packed: dict[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if chunks else {}
    return file.create_dataset(name, data=values, chunks=chunks, track_times=False, **packed)


def _refuse_other_format(file: Any, path: Path) -> None:
    kind, version = _text(file.attrs.get("format")), file.attrs.get("version")
    if kind != FORMAT or version != VERSION:
        raise DataError(
            f"{path}: is HDF5 of the kind {kind!r}, version {version!r}; {FORMAT!r}, version {VERSION} is needed"
        )


def _data(file: Any, frames: slice) -> RfFrames:
    group = file["acquisition"]
    found: dict[str, Any] = {name: group[name][()] if name in group else None for name in _UNITS}
    found |= {
        name: float(value) for name, value in found.items() if value is not None and not np.shape(value)
    }
    found |= {name: _text(group.attrs[name]) for name in _TEXTS}
    more = {name: float(value[()]) for name, value in file.get("more", {}).items()}
    if found["frame_times_ms"] is not None:
        found["frame_times_ms"] = found["frame_times_ms"][frames]
    return RfFrames(rf=file["rf"][frames], more=more, regions=_regions(file), **found)


def _regions(file: Any) -> dict[str, Box]:
    return {
        name: Box(tuple(box["depth_mm"][()].tolist()), tuple(box["lines"][()].tolist()))
        for name, box in file.get("regions", {}).items()
    }


def _say(place: Any, **texts: str) -> None:
    """Texts of fixed length: in a damaged file the library may look for others for ever."""
    for name, value in texts.items():
        content = value.encode("utf-8")
        place.attrs.create(name, content, dtype=h5py.string_dtype("utf-8", max(len(content), 1)))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
