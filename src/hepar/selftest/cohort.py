"""SIMULATED patients of one arm as a study sees them: arrays for networks, spectral parameters, who has cirrhosis."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError, SimulationError
from ..data.case import Acquisition, Case
from ..features.base import Value
from ..features.recordings import BmodeInput, RfInput, Seen
from ..features.spectral import Spectral
from ..imaging.ultrasound.frames import RfFrames
from ..io.simulated_rf import frames_of
from ..phantom.patient import Patient
from ..phantom.population import draw_patient
from ..phantom.scenario import Scenario
from ..phantom.ultrasound import PROBES, reference_phantom, rf_frames

PROBE = replace(PROBES["convex"], name="convex, 64 lines", lines=64, span=40)
"""The wide-band preset over two thirds of its sector, which has room for all that the networks look at."""
MOST_FAT = 0.06
"""Patients with more have steatosis; they are left out, because fat attenuates more than fibrosis does."""
MILD, CIRRHOSIS = 1, 4
"""Up to which stage and from which one patients are taken: two groups that a small cohort can tell apart."""
PHANTOM_FRAMES = 8
TRIES = 20
"""Patients drawn for each that is taken, at most."""


@dataclass(frozen=True, slots=True)
class Size:
    """Patients who train, patients who test (all others), and places of the liver at which the probe is held."""

    train: int = 200
    test: int = 120
    views: int = 2

    def __post_init__(self) -> None:
        if self.train < 20 or self.test < 20 or not 1 <= self.views <= 20:
            raise SimulationError(
                f"{self.train} patients train and {self.test} test, {self.views} views each; give 20 patients or more"
                " for either and 1 to 20 views"
            )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cohort:
    """One row for each patient: `features` of all tests, `cirrhosis` or not, mean `gain_db` that the operator set."""

    features: pd.DataFrame
    cirrhosis: NDArray[np.bool_]
    gain_db: NDArray[np.float64]


def cohort(arm: str, *, seed: int, size: Size) -> Cohort:
    """The first patients of the arm who are taken and whose liver is in view."""
    scenario = replace(Scenario.of("B", arm=arm), focal=0.0)
    wanted = size.train + size.test
    rows: dict[str, dict[str, Value]] = {}
    known: list[tuple[bool, float]] = []
    for number in range(1, TRIES * wanted):
        patient = draw_patient(scenario, seed=seed, number=number)
        if not taken(patient):
            continue
        views = _views(patient, size.views)
        # the liver is out of view, or the recording fails the gate of quality: the same for all tests
        with suppress(DataError):
            rows[patient.case_id] = _features(_case(patient, views, seed=seed), size.views)
            gain_db = float(np.mean([view.gain_db or 0.0 for view in views]))
            known.append((patient.liver.stage >= CIRRHOSIS, gain_db))
        if len(rows) == wanted:
            break
    else:
        raise SimulationError(
            f"arm {arm!r}, seed {seed}: only {len(rows)} of {wanted} patients could be examined"
        )
    cirrhosis, gains = zip(*known, strict=True)
    return Cohort(pd.DataFrame.from_dict(rows, orient="index"), np.array(cirrhosis), np.array(gains))


def taken(patient: Patient) -> bool:
    """Whether the patient belongs to one of the two groups, and has no steatosis."""
    stage = patient.liver.stage
    return patient.liver.fat <= MOST_FAT and (stage <= MILD or stage >= CIRRHOSIS)


def _views(patient: Patient, count: int) -> tuple[RfFrames, ...]:
    """Recordings of as many places as show the liver."""
    made = (
        frames_of(rf_frames(patient, probe=PROBE, view=view), scanner="A", site="SIMULATED")
        for view in range(count)
    )
    return tuple(view for view in made if "liver" in view.regions)


def _case(patient: Patient, views: tuple[RfFrames, ...], *, seed: int) -> Case:
    acquisitions = {
        "rf": Acquisition("rf", (), lambda _: views),
        "phantom": Acquisition("phantom", (), lambda _: (_phantom(seed),)),
    }
    return Case(patient.case_id, patient.case_id, "SIMULATED", {}, acquisitions)


@cache
def _phantom(seed: int) -> RfFrames:
    recording = reference_phantom(PROBE, frames=PHANTOM_FRAMES, seed=seed)
    return frames_of(recording, scanner="A", site="SIMULATED")


def _features(case: Case, views: int) -> dict[str, Value]:
    """What each of the tests reads, all of it from the very same echoes."""
    seen = Seen(views=views, frames=1)
    extractors = (
        RfInput(phantom="phantom", seen=seen),
        BmodeInput(seen=seen),
        Spectral(phantom="phantom", draws=20),
    )
    return {name: value for one in extractors for name, value in one.extract(case).items()}
