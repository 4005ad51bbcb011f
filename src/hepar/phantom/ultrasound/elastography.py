"""SIMULATED transient elastography: stiffness in kPa with its spread, failures and unreliable examinations."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...core.errors import SimulationError, choices
from ..patient import Patient
from .tissue import CLIP

Size = Literal["M", "XL"]
SIZES = ("M", "XL")

MEDIAN_KPA, LOG_SD = 7.4, 0.50
"""Stiffness of the median patient with liver disease, and SD of its logarithm.

With half of the patients at F2 or beyond, the median lies near the cut-off of 7.9 kPa for F2 (Chon 2012, hepatitis B),
and 11.7 kPa for F4 is exceeded by a fifth. What inflammation and steatosis add is already in what the source shows.
"""
LOWEST_KPA, HIGHEST_KPA = 1.5, 75.0
"""What the device can read."""
EXAM_SD = 0.06
"""SD of the logarithm between examinations of a person; operators correlate at 0.98 (Fraquelli 2007)."""
SHOT_SD, SHOT_SPREAD = 0.115, 0.33
"""Typical SD of the logarithm of single shots, and the SD of its own logarithm over people.

The IQR over the median then has quartiles near 9, 13 and 18 %, as in the 7,768 adults of NHANES 2017-2020.
"""
NEEDED, MOST, HOPELESS = 10, 20, 10
"""Valid shots wanted, attempts at most, attempts without a valid shot after which the operator gives up."""
XL_FROM_BMI = 30.0
RELIABLE_IQR, RELIABLE_SUCCESS = 0.30, 0.60
"""Limits of Castera 2010: IQR over median, and valid shots over attempts."""


@dataclass(frozen=True, slots=True)
class Success:
    """Logit of a shot's success at a body-mass index of 25, what each unit of it takes, and its SD over people."""

    at_25: float
    per_unit: float
    person: float


SUCCESS = {"M": Success(3.6, 0.40, 2.6), "XL": Success(4.9, 0.17, 2.6)}
"""Set so that in patients like those of Castera 2010 (13,369 examinations with the M probe, mean index about 25) about
3 % fail and 16 % are unreliable, and that failure is several times as frequent above 30; the XL probe fails in few."""


@dataclass(frozen=True, slots=True)
class Elastography:
    """One examination; `stiffness_kpa` (median) and `iqr_over_median` are None where not one shot was valid.

    `true_kpa` is the stiffness of the liver itself.
    """

    stiffness_kpa: float | None
    iqr_over_median: float | None
    valid: int
    attempts: int
    probe: Size
    true_kpa: float

    @property
    def failed(self) -> bool:
        """No valid shot."""
        return self.valid == 0

    @property
    def unreliable(self) -> bool:
        """A value that a careful reader would not use: too few valid shots, or too far apart (Castera 2010)."""
        if self.iqr_over_median is None:
            return False
        success = self.valid / self.attempts
        return self.valid < NEEDED or success < RELIABLE_SUCCESS or self.iqr_over_median > RELIABLE_IQR


def elastography(patient: Patient, *, probe: Size | None = None, exam: int = 0) -> Elastography:
    """Examination number `exam` of `patient`; without `probe`, XL from a body-mass index of 30 on.

    The logarithm of the stiffness is linear in `shown["stiffness"]` and depends on nothing else. Raises
    `SimulationError` for a probe that is neither "M" nor "XL".
    """
    bmi = patient.person.bmi
    size: Size = probe or ("XL" if bmi >= XL_FROM_BMI else "M")
    if size not in SIZES:
        raise SimulationError(f"there is no elastography probe {size!r}; {choices(size, SIZES)}")
    rng = patient.stream("ultrasound", "elastography", str(exam))
    person = patient.stream("ultrasound", "elastography", "person")
    true_kpa = stiffness_kpa(patient.shown.get("stiffness", 0.0))
    valid, attempts = _shots(rng, SUCCESS[size], bmi, liking=float(person.standard_normal()))
    spread = SHOT_SD * float(np.exp(SHOT_SPREAD * person.standard_normal()))
    spread *= (true_kpa / MEDIAN_KPA) ** 0.15 * (1 + 0.02 * max(bmi - 25, 0))
    logs = np.log(true_kpa) + EXAM_SD * rng.standard_normal() + spread * rng.standard_normal(valid)
    if not valid:
        return Elastography(None, None, 0, attempts, size, true_kpa)
    shots = np.clip(np.exp(logs), LOWEST_KPA, HIGHEST_KPA)
    low, median, high = np.percentile(shots, (25, 50, 75)).tolist()
    return Elastography(round(median, 1), round((high - low) / median, 3), valid, attempts, size, true_kpa)


def stiffness_kpa(shown: float) -> float:
    """The stiffness of a liver whose source shows `shown`: log-linear, within what the device can read."""
    value = MEDIAN_KPA * float(np.exp(LOG_SD * np.clip(shown, -CLIP, CLIP)))
    return float(np.clip(value, LOWEST_KPA, HIGHEST_KPA))


def _shots(rng: np.random.Generator, success: Success, bmi: float, *, liking: float) -> tuple[int, int]:
    """Valid shots and attempts: until ten are valid, the operator loses patience, or none of the first ten is."""
    logit = success.at_25 - success.per_unit * (bmi - 25) + success.person * liking
    hit = rng.random(MOST) < 1 / (1 + np.exp(-logit))
    if not hit[:HOPELESS].any():
        return 0, HOPELESS
    enough = np.flatnonzero(np.cumsum(hit) >= NEEDED)
    attempts = int(enough[0]) + 1 if enough.size else MOST
    return int(hit[:attempts].sum()), attempts
