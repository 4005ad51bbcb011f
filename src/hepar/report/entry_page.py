"""The page of a double entry: how often the two entries differ, field by field, and each difference."""

from collections.abc import Sequence

from ..data.crf.double_entry import DoubleEntry, FieldAgreement
from ..data.crf.form import FormDictionary
from .blocks import Table, Text, table
from .numbers import count, number, with_interval
from .query_page import Made, page_of, render

PER = 10_000
"""Fields to which a rate of errors of entry is related."""


def entry_page(dictionary: FormDictionary, found: DoubleEntry, *, of: Made) -> str:
    """The page of a double entry as HTML that needs no other file."""
    queries = {query.key: query for query in found.queries}
    tables = (_agreement(found.fields),)
    headlines = _headlines(found)
    return render(
        page_of(dictionary, queries, of=of, title="Double entry", headlines=headlines, tables=tables)
    )


def _headlines(found: DoubleEntry) -> tuple[Text, ...]:
    rate = found.error_rate
    scaled = with_interval(rate.value * PER, rate.low * PER, rate.high * PER)
    compared = (
        f"{found.different:,} of {count(found.compared, 'field')} compared differ"
        f" ({count(found.participants, 'participant')}): {scaled}"
        f" differences in {PER:,} fields (95% CI)."
    )
    only = [
        Text(
            f"In the {which} entry only: {', '.join(names[:20])}{' and more' if len(names) > 20 else ''}.",
            "caution",
        )
        for which, names in (("first", found.only_first), ("second", found.only_second))
        if names
    ]
    return (Text(compared, "warning" if found.different else "good"), *only)


def _agreement(fields: Sequence[FieldAgreement]) -> Table:
    """The fields that differ, worst first."""
    differing = [one for one in fields if one.equal < one.compared]
    same = len(fields) - len(differing)
    rows = (
        (
            one.field,
            one.form,
            f"{one.compared:,}",
            f"{one.compared - one.equal:,}",
            _percent(one),
            with_interval(one.kappa.value, one.kappa.low, one.kappa.high) if one.kappa else "",
            _limits(one),
        )
        for one in sorted(differing, key=lambda one: one.agreement.value)
    )
    head = (
        "Field",
        "Form",
        "Compared",
        "Different",
        "Equal, % (95% CI)",
        "Kappa (95% CI)",
        "Mean difference (limits)",
    )
    notes = (
        f"{count(same, 'field')} more {'agrees' if same == 1 else 'agree'} wherever compared; agreement.csv holds all.",
        "Equal: with the interval of Wilson. Kappa: Cohen's, unweighted; empty where one entry"
        " has one answer only. Limits: those between which 95% of differences"
        " (first less second) lie if they are normal (Bland & Altman). A field empty in both entries is not compared.",
    )
    return table("Fields that differ, worst first", head=head, rows=rows, notes=notes, stub=2)


def _percent(one: FieldAgreement) -> str:
    found = one.agreement
    return f"{100 * found.value:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def _limits(one: FieldAgreement) -> str:
    if one.limits is None:
        return ""
    bias, lower, upper = one.limits.bias, one.limits.lower, one.limits.upper
    return f"{number(bias.value)} ({number(lower.value)} to {number(upper.value)})"
