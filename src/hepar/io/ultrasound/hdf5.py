"""Values of an HDF5 file by name; what is damaged or absent is refused, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, HeparError, ProtocolError, choices
from .source import DAMAGED

Array = NDArray[Any]


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file at `path`, closed afterwards."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except HeparError:
        raise
    except DAMAGED:
        raise DataError(
            f"{path}: is a damaged or truncated HDF5 file; copy it again from its source"
        ) from None


@contextmanager
def opened_at(path: Path, name: str) -> Iterator[Any]:
    """The data set called `name` (dots or slashes between groups) of the file at `path`."""
    with opened(path) as file:
        yield _dataset(file, name, path)


def values_at(path: Path, name: str) -> Array:
    """The numbers called `name`."""
    with opened_at(path, name) as dataset:
        return np.asarray(dataset[()])


def scalar(group: Any, name: str) -> float | None:
    """The single number of `name` in `group`; None where there is none, or not one."""
    if name not in group or not isinstance(group[name], h5py.Dataset):
        return None
    values = np.asarray(group[name][()])
    return float(values.ravel()[0]) if values.size == 1 and values.dtype.kind in "iuf" else None


def vector(group: Any, name: str) -> Array | None:
    """The numbers of `name` in `group`, as a vector; None where there are none."""
    if name not in group or not isinstance(group[name], h5py.Dataset):
        return None
    values = np.asarray(group[name][()])
    return values.ravel().astype(np.float64) if values.dtype.kind in "iuf" else None


def is_group(item: Any) -> bool:
    """Whether `item` holds others."""
    return isinstance(item, h5py.Group)


def text(value: object) -> str:
    """An attribute as text, as which ever string it is stored."""
    if isinstance(value, np.ndarray):
        value = value.ravel()[0] if value.size else ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _dataset(file: Any, name: str, path: Path) -> Any:
    found = file
    for step in name.replace("/", ".").split("."):
        names = [key for key in found if not key.startswith("#")] if is_group(found) else []
        if step not in names:
            raise ProtocolError(f"{path}: the file has no variable {name!r}; {choices(step, names)}")
        found = found[step]
    if is_group(found):
        raise ProtocolError(
            f"{path}: {name!r} is a group of variables; name one in it. {choices(name, found)}"
        )
    return found
