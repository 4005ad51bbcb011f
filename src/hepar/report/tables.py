"""Tables of estimates: every cell knows the line of estimates.csv that it shows."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from ..data.predictions import ROLES
from .blocks import Cell, Table, table
from .numbers import p_value, plain, with_interval, words

MOST_COLUMNS = 5
"""Quantities side by side in one table, so that it prints on a page."""

UNDEFINED = "not defined: "
COUNT = "count"
"""Method of a whole number."""

_KEYS = ("role", "test", "versus", "group", "threshold", "horizon_y")


def estimate_tables(rows: pd.DataFrame, *, labels: Mapping[str, str], caption: str) -> list[Table]:
    """The estimates of one analysis: quantities side by side where they share rows, else one line for each.

    `rows` keeps the index of the estimates table, which is the line in estimates.csv; `labels` gives each test's name in print.
    """
    if rows.empty:
        return []
    rows = rows.sort_values("role", key=lambda role: role.map(_role_rank), kind="stable")
    keys = [key for key in _KEYS if _informative(rows, key)] or ["test"]
    records = rows.groupby(keys, sort=False, dropna=False)
    if rows["quantity"].nunique() < 2 or records.size().median() < 2 or _repeats(rows, keys):
        return [_long(rows, labels=labels, caption=caption)]
    return _wide(rows, keys=keys, labels=labels, caption=caption)


def shown(row: pd.Series) -> str:
    """An estimate as the report prints it."""
    return with_interval(row["value"], row["low"], row["high"], whole=row["method"] == COUNT)


def role_name(role: str) -> str:
    """A role in words, for the page."""
    return {"external": "External", "cross-validated": "Cross-validated"}.get(role, role)


def group_name(group: str) -> str:
    """`field=level` in words."""
    return group.replace("=", ": ", 1) if "=" in group and ">=" not in group else group.replace(">=", " ≥ ")


def method_notes(rows: pd.DataFrame) -> tuple[str, ...]:
    """How the estimates were made, and why some could not be."""
    defined = rows[~rows["method"].str.startswith(UNDEFINED) & (rows["method"] != "")]
    by_method: dict[str, list[str]] = {}
    for quantity, method in dict.fromkeys(zip(defined["quantity"], defined["method"], strict=True)):
        names = by_method.setdefault(method, [])
        if words(quantity) not in names:
            names.append(words(quantity))
    notes = [f"{', '.join(names)}: {method}." for method, names in by_method.items()]
    reasons = rows["method"][rows["method"].str.startswith(UNDEFINED)].str.removeprefix(UNDEFINED)
    notes += [f"– not defined: {reason}." for reason in dict.fromkeys(reasons)]
    return tuple(notes)


def _long(rows: pd.DataFrame, *, labels: Mapping[str, str], caption: str) -> Table:
    keys = [key for key in _KEYS if _informative(rows, key)]
    several = rows["quantity"].nunique() > 1
    extra = [
        key for key in ("p", "n", "events") if _informative(rows, key, blank=0.0 if key != "p" else None)
    ]
    head = [*(_head(rows, key) for key in keys), *(["Quantity"] if several else [])]
    value = "Estimate (95% CI)" if several else f"{words(str(rows['quantity'].iloc[0]))} (95% CI)"
    body = []
    for at, row in rows.iterrows():
        stub = [_key_cell(rows, row, key, labels) for key in keys]
        stub += [words(row["quantity"])] if several else []
        cells = [Cell(_extra(row, key), int(str(at))) for key in extra]
        body.append([*stub, Cell(shown(row), int(str(at))), *cells])
    names = {"p": "p", "n": "n", "events": "Events"}
    return table(
        caption,
        head=[*head, value, *(names[key] for key in extra)],
        rows=body,
        notes=method_notes(rows),
        stub=max(1, len(head)),
    )


def _wide(rows: pd.DataFrame, *, keys: list[str], labels: Mapping[str, str], caption: str) -> list[Table]:
    quantities = list(dict.fromkeys(rows["quantity"]))
    whole = set(rows.loc[rows["method"] == COUNT, "quantity"])
    counts = [q for q in quantities if q in whole]
    rest = [q for q in quantities if q not in whole]
    chunks = [rest[at : at + MOST_COLUMNS] for at in range(0, len(rest), MOST_COLUMNS)] + (
        [counts] if counts else []
    )
    return [
        _wide_part(
            rows[rows["quantity"].isin(chunk)], chunk, keys=keys, labels=labels, caption=caption + more
        )
        for chunk, more in zip(chunks, ["", *[", continued"] * (len(chunks) - 1)], strict=True)
    ]


def _wide_part(
    rows: pd.DataFrame, quantities: Sequence[str], *, keys: list[str], labels: Mapping[str, str], caption: str
) -> Table:
    head = [_head(rows, key) for key in keys]
    tested = {q for q in quantities if rows.loc[rows["quantity"] == q, "p"].notna().any()}
    for quantity in quantities:
        interval = rows.loc[rows["quantity"] == quantity, "low"].notna().any()
        head.append(words(quantity) + (" (95% CI)" if interval else ""))
        head += ["p"] if quantity in tested else []
    body = []
    for _, record in rows.groupby(keys, sort=False, dropna=False):
        first = record.iloc[0]
        found = {row["quantity"]: (int(str(at)), row) for at, row in record.iterrows()}
        line: list[str | Cell] = [_key_cell(rows, first, key, labels) for key in keys]
        for quantity in quantities:
            at, row = found.get(quantity, (None, None))
            line.append(Cell("" if row is None else shown(row), at))
            line += [Cell("" if row is None else p_value(row["p"]), at)] if quantity in tested else []
        line += _sizes(record)
        body.append(line)
    return table(caption, head=[*head, "n", "Events"], rows=body, notes=method_notes(rows), stub=len(keys))


def _sizes(record: pd.DataFrame) -> list[str | Cell]:
    at = int(str(record["n"].idxmax())) if record["n"].notna().any() else None
    if at is None:
        return ["", ""]
    row = record.loc[at]
    return [Cell(f"{row['n']:.0f}", at), Cell(f"{row['events']:.0f}" if row["events"] > 0 else "", at)]


def _repeats(rows: pd.DataFrame, keys: list[str]) -> bool:
    return bool(rows.duplicated([*keys, "quantity"]).any())


def _informative(rows: pd.DataFrame, key: str, *, blank: float | None = None) -> bool:
    """Whether a column tells anything: `role` where there are two, any other where one entry is not empty."""
    column = rows[key]
    if key == "role":
        return column.nunique() > 1
    if column.dtype == object:
        return bool((column != "").any())
    known = column.dropna()
    return bool(len(known) and (blank is None or (known != blank).any()))


def _head(rows: pd.DataFrame, key: str) -> str:
    if key == "group":
        fields = {group.partition("=")[0] for group in rows["group"] if group}
        one = len(fields) == 1 and not any(">=" in group for group in rows["group"])
        return words(fields.pop()) if one else "Group"
    names = {"role": "Validation", "test": "Test", "versus": "Versus", "threshold": "Cut-off"}
    return names.get(key, "Horizon (years)")


def _key_cell(rows: pd.DataFrame, row: pd.Series, key: str, labels: Mapping[str, str]) -> str:
    value = row[key]
    if isinstance(value, float):
        return plain(value)
    if key == "role":
        return role_name(value)
    if key == "group":
        return (
            value.partition("=")[2] if value and _head(rows, key) != "Group" else group_name(value) or "all"
        )
    return labels.get(value, value)


def _extra(row: pd.Series, key: str) -> str:
    if key == "p":
        return p_value(row["p"])
    return "" if math.isnan(row[key]) or (key == "events" and not row[key]) else f"{row[key]:.0f}"


def _role_rank(role: str) -> int:
    """External first: it is the headline."""
    return -ROLES.index(role) if role in ROLES else 1  # type: ignore[arg-type]
