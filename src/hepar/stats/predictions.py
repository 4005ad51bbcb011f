"""What a binary outcome and its predicted probabilities must look like before they are compared."""

import numpy as np
from scipy.special import logit

from .arrays import Bools, Floats, Labels, Numbers
from .estimate import StatisticError, as_finite


def checked_outcome(positive: Labels) -> Bools:
    """`positive` as booleans; refuses other values than 0 and 1, and fewer than one of each class."""
    values = as_finite(positive, name="positive")
    other = np.flatnonzero((values != 0) & (values != 1))
    if other.size:
        raise StatisticError(
            f"positive holds {values[other[0]]:g} at position {other[0]}; only 0 and 1 may occur"
        )
    events = int(values.sum())
    if events in (0, values.size):
        raise StatisticError(f"{events} of {values.size} are positive; both classes are needed")
    return values.astype(bool)


def checked_predictions(positive: Labels, probability: Numbers) -> tuple[Bools, Floats]:
    """Outcome and predictions as arrays of one length, the predictions within [0, 1]."""
    truth, values = checked_outcome(positive), as_finite(probability, name="probability")
    if truth.shape != values.shape:
        raise StatisticError(
            f"positive holds {truth.size} values and probability {values.size}; they must pair"
        )
    outside = np.flatnonzero((values < 0) | (values > 1))
    if outside.size:
        raise StatisticError(
            f"probability is {values[outside[0]]:g} at position {outside[0]} ({outside.size} such in all); "
            "it must lie in [0, 1]: give calibrated probabilities, not scores"
        )
    return truth, values


def checked_log_odds(positive: Labels, probability: Numbers) -> tuple[Bools, Floats]:
    """Outcome and the log-odds of the predictions; refuses predictions of exactly 0 or 1."""
    truth, values = checked_predictions(positive, probability)
    edge = int(np.sum((values == 0) | (values == 1)))
    if edge:
        raise StatisticError(
            f"{edge} of {values.size} probabilities are exactly 0 or 1, so their log-odds are infinite; "
            "clip them deliberately (and say so) or use the Brier score or a grouped curve"
        )
    return truth, logit(values)
