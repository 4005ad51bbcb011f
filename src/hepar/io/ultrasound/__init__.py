"""Raw radio-frequency recordings in, whatever the scanner or laboratory wrote, whole or block by block.

A reader is a module of two names: `lacks` says what keeps a file from being its own, and `open_stream` reads it.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ...core.errors import DataError
from ...imaging.ultrasound.frames import Box, RfFrames
from .settings import regions_beside
from .source import Look, look_at
from .stream import Stream, told_of

__all__ = ["READERS", "Stream", "open_recording", "read_recording"]

READERS: Mapping[str, str] = {
    "hepar's own HDF5": "own",
    "Clarius": "clarius",
    "UFF (UltraSound ToolBox)": "uff",
    "HDF5 of zea": "zea",
    "data of channels, to be beamformed": "channels",
    "MATLAB, or other HDF5, with a description": "keyed",
    "NumPy or binary, with a description": "arrays",
}
"""What each reader is called, and its module, in the order in which they are asked."""


def read_recording(path: Path | str, *, settings: Path | Mapping[str, Any] | None = None) -> RfFrames:
    """All frames of the recording at `path`.

    `settings`, or the file `NAME.yaml` beside it (`NAME.settings.yaml` beside those of scanners), tell what the file
    does not; what is missing is asked for by name and never assumed. Boxes in `NAME.regions.yaml` are added. A file
    that no reader knows, a damaged one, and one of IQ data, an envelope or a B-mode image raise `DataError`; a
    description that cannot be right raises `ProtocolError`.
    """
    return open_recording(path, settings=settings).read()


def open_recording(path: Path | str, *, settings: Path | Mapping[str, Any] | None = None) -> Stream:
    """The recording at `path` to be read in parts; see `read_recording` for `settings` and what is refused."""
    path = Path(path)
    look = look_at(path, settings)
    stream = _opened(look)
    regions = regions_beside(path)
    return _with_regions(stream, regions, path) if regions else stream


def _opened(look: Look) -> Stream:
    missing: list[str] = []
    for name, module in READERS.items():
        reader = import_module(f"{__name__}.{module}")
        lacking = reader.lacks(look)
        if not lacking:
            stream: Stream = reader.open_stream(look)
            return stream
        missing.append(f"  {name}: {lacking}")
    raise DataError(
        f"{look.path}: no reader of raw ultrasound knows this file:\n"
        + "\n".join(missing)
        + "\nExport it in one of these formats, or describe its numbers in NAME.yaml beside it"
    )


def _with_regions(stream: Stream, regions: Mapping[str, Box], path: Path) -> Stream:
    def part(start: int, stop: int) -> RfFrames:
        frames = stream.part(start, stop)
        twice = sorted(set(regions) & set(frames.regions))
        with told_of(path):
            if twice:
                raise DataError(
                    f"region {twice[0]!r} is in the recording and in the file beside it; give one of them another name"
                )
            return replace(frames, regions={**frames.regions, **regions})

    part(0, 1)
    return Stream(stream.frames, part)
