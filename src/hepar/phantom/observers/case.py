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

Floats = NDArray[np.float64]


def case_probability(background: Background, likelihood: Floats) -> tuple[Floats, float]:
    """Log odds (lesion,) that each lesion is malignant, and log odds that any is.

    `likelihood` (lesion, kind) is the log likelihood of what was seen of each. Lesions are independent given the story
    of the patient, so the sum over stories is exact.
    """
    number = len(likelihood)
    malignant = is_malignant() > 0
    with np.errstate(divide="ignore"):
        prior = np.log(story_probabilities(background))
        prior += np.log([COUNTS[story][number] if number < len(COUNTS[story]) else 0.0 for story in STORIES])
        weighted = np.log(kind_probabilities(background))[:, None, :] + likelihood
    each = logsumexp(weighted, axis=2)
    story = prior + each.sum(1)
    bad, good = (logsumexp(weighted[:, :, chosen], axis=2) - each for chosen in (malignant, ~malignant))
    odds = logsumexp(story[:, None] + bad, axis=0) - logsumexp(story[:, None] + good, axis=0)
    none = logsumexp(story + good.sum(1)) - logsumexp(story)
    any_one = np.log(-np.expm1(min(none, -1e-300))) - none
    return np.asarray(odds), float(any_one)


def case_probabilities(sample: LesionSample, likelihood: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Log odds of each lesion (n,), of each patient with lesions (m,), and whether those have a malignant one (m,)."""
    lesions = np.empty(len(likelihood))
    patients, truth = [], []
    first = np.searchsorted(sample.patient, np.arange(len(sample.backgrounds) + 1))
    for place, background in enumerate(sample.backgrounds):
        rows = slice(int(first[place]), int(first[place + 1]))
        if rows.start == rows.stop:
            continue
        lesions[rows], any_one = case_probability(background, likelihood[rows])
        patients.append(any_one)
        truth.append(bool(sample.malignant[rows].any()))
    return lesions, np.array(patients), np.array(truth)
