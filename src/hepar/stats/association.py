"""Whether two categories are related: chi-square by its distribution or by dealing labels, and how strongly."""

import numpy as np
from scipy.stats import chi2, random_table

from .arrays import Labels
from .estimate import Estimate, StatisticError
from .permutation import permutation_p

LEAST_EXPECTED = 5.0
"""Expected count in every cell from which the chi-square distribution is trusted (Cochran 1954)."""


def cramers_v(first: Labels, second: Labels, *, seed: int, draws: int = 9_999) -> Estimate:
    """Cramér's V of two categories, with the p of Pearson's chi-square for independence.

    V = sqrt(chi2 / (n min(r - 1, c - 1))), 0 to 1 (Cramér 1946). p is that of the distribution where every expected
    count is 5 or more, else of `draws` random tables with the margins found (Patefield 1981). No interval is given. The
    observations must be independent: one per participant.

    Fails where lengths differ or a category has a single level.
    """
    rows, columns = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (first, second))
    if rows.shape != columns.shape or not rows.size or not rows.any() or not columns.any():
        raise StatisticError(
            f"{rows.size} and {columns.size} labels; give one each, with two or more levels in both"
        )
    table = np.zeros((int(rows.max()) + 1, int(columns.max()) + 1), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    margins = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(*margins) / rows.size
    found = float(((table - expected) ** 2 / expected).sum())
    if expected.min() >= LEAST_EXPECTED:
        p = float(chi2.sf(found, (table.shape[0] - 1) * (table.shape[1] - 1)))
        how = "chi-square"
    else:
        tables = random_table(*margins, seed=np.random.default_rng(seed)).rvs(size=draws)
        p = permutation_p(
            found, ((tables - expected) ** 2 / expected).sum(axis=(1, 2)), alternative="greater"
        )
        how = f"chi-square of {draws} random tables with these margins"
    value = float(np.sqrt(found / (rows.size * (min(table.shape) - 1))))
    return Estimate(value, np.nan, np.nan, rows.size, how, p=p)
