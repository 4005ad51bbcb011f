"""Findings about time: what was measured after the outcome was known, or after it happened."""

import re
from collections.abc import Iterator, Sequence

from ...core.errors import DataError, choices
from .finding import Finding
from .subject import Column, Subject

REFERENCE_WORDS = (
    "biopsy",
    "reference",
    "histology",
    "pathology",
    "surgery",
    "resection",
    "operation",
    "elastography",
)
"""In the name of a date, that it is the day of the reference standard."""
BIRTH_WORDS = ("birth", "born", "dob")
MEASURED_LATE = "a value measured after the outcome can know it: use one from before, or exclude the case"


def reference_column(subject: Subject) -> Column | None:
    """The date of the reference standard: the one named, or the only one whose name says so."""
    dates = [column for column in subject.columns if column.kind == "date"]
    if subject.reference_date is not None:
        return next((column for column in dates if column.name == subject.reference_date), None)
    told = [column for column in dates if column.role != "follow_up" and _says(column.name, REFERENCE_WORDS)]
    return told[0] if len(told) == 1 else None


def refuse_unknown_reference(subjects: Sequence[Subject], name: str | None) -> None:
    """Refuse a day of the reference standard that no subject has.

    Raises:
        DataError: it is so; the message names the days there are.
    """
    days = {c.name for one in subjects for c in one.columns if c.kind == "date"}
    if name is not None and name not in days:
        raise DataError(
            f"there is no field of days {name!r} for the reference standard; {choices(name, sorted(days))}"
        )


def timing_findings(subject: Subject) -> Iterator[Finding]:
    """Days of measurements that follow the reference standard's, or an event of the follow-up."""
    dates = [column for column in subject.columns if column.kind == "date"]
    reference = reference_column(subject)
    measured = [
        column
        for column in dates
        if column.role in ("metadata", "feature")
        and column is not reference
        and not _says(column.name, BIRTH_WORDS)
    ]
    later = [column for column in dates if column.role == "follow_up"]
    for column in measured:
        if reference is not None:
            yield from _late(subject, column, reference, severity_of_event=False)
        for event in later:
            yield from _late(subject, column, event, severity_of_event=True)


def timing_notes(subject: Subject) -> Iterator[str]:
    """What could not be looked at."""
    dates = [c for c in subject.columns if c.kind == "date" and c.role in ("metadata", "feature")]
    if dates and subject.reference_date is None and reference_column(subject) is None:
        yield (
            "Which date is that of the reference standard is not known, so that nothing was compared with it; name it"
            " by --reference-date."
        )


def _late(subject: Subject, column: Column, limit: Column, *, severity_of_event: bool) -> Iterator[Finding]:
    both = column.known & limit.known
    late = [k for k in both.nonzero()[0].tolist() if column.values[k] > limit.values[k]]
    if late:
        days = max((column.values[k] - limit.values[k]).days for k in late)
        yield Finding(
            "measured-after-event" if severity_of_event else "measured-after-reference",
            "serious" if severity_of_event else "warning",
            f"{column.name} is later than {limit.name} in {len(late)} of {int(both.sum())} cases, by up to {days} days",
            MEASURED_LATE,
            len(late),
            "cases",
            tuple((subject.case_ids[k],) for k in late),
        )


def _says(name: str, words: tuple[str, ...]) -> bool:
    return any(word in re.split(r"[^a-z]+", name.lower()) for word in words)
