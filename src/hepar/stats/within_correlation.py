"""Pearson's correlation within strata, such as the folds of a cross-validation, each of which has its own model.

Every column is taken from its mean in the stratum: the partial correlation given the stratum, which costs a degree of
freedom for every stratum but one (Fisher 1924, Metron 3:329). A model that knows nothing predicts the mean of its
training cases, which is the lower the higher that of the held-out cases is: over all folds its correlation is negative.
"""

import numpy as np
from scipy import stats

from .agreement import correlation, fisher_limits, paired
from .arrays import FloatArray, Labels, Numbers
from .dependent_correlation import Overlapping, williams, zou_interval
from .estimate import Estimate, StatisticError, normal_quantile

FEWEST_LEFT = 4
"""Cases less strata but one, below which Fisher's z has no standard error."""
NOTHING = 1e-12
"""Share of a column's size below which what is left within strata is rounding."""


def pearson_within(reference: Numbers, score: Numbers, stratum: Labels, *, level: float = 0.95) -> Estimate:
    """Partial correlation given the stratum; Fisher's z on n - (strata - 1), `p` by t. With one stratum: `pearson`."""
    (one, two), strata = _centred(stratum, reference=reference, score=score)
    r, left = correlation(one, two), one.size - strata + 1
    se = float(np.sqrt(1 / (left - 3)))
    low, high = fisher_limits(r, se, level)
    flat = abs(r) == 1
    p = 0.0 if flat else 2 * float(stats.t.sf(abs(r) / np.sqrt((1 - r**2) / (left - 2)), left - 2))
    method = f"Pearson correlation within {strata} strata, Fisher z"
    return Estimate(r, low, high, one.size, method, p, se=(1 - r**2) * se)


def correlation_difference_within(
    reference: Numbers, first: Numbers, second: Numbers, *, stratum: Labels, level: float = 0.95
) -> Estimate:
    """`correlation_difference` of the partial correlations given the stratum, on n - (strata - 1)."""
    (x, y, z), strata = _centred(stratum, reference=reference, first=first, second=second)
    found = Overlapping(correlation(x, y), correlation(x, z), correlation(y, z), x.size - strata + 1)
    low, high = zou_interval(found, level=level)
    se = (high - low) / (2 * normal_quantile(level))
    method = f"difference of dependent correlations within {strata} strata, Williams t, Zou interval"
    return Estimate(found.first - found.second, low, high, x.size, method, williams(found).p, se=se)


def _centred(stratum: Labels, **named: np.ndarray) -> tuple[list[FloatArray], int]:
    """The columns less their means in each stratum, and how many strata there are."""
    columns = paired(**named)
    labels = np.asarray(stratum)
    if labels.shape != columns[0].shape:
        raise StatisticError(
            f"stratum has shape {labels.shape} for {columns[0].size} cases; give one label per case"
        )
    index = np.unique(labels, return_inverse=True)[1]
    size = np.bincount(index)
    if index.size - size.size + 1 < FEWEST_LEFT:
        raise StatisticError(f"{index.size} cases in {size.size} strata are too few")
    centred = [column - (np.bincount(index, weights=column) / size)[index] for column in columns]
    for name, column, own in zip(named, columns, centred, strict=True):
        if np.linalg.norm(own) <= NOTHING * np.linalg.norm(column):
            raise StatisticError(f"{name} is the same in all cases of each stratum")
    return centred, int(size.size)
