"""In which order a form can be filled in so that each field comes after what it reads, and what binds its value."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ...core.errors import ProtocolError, SimulationError, choices
from ...data.crf.annotation import Tag, tags_of
from ...data.crf.form import FormDictionary, FormField
from ...data.crf.logic import Logic
from ...data.crf.parser import parse_condition
from .typical import DERIVED

REPEATING = "@REPEATING-INSTRUMENT"
"""Annotation of a form that a participant has several times, which a dictionary cannot say otherwise."""
LATER = ("follow", "outcome", "visit", "end_of_study", "event")
"""Parts of the names of forms that belong to the second event of a longitudinal project."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What another date field says of this one: "NOT-BEFORE", "NOT-AFTER" or "WITHIN-DAYS" so many `days`."""

    kind: str
    field: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that must hold; one that does not `speak_of_empty` only once all that it reads is known."""

    logic: Logic
    speaks_of_empty: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One field with all that binds it; `calculation` is None also where it cannot be worked out."""

    field: FormField
    bounds: tuple[Bound, ...]
    rules: tuple[Rule, ...]
    calculation: Logic | None
    reads: frozenset[str]
    """Fields that its rules, bounds, branching logic and calculation read, and when its form is expected."""
    follows: frozenset[str]
    """These, and those that its usual value comes from."""
    age: tuple[str, str] | None = None
    """Date of birth and of the visit whose completed years the value must be."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in an order in which each field follows what it reads."""

    dictionary: FormDictionary
    steps: tuple[Step, ...]
    repeating: frozenset[str]
    expected: Mapping[str, Logic]
    """Form -> when it is filled in at all."""

    @property
    def single(self) -> frozenset[str]:
        """Forms that a participant has once."""
        return frozenset(self.dictionary.forms) - self.repeating

    @property
    def later(self) -> frozenset[str]:
        """Forms of the second event."""
        first = self.dictionary.fields[0].form
        return frozenset(
            form for form in self.dictionary.forms if form != first and any(word in form for word in LATER)
        )


def plan_of(dictionary: FormDictionary, *, repeating: Collection[str] | None = None) -> Plan:
    """The plan of a dictionary; `repeating` names its repeated forms where it does not annotate them itself.

    Raises:
        ProtocolError: an annotation or a rule cannot be read.
        SimulationError: there is no such form, or a form that a participant has once reads a repeated one.
    """
    repeated = frozenset(_annotated(dictionary) if repeating is None else repeating)
    for form in sorted(repeated - set(dictionary.forms)):
        raise SimulationError(
            f"{dictionary.name}: there is no form {form!r} to repeat; {choices(form, dictionary.forms)}"
        )
    expected = dict(_expected(dictionary))
    steps = {field.name: _step(field, expected.get(field.form)) for field in dictionary.fields}
    _refuse_reading_repeats(dictionary, steps, repeated)
    return Plan(dictionary, tuple(_ordered(steps)), repeated, expected)


def _annotated(dictionary: FormDictionary) -> Iterator[str]:
    return (field.form for field in dictionary.fields if REPEATING in field.annotation.split())


def _expected(dictionary: FormDictionary) -> Iterator[tuple[str, Logic]]:
    for field in dictionary.fields:
        for tag in tags_of(field):
            if tag.name == "HEPAR-FORM-WHEN":
                yield field.form, _logic(field, tag)


def _logic(field: FormField, tag: Tag) -> Logic:
    return parse_condition(tag.value, where=f"field {field.name!r}, @{tag.name}")


def _step(field: FormField, expected: Logic | None) -> Step:
    tags = tags_of(field)
    bounds = tuple(bound for tag in tags if (bound := _bound(tag)))
    rules = tuple(
        Rule(_logic(field, tag), re.search(r"''|\"\"", tag.value) is not None)
        for tag in tags
        if tag.name == "HEPAR-RULE"
    )
    calculation = _calculation(field)
    logics = [rule.logic for rule in rules]
    logics += [logic for logic in (calculation, expected) if logic]
    reads = {reference.field for logic in logics for reference in logic.references}
    reads |= {reference.field for reference in field.shown.references} if field.shown else set()
    reads |= {bound.field for bound in bounds} | set(re.findall(r"\[(\w+)\]", field.calculation))
    age = next((_pair(tag) for tag in tags if tag.name == "HEPAR-EQUALS-AGE"), None)
    reads = (reads | set(age or ())) - {field.name}
    usual = DERIVED[field.name].reads if field.name in DERIVED else ()
    return Step(field, bounds, rules, calculation, frozenset(reads), frozenset(reads | set(usual)), age)


def _bound(tag: Tag) -> Bound | None:
    kind = tag.name.removeprefix("HEPAR-")
    if kind in ("NOT-BEFORE", "NOT-AFTER"):
        return Bound(kind, tag.value.strip())
    if kind == "WITHIN-DAYS":
        name, _, days = tag.value.partition(":")
        return Bound(kind, name.strip(), int(days))
    return None


def _pair(tag: Tag) -> tuple[str, str]:
    birth, _, visit = tag.value.partition(",")
    return birth.strip(), visit.strip()


def _calculation(field: FormField) -> Logic | None:
    if field.type != "calc":
        return None
    try:
        return parse_condition(field.calculation, where=field.name)
    except ProtocolError:  # a function that only REDCap knows: the value stays empty
        return None


def _refuse_reading_repeats(
    dictionary: FormDictionary, steps: Mapping[str, Step], repeated: frozenset[str]
) -> None:
    form_of = {field.name: field.form for field in dictionary.fields}
    for step in steps.values():
        own = step.field.form
        for name in sorted(step.reads):
            other = form_of.get(name, own)
            if other != own and other in repeated:
                raise SimulationError(
                    f"{dictionary.name}: field {step.field.name!r} reads {name!r} of the repeated form {other!r};"
                    " nobody can say which of its instances is meant"
                )


def _ordered(steps: Mapping[str, Step]) -> list[Step]:
    """Depth first, in the order of the dictionary; a circle of annotations is cut where it closes."""
    done: dict[str, Step] = {}
    begun: set[str] = set()
    for start in steps:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            begun.add(name)
            before = [other for other in sorted(steps[name].follows) if other in steps and other not in begun]
            if before:
                waiting.extend(before[:1])
                continue
            done.setdefault(waiting.pop(), steps[name])
    return list(done.values())
