"""Which curve is drawn how: from a table of curve points to figures with captions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..data.predictions import Predictions
from . import figures
from .blocks import Figure
from .common_cases import common_cases
from .figures import Frame, Series
from .names import group_name, is_risk_group, level_name, role_name, role_rank
from .numbers import p_value, plain, with_interval, words

DEFAULTS = ("treat all", "treat none")
"""What a decision curve is read against."""

UNIT = (-0.02, 1.02)


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that a drawing needs to know of its arm; `key` starts the ids of its figures."""

    curves: pd.DataFrame
    rows: pd.DataFrame
    labels: Mapping[str, str]
    index: frozenset[str]
    outcome: str
    grades: tuple[str, ...]
    key: str
    predictions: Predictions | None = None
    unit: str = ""

    def label(self, test: object) -> str:
        """A test's name in print."""
        return self.labels.get(str(test), str(test))

    @property
    def of_unit(self) -> str:
        """The outcome's unit in brackets, where it has one."""
        return f" ({self.unit})" if self.unit else ""

    @property
    def measured(self) -> str:
        """Name of the axis of the reference."""
        return f"Reference standard{self.of_unit}"

    def in_its_unit(self, points: pd.DataFrame) -> bool:
        """Whether the test of `points` is in the unit of the outcome: it has a bias then, or a ratio."""
        named = self.about(points)["quantity"].isin(["bias", "geometric mean ratio"])
        return bool(named.any())

    def about(self, points: pd.DataFrame) -> pd.DataFrame:
        """Rows of the same test and role as `points`."""
        first = points.iloc[0]
        same = (self.rows["test"] == first["test"]) & (self.rows["role"] == first["role"])
        found: pd.DataFrame = self.rows[same]
        return found


Split = Literal["together", "by test", "by test and horizon", "by horizon"]
Draw = Callable[[Plot, pd.DataFrame, str], Figure]


def plots(plot: Plot) -> list[Figure]:
    """The figures of one analysis, external validation first: one for each curve, and test or horizon if so told."""
    curves = plot.curves
    hidden = {"calibration, smooth"} if "calibration" in set(curves["curve"]) else set()
    curves = curves[~curves["curve"].isin(hidden) & curves["x"].notna() & curves["y"].notna()]
    curves = curves.sort_values("role", key=lambda role: role.map(role_rank), kind="stable")
    drawn: list[Figure] = []
    for (_, name), points in curves.groupby(["role", "curve"], sort=False):
        draw, how = KINDS.get(str(name), (_generic, "together"))
        drawn += [
            draw(plot, part, f"{plot.key}-{len(drawn) + at}") for at, part in enumerate(_split(points, how))
        ]
    return drawn


def _split(points: pd.DataFrame, how: Split) -> list[pd.DataFrame]:
    if how == "together":
        return [points]
    keys = {"by test": ["test"], "by test and horizon": ["test", "panel"], "by horizon": ["panel"]}[how]
    panels = points.assign(panel=points["group"].map(lambda group: _horizon(group)[0]))
    return [part for _, part in panels.groupby(keys, sort=False)]


def _horizon(group: str) -> tuple[str, str]:
    """The horizon of a group, and the rest of it.

    >>> _horizon("horizon_y=3; cut-off=high (2.67)"), _horizon("cut-off=high (2.67)"), _horizon("")
    (('at 3 years', 'high (2.67)'), ('', 'high (2.67)'), ('', ''))
    """
    parts = [part.partition("=") for part in group.split("; ") if part]
    found = [
        f"at {level} year{'' if level == '1' else 's'}" for field, _, level in parts if field == "horizon_y"
    ]
    rest = [level or field for field, _, level in parts if field != "horizon_y"]
    return "".join(found), "; ".join(rest)


def _where(points: pd.DataFrame, *first: str) -> str:
    """What a caption says of its figure: names, horizon, role."""
    role = role_name(str(points["role"].iloc[0])).lower()
    horizon = _horizon(str(points["group"].iloc[0]))[0]
    return ", ".join(filter(None, [*first, horizon, role]))


def _roc(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    series = [
        _series(part, f"{plot.label(test)}{_auc(plot, part)}")
        for test, part in points.groupby("test", sort=False)
    ]
    frame = Frame("1 − specificity", "Sensitivity", UNIT, UNIT, diagonal=True, square=True)
    caption = f"{_where(points, 'ROC curves')}; pointwise 95% bands. Dashed diagonal: chance."
    return _figure(series, frame, key=key, caption=caption)


def _calibration(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    first = points.iloc[0]
    curves = plot.curves[plot.curves["curve"] == "calibration, smooth"]
    smooth = curves[(curves["test"] == first["test"]) & (curves["role"] == first["role"])]
    groups = _series(points, "groups of like probability", dots=True)
    series = [_series(smooth, "smooth curve"), groups] if len(smooth) else [groups]
    ends = [*points["x"], *points["y"], *points["high"].dropna(), *smooth["x"], *smooth["y"], 0.1]
    limit = (-0.02, min(1.02, float(np.max(ends)) * 1.08))
    frame = Frame("Predicted probability", "Observed proportion", limit, limit, diagonal=True, square=True)
    caption = (
        f"Calibration: {_where(points, plot.label(first['test']))}. Dashed diagonal: perfect calibration."
    )
    return _figure(series, frame, key=key, caption=caption)


def _net_benefit(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    series = []
    for (test, group), part in points.groupby(["test", "group"], sort=False):
        default = test in DEFAULTS
        rule = _horizon(str(group))[1]
        name = words(str(test)) if default else ": ".join(filter(None, [plot.label(test), rule]))
        series.append(_series(part, name, guide=default, band=False))
    best = max(float(points["y"].max()), 0.01)
    span = (float(points["x"].min()), float(points["x"].max()))
    frame = Frame(
        "Threshold probability",
        "Net benefit",
        span if span[0] < span[1] else None,
        (-0.15 * best, 1.1 * best),
    )
    tests = [str(test) for test in dict.fromkeys(points["test"]) if test not in DEFAULTS]
    size = common_cases(plot.predictions, points, tests=tests)
    caption = f"Decision curves: {_where(points, f'net benefit on the {size} that all tests judged')}."
    return _figure(series, frame, key=key, caption=caption)


def _survival(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    name, longest = str(points["curve"].iloc[0]), float(points["x"].max())
    groups = [str(group) for group in dict.fromkeys(points["group"])]
    series = [
        _series(points[points["group"] == group], _risk_group(group, at, len(groups)), step=True)
        for at, group in enumerate(groups)
    ]
    event_free = name == "kaplan-meier"
    top = float(np.max([*points["high"].dropna(), *points["y"], 0.05]))
    frame = Frame(
        "Years",
        "Event-free probability" if event_free else "Cumulative incidence",
        (0.0, longest if longest > 0 else 1.0),
        (0.0, 1.02 if event_free else min(1.02, 1.1 * top)),
        at_risk=_at_risk(plot.about(points), groups),
        legend="lower left" if event_free else "upper left",
    )
    tested = plot.about(points)
    tested = tested[tested["p"].notna()]
    tests = "".join(f"; {words(str(r['quantity']))} test p = {p_value(r['p'])}" for _, r in tested.iterrows())
    tests = tests.replace(" χ² test", " test").replace("= <", "< ")
    what = "Kaplan-Meier curves" if event_free else "Cumulative incidence, competing events counted as such"
    where = _where(points, plot.label(points["test"].iloc[0]))
    return _figure(series, frame, key=key, caption=f"{what}: {plot.outcome} by risk group of {where}{tests}.")


def _risk_group(group: str, at: int, n: int) -> str:
    end = " (lowest)" if at == 0 else " (highest)" if at == n - 1 else ""
    return f"{level_name(group)}{end}" if is_risk_group(group) else group_name(group)


def _at_risk(rows: pd.DataFrame, groups: list[str]) -> tuple[figures.AtRisk, ...]:
    """Numbers at risk by group, as the analysis counted them."""
    counted = rows[(rows["quantity"] == "at risk") & rows["value"].notna()]
    found = [(level_name(group), counted[counted["group"] == group]) for group in groups]
    return tuple(
        (name, tuple(part["horizon_y"]), tuple(int(n) for n in part["value"]))
        for name, part in found
        if len(part)
    )


def _by_grade(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    levels = sorted(points["x"].unique())
    names = plot.grades if len(plot.grades) == len(levels) else [plain(level) for level in levels]
    groups = [
        (name, points.loc[points["x"] == x, "y"].to_numpy()) for name, x in zip(names, levels, strict=True)
    ]
    where = _where(points, plot.label(points["test"].iloc[0]))
    caption = f"Score by grade: {where}; points (at most 100 a grade), median, quartiles."
    frame = Frame("Grade of the reference standard", "Score")
    return Figure(figures.clouds(groups, frame, key=key, label=caption), caption)


def _scatter(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    name = plot.label(points["test"].iloc[0])
    cases = _series(points, "cases", dots=True, band=False)
    if not plot.in_its_unit(points):
        caption = f"Score against measured: {_where(points, name)}; the score is in a unit of its own."
        return _figure([cases], Frame(plot.measured, name), key=key, caption=caption)
    both = [*points["x"], *points["y"]]
    ends = np.array([np.min(both), np.max(both)])
    series = [Series("identity", ends, ends, guide=True), cases]
    caption = f"Predicted against measured: {_where(points, name)}; dashed: identity."
    return _figure(series, Frame(plot.measured, f"{name}{plot.of_unit}"), key=key, caption=caption)


def _bland_altman(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    rows = plot.about(points)
    rows = rows[(rows["group"] == "") & rows["value"].notna()]
    levels = rows[rows["quantity"].str.contains("^bias|limit|mean difference|mean ratio", regex=True)]
    ends = np.array([points["x"].min(), points["x"].max()])
    guides = [
        Series(words(str(row["quantity"])), ends, np.full(2, row["value"]), guide=True)
        for _, row in levels.iterrows()
    ]
    name = plot.label(points["test"].iloc[0])
    ratio = str(points["curve"].iloc[0]).endswith("ratio")
    mean = f"Geometric mean of the two{plot.of_unit}" if ratio else f"Mean of the two{plot.of_unit}"
    y = f"{name} over reference (ratio)" if ratio else f"{name} minus reference{plot.of_unit}"
    frame = Frame(mean, y, zero=not ratio)
    what = "geometric mean ratio" if ratio else "mean difference"
    caption = f"Bland-Altman plot: {_where(points, name)}; dashed: {what} and 95% limits of agreement."
    return _figure(
        [*guides, _series(points, "cases", dots=True, band=False)], frame, key=key, caption=caption
    )


def _generic(plot: Plot, points: pd.DataFrame, key: str) -> Figure:
    series = [
        _series(part, ", ".join(filter(None, [plot.label(test), group_name(str(group))])))
        for (test, group), part in points.groupby(["test", "group"], sort=False)
    ]
    name = words(str(points["curve"].iloc[0]))
    return _figure(series, Frame("x", name), key=key, caption=f"{_where(points, name)}.")


KINDS: Mapping[str, tuple[Draw, Split]] = {
    "roc": (_roc, "together"),
    "calibration": (_calibration, "by test and horizon"),
    "net benefit": (_net_benefit, "by horizon"),
    "kaplan-meier": (_survival, "by test"),
    "cumulative incidence": (_survival, "by test"),
    "score by grade": (_by_grade, "by test"),
    "scatter": (_scatter, "by test"),
    "bland-altman": (_bland_altman, "by test"),
    "bland-altman, ratio": (_bland_altman, "by test"),
}
"""Curve -> how it is drawn, and what stands in a figure of its own."""


def _figure(series: list[Series], frame: Frame, *, key: str, caption: str) -> Figure:
    return Figure(figures.lines(series, frame, key=key, label=caption), caption)


def _series(
    points: pd.DataFrame,
    label: str,
    *,
    band: bool = True,
    dots: bool = False,
    step: bool = False,
    guide: bool = False,
) -> Series:
    x, y, low, high = (points[name].to_numpy(dtype=float) for name in ("x", "y", "low", "high"))
    if not band:
        low = high = figures.NO_VALUES
    return Series(label, x, y, low, high, dots=dots, step=step, guide=guide)


def _auc(plot: Plot, points: pd.DataFrame) -> str:
    rows = plot.about(points)
    found = rows[(rows["quantity"] == "auc") & (rows["group"] == "")]
    if found.empty:
        return ""
    row = found.iloc[0]
    return f": AUC {with_interval(row['value'], row['low'], row['high'])}"
