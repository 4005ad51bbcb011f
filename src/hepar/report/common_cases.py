"""How many cases a figure of several tests is about, and how many of them had the outcome."""

from collections.abc import Sequence

import pandas as pd

from ..data.predictions import Predictions
from .numbers import count


def common_cases(predictions: Predictions | None, points: pd.DataFrame, *, tests: Sequence[str]) -> str:
    """Number of the cases that all `tests` judged, and of events by the horizon of `points`, in words.

    Events are counted only where the predictions hold just as many common cases as the curve says it is drawn from.
    """
    n = points["n"].max()
    if not n > 0:
        return "cases"
    cases = count(int(n), "case")
    if predictions is None or not tests:
        return cases
    horizon_y = _horizon_y(str(points["group"].iloc[0]))
    found = predictions.paired(tests, role=str(points["role"].iloc[0]), horizon_y=horizon_y)
    return f"{cases} ({count(_events(found, horizon_y), 'event')})" if len(found) == n else cases


def _events(cases: pd.DataFrame, horizon_y: float | None) -> int:
    if horizon_y is None:
        return int((cases["positive"] > 0.5).sum())
    return int(((cases["status"] == 1) & (cases["time_y"] <= horizon_y)).sum())


def _horizon_y(group: str) -> float | None:
    found = [part for part in group.split("; ") if part.startswith("horizon_y=")]
    return float(found[0].partition("=")[2]) if found else None
