"""What branching logic asks of a line by REDCap's own names, and what an export cannot answer."""

import pytest

from crf_example import TODAY, columns, field
from hepar.data.crf.branching import CURRENT, Reference, Unanswered
from hepar.data.crf.check import check
from hepar.data.crf.completeness import completeness
from hepar.data.crf.dictionary_line import COLUMNS, parse_line
from hepar.data.crf.form import FormDictionary, FormField
from hepar.data.crf.parser import parse_condition
from hepar.data.crf.record import Export, Record
from hepar.data.crf.rules_form import unasked

UNKNOWN = (
    "[user-role-label] = 'PI'",
    "[previous-event-name][dose] > 2",
    "[dose][last-instance] = '3'",
    "[survey-date-completed:base] <> ''",
    "datediff([seen], 'today', 'y') >= 18",
    "rounddown([dose], 0) > 3",
    "round([dose]) > 3",
    "[sex:label] = 'Male'",
)
"""What a project may ask, and an export does not tell or descriptions of REDCap do not settle."""


def read(logic: str) -> FormField:
    """The required field `why`, read from a dictionary's line."""
    cells = {"field_name": "why", "form_name": "b", "field_type": "text", "field_label": "Why"}
    more = {"branching_logic": logic, "required_field": "y"}
    made, problems = parse_line({**dict.fromkeys(COLUMNS, ""), **cells, **more}, line=2)
    assert made is not None
    assert problems == []
    return made


def project(logic: str) -> FormDictionary:
    base = (
        field("id", "a"),
        field("sex", "a"),
        field("seen", "a", validation="date_ymd"),
        field("asleep", "a", validation="datetime_ymd"),
    )
    return FormDictionary("m", (*base, field("dose", "b"), read(logic)))


def line(number: int, cells: dict[str, str], **place: str) -> Record:
    blank = dict.fromkeys(columns(project("[dose] = 1")), "")
    return Record(number, "P", {**blank, "id": "P", **cells}, **place)


def found(logic: str, *lines: Record) -> list[tuple[str, str, int | None]]:
    made = project(logic)
    return [
        (one.field, one.rule, one.line)
        for one in check(made, Export(columns(made), lines), today=TODAY)
        if one.rule in ("required", "hidden")
    ]


def test_a_difference_of_a_day_and_a_moment_is_not_asked() -> None:
    logic = "datediff([seen], [asleep], 'd') > 3"
    assert [name for name, _ in unasked(project(logic))] == ["why"]
    assert (
        found(logic, line(2, {"dose": "4", "why": "x", "seen": "2024-01-01", "asleep": "2024-03-01 10:00"}))
        == []
    )


@pytest.mark.parametrize("logic", UNKNOWN)
def test_a_field_whose_logic_an_export_cannot_answer_is_neither_required_nor_hidden(logic: str) -> None:
    made = project(logic)
    assert isinstance(made.field("why").shown, Unanswered)
    assert [name for name, _ in unasked(made)] == ["why"]
    assert found(logic, line(2, {"dose": "4", "b_complete": "2"})) == []
    assert found(logic, line(2, {"dose": "4", "why": "x"})) == []
    [_, form] = completeness(made, Export(columns(made), (line(2, {"dose": "4"}),)))
    assert (form.form, form.asked) == ("b", 0)


def test_what_is_wrong_with_its_value_is_told_all_the_same() -> None:
    made = project(UNKNOWN[0])
    records = (line(2, {"why": "x\ty"}),)
    [query] = check(made, Export(columns(made), records), today=TODAY)
    assert (query.field, query.rule) == ("why", "characters")


@pytest.mark.parametrize(
    ("logic", "due"),
    [
        ("[event-name] = 'month_6_arm_2'", [3]),
        ("[arm-number] = '1'", [2]),
        ("[current-instance] > 1", []),
        ("[record-name] = 'P'", [2, 3]),
        ("[record-dag-name] = 'north'", [2, 3]),
        ("[event-name][sex] = '2'", [2]),
        ("[event-name][sex][current-instance] = '2'", [2]),
    ],
)
def test_what_the_columns_of_the_export_say_is_asked_of_them(logic: str, due: list[int]) -> None:
    lines = (
        line(2, {"dose": "4", "sex": "2"}, event="base_arm_1", group="north"),
        line(3, {"dose": "4", "sex": "1"}, event="month_6_arm_2", group="north"),
    )
    assert found(logic, *lines) == [("why", "required", number) for number in due]


@pytest.mark.parametrize("logic", ["[event-name] = ''", "[record-dag-name] = ''"])
def test_a_column_that_the_export_lacks_is_no_empty_one(logic: str) -> None:
    assert found(logic, line(2, {"dose": "4"})) == []


@pytest.mark.parametrize(
    ("logic", "due"),
    [("[current-instance] > 1", [4]), ("[dose][current-instance] > 5", [4]), ("[dose] > 5", [4])],
)
def test_an_instance_of_a_repeated_form_is_its_own(logic: str, due: list[int]) -> None:
    lines = (
        line(2, {"sex": "2"}),
        line(3, {"dose": "4"}, instrument="b", instance="1"),
        line(4, {"dose": "6"}, instrument="b", instance="2"),
    )
    assert found(logic, *lines) == [("why", "required", number) for number in due]


def test_a_line_of_a_repeated_event_reads_itself_though_the_form_repeats_in_another_event() -> None:
    lines = (
        line(2, {"dose": "1"}, event="base_arm_1", instrument="b", instance="1"),
        line(3, {"dose": "6"}, event="later_arm_1", instance="1"),
        line(4, {"dose": "7"}, event="later_arm_1", instance="2"),
    )
    assert found("[dose] > 5", *lines) == [("why", "required", 3), ("why", "required", 4)]


def test_the_current_instance_is_a_reference_of_its_own() -> None:
    logic = parse_condition("[event-name][dose][current-instance] > 5", where="x")
    assert logic.references == {Reference("dose", instance=CURRENT)}
