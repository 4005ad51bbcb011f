"""Every violation of a case record form in an export, one query each."""

import datetime as dt
from collections.abc import Collection, Iterable
from functools import partial
from itertools import chain

from .calculations import calculation_queries, calculations_of
from .consistency import consistency_of, consistency_queries
from .form import FormDictionary
from .lines import can_read, lines_of
from .query import Query
from .record import Export
from .rules_form import form_queries, missing_form_queries, rules_of
from .rules_line import line_queries


def check(
    dictionary: FormDictionary, export: Export, *, today: dt.date, events: Collection[str] = ()
) -> tuple[Query, ...]:
    """Every violation, by participant, form and field.

    What is required is asked only of forms that somebody began or marked complete; a form that a participant should
    have and has on no line is one query. Fields and forms whose columns the export lacks are not looked at. Values
    of identifiers are masked. `today` is the end of what "today" and "now" allow; `events` are the project's, where
    lines of others are to be found. Takes time in proportion to lines and fields.

    Raises:
        ProtocolError: the dictionary names an annotation, a validation type or a limit that there is not.
    """
    codes = export.missing_codes
    lines = lines_of(dictionary, export)
    rules = rules_of(lines, today=today)
    consistency = consistency_of(dictionary, missing_codes=codes, readable=partial(can_read, lines))
    found = chain(
        line_queries(lines, events=events),
        form_queries(lines, rules),
        missing_form_queries(lines, rules, consistency.expected),
        consistency_queries(lines, consistency),
        calculation_queries(lines, calculations_of(dictionary, missing_codes=codes)),
    )
    return ordered(dictionary, _once(found))


def ordered(dictionary: FormDictionary, queries: Iterable[Query]) -> tuple[Query, ...]:
    """The queries by participant, then as forms and fields stand in the dictionary, then by event and instance."""
    forms = {form: number for number, form in enumerate(dictionary.forms, start=1)}
    fields = {field.name: number for number, field in enumerate(dictionary.fields, start=1)}
    last = len(fields) + 1

    def place(query: Query) -> tuple[str, int, int, str, str, str]:
        form, field = forms.get(query.form, 0), fields.get(query.field, last if query.field else 0)
        return query.participant, form, field, query.event, f"{query.instance:0>9}", query.rule

    return tuple(sorted(queries, key=place))


def _once(queries: Iterable[Query]) -> Iterable[Query]:
    """The first of queries with the same key, which two lines of one place give."""
    by_key: dict[str, Query] = {}
    for query in queries:
        by_key.setdefault(query.key, query)
    return by_key.values()
