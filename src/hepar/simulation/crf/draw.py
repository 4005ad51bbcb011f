"""One line of a SIMULATED export, filled in field after field so that it breaks no rule of its dictionary."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ...core.errors import SimulationError
from ...data.crf.form import FormField
from ...data.crf.values import number_of
from .dates import day_of, is_birth
from .plan import Plan, Rule, Step
from .sight import NO_VALUES, Sight, Values
from .typical import SELDOM
from .values import Scene, candidates

BEGINNINGS = 200
"""How often a line is begun anew before the dictionary is said to contradict itself."""
OPTIONAL, SELDOM_FILLED = 0.85, 0.04
"""Share of the fields that are not required and are filled in, and of those that mostly stay empty; choices."""
COMPLETE = "2"


@dataclass(frozen=True, slots=True)
class Around:
    """The participant's other lines: that of the same event, and all by event."""

    near: Values
    events: Mapping[str, Values] | None = None


def filled(
    plan: Plan,
    forms: Collection[str],
    scene: Scene,
    *,
    around: Around,
    start: Values = NO_VALUES,
) -> Values:
    """Column -> text of the `forms` on one line; forms that are not expected of the participant stay empty.

    `start` is what is already known of the line, such as the participant's identifier.

    Raises:
        SimulationError: no values satisfy the rules of the dictionary.
    """
    stuck = ""
    for _ in range(BEGINNINGS):
        values = dict(start)
        stuck = _tried(plan, forms, scene, around=around, values=values)
        if not stuck:
            return {**values, **{f"{form}_complete": COMPLETE for form in _begun(plan, forms, values)}}
    raise SimulationError(
        f"{plan.dictionary.name}: no value of the field {stuck!r} satisfies its limits, annotations and rules; look"
        " whether they contradict each other"
    )


def _begun(plan: Plan, forms: Collection[str], values: Values) -> list[str]:
    filled_in = {step.field.form for step in plan.steps if any(values.get(one) for one in step.field.columns)}
    return [form for form in plan.dictionary.forms if form in forms and form in filled_in]


def _tried(
    plan: Plan, forms: Collection[str], scene: Scene, *, around: Around, values: dict[str, str]
) -> str:
    """Fill `values`; gives the field that no value fits, or nothing."""
    fields = {field.name: field for field in plan.dictionary.fields}
    anchor = scene.anchor
    for step in plan.steps:
        field = step.field
        if field.form not in forms or field.name in values or not field.columns:
            continue
        sight = Sight(fields, values, around.near, around.events)
        found = _value(plan, step, sight, scene=replace(scene, anchor=anchor))
        if found is None:
            return field.name
        values.update(found)
        anchor = anchor or _anchor(field, found)
    return ""


def _anchor(field: FormField, found: Values) -> date | None:
    usable = field.validation.startswith("date") and not is_birth(field.name)
    return day_of(found.get(field.name, "")) if usable else None


def _value(plan: Plan, step: Step, sight: Sight, *, scene: Scene) -> Values | None:
    """What the field holds: empty where it is hidden or left out, None where nothing fits."""
    field = step.field
    empty = dict.fromkeys(field.columns, "0" if field.type == "checkbox" else "")
    expected = plan.expected.get(field.form)
    if expected is not None and not expected.holds(sight.anywhere):
        return dict.fromkeys(field.columns, "")
    if field.shown is not None and not field.shown.holds(sight.strictly):
        return empty
    if field.type == "calc":
        return {field.name: _calculated(step, sight)}
    if not field.required and (
        field.type in ("file", "sql")
        or scene.rng.random() > (SELDOM_FILLED if field.name in SELDOM else OPTIONAL)
    ):
        return empty
    for found in candidates(step, sight, scene):
        seen = replace(sight, own={**sight.own, **found})
        if all(_holds(rule, seen) for rule in step.rules):
            return found
    return None if field.required else empty


def _holds(rule: Rule, sight: Sight) -> bool:
    unknown = any(sight.anywhere(reference) == "" for reference in rule.logic.references)
    return (unknown and not rule.speaks_of_empty) or rule.logic.holds(sight.anywhere)


def _calculated(step: Step, sight: Sight) -> str:
    if step.calculation is None:
        return ""
    value = number_of(step.calculation.value(sight.strictly))
    return "" if value is None else f"{value:.10g}"
