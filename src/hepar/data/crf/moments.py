"""Moments that `datediff` is asked to take together and of which hepar does not know what REDCap makes of them."""

from collections.abc import Mapping

from .form import FormField
from .logic import Call, Entered, Logic


def unlike_moments(logic: Logic, fields: Mapping[str, FormField]) -> str:
    """What the first such `datediff` reads: a day and a moment of one, or times; empty where none does."""
    for part in logic.parts:
        if not isinstance(part, Call) or part.name != "datediff":
            continue
        read = [one.reference.field for one in part.arguments if isinstance(one, Entered)]
        kinds = {fields[name].validation.split("_")[0] for name in read if name in fields} - {""}
        if "time" in kinds or {"date", "datetime"} <= kinds:
            words = "times without a day" if "time" in kinds else "a day and a moment of a day"
            return f"datediff of {words}, {' and '.join(f'[{name}]' for name in read)}, is not repeated"
    return ""
