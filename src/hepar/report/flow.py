"""The participant flow (STARD 2015, item 24) as boxes and arrows, drawn by hand in SVG."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..data.cohort import Step
from ..data.predictions import Predictions, Test
from ..data.reference import Reference
from ..study.result import ArmResult
from .numbers import count

WIDTH = 640
LINE = 16
PAD = 8
GAP = 22
MAIN = 300
SIDE = 300
REASONS, LONGEST = 3, 120
"""How many reasons of failure a box names, and of how many characters each."""
CHARACTERS = 42
"""Of 12.5 px text that fit into a box of 300 px."""


@dataclass(frozen=True, slots=True)
class TestFlow:
    """How many of the included cases an index test could and could not judge, and their outcome."""

    label: str
    available: int
    missing: int
    outcome: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Numbers of a participant flow."""

    assessed: int
    steps: tuple[Step, ...]
    included: int
    outcome: tuple[tuple[str, int], ...]
    tests: tuple[TestFlow, ...]
    inclusions: frozenset[str] = frozenset()
    """Criteria of `steps` that a case has to meet; by the others it leaves where it meets them."""

    def reason(self, step: Step) -> str:
        """Why cases left at `step`."""
        return f"not met: {step.criterion}" if step.criterion in self.inclusions else step.criterion

    def failures(self) -> list[tuple[str, str, int]]:
        """Step, reason and number of the cases that could not be worked on; nobody and no file is named."""
        return [(step.criterion, why, n) for step in self.steps for why, n in reasons_of(step)]


def flow(arm: ArmResult) -> Flow:
    """The flow of one arm: who was assessed, why each left, whom each index test could judge."""
    cohort, known = arm.prepared.cohort, arm.prepared.reference
    steps = cohort.flow
    assessed = steps[0].entered if steps else len(cohort)
    tests = tuple(flow_of_test(arm.predictions, test) for test in arm.predictions.index_tests())
    inclusions = frozenset(c.name for c in arm.arm.eligibility if c.exclude is None)
    return Flow(assessed, steps, len(known), outcome_counts(known), tests, inclusions)


def reasons_of(step: Step) -> list[tuple[str, int]]:
    """Why cases failed at `step`, the commonest reason first."""
    return Counter(failure.told for failure in step.failures).most_common()


def flow_of_test(predictions: Predictions, test: Test) -> TestFlow:
    """Who of the included cases has a score of `test`."""
    rows = predictions.table[predictions.table["test"] == test.name]
    scored = set(rows.loc[rows["score"].notna(), "case_id"])
    has = predictions.reference.table.index.isin(list(scored))
    known = predictions.reference.take(has.nonzero()[0])
    return TestFlow(test.label, int(has.sum()), int((~has).sum()), outcome_counts(known))


def outcome_counts(known: Reference) -> tuple[tuple[str, int], ...]:
    """How many had which outcome, in words."""
    table = known.table
    if "status" in table:
        names = {1: "event", 2: "competing event", 0: "censored"}
        counts = [(name, int((known.status == code).sum())) for code, name in names.items()]
        return tuple((name, n) for name, n in counts if n or name != "competing event")
    if "positive" in table:
        positives = int(known.positive.sum())
        return (("positive", positives), ("negative", len(table) - positives))
    return (("measured", len(table)),)


def draw(numbers: Flow, *, key: str) -> Markup:
    """The flow as an inline SVG."""
    parts: list[str] = []
    y = _box(parts, (0, 0, MAIN), [f"Assessed: {count(numbers.assessed, 'case')}"], strong=True)
    for step in numbers.steps:
        if not step.excluded:
            continue
        y = _step(parts, step, numbers.reason(step), y=y, key=key)
    bottom = y + GAP
    _arrow(parts, (MAIN / 2, y, MAIN / 2, bottom), key=key)
    lines = [f"Included: {count(numbers.included, 'case')}", _outcome(numbers.outcome)]
    y = _box(parts, (0, bottom, MAIN), lines, strong=True)
    y = _tests(parts, numbers.tests, y=y, key=key)
    label = f"Participant flow: {numbers.assessed} assessed, {numbers.included} included"
    arrow = (
        f'<defs><marker id="{key}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto"><path d="M0 0L8 4L0 8z" fill="#333"/></marker></defs>'
    )
    return Markup(
        f'<svg class="flow" viewBox="-1 -1 {WIDTH + 2} {y + 2:g}" width="{WIDTH}" role="img"'
        f' aria-label="{escape(label)}">{arrow}{"".join(parts)}</svg>'
    )


def _step(parts: list[str], step: Step, reason: str, *, y: float, key: str) -> float:
    text = [f"Excluded: {count(len(step.excluded), 'case')}", reason]
    if step.missing and step.missing < len(step.excluded):
        text.append(f"of which {step.missing} because the value is missing")
    text += _reasons(step)
    height = _height(text)
    bottom = y + GAP / 2 + height
    _arrow(parts, (MAIN / 2, y + GAP / 2 + height / 2, WIDTH - SIDE, y + GAP / 2 + height / 2), key=key)
    parts.append(f'<path class="stem" d="M{MAIN / 2:g} {y:g}V{bottom:g}"/>')
    _box(parts, (WIDTH - SIDE, y + GAP / 2, SIDE), text)
    return bottom


def _reasons(step: Step) -> list[str]:
    """The commonest reasons, each as short as a box allows."""
    found = reasons_of(step)
    shown = [f"{n}: {textwrap.shorten(why, LONGEST, placeholder=' ...')}" for why, n in found[:REASONS]]
    rest = sum(n for _, n in found[REASONS:])
    return [*shown, *([f"{rest}: other reasons, in the table below"] if rest else [])]


def _tests(parts: list[str], tests: Sequence[TestFlow], *, y: float, key: str) -> float:
    """One pair of boxes for each index test, with a result and without, off one trunk."""
    trunk, left, middle, start = 16, 40, y, y
    for test in tests:
        top = y + GAP
        have = [test.label, f"with a result: {count(test.available, 'case')}", _outcome(test.outcome)]
        lack = [test.label, f"without a result: {count(test.missing, 'case')}"]
        bottom = _box(parts, (left, top, MAIN - left), have)
        middle = top + LINE
        _arrow(parts, (trunk, middle, left, middle), key=key)
        _arrow(parts, (MAIN, middle, WIDTH - SIDE, middle), key=key)
        y = max(bottom, _box(parts, (WIDTH - SIDE, top, SIDE), lack))
    parts.append(f'<path class="stem" d="M{trunk} {start:g}V{middle:g}"/>')
    return y


def _outcome(outcome: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in outcome)


def _wrapped(lines: Sequence[str], width: float = MAIN) -> list[str]:
    characters = int(CHARACTERS * width / MAIN)
    return [part for line in lines for part in (textwrap.wrap(line, characters) or [""])]


def _height(lines: Sequence[str], width: float = MAIN) -> float:
    return 2 * PAD + LINE * len(_wrapped(lines, width))


def _box(
    parts: list[str], place: tuple[float, float, float], lines: Sequence[str], *, strong: bool = False
) -> float:
    """Draw a box at (x, y, width); its lower edge."""
    x, y, width = place
    height = _height(lines, width)
    heavy = ' class="heavy"' if strong else ""
    parts.append(f'<rect{heavy} x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"/>')
    for at, line in enumerate(_wrapped(lines, width)):
        weight = ' font-weight="bold"' if at == 0 else ""
        parts.append(f'<text x="{x + PAD:g}" y="{y + PAD + LINE * at + 12:g}"{weight}>{escape(line)}</text>')
    return y + height


def _arrow(parts: list[str], line: tuple[float, float, float, float], *, key: str) -> None:
    x1, y1, x2, y2 = line
    parts.append(f'<path class="stem" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" marker-end="url(#{key}-arrow)"/>')
