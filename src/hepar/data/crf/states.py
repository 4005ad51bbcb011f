"""What becomes of a query from one check to the next: open, answered, closed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .form import FormDictionary
from .query import Query
from .record import Export

MENDED = "(mended)"
"""Ends the answer of a query that closed by itself, because the violation is gone."""
IMAGE_RULES = "image"
"""Begins the rules that need the images; without these nothing is known of their queries."""

LookedAt = Callable[[Query], bool]


def carried_over(
    found: Iterable[Query], earlier: Mapping[str, Query], *, looked_at: LookedAt
) -> dict[str, Query]:
    """The queries of this check, by key, with the states and answers of those raised earlier.

    What was answered stays answered until somebody closes it. What was closed stays closed if it has an answer, else
    it opens again, and so does what was mended and is back. Queries that are gone are closed as mended; those of
    which this check could know nothing (`looked_at` is false) stay as they are. Another value is another query.
    """
    now = {query.key: _with_answer(query, earlier.get(query.key)) for query in found}
    gone = {
        key: _mended(query) if looked_at(query) else query for key, query in earlier.items() if key not in now
    }
    return now | gone


def _with_answer(query: Query, before: Query | None) -> Query:
    if before is None:
        return query
    if before.answer.endswith(MENDED):
        answer = before.answer.removesuffix(MENDED).strip()
        return replace(query, state="open", answer=answer, answered_by=before.answered_by)
    reopened = before.state == "closed" and not before.answer
    state = "open" if reopened else before.state
    return replace(query, state=state, answer=before.answer, answered_by=before.answered_by)


def _mended(query: Query) -> Query:
    if query.state == "closed":
        return query
    return replace(query, state="closed", answer=f"{query.answer} {MENDED}".strip())


def looked_at(dictionary: FormDictionary, export: Export, *, images: bool) -> LookedAt:
    """Whether a check of this export says something of a query: of its participant, its field and its rule."""
    participants = {record.participant for record in export.records}
    columns = set(export.columns)
    absent = {
        field.name for field in dictionary.fields if field.columns and not columns.intersection(field.columns)
    }
    unseen = {form for form in dictionary.forms if _is_absent(dictionary, form, absent)}

    def test(query: Query) -> bool:
        if query.rule.startswith(IMAGE_RULES):
            return images  # of participants, too, who have images and stand in no form
        return query.participant in participants and query.field not in absent and query.form not in unseen

    return test


def _is_absent(dictionary: FormDictionary, form: str, absent: set[str]) -> bool:
    return all(field.name in absent for field in dictionary.fields if field.form == form and field.columns)


def open_ones(queries: Iterable[Query]) -> tuple[Query, ...]:
    """Those that wait for an answer."""
    return tuple(query for query in queries if query.state == "open")
