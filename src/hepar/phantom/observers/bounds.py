"""The best attainable scores of a scenario's patients by what is seen of them, beside what is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ..population import TARGET
from ..scenario import STAGE_FROM, Scenario
from ..signals import Signals
from .normal import Floats, auc_of_cells
from .setting import LIABILITY, drawn_settings, posterior, setting_shares

BATCHES, PATIENTS = 8, 4_000
"""Batches of patients simulated for a bound that has no formula, and patients of each; they give its interval."""


@dataclass(frozen=True, slots=True)
class Bound:
    """No test that sees `test`, which is made from the sources `seen`, can score better in `measure`.

    `error` is the standard error of `value` where it was simulated, 0 for a formula. `published` is what tests of this
    kind reach, with its source.
    """

    question: str
    test: str
    seen: tuple[str, ...]
    measure: str
    value: float
    argument: str
    published: str = ""
    error: float = 0.0


EXACT = (
    "probability of the condition given the sources and the setting (site, what is missing), integrated exactly;"
    " nothing orders patients better (Neyman and Pearson, 1933)"
)
SIMULATED = (
    f"conditional mean given the sources and the setting, scored on {BATCHES * PATIENTS:,} simulated patients"
)

_BODY = ("fat", "bmi", "age")
"""What every image of the body shows beside the disease."""
OF_MODALITY: Mapping[str, tuple[str, ...]] = {
    "laboratory": ("serum", "inflammation", "age", "bmi", "fat"),
    "elastography": ("stiffness", "bmi"),
    "ultrasound": ("bmode", "rf", *_BODY),
    "ct": ("ct", *_BODY),
    "mri": ("mri", "ct", "inflammation", *_BODY),
}
"""Sources by modality; MR pictures the body of CT, whose outline follows "ct", and a probe tells a body's size."""


def seen_together(scenario: Scenario) -> tuple[str, ...]:
    """Sources of all modalities of the study."""
    found = (name for modality in scenario.modalities for name in OF_MODALITY.get(modality, ()))
    return tuple(dict.fromkeys(("age", "bmi", *found)))


def _staging(scenario: Scenario) -> Mapping[str, tuple[tuple[str, ...], str]]:
    """Sources and published figures by test; tests that the study does not have are left out."""
    ultrasound = {
        "B-mode, its own signal": (("bmode", *_BODY), "0.75-0.85 (aim)"),
        "B-mode or RF, whatever it carries": (
            OF_MODALITY["ultrasound"],
            "RF 0.64-0.84 (Scatteromics, Ai 2024)",
        ),
    }
    tests = {
        "laboratory": {
            "laboratory": (
                OF_MODALITY["laboratory"],
                "FIB-4, APRI 0.70-0.75 (aim); 0.67-0.81 (Choi 2018; PMC11638457)",
            )
        },
        "elastography": {"elastography": (OF_MODALITY["elastography"], "0.83-0.87 (aim); 0.859 (Chon 2012)")},
        "ultrasound": ultrasound,
        "ct": {"CT": (OF_MODALITY["ct"], "0.92 (Yin 2021), 0.96 (Choi 2018)")},
        "mri": {"MR": (OF_MODALITY["mri"], "")},
    }
    found: dict[str, tuple[tuple[str, ...], str]] = {"age": (("age",), "")}
    for modality in scenario.modalities:
        found |= tests[modality]
    return {
        **found,
        "everything": (seen_together(scenario), "0.90-0.93 (aim); 0.83-0.89 reached (s11517-024-03159-z)"),
    }


def staging_bounds(scenario: Scenario) -> tuple[Bound, ...]:
    """AUC for significant fibrosis (F2 or more by biopsy), by test and all together."""
    joint = scenario.shown
    return tuple(
        Bound("F2 or more by biopsy", test, seen, "AUC", _staging_auc(scenario, joint, seen), EXACT, text)
        for test, (seen, text) in _staging(scenario).items()
    )


def _staging_auc(scenario: Scenario, joint: Signals, seen: Iterable[str]) -> float:
    """AUC of the probability of F2 given the conditional mean of the liability and the setting."""
    r = joint.best("disease", seen)
    of_biopsy = joint.correlation("biopsy", "disease")
    positive = norm.sf((STAGE_FROM[1] - of_biopsy * LIABILITY) / np.sqrt(1 - of_biopsy**2))
    means = r * LIABILITY
    cells = (
        norm.pdf(LIABILITY)[:, None, None] * posterior(means, 1 - r**2, np.ones((1, len(LIABILITY))))[:, None]
    )
    cells = cells * setting_shares(scenario, LIABILITY).T[None]
    return auc_of_cells((cells * positive).sum(2).ravel(), (cells * (1 - positive)).sum(2).ravel())


def stiffness_bounds(scenario: Scenario, *, seed: int = 0) -> tuple[Bound, ...]:
    """Correlation with the logarithm of stiffness, where elastography is the reference (study B)."""
    joint = scenario.shown
    batches = [_people(np.random.default_rng([seed, k]), scenario) for k in range(BATCHES)]
    tests = {
        "envelope alone": ("bmode", *_BODY),
        "spectrum alone": ("rf", *_BODY),
        "envelope and spectrum": ("bmode", "rf", *_BODY),
    }
    found = []
    for test, seen in tests.items():
        values = [
            _correlation(joint, drawn, likelihood=likelihood, seen=seen) for drawn, likelihood in batches
        ]
        found.append(simulated("log stiffness", test, seen, measure="correlation", values=values))
    return tuple(found)


def _people(rng: np.random.Generator, scenario: Scenario) -> tuple[dict[str, Floats], Floats]:
    """Patients and healthy volunteers (n,), and the likelihood (n, liability) of what is known of each.

    Who is healthy is counted as known: images show that there is no fat, and the table says it.
    """
    healthy = 0.0 if scenario.null else scenario.healthy
    count = round(healthy * PATIENTS)
    whole = scenario.shown.draws(rng, PATIENTS + 12 * count)
    free = whole["disease"][PATIENTS:] < STAGE_FROM[0]
    chosen = np.concatenate([np.arange(PATIENTS - count), PATIENTS + np.flatnonzero(free)[:count]])
    drawn = {name: values[chosen] for name, values in whole.items()}
    setting = drawn_settings(rng, scenario, drawn["disease"])
    likelihood = setting_shares(scenario, LIABILITY)[:, setting].T
    likelihood[PATIENTS - count :] *= STAGE_FROM[0] > LIABILITY
    return drawn, likelihood


def _correlation(
    joint: Signals, drawn: Mapping[str, Floats], *, likelihood: Floats, seen: tuple[str, ...]
) -> float:
    """Correlation of the stiffness with its conditional mean, which is linear in the sources and the liability."""
    mean = weighted(joint, drawn, target="disease", seen=seen)
    expected = posterior(mean, 1 - joint.best("disease", seen) ** 2, likelihood) @ LIABILITY
    known = {**drawn, "disease": expected}
    score = weighted(joint, known, target="stiffness", seen=(*seen, "disease"))
    return float(np.corrcoef(score, drawn["stiffness"])[0, 1]) if np.ptp(score) > 1e-9 else 0.0


def weighted(joint: Signals, drawn: Mapping[str, Floats], *, target: str, seen: Iterable[str]) -> Floats:
    """Conditional mean (n,) of `target` given the sources `seen`, setting apart."""
    weights = joint.weights(target, seen)
    nothing = np.zeros(len(next(iter(drawn.values()))))
    return np.asarray(sum((w * drawn[name] for name, w in weights.items()), nothing))


def simulated(
    question: str, test: str, seen: tuple[str, ...], *, measure: str, values: list[float], published: str = ""
) -> Bound:
    """A bound from its values in batches of patients."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return Bound(question, test, seen, measure, float(np.mean(values)), SIMULATED, published, error)


def fusion_gain(scenario: Scenario, sources: Iterable[str]) -> tuple[float, float]:
    """Correlation with the target of the best single one of `sources`, and of all together."""
    joint, names = scenario.shown, tuple(sources)
    target = TARGET[scenario.study]
    return max(joint.best(target, (name,)) for name in names), joint.best(target, names)
