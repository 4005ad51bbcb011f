"""How far lines of ultrasound agree: draws of blocks of neighbouring lines, and the interval they give."""

from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FAINT = 0.1
"""Correlation of two lines below which they are taken as independent."""
BLOCK = 2.0
"""Lines of a block over the number of lines that tell as much as one independent line."""
LEAST_BLOCKS = 6


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

    `alike` is the number of neighbouring lines that tell as much as one independent line.
    """

    weights: Floats
    alike: float

    @property
    def independent(self) -> float:
        """Number of independent lines."""
        return float(self.weights.shape[1] / self.alike)


def line_draws(power: NDArray[np.float32], *, draws: int, rng: np.random.Generator) -> Draws:
    """Circular blocks of lines drawn with replacement (Politis, Romano 1992), long enough for their correlation.

    `power` (w, lines, n) holds what fluctuates from line to line; its correlation between lines decides on the
    length of a block.
    """
    lines = power.shape[1]
    alike = _alike(power)
    block = int(np.clip(round(BLOCK * alike), 1, max(lines // LEAST_BLOCKS, 1)))
    starts = rng.integers(0, lines, size=(draws, -(-lines // block)))
    found = ((starts[..., None] + np.arange(block)) % lines).reshape(draws, -1)[:, :lines]
    flat = (found + lines * np.arange(draws)[:, None]).ravel()
    drawn = np.bincount(flat, minlength=draws * lines).reshape(draws, lines)
    return Draws(np.concatenate((np.ones((1, lines)), drawn)), alike)


def _alike(power: NDArray[np.float32]) -> float:
    """One plus twice the sum of the correlations of lines ever further apart, until they are faint."""
    lines = power.shape[1]
    centred = power / np.maximum(power.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny) - 1
    whole = float((centred**2).mean())
    total = 1.0
    for lag in range(1, lines // 4):
        share = float((centred[:, lag:] * centred[:, :-lag]).mean()) / max(whole, 1e-30)
        if share < FAINT:
            break
        total += 2 * share
    return total


def estimate(drawn: Floats, *, independent: float) -> Estimate:
    """Of `drawn` (1 + draws,), the first of which is the value; t interval with the standard deviation of the draws.

    Student's t with one degree of freedom less than there are `independent` lines, because few lines estimate their
    own scatter poorly.
    """
    error = float(drawn[1:].std(ddof=1))
    freedom = max(independent - 1, 1)
    error *= float(np.sqrt((freedom + 1) / freedom))
    reach = float(scipy.stats.t.ppf(0.975, freedom)) * error
    value = float(drawn[0])
    return Estimate(value, value - reach, value + reach, error)
