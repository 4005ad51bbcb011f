"""Findings about how pictures were made: several transducers, presets, formats or sizes in one set."""

from collections import Counter
from collections.abc import Iterator

from .finding import Finding
from .subject import Subject

MIXED = (
    "device",
    "preset",
    "geometry",
    "lines",
    "manufacturer",
    "model",
    "format",
    "file ending",
    "sampling_rate_mhz",
)
"""Facts of which one value is to be expected."""
SHOWN = 4


def equipment_findings(subject: Subject) -> Iterator[Finding]:
    """Facts with several values; whether they tell the outcome is another finding."""
    for column in subject.columns:
        if column.role == "metadata" and column.name.rpartition(": ")[2] in MIXED:
            held = Counter(str(value) for value in column.values if value is not None)
            if len(held) > 1:
                common = ", ".join(f"{value} ({n})" for value, n in held.most_common(SHOWN))
                more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
                yield Finding(
                    "mixed-equipment",
                    "note",
                    f"pictures differ in {column.name}: {common}{more}",
                    "see whether it tells the outcome; report results for each",
                    len(held),
                    "values",
                )
