"""Drawings of Shapley values: bars of their mean size, and strips of the values coloured by the feature's own value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from . import svg
from .figures import COLOURS, GREY, dots, short

SHADES = ("#0d0887", "#5302a3", "#8a09a5", "#b7318a", "#da5b69", "#f3874a", "#feba2c")
"""From low to high: matplotlib's plasma up to where white paper swallows it. Its lightness rises all the way, so that
it is read in greyscale and by the colour-blind."""

UNRANKED = "#a8a8a8"
"""A category or a missing value, which is neither low nor high."""

BINS = 70
"""Across the width of a strip: points of one bin are stacked."""

HALF = 0.4
"""How far a strip reaches to either side of its line."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The mean size of a feature's values, and that of each part."""

    label: str
    mean: float
    parts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """The values of one feature; `level` (n,) is where its own value ranks, 0 to 1, NaN where it has no rank."""

    label: str
    values: np.ndarray
    level: np.ndarray


def bars(entries: Sequence[Bar], *, x: str, key: str, label: str) -> Markup:
    """One bar a feature, the largest on top, with a ring for each part."""
    with svg.style():
        figure = Figure(figsize=(4.9, 0.8 + 0.32 * len(entries)), layout="constrained")
        axes = figure.add_subplot()
        for at, entry in enumerate(entries):
            axes.barh(-at, entry.mean, height=0.62, color=COLOURS[0], alpha=0.45, lw=0)
            rings = np.full(len(entry.parts), -at)
            axes.plot(entry.parts, rings, "o", ms=3.4, mfc="none", mec="black", mew=0.7)
        _lines(axes, [entry.label for entry in entries])
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=6)
        axes.set_xlabel(x)
        return svg.render(figure, key=key, label=label)


def strips(entries: Sequence[Strip], *, x: str, key: str, label: str) -> Markup:
    """One strip of points a feature, stacked where they crowd, darker where the feature's own value is low."""
    with svg.style():
        figure = Figure(figsize=(4.9, 1.1 + 0.32 * len(entries)), layout="constrained")
        axes = figure.add_subplot()
        axes.axvline(0, color=GREY, lw=0.8, zorder=0)
        ends = [float(end) for e in entries for end in (e.values.min(), e.values.max())]
        for at, entry in enumerate(entries):
            _strip(axes, entry, -at, span=(min(ends), max(ends)))
        _lines(axes, [entry.label for entry in entries])
        axes.set_xlabel(x)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=4, handletextpad=0.1)
        return svg.render(figure, key=key, label=label)


def stacked(values: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Offset (n,) of each value from its strip's line: those of one bin lie beside each other, the fullest bin widest.

    >>> stacked(np.array([0.0, 0.0, 0.0, 1.0]), (0.0, 1.0)).tolist()
    [0.0, -0.1, 0.1, 0.0]
    """
    low, high = span
    width = (high - low) / BINS
    bins = np.floor((values - low) / width) if width > 0 else np.zeros(len(values))
    turn = np.zeros(len(values))
    for one in np.unique(bins):
        members = np.flatnonzero(bins == one)
        order = np.arange(len(members))
        turn[members] = (order + 1) // 2 * np.where(order % 2, -1, 1)
    return np.asarray(turn * HALF / max(4.0, np.abs(turn).max(initial=0.0)))


def _strip(axes: Axes, entry: Strip, at: int, *, span: tuple[float, float]) -> None:
    y = at + stacked(entry.values, span)
    shade = np.where(np.isnan(entry.level), -1, np.minimum((entry.level * len(SHADES)), len(SHADES) - 1))
    for number in np.unique(shade.astype(int)):
        here = shade.astype(int) == number
        dots(axes, entry.values[here], y[here], colour=UNRANKED if number < 0 else SHADES[number])


def _lines(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks([-at for at in range(len(labels))], [short(label) for label in labels])
    axes.set_ylim(0.4 - max(1, len(labels)) - 0.1, 0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _legend() -> list[Line2D]:
    named = [
        ("low", SHADES[0]),
        ("middle", SHADES[len(SHADES) // 2]),
        ("high", SHADES[-1]),
        ("category or missing", UNRANKED),
    ]
    return [Line2D([], [], marker="o", ms=4, ls="", color=colour, label=name) for name, colour in named]
