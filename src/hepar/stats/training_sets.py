"""A paired difference of cross-validated tests as that of two ways of training, not of the models at hand.

The variance of cases alone takes the fitted models as given. Models trained on other cases would differ, and parts
share most of what they learnt from, so that nothing in one cross-validation shows by how much (Bengio & Grandvalet
2004, J Mach Learn Res 5:1089). Nadeau & Bengio (2003, Mach Learn 52:239) add the ratio of held-out to training cases.
"""

from dataclasses import replace
from math import sqrt

from scipy.special import ndtr

from .estimate import Estimate, StatisticError


def over_training_sets(difference: Estimate, *, parts: int) -> Estimate:
    """`difference` with the variance times 1 + parts / (parts - 1), its interval widened alike, `p` by the normal.

    The mean over `parts` of variance s^2 has s^2 / parts by the cases; with the ratio 1 / (parts - 1) of held-out to
    training cases it is s^2 (1 / parts + 1 / (parts - 1)). A rule of thumb: nearly right where the models change much
    with their training cases, too wide where they do not.

    >>> round(over_training_sets(Estimate(0.1, 0.0, 0.2, 90, "", se=0.05), parts=5).se, 3)
    0.075
    """
    if parts < 2:
        raise StatisticError(f"{parts} part is no cross-validation; at least 2 are needed")
    factor = sqrt(1 + parts / (parts - 1))
    value, se = difference.value, difference.se * factor
    return replace(
        difference,
        low=value - factor * (value - difference.low),
        high=value + factor * (difference.high - value),
        p=float(2 * ndtr(-abs(value) / se)) if se > 0 else float("nan"),
        se=se,
        method=f"{difference.method}, wider by {factor:.3g} for other training sets (Nadeau & Bengio 2003)",
    )
