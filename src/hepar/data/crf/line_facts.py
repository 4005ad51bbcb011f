"""REDCap's smart variables that an export answers: what its own columns say of a line."""

import re
from collections.abc import Callable, Mapping

from .record import Record


def _arm(record: Record) -> str:
    found = re.search(r"(?:^|_)arm_(\d+)[a-z]*$", record.event, re.ASCII)
    return found[1] if found else ""


LINE_FACTS: Mapping[str, Callable[[Record], str]] = {
    "event-name": lambda record: record.event,
    "arm-number": _arm,
    "current-instance": lambda record: record.instance or "1",
    "record-name": lambda record: record.participant,
    "record-dag-name": lambda record: record.group,
}
"""Smart variable -> what it is on a line; a form that is not repeated counts as its first instance."""
OF_EVENTS, OF_GROUPS = ("event-name", "arm-number"), ("record-dag-name",)
"""Those of an export that has columns of events, and of data access groups."""
