"""Words of the report, with the papers behind them; only those that a report uses are printed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from .blocks import Section, table


def glossary(used: Iterable[str]) -> Section:
    """The terms that occur among the analyses, quantities and curves `used`."""
    found = " | ".join(used).lower()
    rows = [
        (one["term"], one["meaning"], one["source"])
        for one in _terms()
        if any(mark in found for mark in one["marks"])
    ]
    words = table("Terms and methods used", head=("Term", "Meaning", "Source"), rows=rows, prose=True)
    return Section("glossary", "Glossary of statistics", (words,))


@cache
def _terms() -> Sequence[Mapping[str, Any]]:
    """Term, marks by which its use is known (empty: always), meaning and source of each."""
    text = (files("hepar.report") / "templates" / "glossary.json").read_text(encoding="utf-8")
    terms: Sequence[Mapping[str, Any]] = json.loads(text)
    return terms
