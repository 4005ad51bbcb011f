"""How easily somebody could be found in a shared table: k-anonymity of what an outsider may know of them."""

import re
from collections.abc import Mapping, Sequence

from ..core.errors import DataError, ProtocolError, choices
from ..data.anonymity import CUSTOMARY, Anonymity, anonymity
from ..data.dictionary import Dataset
from ..io.csv_text import csv_text
from .share_table import Shared, is_age

PARTICIPANT, SITE = "participant", "site"
PUBLISHED = 11
"""The class that a risk of 0.09 stands for, the European Medicines Agency's threshold (Policy 0070)."""
_SEX = re.compile(r"(?:^|_)(?:sex|gender)(?:_|$)", re.IGNORECASE)


def of_table(
    head: Mapping[str, Sequence[str]], shared: Shared, *, dataset: Dataset, quasi: Sequence[str]
) -> Anonymity:
    """The classes of the participants by the columns `quasi`; by site, age and sex where none is named.

    Raises:
        ProtocolError: a named column is not shared.
    """
    columns = {column.name: column.cells for column in shared.columns} | {SITE: head[SITE]}
    known = [name for name in columns if name in dataset.all_fields]
    usual = [SITE, *(name for name in known if is_age(name, dataset) or _SEX.search(name))]
    for name in quasi:
        if name not in columns:
            raise ProtocolError(
                f"quasi-identifier {name!r} is not in the shared table; {choices(name, columns)}"
            )
    return anonymity(head[PARTICIPANT], {name: columns[name] for name in dict.fromkeys(quasi or usual)})


def refuse_too_few(found: Anonymity, least: int, *, data: str) -> None:
    """Refuse a table in which somebody is like fewer than `least` - 1 others.

    Raises:
        DataError: it is so; the message names what would help.
    """
    if found.k >= least:
        return
    best = max(found.without, key=lambda name: found.without[name].k, default=None)
    helps = f"; without {best} it would be {found.without[best].k}" if best else ""
    raise DataError(
        f"the table of {data} has k = {found.k} by {', '.join(found.quasi)}, asked for is {least}:"
        f" {found.below(least)} of {found.participants} participants are in smaller classes{helps}. Leave fields out or"
        " make them coarser, or ask for a smaller --least-k"
    )


def lines_of(found: Anonymity, *, data: str) -> list[str]:
    """What the package's README says."""
    by = ", ".join(found.quasi) or "nothing"
    return [
        f"- Table of {data}: k = {found.k} by {by}: everybody has these values in common with {found.k - 1} others or"
        f" more. {found.unique} of {found.participants} participants are alone with theirs, {found.below(CUSTOMARY)} in"
        f" classes below {CUSTOMARY}, {found.below(PUBLISHED)} below {PUBLISHED}. The mean chance that somebody drawn"
        f" at random is found is {found.mean_risk:.3f}.",
        *(
            f"  - without {name}: k = {rest.k}, {rest.unique} alone, {rest.below(CUSTOMARY)} below {CUSTOMARY}."
            for name, rest in found.without.items()
        ),
    ]


def table_of(found: Anonymity) -> str:
    """The same as CSV: with all quasi-identifiers, and without each of them."""
    head = (
        "left_out",
        "quasi_identifiers",
        "k",
        "alone",
        f"below_{CUSTOMARY}",
        f"below_{PUBLISHED}",
        "mean_risk",
    )
    rows = [_row("", found), *(_row(name, rest) for name, rest in found.without.items())]
    return csv_text(head, rows)


def _row(name: str, found: Anonymity) -> tuple[str, ...]:
    counts = (found.k, found.unique, found.below(CUSTOMARY), found.below(PUBLISHED))
    return (name, " ".join(found.quasi), *map(str, counts), f"{found.mean_risk:.4f}")
