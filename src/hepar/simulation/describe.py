"""What is true of a patient or a scan, as plain values for JSON and tables."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

LARGEST = 64
"""Arrays with more values are images, which lie in files of their own."""
_DROPPED = object()


def plain(value: Any) -> Any:
    """`value` for JSON: dataclasses and mappings as objects, sets sorted, large arrays left out, NaN as null."""
    found = _plain(value)
    return None if found is _DROPPED else found


def as_json(value: Any) -> str:
    """`plain` as text, one line an entry."""
    return json.dumps(plain(value), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def flat(value: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """The single values of nested mappings, by their names joined with "_"; lists are left out.

    >>> flat({"liver": {"stage": 2}, "seed": 1})
    {'liver_stage': 2, 'seed': 1}
    """
    found: dict[str, Any] = {}
    for key, one in value.items():
        name = f"{within}_{key}" if within else str(key)
        if isinstance(one, Mapping):
            found |= flat(one, within=name)
        elif not isinstance(one, list | tuple):
            found[name] = one
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _kept((field.name, getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return _kept((str(key), one) for key, one in value.items())
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value.tolist()] if 0 < value.size <= LARGEST else _DROPPED
    if isinstance(value, set | frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, list | tuple):
        return [one for one in map(_plain, value) if one is not _DROPPED]
    return _single(value)


def _single(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else _DROPPED


def _kept(pairs: Any) -> dict[str, Any]:
    found = ((name, _plain(one)) for name, one in pairs)
    return {name: one for name, one in found if one is not _DROPPED}
