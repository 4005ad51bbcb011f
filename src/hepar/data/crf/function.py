"""What is known of a function of branching logic."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from .values import Value


def _nothing(_constants: Sequence[Value | None]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and what it gives."""

    fewest: int
    most: int | None
    body: Callable[[Sequence[Value], Collection[str]], Value]
    """Gives the result from the arguments and the project's missing data codes."""
    sees_codes: bool = False
    """Whether it is given a missing data code as such, not as a blank."""
    wrong: Callable[[Sequence[Value | None]], str] = _nothing
    """What is wrong with arguments that are constants (None where one is not), empty where nothing is."""


def of_values(value: Callable[..., Value], fewest: int, most: int | None) -> Function:
    """A function that knows nothing but its arguments."""
    return Function(fewest, most, lambda arguments, _codes: value(*arguments))
