"""Options of the command line that name what else a test reads."""

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import ProtocolError
from .examination import Value


def named_paths(texts: Sequence[str]) -> dict[str, Path]:
    """Acquisitions and their recordings from `NAME=PATH`.

    >>> named_paths(["phantom=rec/phantom.h5"])["phantom"].name
    'phantom.h5'
    """
    return {name: Path(text) for name, text in _pairs(texts, option="--beside", example="phantom=phantom.h5")}


def named_values(texts: Sequence[str]) -> dict[str, Value]:
    """Clinical fields and their values from `NAME=VALUE`: a number where it reads as one, else a level.

    >>> named_values(["age_y=54", "sex=male"])
    {'age_y': 54.0, 'sex': 'male'}
    """
    return {name: _value(text) for name, text in _pairs(texts, option="--value", example="age_y=54")}


def _pairs(texts: Sequence[str], *, option: str, example: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for text in texts:
        name, _, value = text.partition("=")
        if not name.strip() or not value.strip():
            raise ProtocolError(f"{option} {text!r}: write NAME and what it is, e.g. {option} {example}")
        if name.strip() in dict(pairs):
            raise ProtocolError(f"{option} {text!r}: {name.strip()!r} is given twice; give it once")
        pairs.append((name.strip(), value.strip()))
    return pairs


def _value(text: str) -> Value:
    try:
        number = float(text)
    except ValueError:
        return text
    if number - number != 0:  # not a number, or infinite
        raise ProtocolError(
            f"--value {text!r} is no finite number; leave the value out where it is not known"
        )
    return number
