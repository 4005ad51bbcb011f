"""What is wrong with a dictionary: all of it at once, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

SHOWN = 20
"""Problems that a message lists; the others are counted."""


class Weight(IntEnum):
    """What hides the most comes first: without names and forms nothing else can be judged."""

    STRUCTURE = 0
    FIELD = 1
    LOGIC = 2
    LIMIT = 3


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one line."""

    weight: Weight
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        """Where and what."""
        return f"line {self.line}, field {self.field!r}: {self.text}"


def listed(problems: Iterable[Problem]) -> str:
    """The problems as text, the worst first, each in a line of its own."""
    ordered = sorted(problems)
    lines = [f"  {problem}" for problem in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        lines.append(f"  and {len(ordered) - SHOWN} more")
    many = f"{len(ordered)} problems" if len(ordered) > 1 else "1 problem"
    return "\n".join([many, *lines])
