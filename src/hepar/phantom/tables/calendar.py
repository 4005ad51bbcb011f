"""Days of a SIMULATED calendar, which begins in 2099 so that no date is that of a person."""

from datetime import date, timedelta

import numpy as np

from ...core.errors import SimulationError
from ..patient import Patient
from .column import Value

FIRST_DAY = date(2099, 1, 1)
INCLUSION_DAYS = 3 * 365
DAYS_PER_YEAR = 365.25
EVENT_KINDS = ("ascites", "bleeding", "encephalopathy", "hrs", "hcc")
EVENT_SHARES = (0.36, 0.18, 0.10, 0.04, 0.32)
"""First liver-related events and how often each comes first; a choice."""

Dates = dict[str, Value]


def day(offset: int) -> str:
    """The day `offset` days after the first, as YYYY-MM-DD."""
    return (FIRST_DAY + timedelta(days=offset)).isoformat()


def date_fields(patient: Patient) -> Dates:
    """Inclusion, and the biopsy or resection near it."""
    rng = patient.stream("tables", "dates")
    start, apart = int(rng.integers(INCLUSION_DAYS)), int(rng.integers(-30, 31))
    dates: Dates = {"inclusion_date": day(start)}
    if patient.liver.biopsy is not None and patient.study in ("A", "C"):
        dates["biopsy_date"] = day(start + apart)
    if patient.tumour is not None:
        dates["surgery_date"] = day(start + abs(apart))
    return dates


def follow_up_fields(patient: Patient, dates: Dates) -> Dates:
    """Time and status, and the days they come from, counted from resection or inclusion.

    Raises:
        SimulationError: the course has a negative time or an unknown status.
    """
    course = patient.course
    if course is None:
        return {}
    if not (0 <= course.time_y <= 60 and course.status in (0, 1, 2)):
        raise SimulationError(
            f"{patient.case_id}: course of {course.time_y:g} years with status {course.status}; allowed are 0 to 60"
            " years and status 0, 1 or 2"
        )
    origin = date.fromisoformat(str(dates.get("surgery_date", dates["inclusion_date"])))
    end = (origin + timedelta(days=max(1, round(course.time_y * DAYS_PER_YEAR)))).isoformat()
    found: Dates = {
        "event_time_y": round(course.time_y, 3),
        "event_status": float(course.status),
        "last_contact_date": end,
    }
    if course.status == 1:
        found["event_date"] = end
    if course.status == 2:
        found["death_date"] = end
    if course.status == 1 and patient.study == "C":
        u = patient.stream("tables", "event kind").random()
        found["event_kind"] = EVENT_KINDS[int(np.searchsorted(np.cumsum(EVENT_SHARES)[:-1], u, side="right"))]
    return found
