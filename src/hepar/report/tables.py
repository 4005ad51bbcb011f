"""Tables of estimates: every cell knows the line of estimates.csv that it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .blocks import Cell, Table, table
from .names import group_name, level_name, role_name, role_rank
from .notes import COUNT, SHARES, method_notes
from .numbers import number, p_value, plain, with_interval, words

PAGE = 7.6
"""Width of a page in columns that hold a name, less those for n and events."""
NARROW, STACKED, TESTED = 0.45, 0.9, 1.55
"""Widths of a column of counts, of proportions on two lines, of an estimate with its p."""

ANSWERS = ("better than chance", "enough participants")
"""Quantities that are 1 for yes and 0 for no."""
MARGINS = {1.0: "non-inferior", 0.0: "inconclusive", -1.0: "inferior"}
"""Number -> verdict on a margin."""
PROPORTIONS = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "observed proportion")
"""Quantities that are shares of cases."""
WHOLE = ("minimum n", "minimum events", "available n", "available events", "n needed")
"""Quantities that count; so do those whose name goes on after a comma."""
WITHIN = ", within folds"
"""Ends the name of a quantity that compares cases of one part only; it stands beside the pooled one."""
HOLM = ", Holm"
"""Ends the name of a quantity whose p is adjusted; its value repeats that of the quantity itself."""

_KEYS = ("role", "test", "versus", "group", "threshold", "horizon_y")
MOST_EMPTY = 10
"""Lines without any defined estimate that a table shows; more of them, e.g. many small sites, are left out."""
_SAME_RECORDS = 0.6
"""Share of records that two quantities must have in common to stand side by side."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Rows that one table shows, and what names them."""

    rows: pd.DataFrame
    adjusted: pd.DataFrame
    keys: tuple[str, ...]
    labels: Mapping[str, str]
    left_out: int


def estimate_tables(rows: pd.DataFrame, *, labels: Mapping[str, str], caption: str) -> list[Table]:
    """The estimates of one analysis; quantities that were estimated for the same records stand side by side.

    `rows` keeps the index of the estimates table, which is the line in estimates.csv; `labels` names each test.
    """
    rows = rows.sort_values("role", key=lambda role: role.map(role_rank), kind="stable")
    adjusted = rows["quantity"].str.endswith(HOLM)
    own = rows[~adjusted]
    tables = []
    for quantities in _clusters(own):
        for chosen in _side_by_side(own, quantities):
            part = own[own["quantity"].isin(chosen)]
            holm = rows[adjusted & rows["quantity"].str.removesuffix(HOLM).isin(chosen)]
            keys = tuple(key for key in _KEYS if _informative(part, key)) or ("test",)
            part, left_out = _without_empty(part)
            title = f"{caption}: {'; '.join(words(q) for q in chosen)}"
            tables.append(_table(_Sheet(part, holm, keys, labels, left_out), chosen, caption=title))
    return tables


def shown(row: pd.Series) -> str:
    """An estimate as the report prints it."""
    if row["quantity"] in ANSWERS and row["value"] in (0, 1):
        return "yes" if row["value"] else "not shown" if row["quantity"] == ANSWERS[0] else "no"
    if str(row["quantity"]).startswith("non-inferiority at "):
        return MARGINS.get(row["value"], number(row["value"]))
    if is_share(row):
        interval = f"\n({number(row['low'])} to {number(row['high'])})" if row["low"] == row["low"] else ""
        return f"{number(row['value'])}, {row['events']:.0f}/{row['n']:.0f}{interval}"
    whole = row["method"] == COUNT or str(row["quantity"]).partition(",")[0] in WHOLE
    return with_interval(row["value"], row["low"], row["high"], whole=whole)


def _clusters(rows: pd.DataFrame) -> list[list[str]]:
    """Quantities that were estimated for mostly the same records, in order of appearance."""
    clusters: list[tuple[list[str], set[tuple[str, ...]]]] = []
    for quantity, part in rows.groupby("quantity", sort=False):
        records = set(part[list(_KEYS)].astype(str).itertuples(index=False, name=None))
        for names, known in clusters:
            twin = str(quantity).endswith(WITHIN) and str(quantity).removesuffix(WITHIN) in names
            if twin or len(records & known) >= _SAME_RECORDS * len(records | known):
                names.append(str(quantity))
                break
        else:
            clusters.append(([str(quantity)], records))
    return [names for names, _ in clusters]


def _without_empty(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows, less the records that hold nothing defined where these are many; and how many were left out."""
    empty = rows["value"].isna().groupby([rows[key] for key in _KEYS], dropna=False).transform("all")
    records = len(rows[empty].drop_duplicates(list(_KEYS)))
    if records <= MOST_EMPTY or empty.all():
        return rows, 0
    return rows[~empty], records


def _side_by_side(rows: pd.DataFrame, quantities: Sequence[str]) -> list[list[str]]:
    """Quantities by table: as many as a page is wide, each beside its twin within folds; counts come last."""
    part = rows[rows["quantity"].isin(quantities)]
    room = PAGE - sum(1.6 if key == "group" else 1.0 for key in _KEYS if _informative(part, key))
    tables: list[list[str]] = []
    left = 0.0
    for together in _in_order(part, quantities):
        width = sum(_width(part[part["quantity"] == quantity]) for quantity in together)
        if not tables or width > left:
            tables, left = [*tables, []], room
        tables[-1] += together
        left -= width
    return tables


def _in_order(rows: pd.DataFrame, quantities: Sequence[str]) -> list[list[str]]:
    """Quantities that stand in one table whatever its width: one with its twin, all counts."""
    counts = [q for q in quantities if (rows.loc[rows["quantity"] == q, "method"] == COUNT).any()]
    own = [q for q in quantities if q not in counts and q.removesuffix(WITHIN) not in {*quantities} - {q}]
    twins = [[q, *([q + WITHIN] if q + WITHIN in quantities else [])] for q in own]
    return [*twins, *([counts] if counts else [])]


def _width(rows: pd.DataFrame) -> float:
    if (rows["method"] == COUNT).any():
        return NARROW
    return TESTED if rows["p"].notna().any() else STACKED if _shares(rows) else 1.0


def _table(sheet: _Sheet, quantities: Sequence[str], *, caption: str) -> Table:
    rows, keys = sheet.rows, list(sheet.keys)
    tested = {q for q in quantities if rows.loc[rows["quantity"] == q, "p"].notna().any()}
    adjusted = {q for q in quantities if (sheet.adjusted["quantity"] == q + HOLM).any()}
    head = [_head(rows, key) for key in keys]
    for quantity in quantities:
        head.append(_quantity_head(rows[rows["quantity"] == quantity]))
        head += (["p"] if quantity in tested else []) + (["p, Holm"] if quantity in adjusted else [])
    several = rows["role"].nunique() > 1
    pooled = rows[~rows["quantity"].str.endswith(WITHIN)]
    sizes = _size_columns(pooled if len(pooled) else rows)
    twice = rows.groupby([*keys, "quantity"], dropna=False).cumcount()
    body: list[list[str | Cell]] = []
    role = ""
    for _, record in rows.groupby([*_KEYS, twice], sort=False, dropna=False):
        if several and record.iloc[0]["role"] != role:
            role = str(record.iloc[0]["role"])
            body.append([f"{role_name(role)} validation" if role == "external" else role_name(role)])
        line: list[str | Cell] = [_key_cell(rows, record.iloc[0], key, labels=sheet.labels) for key in keys]
        for quantity in quantities:
            row = _of(record, quantity)
            line.append(_cell(row, shown))
            line += [_cell(row, _p)] if quantity in tested else []
            line += [_cell(_adjusted(sheet, record, quantity), _p)] if quantity in adjusted else []
        body.append([*line, *(_size(record, column) for column in sizes)])
    head += [{"n": "n", "events": "Events"}[column] for column in sizes]
    notes = method_notes(pd.concat([rows, sheet.adjusted]) if len(sheet.adjusted) else rows)
    notes = (*notes, SHARES) if _shares(rows) else notes
    if sheet.left_out:
        left_out = f"{sheet.left_out} lines for which nothing is defined (too few cases) are left out."
        notes = (*notes, f"{left_out} estimates.csv has them with the reason.")
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


def is_share(row: pd.Series) -> bool:
    """Whether an estimate is a share of which `events` is the numerator and `n` the denominator."""
    return str(row["quantity"]) in PROPORTIONS and _is_quotient(row["value"], row["events"], row["n"])


def _shares(rows: pd.DataFrame) -> bool:
    return bool(rows.apply(is_share, axis=1).any())


def _is_quotient(value: float, part: float, whole: float) -> bool:
    return whole > 0 and abs(value - part / whole) < 1e-9


def _size_columns(rows: pd.DataFrame) -> list[str]:
    """`n` and `events` where all quantities of a record share them, so that neither is taken for another's."""
    records = rows.groupby(list(_KEYS), dropna=False)
    return [
        column
        for column in ("n", "events")
        if (rows[column] > 0).any() and (records[column].nunique() <= 1).all()
    ]


def _size(record: pd.DataFrame, column: str) -> Cell:
    row = record.sort_values("quantity", key=lambda q: q.str.endswith(WITHIN), kind="stable").iloc[0]
    return Cell(f"{row[column]:.0f}" if row[column] > 0 else "", int(str(row.name)))


def _informative(rows: pd.DataFrame, key: str) -> bool:
    """Whether a column tells anything; `role` never does, because it is a heading within the table."""
    column = rows[key]
    if key == "role" or (key == "threshold" and _threshold_in_group(rows)):
        return False
    return bool((column != "").any()) if column.dtype == object else bool(column.notna().any())


def _threshold_in_group(rows: pd.DataFrame) -> bool:
    """Whether every group says its own threshold, as in `cut-off=≥ 1.45: advanced fibrosis`."""
    said = rows["group"].str.extract(r"^cut-off=[≥>] ?([-−]?[\d.]+(?:e[-+]?\d+)?)(?:: |$)")[0]
    numbers = pd.to_numeric(said.str.replace("−", "-"))
    return bool(np.isclose(numbers, rows["threshold"], rtol=1e-4, atol=0).all())


def _one_field(rows: pd.DataFrame) -> str:
    """The field that all groups are levels of; empty where they are not of one kind."""
    groups = [group for group in rows["group"] if group]
    fields = {group.partition("=")[0] for group in groups}
    level = all("=" in group for group in groups) and not any(field.endswith(">") for field in fields)
    return fields.pop() if len(fields) == 1 and level else ""


def _head(rows: pd.DataFrame, key: str) -> str:
    if key == "group":
        return words(_one_field(rows)) or "Group"
    names = {"test": "Test", "versus": "Versus", "threshold": "Threshold"}
    return names.get(key, "Horizon (years)")


def _key_cell(rows: pd.DataFrame, row: pd.Series, key: str, *, labels: Mapping[str, str]) -> str:
    value = row[key]
    if isinstance(value, float):
        return plain(value)
    if key == "group":
        field = _one_field(rows)
        nothing = "" if field == "cut-off" else "all"
        return (level_name(value) if field else group_name(value)) if value else nothing
    return labels.get(value, value)
