"""Effects of a batch on many features, shrunk towards one another: the empirical Bayes of ComBat.

Johnson, Li & Rabinovic (2007). Everything is in units of the pooled residual standard deviation: `shift` is what a
batch adds, `scale` what it multiplies the variance by. A batch enters by its count, mean and sum of squares alone.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .arrays import CountArray, FloatArray
from .estimate import StatisticError

PerFeature = Float[FloatArray, " features"]
Effects = tuple[PerFeature, PerFeature]
"""Shift and scale of each feature."""

CONVERGED = 1e-10
"""Largest change of an effect in the last step; neuroCombat stops at a relative change of 1e-4."""

MOST_STEPS = 10_000

BLOCK = 256
"""Features weighed against all others at once by `nonparametric_effects`: bounds its memory."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and sum of squares about the mean of each standardised feature in one batch; NaN left out."""

    count: FloatArray
    mean: FloatArray
    squares: FloatArray

    @property
    def scale(self) -> FloatArray:
        """Variance with denominator n - 1."""
        return np.asarray(self.squares / np.maximum(self.count - 1, 1))


@dataclass(frozen=True, slots=True)
class Prior:
    """Normal prior of the shifts, inverse gamma prior of the scales, by their means and variances over features."""

    shift_mean: float
    shift_variance: float
    scale_mean: float
    scale_variance: float


def moments_of(rows: FloatArray) -> Moments:
    """The moments of `rows` (cases, features); the mean of a feature without any value is 0."""
    seen = np.isfinite(rows)
    count = seen.sum(axis=0).astype(float)
    mean = np.where(seen, rows, 0.0).sum(axis=0) / np.maximum(count, 1)
    return Moments(count, mean, np.where(seen, (rows - mean) ** 2, 0.0).sum(axis=0))


def prior_of(shift: FloatArray, scale: FloatArray) -> Prior:
    """The prior of one batch from the raw effects (features,) that it has."""
    return Prior(*(float(v) for v in (shift.mean(), shift.var(ddof=1), scale.mean(), scale.var(ddof=1))))


def prior_of_new_batch(shift: FloatArray, scale: FloatArray) -> Prior:
    """The prior of a batch not seen yet from the raw effects (batches, features) of those seen.

    Its variances are those within the batches plus those between their means.
    """
    centre, spread = shift.mean(axis=1), scale.mean(axis=1)
    return Prior(
        float(centre.mean()),
        float(shift.var(axis=1, ddof=1).mean() + centre.var()),
        float(spread.mean()),
        float(scale.var(axis=1, ddof=1).mean() + spread.var()),
    )


def parametric_effects(batch: Moments, prior: Prior) -> Effects:
    """Posterior means of shift and scale, each given the other, iterated until neither changes.

    shift = (n t m + d s) / (n t + d) and d = (sum of squares about the shift / 2 + b) / (n / 2 + a - 1), where m is the
    batch's mean, s and t the prior mean and variance of the shift, and a, b the inverse gamma of the same mean and
    variance as the raw scales. Written without a and b, which are infinite where all scales are equal.
    """
    n, t, mean, spread = batch.count, prior.shift_variance, prior.scale_mean, prior.scale_variance
    shift, scale = batch.mean, np.full(batch.mean.shape, mean)
    for _ in range(MOST_STEPS):
        new_shift = (n * t * batch.mean + scale * prior.shift_mean) / (n * t + scale)
        squares = batch.squares + n * (batch.mean - new_shift) ** 2
        new_scale = (spread * (squares / 2 + mean) + mean**3) / (spread * (n / 2 + 1) + mean**2)
        change = max(np.abs(new_shift - shift).max(), np.abs(new_scale - scale).max())
        shift, scale = new_shift, new_scale
        if change < CONVERGED:
            return shift, scale
    raise StatisticError(
        f"the effects of a batch still change by {change:.2g} after {MOST_STEPS} steps; use parametric=False"
    )


def parametric_shift(batch: Moments, prior: Prior) -> Effects:
    """Shift alone, every scale 1. As in sva and neuroCombat the batch counts as one observation, however large."""
    t = prior.shift_variance
    return (t * batch.mean + prior.shift_mean) / (t + 1), np.ones(batch.mean.shape)


def nonparametric_effects(batch: Moments, shift: FloatArray, scale: FloatArray, *, own: bool) -> Effects:
    """Means of the raw effects `shift` and `scale` of other features, weighted by how well they fit each feature.

    The prior is the raw effects themselves; the weight is the normal likelihood. With `own` they are those of the same
    features in this batch, and each leaves itself out: it takes hundreds of features, because an effect that no other
    shares is replaced by the nearest one. Likelihoods are compared on the log scale: multiplied out, as in neuroCombat,
    they vanish in batches of several hundred cases and the effects become 0/0.
    """
    found = [
        _weighted(batch, shift, scale, rows=np.arange(start, min(start + BLOCK, batch.mean.size)), own=own)
        for start in range(0, batch.mean.size, BLOCK)
    ]
    return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])


def _weighted(
    batch: Moments, shift: FloatArray, scale: FloatArray, *, rows: CountArray, own: bool
) -> Effects:
    n, mean, squares = (part[rows, None] for part in (batch.count, batch.mean, batch.squares))
    fit = -n / 2 * np.log(2 * np.pi * scale) - (squares + n * (mean - shift) ** 2) / (2 * scale)
    if own:
        fit[np.arange(rows.size), rows] = -np.inf
    weight = np.exp(fit - fit.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return weight @ shift, weight @ scale
