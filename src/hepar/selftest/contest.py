"""One arm of one seed: networks and spectral parameters learn on some SIMULATED patients and are tried on others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.packages import refuse_absent
from ..data.outcome import Binary
from ..data.reference import Reference
from ..features.spectral import USUAL
from ..models.base import Model
from ..models.logistic import Logistic
from ..models.network import COLUMNS, BmodeNet, RfNet
from ..models.training import Augmentation, Training
from ..phantom import seeds
from ..stats.discrimination import auc
from ..stats.permutation import permutation_p
from .cohort import Cohort, Size, cohort
from .rule import Scores, Test

VERSION = 2
"""Raise it when the same seed is to give other scores."""
TRAINING = Training(
    epochs=10,
    learning_rate=4e-3,
    dropout=0.4,
    augmentation=Augmentation(gain=0, tilt=0, noise=0, dropped=0),
)
"""The same budget for both networks; one probe and few patients, so that nothing but left and right is changed."""
SPECTRAL = Logistic(c=0.3)
"""On the standardised parameters: it learns eight weights."""
OUTCOME = Binary(label="SIMULATED cirrhosis against no or mild fibrosis", field="stage", at_least=4)
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Null:
    """Is there anything to find where nothing is? AUCs of refits on labels dealt out anew to all patients.

    `observed` is the AUC on the labels as they are; `permuted` those after each deal, the whole fit repeated.
    """

    seed: int
    observed: float
    permuted: tuple[float, ...]

    @property
    def p(self) -> float:
        """One-sided, (b + 1) / (m + 1) (Phipson and Smyth 2010)."""
        return permutation_p(self.observed, np.array(self.permuted), alternative="greater")

    @property
    def stray(self) -> float:
        """How many standard errors the mean of the refits is away from 0.5; what leaks into a fit moves it."""
        areas = np.array(self.permuted)
        return float(abs(areas.mean() - 0.5) / max(areas.std(ddof=1) / np.sqrt(areas.size), 1e-9))


@dataclass(frozen=True, slots=True)
class Contest:
    """What came out of one arm and seed; `null` where it was asked for."""

    scores: Scores
    null: Null | None = None


def contest(
    arm: str, *, seed: int, size: Size, training: Training = TRAINING, permutations: int = 0
) -> Contest:
    """Simulate, learn, try; then refit the RF network on `permutations` deals of the labels."""
    refuse_absent(("torch",), what="the networks of the self-test")
    patients = cohort(arm, seed=seed, size=size)
    models = _models(training)
    scores = {
        test: _scored(patients, patients.cirrhosis, test=test, model=model, size=size, seed=seed)
        for test, model in models.items()
    }
    tried = slice(size.train, None)
    found = Scores(
        arm=arm,
        seed=seed,
        cirrhosis=tuple(patients.cirrhosis[tried].tolist()),
        gain_db=tuple(patients.gain_db[tried].tolist()),
        scores={test: tuple(values.tolist()) for test, values in scores.items()},
    )
    if not permutations:
        return Contest(found)
    observed = _area(patients.cirrhosis, scores["rf_net"], size=size)
    permuted = _refits(patients, permutations, model=models["rf_net"], size=size, seed=seed)
    return Contest(found, Null(seed, observed, permuted))


def _models(training: Training) -> Mapping[Test, Model]:
    return {
        "rf_net": RfNet(training=training),
        "bmode_net": BmodeNet(training=training),
        "spectral": SPECTRAL,
    }


READS: Mapping[Test, tuple[str, ...]] = {
    "rf_net": COLUMNS["two_stream"],
    "bmode_net": COLUMNS["bmode"],
    "spectral": USUAL,
}
"""Columns that each test reads."""


def _scored(
    patients: Cohort, labels: Bools, *, test: Test, model: Model, size: Size, seed: int
) -> NDArray[np.float64]:
    """Scores of the test patients; the model has seen the others alone."""
    features = patients.features[list(READS[test])]
    if test == "spectral":
        features = features.astype(float)
    known = pd.DataFrame(
        {
            "participant_id": features.index,
            "site": "SIMULATED",
            "unit": "case",
            "positive": labels.astype(float),
        },
        index=features.index,
    )
    fitted = model.fit(features.iloc[: size.train], Reference(OUTCOME, known.iloc[: size.train]), seed=seed)
    return np.asarray(fitted.predict(features.iloc[size.train :]).score, dtype=np.float64)


def _refits(patients: Cohort, permutations: int, *, model: Model, size: Size, seed: int) -> tuple[float, ...]:
    """AUC of the RF network after each deal of the labels to all patients, those who train and those who test."""
    rng = seeds.stream(seed, 0, "selftest", "labels")
    dealt = [rng.permutation(patients.cirrhosis) for _ in range(permutations)]
    return tuple(
        _area(labels, _scored(patients, labels, test="rf_net", model=model, size=size, seed=seed), size=size)
        for labels in dealt
    )


def _area(labels: Bools, score: NDArray[np.float64], *, size: Size) -> float:
    return auc(labels[size.train :], score).value
