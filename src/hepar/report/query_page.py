"""The page of the queries of a study's forms: how many of what, how full the forms are, and each of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from .._version import __version__
from ..data.crf.completeness import FormCompleteness
from ..data.crf.form import FormDictionary, plain
from ..data.crf.query import Query, State
from .blocks import Table, Text, table
from .numbers import count, share

MOST_ROWS = 3000
"""Queries that the page lists; all are in the table beside it."""
LONGEST_LABEL, LONGEST_VALUE = 90, 300
STATES: tuple[State, ...] = ("open", "answered", "closed")


@dataclass(frozen=True, slots=True)
class Row:
    """One query as the page shows it."""

    key: str
    query: Query
    label: str
    value: str
    where: str


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the page."""

    title: str
    made: str
    simulated: bool
    headlines: tuple[Text, ...]
    tables: tuple[Table, ...]
    list_title: str
    rows: tuple[Row, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """Of what and when a page was made, in words, and whether the data are SIMULATED."""

    made: str
    simulated: bool


def check_page(
    dictionary: FormDictionary,
    queries: Mapping[str, Query],
    forms: Sequence[FormCompleteness],
    *,
    of: Made,
    skipped: Sequence[str] = (),
    unasked: Sequence[str] = (),
) -> str:
    """The page of a check as HTML that needs no other file.

    `skipped` are calculations that were not repeated, `unasked` fields of which no export tells whether they are shown.
    """
    told = tuple(queries.values())
    tables = (
        _forms(forms, told),
        _counts(told, what="Site", group=lambda query: query.site or "(no site)"),
        _counts(told, what="Rule", group=lambda query: query.rule),
    )
    headlines = (_headline(told), *_not_repeated(skipped), *_not_asked(unasked))
    return render(page_of(dictionary, queries, of=of, title="Queries", headlines=headlines, tables=tables))


def page_of(
    dictionary: FormDictionary,
    queries: Mapping[str, Query],
    *,
    of: Made,
    title: str,
    headlines: tuple[Text, ...],
    tables: tuple[Table, ...],
) -> Page:
    """A page with these tables and the queries, open ones first."""
    labels = {field.name: plain(field.label) for field in dictionary.fields}
    sorted_ = sorted(queries.items(), key=lambda item: STATES.index(item[1].state))
    rows = tuple(_row(key, query, labels) for key, query in sorted_[:MOST_ROWS])
    left = len(sorted_) - len(rows)
    return Page(
        f"{title}: {dictionary.name}",
        of.made,
        of.simulated,
        headlines,
        tuple(one for one in tables if one.body),
        "Every query",
        rows,
        _filters([row.query for row in rows]),
        f"{count(left, 'query', 'queries')} more in the table beside this page." if left else "",
    )


def render(page: Page) -> str:
    """The page as HTML that needs no other file."""
    templates = files("hepar.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((templates / "queries.html.j2").read_text(encoding="utf-8"))
    style = Markup((templates / "report.css").read_text(encoding="utf-8"))
    return template.render(page=page, style=style, version=__version__)


def _row(key: str, query: Query, labels: Mapping[str, str]) -> Row:
    label = labels.get(query.field, "")
    places = (
        query.form if query.field else "",
        query.event,
        f"number {query.instance}" if query.instance else "",
        f"line {query.line}" if query.line else "",
    )
    return Row(
        key,
        query,
        _cut(label, LONGEST_LABEL),
        _cut(query.value, LONGEST_VALUE),
        ", ".join(place for place in places if place),
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _filters(queries: Sequence[Query]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What can be chosen, where there is a choice."""
    found: dict[str, list[str]] = {
        "State": [state for state in STATES if any(query.state == state for query in queries)],
        "Site": sorted({query.site for query in queries} - {""}),
        "Form": sorted({query.form for query in queries} - {""}),
        "Rule": sorted({query.rule for query in queries}),
    }
    return tuple((name, tuple(values)) for name, values in found.items() if len(values) > 1)


def _headline(queries: Sequence[Query]) -> Text:
    states = Counter(query.state for query in queries)
    participants = len({query.participant for query in queries if query.state == "open"})
    if not states["open"]:
        return Text(f"No open query; {states['answered']:,} answered, {states['closed']:,} closed.", "good")
    text = (
        f"{count(states['open'], 'open query', 'open queries')} on {count(participants, 'participant')};"
        f" {states['answered']:,} answered, {states['closed']:,} closed."
    )
    return Text(text, "warning")


def _not_repeated(skipped: Sequence[str]) -> tuple[Text, ...]:
    if not skipped:
        return ()
    words = f"Calculated fields that hepar cannot repeat, and so did not compare: {', '.join(skipped)}."
    return (Text(words, "caution"),)


def _not_asked(unasked: Sequence[str]) -> tuple[Text, ...]:
    if not unasked:
        return ()
    words = (
        "Not asked whether these had to be filled in or are hidden, because their branching logic asks who looks, what"
        f" day it is, or uses a function that hepar does not repeat: {', '.join(unasked)}."
    )
    return (Text(words, "caution"),)


def _forms(forms: Sequence[FormCompleteness], queries: Sequence[Query]) -> Table:
    waiting = Counter(query.form for query in queries if query.state == "open")
    rows = (
        (
            one.form,
            f"{one.participants:,}",
            f"{one.lines:,}",
            share(one.complete, one.lines),
            f"{one.unverified:,}",
            f"{one.incomplete:,}",
            share(one.filled, one.asked),
            f"{waiting[one.form]:,}",
        )
        for one in forms
    )
    head = (
        *("Form", "Participants", "Lines", "Complete", "Unverified", "Incomplete"),
        *("Required fields filled in", "Open queries"),
    )
    note = "A form counts where somebody began it; a required field where the form shows it."
    return table("How full the forms are", head=head, rows=rows, notes=(note,))


def _counts(queries: Iterable[Query], *, what: str, group: Callable[[Query], str]) -> Table:
    """Queries by group and state; the group with most open ones first."""
    found = Counter((group(query), query.state) for query in queries)
    groups = sorted({name for name, _ in found}, key=lambda name: (-found[name, "open"], name))
    rows = ((name, *(f"{found[name, state]:,}" for state in STATES)) for name in groups)
    return table(f"Queries by {what.lower()}", head=(what, "Open", "Answered", "Closed"), rows=rows)
