"""How often paired tests at 5 % tell two equally good ways of training apart: `python -m benchmarks.cross_validated_tests`.

Two logistic regressions on features of their own, of which one feature carries the same signal, judged on pooled scores
of five folds; and two ridge regressions of a quantity. A test that keeps its word finds a difference in 5 % of studies.
"""

from collections.abc import Callable, Iterator

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from hepar.stats.dependent_correlation import correlation_difference
from hepar.stats.discrimination import auc_difference
from hepar.stats.training_sets import over_training_sets
from hepar.stats.within import auc_difference_within
from hepar.stats.within_correlation import correlation_difference_within

STUDIES, PARTS, FEATURES = 300, 5, 10
CLASSES = ((51, 0.5), (66, 0.6), (158, 0.33))
"""Participants and prevalence."""


def main() -> None:
    """Print the table."""
    print("| outcome | n | signal | over all cases | within folds | over training sets |")
    print("|---|---|---|---|---|---|")
    for n, prevalence in CLASSES:
        for signal in (0.0, 0.7, 1.5):
            _line("binary", _classes(n, prevalence, signal=signal), n=n, signal=signal)
    for signal in (0.0, 0.3, 1.0):
        _line("quantity", _quantities(140, signal=signal), n=140, signal=signal)


def _line(outcome: str, found: Iterator[tuple[float, float, float]], *, n: int, signal: float) -> None:
    shares = " | ".join(f"{100 * share:.0f} %" for share in (np.array(list(found)) < 0.05).mean(axis=0))
    print(f"| {outcome} | {n} | {signal:g} SD | {shares} |", flush=True)


def _classes(n: int, prevalence: float, *, signal: float) -> Iterator[tuple[float, float, float]]:
    rng = np.random.default_rng(n)
    for _ in range(STUDIES):
        truth = rng.random(n) < prevalence
        fold, *scores = _scores(truth, rng, signal=signal, fitted=_logit)
        seen = auc_difference(truth, *scores)
        within = auc_difference_within(truth, *scores, stratum=fold)
        yield seen.p, within.p, over_training_sets(seen, parts=PARTS).p


def _quantities(n: int, *, signal: float) -> Iterator[tuple[float, float, float]]:
    rng = np.random.default_rng(n)
    for _ in range(STUDIES):
        truth = rng.standard_normal(n)
        fold, *scores = _scores(truth, rng, signal=signal, fitted=_ridge)
        seen = correlation_difference(truth, *scores)
        within = correlation_difference_within(truth, *scores, stratum=fold)
        yield seen.p, within.p, over_training_sets(seen, parts=PARTS).p


def _scores(
    truth: np.ndarray,
    rng: np.random.Generator,
    *,
    signal: float,
    fitted: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The fold of each case, and the held-out scores of two models with features of their own."""
    n = truth.size
    fold = np.empty(n, dtype=int)
    fold[np.argsort(truth + rng.random(n) * 1e-3, kind="stable")] = np.arange(n) % PARTS  # stratified
    scores = []
    for _ in range(2):
        features = rng.standard_normal((n, FEATURES))
        features[:, 0] += signal * truth
        score = np.empty(n)
        for part in range(PARTS):
            learnt, held = fold != part, fold == part
            *slopes, intercept = fitted(features[learnt], truth[learnt])
            score[held] = features[held] @ slopes + intercept
        scores.append(score)
    return fold, scores[0], scores[1]


def _logit(features: np.ndarray, truth: np.ndarray) -> np.ndarray:
    model = LogisticRegression(C=0.3, max_iter=200).fit(features, truth)
    return np.append(model.coef_[0], model.intercept_)


def _ridge(features: np.ndarray, truth: np.ndarray) -> np.ndarray:
    model = Ridge(10.0).fit(features, truth)
    return np.append(model.coef_, model.intercept_)


if __name__ == "__main__":
    main()
