"""The same SIMULATED forms entered a second time by somebody else, with slips of the hand that are all known."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from ...core.errors import SimulationError
from ...data.crf.form import FormDictionary, FormField
from ...data.crf.record import Export, Record
from .dates import day_of

Random = np.random.Generator
SLIP_RATE = 0.005
"""Share of the filled cells that differ; a choice, in the order of magnitude that audits of entry report."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One cell that was entered otherwise the second time."""

    participant: str
    event: str
    instance: str
    form: str
    field: str
    first: str
    second: str


def second_entry(
    export: Export, dictionary: FormDictionary, *, seed: int, rate: float = SLIP_RATE
) -> tuple[Export, tuple[Slip, ...]]:
    """`export` entered again, each filled cell differing with probability `rate`, and all that differs.

    Calculated fields and the participant's identifier are nobody's entry and stay, and so does the second of two lines
    of one place.

    Raises:
        SimulationError: the rate is no share.
    """
    if not 0 <= rate <= 1:
        raise SimulationError(f"a rate of slips of {rate!r}; give a share of the cells, 0 to 1")
    rng, slips, records = np.random.default_rng([seed, 2]), list[Slip](), list[Record]()
    fields = [field for field in dictionary.fields[1:] if field.type not in ("calc", "file", "sql")]
    seen: set[tuple[str, str, str, str]] = set()
    for record in export.records:
        changed = {} if record.place in seen else dict(_changed(rng, record, fields, rate=rate))
        seen.add(record.place)
        records.append(
            replace(record, values={**record.values, **{c: text for c, (_, text) in changed.items()}})
        )
        slips += [
            Slip(
                record.participant,
                record.event,
                record.instance,
                field.form,
                field.name,
                record.values[column],
                text,
            )
            for column, (field, text) in changed.items()
        ]
    return replace(export, records=tuple(records)), tuple(slips)


def _changed(
    rng: Random, record: Record, fields: list[FormField], *, rate: float
) -> Iterator[tuple[str, tuple[FormField, str]]]:
    cells = [(field, column) for field in fields for column in field.columns if record.values.get(column, "")]
    for (field, column), u in zip(cells, rng.random(len(cells)).tolist(), strict=True):
        if u < rate:
            yield column, (field, _slipped(rng, field, record.values[column]))


def _slipped(rng: Random, field: FormField, text: str) -> str:
    """Another value of the same kind: the neighbouring code, a day off, another last digit, a letter more."""
    if field.type == "checkbox":
        return "0" if text == "1" else "1"
    codes = [choice.code for choice in field.choices]
    if text in codes and len(codes) > 1:
        return codes[(codes.index(text) + 1) % len(codes)]
    day = day_of(text) if field.validation.startswith("date") else None
    if day is not None:
        return (day - timedelta(days=int(rng.integers(1, 9)))).isoformat() + text[10:]
    if text[-1:].isdigit():
        return text[:-1] + str((int(text[-1]) + int(rng.integers(1, 10))) % 10)
    return text + "e"
