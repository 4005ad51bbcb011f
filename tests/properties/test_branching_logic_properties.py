"""Branching logic of any text, and its arithmetic."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.core.errors import ProtocolError
from hepar.data.crf.parser import parse_condition


def holds(text: str, **values: str) -> bool:
    return parse_condition(text, where="x").holds(lambda reference: values[reference.field])


@settings(deadline=None)
@given(st.text(alphabet="[]()ab12'\" =<>!+-*/^,.andorotif#\n", max_size=40))
def test_any_text_is_parsed_or_refused_and_then_true_or_false(text: str) -> None:
    try:
        logic = parse_condition(text, where="x")
    except ProtocolError:
        return
    assert logic.holds(lambda _reference: "1") in (True, False)


@settings(deadline=None)
@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 9))
def test_arithmetic_agrees_with_pythons(a: int, b: int, c: int) -> None:
    expected = a + b * c - (a - b) / c
    assert holds(
        f"abs([a] + [b] * {c} - ([a] - [b]) / {c} - [d]) < 0.000001", a=str(a), b=str(b), d=repr(expected)
    )
