"""Whether one test is no worse than another by more than a margin stated beforehand."""

from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtr

from .estimate import Estimate, StatisticError

Verdict = Literal["non-inferior", "inconclusive", "inferior"]


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """The verdict at `margin` on `difference` (new test - other test), and the one-sided p of "worse by the margin".

    `superior` says that the interval lies above 0, `worse` that it lies below 0: a test may be worse and non-inferior
    at once, where the whole interval lies between -margin and 0.
    """

    verdict: Verdict
    difference: Estimate
    margin: float
    p: float

    @property
    def superior(self) -> bool:
        """The whole interval lies above 0."""
        return self.difference.low > 0

    @property
    def worse(self) -> bool:
        """The whole interval lies below 0."""
        return self.difference.high < 0


def noninferiority(difference: Estimate, *, margin: float) -> NonInferiority:
    """The verdict from a two-sided 95 % interval, whose lower limit is the one-sided 97.5 % bound.

    Non-inferior where the lower limit is above -margin, inferior where the upper limit is below -margin, otherwise
    inconclusive (Piaggio et al. 2012, JAMA 308:2594). `p` is Phi(-(difference + margin) / se), NaN without `se`.

    Raises:
        StatisticError: for a margin that is not positive, or an estimate without interval.

    >>> noninferiority(Estimate(0.0, -0.04, 0.04, 200, "", se=0.0204), margin=0.05).verdict
    'non-inferior'
    """
    if not margin > 0:
        raise StatisticError(
            f"margin is {margin}; it must be above 0, the largest loss that would be accepted"
        )
    low, high = difference.low, difference.high
    if low != low or high != high:
        raise StatisticError(f"the difference has no interval ({difference.method}), so no margin can be met")
    verdict: Verdict = "non-inferior" if low > -margin else "inferior" if high < -margin else "inconclusive"
    se = difference.se
    p = float(ndtr(-(difference.value + margin) / se)) if se > 0 else float("nan")
    return NonInferiority(verdict, difference, margin, p)
