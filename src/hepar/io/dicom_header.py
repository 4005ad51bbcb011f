"""Headers of DICOM files without their pixels, as plain values by keyword; no value of a patient is ever kept."""

import struct
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from ..core.errors import DataError, HeparError
from .files import refuse_unreadable

Values = Mapping[str, Any]
"""Values by DICOM keyword; those of a frame hide those shared by all frames, which hide those of the instance."""

GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
SIEMENS_B_VALUE = Tag(0x0019, 0x100C)
"""Private b-value of classic Siemens MR, which has no public one."""

LONGEST = 64
"""Characters of DICOM's longest identifiers and labels."""
MOST_VALUES = 12
"""How many values of one element are told."""
_BARE_STARTS = (b"\x08\x00", b"\x02\x00")
"""First bytes of a data set stored without DICOM's preamble."""


DAMAGE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    OSError,
    EOFError,
    RecursionError,
    BytesLengthException,
    struct.error,
)
"""What pydicom raises on damaged files; NotImplementedError on a value representation that it does not know, and
RecursionError on sequences nested too deep."""


class NotDicomError(DataError):
    """The file is of another kind."""


@contextmanager
def lenient() -> Iterator[None]:
    """No word from pydicom on odd values, which it would print: each value is checked by who uses it."""
    with warnings.catch_warnings(), disable_value_validation():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """`lenient`, and what pydicom raises on damaged bytes, which may be anything, refuses the file at `path`."""
    try:
        with lenient():
            yield
    except HeparError:
        raise
    except DAMAGE as error:
        raise DataError(
            f"{path}: is a damaged DICOM file ({type(error).__name__}); copy it again from its source"
        ) from None


def read_header(path: Path, keywords: tuple[str, ...]) -> Dataset:
    """The values of `keywords` (sequences whole) in the file at `path`."""
    return _read(path, stop_before_pixels=True, specific_tags=[*keywords, SIEMENS_B_VALUE])


def read_dataset(path: Path) -> Dataset:
    """The whole file at `path`, pixels included but not decoded."""
    return _read(path)


def _read(path: Path, **how: Any) -> Dataset:
    refuse_unreadable(path)
    with understood(path), path.open("rb") as file:
        start = file.read(132)
        file.seek(0)
        if start[128:] != b"DICM" and start[:2] not in _BARE_STARTS:
            raise NotDicomError(f"{path}: is not a DICOM file")
        return dcmread(file, force=True, **how)


def flat(dataset: Dataset, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Values by keyword; those inside the first item of a sequence are taken out of it."""
    values: dict[str, Any] = {}
    with lenient():
        for tag in list(dataset.keys()):
            name, value = _element(dataset, tag)
            if name in without:
                continue
            if isinstance(value, list) and value and isinstance(value[0], Dataset):
                values |= flat(value[0])
            elif name:
                values[name] = value
    return values


def _element(dataset: Dataset, tag: BaseTag) -> tuple[str, Any]:
    """Keyword and value; neither where the value does not parse."""
    try:
        element = dataset[tag]
    except DAMAGE:
        return "", None
    if element.VR == "SQ":
        return element.keyword, list(element.value)
    return ("DiffusionBValue" if tag == SIEMENS_B_VALUE else element.keyword), element.value


def text(values: Values, keyword: str) -> str:
    """The value of `keyword` as text, several joined by a backslash; empty where it is missing.

    It ends at the first character that no text has: a damaged value runs on into others, which may be the patient's.
    """
    value = values.get(keyword)
    if value is None:
        return ""
    several = value if isinstance(value, MultiValue | list | tuple) else (value,)
    return "\\".join(map(_readable, several[:MOST_VALUES]))


def _readable(value: Any) -> str:
    return "".join(takewhile(str.isprintable, str(value)[:LONGEST])).strip()


def numbers(values: Values, keyword: str) -> tuple[float, ...]:
    """The finite numbers of `keyword`; none where it is missing or not made of such."""
    value = values.get(keyword)
    if value is None or value == "":
        return ()
    try:
        found = np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        return ()
    return tuple(map(float, found)) if np.isfinite(found).all() else ()


def number(values: Values, keyword: str) -> float | None:
    """The first number of `keyword`."""
    found = numbers(values, keyword)
    return found[0] if found else None
