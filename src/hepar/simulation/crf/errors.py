"""Errors planted in a SIMULATED export, all of them known: what stands where, and which rule finds it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...core.errors import SimulationError, choices
from ...data.crf.form import FormDictionary
from ...data.crf.record import Export, Record
from .draw import COMPLETE
from .faults import MAKERS, Fault, Place
from .plan import Plan, Step, plan_of
from .sight import Sight, Values

Random = np.random.Generator
DUPLICATE = "line twice"
KINDS = (*MAKERS, DUPLICATE)
"""Kinds of errors that can be planted."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One error: where it stands, what kind it is, the rule that finds it, what is right and what was entered.

    `rule` is empty where reading the file mends it. Of a checkbox, `clean` and `entered` are those of its first
    changed column.
    """

    participant: str
    event: str
    instance: str
    form: str
    field: str
    kind: str
    rule: str
    clean: str
    entered: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What a query about it names."""
        return self.participant, self.event, self.instance, self.field


def with_errors(
    export: Export,
    dictionary: FormDictionary,
    *,
    seed: int,
    kinds: Collection[str] = KINDS,
    each: int = 3,
    repeating: Collection[str] | None = None,
) -> tuple[Export, tuple[Planted, ...]]:
    """The clean `export` with up to `each` errors of each kind, and all of them; fewer where the forms have no room.

    Errors of one participant never stand in a field that another of them reads, so that none hides another. An error
    may break rules of fields that read it besides: `implied` names them.

    Raises:
        SimulationError: there is no such kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise SimulationError(f"there is no kind of error {kind!r}; {choices(kind, KINDS)}")
    plan, rng = plan_of(dictionary, repeating=repeating), np.random.default_rng([seed, 1])
    cells = _Cells(plan, export.records, _sights(plan, export.records))
    found: list[tuple[int, Fault, Planted]] = []
    for kind in (kind for kind in MAKERS if kind in kinds):
        found += cells.of_kind(kind, rng=rng, each=each, before=[planted for _, _, planted in found])
    records = list(export.records)
    for number, fault, _ in found:
        records[number] = replace(records[number], values={**records[number].values, **fault.entered})
    truth = [planted for _, _, planted in found]
    if DUPLICATE in kinds:
        twice, known = _twice(dictionary, records, rng=rng, each=each)
        records, truth = [*records, *twice], [*truth, *known]
    return replace(export, records=tuple(records)), tuple(truth)


def implied(dictionary: FormDictionary, planted: Planted) -> frozenset[str]:
    """Fields of the same participant whose rules the error may break: its own, and those that read it.

    A field reads another by its branching logic, its calculation, an annotation, or what its form is expected by.
    """
    steps = plan_of(dictionary).steps
    return frozenset(step.field.name for step in steps if planted.field in step.reads) | {planted.field}


@dataclass(frozen=True, slots=True)
class _Cells:
    """All fields of all lines, in which errors can be planted."""

    plan: Plan
    records: Sequence[Record]
    sights: Sequence[Sight]

    def of_kind(
        self, kind: str, *, rng: Random, each: int, before: Sequence[Planted]
    ) -> list[tuple[int, Fault, Planted]]:
        """Up to `each` errors of one kind, apart from those planted `before`."""
        around = _around(self.plan)
        closed: dict[str, set[str]] = defaultdict(set)
        for planted in before:
            closed[planted.participant] |= around[planted.field]
        found: list[tuple[int, Fault, Planted]] = []
        for number, step in self._places(rng):
            if len(found) == each:
                break
            record = self.records[number]
            if around[step.field.name] & closed[record.participant]:
                continue
            fault = MAKERS[kind](Place(step, self.sights[number], rng, record.participant))
            if fault is not None:
                closed[record.participant] |= around[step.field.name]
                found.append((number, fault, _planted(record, step, fault, kind=kind)))
        return found

    def _places(self, rng: Random) -> Iterator[tuple[int, Step]]:
        """Lines and fields of complete forms, each once, in random order."""
        steps = [step for step in self.plan.steps if step.field.name != self.plan.dictionary.record_id]
        for place in rng.permutation(len(self.records) * len(steps)).tolist():
            number, step = place // len(steps), steps[place % len(steps)]
            if self.records[number].values.get(f"{step.field.form}_complete") == COMPLETE:
                yield number, step


def _around(plan: Plan) -> Mapping[str, frozenset[str]]:
    """Field -> itself, what it reads and what reads it."""
    near: dict[str, set[str]] = {step.field.name: {step.field.name, *step.reads} for step in plan.steps}
    for step in plan.steps:
        for name in step.reads & near.keys():
            near[name].add(step.field.name)
    return {name: frozenset(names) for name, names in near.items()}


def _planted(record: Record, step: Step, fault: Fault, *, kind: str) -> Planted:
    column, entered = next(iter(fault.entered.items()))
    return Planted(
        participant=record.participant,
        event=record.event,
        instance=record.instance,
        form=step.field.form,
        field=step.field.name,
        kind=kind,
        rule=fault.rule,
        clean=record.values.get(column, ""),
        entered=entered,
    )


def _sights(plan: Plan, records: Sequence[Record]) -> list[Sight]:
    """What a condition sees on each line."""
    fields = {field.name: field for field in plan.dictionary.fields}
    singles: dict[str, dict[str, Values]] = defaultdict(dict)
    for record in records:
        if not record.instrument:
            singles[record.participant].setdefault(record.event, record.values)
    sights = []
    for record in records:
        lines, own = singles[record.participant], record.values
        if record.instrument:
            columns = {
                column
                for field in plan.dictionary.fields
                if field.form == record.instrument
                for column in field.columns
            }
            own = {column: record.values[column] for column in columns}
        sights.append(Sight(fields, own, lines.get(record.event, {}), lines))
    return sights


def _twice(
    dictionary: FormDictionary, records: Sequence[Record], *, rng: Random, each: int
) -> tuple[list[Record], list[Planted]]:
    """Copies of some lines, as of a file that was pasted together, and what is wrong with them."""
    singles = [record for record in records if not record.instrument]
    chosen = [singles[place] for place in rng.permutation(len(singles))[:each].tolist()]
    last = max(record.line for record in records)
    copies = [replace(record, line=last + k) for k, record in enumerate(chosen, start=1)]
    name = dictionary.record_id
    known = [
        Planted(one.participant, one.event, "", "", name, DUPLICATE, "duplicate", "", one.participant)
        for one in chosen
    ]
    return copies, known
