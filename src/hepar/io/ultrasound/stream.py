"""A raw recording read block by block: a clip of thousands of frames never stands in memory as a whole."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from ...imaging.ultrasound.frames import RfFrames

Array = NDArray[Any]
WHOLE = {"int8": np.int16, "int16": np.int16}
"""Types that are kept as 16-bit numbers."""
READABLE = (*WHOLE, "int32", "int64", "float16", "float32", "float64")


@dataclass(frozen=True, slots=True)
class Stream:
    """`frames` frames on disk; nothing of them is in memory until it is asked for."""

    frames: int
    part: Callable[[int, int], RfFrames] = field(repr=False)

    def read(self, start: int = 0, stop: int | None = None) -> RfFrames:
        """The frames from `start` on, up to `stop` or to the end; `stop` itself is not among them."""
        stop = self.frames if stop is None else stop
        if not 0 <= start < stop <= self.frames:
            raise DataError(
                f"frames {start} to {stop} are none of the {self.frames} of the recording; frames are counted from 0"
            )
        return self.part(start, stop)

    def blocks(self, size: int) -> Iterator[RfFrames]:
        """All frames in their order, `size` at a time; the last block may hold fewer."""
        if size < 1:
            raise DataError(f"a block of {size} frames holds none; give 1 or more")
        for start in range(0, self.frames, size):
            yield self.read(start, min(start + size, self.frames))


@dataclass(frozen=True, slots=True)
class Source:
    """Echoes on disk: their `shape` (frames, lines, samples) and type, and `echoes(start, stop)` to read them."""

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    echoes: Callable[[int, int], Array] = field(repr=False)


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Begin the message of whatever is refused inside with the file's path."""
    try:
        yield
    except DataError as error:
        message = str(error)
        raise DataError(message if message.startswith(str(path)) else f"{path}: {message}") from None


def stream_of(source: Source, facts: Mapping[str, Any], path: Path) -> Stream:
    """A stream of what `source` holds, acquired as `facts` (the fields of `RfFrames` but `rf`) say.

    Before anything is given, the first, the middle and the last frame are read: numbers that cannot be radio
    frequency (no negative one among them, or zeros only) are refused.
    """
    frames = source.shape[0]
    times = facts.get("frame_times_ms")

    def part(start: int, stop: int) -> RfFrames:
        told = {**facts, "frame_times_ms": None if times is None else times[start:stop]}
        with told_of(path):
            return RfFrames(rf=echoes_of(source.echoes(start, stop)), **told)

    with told_of(path):
        refuse_no_radio_frequency(source.dtype, source.shape)
        for frame in sorted({0, frames // 2, frames - 1}):
            _refuse_envelope(source.echoes(frame, frame + 1))
    part(0, 1)
    return Stream(frames, part)


def refuse_no_radio_frequency(kind: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """Refuse empty recordings and types of numbers that no beamformed radio frequency has."""
    if 0 in shape:
        raise DataError(
            f"holds an array of {' x '.join(map(str, shape))} numbers, hence no echo: no frames, no lines or no"
            " samples; export the recording again"
        )
    if kind.kind == "c" or (kind.names and len(kind.names) == 2):
        raise DataError(
            "holds complex numbers: IQ data, demodulated already, where radio frequency is expected. The frequency that"
            " they were mixed down with is not known here, so nothing can undo it; export radio frequency (RF)"
        )
    if kind.name not in READABLE:
        raise DataError(
            f"holds numbers of type {kind.name}, in which radio frequency, positive and negative, is not stored: an"
            " envelope or a B-mode image, or a converter's counts around a middle. Export radio frequency; from counts,"
            f" subtract the middle and save as int16. Readable are {', '.join(READABLE)}"
        )


def echoes_of(values: Array) -> Array:
    """`values` as `RfFrames` takes them: int16 where they are whole 8- or 16-bit numbers, else float32."""
    return np.ascontiguousarray(values, dtype=WHOLE.get(values.dtype.name, np.float32))


def _refuse_envelope(frame: Array) -> None:
    if not frame.any():
        raise DataError(
            "holds a frame of zeros only, in which no echo was recorded; export the recording again"
        )
    if frame.min() >= 0:
        raise DataError(
            "holds no negative number: an envelope or a B-mode image where radio frequency, which swings around zero,"
            " is expected; export radio frequency (RF)"
        )
