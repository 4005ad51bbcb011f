"""Forest plots: an estimate at each site or in each subgroup, with the pooled one."""

import pandas as pd

from . import figures
from .blocks import Figure
from .figures import Line
from .names import group_name, level_name, role_name, role_rank
from .numbers import with_interval, words
from .plots import Plot

MOST_LINES = 40
"""Lines of one plot; the largest groups are drawn where there are more."""

CHANCE = ("auc", "harrell c", "uno c")
"""Quantities that are 0.5 for a test that knows nothing."""


def forests(plot: Plot) -> list[Figure]:
    """One plot for each role, index test and quantity that has an estimate in two or more groups."""
    rows = plot.rows[plot.rows["test"].isin(plot.index) & (plot.rows["versus"] == "")]
    rows = rows.sort_values("role", key=lambda role: role.map(role_rank), kind="stable")
    drawn: list[Figure] = []
    for (role, test, quantity), part in rows.groupby(["role", "test", "quantity"], sort=False):
        split = part[part["group"].str.contains("=", regex=False) & part["value"].notna()]
        if len(split) < 2:
            continue
        same = rows[(rows["role"] == role) & (rows["test"] == test)]
        name = f"{plot.label(test)}, {role_name(str(role)).lower()}"
        drawn.append(_forest(split, same, quantity=str(quantity), name=name, key=f"{plot.key}-f{len(drawn)}"))
    return drawn


def _forest(split: pd.DataFrame, same: pd.DataFrame, *, quantity: str, name: str, key: str) -> Figure:
    fields = list(dict.fromkeys(group.partition("=")[0] for group in split["group"]))
    kept = split.nlargest(MOST_LINES, "n").sort_index() if len(split) > MOST_LINES else split
    entries = [_line(row, one_field=len(fields) == 1) for _, row in kept.iterrows()]
    pooled = _pooled(same, quantity)
    what = f"{words(quantity)} by {fields[0] if len(fields) == 1 else 'subgroup'}"
    caption = f"{what}: {name}. Squares: estimates with 95% confidence intervals; dashed: chance."
    if pooled:
        caption += " Diamond: pooled estimate; grey bar: 95% prediction interval for a new site."
    if len(kept) < len(split):
        caption += f" The {len(kept)} largest of {len(split)} groups are drawn."
    null = 0.5 if quantity in CHANCE else None
    svg = figures.forest([*entries, *pooled], x=words(quantity), key=key, label=caption, null=null)
    return Figure(svg, caption, wide=True)


def _line(row: pd.Series, *, one_field: bool) -> Line:
    name = level_name(row["group"]) if one_field else group_name(row["group"])
    text = with_interval(row["value"], row["low"], row["high"])
    return Line(f"{name} (n = {row['n']:.0f})", row["value"], row["low"], row["high"], text)


def _pooled(rows: pd.DataFrame, quantity: str) -> list[Line]:
    found = rows[(rows["quantity"] == f"{quantity}, pooled") & rows["value"].notna()]
    if found.empty:
        return []
    row, span = found.iloc[0], rows[rows["quantity"] == f"{quantity}, prediction interval"]
    prediction = (float(span["low"].iloc[0]), float(span["high"].iloc[0])) if len(span) else None
    text = with_interval(row["value"], row["low"], row["high"])
    return [Line("Pooled", row["value"], row["low"], row["high"], text, pooled=True, prediction=prediction)]
