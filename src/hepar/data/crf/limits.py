"""Whether the limits of a field are values of its validation type."""

from dataclasses import dataclass

from ...core.errors import ProtocolError
from .validation import VALIDATIONS, Moment, Validation
from .values import number_of

TODAY = ("today", "now")


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest and the largest value, as written but for the decimal comma; empty where there is none."""

    least: str
    most: str


def parse_limits(least: str, most: str, *, validation: str) -> Limits:
    """Both limits of a field.

    Raises:
        ProtocolError: one is no value of the validation type, or the smallest is above the largest.
    """
    if not (least or most):
        return Limits("", "")
    rule = VALIDATIONS.get(validation)
    if rule is None or rule.measure is None:
        named = f"{validation!r} takes none" if validation else "the field has no validation type"
        raise ProtocolError(
            f"there is a limit ({least or most!r}), but {named}; take it out, or name the type"
        )
    if validation.endswith("comma_decimal"):
        least, most = least.replace(",", "."), most.replace(",", ".")
    low, high = (_value(limit, rule, validation=validation) for limit in (least, most))
    numbers = isinstance(low, float) and isinstance(high, float) and low > high
    if numbers or (isinstance(low, Moment) and isinstance(high, Moment) and low > high):
        raise ProtocolError(f"the smallest value {least} is above the largest {most}; correct one of them")
    return Limits(least, most)


def _value(text: str, rule: Validation, *, validation: str) -> float | Moment | None:
    """What a limit stands for; None of none, and of today and now."""
    if not text or (rule.rule == "date" and text in TODAY):
        return None
    if rule.rule == "number":
        number = number_of(text)
        if number is None or (validation == "integer" and not number.is_integer()):
            raise ProtocolError(
                f"the limit {text!r} is no {'whole ' if validation == 'integer' else ''}number"
            )
        return number
    try:
        if rule.measure is None or not rule.pattern.fullmatch(text):
            raise ValueError(text)
        return rule.measure(text)
    except ValueError:
        also = ", today or now, whatever order the form shows" if rule.rule == "date" else ""
        raise ProtocolError(
            f"the limit {text!r} is not {rule.allowed}{also}; correct it (a spreadsheet may have rewritten it)"
        ) from None
