"""Days of SIMULATED records: within their limits, and in the order that the annotations ask for."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from ...data.crf.branching import Reference
from .plan import Step
from .sight import Sight
from .typical import LATEST_AFTER_DAYS

Random = np.random.Generator
FIRST, LAST_FREE, LATEST = date(2017, 1, 1), date(2019, 12, 31), date(2025, 6, 30)
"""Between the first two lie days that nothing binds; no day lies after the third, which stands for "today"."""
BIRTHS = date(1940, 1, 1)
"""The first day of birth."""
SPAN_DAYS = 120
"""How far a day usually lies from the one that it must not precede or follow."""


def day_of(text: str) -> date | None:
    """The day that a text writes, None where it writes none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def is_birth(name: str) -> bool:
    """Whether a field of that name holds a date of birth."""
    return "birth" in name or name.startswith("dob") or name.endswith("dob")


def days(rng: Random, step: Step, sight: Sight, *, anchor: date | None) -> Iterator[date]:
    """Days to try, the most usual first; none where limits and bounds leave none.

    `anchor` is a day of the same record, near which a day lies that nothing binds.
    """
    low, high = _limits(step)
    after, before, near = _bounds(step, sight)
    for centre, width in near:
        low, high = max(low, centre - width), min(high, centre + width)
    low, high = max([low, *after]), min([high, *before])
    if low > high:
        return
    yield from (day for day in _named_in_rules(step, sight) if low <= day <= high)
    first, last = _usual(step, low, high, after=bool(after), before=bool(before), anchor=anchor)
    for _ in range(40):
        yield first + timedelta(days=int(rng.integers((last - first).days + 1)))


def _limits(step: Step) -> tuple[date, date]:
    least, most = (day_of(text) for text in (step.field.least, step.field.most))
    if step.field.least in ("today", "now"):
        least = LATEST
    low = least if least else BIRTHS if is_birth(step.field.name) else min(FIRST, most) if most else FIRST
    return low, most if most and most <= LATEST else max(LATEST, low)


def _bounds(step: Step, sight: Sight) -> tuple[list[date], list[date], list[tuple[date, timedelta]]]:
    after, before, near = list[date](), list[date](), list[tuple[date, timedelta]]()
    for bound in step.bounds:
        other = day_of(sight.of(bound.field))
        if other is None:
            continue
        if bound.kind == "NOT-BEFORE":
            after.append(other)
        elif bound.kind == "NOT-AFTER":
            before.append(other)
        else:
            near.append((other, timedelta(days=bound.days)))
    return after, before, near


def _named_in_rules(step: Step, sight: Sight) -> Iterator[date]:
    """Days of other fields that a rule of this one reads: often it asks to be one of them."""
    for rule in step.rules:
        for reference in sorted(rule.logic.references, key=str):
            day = day_of(sight.anywhere(Reference(reference.field)))
            if day is not None and reference.field != step.field.name:
                yield day


def _usual(
    step: Step, low: date, high: date, *, after: bool, before: bool, anchor: date | None
) -> tuple[date, date]:
    """First and last day of where a day usually lies between `low` and `high`."""
    span = timedelta(days=LATEST_AFTER_DAYS.get(step.field.name, SPAN_DAYS))
    if after and not before:
        return low, min(high, low + span)
    if before and not after:
        return max(low, high - span), high
    if step.bounds:
        return low, high
    centre = anchor - timedelta(days=365 * 45) if anchor and is_birth(step.field.name) else anchor
    if centre is not None:
        first, last = max(low, centre - span / 2), min(high, centre + span / 2)
    else:
        first, last = max(low, FIRST), min(high, LAST_FREE)
    return (first, last) if first <= last else (low, high)
