"""Whether a reference correlates better with one measurement than with another of the same subjects.

The two correlations share the reference, so they depend on one another. Tests and intervals take the observations
as independent: several units a participant need a bootstrap of participants. Zou 2007 is Psychol Methods 12:399.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import ndtr

from .agreement import correlation, fisher_limits, paired
from .arrays import Numbers
from .estimate import Estimate, StatisticError, normal_quantile

PERFECT = 1e-12
"""How near to -1 or 1 a correlation is perfect."""


@dataclass(frozen=True, slots=True)
class Overlapping:
    """r(reference, first), r(reference, second) and r(first, second) of `n` subjects.

    Fails with fewer than four subjects, a perfect correlation, or three correlations that no data can have.
    """

    first: float
    second: float
    between: float
    n: int

    def __post_init__(self) -> None:
        if self.n < 4:
            raise StatisticError(f"{self.n} subjects are too few; at least 4 are needed")
        three = (self.first, self.second, self.between)
        if not all(abs(r) < 1 - PERFECT for r in three):
            shown = ", ".join(f"{r:.6g}" for r in three)
            raise StatisticError(f"two of the three measurements are perfectly correlated ({shown})")
        if self.determinant < -PERFECT:
            shown = ", ".join(f"{r:.6g}" for r in three)
            raise StatisticError(f"no three measurements can have the correlations {shown} at once")

    @property
    def determinant(self) -> float:
        """That of the correlation matrix of the three."""
        a, b, c = self.first, self.second, self.between
        return 1 - a**2 - b**2 - c**2 + 2 * a * b * c

    @property
    def fisher_difference(self) -> float:
        """atanh(first) - atanh(second)."""
        return float(np.arctanh(self.first) - np.arctanh(self.second))

    @property
    def joint(self) -> float:
        """Correlation of the two correlations (Steiger 1980; Zou 2007)."""
        a, b, c = self.first, self.second, self.between
        return ((c - a * b / 2) * (1 - a**2 - b**2 - c**2) + c**3) / ((1 - a**2) * (1 - b**2))


@dataclass(frozen=True, slots=True)
class Tested:
    """A test statistic, positive where the first correlation is the larger, and its two-sided p."""

    statistic: float
    p: float


def williams(found: Overlapping) -> Tested:
    """Williams' t on n - 3 (Williams 1959; recommended by Steiger 1980, eq. 7), for normal data."""
    a, b, c, n = found.first, found.second, found.between, found.n
    scale = 2 * found.determinant * (n - 1) / (n - 3) + ((a + b) / 2) ** 2 * (1 - c) ** 3
    t = float((a - b) * np.sqrt((n - 1) * (1 + c) / scale))
    return Tested(t, 2 * float(stats.t.sf(abs(t), n - 3)))


def steiger(found: Overlapping, *, spread: float = 1.0) -> Tested:
    """Steiger's Z: Fisher's transforms, covariance at the mean correlation (Steiger 1980).

    `spread` multiplies the variance 1 / (n - 3) of a transform: 1 for Pearson's, 1 + r^2 / 2 for Spearman's
    correlation (Bonett & Wright 2000).
    """
    r2, c = ((found.first + found.second) / 2) ** 2, found.between
    covariance = (c * (1 - 2 * r2) - r2 * (1 - 2 * r2 - c**2) / 2) / (1 - r2) ** 2
    variance = 2 * spread * (1 - covariance) / (found.n - 3)
    return _normal(found.fisher_difference, float(np.sqrt(variance)))


def meng(found: Overlapping, *, level: float = 0.95) -> tuple[Tested, tuple[float, float]]:
    """Z of Meng, Rosenthal & Rubin (1992, Psychol Bull 111:172) and interval of the Fisher transforms' difference."""
    r2 = (found.first**2 + found.second**2) / 2
    f = min(1.0, (1 - found.between) / (2 * (1 - r2)))
    h = (1 - f * r2) / (1 - r2)
    se = float(np.sqrt(2 * (1 - found.between) * h / (found.n - 3)))
    middle, half = found.fisher_difference, normal_quantile(level) * se
    return _normal(middle, se), (middle - half, middle + half)


def zou_interval(found: Overlapping, *, level: float = 0.95, ranks: bool = False) -> tuple[float, float]:
    """Interval of first - second from the two Fisher intervals and their correlation (Zou 2007).

    With `ranks` the Fisher intervals are those of Spearman's correlation (Bonett & Wright 2000).
    """
    (low_a, high_a), (low_b, high_b) = (
        fisher_limits(r, float(np.sqrt((1 + ranks * r**2 / 2) / (found.n - 3))), level)
        for r in (found.first, found.second)
    )
    a, b, joint = found.first, found.second, found.joint
    below = _mover(a - low_a, high_b - b, joint)
    above = _mover(high_a - a, b - low_b, joint)
    return a - b - below, a - b + above


def correlation_difference(
    reference: Numbers, first: Numbers, second: Numbers, *, level: float = 0.95
) -> Estimate:
    """r(reference, first) - r(reference, second) in the same subjects: `p` by `williams`, interval by Zou (2007).

    `se` is the interval's half-width over the normal quantile.
    """
    found = _overlapping(reference=reference, first=first, second=second)
    method = "difference of dependent correlations, Williams t, Zou interval"
    return _estimate(found, williams(found).p, zou_interval(found, level=level), level=level, method=method)


def spearman_difference(
    reference: Numbers, first: Numbers, second: Numbers, *, level: float = 0.95
) -> Estimate:
    """The same for Spearman's rank correlation, ties sharing their mean rank.

    `p` by `steiger` and the interval by Zou (2007) on the ranks, both with the variance of Bonett & Wright (2000) at
    the mean correlation. An approximation, close to nominal for monotone relations of normal data.
    """
    ranks = {
        name: stats.rankdata(values)
        for name, values in zip(
            ("reference", "first", "second"),
            paired(reference=reference, first=first, second=second),
            strict=True,
        )
    }
    found = _overlapping(**ranks)
    spread = 1 + ((found.first + found.second) / 2) ** 2 / 2
    limits = zou_interval(found, level=level, ranks=True)
    method = "difference of dependent rank correlations, Steiger Z, Zou interval with Bonett-Wright variance"
    return _estimate(found, steiger(found, spread=spread).p, limits, level=level, method=method)


def _overlapping(**named: np.ndarray) -> Overlapping:
    x, y, z = paired(**named)
    return Overlapping(correlation(x, y), correlation(x, z), correlation(y, z), x.size)


def _estimate(
    found: Overlapping, p: float, limits: tuple[float, float], *, level: float, method: str
) -> Estimate:
    se = (limits[1] - limits[0]) / (2 * normal_quantile(level))
    return Estimate(found.first - found.second, *limits, found.n, method, p, se=se)


def _normal(difference: float, se: float) -> Tested:
    return Tested(difference / se, float(2 * ndtr(-abs(difference) / se)))


def _mover(first: float, second: float, joint: float) -> float:
    return float(np.sqrt(first**2 + second**2 - 2 * joint * first * second))
