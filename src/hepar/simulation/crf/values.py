"""SIMULATED values to try for one field, the most usual first."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

import numpy as np

from ...data.crf.consistency import completed_years
from ...data.crf.form import FormField, checkbox_column
from .dates import day_of, days
from .plan import Step
from .sight import Sight, Values
from .typical import DERIVED, RANGES, WEIGHTS

Random = np.random.Generator
TRIES = 60
"""Values of a field that are tried before the record is begun anew."""
NUMBERS = ("integer", "number")
TICKED = 0.4
"""Share of the choices of a checkbox that are ticked; a choice."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a value is asked for: who, which instance, a day of the record, and what the patient answers."""

    rng: Random
    participant: str
    instance: int
    anchor: date | None
    answers: Mapping[str, str]


def candidates(step: Step, sight: Sight, scene: Scene) -> Iterator[Values]:
    """Columns and texts that the field could hold, at most `TRIES`."""
    field = step.field
    if field.type == "checkbox":
        return islice(_ticks(scene.rng, field), TRIES)
    age = _age(step, sight)
    if age:
        return iter([{field.name: age}] if _allowed(field, age) else [])
    known = [text for text in (scene.answers.get(field.name, ""), _derived(step, sight)) if text]
    drawn = _texts(step, sight, scene)
    fitting = (text for text in known if _allowed(field, text))
    return ({field.name: text} for text in islice(chain(fitting, drawn), TRIES))


def _age(step: Step, sight: Sight) -> str:
    birth, visit = (day_of(sight.of(name)) for name in step.age or ("", ""))
    return f"{completed_years(birth, visit)}" if birth and visit else ""


def _derived(step: Step, sight: Sight) -> str:
    rule = DERIVED.get(step.field.name)
    values = [sight.of(name) for name in rule.reads] if rule else []
    return rule.value(*values) if rule and all(values) else ""


def _allowed(field: FormField, text: str) -> bool:
    """Whether a text from outside is one of the field's codes, or a number within its limits."""
    if field.choices:
        return text in {choice.code for choice in field.choices}
    if not field.validation.startswith(NUMBERS):
        return True
    if field.validation == "integer" and "." in text:
        return False
    low, high = _limits(field)
    return (low is None or float(text) >= low) and (high is None or float(text) <= high)


def _limits(field: FormField) -> tuple[float | None, float | None]:
    low, high = (float(text.replace(",", ".")) if text else None for text in (field.least, field.most))
    return low, high


def _ticks(rng: Random, field: FormField) -> Iterator[Values]:
    columns = [checkbox_column(field.name, choice.code) for choice in field.choices]
    while True:
        ticked = rng.random(len(columns)) < TICKED
        if not ticked.any():
            ticked[int(rng.integers(len(columns)))] = True
        yield {column: "1" if one else "0" for column, one in zip(columns, ticked, strict=True)}


def _texts(step: Step, sight: Sight, scene: Scene) -> Iterator[str]:
    rng, field = scene.rng, step.field
    if field.choices:
        yield from _codes(rng, field)
    elif field.type == "slider":
        yield from _numbers(rng, field, digits=0)
    elif field.type == "text" and field.validation.startswith("date"):
        yield from _moments(step, sight, scene)
    elif field.type == "text" and field.validation.startswith(NUMBERS):
        yield from _numbers(rng, field, digits=_digits(field))
    else:
        yield from (text for text in _words(rng, field, scene) if _in_time(field, text))


def _in_time(field: FormField, text: str) -> bool:
    """Whether a time of day lies within its limits; all else does."""
    if not field.validation.startswith("time"):
        return True
    return text >= field.least and (not field.most or text <= field.most)


def _codes(rng: Random, field: FormField) -> Iterator[str]:
    """All codes, the more usual ones more often first."""
    usual = WEIGHTS.get(field.name, {})
    weights = np.array([usual.get(choice.code, 1.0) for choice in field.choices])
    order = rng.choice(len(weights), size=len(weights), replace=False, p=weights / weights.sum())
    return (field.choices[int(place)].code for place in order)


def _digits(field: FormField) -> int:
    """Decimals: those that the validation type asks for, else as many as the size of the number calls for."""
    if field.validation == "integer":
        return 0
    if "dp" in field.validation:
        return int(field.validation.removeprefix("number_")[0])
    low, high = _middle(field)
    return 2 if high - low < 5 else 1 if high - low < 100 else 0


def _middle(field: FormField) -> tuple[float, float]:
    """Between which values most lie: the usual ones of that name, or the middle of the limits."""
    low, high = _limits(field)
    if field.name in RANGES:
        first, last = RANGES[field.name]
        return (first if low is None else max(first, low)), (last if high is None else min(last, high))
    if low is None and high is None:
        return 1.0, 100.0
    if low is None or high is None:
        return (low, low + 100.0) if low is not None else ((high or 0.0) - 100.0, high or 0.0)
    if low > 0 and high / low > 20:  # limits of a skewed quantity: the middle of its logarithm
        width = math.log(high / low)
        return low * math.exp(0.35 * width), low * math.exp(0.65 * width)
    return low + 0.3 * (high - low), low + 0.7 * (high - low)


def _numbers(rng: Random, field: FormField, *, digits: int) -> Iterator[str]:
    """Numbers of the middle; in the last third of the tries of the whole range."""
    middle, limits = _middle(field), _limits(field)
    whole = tuple(limit if limit is not None else end for limit, end in zip(limits, middle, strict=True))
    for number in range(TRIES):
        low, high = middle if 3 * number < 2 * TRIES else whole
        step = 10.0**-digits
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if first > last:
            first, last = math.ceil(whole[0] / step - 1e-9), math.floor(whole[1] / step + 1e-9)
        if first > last:
            return
        text = f"{int(rng.integers(first, last + 1)) * step:.{digits}f}"
        yield text.replace(".", ",") if "comma" in field.validation else text


def _moments(step: Step, sight: Sight, scene: Scene) -> Iterator[str]:
    clock = {"datetime": " 09:30", "datetime_seconds": " 09:30:00"}
    end = clock.get(step.field.validation.rpartition("_")[0], "")
    return (day.isoformat() + end for day in days(scene.rng, step, sight, anchor=scene.anchor))


def _words(rng: Random, field: FormField, scene: Scene) -> Iterator[str]:
    if field.type == "file":
        yield "[document]"
        return
    shape = _SHAPES.get(field.validation)
    while True:
        number = int(rng.integers(1, 1000))
        if shape is None:
            yield _by_name(field, scene, number)
        else:
            yield shape.format(n=number, hour=number % 24, minute=number % 60)


_SHAPES: Mapping[str, str] = {
    "email": "simulated{n}@example.org",
    "phone": "555-010-{n:04}",
    "phone_australia": "02 5550 {n:04}",
    "phone_uk": "01632 96{n:04}",
    "zipcode": "{n:05}",
    "postalcode_australia": "{n:04}",
    "postalcode_french": "{n:05}",
    "postalcode_germany": "{n:05}",
    "postalcode_canada": "K1A 0B1",
    "postalcode_uk": "SW1A 1AA",
    "alpha_only": "simulated",
    "mrn_10d": "{n:010}",
    "mrn_generic": "SIM-{n}",
    "vmrn": "{n:09}",
    "ssn": "000-00-{n:04}",
    "time": "{hour:02}:30",
    "time_hh_mm_ss": "{hour:02}:30:00",
    "time_mm_ss": "{minute:02}:30",
}
"""Validation type of a text -> the form of a text, of a number `n`, an hour and a minute."""
STAFF = ("_by", "_code", "_reader", "investigator", "annotator", "pathologist_1", "pathologist_2")


def _by_name(field: FormField, scene: Scene, number: int) -> str:
    if field.name.endswith(STAFF):
        return f"S{number % 20 + 1:02}"
    if field.name.endswith("_file"):
        return f"{scene.participant}_{scene.instance}.dat"
    return f"SIM-{number:03}" if field.identifier else f"SIMULATED {number}"
