"""Branching logic, parsed and held against values."""

import pytest

from hepar.core.errors import ProtocolError
from hepar.data.crf.branching import Reference
from hepar.data.crf.logic import Logic
from hepar.data.crf.parser import DEEPEST, parse_condition


def parsed(text: str, *, codes: tuple[str, ...] = ()) -> Logic:
    return parse_condition(text, where="field x", missing_codes=codes)


def holds(text: str, **values: str) -> bool:
    return holds_with((), text, **values)


def holds_with(codes: tuple[str, ...], text: str, **values: str) -> bool:
    def lookup(reference: Reference) -> str:
        name = f"{reference.field}___{reference.code}" if reference.code else reference.field
        return values.get(name, "")

    return parsed(text, codes=codes).holds(lookup)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("[sex] = '1'", {"sex": "1"}, True),
        ('[sex] = "1"', {"sex": "1"}, True),
        ("[sex] = 1", {"sex": "1"}, True),
        ("[sex] = '1'", {"sex": "2"}, False),
        ("[age] >= 18", {"age": "18"}, True),
        ("[age] > 18", {"age": "9"}, False),
        ("[age] < 18.5", {"age": "9"}, True),
        ("[dose] = 1", {"dose": "1.0"}, True),
        ("[word] = 'A'", {"word": "a"}, False),
        ("[a] != '1'", {"a": "2"}, True),
        ("[day] > '2024-05-31'", {"day": "2024-06-01"}, True),
        ("[day] > '2024-05-31'", {"day": "2024-05-31"}, False),
        ("[day] <= [other]", {"day": "2024-05-31", "other": "2024-05-31 10:00"}, True),
        ("[cause(2)] = '1'", {"cause___2": "1"}, True),
        ("[cause(2)] = '1'", {"cause___1": "1"}, False),
        ("[a]", {"a": "1"}, True),
        ("[a]", {"a": "-1"}, True),
        ("[a]", {"a": "0"}, False),
    ],
)
def test_values_are_compared_as_redcap_does(text: str, values: dict[str, str], expected: bool) -> None:
    assert holds(text, **values) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a] = ''", True),
        ("[a] <> ''", False),
        ("[a] <> '1'", True),
        ("[a] = 0", False),
        ("[a] > 0", False),
        ("[a] < 5", False),
        ("[a] >= 0", False),
        ("not [a] > 0", True),
        ("[a] + 1 = ''", True),
        ("[a] + 1 > 0", False),
        ("sum([a], 2) = 2", True),
        ("1 / 0 = ''", True),
        ("(-8) ^ 0.5 = ''", True),
        ("10 ^ 400 = ''", True),
        ("[a]", False),
    ],
)
def test_a_blank_is_a_blank_and_not_a_zero(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1 or 1 = 1 and 1 = 2", True),
        ("(1 = 1 or 1 = 1) and 1 = 2", False),
        ("not 1 = 2 and 1 = 1", True),
        ("NOT (1 = 1) OR 1 = 1", True),
        ("1 + 2 * 3 = 7", True),
        ("(1 + 2) * 3 = 9", True),
        ("10 - 3 - 2 = 5", True),
        ("12 / 3 / 2 = 2", True),
        ("-2 ^ 2 = -4", True),
        ("2 ^ -1 = 0.5", True),
        ("2 * 3 ^ 2 = 18", True),
        ("- - 1 = +1", True),
        ("2 - 1 > 0 and 1 = 1", True),
        ("([a] = '') + ([b] = '') >= 2", True),
        ("# why\n1 = 1\n// and why not\nand 2 = 2", True),
    ],
)
def test_signs_bind_by_their_rank(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(-3) = 3", True),
        ("sqrt(9) = 3", True),
        ("sqrt(-9) = ''", True),
        ("round(2.345, 2) = 2.35", True),
        ("round(-2.5, 0) = -3", True),
        ("exponential(0) = 1", True),
        ("exponential(1000) = ''", True),
        ("mean(1e308, 1e308) = '' and sum(1e308, 1e308) = '' and max('1e999', 1) = 1", True),
        ("left('ab', '1e999') = ''", True),
        ("log(8, 2) = 3", True),
        ("log(1) = 0", True),
        ("log(-1) = ''", True),
        ("mod(10, 4) = 2", True),
        ("mod(1, 0) = ''", True),
        ("left('Taylor', 3) = 'Tay' and right('Taylor', 4) = 'ylor' and mid('Taylor', 2, 3) = 'ayl'", True),
        ("right('ab', 5) = 'ab' and left('ab', '') = ''", True),
        ("length([blank]) = 0 and length('abc') = 3", True),
        ("trim(' a ') = 'a' and upper('a') = 'A' and lower('A') = 'a'", True),
        ("replace_text('a-b-c', '-', '') = 'abc' and replace_text('a', '', 'x') = 'a'", True),
        ("concat('a', [blank], 1) = 'a1'", True),
        ("concat_ws(' and ', 'a', [blank], 'b') = 'a and b'", True),
        ("true = 1 and not false", True),
        ("round(1, 400) = 1 and round(15, -1) = 20", True),
        ("min(3, [blank], 1) = 1", True),
        ("max(3, [blank], 1) = 3", True),
        ("mean(1, [blank], 2) = 1.5", True),
        ("median(1, 2, 9) = 2", True),
        ("sum([blank]) = ''", True),
        ("if([blank] = '', 1, 2) = 1", True),
        ("IF(1 > 2, 'a', 'b') = 'b'", True),
        ("contains('Hepatitis B', 'TITIS')", True),
        ("not_contain('Hepatitis B', 'titis')", False),
        ("starts_with('HCC', 'hc')", True),
        ("ends_with('HCC', 'b')", False),
        ("isnumber('1.5')", True),
        ("isinteger('1.5')", False),
        ("isblankormissingcode([blank])", True),
    ],
)
def test_functions_give_what_redcap_describes(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("datediff([a], [b], 'd') = 366", True),
        ("datediff([b], [a], 'd') = 366", True),
        ("datediff([b], [a], 'd', true) = -366", True),
        ("datediff([b], [a], 'd', 'dmy', true) = -366", True),
        ("datediff([b], [a], 'd', 'dmy') = 366", True),
        ("datediff([a], '2024-01-02', 'h') = 24", True),
        ("datediff([a], '2024-01-31', 'M') < 1", True),
        ("datediff([a], '2024-02-01', 'M') > 1", True),
        ("datediff([a], [b], 'y') > 1", True),
        ("datediff('2024-01-01', '2024-12-31', 'y') < 1", True),
        ("datediff([t], '2024-01-01 11:30', 'm') = 90", True),
        ("datediff([t], '2024-01-01 11:30:30', 's') = 5430", True),
        ("datediff([a], [blank], 'd') = ''", True),
        ("datediff([a], [blank], 'd') < 5", False),
        ("datediff([a], [t], 'd') = ''", True),
        ("datediff([a], [no], 'd') = ''", True),
        ("age_at_date('2000-02-29', '2018-02-28') = 17", True),
        ("age_at_date('2000-02-29', '2018-03-01') = 18", True),
        ("age_at_date([b], [a]) = ''", True),
        ("year([t]) = 2024 and month([t]) = 1 and day([t]) = 1", True),
        ("dayoftheweek([a]) = 1", True),
        ("year([blank]) = ''", True),
    ],
)
def test_days_are_counted_as_redcap_describes(text: str, expected: bool) -> None:
    days = {"a": "2024-01-01", "b": "2025-01-01", "t": "2024-01-01 10:00", "no": "2024-02-30"}
    assert holds(text, **days) is expected


def test_a_missing_data_code_is_a_value_where_compared_and_a_blank_where_calculated() -> None:
    codes = ("-999", "UNK")
    assert holds_with(codes, "[a] = '-999'", a="-999")
    assert not holds_with(codes, "[a] < 18", a="-999")
    assert holds("[a] < 18", a="-999")
    assert holds_with(codes, "sum([a], 2) = 2", a="-999")
    assert holds_with(codes, "isblankormissingcode([a]) and ismissingcode([a])", a="UNK")
    assert holds_with(codes, "not isblanknotmissingcode([a])", a="UNK")
    assert holds_with(codes, "hasmissingcode([a], 'NI, UNK')", a="UNK")
    assert not holds_with(codes, "hasmissingcode([a], 'NI')", a="UNK")


def test_references_name_event_field_choice_and_instance() -> None:
    found = parsed(
        "[a] = 1 or [base_arm_1][b(2)] = 1 or [c][3] = 1 or [base_arm_1][d][4] = 1 or [e:value] = 2"
    )
    assert found.references == {
        Reference("a"),
        Reference("b", code="2", event="base_arm_1"),
        Reference("c", instance="3"),
        Reference("d", event="base_arm_1", instance="4"),
        Reference("e"),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to read"),
        ("rounddown([a], 1) > 3", "the function 'rounddown' is not supported"),
        ("datediff([a], 'today', 'd') > 3", "datediff: 'today' is another day whenever it is asked"),
        ("datediff([a], [b], 'D') > 3", "one of y, M, d, h, m, s"),
        ("datediff([a], [b], [c]) > 3", "one of y, M, d, h, m, s"),
        ("datediff([a], [b], 'd', 'signed') > 3", "it takes true, false, or 'ymd'"),
        ("datediff([a], [b]) > 3", "datediff takes 3 to 5 arguments, here are 2"),
        ("datediff('31.05.2024', [b], 'd') > 3", "'31.05.2024' is no day"),
        ("year('now') > 3", "year: 'now' is another day"),
        ("age_at_date([a], 'TODAY') > 18", "age_at_date: 'TODAY' is another day"),
        ("[a] = 1 and stdev([b]) > 1", "character 13 .*'stdev' is not supported; .*Allowed: abs"),
        ("[user-dag-name] = 'x'", r"smart variable \[user-dag-name\]"),
        ("[a][last-instance] = 1", r"smart variable \[last-instance\]"),
        ("[Sex] = 1", r"\[Sex\] is no field; fields and events are written in small letters"),
        ("[a:label] = 'x'", "':label' is not supported"),
        ("[A] = 1", r"\[A\] is no field"),
        ("[] = 1", r"\[\] is no field"),
        ("[a][b][c][d] = 1", "is no field"),
        ("[a] == 1", "write ="),
        ("[a] = 1 && [b] = 1", "write and"),
        ("[a] = 1 || [b] = 1", "write or"),
        ("!([a] = 1)", "write not"),
        ("[a] ≥ 1", "write >="),
        ("［a］ = 1", r"write \[, not a wide one"),
        ("[a] ＝ 1", "write =, not a wide one"),
        ("[a] = \u201c1\u201d", "straight quote"),
        ("[a] = 'O'Brien'", "close the quote"),
        ("[a] = 'O' Brien", "'Brien' is one too many"),
        ("[a] = 'open", "close the quote"),
        ("[a = 1", "close it with ]"),
        ("[a] = ", "ends where a value is due"),
        ("([a] = 1", r"character 1 .*never closed"),
        ("[a] = 1)", r"'\)' is one too many"),
        ("[a] = 1 [b] = 2", "is one too many"),
        ("[a] = yes", "the word 'yes' means nothing"),
        ("1 < [a] < 5", "a second '<' in a row"),
        ("2 ^ 3 ^ 2 = 1", r"a second '\^' in a row"),
        ("[a] > 'many'", "'many' cannot be compared"),
        ("[a] > ''", "write <> ''"),
        ("round([a]) = 1", "round takes 2 arguments, here are 1"),
        ("if([a] = 1, 2) = 2", "if takes 3 arguments, here are 2"),
        ("sum() = 1", "at least 1"),
        ("abs(1 = 1", "never closed"),
        ("[a] = 1; [b] = 1", "';' cannot be read"),
        ("[a] = 12a", "'1' cannot be read"),
        ("[a] = 1e999", "1e999 is larger than any number"),
        ("__import__('os') = 1", "'__import__' is not supported"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place_and_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ProtocolError, match=said) as error:
        parsed(text)
    assert str(error.value).startswith("field x: character ")


def test_deep_nesting_is_refused_and_not_followed() -> None:
    for deep in ("(" * 5000 + "1" + ")" * 5000, "not " * 5000 + "1", "-" * 5000 + "1", "abs(" * 5000 + "1"):
        with pytest.raises(ProtocolError, match=f"deeper than {DEEPEST} levels"):
            parsed(deep)


def test_long_chains_are_no_nesting() -> None:
    assert holds(" or ".join(f"[a] = '{code}'" for code in range(3000)), a="2999")
    assert holds("+".join("1" for _ in range(3000)) + " = 3000")


def test_more_than_a_cell_can_hold_is_refused() -> None:
    with pytest.raises(ProtocolError, match="at most 100,000"):
        parsed("1 = 1 " + "and 1 = 1 " * 20_000)
