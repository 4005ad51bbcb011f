"""Data of channels, which are beamformed to lines before anything is made of them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ...core.document import read_yaml
from ...imaging.ultrasound.frames import RfFrames
from .keyed import MATLAB_5
from .own import HDF5
from .settings import beside
from .source import DAMAGED, Look
from .stream import Stream, told_of

MUST = {"pitch", "TXdelay"}
"""Fields of the struct `param` of MUST that no description of lines needs."""


def lacks(look: Look) -> str:
    """What keeps the file from being channel data of a known layout; empty where nothing does."""
    if _lines_are_described(look):
        return "its description says which variable is rf, so that it holds lines"
    if look.head.startswith(MATLAB_5):
        return "" if _is_must(look.path) else "it lacks RF and param with pitch and TXdelay, as MUST has them"
    if not look.head.startswith(HDF5):
        return "its first bytes are not those of HDF5 nor of a MATLAB file of version 5"
    from .channel_data import HDF5_LAYOUTS
    from .hdf5 import opened

    with opened(look.path) as file:
        known = any(has(file) for has, _, _ in HDF5_LAYOUTS.values())
    return "" if known else f"its layout is none of {', '.join(HDF5_LAYOUTS)}"


def open_stream(look: Look) -> Stream:
    """Lines made by delay and sum of the frames that are asked for; the channel data are in memory as a whole.

    What the file does not tell is that of `read_channel_data`, not of recordings of lines.
    """
    from ...imaging.ultrasound.beamform import beamform
    from .channel_data import read_channel_data

    data = read_channel_data(look.path, look.given)
    times = data.frame_times_ms

    def part(start: int, stop: int) -> RfFrames:
        chosen = replace(
            data, rf=data.rf[start:stop], frame_times_ms=None if times is None else times[start:stop]
        )
        with told_of(look.path):
            return beamform(chosen)

    return Stream(data.rf.shape[0], part)


def _lines_are_described(look: Look) -> bool:
    if isinstance(look.given, Mapping):
        return "rf" in look.given
    file = Path(look.given) if isinstance(look.given, str | Path) else beside(look.path, ".yaml", ".yml")
    content = read_yaml(file) if file is not None and file.is_file() else None
    return isinstance(content, dict) and "rf" in content


def _is_must(path: Path) -> bool:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    with suppress(*DAMAGED, MatReadError):
        held = loadmat(path, variable_names=["RF", "param"], struct_as_record=True)
        return set(held) >= {"RF", "param"} and set(held["param"].dtype.names or ()) >= MUST
    return False
