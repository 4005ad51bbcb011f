"""Small SIMULATED cohorts that every test can afford; nothing here is a patient."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

from hepar.data.case import Case
from hepar.data.cohort import Cohort
from hepar.data.dictionary import Field

install_import_hook("hepar.stats", "shape_checks.on_return")

# Two runs of the same tests try the same examples, `make slow` others each time; no test is about time.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", PATIENT, derandomize=True)
settings.register_profile("explore", PATIENT, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    """SIMULATED: 240 participants at 6 sites; `marker` and `ast_u_l` rise with the stage, `noise` does not."""
    return simulated_cohort(240, seed=1)


def simulated_cohort(n: int, *, seed: int) -> Cohort:
    """SIMULATED participants with a stage, serum markers, a follow-up and a competing event."""
    rng = np.random.default_rng(seed)
    fields = {name: Field(kind="category" if name == "sex" else "number") for name in _clinical(0, rng)}
    cases = tuple(
        Case(f"C{number:03}", f"P{number:03}", f"S{number % 6}", _clinical(number, rng))
        for number in range(n)
    )
    return Cohort(cases, fields)


def _clinical(number: int, rng: np.random.Generator) -> dict[str, object]:
    stage = int(rng.integers(0, 5))
    event, death, end = rng.exponential(8 / (1 + stage)), rng.exponential(20), rng.uniform(2, 8)
    time = float(min(event, death, end))
    return {
        "age_y": float(rng.uniform(18, 70)),
        "sex": "female" if rng.random() < 0.4 else "male",
        "ast_u_l": float(rng.lognormal(3.4 + 0.15 * stage, 0.4)),
        "alt_u_l": float(rng.lognormal(3.5, 0.5)),
        "platelets_10e9_l": float(max(20.0, rng.normal(240 - 15 * stage, 40))),
        "marker": None if number % 11 == 0 else float(rng.normal(stage, 1.5)),
        "noise": float(rng.normal()),
        "stage": None if number % 40 == 39 else float(stage),
        "kpa": float(rng.lognormal(1.5 + 0.25 * stage, 0.3)),
        "time_y": time,
        "status": 1.0 if time == event else 2.0 if time == death else 0.0,
    }
