"""Errors a user can act on: each says what is wrong, where, what is allowed and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class HeparError(ValueError):
    """Base class; the command line prints the message of these and nothing else.

    It is a `ValueError` so that pydantic keeps the location when a validator raises it.
    """


class ProtocolError(HeparError):
    """The study protocol contradicts itself or the data."""


class DataError(HeparError):
    """A file, a case or a value is not what the protocol and the dictionary need."""


class SimulationError(HeparError):
    """A simulated patient cannot be made as asked."""


class RunError(HeparError):
    """The study is sound, but this run of it cannot give a result."""


def choices(found: str, allowed: Iterable[object]) -> str:
    """What is allowed where `found` was written, with the nearest spelling first.

    >>> choices("appri", ["apri", "fib4"])
    "did you mean 'apri'? Allowed: apri, fib4"
    """
    names = sorted(str(name) for name in allowed)
    near = get_close_matches(found, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Allowed: {', '.join(names) or 'nothing'}"
