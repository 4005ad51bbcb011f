"""What a test says of an examination, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.atomic import write_atomically
from ..core.errors import ProtocolError
from ..io.csv_text import csv_text

SIMULATED = "SIMULATED: trained on simulated patients, evidence about nobody"
COLUMNS = (
    "recording",
    "test",
    "label",
    "outcome",
    "score",
    "probability",
    "unit",
    "thresholds",
    "warnings",
    "refused",
    "simulated",
    "notice",
    "bundle",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one test says of one examination; a `refused` one has no score, and says why."""

    recording: str
    test: str
    label: str
    outcome: str
    unit: str
    simulated: bool
    notice: str
    bundle: str
    """SHA-256 of the bundle's manifest."""
    score: float | None = None
    probability: float | None = None
    calls: tuple[str, ...] = ()
    """Each threshold of the protocol, and whether the answer reaches it."""
    warnings: tuple[str, ...] = ()
    refused: str = ""

    def refusing(self, why: str) -> "Answer":
        """The same without a score."""
        return replace(self, refused=why)

    def saying(
        self, score: float, probability: float | None, *, calls: tuple[str, ...], warnings: tuple[str, ...]
    ) -> "Answer":
        """The same with a score and what is to be known of it."""
        return replace(self, score=score, probability=probability, calls=calls, warnings=warnings)

    def __str__(self) -> str:
        made = f"{SIMULATED}. " if self.simulated else ""
        if self.refused:
            return f"{self.recording}: {self.label}: REFUSED: {self.refused}"
        said = f"{self.score:.4g} {self.unit}".strip()
        share = "" if self.probability is None else f", probability {self.probability:.3f}"
        more = "".join(f"; {text}" for text in (*self.calls, *(f"WARNING: {w}" for w in self.warnings)))
        return f"{self.recording}: {self.label}: {self.outcome}: {said}{share}{more}. {made}{self.notice}"


def answers_text(answers: Sequence[Answer]) -> str:
    """The answers as CSV, in their order; numbers so that they are read back exactly."""
    return csv_text(COLUMNS, [_cells(one) for one in answers])


def refuse_no_table(path: Path) -> None:
    """Refuse a name that does not end in .csv: a recording or a bundle given there would be written over."""
    if path.suffix.lower() != ".csv":
        raise ProtocolError(f"{path}: the answers are written as csv; give a name that ends in .csv")


def write_answers(answers: Sequence[Answer], path: Path) -> Path:
    """Write the answers to the CSV file at `path`, whole or not at all."""
    refuse_no_table(path)
    write_atomically(path, answers_text(answers))
    return path


def _cells(one: Answer) -> tuple[str, ...]:
    return (
        one.recording,
        one.test,
        one.label,
        one.outcome,
        "" if one.score is None else repr(one.score),
        "" if one.probability is None else repr(one.probability),
        one.unit,
        "; ".join(one.calls),
        "; ".join(one.warnings),
        one.refused,
        SIMULATED if one.simulated else "",
        one.notice,
        one.bundle,
    )
