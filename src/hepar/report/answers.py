"""An answer to a checklist item, and how a statement of the protocol becomes one."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..study.result import ArmResult, Result

AskArm = Callable[[str, ArmResult], "Answer | None"]
POINTS = re.compile(r"([+-]?\d+) points?\s*[:.]", re.IGNORECASE)
DENIED = re.compile(r"(no|not done)\s*([:.]|$)", re.IGNORECASE)
NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What answers an item: a sentence, and the section that bears it out."""

    text: str
    anchor: str = ""
    points: int | None = None
    """What it earns in a score; None where it is a plain yes."""
    applies: bool = True
    """False where the item asks for what the study does not have."""


def stated(said: str) -> Answer:
    """A statement as an answer.

    It may begin with what it earns, with "no:" or "not done:", or with "not applicable", which a reason should follow.

    >>> [stated(said).points for said in ("2 points: it is public", "No: drawn once", "By two readers")]
    [2, 0, None]
    >>> stated("Not applicable: masks were drawn by hand").applies
    False
    """
    points = POINTS.match(said)
    earned = int(points[1]) if points else 0 if DENIED.match(said) else None
    return Answer(
        f"Stated in the protocol: {said}",
        points=earned,
        applies=not said.lower().startswith(NOT_APPLICABLE),
    )


def together(result: Result, ask: AskArm) -> Answer | None:
    """The answers of all arms; None unless every arm has one. Of several, the least earns."""
    answers = [ask(name, arm) for name, arm in result.arms.items()]
    found = [answer for answer in answers if answer is not None]
    if len(found) < len(answers) or not found:
        return None
    if len(found) == 1:
        return found[0]
    text = " ".join(f"Arm {name}: {a.text}" for name, a in zip(result.arms, found, strict=True))
    earned = [answer.points for answer in found if answer.points is not None]
    return Answer(
        text, found[0].anchor, min(earned) if earned else None, any(answer.applies for answer in found)
    )


def analysed(kind: str, text: str) -> AskArm:
    """An answer that stands only where the analysis gave at least one defined estimate."""

    def ask(name: str, arm: ArmResult) -> Answer | None:
        return Answer(text, f"{name}-{kind}") if has_run(arm, kind) else None

    return ask


def has_run(arm: ArmResult, kind: str) -> bool:
    """Whether the analysis gave at least one defined estimate."""
    rows = arm.findings.rows
    return bool(((rows["analysis"] == kind) & rows["value"].notna()).any())
