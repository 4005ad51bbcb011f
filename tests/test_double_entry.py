"""Two entries of the same forms: where they differ, and how often."""

import math

import pytest

from crf_example import CLEAN, changed, clean, dictionary, export, record
from hepar.data.crf.double_entry import DoubleEntry, FieldAgreement, compare
from hepar.data.crf.query import Query
from hepar.data.crf.record import Record
from hepar.stats.classification import wilson


def compared(first: tuple[Record, ...], second: tuple[Record, ...]) -> DoubleEntry:
    return compare(dictionary(), export(*first), export(*second))


def of(found: DoubleEntry, name: str) -> FieldAgreement:
    return next(one for one in found.fields if one.field == name)


def test_equal_entries_agree_in_every_field() -> None:
    found = compared(clean(4), clean(4))
    assert found.different == 0
    assert found.queries == ()
    assert found.participants == 4
    assert found.error_rate.value == 0
    assert 0 < found.error_rate.high < 0.05


def test_each_difference_is_a_query_and_counts_once() -> None:
    first = clean(4)
    wrong = changed(first[0], sex="1", cause___2="1", remark="")
    found = compared(first, (wrong, *first[1:]))
    assert [(query.field, query.value) for query in found.queries] == [
        ("sex", "2 | 1"),
        ("cause", "1 | 1, 2"),
        ("remark", "first line\nsecond line | (empty)"),
    ]
    assert {query.rule for query in found.queries} == {"double entry"}
    assert found.different == 3
    sex = of(found, "sex")
    assert (sex.compared, sex.equal) == (4, 3)
    assert sex.agreement == wilson(3, 4)


def test_numbers_are_compared_as_numbers_and_texts_letter_by_letter() -> None:
    first = clean(2)
    other = changed(
        first[0], dna="4.40", age="043", full_name="simulated person", sample_number_comma_decimal="3,50"
    )
    found = compared(first, (other, *first[1:]))
    assert [query.field for query in found.queries] == ["full_name"]


def test_the_value_of_an_identifier_is_masked() -> None:
    first = clean(2)
    found = compared(first, (changed(first[0], birth="1981-06-02"), *first[1:]))
    assert [query.value for query in found.queries] == ["(identifier)"]


def test_what_both_left_empty_is_not_compared() -> None:
    first = (record("S000", {**CLEAN, "remark": ""}),)
    assert "remark" not in {one.field for one in compared(first, first).fields}


def test_participants_and_lines_of_one_entry_only_are_named() -> None:
    first, second = clean(3), clean(2)
    found = compared(first, (second[0], *second[2:]))
    assert (found.only_first, found.only_second, found.participants) == (("S002",), (), 2)
    assert [(query.participant, query.form, query.value) for query in found.queries] == [
        ("S000", "adverse", "first"),
        ("S002", "", "first"),
    ]


def test_kappa_is_that_of_the_answers() -> None:
    answers = "1112221212", "1112222212"
    entries = tuple(
        tuple(record(f"S{n:03}", {"sex": code}) for n, code in enumerate(column)) for column in answers
    )
    sex = of(compared(*entries), "sex")
    observed, expected = 0.9, 0.5 * 0.4 + 0.5 * 0.6
    assert sex.kappa is not None
    assert sex.kappa.value == pytest.approx((observed - expected) / (1 - expected), abs=1e-12)


def test_limits_of_agreement_are_those_of_the_numbers() -> None:
    first = tuple(record(f"S{n:03}", {"weight": str(60 + n)}) for n in range(6))
    second = tuple(changed(line, weight=str(61 + n)) for n, line in enumerate(first))
    weight = of(compared(first, second), "weight")
    assert weight.limits is not None
    assert weight.limits.bias.value == -1
    assert weight.kappa is None


def test_nothing_in_common_gives_no_number() -> None:
    found = compared(clean(1), (record("S009"),))
    assert found.fields == ()
    assert math.isnan(found.error_rate.value)
    assert all(isinstance(query, Query) for query in found.queries)


def test_where_one_entry_is_all_one_answer_there_is_no_kappa() -> None:
    first = tuple(changed(one, sex="2") for one in clean(4) if not one.instrument)
    sex = of(compared(first, (changed(first[0], sex="1"), *first[1:])), "sex")
    assert (sex.compared, sex.equal, sex.kappa) == (4, 3, None)
