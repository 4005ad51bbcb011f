"""A filled checklist, and what it scores where its authors gave it a score.

The software assesses itself, from artefacts of the run and the protocol's statements. A gap earns nothing, although
some scores take points off for one. A conditional item that does not apply is left out, with its reason in its answer.
"""

from dataclasses import dataclass
from typing import Literal

from .answers import Answer
from .numbers import count

Rule = Literal["", "share", "sum"]
"""No score; the share of the weights (METRICS); the sum of the points (RQS)."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a checklist and its answer; None where there is a gap."""

    number: str
    label: str
    evidence: str
    answer: Answer | None
    weight: float = 0.0
    points: tuple[int, ...] = ()
    """What it may earn or cost."""
    conditional: bool = False

    @property
    def dropped(self) -> bool:
        """Whether the score leaves it out."""
        return self.conditional and self.answer is not None and not self.answer.applies

    @property
    def share(self) -> float:
        """What it adds to a sum of weights: its weight, or nothing."""
        told = self.answer
        return self.weight if told is not None and told.applies and told.points != 0 else 0.0

    @property
    def earned(self) -> int:
        """What it adds to a sum of points; an answer that names no points earns the smallest gain."""
        told = self.answer
        if told is None or not told.applies or not self.points:
            return 0
        if told.points is None:
            return min(p for p in self.points if p > 0)
        return told.points if told.points in self.points else 0

    @property
    def misjudged(self) -> bool:
        """Whether the answer claims points that the item does not give."""
        told = self.answer
        return bool(self.points) and told is not None and told.points not in (None, 0, *self.points)


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist as filled."""

    name: str
    doi: str
    items: tuple[Item, ...]
    rule: Rule = ""

    @property
    def gaps(self) -> int:
        """How many items nothing answers."""
        return sum(item.answer is None for item in self.items)

    @property
    def score(self) -> float | None:
        """The share earned of the weights that apply, 0 to 1, or the points earned; None where there is no score."""
        if self.rule == "share":
            whole = sum(item.weight for item in self.items if not item.dropped)
            return sum(item.share for item in self.items) / whole
        return float(sum(item.earned for item in self.items)) if self.rule == "sum" else None

    @property
    def best(self) -> int:
        """The most points that there are."""
        return sum(max(item.points) for item in self.items if item.points)

    @property
    def worst(self) -> int:
        """The fewest points that there are."""
        return sum(min(0, *item.points) for item in self.items if item.points)


SELF_ASSESSED = (
    "Self-assessed by the software from the run's artefacts and the protocol's statements, not by independent raters:"
    " an answered item counts, a gap counts nothing, and so does a statement that begins with 'no:'."
)


def score_words(one: Checklist) -> str:
    """The score with its rule, in sentences; empty where there is none."""
    if one.score is None:
        return ""
    if one.rule == "share":
        dropped = [item.number for item in one.items if item.dropped]
        left_out = f" Left out because not applicable: item {', '.join(dropped)}." if dropped else ""
        return f"Score {100 * one.score:.1f}%: the weights earned, of those that apply. {SELF_ASSESSED}{left_out}"
    costly = [item.number for item in one.items if item.answer is None and min(item.points, default=0) < 0]
    cost = (
        f" Independent raters would take points off for the gap at item {', '.join(costly)}; this sum does not."
        if costly
        else ""
    )
    share = max(0.0, one.score) / one.best
    return (
        f"Score {signed(one.score)} of {one.best} ({share:.1%}; possible: {signed(one.worst)} to {one.best})."
        f" {SELF_ASSESSED} A statement may begin with its points, e.g. '2 points:'; without, it earns the item's"
        f" smallest gain.{cost}"
    )


def signed(points: float) -> str:
    """Points with a minus sign as print has it.

    >>> signed(-8), signed(3.0)
    ('−8', '3')
    """
    return f"{points:.0f}".replace("-", "−")


def worth_words(item: Item) -> str:
    """What an item earned, of what it is worth."""
    if item.dropped:
        return "not applicable"
    if item.points:
        found = f"{signed(item.earned)} of {count(max(item.points), 'point')}"
        return (
            f"{found} (points claimed are not among {', '.join(map(str, item.points))})"
            if item.misjudged
            else found
        )
    return f"{item.share:g} of {item.weight:g}".replace(" ", "\N{NO-BREAK SPACE}")
