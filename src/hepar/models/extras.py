"""Optional learners: imported when needed, with the remedy when they are absent."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ..core.errors import RunError
from ..core.packages import how_to_install
from ..data.reference import Reference


def needed(module: str) -> Any:
    """The optional package `module`."""
    try:
        return import_module(module)
    except ImportError:
        raise RunError(f"this model {how_to_install(module)}") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings of a third-party fit: its result is judged on held-out cases, not by its messages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def refuse_no_event(reference: Reference) -> None:
    """Refuse training data without a single event of interest."""
    if not (reference.status == 1).any():
        raise RunError(
            f"none of the {len(reference)} training cases had the event; use fewer folds, pool small sites, or check"
            " the outcome's event condition"
        )
