"""Errors that people make when they fill in a form, and the rule that each of them breaks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import numpy as np

from ...data.crf.form import FormField
from ...data.crf.values import number_of
from .dates import LATEST, day_of
from .plan import Step
from .sight import Sight, Values
from .values import Scene, candidates

Random = np.random.Generator
INVISIBLE = "\u200b"
"""A space of no width, as pages of the web hold."""


@dataclass(frozen=True, slots=True)
class Place:
    """One field of one line, as it stands there."""

    step: Step
    sight: Sight
    rng: Random
    participant: str

    @property
    def field(self) -> FormField:
        """The field."""
        return self.step.field

    @property
    def text(self) -> str:
        """What it holds; nothing of a checkbox."""
        return self.sight.own.get(self.field.name, "")

    @property
    def shown(self) -> bool:
        """Whether the form shows it."""
        return self.field.shown is None or self.field.shown.holds(self.sight.strictly)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is entered instead, by column, and the rule that finds it; empty where reading the file mends it."""

    entered: Values
    rule: str


Maker = Callable[[Place], Fault | None]
"""Gives the fault of one kind at a place, None where it cannot be made there."""


def _number(place: Place) -> float | None:
    whole = place.field.type == "text" and place.field.validation.startswith(("integer", "number"))
    return number_of(place.text) if whole and place.text else None


def _beyond(place: Place, text: str) -> bool:
    """Whether `text` is a number that lies outside the limits."""
    number, field = number_of(text), place.field
    low, high = number_of(field.least), number_of(field.most)
    return number is not None and (
        (low is not None and number < low - 1e-9) or (high is not None and number > high + 1e-9)
    )


def _one(place: Place, text: str, rule: str) -> Fault | None:
    return Fault({place.field.name: text}, rule) if text != place.text else None


def _written(place: Place, number: float) -> str:
    """A number with the decimals that the field holds."""
    digits = len(place.text.partition(".")[2])
    return f"{number:.{digits}f}"


def _first_beyond(place: Place, texts: Iterator[str]) -> Fault | None:
    found = next((text for text in texts if _beyond(place, text)), None)
    return None if found is None else _one(place, found, "range")


def out_of_range(place: Place) -> Fault | None:
    """A number beyond its limits."""
    low, high = number_of(place.field.least), number_of(place.field.most)
    if _number(place) is None or (low is None and high is None):
        return None
    ends = [*([] if high is None else [high + 1.0 + abs(high)]), *([] if low is None else [low - 1.0])]
    return _first_beyond(place, (_written(place, end) for end in place.rng.permutation(ends)))


def wrong_unit(place: Place) -> Fault | None:
    """A number in another unit, ten, a hundred or a thousand times as large or small; where limits show it."""
    number = _number(place)
    if not number:
        return None
    factors = (10.0, 0.1, 100.0, 0.01, 1000.0)
    return _first_beyond(place, (_written(place, number * factor) for factor in factors))


def transposed(place: Place) -> Fault | None:
    """Two digits changed in place; where limits show it."""
    if _number(place) is None:
        return None
    text = place.text
    swaps = (text[:k] + text[k + 1] + text[k] + text[k + 2 :] for k in range(len(text) - 1))
    return _first_beyond(place, (swap for swap in swaps if swap[:1].isdigit() and swap[-1:].isdigit()))


def decimal_comma(place: Place) -> Fault | None:
    """A comma for the decimal point."""
    if _number(place) is None or "." not in place.text:
        return None
    return _one(place, place.text.replace(".", ","), "number")


def _is_coded(place: Place) -> bool:
    return place.field.type in ("radio", "dropdown", "yesno", "truefalse") and bool(place.text)


def wrong_code(place: Place) -> Fault | None:
    """A code that the field does not have."""
    if not _is_coded(place):
        return None
    codes = {choice.code for choice in place.field.choices}
    return _one(place, next(code for code in ("7", "8", "97", "98", "998") if code not in codes), "choice")


def label_for_code(place: Place) -> Fault | None:
    """The words of the choice instead of its code."""
    if not _is_coded(place):
        return None
    words = place.field.word_of(place.text)
    codes = {choice.code for choice in place.field.choices}
    return None if words in codes else _one(place, words, "choice")


def hidden_filled(place: Place) -> Fault | None:
    """A value in a field that the form hides."""
    if place.shown or place.text or place.field.type in ("checkbox", "calc", "file", "sql"):
        return None
    scene = Scene(place.rng, place.participant, 1, None, {})
    found = next(iter(candidates(place.step, place.sight, scene)), None)
    return None if found is None else Fault(found, "hidden")


def required_empty(place: Place) -> Fault | None:
    """Nothing where something is required."""
    field = place.field
    if not field.required or not place.shown or field.type == "calc":
        return None
    if field.type == "checkbox":
        return Fault(dict.fromkeys(field.columns, "0"), "required")
    return _one(place, "", "required")


def date_order(place: Place) -> Fault | None:
    """A day before or after another that it must not precede or follow, or too far from it."""
    if day_of(place.text) is None:
        return None
    for bound in place.step.bounds:
        other = day_of(place.sight.of(bound.field))
        if other is None:
            continue
        off = timedelta(days=bound.days + 1 + int(place.rng.integers(20)))
        moved = other + off if bound.kind == "NOT-AFTER" else other - off
        if moved <= LATEST:
            rule = "days between" if bound.kind == "WITHIN-DAYS" else "date order"
            return _one(place, moved.isoformat() + place.text[10:], rule)
    return None


def impossible_date(place: Place) -> Fault | None:
    """The thirtieth of February."""
    if place.field.type != "text" or not place.field.validation.startswith("date"):
        return None
    return _one(place, f"{place.text[:4]}-02-30{place.text[10:]}", "date") if place.text else None


def checkbox_two(place: Place) -> Fault | None:
    """A 2 where a tick is 1 or 0."""
    if place.field.type != "checkbox" or not place.shown:
        return None
    column = place.field.columns[int(place.rng.integers(len(place.field.columns)))]
    return Fault({column: "2"}, "checkbox")


def invisible(place: Place) -> Fault | None:
    """A character that nobody sees behind the value."""
    if place.field.type != "text" or not place.text:
        return None
    return _one(place, place.text + INVISIBLE, "characters")


def spaces(place: Place) -> Fault | None:
    """Blanks around the value, which reading the file takes off: nothing is to be found."""
    if place.field.type != "text" or not place.text:
        return None
    return _one(place, f" {place.text} ", "")


MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "out of range": out_of_range,
        "wrong unit": wrong_unit,
        "digits transposed": transposed,
        "decimal comma": decimal_comma,
        "wrong code": wrong_code,
        "label instead of code": label_for_code,
        "hidden but filled": hidden_filled,
        "required but empty": required_empty,
        "order of dates": date_order,
        "impossible date": impossible_date,
        "checkbox 2": checkbox_two,
        "invisible character": invisible,
        "spaces": spaces,
    }
)
"""Kind of error in a cell -> what makes it."""
