"""Tables of estimates: every cell knows the line of estimates.csv that it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ..data.predictions import ROLES
from .blocks import Cell, Table, table
from .numbers import p_value, plain, with_interval, words

MOST_COLUMNS = 5
"""Estimates side by side in one table, so that it prints on a page."""

UNDEFINED = "not defined: "
COUNT = "count"
"""Method of a whole number."""
HOLM = ", Holm"
"""Ends the name of a quantity whose p is adjusted; its value repeats that of the quantity itself."""

_KEYS = ("role", "test", "versus", "group", "threshold", "horizon_y")
_SAME_RECORDS = 0.6
"""Share of records that two quantities must have in common to stand side by side."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Rows that one table shows, and what names them."""

    rows: pd.DataFrame
    adjusted: pd.DataFrame
    keys: tuple[str, ...]
    labels: Mapping[str, str]


def estimate_tables(rows: pd.DataFrame, *, labels: Mapping[str, str], caption: str) -> list[Table]:
    """The estimates of one analysis; quantities that were estimated for the same records stand side by side.

    `rows` keeps the index of the estimates table, which is the line in estimates.csv; `labels` names each test.
    """
    rows = rows.sort_values("role", key=lambda role: role.map(role_rank), kind="stable")
    adjusted = rows["quantity"].str.endswith(HOLM)
    own = rows[~adjusted]
    tables = []
    for quantities in _clusters(own):
        for at in range(0, len(quantities), MOST_COLUMNS):
            chosen = quantities[at : at + MOST_COLUMNS]
            part = own[own["quantity"].isin(chosen)]
            holm = rows[adjusted & rows["quantity"].str.removesuffix(HOLM).isin(chosen)]
            keys = tuple(key for key in _KEYS if _informative(part, key)) or ("test",)
            title = f"{caption}: {', '.join(words(q) for q in chosen)}"
            tables.append(_table(_Sheet(part, holm, keys, labels), chosen, caption=title))
    return tables


def shown(row: pd.Series) -> str:
    """An estimate as the report prints it."""
    return with_interval(row["value"], row["low"], row["high"], whole=row["method"] == COUNT)


def role_name(role: str) -> str:
    """A role in words, for the page."""
    return {"external": "External", "cross-validated": "Cross-validated"}.get(role, role)


def role_rank(role: str) -> int:
    """External first: it is the headline."""
    order = [str(known) for known in reversed(ROLES)]
    return order.index(role) if role in order else len(order)


def group_name(group: str) -> str:
    """`field=level` in words.

    >>> group_name("risk_group=0"), group_name("grade>=F2"), group_name("Sex=female"), group_name("Sex")
    ('risk group 1', 'grade ≥ F2', 'Sex: female', 'Sex')
    """
    if ">=" in group:
        return group.replace(">=", " ≥ ")
    field, equal, _ = group.partition("=")
    if field == "risk_group":
        return f"risk group {level_name(group)}"
    return f"{field}: {level_name(group)}" if equal else field


def level_name(group: str) -> str:
    """The level of `field=level`; risk groups are counted from 1 in print."""
    field, _, level = group.partition("=")
    return f"{float(level) + 1:.0f}" if field == "risk_group" else level


def method_notes(rows: pd.DataFrame) -> tuple[str, ...]:
    """How the estimates were made, and why some could not be."""
    undefined = rows["method"].str.startswith(UNDEFINED)
    defined = rows[~undefined & ~rows["method"].isin(["", COUNT])]
    by_method: dict[str, list[str]] = {}
    for quantity, method in dict.fromkeys(zip(defined["quantity"], defined["method"], strict=True)):
        names = by_method.setdefault(method, [])
        names += [words(quantity)] if words(quantity) not in names else []
    how = " ".join(f"{', '.join(names)}: {method}." for method, names in by_method.items())
    reasons = dict.fromkeys(rows["method"][undefined].str.removeprefix(UNDEFINED))
    why = "".join(f" {reason};" for reason in reasons).rstrip(";")
    return tuple(filter(None, [how, f"–: not defined;{why}." if why else ""]))


def _clusters(rows: pd.DataFrame) -> list[list[str]]:
    """Quantities that were estimated for mostly the same records, in order of appearance."""
    clusters: list[tuple[list[str], set[tuple[str, ...]]]] = []
    for quantity, part in rows.groupby("quantity", sort=False):
        records = set(part[list(_KEYS)].astype(str).itertuples(index=False, name=None))
        for names, known in clusters:
            if len(records & known) >= _SAME_RECORDS * len(records | known):
                names.append(str(quantity))
                break
        else:
            clusters.append(([str(quantity)], records))
    return [names for names, _ in clusters]


def _table(sheet: _Sheet, quantities: Sequence[str], *, caption: str) -> Table:
    rows, keys = sheet.rows, list(sheet.keys)
    tested = {q for q in quantities if rows.loc[rows["quantity"] == q, "p"].notna().any()}
    adjusted = {q for q in quantities if (sheet.adjusted["quantity"] == q + HOLM).any()}
    head = [_head(rows, key) for key in keys]
    for quantity in quantities:
        head.append(_quantity_head(rows[rows["quantity"] == quantity]))
        head += (["p"] if quantity in tested else []) + (["p, Holm"] if quantity in adjusted else [])
    twice = rows.groupby([*keys, "quantity"], dropna=False).cumcount()
    body = []
    for _, record in rows.groupby([*keys, twice], sort=False, dropna=False):
        line: list[str | Cell] = [_key_cell(rows, record.iloc[0], key, sheet.labels) for key in keys]
        for quantity in quantities:
            row = _of(record, quantity)
            line.append(_cell(row, shown))
            line += [_cell(row, _p)] if quantity in tested else []
            line += [_cell(_adjusted(sheet, record, quantity), _p)] if quantity in adjusted else []
        body.append([*line, *_sizes(record)])
    head += ["n", "Events"]
    notes = method_notes(pd.concat([rows, sheet.adjusted]) if len(sheet.adjusted) else rows)
    return table(caption, head=head, rows=body, notes=notes, stub=len(keys))


def _quantity_head(rows: pd.DataFrame) -> str:
    name = words(str(rows["quantity"].iloc[0]))
    if not rows["low"].notna().any():
        return name
    if rows["method"].str.contains("no confidence interval", regex=False).any():
        return f"{name} (quartiles)"
    return f"{name} (95%)" if "prediction interval" in name else f"{name} (95% CI)"


def _of(record: pd.DataFrame, quantity: str) -> pd.Series | None:
    found = record[record["quantity"] == quantity]
    return None if found.empty else found.iloc[0]


def _adjusted(sheet: _Sheet, record: pd.DataFrame, quantity: str) -> pd.Series | None:
    same = sheet.adjusted[sheet.adjusted["quantity"] == quantity + HOLM]
    for key in _KEYS:
        value = record.iloc[0][key]
        same = same[same[key].isna() if value != value else same[key] == value]
    return None if same.empty else same.iloc[0]


def _cell(row: pd.Series | None, text: Callable[[pd.Series], str]) -> Cell:
    if row is None:
        return Cell("")
    return Cell(text(row), int(str(row.name)))


def _p(row: pd.Series) -> str:
    return p_value(row["p"])


def _sizes(record: pd.DataFrame) -> list[str | Cell]:
    known = record[record["n"].notna()].sort_values("n", ascending=False, kind="stable")
    if known.empty:
        return ["", ""]
    row = known.iloc[0]
    events = f"{row['events']:.0f}" if row["events"] > 0 else ""
    return [Cell(f"{row['n']:.0f}", int(str(row.name))), Cell(events, int(str(row.name)))]


def _informative(rows: pd.DataFrame, key: str) -> bool:
    """Whether a column tells anything: `role` where there are two, any other where one entry is not empty."""
    column = rows[key]
    if key == "role":
        return column.nunique() > 1
    return bool((column != "").any()) if column.dtype == object else bool(column.notna().any())


def _one_field(rows: pd.DataFrame) -> str:
    """The field that all groups are levels of; empty where they are not of one kind."""
    groups = [group for group in rows["group"] if group]
    fields = {group.partition("=")[0] for group in groups}
    plain_levels = all("=" in group and ">=" not in group for group in groups)
    return fields.pop() if len(fields) == 1 and plain_levels else ""


def _head(rows: pd.DataFrame, key: str) -> str:
    if key == "group":
        return words(_one_field(rows)) or "Group"
    names = {"role": "Validation", "test": "Test", "versus": "Versus", "threshold": "Cut-off"}
    return names.get(key, "Horizon (years)")


def _key_cell(rows: pd.DataFrame, row: pd.Series, key: str, labels: Mapping[str, str]) -> str:  # noqa: PLR0917
    value = row[key]
    if isinstance(value, float):
        return plain(value)
    if key == "role":
        return role_name(value)
    if key == "group":
        return (level_name(value) if _one_field(rows) else group_name(value)) if value else "all"
    return labels.get(value, value)
