"""Every kind of violation, planted once in clean records, gives exactly its query."""

import datetime as dt
from dataclasses import replace

import pytest

from crf_example import (
    ADVERSE,
    CLEAN,
    SAMPLES,
    TODAY,
    changed,
    clean,
    coded,
    columns,
    dictionary,
    export,
    field,
    record,
)
from hepar.core.errors import ProtocolError
from hepar.data.crf.check import check
from hepar.data.crf.completeness import completeness
from hepar.data.crf.double_entry import compare
from hepar.data.crf.form import FormDictionary
from hepar.data.crf.query import Query
from hepar.data.crf.record import Export, Record


def found(*records: Record, codes: tuple[str, ...] = ("UNK",)) -> list[tuple[str, str, str, str]]:
    queries = check(dictionary(), export(*records, codes=codes), today=TODAY)
    return [(query.participant, query.field, query.rule, query.value) for query in queries]


def test_clean_records_give_no_query() -> None:
    assert found(*clean(5)) == []


PLANTED = {
    "required": ({"visit": "", "age": ""}, [("visit", ""), ("age", "")]),
    "hidden": ({"cause___1": "0", "cause___2": "1"}, [("dna", "4.4")]),
    "choice": ({"sex": "3"}, [("sex", "3")]),
    "checkbox": ({"cause___3": "yes"}, [("cause", "1, 3: yes")]),
    "number": ({"lesions": "two"}, [("lesions", "two")]),
    "range": ({"dna": "12.01"}, [("dna", "12.01")]),
    "time": ({"hour": "25:15"}, [("hour", "25:15")]),
    "date": ({"surgery": "2024-06-31"}, [("surgery", "2024-06-31")]),
    "characters": ({"full_name": "Sim\tulated"}, [("full_name", "(identifier)")]),
    "form status": ({"who_complete": "3"}, [("who_complete", "3")]),
    "missing code": ({"read": "UNK"}, [("read", "UNK")]),
    "days between": ({"scan": "2024-07-02 09:15"}, [("scan", "2024-07-02 09:15")]),
    "date order": ({"report": "2024-06-21"}, [("report", "2024-06-21")]),
    "age": ({"age": "44"}, [("age", "44")]),
    "rule": ({"smallest": "40"}, [("largest", "31.5")]),
    "calculation": ({"bmi": "23.0"}, [("bmi", "23.0")]),
}
"""Rule -> cells that break it, and the fields and values of its queries."""


@pytest.mark.parametrize(("rule", "cells", "expected"), [(rule, *rest) for rule, rest in PLANTED.items()])
def test_a_planted_error_gives_its_query_and_no_other(
    rule: str, cells: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    first, adverse, *rest = clean(3)
    queries = found(changed(first, **cells), adverse, *rest)
    assert queries == [("S000", name, rule, value) for name, value in expected]


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_validation_type_refuses_what_it_must(kind: str) -> None:
    first, *rest = clean()
    bad = SAMPLES[kind][1]
    [(who, name, rule, value)] = found(changed(first, **{f"sample_{kind}": bad}), *rest)
    assert (who, name, value) == ("S000", f"sample_{kind}", bad)
    assert rule in ("number", "date", "time", "format")


@pytest.mark.parametrize(
    ("cells", "limit"),
    [
        ({"visit": "2019-12-31", "scan": "2019-12-31 10:00", "age": "39"}, "2020-01-01"),
        ({"visit": "2024-07-01", "scan": "2024-07-01 10:00", "age": "44"}, "today"),
        ({"age": "17", "birth": "2006-06-02"}, "18"),
        ({"age": "91", "birth": "1932-06-02"}, "90"),
        ({"hour": "6:59"}, "07:00"),
        ({"hour": "19:01"}, "19:00"),
        ({"pain": "101"}, "100"),
    ],
)
def test_a_value_beyond_a_limit_is_told_the_limit(cells: dict[str, str], limit: str) -> None:
    first, *rest = clean()
    queries = check(dictionary(), export(changed(first, **cells), *rest), today=TODAY)
    assert [query.rule for query in queries] == ["range"]
    assert limit in queries[0].problem


def test_limits_themselves_are_allowed() -> None:
    first, *rest = clean()
    on_limits = {"dna": "12", "pain": "0", "visit": "2024-06-30", "scan": "2024-06-30 23:59", "age": "44"}
    assert found(changed(first, **on_limits), *rest) == []


def test_a_code_for_missing_stands_for_a_value_where_the_export_declares_it() -> None:
    first, *rest = clean()
    coded_line = changed(first, age="UNK", sex="UNK", visit="UNK")
    assert found(coded_line, *rest) == []
    assert {rule for _, _, rule, _ in found(coded_line, *rest, codes=())} == {"number", "choice", "date"}


def test_a_checkbox_marked_as_missing_is_answered() -> None:
    made = FormDictionary(
        "m", (field("id", "a"), field("c", "a", "checkbox", choices=coded("1"), required=True))
    )
    cells = {"id": "P", "c___1": "0", "c___unk": "1", "a_complete": "2"}

    def rules(*codes: str) -> list[str]:
        records = Export(tuple(cells), (Record(2, "P", cells),), frozenset(codes))
        return [query.rule for query in check(made, records, today=TODAY)]

    assert rules("UNK") == []
    assert rules() == ["required"]


@pytest.mark.parametrize("tag", ["@CALCTEXT(if([sex] = '1', 'm', 'f'))", "@HIDDEN @calcdate([day], 30, 'd')"])
def test_what_redcap_fills_in_by_an_action_tag_is_entered_by_nobody(tag: str) -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("sex", "a"),
            field("day", "b", required=True),
            field("own", "b", annotation=tag, branching="[sex] = '1'", required=True),
        ),
    )
    cells = {"id": "P", "sex": "2", "day": "", "own": "x", "a_complete": "2", "b_complete": "0"}
    records = Export(tuple(cells), (Record(2, "P", cells),))
    assert [query.rule for query in check(made, records, today=TODAY)] == ["form missing"]
    begun = {**cells, "sex": "1", "day": "z", "own": ""}
    assert check(made, Export(tuple(begun), (Record(2, "P", begun),)), today=TODAY) == ()
    [_, form] = completeness(made, Export(tuple(begun), (Record(2, "P", begun),)))
    assert (form.asked, form.filled) == (1, 1)
    one, other = (Export(tuple(begun), (Record(2, "P", {**begun, "own": own}),)) for own in "xy")
    assert compare(made, one, other).different == 0


@pytest.mark.parametrize(
    ("tag", "due"),
    [
        ("@HIDDEN", False),
        ("@DEFAULT='1' @hidden", False),
        ("@IF([id] = 'P', @HIDDEN, '')", False),
        ("@HIDDEN-SURVEY", True),
        ("@HIDDEN-PDF @READONLY", True),
    ],
)
def test_what_an_action_tag_hides_is_required_of_nobody(tag: str, due: bool) -> None:
    made = FormDictionary("m", (field("id", "a"), field("x", "a", required=True, annotation=tag)))
    cells = {"id": "P", "x": "", "a_complete": "2"}
    export = Export(tuple(cells), (Record(2, "P", cells),))
    assert [query.rule for query in check(made, export, today=TODAY)] == (["required"] if due else [])
    [form] = completeness(made, export)
    assert form.asked == int(due)


def test_a_required_field_is_asked_for_only_where_it_is_shown_and_its_form_begun() -> None:
    first, adverse, *rest = clean()
    no_hbv = changed(first, cause___1="0", cause___2="1", dna="")
    assert found(no_hbv, adverse, *rest) == []
    no_cause = changed(first, cause___1="0", dna="")
    assert found(no_cause, adverse, *rest) == [("S000", "cause", "required", "")]


def test_a_form_never_begun_is_one_query_and_marked_complete_one_for_each_required_field() -> None:
    first, adverse, *rest = clean()
    scan = ("scan", "report", "surgery", "lesions", "largest", "smallest", "hour")
    unopened = changed(first, **dict.fromkeys(scan, ""), scan_complete="0")
    [query] = check(dictionary(), export(unopened, adverse, *rest), today=TODAY)
    assert (query.form, query.field, query.rule) == ("scan", "", "form missing")

    complete = changed(unopened, scan_complete="2")
    [query] = check(dictionary(), export(complete, adverse, *rest), today=TODAY)
    assert (query.field, query.rule) == ("scan", "required")
    assert "marked complete" in query.problem


def test_a_form_is_expected_when_its_annotation_says_so() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("operated", "a", "yesno"),
            field("day", "b", validation="date_ymd", annotation="@HEPAR-FORM-WHEN=\"[operated] = '1'\""),
        ),
    )
    records = tuple(
        Record(line, f"P{line}", {"id": f"P{line}", "operated": operated, "day": ""})
        for line, operated in ((2, "1"), (3, "0"))
    )
    queries = check(made, Export(columns(made), records), today=TODAY)
    assert [(query.participant, query.form, query.rule) for query in queries] == [("P2", "b", "form missing")]


def test_a_form_that_may_be_had_several_times_may_be_had_not_at_all() -> None:
    def rules(annotation: str) -> list[str]:
        made = FormDictionary(
            "m", (field("id", "a"), field("dose", "b", required=True, annotation=annotation))
        )
        line = Record(2, "P", {"id": "P", "dose": ""})
        return [query.rule for query in check(made, Export(columns(made), (line,)), today=TODAY)]

    assert rules("") == ["form missing"]
    assert rules("@REPEATING-INSTRUMENT") == []


def test_two_lines_of_one_place_are_one_query_that_names_both() -> None:
    first, adverse, *rest = clean()
    [query] = check(dictionary(), export(first, adverse, replace(first, line=9), *rest), today=TODAY)
    assert (query.rule, query.participant) == ("duplicate", "S000")
    assert "2, 9" in query.problem


def test_identifiers_that_differ_in_capitals_or_hyphens_only_may_be_one_participant() -> None:
    made = FormDictionary("m", (field("id", "a"),))
    records = tuple(
        Record(line, name, {"id": name})
        for line, name in ((2, "A-01"), (3, "a_01"), (4, "A-011"), (5, "A01-1"))
    )
    [query] = check(made, Export(("id",), records), today=TODAY)
    assert (query.rule, query.participant) == ("duplicate", "a_01")
    assert "A-01" in query.problem


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (record("X01", line=9, group="site_a"), "participant id"),
        (record("S009", line=9), "group"),
        (record("S000", ADVERSE, line=9, group="site_b", instrument="adverse", instance="2"), "group"),
        (record("S000", ADVERSE, line=9, group="site_a", instrument="adverse", instance="0"), "instance"),
        (record("S000", {}, line=9, group="site_a", instrument="adverze", instance="2"), "instrument"),
        (
            record(
                "S000", {**ADVERSE, "sex": "2"}, line=9, group="site_a", instrument="adverse", instance="2"
            ),
            "instrument",
        ),
    ],
)
def test_a_line_in_the_wrong_place_is_one_query(line: Record, rule: str) -> None:
    assert [(who, which) for who, _, which, _ in found(*clean(), line)] == [(line.participant, rule)]


def longitudinal(*events: str) -> Export:
    made = tuple(replace(line, event="baseline_arm_1") for line in clean(1))
    more = tuple(
        record("S000", {}, line=number, group="site_a", event=event)
        for number, event in enumerate(events, start=9)
    )
    return export(*made, *more)


@pytest.mark.parametrize(
    ("event", "events", "wrong"),
    [
        ("month_6_arm_1", (), False),
        ("_arm_1b", (), False),
        ("Month 6", (), True),
        ("", (), True),
        ("month_6_arm_1", ("baseline_arm_1", "month_6_arm_1"), False),
        ("month_9_arm_1", ("baseline_arm_1", "month_6_arm_1"), True),
    ],
)
def test_an_event_that_there_is_not_is_a_query(event: str, events: tuple[str, ...], wrong: bool) -> None:
    queries = check(dictionary(), longitudinal(event), today=TODAY, events=events)
    assert [query.rule for query in queries] == (["event"] if wrong else [])


def test_a_condition_reads_the_same_event_and_a_rule_of_ours_any() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("visit", "a", validation="date_ymd"),
            field("note", "b", branching="[visit] <> ''"),
            field("scan", "b", validation="date_ymd", annotation="@HEPAR-NOT-BEFORE=visit"),
        ),
    )
    first = Record(2, "P", {"id": "P", "visit": "2024-05-01", "note": "", "scan": ""}, "one_arm_1")
    second = Record(3, "P", {"id": "P", "visit": "", "note": "x", "scan": "2024-04-30"}, "two_arm_1")
    queries = check(made, Export(columns(made), (first, second)), today=TODAY)
    assert [(query.field, query.rule) for query in queries] == [("note", "hidden"), ("scan", "date order")]
    assert "2024-05-01" in queries[1].problem


def test_a_repeated_form_never_reads_a_date_of_another_instance() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("first", "lesion", validation="date_ymd"),
            field("last", "lesion", validation="date_ymd", annotation="@HEPAR-NOT-BEFORE=first"),
        ),
    )
    blank = {"id": "P", "first": "", "last": ""}
    records = (
        Record(2, "P", blank),
        Record(3, "P", {**blank, "first": "2024-05-01"}, instrument="lesion", instance="1"),
        Record(4, "P", {**blank, "last": "2024-01-01"}, instrument="lesion", instance="2"),
    )
    assert check(made, Export(columns(made), records), today=TODAY) == ()


def test_a_repeated_form_reads_the_line_of_its_event() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("treated", "a", "yesno"),
            field("dose", "b", branching="[treated] = '1'", required=True),
            field("why", "b", branching="[dose] > 5"),
        ),
    )
    base = Record(2, "P", {"id": "P", "treated": "1", "dose": "", "why": ""})
    lines = tuple(
        Record(
            3 + number, "P", {"id": "P", "treated": "", "dose": dose, "why": "x"}, "", "b", str(number + 1)
        )
        for number, dose in enumerate(("6", "4"))
    )
    queries = check(made, Export(columns(made), (base, *lines)), today=TODAY)
    assert [(query.field, query.instance) for query in queries] == [("why", "2")]


def test_an_answer_of_zero_is_an_answer_whatever_another_line_says() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("malignant", "b", "yesno"),
            field("kind", "b", annotation="@HEPAR-RULE=\"[malignant] = '0' or [kind] <> 'cyst'\""),
        ),
    )
    lines = tuple(
        Record(number, "P", {"id": "P", "malignant": answer, "kind": kind}, "", "b", str(number))
        for number, answer, kind in ((2, "0", "cyst"), (3, "1", "hcc"))
    )
    assert check(made, Export(columns(made), lines), today=TODAY) == ()


def test_a_rule_that_speaks_of_empty_values_is_asked_of_them() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("hbsag", "a", "yesno", annotation="@HEPAR-RULE=\"[hbsag] <> '1' or [dna] <> ''\""),
            field("dna", "a", validation="number"),
        ),
    )
    records = tuple(
        Record(line, f"P{line}", {"id": f"P{line}", "hbsag": answer, "dna": ""})
        for line, answer in ((2, "1"), (3, "0"), (4, ""))
    )
    queries = check(made, Export(columns(made), records), today=TODAY)
    assert [(query.participant, query.rule) for query in queries] == [("P2", "rule")]


def test_the_value_of_an_identifier_appears_nowhere() -> None:
    first, *rest = clean()
    wrong = changed(first, birth="1980-13-02", full_name="Zhang\x07San")
    late = changed(rest[1], birth="2024-07-01")
    queries = check(dictionary(), export(wrong, rest[0], late, rest[2]), today=TODAY)
    assert [query.value for query in queries if query.field in ("birth", "full_name")] == ["(identifier)"] * 3
    text = repr(queries)
    assert "1980-13-02" not in text
    assert "Zhang" not in text
    assert "2024-07-01" not in text


def test_the_key_stays_with_the_value_and_changes_with_it() -> None:
    def key(value: str, line: int) -> str:
        first, *rest = clean()
        wrong = replace(changed(first, sex=value), line=line)
        [query] = check(dictionary(), export(wrong, *rest), today=TODAY)
        return query.key

    assert key("3", 2) == key("3", 77)
    assert key("3", 2) != key("4", 2)


def test_columns_that_the_export_lacks_are_not_looked_at() -> None:
    held = tuple(name for name in columns(dictionary()) if not name.startswith(("scan", "sex")))
    lines = tuple(
        replace(line, values={name: value for name, value in line.values.items() if name in held})
        for line in clean()
    )
    queries = check(dictionary(), Export(held, lines, frozenset({"UNK"})), today=TODAY)
    assert queries == ()


def test_what_reads_a_column_that_the_export_lacks_is_not_judged() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("sex", "a", "radio", choices=coded("1", "2")),
            field("parity", "b", branching="[sex] = '2'"),
            field("pregnant", "b", "yesno", branching="[sex] = '2'", required=True),
            field("note", "b", annotation="@HEPAR-RULE=\"[sex] <> ''\""),
            field("twice", "b", "calc", calculation="[sex] * 2"),
            field("born", "c", required=True, annotation="@HEPAR-FORM-WHEN=\"[sex] <> '1'\""),
        ),
    )
    cells = {"id": "P", "parity": "2", "pregnant": "", "note": "x", "twice": "4", "born": ""}
    lacking = Export(tuple(cells), (Record(2, "P", cells),))
    assert check(made, lacking, today=TODAY) == ()
    whole = Export((*cells, "sex"), (Record(2, "P", {**cells, "sex": ""}),))
    assert {query.rule for query in check(made, whole, today=TODAY)} == {
        "hidden",
        "rule",
        "calculation",
        "form missing",
    }


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        ("@HEPAR-NOTBEFORE=visit", "did you mean 'HEPAR-NOT-BEFORE'"),
        ("@HEPAR-NOT-BEFORE", "has no value"),
        ("@HEPAR-NOT-BEFORE=vizit", "did you mean 'visit'"),
        (
            "@HEPAR-RULE='[cause] = 1'",
            "say which choice, e.g. [cause(1)]; correct it in the column Field Annotation",
        ),
        ("@HEPAR-RULE='[cause(9)] = 1'", "[cause] has no choice '9'"),
        ("@HEPAR-RULE='[sex] = 9'", "[sex] never holds '9'"),
        ("@HEPAR-RULE='[vizit] = 9'", "did you mean 'visit'"),
        (
            "@HEPAR-RULE=\"datediff([visit], [stay], 'd') > 3\"",
            "a day and a moment of a day, [visit] and [stay]",
        ),
        ("@HEPAR-FORM-WHEN='[sex(1)] = 1'", "sex is no checkbox; write [sex]"),
        ("@HEPAR-NOT-BEFORE=sex", "'sex' is no field of a date"),
        ("@HEPAR-WITHIN-DAYS=visit", "FIELD:DAYS"),
        ("@HEPAR-EQUALS-AGE=visit", "BIRTH,VISIT"),
        ("@HEPAR-RULE='[visit] = '1''", "no value that can be read"),
        ("@HEPAR-RULE='[visit] = shell(1)'", "'shell' is not supported"),
        ("@HEPAR-RULE='[nothing] = 1'", "nothing"),
        ("@HEPAR-MESSAGE='alone'", "follows no @HEPAR-RULE"),
        ("@HEPAR-ID='x'", "belongs to the first field"),
    ],
)
def test_an_annotation_that_cannot_be_kept_is_refused_by_name(annotation: str, says: str) -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("visit", "a", validation="date_ymd"),
            field("sex", "a", "radio", choices=coded("1")),
            field("cause", "a", "checkbox", choices=coded("1")),
            field("stay", "a", validation="datetime_ymd"),
            field("scan", "a", validation="date_ymd", annotation=annotation),
        ),
    )
    with pytest.raises(ProtocolError, match="scan") as refused:
        check(made, Export(columns(made), ()), today=TODAY)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"validation": "date_iso"}, "validation type 'date_iso' is unknown"),
        ({"validation": "integer", "least": "low"}, "'low', its least, is not a whole number"),
        ({"validation": "date_ymd", "most": "31.12.2024"}, "today or now"),
    ],
)
def test_a_dictionary_that_cannot_be_checked_is_refused(settings: dict[str, object], says: str) -> None:
    made = FormDictionary("m", (field("id", "a"), field("x", "a", "text", **settings)))
    with pytest.raises(ProtocolError, match="'x'") as refused:
        check(made, Export(columns(made), ()), today=TODAY)
    assert says in str(refused.value)


def test_annotations_of_redcap_are_left_alone() -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("x", "a", annotation="@DEFAULT='@HEPAR' @HIDDEN-SURVEY mail@HEPAR-X @HEPAR-IMAGE=ct_date"),
        ),
    )
    assert check(made, Export(columns(made), ()), today=TODAY) == ()


@pytest.mark.parametrize(
    ("bmi", "wrong"),
    [("22.9", False), ("22.86", True), ("23", False), ("22", True), ("1e400", True), ("x", True)],
)
def test_a_calculation_is_compared_to_the_digits_that_are_printed(bmi: str, wrong: bool) -> None:
    first, *rest = clean()
    assert len(found(changed(first, bmi=bmi), *rest)) == wrong


def test_a_calculation_that_nobody_can_repeat_is_not_compared() -> None:
    made = FormDictionary("m", (field("id", "a"), field("age", "a", "calc", calculation="stdev([a], [b])")))
    line = Record(2, "P", {"id": "P", "age": "55"})
    assert check(made, Export(columns(made), (line,)), today=TODAY) == ()


def test_queries_are_ordered_by_participant_form_and_field() -> None:
    a, a_event, b, b_event = clean()
    wrong_a = changed(a, sex="9", smallest="40", age="99")
    wrong_b = changed(b, sex="9")
    queries = check(dictionary(), export(b_event, wrong_b, wrong_a, a_event), today=TODAY)
    assert [(query.participant, query.field, query.rule) for query in queries] == [
        ("S000", "age", "age"),
        ("S000", "age", "range"),
        ("S000", "sex", "choice"),
        ("S000", "largest", "rule"),
        ("S001", "sex", "choice"),
    ]


def test_today_decides_what_is_still_to_come() -> None:
    records = clean()
    early = check(dictionary(), export(*records), today=dt.date(2024, 5, 31))
    assert {query.field for query in early} == {"visit"}


def test_a_query_is_open_and_tells_where_it_stands() -> None:
    first, *rest = clean()
    [query] = check(dictionary(), export(changed(first, sex="3"), *rest), today=TODAY)
    assert query == Query(
        participant="S000",
        form="who",
        field="sex",
        value="3",
        rule="choice",
        problem="is none of the codes 1, 2",
        to_do="look at the source and correct the value, or answer why it is right",
        site="site_a",
        line=2,
    )
    assert CLEAN["sex"] == "2"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"surgery": "12/03/2024"}, "which number is the month nobody can tell"),
        ({"surgery": "3.12.24"}, "a spreadsheet may have rewritten it"),
        ({"scan": "01/06/2024 9:15"}, "a spreadsheet may have rewritten it"),
        ({"dna": "4,4"}, "but has a comma"),
    ],
)
def test_what_a_spreadsheet_does_to_days_and_numbers_is_said(cells: dict[str, str], said: str) -> None:
    first, *rest = clean()
    [query] = check(dictionary(), export(changed(first, **cells), *rest), today=TODAY)
    assert said in query.problem
    assert query.to_do.startswith("export it again and let no spreadsheet save it")


@pytest.mark.parametrize("day", ["12/03-2024", "2024/03/12", "in March"])
def test_what_no_spreadsheet_does_is_not_laid_to_one(day: str) -> None:
    first, *rest = clean()
    [query] = check(dictionary(), export(changed(first, surgery=day), *rest), today=TODAY)
    assert query.problem == "is not a day as YYYY-MM-DD"


@pytest.mark.parametrize(
    ("calculation", "value"),
    [
        ("datediff([day], [moment], 'd')", "1.5"),
        ("datediff([clock], [clock], 'h')", "2"),
        ("datediff([moment], [moment], 'd')", "0"),
        ("datediff([day], [day], 'd')", "0"),
    ],
)
def test_a_calculation_of_moments_of_unlike_kind_is_not_repeated(calculation: str, value: str) -> None:
    made = FormDictionary(
        "m",
        (
            field("id", "a"),
            field("day", "a", validation="date_ymd"),
            field("moment", "a", validation="datetime_ymd"),
            field("clock", "a", validation="time"),
            field("c", "a", "calc", calculation=calculation),
        ),
    )
    cells = {"id": "P", "day": "2024-01-01", "moment": "2024-01-02 12:00", "clock": "10:00", "c": value}
    assert check(made, Export(columns(made), (Record(2, "P", cells),)), today=TODAY) == ()
    wrong = check(made, Export(columns(made), (Record(2, "P", {**cells, "c": "7"}),)), today=TODAY)
    assert [query.rule for query in wrong] == (["calculation"] if value == "0" else [])
