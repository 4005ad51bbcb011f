"""Content fingerprints: the same content gives the same 32 hex digits, on any machine."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def fingerprint(*parts: Any) -> str:
    """Fingerprint (SHA-256, shortened) of `parts`, in order.

    A part is JSON-like, an array, or a `Path` (the bytes of that file).

    >>> fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    True
    >>> fingerprint(1) == fingerprint(1.0)
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_encode(part))
    return digest.hexdigest()[:32]


def _encode(part: Any) -> bytes:
    if isinstance(part, np.ndarray):
        return f"{part.dtype.str}{part.shape}".encode() + np.ascontiguousarray(part).tobytes()
    if isinstance(part, Path):
        return file_digest(part).encode()
    return json.dumps(part, sort_keys=True, default=_jsonable).encode() + b"\0"


def file_digest(path: Path) -> str:
    """SHA-256 of the file at `path`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, np.generic):
        return value.item()
    return str(value)
