"""A statistic on the rows of one test: refusals become rows, participants with several units are kept whole."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ..stats.concordance import harrell_c
from ..stats.discrimination import auc, auc_clustered, auc_difference, auc_difference_clustered
from ..stats.estimate import Estimate, StatisticError
from ..stats.resampling import StatisticOfWeights, bootstrap_difference

NAN = float("nan")
Statistic = Callable[..., Estimate]


def attempt(statistic: Callable[[], Estimate], *, n: int) -> Estimate:
    """What `statistic` gives; where these data do not define it, NaN with the reason in `method`."""
    try:
        return statistic()
    except StatisticError as error:
        return undefined(str(error), n=n)


def attempt_all(
    statistics: Callable[[], Mapping[str, Estimate]], *, names: tuple[str, ...], n: int
) -> Mapping[str, Estimate]:
    """The estimates of `names`; all of them NaN with one reason where the data define none."""
    try:
        found = statistics()
    except StatisticError as error:
        return {name: undefined(str(error), n=n) for name in names}
    return {name: found[name] for name in names}


def undefined(why: str, *, n: int) -> Estimate:
    """NaN, with the reason."""
    return Estimate(NAN, NAN, NAN, n, f"not defined: {why}")


def several_units(rows: pd.DataFrame) -> bool:
    """Whether some participant has more than one row, so that rows are not independent."""
    return bool(rows["participant_id"].duplicated().any())


def on_units(
    statistic: Statistic,
    *columns: np.ndarray,
    rows: pd.DataFrame,
    draws: int,
    seed: int,
    null: float | None = None,
) -> Estimate:
    """`statistic(*columns)`; its interval from a bootstrap of whole participants where they have several rows.

    The bootstrap calls the statistic itself on the rows drawn; its `p` is that of the value `null`, NaN without one.
    """
    n = len(rows)
    plain = attempt(lambda: statistic(*columns), n=n)
    if not several_units(rows) or plain.value != plain.value:
        return plain
    centre = null or 0.0
    fixed = _of_weights(lambda *_: Estimate(centre, NAN, NAN, n, ""), columns)
    cluster = rows["participant_id"].to_numpy()
    drawn = attempt(
        lambda: bootstrap_difference(_of_weights(statistic, columns), fixed, cluster, draws=draws, seed=seed),
        n=n,
    )
    return replace(
        plain,
        low=drawn.low + centre,
        high=drawn.high + centre,
        se=drawn.se,
        p=NAN if null is None else drawn.p,
        method=f"{plain.method}; {drawn.method}",
    )


def _of_weights(statistic: Statistic, columns: tuple[np.ndarray, ...]) -> StatisticOfWeights:
    """`statistic` as a function of how often each row was drawn, (draws, n) -> (draws,)."""

    def values(weights: np.ndarray) -> np.ndarray:
        places = (np.repeat(np.arange(row.size), row) for row in weights)
        return np.array([_value(statistic, [column[at] for column in columns]) for at in places])

    return values


def _value(statistic: Statistic, columns: list[np.ndarray]) -> float:
    try:
        return statistic(*columns).value
    except StatisticError:
        return NAN


def positives(rows: pd.DataFrame) -> np.ndarray:
    """Boolean outcome of binary and graded rows."""
    return rows["positive"].to_numpy(dtype=float) > 0.5


def numbers(rows: pd.DataFrame, column: str) -> np.ndarray:
    """A column as floats."""
    return rows[column].to_numpy(dtype=float)


def logarithm(values: np.ndarray, *, what: str) -> np.ndarray:
    """Natural logarithms of `values`, which are `what`; refuses values of 0 or less."""
    if np.any(values <= 0):
        raise StatisticError(f"{what} holds values of 0 or less, which have no logarithm")
    return np.asarray(np.log(values))


def follow_up(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Time in years and status (0 censored, 1 event, 2 competing event)."""
    return numbers(rows, "time_y"), rows["status"].to_numpy(dtype=int)


def with_probability(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that hold a probability; none where the test gives only scores."""
    return rows[rows["probability"].notna()]


def auc_on(rows: pd.DataFrame, *, column: str = "score", positive: np.ndarray | None = None) -> Estimate:
    """AUC by DeLong, or by Obuchowski's clustered variance where participants have several rows."""
    truth, score = positives(rows) if positive is None else positive, numbers(rows, column)
    if several_units(rows):
        return attempt(lambda: auc_clustered(truth, score, rows["participant_id"].to_numpy()), n=len(rows))
    return attempt(lambda: auc(truth, score), n=len(rows))


def auc_difference_on(rows: pd.DataFrame, *, first: str, second: str) -> Estimate:
    """AUC of column `first` minus AUC of column `second`, paired; clustered where participants have several rows."""
    truth, one, two = positives(rows), numbers(rows, first), numbers(rows, second)
    if several_units(rows):
        cluster = rows["participant_id"].to_numpy()
        return attempt(lambda: auc_difference_clustered(truth, one, two, cluster=cluster), n=len(rows))
    return attempt(lambda: auc_difference(truth, one, two), n=len(rows))


def discrimination_on(rows: pd.DataFrame, *, draws: int, seed: int) -> Estimate:
    """AUC, or Harrell's C where the rows hold follow-up."""
    if "status" not in rows:
        return auc_on(rows)
    return on_units(harrell_c, *follow_up(rows), numbers(rows, "score"), rows=rows, draws=draws, seed=seed)
