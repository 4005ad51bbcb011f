"""How far lines of ultrasound agree: draws of blocks of neighbouring lines, and the interval they give."""

from dataclasses import dataclass

import numpy as np
import scipy.special
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FAINT = 0.1
"""Correlation of two lines below which they are taken as independent."""
BLOCK = 2.0
"""Lines of a block over the number of lines that tell as much as one independent line."""
LEAST_BLOCKS = 6
"""Blocks that the lines are cut into, at least; and lines that an interval needs."""
ROUNDS = 8
SAME = 1e-10
"""Relative variance of power from line to line below which all lines are one and the same."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its 95 % interval `low` to `high`, and its standard error; all in the unit of its name."""

    value: float
    low: float
    high: float
    standard_error: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Draws:
    """Weights (1 + draws, lines) of lines: the first row all ones, the others resampled blocks.

    `alike` is the number of neighbouring lines that tell as much as one independent line. `missed` is by how much the
    standard deviation of the draws is too small, because few lines leave no room for blocks long enough.
    """

    weights: Floats
    alike: float
    missed: float = 1.0

    @property
    def independent(self) -> float:
        """Number of independent lines."""
        return float(self.weights.shape[1] / self.alike)


def too_few(lines: int) -> str:
    """Why so many lines have no interval; empty where they are enough."""
    if lines >= LEAST_BLOCKS:
        return ""
    return (
        f"the region has {lines} line{'' if lines == 1 else 's'}; speckle differs from line to line, and an interval"
        f" needs {LEAST_BLOCKS} or more"
    )


def line_draws(power: NDArray[np.float32], *, draws: int, rng: np.random.Generator) -> Draws:
    """Circular blocks of lines drawn with replacement (Politis, Romano 1992), long enough for their correlation.

    `power` (w, lines, n) holds what fluctuates from line to line; its correlation between lines decides on the
    length of a block.
    """
    lines = power.shape[1]
    shared = _shared(power)
    alike = _alike(shared, lines)
    block = int(np.clip(round(BLOCK * alike), 1, max(lines // LEAST_BLOCKS, 1)))
    starts = rng.integers(0, lines, size=(draws, -(-lines // block)))
    found = ((starts[..., None] + np.arange(block)) % lines).reshape(draws, -1)[:, :lines]
    flat = (found + lines * np.arange(draws)[:, None]).ravel()
    drawn = np.bincount(flat, minlength=draws * lines).reshape(draws, lines)
    missed = max(alike / _alike(shared, block), 1.0)
    return Draws(np.concatenate((np.ones((1, lines)), drawn)), alike, float(np.sqrt(missed)))


def estimate(values: Floats, drawn: Draws) -> Estimate:
    """Of `values` (1 + draws,), the first of which is the value; t interval with the standard deviation of the draws.

    Student's t with one degree of freedom less than there are independent lines, because few lines estimate their
    own scatter poorly.
    """
    freedom = max(drawn.independent - 1, 1)
    error = float(values[1:].std(ddof=1)) * drawn.missed * float(np.sqrt((freedom + 1) / freedom))
    reach = float(scipy.special.stdtrit(freedom, 0.975)) * error
    value = float(values[0])
    return Estimate(value, value - reach, value + reach, error)


def _shared(power: NDArray[np.float32]) -> Floats:
    """Correlation of lines 1, 2 ... apart, until it is faint.

    Taken about the mean of the lines themselves, whose variance is lost to every product: that of `_alike` lines in
    all of them. It is given back, which needs the correlations; a few rounds settle.
    """
    lines = power.shape[1]
    centred = power / np.maximum(power.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny) - 1
    by_line = np.moveaxis(centred, 1, 0).reshape(lines, -1)
    products = by_line @ by_line.T / by_line.shape[1]
    found = [float(np.diagonal(products, lag).mean()) for lag in range(max(lines // 2, 1))]
    if found[0] < SAME:
        return np.ones(lines - 1)
    shared = np.zeros(0)
    for _ in range(ROUNDS):
        lost = min(_alike(shared, lines) / lines, 0.5)
        lost *= found[0] / (1 - lost)
        corrected = (np.array(found[1:]) + lost) / (found[0] + lost)
        faint = np.flatnonzero(corrected < FAINT)
        shared = corrected[: faint[0]] if faint.size else corrected
    return shared


def _alike(shared: Floats, count: int) -> float:
    """By how much correlations `shared` of neighbours 1, 2 ... apart raise the variance of the mean of `count`."""
    lag = np.arange(1, min(shared.size, count - 1) + 1)
    return float(1 + 2 * ((1 - lag / count) * shared[: lag.size]).sum())
