"""Which tests are held against which, and what testing several pairs does to p."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..data.predictions import Predictions
from ..stats.estimate import Estimate
from ..stats.multiplicity import holm
from .base import row

Pairs = tuple[tuple[str, str], ...]


def pairs_of(predictions: Predictions, pairs: Pairs) -> Pairs:
    """`pairs`, or when empty the primary index test against every other test."""
    if pairs:
        for name in (name for pair in pairs for name in pair):
            predictions.test(name)  # refuses a name that no test has
        return pairs
    primary = predictions.index_tests()[:1]
    return tuple(
        (test.name, other.name) for test in primary for other in predictions.tests if other.name != test.name
    )


def holm_rows(
    estimates: Sequence[tuple[str, str, Estimate]], *, quantity: str, **place: Any
) -> list[dict[str, Any]]:
    """One row a pair `(test, versus, difference)` with p adjusted over the pairs."""
    adjusted = holm_adjusted([estimate for _, _, estimate in estimates], what="comparisons")
    return [
        row(estimate, quantity=f"{quantity}, Holm", test=test, versus=versus, **place)
        for (test, versus, _), estimate in zip(estimates, adjusted, strict=True)
    ]


def holm_adjusted(estimates: Sequence[Estimate], *, what: str) -> list[Estimate]:
    """The same with p adjusted by Holm over all of them (`what` they are); intervals are not adjusted, so not kept.

    An estimate without p is not counted, and keeps the reason in `method`.
    """
    adjusted = holm(np.array([estimate.p for estimate in estimates]))
    family = int(np.isfinite(adjusted).sum())
    method = f"p adjusted by Holm over {family} {what.removesuffix('s') if family == 1 else what}"
    gone = float("nan")
    return [
        replace(estimate, low=gone, high=gone, p=float(p), method=method if p == p else estimate.method)
        for estimate, p in zip(estimates, adjusted, strict=True)
    ]
