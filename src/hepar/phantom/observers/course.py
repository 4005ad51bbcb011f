"""How well a SIMULATED patient's event can be foreseen at best, death competing, by what is seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..population import GRADE_SHOWS, N_FROM, T_FROM, TARGET, age_y_of, deaths_per_y
from ..scenario import Scenario
from ..signals import Signals
from .bounds import BATCHES, OF_MODALITY, PATIENTS, Bound, seen_together, simulated, weighted
from .normal import Floats, auc, concordance
from .setting import LIABILITY, drawn_settings, posterior, setting_shares

Codes = NDArray[np.int_]
Flags = NDArray[np.bool_]

HORIZON_Y = 3.0
SPREAD = 3.0
"""SD of age beyond which nobody is."""
AGES, NODES = 13, 15
"""Ages at which the probability of an event is computed, and nodes of its integral over the course."""
STAGED = 100_000
"""Patients from whom the mean liability by recorded stage is taken."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Patients of a batch: what was drawn (n,), the setting's likelihood (n, liability), and what happened.

    `chance` (n, liability) is the probability of the event within `HORIZON_Y` if the liability were known; `early`
    whether it came by then, followed up or not.
    """

    drawn: Mapping[str, Floats]
    likelihood: Floats
    chance: Floats
    time: Floats
    status: Codes
    early: Flags

    def score(self, mean: Floats, variance: float) -> Floats:
        """Probability (n,) of an event by the horizon for a liability of `mean` (n,) and `variance`."""
        chance = (posterior(mean, variance, self.likelihood) * self.chance).sum(axis=1)
        return np.asarray(np.round(chance, 12))


Score = Callable[[Followed], Floats]


def course_bounds(scenario: Scenario, *, seed: int = 0) -> tuple[Bound, ...]:
    """C-index and AUC at three years for the event, death competing, by source and all together.

    All are ordered by the probability of an event within three years given the sources, the age (which tells who dies
    before) and the setting.
    """
    joint = _with_grade(scenario.shown)
    batches = [_followed(np.random.default_rng([seed, k]), scenario, joint) for k in range(BATCHES)]
    found = []
    for test, (seen, score, published) in _tests(scenario, joint).items():
        scores = [score(batch) for batch in batches]
        pairs = list(zip(batches, scores, strict=True))
        values = {
            "C-index": [concordance(batch.time, batch.status, one) for batch, one in pairs],
            "AUC at 3 y": [auc(batch.early, one) for batch, one in pairs],
        }
        found += [
            simulated("event", test, seen, measure=measure, values=each, published=published.get(measure, ""))
            for measure, each in values.items()
        ]
    return tuple(found)


def _with_grade(joint: Signals) -> Signals:
    """The sources, and the recorded grade, which shows some of what the slide does."""
    if "slide" not in joint.sources:
        return joint
    grade = {factor: GRADE_SHOWS * value for factor, value in joint.sources["slide"].items()}
    return replace(joint, sources={**joint.sources, "grade": grade})


def _followed(rng: np.random.Generator, scenario: Scenario, joint: Signals) -> Followed:
    drawn = joint.draws(rng, PATIENTS)
    hazard, course = scenario.hazard, drawn["course"]
    mean, spread = age_y_of(scenario)
    ages = np.clip(mean + spread * np.linspace(-SPREAD, SPREAD, AGES), 18, 90)
    age_y = np.clip(mean + spread * np.clip(drawn["age"], -SPREAD, SPREAD), 18, 90)
    event_y = rng.exponential(1 / (hazard.events_per_y * np.exp(hazard.log_ratio * course)))
    death_y = rng.exponential(1 / deaths_per_y(scenario, age_y))
    end_y = rng.uniform(*hazard.follow_up_y, size=PATIENTS)
    time = np.minimum(np.minimum(event_y, death_y), end_y)
    setting = drawn_settings(rng, scenario, drawn[TARGET[scenario.study]])
    table = _chances(scenario, joint, ages)
    place = np.interp(age_y, ages, np.arange(AGES))
    low = np.minimum(place.astype(int), AGES - 2)
    share = (place - low)[:, None]
    return Followed(
        drawn=drawn,
        likelihood=setting_shares(scenario, LIABILITY)[:, setting].T,
        chance=table[low] * (1 - share) + table[low + 1] * share,
        time=time,
        status=np.select([time == event_y, time == death_y], [1, 2], 0),
        early=(event_y < HORIZON_Y) & (event_y < death_y),
    )


def _chances(scenario: Scenario, joint: Signals, age_y: Floats) -> Floats:
    """Probability (age, liability) of the event within `HORIZON_Y`, before death, by constant hazards."""
    r = joint.correlation("course", TARGET[scenario.study])
    nodes, mass = np.polynomial.hermite_e.hermegauss(NODES)
    course = r * LIABILITY[:, None] + np.sqrt(1 - r**2) * nodes
    events = scenario.hazard.events_per_y * np.exp(scenario.hazard.log_ratio * course)
    deaths = deaths_per_y(scenario, age_y)[:, None, None]
    within = events / (events + deaths) * -np.expm1(-(events + deaths) * HORIZON_Y)
    return np.asarray(within @ (mass / mass.sum()))


def _tests(scenario: Scenario, joint: Signals) -> Mapping[str, tuple[tuple[str, ...], Score, dict[str, str]]]:
    if scenario.study == "E":
        stage = (("t", "n"), _staged(scenario, joint), {"C-index": "0.60-0.64 (aim); 0.605 (TCGA, stage)"})
        return {"TNM stage": stage, **_conditional(scenario, joint, _COLORECTAL)}
    images = {"ct": "CT", "mri": "MR", "laboratory": "laboratory"}
    names = [modality for modality in scenario.modalities if modality in images]
    seen = {images[name]: (OF_MODALITY[name], dict[str, str]()) for name in names}
    everything = {"everything": (seen_together(scenario), dict[str, str]())}
    return _conditional(scenario, joint, {"age": (("age",), {}), **seen, **everything})


Sources = Mapping[str, tuple[tuple[str, ...], dict[str, str]]]

_COLORECTAL: Sources = {
    "CEA": (("cea",), {"C-index": "0.60 (aim); 0.611 (TCGA)", "AUC at 3 y": "0.59 (TCGA)"}),
    "CT": (("ct_risk",), {"AUC at 3 y": "0.84 (Cancer Imaging 2022, validation, 1 centre)"}),
    "slide": (("slide",), {"C-index": "0.63-0.66 (MorphDistill), up to 0.81 with stage (Xiao 2022)"}),
    "TNM, CEA, grade together": (
        ("t", "n", "cea", "grade"),
        {"C-index": "0.63-0.65 (TCGA)", "AUC at 3 y": "clinical 0.58-0.79"},
    ),
    "everything": (
        ("t", "n", "cea", "grade", "ct_risk", "slide"),
        {"C-index": "0.74-0.78 (aim); 0.69 (Guo 2026, test)", "AUC at 3 y": "0.72-0.81"},
    ),
}
"""Sources by test of study E, and what is published."""


def _conditional(
    scenario: Scenario, joint: Signals, tests: Sources
) -> dict[str, tuple[tuple[str, ...], Score, dict[str, str]]]:
    """Tests that see their sources exactly."""
    target = TARGET[scenario.study]

    def of(seen: tuple[str, ...]) -> Score:
        left = 1 - joint.best(target, seen) ** 2
        return lambda batch: batch.score(weighted(joint, batch.drawn, target=target, seen=seen), left)

    return {test: (seen, of(seen), published) for test, (seen, published) in tests.items()}


def _staged(scenario: Scenario, joint: Signals) -> Score:
    """T and N as they are recorded: the mean liability of those of one stage, from as many patients as it takes."""
    drawn = joint.draws(np.random.default_rng(STAGED), STAGED)
    cell, course = _cell(drawn), drawn[TARGET[scenario.study]]
    if not joint.best(TARGET[scenario.study], ("t", "n")):
        course = np.zeros(STAGED)
    mean = np.bincount(cell, weights=course) / np.maximum(np.bincount(cell), 1)
    left = float(np.var(course - mean[cell])) or 1.0
    return lambda batch: batch.score(mean[_cell(batch.drawn)], left)


def _cell(drawn: Mapping[str, Floats]) -> Codes:
    """T and N stage (n,) as one number."""
    return np.asarray((len(T_FROM) + 1) * np.digitize(drawn["n"], N_FROM) + np.digitize(drawn["t"], T_FROM))
