"""What a rule finds wrong with a value, and the query that it becomes; values of identifiers stay out of it."""

from dataclasses import dataclass, replace

from .form import FormField
from .query import Query
from .record import Record

MASK = "(identifier)"
"""Stands for the value of a field that the dictionary marks as an identifier."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong by which rule, and what to do; the sentence never holds the value, which may identify."""

    rule: str
    problem: str
    to_do: str = "look at the source and correct the value, or answer why it is right"


def shown(field: FormField, value: str) -> str:
    """`value`, or the mask where it identifies."""
    return MASK if field.identifier and value else value


def query_of(record: Record, field: FormField, finding: Finding, *, site: str, value: str = "") -> Query:
    """The query about one field of one line."""
    shown_value = shown(field, value)
    return line_query(record, finding, site=site, form=field.form, field=field.name, value=shown_value)


def line_query(
    record: Record, finding: Finding, *, site: str, form: str = "", field: str = "", value: str = ""
) -> Query:
    """The query about a whole line, or about a form of it."""
    return Query(
        participant=record.participant,
        form=form,
        field=field,
        value=value,
        rule=finding.rule,
        problem=finding.problem,
        to_do=finding.to_do,
        event=record.event,
        instance=record.instance,
        site=site,
        line=record.line,
    )


def participant_query(
    record: Record, finding: Finding, *, site: str, form: str = "", field: str = "", value: str = ""
) -> Query:
    """The query about a participant as a whole, of whom `record` is the first line."""
    query = line_query(record, finding, site=site, form=form, field=field, value=value)
    return replace(query, event="", instance="")
