"""What stands under a table of estimates: how they were made, and why some could not be."""

import re

import pandas as pd

from .numbers import words

UNDEFINED = "not defined: "
COUNT = "count"
"""Method of a whole number."""
SHARES = "a/b after an estimate: a of the b cases that it is about."


def method_notes(rows: pd.DataFrame) -> tuple[str, ...]:
    """How the estimates were made, and why some could not be; methods that differ in numbers only are told once."""
    undefined = rows["method"].str.startswith(UNDEFINED)
    defined = rows[~undefined & ~rows["method"].isin(["", COUNT])]
    by_method: dict[str, list[str]] = {}
    told: set[tuple[str, str]] = set()
    alike = False
    for quantity, method in dict.fromkeys(zip(defined["quantity"], defined["method"], strict=True)):
        pattern = (str(quantity), re.sub(r"\d+(\.\d+)?", "#", str(method)))
        if pattern not in told:
            by_method.setdefault(method, []).append(words(quantity))
        alike = alike or pattern in told
        told.add(pattern)
    how = " ".join(f"{', '.join(names)}: {method}." for method, names in by_method.items())
    how += " Other rows differ in these numbers only." if alike else ""
    whole = dict.fromkeys(rows["method"][undefined].str.removeprefix(UNDEFINED))
    reasons = {re.sub(r"\d+(\.\d+)?", "#", str(reason)): reason for reason in reversed(whole)}.values()
    why = "".join(f" {reason};" for reason in reasons).rstrip(";")
    return tuple(filter(None, [how, f"–: not defined;{why}." if why else ""]))
