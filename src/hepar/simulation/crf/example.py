"""SIMULATED exports of a case record form: plausible, and without an error by construction."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from ...core.errors import SimulationError
from ...data.crf.form import FormDictionary
from ...data.crf.record import Export, Record
from ...data.crf.rules_value import pattern_of
from ...io.redcap.export_columns import expected_columns
from .draw import Around, filled
from .patients import answers_of
from .plan import Plan, plan_of
from .sight import NO_VALUES, Sight, Values
from .values import Scene

Random = np.random.Generator
SITES, MOST_INSTANCES = 3, 3
EVENTS = ("baseline_arm_1", "follow_up_arm_1")
"""Events of a longitudinal project."""
SHAPES = ("{site:02}-{number:04}", "{number}", "{number:04}", "S{site:02}-{number:04}", "P{number:04}")
"""Shapes of a participant's identifier, the first of which the dictionary's pattern allows is taken."""
FIRST_LINE = 2


def example_export(
    dictionary: FormDictionary,
    *,
    participants: int,
    seed: int,
    events: bool = False,
    repeating: Collection[str] | None = None,
) -> Export:
    """Lines of `participants` SIMULATED people at three sites, in which every rule of the dictionary holds.

    With `events`, forms that follow up stand in an event of their own. `repeating` names the forms that are filled in
    several times, where the dictionary does not annotate them "@REPEATING-INSTRUMENT". Values of the bundled
    dictionaries come from simulated patients of their study, so that stage, stiffness and blood go together; all
    others are drawn within their limits. The same seed gives the same export.

    Raises:
        SimulationError: fewer than one participant, or a dictionary that no values satisfy.
        ProtocolError: an annotation of the dictionary cannot be read.
    """
    if participants < 1 or seed < 0:
        raise SimulationError(f"{participants} participants, seed {seed}: at least 1, and a seed from 0")
    plan = plan_of(dictionary, repeating=repeating)
    lines = count(FIRST_LINE)
    records = [
        record
        for person in _people(dictionary, participants, seed=seed)
        for record in _records(person, plan, seed=seed, events=events, lines=lines)
    ]
    return Export(expected_columns(dictionary), tuple(records))


@dataclass(frozen=True, slots=True)
class _Person:
    number: int
    name: str
    group: str


def _people(dictionary: FormDictionary, participants: int, *, seed: int) -> Iterator[_Person]:
    rng = np.random.default_rng([seed, 0])
    pattern = pattern_of(dictionary.fields[0])
    example = [shape.format(site=1, number=1) for shape in SHAPES]
    fitting = [shape for shape, text in zip(SHAPES, example, strict=True) if _fits(pattern, text)]
    if not fitting:
        raise SimulationError(
            f"{dictionary.name}: no identifier like {', '.join(example)} fits the pattern of @HEPAR-ID; change it"
        )
    enrolled = dict.fromkeys(range(1, SITES + 1), 0)
    for number in range(1, participants + 1):
        site = int(rng.integers(1, SITES + 1))
        enrolled[site] += 1
        own = enrolled[site] if "site" in fitting[0] else number
        yield _Person(number, fitting[0].format(site=site, number=own), f"simulated_site_{site:02}")


def _fits(pattern: re.Pattern[str] | None, text: str) -> bool:
    return pattern is None or pattern.fullmatch(text) is not None


def _records(
    person: _Person, plan: Plan, *, seed: int, events: bool, lines: Iterator[int]
) -> Iterator[Record]:
    """The participant's lines, those of each event together."""
    rng = np.random.default_rng([seed, person.number])
    scene = Scene(rng, person.name, 1, None, answers_of(plan.dictionary, seed=seed, number=person.number))
    start = {plan.dictionary.record_id: person.name}
    done: dict[str, Values] = {}
    for event, forms in _events(plan, events=events):
        single = forms & plan.single
        values = filled(plan, single, scene, around=Around(NO_VALUES, dict(done)), start=start)
        done[event] = values
        yield _record(plan, person, values, event=event, line=next(lines))
        around = Around(values, dict(done))
        for form in (form for form in plan.dictionary.forms if form in forms & plan.repeating):
            for instance in range(1, _instances(plan, form, around, rng=rng) + 1):
                own = replace(scene, instance=instance)
                own = replace(own, answers=_numbered(plan, form, own))
                values = filled(plan, {form}, own, around=around, start=start)
                where = {"event": event, "instrument": form, "instance": str(instance)}
                yield _record(plan, person, values, line=next(lines), **where)


def _events(plan: Plan, *, events: bool) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each event with its forms; one without a name where the project has none."""
    every = frozenset(plan.dictionary.forms)
    if not events:
        return (("", every),)
    return tuple(
        (event, forms) for event, forms in zip(EVENTS, (every - plan.later, plan.later), strict=True) if forms
    )


def _instances(plan: Plan, form: str, around: Around, *, rng: Random) -> int:
    """How often a participant has a repeated form: not at all where it is not expected."""
    fields = {field.name: field for field in plan.dictionary.fields}
    sight = Sight(fields, {}, around.near, around.events)
    expected = plan.expected.get(form)
    if expected is not None:
        return int(rng.integers(1, MOST_INSTANCES + 1)) if expected.holds(sight.anywhere) else 0
    return int(rng.integers(0, MOST_INSTANCES + 1))


def _numbered(plan: Plan, form: str, scene: Scene) -> Mapping[str, str]:
    """The patient's answers, and the instance where the form begins with a whole number."""
    first = next(field for field in plan.dictionary.fields if field.form == form)
    own = {first.name: str(scene.instance)} if first.validation == "integer" else {}
    return {**scene.answers, **own}


def _record(
    plan: Plan,
    person: _Person,
    values: Values,
    *,
    line: int,
    event: str,
    instrument: str = "",
    instance: str = "",
) -> Record:
    blank = dict.fromkeys(expected_columns(plan.dictionary), "")
    return Record(line, person.name, {**blank, **values}, event, instrument, instance, person.group)
