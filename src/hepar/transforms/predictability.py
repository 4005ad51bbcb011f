"""How well the site can be told from the features: what harmonisation is to take away."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..core.errors import DataError, ProtocolError
from ..data.reference import Reference
from ..stats.estimate import Estimate
from .base import Transform
from .columns import numbers

Float = NDArray[np.float64]

FEWEST = 5
"""Participants of a site below which it is left out: it could not stand in every fold."""


def site_predictability(
    features: pd.DataFrame,
    site: NDArray[np.generic],
    *,
    seed: int,
    step: Transform | None = None,
    reference: Reference | None = None,
    draws: int = 1000,
) -> Estimate:
    """Cross-validated AUC of predicting `site` from the numbers in `features`: 0.5 where they do not tell it.

    The mean over sites of each against the others, by ridge-penalised logistic regression in five folds; the interval
    is a bootstrap of participants within sites, 95 %. Folds keep participants whole, as the `reference` tells them:
    else a site would be known by a participant's other cases. `n` counts the cases of sites with five participants or
    more.

    To judge harmonisation give the features as they were and the transform as `step`, with the cases' `reference`: it
    is then learnt in each training part alone. Features that were harmonised all together give less than 0.5, because
    what the held-out cases had in common was taken out of the others.

    Args:
        features: one row a case; categories are not looked at.
        site: one label a case.
        seed: of folds and bootstrap.
        step: learnt and applied inside the folds.
        reference: what `step` learns from beside the features, and whose each case is; one case each when omitted.
        draws: of the bootstrap.
    """
    if step is not None and reference is None:
        raise ProtocolError(
            f"site predictability after {step.kind!r} needs the cases' reference; give reference"
        )
    labels = np.asarray(site).astype(str)
    people = (
        np.arange(len(labels))
        if reference is None
        else np.unique(reference.participants, return_inverse=True)[1]
    )
    rows, known = _told_apart(labels, people)
    told = np.zeros((rows.size, known.size))
    for train, held in parts(labels[rows], people[rows], seed=seed):
        inside, outside = (features.iloc[rows[part]] for part in (train, held))
        if step is not None and reference is not None:
            fitted = step.fit(inside, reference.take(rows[train]), seed=seed)
            inside, outside = fitted.apply(inside), fitted.apply(outside)
        told[held] = _probabilities(inside, labels[rows[train]], outside)
    return _estimate(told, np.searchsorted(known, labels[rows]), people[rows], draws=draws, seed=seed)


def parts(
    labels: NDArray[np.str_], people: NDArray[np.intp], *, seed: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Five times (positions to learn from, positions held out), stratified by label; participants stay whole."""
    if np.unique(people).size == people.size:
        return iter(StratifiedKFold(FEWEST, shuffle=True, random_state=seed).split(labels, labels))
    whole = StratifiedGroupKFold(FEWEST, shuffle=True, random_state=seed)
    return iter(whole.split(labels, labels, people))


def _told_apart(
    labels: NDArray[np.str_], people: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.str_]]:
    """Positions of the cases of sites with enough participants, and these sites."""
    names = np.unique(labels)
    known = np.array([name for name in names if np.unique(people[labels == name]).size >= FEWEST], dtype=str)
    if known.size < 2:
        raise DataError(
            f"{known.size} sites have {FEWEST} participants or more, of {names.size}; two are needed to tell one from"
            " another"
        )
    return np.flatnonzero(np.isin(labels, known)), known


def _probabilities(inside: pd.DataFrame, labels: NDArray[np.str_], outside: pd.DataFrame) -> Float:
    """Probability of each site for the rows of `outside`; a column that is empty in training tells nothing."""
    names = numbers(inside)
    model = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(max_iter=5_000),
    )
    model.fit(inside[names].to_numpy(dtype=float), labels)
    return np.asarray(model.predict_proba(outside[names].to_numpy(dtype=float)))


def _estimate(
    told: Float, member: NDArray[np.intp], people: NDArray[np.intp], *, draws: int, seed: int
) -> Estimate:
    random = np.random.default_rng(seed)
    sites = [np.flatnonzero(member == number) for number in range(told.shape[1])]
    clusters = [[rows[people[rows] == one] for one in np.unique(people[rows])] for rows in sites]
    drawn = []
    for _ in range(draws):
        rows = np.concatenate([of[at] for of in clusters for at in random.choice(len(of), len(of))])
        drawn.append(_mean_auc(told[rows], member[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    method = (
        f"mean AUC of one site against the others, {told.shape[1]} sites, {FEWEST} folds, ridge logistic regression;"
        f" bootstrap of participants within sites, {draws} draws"
    )
    return Estimate(_mean_auc(told, member), float(low), float(high), len(told), method)


def _mean_auc(told: Float, member: NDArray[np.intp]) -> float:
    ranked = rankdata(told, axis=0)
    n = np.bincount(member, minlength=told.shape[1]).astype(float)
    sums = np.array([ranked[member == number, number].sum() for number in range(told.shape[1])])
    return float(np.mean((sums - n * (n + 1) / 2) / (n * (member.size - n))))
