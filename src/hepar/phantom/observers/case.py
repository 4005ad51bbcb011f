"""The exact probability of malignancy of each SIMULATED lesion and patient, given all lesions that the patient has."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from ..lesions.background import (
    COUNTS,
    STORIES,
    Background,
    is_malignant,
    kind_probabilities,
    story_probabilities,
)
from .lesion_sample import LesionSample
from .marker import HCC, marker_likelihood

Floats = NDArray[np.float64]
NEVER = -np.inf
CARCINOMA, OTHER, BENIGN = range(3)
"""What a lesion may be: hepatocellular carcinoma, which alpha-fetoprotein tells, another malignant one, benign."""


def case_probability(
    background: Background, likelihood: Floats, *, diameter_mm: Floats | None = None, marker: float = 0.0
) -> tuple[Floats, float]:
    """Log odds (lesion,) that each lesion is malignant, and log odds that any is.

    `likelihood` (lesion, kind) is the log likelihood of what was seen of each. Lesions are independent given the story
    of the patient, so the sum over stories is exact. With diameters (lesion,), the alpha-fetoprotein `marker` counts
    as well (`marker_likelihood`), which depends on the largest carcinoma.
    """
    number = len(likelihood)
    order = np.arange(number) if diameter_mm is None else np.argsort(-diameter_mm, kind="stable")
    known = np.zeros(number + 1) if diameter_mm is None else marker_likelihood(marker, diameter_mm[order])
    with np.errstate(divide="ignore"):
        prior = np.log(story_probabilities(background))
        prior += np.log([COUNTS[story][number] if number < len(COUNTS[story]) else 0.0 for story in STORIES])
        weighted = np.log(kind_probabilities(background))[:, None, :] + likelihood[order]
    parts = _parts(weighted)
    odds = np.empty(number)
    for place, lesion in enumerate(order):
        bad, good = parts.copy(), parts.copy()
        bad[:, place, BENIGN] = good[:, place, CARCINOMA] = good[:, place, OTHER] = NEVER
        odds[lesion] = _evidence(prior, bad, known) - _evidence(prior, good, known)
    harmless = parts.copy()
    harmless[..., (CARCINOMA, OTHER)] = NEVER
    none = _evidence(prior, harmless, known) - _evidence(prior, parts, known)
    return odds, float(np.log(-np.expm1(min(none, -1e-300))) - none)


def _parts(weighted: Floats) -> Floats:
    """Log weight (story, lesion, what) that a lesion is a carcinoma, another malignant one, or benign."""
    malignant = is_malignant() > 0
    other = malignant & (np.arange(len(malignant)) != HCC)
    with np.errstate(divide="ignore"):
        found = [
            weighted[..., HCC],
            *(logsumexp(weighted[..., which], axis=2) for which in (other, ~malignant)),
        ]
    return np.stack(found, axis=2)


def _evidence(prior: Floats, parts: Floats, known: Floats) -> float:
    """Log probability of all that was seen; lesions come in order of size, the largest first.

    Summed over which is the largest carcinoma: those before it are none, those after it may be anything.
    """
    with np.errstate(divide="ignore"):
        rest = np.logaddexp(parts[..., OTHER], parts[..., BENIGN])
        whole = np.logaddexp(parts[..., CARCINOMA], rest)
    before = np.concatenate([np.zeros((len(prior), 1)), np.cumsum(rest, axis=1)], axis=1)
    after = np.concatenate([np.cumsum(whole[:, ::-1], axis=1)[:, ::-1], np.zeros((len(prior), 1))], axis=1)
    first = before[:, :-1] + parts[..., CARCINOMA] + after[:, 1:] + known[:-1]
    every = np.concatenate([first, (before[:, -1] + known[-1])[:, None]], axis=1) + prior[:, None]
    return float(logsumexp(every))


def case_probabilities(
    sample: LesionSample, likelihood: Floats, *, markers: Floats | None = None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Log odds of each lesion (n,), of each patient with lesions (m,), and whether those have a malignant one (m,).

    `markers` (patient,) are logarithms of alpha-fetoprotein, where the blood is seen too.
    """
    lesions = np.empty(len(likelihood))
    patients, truth = [], []
    first = np.searchsorted(sample.patient, np.arange(len(sample.backgrounds) + 1))
    for place, background in enumerate(sample.backgrounds):
        rows = slice(int(first[place]), int(first[place + 1]))
        if rows.start == rows.stop:
            continue
        lesions[rows], any_one = case_probability(
            background,
            likelihood[rows],
            diameter_mm=None if markers is None else sample.diameter_mm[rows],
            marker=0.0 if markers is None else float(markers[place]),
        )
        patients.append(any_one)
        truth.append(bool(sample.malignant[rows].any()))
    return lesions, np.array(patients), np.array(truth)
