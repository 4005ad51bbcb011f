"""The drawings of a report: lines with bands, calibration, forests and survival curves.

Every drawing tells its series apart by colour (Okabe & Ito, 2008), line style and marker, so it survives greyscale and
colour blindness. None of them reads a table: they are given series.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from . import svg

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D00", "#56B4E9", "#000000")
Dash = tuple[int, tuple[int, ...]]
DASHES: tuple[str | Dash, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#6b6b6b"
NO_VALUES = np.array([], dtype=float)

AtRisk = tuple[str, tuple[float, ...], tuple[int, ...]]
"""Numbers at risk of one group: name, times in years, numbers."""

MANY = 40
"""Points above which they are drawn small and without markers of their own."""

LEGEND_WIDTH = 54
"""Characters of a line of the legend."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: points in drawing order, with a band or whiskers where `low` and `high` are finite."""

    label: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray = field(default_factory=lambda: NO_VALUES)
    high: np.ndarray = field(default_factory=lambda: NO_VALUES)
    dots: bool = False
    """Markers with whiskers instead of a line with a band."""
    step: bool = False
    guide: bool = False
    """A reference to read the others by: grey, thin, no band."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the series."""

    x: str
    y: str
    x_limits: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None
    diagonal: bool = False
    zero: bool = False
    square: bool = False
    at_risk: tuple[AtRisk, ...] = ()
    legend: Literal["", "upper left", "lower left"] = ""
    """Where in the frame the legend stands; below it where empty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a forest plot; `pooled` is drawn as a diamond, `prediction` as a bar under it."""

    label: str
    value: float
    low: float
    high: float
    text: str
    pooled: bool = False
    prediction: tuple[float, float] | None = None


def lines(series: Sequence[Series], frame: Frame, *, key: str, label: str) -> Markup:
    """Series in one frame, with a legend and, where there are some, numbers at risk below it."""
    named = [one for one in series if one.label]
    below = 0 if frame.legend else sum(len(textwrap.wrap(one.label, LEGEND_WIDTH)) for one in named)
    below += len(frame.at_risk) + bool(frame.at_risk)
    with svg.style():
        figure = Figure(figsize=(4.9, (4.0 if frame.square else 3.2) + 0.17 * below), layout="constrained")
        axes = figure.add_subplot()
        _draw_all(axes, series)
        _finish(axes, frame)
        if named and frame.legend:
            axes.legend(loc=frame.legend, handlelength=2.8)
        elif named:
            axes.legend(loc="upper left", bbox_to_anchor=(0, -0.17), handlelength=2.8, borderaxespad=0.2)
        return svg.render(figure, key=key, label=label)


def forest(entries: Sequence[Line], *, x: str, key: str, label: str, null: float | None = None) -> Markup:
    """Estimates with intervals, one below the other, the pooled one last as a diamond."""
    with svg.style():
        figure = Figure(figsize=(6.4, 0.75 + 0.26 * len(entries)), layout="constrained")
        axes = figure.add_subplot()
        for at, entry in enumerate(entries):
            (_diamond if entry.pooled else _whisker)(axes, entry, -at)
            axes.annotate(
                entry.text, (1.01, -at), xycoords=("axes fraction", "data"), va="center", fontsize=7.5
            )
        axes.set_yticks([-at for at in range(len(entries))], [short(entry.label) for entry in entries])
        axes.set_ylim(0.4 - max(1, len(entries)), 0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if null is not None:
            axes.axvline(null, color=GREY, lw=0.8, ls=(0, (3, 2)), zorder=0)
        axes.set_xlabel(x)
        return svg.render(figure, key=key, label=label)


def clouds(groups: Sequence[tuple[str, np.ndarray]], frame: Frame, *, key: str, label: str) -> Markup:
    """Values of each group as points beside a box (median, quartiles, whiskers to 1.5 interquartile ranges)."""
    with svg.style():
        figure = Figure(figsize=(4.9, 3.3), layout="constrained")
        axes = figure.add_subplot()
        for at, (_, values) in enumerate(groups):
            rng = np.random.default_rng(at)
            x = at + rng.uniform(-0.22, 0.22, len(values))
            dots(axes, x, values, colour=COLOURS[0])
        full = [(at, values) for at, (_, values) in enumerate(groups) if len(values)]
        if full:
            axes.boxplot(
                [values for _, values in full],
                positions=[at for at, _ in full],
                widths=0.6,
                showfliers=False,
                medianprops={"color": "black", "linewidth": 1.4},
                boxprops={"linewidth": 0.8},
            )
        axes.set_xticks(range(len(groups)), [name for name, _ in groups])
        axes.set(xlabel=frame.x, ylabel=frame.y)
        return svg.render(figure, key=key, label=label)


def _draw_all(axes: Axes, series: Sequence[Series]) -> None:
    looks = (_look(at) for at in count())
    for one in series:
        if one.guide:
            axes.plot(
                one.x,
                one.y,
                color=GREY,
                lw=0.9,
                ls="-" if "none" in one.label.lower() else "--",
                label=one.label,
            )
        else:
            _draw(axes, one, next(looks))


def _look(at: int) -> tuple[str, str | Dash, str]:
    """Colour, dash and marker of the line numbered `at`; the first 49 differ from each other."""
    return COLOURS[at % 7], DASHES[(at + at // 7) % 7], MARKERS[at % 7]


def _draw(axes: Axes, one: Series, look: tuple[str, str | Dash, str]) -> None:
    colour, dash, marker = look
    banded = len(one.low) == len(one.x) and bool(np.isfinite(one.low).any())
    if one.dots:
        if len(one.x) > MANY:
            dots(axes, one.x, one.y, colour=colour)
            axes.plot([], [], "o", ms=3, color=colour, label=one.label or None)
            return
        axes.plot(
            one.x, one.y, marker, ms=4, color=colour, label=textwrap.fill(one.label, LEGEND_WIDTH) or None
        )
        if banded:
            axes.vlines(one.x, one.low, one.high, color=colour, lw=0.9)
        return
    few = len(one.x) == 1
    axes.plot(
        one.x,
        one.y,
        color=colour,
        ls=dash,
        marker=marker if few else "",
        ms=4,
        drawstyle="steps-post" if one.step else "default",
        label=textwrap.fill(one.label, LEGEND_WIDTH) or None,
    )
    if banded:
        axes.fill_between(
            one.x, one.low, one.high, color=colour, alpha=0.13, lw=0, step="post" if one.step else None
        )


def dots(axes: Axes, x: np.ndarray, y: np.ndarray, *, colour: str) -> None:
    """Many points as one path of round caps, which is a tenth of the size of as many markers."""
    ends = np.stack([x, y], axis=1).repeat(2, axis=0)
    path = Path(ends, [Path.MOVETO, Path.LINETO] * len(x))
    path.should_simplify = False  # it would drop a line of no length
    axes.add_patch(PathPatch(path, lw=2.6, capstyle="round", color=colour, alpha=0.6, fill=False))
    axes.autoscale_view()


def _finish(axes: Axes, frame: Frame) -> None:
    axes.set(xlabel=frame.x, ylabel=frame.y)
    if frame.x_limits:
        axes.set_xlim(*frame.x_limits)
    if frame.y_limits:
        axes.set_ylim(*frame.y_limits)
    if frame.diagonal:
        axes.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls=(0, (3, 2)), zorder=0)
    if frame.zero:
        axes.axhline(0, color=GREY, lw=0.8, zorder=0)
    if frame.square:
        axes.set_aspect("equal", adjustable="box")
    if frame.at_risk:
        _write_at_risk(axes, frame)


def _write_at_risk(axes: Axes, frame: Frame) -> None:
    """Numbers at risk as lines of text under the axis."""
    _write(axes, "At risk", 0.0, line=0, left=True)
    for at, (label, times, numbers) in enumerate(frame.at_risk, start=1):
        _write(axes, label, 0.0, line=at, left=True, colour=_look(at - 1)[0])
        for time, n in zip(times, numbers, strict=True):
            _write(axes, f"{n}", time, line=at)


def _write(axes: Axes, text: str, x: float, *, line: int, left: bool = False, colour: str = "black") -> None:
    """Text under the axis at `x`, or left of it."""
    axes.annotate(
        text,
        (0.0 if left else x, 0.0),
        xycoords="axes fraction" if left else ("data", "axes fraction"),
        xytext=(-16 if left else 0, -44 - 12 * line),
        textcoords="offset points",
        ha="right" if left else "center",
        va="center",
        fontsize=8,
        weight="bold" if left else "normal",
        color=colour,
    )


def _whisker(axes: Axes, entry: Line, at: float) -> None:
    axes.plot([entry.value], [at], "s", ms=4.5, color=COLOURS[0])
    if np.isfinite(entry.low) and np.isfinite(entry.high):
        axes.hlines(at, entry.low, entry.high, color=COLOURS[0], lw=1.1)


def _diamond(axes: Axes, entry: Line, at: float) -> None:
    if entry.prediction is not None:
        axes.hlines(at, *entry.prediction, color=GREY, lw=3.2, alpha=0.55, zorder=1)
    if np.isfinite(entry.low) and np.isfinite(entry.high):
        x = [entry.low, entry.value, entry.high, entry.value]
        axes.fill(x, [at, at + 0.3, at, at - 0.3], color="black", lw=0, zorder=2)
    else:
        axes.plot([entry.value], [at], "D", ms=5, color="black")


def short(text: str, width: int = 34) -> str:
    """`text`, cut to `width` characters with an ellipsis.

    >>> short("Portal vein diameter", 8)
    'Portal …'
    """
    return text if len(text) <= width else f"{text[: width - 1]}…"
