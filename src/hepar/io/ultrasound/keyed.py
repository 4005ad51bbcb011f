"""MATLAB files, and HDF5 of any layout, by a map of keys: the description beside says which variable holds what."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, ProtocolError, choices
from .arrays import BINARY, SIDECARS, ask_for, described_array
from .own import HDF5
from .settings import PROBE, Recording, refuse_unused
from .source import DAMAGED, Look
from .stream import Stream

Array = NDArray[Any]
MATLAB_5, MATLAB_7 = b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"


def lacks(look: Look) -> str:
    """What keeps the file from being read by a map of keys; empty where nothing does."""
    if look.head.startswith((MATLAB_5, MATLAB_7)):
        return ""
    if not look.head.startswith(HDF5):
        return "its first bytes are not those of a MATLAB file of version 5 or 7.3, nor of HDF5"
    return "" if look.settings(*SIDECARS).rf else "no description NAME.yaml says which variable is rf"


def open_stream(look: Look) -> Stream:
    """The recording that the description's variables make up."""
    settings = look.settings(*SIDECARS)
    refuse_unused(settings, BINARY, path=look.path, why="the file tells it itself")
    refuse_unused(settings, PROBE, path=look.path, why="lines are placed by line_across_mm or line_angle_deg")
    ask_for(("rf", "axes"), settings, path=look.path)
    if look.head.startswith(MATLAB_5):
        return _version_5(look.path, settings)
    return _hdf5(look.path, settings, turned=look.head.startswith(MATLAB_7))


def _version_5(path: Path, settings: Recording) -> Stream:
    """Such a file is compressed variable by variable, so that its array is read as a whole."""
    held = _loaded(path)

    def lookup(name: str) -> Array:
        return _field(held, name, path)

    rf = lookup(settings.rf or "")
    return described_array(lambda: nullcontext(rf), settings, path, lookup=lookup)


def _loaded(path: Path) -> Mapping[str, Any]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    unreadable: tuple[type[Exception], ...] = (*DAMAGED, MatReadError)
    try:
        content = loadmat(path, squeeze_me=False, struct_as_record=True)
    except unreadable:
        raise DataError(
            f"{path}: is a damaged or truncated MATLAB file; copy it again from its source, or save it again"
        ) from None
    return {name: value for name, value in content.items() if not name.startswith("__")}


def _field(held: Mapping[str, Any], name: str, path: Path) -> Array:
    """The variable `name`, or the field of a struct where dots lead to one."""
    found: Any = held
    for k, step in enumerate(name.split(".")):
        names = list(found) if k == 0 else list(found.dtype.names or ())
        if step not in names:
            where = f"struct {'.'.join(name.split('.')[:k])!r}" if k else "file"
            raise ProtocolError(f"{path}: the {where} has no variable {step!r}; {choices(step, names)}")
        found = found[step]
        if k and found.dtype == object and found.size == 1:
            found = found.ravel()[0]
    made: Array = np.asarray(found)
    return made


def _hdf5(path: Path, settings: Recording, *, turned: bool) -> Stream:
    """HDF5 of MATLAB lists the axes the other way round (`turned`)."""
    from .hdf5 import opened_at, values_at

    return described_array(
        lambda: opened_at(path, settings.rf or ""),
        settings,
        path,
        lookup=lambda name: values_at(path, name),
        turned=turned,
    )
