"""What becomes of a query from one check to the next."""

from dataclasses import replace

import pytest

from crf_example import columns, dictionary, export, record
from hepar.data.crf.query import Query, State
from hepar.data.crf.record import Export
from hepar.data.crf.states import MENDED, carried_over, looked_at, open_ones

QUERY = Query("S001", "who", "sex", "3", "choice", "is none of the codes", "look")


def again(before: Query, *found: Query, seen: bool = True) -> Query:
    [query] = carried_over(found, {before.key: before}, looked_at=lambda _query: seen).values()
    return query


@pytest.mark.parametrize(
    ("state", "answer", "becomes"),
    [
        ("open", "", "open"),
        ("open", "asked the ward", "open"),
        ("answered", "so in the source", "answered"),
        ("closed", "accepted as true", "closed"),
        ("closed", "", "open"),
    ],
)
def test_a_query_that_is_still_there_keeps_its_answer(state: State, answer: str, becomes: State) -> None:
    query = again(replace(QUERY, state=state, answer=answer, answered_by="li"), QUERY)
    assert (query.state, query.answer, query.answered_by) == (becomes, answer, "li")


@pytest.mark.parametrize("state", ["open", "answered"])
def test_a_query_whose_violation_is_gone_is_closed_as_mended(state: State) -> None:
    assert again(replace(QUERY, state=state, answer="typing error")) == replace(
        QUERY, state="closed", answer=f"typing error {MENDED}"
    )


def test_a_mended_violation_that_is_back_opens_again() -> None:
    mended = again(replace(QUERY, answer="typing error", answered_by="li"))
    assert again(mended, QUERY) == replace(QUERY, state="open", answer="typing error", answered_by="li")


def test_a_closed_query_with_another_value_is_a_new_open_one() -> None:
    closed = replace(QUERY, state="closed", answer="accepted as true")
    other = replace(QUERY, value="4")
    found = carried_over([other], {closed.key: closed}, looked_at=lambda _query: True)
    assert found == {other.key: other, closed.key: closed}
    assert open_ones(found.values()) == (other,)


def test_what_a_check_could_not_see_stays_as_it_was() -> None:
    assert again(QUERY, seen=False) == QUERY


def test_a_check_sees_its_participants_columns_and_images_only() -> None:
    held = tuple(name for name in columns(dictionary()) if not name.startswith(("sex", "scan", "surg")))
    seen = looked_at(dictionary(), Export(held, (record("S001"),)), images=False)
    assert seen(replace(QUERY, field="age"))
    assert not seen(QUERY)
    assert not seen(replace(QUERY, field="age", participant="S002"))
    assert not seen(replace(QUERY, field="age", rule="image: slice thickness"))
    assert not seen(replace(QUERY, participant="S002", rule="image: no form"))
    with_images = looked_at(dictionary(), export(record("S001")), images=True)
    assert with_images(replace(QUERY, rule="image: slice thickness"))
    assert with_images(replace(QUERY, participant="S002", rule="image: no form"))
