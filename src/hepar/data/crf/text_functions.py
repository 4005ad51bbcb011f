"""Functions of branching logic that search texts, cut them and put them together."""

from collections.abc import Callable, Mapping

from .function import Function, of_values
from .values import Value, number_of, text_of


def _test(test: Callable[[str, str], bool]) -> Function:
    """A test of two texts, upper and lower case alike."""
    return of_values(lambda text, part: float(test(text_of(text).casefold(), text_of(part).casefold())), 2, 2)


def _changed(change: Callable[[str], Value]) -> Function:
    return of_values(lambda text: change(text_of(text)), 1, 1)


def _left(text: Value, count: Value) -> Value:
    return text_of(text)[: _count(count)]


def _right(text: Value, count: Value) -> Value:
    whole = text_of(text)
    return whole[max(len(whole) - _count(count), 0) :]


def _mid(text: Value, start: Value, count: Value) -> Value:
    first = max(_count(start) - 1, 0)
    return text_of(text)[first : first + _count(count)]


def _replaced(text: Value, old: Value, new: Value) -> Value:
    return text_of(text).replace(text_of(old), text_of(new)) if text_of(old) else text_of(text)


def _joined(separator: Value, *parts: Value) -> Value:
    return text_of(separator).join(text_of(part) for part in parts if part != "")


def _count(value: Value) -> int:
    number = number_of(value)
    return 0 if number is None else min(max(int(number), 0), 1_000_000)


TEXT_FUNCTIONS: Mapping[str, Function] = {
    "contains": _test(lambda text, part: part in text),
    "not_contain": _test(lambda text, part: part not in text),
    "starts_with": _test(str.startswith),
    "ends_with": _test(str.endswith),
    "left": of_values(_left, 2, 2),
    "right": of_values(_right, 2, 2),
    "mid": of_values(_mid, 3, 3),
    "length": _changed(lambda text: float(len(text))),
    "trim": _changed(str.strip),
    "upper": _changed(str.upper),
    "lower": _changed(str.lower),
    "replace_text": of_values(_replaced, 3, 3),
    "concat": of_values(lambda *parts: "".join(map(text_of, parts)), 1, None),
    "concat_ws": of_values(_joined, 2, None),
}
"""`find` is left out: whether it tells upper from lower case is not described."""
