"""A content-addressed store: a run that was killed goes on where it stopped.

A key names *what was computed from what*; a value never changes under its key, so nothing needs invalidating and two
processes may write the same key at once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..core.atomic import write_atomically

Value = Mapping[str, Any]
"""A JSON mapping. Floats survive exactly, NaN included."""


class Artefacts(Protocol):
    """Anything that can look up a key or make its value."""

    def get_or_make(self, key: str, make: Callable[[], Value]) -> Value:
        """The value of `key`."""
        ...


@dataclass(frozen=True, slots=True)
class Store:
    """Artefacts under `root`, one file a key."""

    root: Path

    def get_or_make(self, key: str, make: Callable[[], Value]) -> Value:
        """The value of `key`, made once; a file that does not parse is made again."""
        path = self.root / key[:2] / f"{key}.json"
        try:
            stored: Value = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stored = json.loads(write_atomically(path, json.dumps(make())))
        return stored


@dataclass(frozen=True, slots=True)
class NoStore:
    """Keeps nothing: for tests, and for a deployment that may keep nothing."""

    def get_or_make(self, key: str, make: Callable[[], Value]) -> Value:
        """The value of `key`, made each time."""
        value: Value = json.loads(json.dumps(make()))
        return value


NOTHING = NoStore()
