"""The best attainable scores of a scenario's patients by what is seen of them, beside what is published."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ..population import N_FROM, T_FROM, TARGET
from ..scenario import STAGE_FROM, Hazard, Scenario
from ..signals import Signals
from .normal import Floats, auc, auc_of_correlation, concordance

Codes = NDArray[np.int_]
Flags = NDArray[np.bool_]

PATIENTS = 10_000
"""Patients simulated for a bound that has no formula; its standard error is about 0.005."""
HORIZON_Y = 3.0


@dataclass(frozen=True, slots=True)
class Bound:
    """No test that sees `test`, which is made from the sources `seen`, can score better in `measure`.

    `published` is what tests of this kind reach.
    """

    question: str
    test: str
    seen: tuple[str, ...]
    measure: str
    value: float
    argument: str
    published: str = ""


NORMAL = (
    "score and liability are jointly normal: the conditional mean is the likelihood ratio's order (exact)"
)
SIMULATED = f"conditional mean of the liability, scored on {PATIENTS:,} simulated courses"

_BODY = ("fat", "bmi")
"""What every image of the body shows beside the disease."""
_STAGING: Mapping[str, tuple[tuple[str, ...], str]] = {
    "age": (("age",), ""),
    "laboratory": (("serum", "inflammation"), "FIB-4 0.70-0.75, APRI 0.70-0.75"),
    "elastography": (("stiffness",), "0.83-0.87 (Chon 2012: 0.859)"),
    "B-mode, its own signal": (("bmode", *_BODY), "0.75-0.85"),
    "B-mode or RF, whatever it carries": (("bmode", "rf", *_BODY), "RF 0.64-0.84 (Scatteromics, Ai 2024)"),
    "CT": (("ct", *_BODY), "0.74 (Yasaka 2018) to 0.96 (Choi 2018)"),
    "MR": (("mri", "ct", *_BODY), ""),
}
"""Sources by test; MR and CT picture one body, whose outline follows the source "ct"."""


def staging_bounds(scenario: Scenario) -> tuple[Bound, ...]:
    """AUC for significant fibrosis (F2 or more by biopsy), by test and all together."""
    joint = scenario.shown
    positive = float(norm.sf(STAGE_FROM[1]))
    everything = tuple(name for name in joint.sources if name != "gain")
    rows = {**_STAGING, "everything": (everything, "0.90-0.93")}
    return tuple(
        Bound(
            "F2 or more by biopsy",
            test,
            seen,
            "AUC",
            auc_of_correlation(joint.best("biopsy", seen), positive=positive),
            NORMAL,
            text,
        )
        for test, (seen, text) in rows.items()
    )


def stiffness_bounds(scenario: Scenario) -> tuple[Bound, ...]:
    """Correlation with the logarithm of stiffness, where elastography is the reference (study B)."""
    joint = scenario.shown
    return tuple(
        Bound("log stiffness", test, seen, "correlation", joint.best("stiffness", seen), NORMAL)
        for test, seen in (
            ("envelope alone", ("bmode",)),
            ("spectrum alone", ("rf",)),
            ("envelope and spectrum", ("bmode", "rf", *_BODY)),
        )
    )


def course_bounds(scenario: Scenario, *, seed: int = 0) -> tuple[Bound, ...]:
    """C-index and AUC at three years for the event, death competing, by source and all together."""
    rng = np.random.default_rng(seed)
    joint = scenario.shown
    drawn = joint.draws(rng, PATIENTS)
    time, status, early = _courses(rng, scenario.hazard, drawn["course"])
    rows = _SCORES[scenario.study](joint, drawn)
    return tuple(
        Bound("event", test, seen, measure, value, SIMULATED, text if measure == "C-index" else "")
        for test, (seen, score, text) in rows.items()
        for measure, value in (
            ("C-index", concordance(time, status == 1, score)),
            ("AUC at 3 y", auc(early, score)),
        )
    )


def _courses(rng: np.random.Generator, hazard: Hazard, liability: Floats) -> tuple[Floats, Codes, Flags]:
    """Time and status as follow-up finds them, and who has the event by the horizon, followed up or not."""
    n = len(liability)
    event_y = rng.exponential(1 / (hazard.events_per_y * np.exp(hazard.log_ratio * liability)))
    death_y = rng.exponential(1 / hazard.deaths_per_y, n)
    end_y = rng.uniform(*hazard.follow_up_y, size=n)
    time = np.minimum(np.minimum(event_y, death_y), end_y)
    early = (event_y < HORIZON_Y) & (event_y < death_y)
    return time, np.select([time == event_y, time == death_y], [1, 2], 0), early


Scores = Mapping[str, tuple[tuple[str, ...], Floats, str]]
"""By test: the sources that it sees, its score, and what is published."""


def _colorectal(joint: Signals, drawn: Mapping[str, Floats]) -> Scores:
    """TNM and CEA as they are recorded; CT and slide as they show the liability."""
    stage = 10.0 * np.digitize(drawn["n"], N_FROM) + np.digitize(drawn["t"], T_FROM)
    seen = {
        "CT": (("ct_risk",), "CT of the liver 0.69-0.84"),
        "slide": (("slide",), "0.61-0.66, up to 0.81"),
        "TNM, CEA together": (("t", "n", "cea"), "clinical 0.58-0.79"),
        "everything": (("t", "n", "cea", "ct_risk", "slide"), "0.69-0.81"),
    }
    recorded: Scores = {
        "TNM stage": (("t", "n"), stage.astype(np.float64), "0.60-0.64"),
        "CEA": (("cea",), drawn["cea"], "0.60"),
    }
    return {**recorded, **_combined(joint, drawn, seen)}


def _liver_events(joint: Signals, drawn: Mapping[str, Floats]) -> Scores:
    names = ("age", "laboratory", "CT", "MR")
    everything = tuple(name for name in joint.sources if name != "gain")
    return _combined(
        joint, drawn, {**{n: (_STAGING[n][0], "") for n in names}, "everything": (everything, "")}
    )


def _combined(
    joint: Signals, drawn: Mapping[str, Floats], seen: Mapping[str, tuple[tuple[str, ...], str]]
) -> Scores:
    return {test: (names, _mean(joint, drawn, names), text) for test, (names, text) in seen.items()}


_SCORES: Mapping[str, Callable[[Signals, Mapping[str, Floats]], Scores]] = {
    **dict.fromkeys("ABCD", _liver_events),
    "E": _colorectal,
}


def _mean(joint: Signals, drawn: Mapping[str, Floats], names: Iterable[str]) -> Floats:
    """Conditional mean of the course's liability."""
    weights = joint.weights("course", names)
    return np.asarray(sum((w * drawn[name] for name, w in weights.items()), np.zeros(PATIENTS)))


def fusion_gain(scenario: Scenario, sources: Iterable[str]) -> tuple[float, float]:
    """Correlation with the target of the best single one of `sources`, and of all together."""
    joint, names = scenario.shown, tuple(sources)
    target = TARGET[scenario.study]
    return max(joint.best(target, (name,)) for name in names), joint.best(target, names)
