"""What must not be in a shared package, and the look at every file of it before it is handed over."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..core.errors import DataError
from ..io.identifier import Identifier
from .result import Prepared
from .share_recordings import FILE
from .share_scan import find_identifiers
from .share_table import dates_in

SHOWN = 5
"""How many finds an error tells."""


def telling(found: Mapping[Identifier, int], cases: int) -> frozenset[Identifier]:
    """The identifiers, without names of files that several cases have, e.g. rf.mat: those name nobody."""
    return frozenset(one for one, n in found.items() if one.what != FILE or n == 1 or cases == 1)


def identifiers_of(arms: Sequence[Prepared]) -> set[Identifier]:
    """What the data call their cases and participants, the excluded ones too, and every date."""
    found: set[Identifier] = set()
    for part in arms:
        for case in part.cohort:
            found.add(Identifier(case.case_id, "case"))
            found.add(Identifier(case.participant_id, "participant"))
        found |= {Identifier(name, "case") for step in part.cohort.flow for name in step.excluded}
        found |= dates_in(part.cohort)
    return found


def sites_of(arms: Sequence[Prepared]) -> frozenset[str]:
    """Every site of the included cases."""
    return frozenset(case.site for part in arms for case in part.cohort)


def refuse_found(root: Path, identifiers: set[Identifier]) -> None:
    """Refuse the package at `root` where a file of it holds one of the identifiers."""
    found = find_identifiers(root, identifiers)
    if found:
        shown = "; ".join(map(str, found[:SHOWN]))
        raise DataError(
            f"nothing is written, because {len(found)} identifiers would have been passed on: {shown}. Remove them"
            " from the document that they come from (protocol, dictionary, names of regions or presets, report)"
        )
