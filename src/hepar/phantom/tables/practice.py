"""How a study is run at its SIMULATED sites: who should not have been entered, and which values nobody has."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

import numpy as np
from scipy.stats import norm

from ...core.errors import SimulationError
from ..patient import Patient
from .column import Value
from .columns import BLOOD, COLUMNS
from .laboratory import shown_by_serum

NOT_DONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"C": ("ggt_u_l", "alp_u_l"), "D": ("inr", "hba1c_percent", "cholesterol_mg_dl")}
)
"""Tests that a site never asks for; a choice."""


@dataclass(frozen=True, slots=True)
class Practice:
    """Rates, each of 0 to 1, and what they depend on.

    `violations` is the share of patients with each reason for exclusion, `at_random` that of blood tests without a
    result. `elastography_not_done` is the share of patients whose elastography was not asked for; `informative` moves
    it by so many probits per unit of `shown["serum"]`: with 0.5 those who look ill in the blood lack it more often. It
    depends on nothing else of the disease, so that whoever sees the blood learns nothing from what is missing.
    `not_done` are the fields that a site never has.
    """

    violations: float = 0.03
    at_random: float = 0.03
    elastography_not_done: float = 0.0
    informative: float = 0.5
    not_done: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOT_DONE)

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name not in ("informative", "not_done")):
            if not 0 <= getattr(self, name) < 1:
                raise SimulationError(
                    f"{name} is {getattr(self, name)!r}; give a share of the patients, 0 to below 1"
                )
        if not np.isfinite(self.informative):
            raise SimulationError(f"informative is {self.informative!r}; give a finite number, 0 for none")
        known = {column.name for columns in COLUMNS.values() for column in columns}
        unknown = {name for names in self.not_done.values() for name in names} - known
        if unknown:
            raise SimulationError(f"not_done names {sorted(unknown)[0]!r}, which is no field of any table")


IDEAL = Practice(violations=0, at_random=0, informative=0, not_done=MappingProxyType({}))
"""Everyone belongs in the study and every test has a result."""


def lacking(patient: Patient, practice: Practice) -> frozenset[str]:
    """Fields that `patient` has no value for: by chance, by site, or the whole laboratory."""
    draws = patient.stream("tables", "missing").random(len(BLOOD))
    by_chance = {name for name, u in zip(BLOOD, draws, strict=True) if u < practice.at_random}
    whole = BLOOD if "laboratory" not in patient.has else ()
    return frozenset({*by_chance, *whole, *practice.not_done.get(patient.person.site, ())})


def without_elastography(patient: Patient, practice: Practice) -> bool:
    """Whether elastography was not done: the patient lacks it, or it was not asked for."""
    share, u = practice.elastography_not_done, patient.stream("tables", "not asked for").random()
    if "elastography" not in patient.has or share <= 0:
        return "elastography" not in patient.has
    # over a standard normal serum, the probit of this mean is the share asked for
    slope = practice.informative
    at = norm.ppf(share) * np.sqrt(1 + slope**2) + slope * shown_by_serum(patient)
    return bool(u < norm.cdf(at))


def violated(patient: Patient, practice: Practice, *reasons: str) -> dict[str, Value]:
    """For each reason for exclusion whether it applies, independently."""
    draws = patient.stream("tables", "eligibility").random(len(reasons))
    return {reason: bool(u < practice.violations) for reason, u in zip(reasons, draws, strict=True)}
