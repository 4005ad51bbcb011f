"""Errors planted in forms: the check finds each where it stands, and nothing that they do not explain."""

import datetime as dt
from collections import Counter
from functools import cache

import pytest

from hepar.core.errors import SimulationError
from hepar.data.crf.check import check
from hepar.data.crf.form import FormDictionary
from hepar.data.crf.query import Query
from hepar.data.crf.record import Export
from hepar.io.redcap import read_dictionary
from hepar.simulation.crf import KINDS, Planted, example_export, implied, with_errors

TODAY = dt.date(2026, 1, 31)
STUDIES = ("crc-metastasis", "fibrosis-fusion", "lesion-screening", "radiomics", "rf-spectrum")
FORM = "form missing"
"""A query about a whole form, which a wrong answer to what the form is expected by may give."""


@cache
def case(
    name: str, seed: int
) -> tuple[FormDictionary, Export, Export, tuple[Planted, ...], tuple[Query, ...]]:
    forms = read_dictionary(name)
    clean = example_export(forms, participants=60, seed=seed)
    seeded, truth = with_errors(clean, forms, seed=seed)
    return forms, clean, seeded, truth, check(forms, seeded, today=TODAY)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_planted_error_is_found_at_its_place_by_its_rule(name: str, seed: int) -> None:
    _, _, _, truth, queries = case(name, seed)
    found = {((q.participant, q.event, q.instance, q.field), q.rule) for q in queries}
    assert [one for one in truth if one.rule and (one.place, one.rule) not in found] == []


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_query_is_about_a_planted_error_or_a_field_that_reads_one(name: str, seed: int) -> None:
    forms, _, _, truth, queries = case(name, seed)
    explained: dict[str, set[str]] = {}
    for one in truth:
        explained.setdefault(one.participant, set()).update(implied(forms, one))
    form_of = {field.name: field.form for field in forms.fields}
    unexplained = [
        query
        for query in queries
        for fields in [explained.get(query.participant, set())]
        if query.field not in fields
        and not (query.rule == FORM and query.form in {form_of[name] for name in fields})
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", STUDIES)
def test_three_of_each_kind_are_planted_where_the_form_has_room(name: str) -> None:
    forms, _, _, truth, _ = case(name, 1)
    room = {
        kind
        for kind in KINDS
        if kind != "checkbox 2" or any(field.type == "checkbox" for field in forms.fields)
    }
    assert Counter(one.kind for one in truth) == dict.fromkeys(room, 3)


@pytest.mark.parametrize("name", STUDIES)
def test_the_truth_is_what_differs_from_the_clean_export(name: str) -> None:
    forms, clean, seeded, truth, _ = case(name, 1)
    fields = {column: field.name for field in forms.fields for column in field.columns}
    differing = {
        ((record.participant, record.event, record.instance, fields[column]), text, wrong.values[column])
        for record, wrong in zip(clean.records, seeded.records, strict=False)
        for column, text in record.values.items()
        if wrong.values[column] != text
    }
    cells = {(one.place, one.clean, one.entered) for one in truth if one.kind != "line twice"}
    assert cells <= differing
    assert {place for place, _, _ in differing} == {place for place, _, _ in cells}
    assert len(seeded.records) == len(clean.records) + 3


def test_one_kind_can_be_planted_alone_and_none_at_all() -> None:
    forms, clean, _, _, _ = case("radiomics", 1)
    seeded, truth = with_errors(clean, forms, seed=5, kinds=("decimal comma",), each=7)
    assert len(truth) == 7
    assert {one.rule for one in truth} == {"number"}
    assert all("," in one.entered for one in truth)
    assert seeded != clean
    assert with_errors(clean, forms, seed=5, each=0) == (clean, ())


def test_the_same_seed_plants_the_same_errors() -> None:
    forms, clean, seeded, truth, _ = case("rf-spectrum", 1)
    again = with_errors(clean, forms, seed=1)
    assert again[1] == truth
    assert [r.values for r in again[0].records] == [r.values for r in seeded.records]
    assert with_errors(clean, forms, seed=2)[1] != truth


def test_an_unknown_kind_is_refused_with_those_that_there_are() -> None:
    forms, clean, _, _, _ = case("radiomics", 1)
    with pytest.raises(SimulationError, match="decimal comma"):
        with_errors(clean, forms, seed=1, kinds=("decimal coma",))
