"""Stability selection: features that a lasso takes again and again in halves of the cases."""

import warnings
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import lars_path

from ..core.errors import RunError
from ..data.reference import Reference
from .base import FittedTransform, Transform
from .columns import chosen, numbers
from .ranks import Float, standard_ranks


class Recurring(Transform):
    """Keeps features that enter the lasso among the first `q` in at least `share` of random halves of the participants.

    Stability selection (Meinshausen & Buehlmann, 2010) on complementary pairs of halves (Shah & Samworth, 2013), on
    ranks. In expectation at most q^2 / ((2 share - 1) p) of p features are kept that have nothing to do with the
    outcome (told as `false at most`). The lasso's path is that of least squares: on the class, the quantity, or for a
    time to event the martingale residual of the model without features. Where no feature recurs so often, the most
    frequent stays, because a model needs one.
    """

    kind: Literal["recurring"] = "recurring"
    q: int = Field(default=10, ge=1)
    share: float = Field(default=0.6, gt=0.5, le=1)
    pairs: int = Field(default=50, ge=5)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """Judge every number on halves of the training rows and their outcomes."""
        judged = numbers(features, self.spare)
        table = standard_ranks(features[judged].to_numpy(dtype=float))
        response = _response(reference)
        random, counts = np.random.default_rng(seed), np.zeros(len(judged))
        # halves go by participant, not by place in the table: the order of rows must not matter
        people, whose = np.unique(reference.participants.astype(str), return_inverse=True)
        order = np.argsort(features.index.to_numpy(), kind="stable")
        for _ in range(self.pairs):
            first = random.permutation(people.size)[whose[order]] < people.size / 2
            for half in (order[first], order[~first]):
                counts[_first(table[half], response[half], q=self.q)] += 1
        often = counts / (2 * self.pairs)
        kept = [name for name, share in zip(judged, often, strict=True) if share >= self.share]
        facts = {
            "false at most": self.q**2 / ((2 * self.share - 1) * max(1, len(judged))),
            "features that recur": float(len(kept)),
        }
        return chosen(features, judged, kept or _most(judged, often), facts=facts)


def _most(judged: list[str], often: Float) -> list[str]:
    return [judged[int(np.argmax(often))]] if judged else []


def _first(table: Float, response: Float, *, q: int) -> list[int]:
    """The features in the lasso when it holds `q` or is about to hold more."""
    centred = table - table.mean(axis=0)
    with warnings.catch_warnings():
        # the path stops early where features are collinear: those taken so far are the answer
        warnings.simplefilter("ignore", ConvergenceWarning)
        _, active, _ = lars_path(centred, response - response.mean(), method="lasso", max_iter=q)
    return [int(at) for at in active]


def _response(reference: Reference) -> Float:
    outcome = reference.outcome.kind
    if outcome in ("binary", "graded"):
        return reference.positive.astype(float)
    if outcome == "continuous":
        return reference.table["value"].to_numpy(dtype=float)
    if outcome == "time_to_event":
        return _martingale(reference.time_y, reference.status == 1)
    raise RunError(f"outcome {outcome!r} has no lasso; leave the transform 'recurring' out")


def _martingale(time_y: Float, event: np.ndarray) -> Float:
    """Events less those expected by the Nelson-Aalen cumulative hazard (Therneau, Grambsch & Fleming, 1990)."""
    times = np.unique(time_y)
    at_risk = len(time_y) - np.searchsorted(np.sort(time_y), times, side="left")
    events = np.bincount(np.searchsorted(times, time_y[event]), minlength=times.size)
    hazard = np.cumsum(events / at_risk)
    return np.asarray(event - hazard[np.searchsorted(times, time_y)], dtype=float)
