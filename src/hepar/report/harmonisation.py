"""Features before and after harmonisation, side by side."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

from ..stats.estimate import Estimate
from ..transforms.projection import Projection
from . import svg
from .figures import COLOURS, GREY, MARKERS
from .numbers import with_interval

Float = NDArray[np.float64]


def harmonisation_figure(
    places: Projection,
    batch: NDArray[np.generic],
    *,
    predictability: tuple[Estimate, Estimate] | None = None,
    batch_name: str = "site",
) -> Figure:
    """Two scatter plots of the same principal components, points by batch, with each batch's mean and spread.

    Ellipses hold one standard deviation. `predictability` (before, after) are the AUCs of `site_predictability`,
    printed above.
    """
    labels = np.asarray(batch).astype(str)
    with svg.style():
        figure = Figure(figsize=(7.2, 3.9), layout="constrained")
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        drawn = zip(panels, (places.before, places.after), ("Before", "After"), strict=True)
        for number, (axes, points, title) in enumerate(drawn):
            _draw(axes, points, labels)
            axes.set_title(
                title if predictability is None else f"{title}\n{_told(predictability[number], batch_name)}"
            )
            axes.set_xlabel(f"Component 1 ({places.shares[0]:.0%} of variance before)")
        panels[0].set_ylabel(f"Component 2 ({places.shares[1]:.0%})")
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=min(6, len(names)), title=batch_name)
    return figure


def _told(auc: Estimate, batch_name: str) -> str:
    return f"AUC of predicting {batch_name} {with_interval(auc.value, auc.low, auc.high)}"


def _draw(axes: Axes, places: Float, labels: NDArray[np.str_]) -> None:
    axes.axhline(0, color=GREY, lw=0.5, zorder=0)
    axes.axvline(0, color=GREY, lw=0.5, zorder=0)
    for number, name in enumerate(np.unique(labels)):
        points, colour = places[labels == name], COLOURS[number % len(COLOURS)]
        marker = MARKERS[(number + number // len(COLOURS)) % len(MARKERS)]
        axes.plot(*points.T, ls="", marker=marker, ms=3.2, mew=0, alpha=0.45, color=colour, label=name)
        centre = points.mean(axis=0)
        axes.plot(*centre, ls="", marker=marker, ms=7, mec="black", mew=0.8, color=colour, zorder=4)
        if len(points) > 2:
            axes.add_patch(_ellipse(points, centre, colour))


def _ellipse(points: Float, centre: Float, colour: str) -> Ellipse:
    """One standard deviation along the points' own axes."""
    spread, axes = np.linalg.eigh(np.cov(points.T))
    width, height = 2 * np.sqrt(np.maximum(spread, 0))
    angle = float(np.degrees(np.arctan2(axes[1, 0], axes[0, 0])))
    x, y = (float(v) for v in centre)
    return Ellipse((x, y), float(width), float(height), angle=angle, fill=False, ec=colour, lw=1.4, zorder=3)
