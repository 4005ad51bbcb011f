"""Side by side: DeLong against counting pairs, and the bootstrap of an AUC against one call per resample.

Run as `python -m benchmarks.bench_statistics`. Every contender is checked against its rival before it is
timed; repeats alternate between the two, and a ratio is formed within each repeat, so a slow moment of the
machine falls on both.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from hepar.stats.discrimination import delong
from hepar.stats.resampling import auc_weighted, bootstrap_weight_blocks

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range over repeats."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(float(np.median(values)), min(values), max(values))

    def text(self, digits: int = 3) -> str:
        return f"{self.median:.{digits}g} ({self.low:.{digits}g} to {self.high:.{digits}g})"


def simulated(n: int, *, seed: int = 0) -> tuple[NDArray[np.bool_], Floats]:
    """`n` cases, 30 % positive, with two correlated scores (2, n); the second has ties."""
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.3
    score = positive + rng.normal(size=n)
    return positive, np.stack([score, np.round(score + rng.normal(size=n), 1)])


def delong_by_pairs(positive: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """AUCs and covariance from the full table of positive-negative pairs: O(positives * negatives)."""
    gap = scores[:, positive, None] - scores[:, None, ~positive]
    won = (gap > 0) + 0.5 * (gap == 0)
    by_case, by_other = won.mean(axis=2), won.mean(axis=1)
    covariance = np.cov(by_case) / by_case.shape[1] + np.cov(by_other) / by_other.shape[1]
    return won.mean(axis=(1, 2)), covariance


def bootstrap_by_weights(positive: NDArray[np.bool_], score: Floats, *, draws: int) -> Floats:
    blocks = bootstrap_weight_blocks(np.arange(score.size), draws=draws, seed=1)
    return np.concatenate([auc_weighted(positive, score, block) for block in blocks])


def bootstrap_by_loop(positive: NDArray[np.bool_], score: Floats, *, draws: int) -> Floats:
    rng = np.random.default_rng(1)
    picks = (rng.integers(score.size, size=score.size) for _ in range(draws))
    return np.array([roc_auc_score(positive[pick], score[pick]) for pick in picks])


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def check_delong() -> None:
    positive, scores = simulated(400)
    for ours, theirs in zip(delong(positive, scores), delong_by_pairs(positive, scores), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def check_bootstrap() -> None:
    """The weighted AUC of each draw is scikit-learn's AUC of the replicated cases."""
    positive, scores = simulated(300)
    weights = next(bootstrap_weight_blocks(np.arange(300), draws=20, seed=2))
    ours = auc_weighted(positive, scores[1], weights)
    theirs = [roc_auc_score(np.repeat(positive, row), np.repeat(scores[1], row)) for row in weights]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def slope(sizes: list[int], times: list[float]) -> float:
    """Slope of log time on log size: about 1 for n log n, 2 for n squared."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def bench_delong(sizes: list[int], *, largest_pairs: int, repeats: int) -> list[str]:
    lines = ["| cases | DeLong, ms | pairs, ms | pairs / DeLong |", "|--:|--:|--:|--:|"]
    ours_all: list[list[float]] = []
    theirs_all: list[list[float]] = []
    for n in sizes:
        positive, scores = simulated(n)
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(seconds(partial(delong, positive, scores)))
            if n <= largest_pairs:
                theirs.append(seconds(partial(delong_by_pairs, positive, scores)))
        ratio = [b / a for a, b in zip(ours, theirs, strict=False)]
        lines.append(
            f"| {n:,} | {milliseconds(ours)} | {milliseconds(theirs)} | {Spread.of(ratio).text() if ratio else '-'} |"
        )
        ours_all.append(ours)
        theirs_all.append(theirs)
    return [*lines, "", slopes(sizes, ours_all, theirs_all)]


def slopes(sizes: list[int], ours: list[list[float]], theirs: list[list[float]]) -> str:
    """Log-log slopes of the larger sizes, where fixed costs no longer count."""
    paired = [n for n, times in zip(sizes, theirs, strict=True) if times]
    fast = sizes[len(sizes) // 2 :]
    slow = paired[1:]
    first = slope(fast, [float(np.median(ours[sizes.index(n)])) for n in fast])
    second = slope(slow, [float(np.median(theirs[sizes.index(n)])) for n in slow])
    reference = slope(fast, [n * float(np.log(n)) for n in fast])
    return (
        f"Log-log slope: DeLong {first:.2f} from {fast[0]:,} to {fast[-1]:,} cases (n log n itself: "
        f"{reference:.2f}); pairs {second:.2f} from {slow[0]:,} to {slow[-1]:,}."
    )


def milliseconds(times: list[float]) -> str:
    return Spread.of([1000 * value for value in times]).text() if times else "-"


def bench_bootstrap(n: int, *, draws: int, loop_draws: int, repeats: int) -> list[str]:
    positive, scores = simulated(n)
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(seconds(lambda: bootstrap_by_weights(positive, scores[0], draws=draws)))
        naive = seconds(lambda: bootstrap_by_loop(positive, scores[0], draws=loop_draws))
        theirs.append(naive * draws / loop_draws)
    ratio = Spread.of([b / a for a, b in zip(ours, theirs, strict=True)])
    return [
        f"| {draws:,} draws, {n:,} cases | seconds |",
        "|:--|--:|",
        f"| weights (drawing included) | {Spread.of(ours).text()} |",
        f"| loop of `roc_auc_score` (measured on {loop_draws}, scaled) | {Spread.of(theirs).text()} |",
        f"| loop / weights | {ratio.text()} |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--cases", type=int, default=5000, help="of the bootstrap")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--loop-draws", type=int, default=50, help="measured of the loop, then scaled")
    settings = parser.parse_args()
    check_delong()
    check_bootstrap()
    sizes = [500, 1000, 2000, 4000, 16_000, 64_000, 256_000, 1_024_000]
    lines = bench_delong(sizes, largest_pairs=4000, repeats=settings.repeats)
    lines += [""]
    lines += bench_bootstrap(
        settings.cases, draws=settings.draws, loop_draws=settings.loop_draws, repeats=settings.repeats
    )
    print(f"Median (range) of {settings.repeats} repeats; both checks of equality passed.\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
