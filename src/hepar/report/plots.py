"""Which curve is drawn how: from a table of curve points to figures with captions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import figures
from .blocks import Figure
from .figures import Frame, Line, Series
from .numbers import p_value, with_interval, words
from .tables import group_name, role_name

GUIDES = ("treat all", "treat none", "identity", "mean difference", "upper limit", "lower limit")
UNIT = (-0.02, 1.02)


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that a drawing needs to know of its arm."""

    curves: pd.DataFrame
    rows: pd.DataFrame
    labels: Mapping[str, str]
    outcome: str
    grades: tuple[str, ...]
    key: str
    """Starts the ids of the figures."""

    def label(self, test: str) -> str:
        """A test's name in print."""
        return self.labels.get(test, test)


Draw = Callable[[Plot, pd.DataFrame, str, str], Figure]


def plots(plot: Plot) -> list[Figure]:
    """The figures of one analysis: one for each curve and role, or for each curve, role and test."""
    drawn: list[Figure] = []
    curves = plot.curves
    skipped = {"calibration, smooth"} if "calibration" in set(curves["curve"]) else set()
    for (role, name), points in curves.groupby(["role", "curve"], sort=False):
        if name in skipped:
            continue
        draw, per_test = KINDS.get(str(name), (_generic, False))
        parts = _split(points, str(name)) if per_test else [points]
        drawn += [
            draw(plot, part, str(role), f"{plot.key}-{len(drawn) + at}") for at, part in enumerate(parts)
        ]
    return drawn


def forests(plot: Plot) -> list[Figure]:
    """One forest plot for each role, test and quantity that has an estimate in two or more groups."""
    drawn: list[Figure] = []
    grouped = plot.rows[plot.rows["value"].notna()]
    for (role, test, quantity, versus), rows in grouped.groupby(
        ["role", "test", "quantity", "versus"], sort=False
    ):
        split = rows[rows["group"].str.contains("=", regex=False)]
        if len(split) < 2:
            continue
        summary = [row for _, row in grouped.iterrows() if _is_pooled(row) and _same(row, role, test, versus)]
        entries = [_entry(row) for _, row in split.iterrows()]
        entries += [
            _pooled_entry(row, plot.rows) for row in summary if str(row["quantity"]).startswith(str(quantity))
        ]
        what = words(str(quantity)) + (f" minus {plot.label(str(versus))}" if versus else "")
        label = f"{plot.label(str(test))}: {what} by {_split_by(split)}, {role_name(str(role)).lower()}"
        null = 0.0 if versus else 0.5 if str(quantity) in ("auc", "harrell c", "uno c") else None
        svg = figures.forest(entries, x=what, key=f"{plot.key}-f{len(drawn)}", label=label, null=null)
        caption = f"{label}. Squares: estimate with 95% confidence interval."
        caption += (
            " Diamond: pooled estimate; grey bar: 95% prediction interval for a new site." if summary else ""
        )
        drawn.append(Figure(svg, caption, wide=True))
    return drawn


def _split(points: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    """A part for each test; of calibration, for each test and horizon."""
    keys = ["test", "group"] if name == "calibration" else ["test"]
    return [part for _, part in points.groupby(keys, sort=False)]


def _roc(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    series = [
        _series(part, f"{plot.label(str(test))}{_auc(plot, str(test), role)}")
        for test, part in points.groupby("test", sort=False)
    ]
    frame = Frame("1 − specificity", "Sensitivity", UNIT, UNIT, diagonal=True, square=True)
    caption = (
        f"Receiver operating characteristic curves, {role_name(role).lower()}, with pointwise 95% bands."
    )
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _calibration(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    test = str(points["test"].iloc[0])
    curves = plot.curves
    smooth = curves[
        (curves["curve"] == "calibration, smooth") & (curves["test"] == test) & (curves["role"] == role)
    ]
    series = [_series(points, "groups of equal size", dots=True)]
    series = [_series(smooth, "smooth curve"), *series] if len(smooth) else series
    top = float(
        np.nanmax([*points["x"], *points["y"], *points["high"].fillna(0), *smooth["x"], *smooth["y"], 0.1])
    )
    limit = (-0.02, min(1.02, top * 1.08))
    frame = Frame("Predicted probability", "Observed proportion", limit, limit, diagonal=True, square=True)
    group = str(points["group"].iloc[0]).replace("horizon_y=", "at year ")
    about = ", ".join(filter(None, [plot.label(test), group, role_name(role).lower()]))
    caption = f"Calibration of {about}. The dashed line is perfect calibration."
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _net_benefit(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    series = [
        _series(
            part,
            words(str(test)) if test in GUIDES else plot.label(str(test)),
            guide=test in GUIDES,
            band=False,
        )
        for test, part in points.groupby("test", sort=False)
    ]
    best = float(np.nanmax([*points["y"], 0.01]))
    frame = Frame("Threshold probability", "Net benefit", y_limits=(-0.15 * best, 1.1 * best), zero=True)
    caption = f"Decision curves, {role_name(role).lower()}: net benefit of acting on each test, of treating all and of treating none."
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _survival(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    test, name = str(points["test"].iloc[0]), str(points["curve"].iloc[0])
    groups = list(points.groupby("group", sort=False))
    series = [_series(part, group_name(str(group)), step=True) for group, part in groups]
    top = float(np.nanmax([*points["high"].fillna(0), *points["y"], 0.05]))
    limits = (0.0, 1.02) if name == "kaplan-meier" else (0.0, min(1.02, 1.15 * top))
    y = "Event-free probability" if name == "kaplan-meier" else "Cumulative incidence"
    ticks = _ticks(float(points["x"].max()))
    risk = tuple(
        (f"{at + 1}", ticks, tuple(_at_risk(part, t) for t in ticks)) for at, (_, part) in enumerate(groups)
    )
    short = risk if points["n"].nunique() > len(groups) else ()
    series = [_numbered(one, at + 1) for at, one in enumerate(series)] if short else series
    frame = Frame("Years", y, (0.0, float(points["x"].max()) or 1.0), limits, at_risk=short, x_ticks=ticks)
    test_rows = plot.rows[(plot.rows["test"] == test) & (plot.rows["role"] == role) & plot.rows["p"].notna()]
    tested = "; ".join(f"{words(str(r['quantity']))} p = {p_value(r['p'])}" for _, r in test_rows.iterrows())
    what = (
        "Kaplan-Meier curves" if name == "kaplan-meier" else "Cumulative incidence (competing events counted)"
    )
    caption = f"{what} of {plot.outcome} by risk group of {plot.label(test)}, {role_name(role).lower()}{'; ' if tested else ''}{tested}."
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _by_grade(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    test = str(points["test"].iloc[0])
    levels = sorted(points["x"].unique())
    names = plot.grades if len(plot.grades) == len(levels) else [f"{level:g}" for level in levels]
    groups = [
        (name, points.loc[points["x"] == level, "y"].to_numpy())
        for name, level in zip(names, levels, strict=True)
    ]
    caption = f"Score of {plot.label(test)} by grade, {role_name(role).lower()}: points, median, quartiles."
    frame = Frame("Grade of the reference standard", "Score")
    return Figure(figures.clouds(groups, frame, key=key, label=caption), caption)


def _scatter(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    test = str(points["test"].iloc[0])
    both = [*points["x"], *points["y"]]
    ends = np.array([np.nanmin(both), np.nanmax(both)]) if both else np.array([0.0, 1.0])
    series = [Series("identity", ends, ends, guide=True), _series(points, "cases", dots=True)]
    frame = Frame("Reference standard", plot.label(test))
    caption = (
        f"{plot.label(test)} against the reference standard, {role_name(role).lower()}; dashed: identity."
    )
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _bland_altman(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    test = str(points["test"].iloc[0])
    mask = (plot.rows["test"] == test) & (plot.rows["role"] == role)
    levels = plot.rows[mask & plot.rows["quantity"].str.contains("bias|limit|mean difference", regex=True)]
    ends = np.array([points["x"].min(), points["x"].max()])
    guides = [
        Series(words(str(r["quantity"])), ends, np.full(2, r["value"]), guide=True)
        for _, r in levels.iterrows()
    ]
    series = [*guides, _series(points, "cases", dots=True)]
    frame = Frame("Mean of the two", f"{plot.label(test)} minus reference", zero=True)
    caption = f"Bland-Altman plot of {plot.label(test)}, {role_name(role).lower()}; dashed: mean difference and 95% limits of agreement."
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _generic(plot: Plot, points: pd.DataFrame, role: str, key: str) -> Figure:
    series = [
        _series(part, ", ".join(filter(None, [plot.label(str(test)), group_name(str(group))])))
        for (test, group), part in points.groupby(["test", "group"], sort=False)
    ]
    name = words(str(points["curve"].iloc[0]))
    caption = f"{name}, {role_name(role).lower()}." if role else f"{name}."
    return Figure(figures.lines(series, Frame("x", name), key=key, label=caption), caption)


KINDS: Mapping[str, tuple[Draw, bool]] = {
    "roc": (_roc, False),
    "calibration": (_calibration, True),
    "net benefit": (_net_benefit, False),
    "kaplan-meier": (_survival, True),
    "cumulative incidence": (_survival, True),
    "score by grade": (_by_grade, True),
    "scatter": (_scatter, True),
    "bland-altman": (_bland_altman, True),
}
"""Curve -> how it is drawn, and whether each test has a figure of its own."""


def _series(points: pd.DataFrame, label: str, *, band: bool = True, **more: bool) -> Series:
    values = {name: points[name].to_numpy(dtype=float) for name in ("x", "y", "low", "high")}
    if not band:
        values = {name: values[name] for name in ("x", "y")}
    return Series(label, **values, **more)


def _numbered(one: Series, at: int) -> Series:
    return Series(f"{at}: {one.label}", one.x, one.y, one.low, one.high, step=one.step)


def _auc(plot: Plot, test: str, role: str) -> str:
    rows = plot.rows
    found = rows[
        (rows["test"] == test) & (rows["role"] == role) & (rows["quantity"] == "auc") & (rows["group"] == "")
    ]
    if found.empty:
        return ""
    row = found.iloc[0]
    return f": AUC {with_interval(row['value'], row['low'], row['high'])}"


def _at_risk(part: pd.DataFrame, time: float) -> int:
    """Cases still followed just before `time`."""
    later = part[part["x"] >= time]
    return int(later["n"].iloc[0]) if len(later) else 0


def _ticks(longest: float) -> tuple[float, ...]:
    step = next((s for s in (0.5, 1.0, 2.0, 5.0) if longest / s <= 8), 10.0)
    return tuple(float(t) for t in np.arange(0, longest + 1e-9, step))


def _entry(row: pd.Series) -> Line:
    label = f"{str(row['group']).partition('=')[2]} (n = {row['n']:.0f})"
    return Line(
        label, row["value"], row["low"], row["high"], with_interval(row["value"], row["low"], row["high"])
    )


def _pooled_entry(row: pd.Series, rows: pd.DataFrame) -> Line:
    same = rows[
        (rows["test"] == row["test"]) & (rows["role"] == row["role"]) & (rows["versus"] == row["versus"])
    ]
    span = same[same["quantity"].str.contains("prediction interval", regex=False)]
    prediction = (float(span["low"].iloc[0]), float(span["high"].iloc[0])) if len(span) else None
    text = with_interval(row["value"], row["low"], row["high"])
    return Line("Pooled", row["value"], row["low"], row["high"], text, pooled=True, prediction=prediction)


def _is_pooled(row: pd.Series) -> bool:
    return "pooled" in f"{row['quantity']} {row['group']}" and "prediction" not in row["quantity"]


def _same(row: pd.Series, role: object, test: object, versus: object) -> bool:  # noqa: PLR0917
    return bool(row["role"] == role and row["test"] == test and row["versus"] == versus)


def _split_by(rows: pd.DataFrame) -> str:
    fields = list(dict.fromkeys(group.partition("=")[0] for group in rows["group"]))
    return fields[0] if len(fields) == 1 else "subgroup"
