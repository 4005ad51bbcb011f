"""The private attributes of PS3.15's safe list that images of the liver need: b-values and scale factors."""

import re
from collections.abc import Iterator
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

SAFE = {
    (0x0019, "SIEMENS MR HEADER"): {0x0C: "IS"},
    (0x0043, "GEMS_PARM_01"): {0x39: "IS"},
    (0x2001, "PHILIPS IMAGING DD 001"): {0x03: "FL"},
    (0x2005, "PHILIPS MR IMAGING DD 001"): {0x0D: "FL", 0x0E: "FL"},
    (0x7053, "PHILIPS PET PRIVATE GROUP"): {0x00: "DS", 0x09: "DS"},
}
"""Group and creator -> elements of the block and their representation (PS3.15 Table E.3.10-1), numbers only."""
_NUMBER = re.compile(r"[+-]?\d{1,10}(\.\d{1,10})?([eE][+-]?\d{1,2})?")
LARGEST = 64
"""Bytes of a private value that is looked at."""


def safe_private(dataset: Dataset) -> Iterator[DataElement]:
    """The safe private elements of `dataset`, with the one that names their creator, where each value is a number."""
    for (group, creator), elements in SAFE.items():
        for block in range(0x10, 0x100):
            name = dataset.get_item(Tag(group, block))
            if name is None or _text(name.value).upper() != creator:
                continue
            found = list(_numbers(dataset, group, block, elements=elements))
            if found:
                yield DataElement(Tag(group, block), "LO", _text(name.value))
                yield from found


def _numbers(dataset: Dataset, group: int, block: int, *, elements: dict[int, str]) -> Iterator[DataElement]:
    for element, vr in elements.items():
        tag = Tag(group, block << 8 | element)
        old = dataset.get_item(tag)
        if old is None or old.value is None or old.VR not in (vr, "UN", None):
            continue
        values = _parsed(old.value, vr)
        if values:
            yield DataElement(tag, vr, values if len(values) > 1 else values[0])


def _parsed(value: Any, vr: str) -> list[Any]:
    """Numbers of a value, parsed already or not; none where one of its parts is not a number."""
    if vr == "FL":
        return [value] if isinstance(value, float) else _floats(value)
    parts = [part.strip(" \0") for part in _text(value).split("\\")]
    return parts if all(_NUMBER.fullmatch(part) for part in parts) else []


def _floats(value: Any) -> list[Any]:
    import struct

    return [struct.unpack("<f", value)[0]] if isinstance(value, bytes) and len(value) == 4 else []


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value[: LARGEST + 1].decode("ascii", "replace").strip(" \0")
    return "\\".join(map(str, value)) if isinstance(value, list) else str(value).strip(" \0")
