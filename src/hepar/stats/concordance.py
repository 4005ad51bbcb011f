"""Concordance of a risk score with a time to event: Harrell's C, Uno's C, paired differences, case weights.

A pair (i, j) is comparable when i has the event of interest and j is known to have it later: followed longer, or
censored at the same time. Participants with a competing event never have the event of interest, so they stay
comparable with every event (Wolbers and others 2009). Equal risks count one half; two events at one time are not
compared. C = (concordant + ties / 2) / comparable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from .arrays import CaseWeights, DrawFloats, Floats, Labels, Numbers
from .estimate import Estimate, StatisticError, normal_quantile
from .followup import CENSORED, COMPETING, EVENT, as_score, as_status, as_time, require_event
from .ipcw import censoring_survival, inverse

_BLOCK_CELLS = 2_000_000
"""Pairs held in memory at once."""


def harrell_c(time: Numbers, status: Labels, risk: Numbers, *, level: float = 0.95) -> Estimate:
    """Harrell's C (Harrell 1982, 1996), with competing events after Wolbers (2009).

    Standard error by the infinitesimal jackknife, as R's `survival::concordance`; Wald interval cut to [0, 1].
    """
    outcome = _outcome(time, status, tau=None)
    return _estimate(outcome, risk, method="Harrell's C", level=level)


def uno_c(time: Numbers, status: Labels, risk: Numbers, *, tau: float, level: float = 0.95) -> Estimate:
    """Uno's C: events up to `tau`, pairs weighted by the inverse probability of being uncensored.

    A pair with a longer-followed participant weighs G(t_i-)^-2 (Uno 2011), one with a competing event at t_j <= t_i
    G(t_i-)^-1 G(t_j-)^-1 (Wolbers 2014). The standard error is R's `concordance(timewt = "n/G2")`: it takes G as known.
    """
    outcome = _outcome(time, status, tau=tau)
    return _estimate(outcome, risk, method=f"Uno's C to {tau:g}", level=level)


def c_difference(
    time: Numbers,
    status: Labels,
    *,
    first: Numbers,
    second: Numbers,
    tau: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """C of `first` minus C of `second` on the same participants, from the difference of their influence functions.

    Harrell's C, or Uno's up to `tau` where that is given; as R's
    `concordance` of two models (Therneau and Watson 2015).
    """
    outcome = _outcome(time, status, tau=tau)
    n = outcome.time.size
    one, influence_one = _influence(outcome, as_score(first, n, name="first"))
    two, influence_two = _influence(outcome, as_score(second, n, name="second"))
    value, se = one - two, float(np.linalg.norm(influence_one - influence_two))
    width = normal_quantile(level) * se
    kind = "Harrell's C" if tau is None else f"Uno's C to {tau:g}"
    method = f"difference in {kind}, paired infinitesimal jackknife, Wald {level:.0%} interval"
    p = erfc(abs(value) / se / sqrt(2)) if se > 0 else float("nan")
    return Estimate(value, value - width, value + width, n, method, p=p, events=outcome.rows.size, se=se)


def c_weighted(
    time: Numbers, status: Labels, risk: Numbers, *, weights: CaseWeights, tau: float | None = None
) -> DrawFloats:
    """C under each row of case weights (draws, n) -> (draws,), e.g. how often a bootstrap drew each participant.

    Harrell's C, or Uno's up to `tau` (G is then estimated anew in each draw). NaN where a draw has no comparable pair.
    """
    draws = np.asarray(weights, dtype=float)
    n = np.asarray(time).size
    if draws.ndim != 2 or draws.shape[1] != n or not np.all(draws >= 0):
        raise StatisticError(f"weights have shape {draws.shape}; give non-negative weights (draws, {n})")
    outcome = _outcome(time, status, tau=tau, weights=draws)
    concordant, comparable = _pair_totals(outcome, as_score(risk, n), draws)
    value = np.full(draws.shape[0], np.nan)
    np.divide(concordant, comparable, out=value, where=comparable > 0)
    return value


def pairs_of_each(time: Numbers, status: Labels, risk: Numbers) -> tuple[Floats, Floats]:
    """Concordant (ties one half) and comparable pairs that each participant is in, those of Harrell's C.

    All zero where nobody has the event of interest, or nobody is followed beyond one.
    """
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    outcome = _Outcome(times, codes, np.flatnonzero(codes == EVENT), np.ones((1, times.size)))
    return _pairs_of_each(outcome, as_score(risk, times.size))


def c_of_pairs(concordant: Numbers, comparable: Numbers) -> tuple[float, Floats]:
    """C, and the influence of each participant on it (n,), from the pairs that each is in.

    C = sum concordant / sum comparable; the influence is (concordant_i - C comparable_i) / pairs in all, the
    infinitesimal jackknife. Fails without a comparable pair.
    """
    # each pair was counted for both of its members
    pairs_in_all = comparable.sum() / 2
    if pairs_in_all == 0:
        raise StatisticError("no comparable pair: no participant is followed beyond an event of interest")
    value = float(concordant.sum() / 2 / pairs_in_all)
    return value, (concordant - value * comparable) / pairs_in_all


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`rows` are the events that count; `scale` (draws, n) is 1 / G(t-), or ones."""

    time: np.ndarray
    status: np.ndarray
    rows: np.ndarray
    scale: np.ndarray


@dataclass(frozen=True, slots=True)
class _Block:
    """Pairs of some events with everyone: `later`, `competing` (rows, n) 0/1, `score` in {0, 1/2, 1}."""

    rows: np.ndarray
    later: np.ndarray
    competing: np.ndarray
    score: np.ndarray


def _outcome(
    time: np.ndarray, status: np.ndarray, *, tau: float | None, weights: np.ndarray | None = None
) -> _Outcome:
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    require_event(codes)
    if tau is None:
        return _Outcome(times, codes, np.flatnonzero(codes == EVENT), np.ones((1, times.size)))
    rows = np.flatnonzero((codes == EVENT) & (times <= tau))
    if not rows.size:
        raise StatisticError(
            f"no event of interest up to tau = {tau:g}; the first is at {times[codes == EVENT].min():g}"
        )
    scale = inverse(censoring_survival(times, codes, weights=weights).before(times))
    return _Outcome(times, codes, rows, scale)


def _blocks(outcome: _Outcome, risk: np.ndarray) -> Iterator[_Block]:
    time, status = outcome.time, outcome.status
    size = max(1, _BLOCK_CELLS // time.size)
    for start in range(0, outcome.rows.size, size):
        rows = outcome.rows[start : start + size]
        t, r = time[rows, None], risk[rows, None]
        later = (time > t) | ((time == t) & (status == CENSORED))
        competing = (time <= t) & (status == COMPETING)
        yield _Block(rows, later, competing, (r > risk) + 0.5 * (r == risk))


def _pair_totals(outcome: _Outcome, risk: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted concordant and comparable pairs per draw."""
    concordant, comparable = np.zeros(weights.shape[0]), np.zeros(weights.shape[0])
    scaled = weights * outcome.scale
    for block in _blocks(outcome, risk):
        own = scaled[:, block.rows]
        own_scale = np.broadcast_to(outcome.scale, weights.shape)[:, block.rows]
        for pairs, factor, other in (
            (block.later, own * own_scale, weights),
            (block.competing, own, scaled),
        ):
            if pairs.any():
                comparable += np.sum((other @ pairs.T.astype(float)) * factor, axis=1)
                concordant += np.sum((other @ (pairs * block.score).T) * factor, axis=1)
    return concordant, comparable


def _influence(outcome: _Outcome, risk: np.ndarray) -> tuple[float, np.ndarray]:
    """C and the influence of each participant on it (n,)."""
    return c_of_pairs(*_pairs_of_each(outcome, risk))


def _pairs_of_each(outcome: _Outcome, risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Concordant and comparable weighted pairs of each participant, (n,) and (n,)."""
    scale = outcome.scale[0]
    concordant, comparable = np.zeros(risk.size), np.zeros(risk.size)
    for block in _blocks(outcome, risk):
        own = scale[block.rows, None]
        pairs = own * (own * block.later + scale * block.competing)
        for total, cells in ((comparable, pairs), (concordant, pairs * block.score)):
            total += cells.sum(axis=0)
            total[block.rows] += cells.sum(axis=1)
    return concordant, comparable


def _estimate(outcome: _Outcome, risk: np.ndarray, *, method: str, level: float) -> Estimate:
    n = outcome.time.size
    value, influence = _influence(outcome, as_score(risk, n))
    se = float(np.linalg.norm(influence))
    width = normal_quantile(level) * se
    kind = ", competing events kept comparable" if np.any(outcome.status == COMPETING) else ""
    return Estimate(
        value=value,
        low=max(value - width, 0.0),
        high=min(value + width, 1.0),
        n=n,
        method=f"{method}{kind}, infinitesimal jackknife, Wald {level:.0%} interval",
        events=outcome.rows.size,
        se=se,
    )
