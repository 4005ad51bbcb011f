"""What a SIMULATED cohort is like: who comes, what each source shows, who lacks what, and one knob of difficulty."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ..core.errors import SimulationError, choices
from .signals import Loadings, Signals

Study = Literal["A", "B", "C", "D", "E"]
STUDIES: tuple[Study, ...] = ("A", "B", "C", "D", "E")

STAGE_FROM = (-1.227, -0.468, 0.075, 0.643)
"""Liability from which on the stage is F1, F2, F3, F4: 11, 21, 21, 21 and 26 % of patients (Ai 2024, 237 biopsies)."""

SAMPLED = 0.96
"""Correlation of a biopsy's liability with the liver's.

A biopsy then differs from its liver by a stage or more in about 30 % of patients; Bedossa 2003 found 25 to 35 % for
cores of 25 to 15 mm.
"""

_LIVER: Mapping[str, Loadings] = {
    "stiffness": {"shared": 0.76, "inflammation": 0.35, "body": 0.15},
    "bmode": {"shared": 0.66, "fat": 0.30, "body": 0.30, "coarse": 0.35},
    "rf": {"shared": 0.66, "fat": 0.35, "body": 0.25, "coarse": 0.35},
    "ct": {"shared": 0.66, "coarse": 0.45},
    "mri": {"shared": 0.68, "coarse": 0.45},
    "serum": {"shared": 0.54, "inflammation": 0.45},
    "age": {"shared": 0.20},
}
"""Sources of fibrosis; `coarse` is coarseness of tissue that is not fibrosis, an error that images have in common."""

_PERSON: Mapping[str, Loadings] = {
    "bmi": {"body": 1.0},
    "fat": {"fat": 1.0},
    "inflammation": {"inflammation": 1.0},
}
"""Nuisances, which whoever reports a bound may count as known."""

_METASTASIS: Mapping[str, Loadings] = {
    "t": {"shared": 0.30},
    "n": {"shared": 0.44},
    "cea": {"shared": 0.36},
    "ct_risk": {"shared": 0.68},
    "slide": {"shared": 0.70},
    "age": {},
}

_FIBROSIS = Signals(
    targets={"disease": {"shared": 1.0}, "biopsy": {"shared": SAMPLED}, "course": {"shared": 0.75}},
    sources={**_LIVER, **_PERSON},
)
_COLORECTAL = Signals(
    targets={"course": {"shared": 0.74}},
    sources={**_METASTASIS, "ct": {}, **_PERSON},
)

ARMS: Mapping[str, Mapping[str, float]] = {
    "natural": {"rf": 0.66, "bmode": 0.66, "gain": 0.0},
    "spectrum": {"rf": 0.90, "bmode": 0.0, "gain": 0.0},
    "brightness": {"rf": 0.0, "bmode": 0.90, "gain": 0.0},
    "nothing": {"rf": 0.0, "bmode": 0.0, "gain": 0.0},
    "shortcut": {"rf": 0.0, "bmode": 0.0, "gain": 0.90},
}
"""Arms of the ultrasound study: how much spectrum, envelope and the operator's gain show of the disease."""


@dataclass(frozen=True, slots=True)
class Absence:
    """How often a modality is missing, and how much more often (in probits per SD) where the disease is advanced."""

    share: float
    informative: float = 0.0


@dataclass(frozen=True, slots=True)
class Hazard:
    """Events and deaths per year at the mean liability, the log hazard ratio of an SD, and the years of follow-up."""

    events_per_y: float
    log_ratio: float
    deaths_per_y: float
    follow_up_y: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One cohort to be drawn; `of` gives the defaults of a study, which were set on the literature and stay.

    `healthy` is the share of volunteers without liver disease, `focal` that of patients in whom focal lesions are
    looked for. `difficulty` multiplies the noise beside the signal in every source, `private` moves that share of the
    signal from what all sources show to what each shows alone, `case_mix` is how much (in SD of the liability) sites
    differ in whom they see, `reference` the sources that are themselves what is to be told (they show nothing of the
    others in null mode), `null` lets nothing predict anything.
    """

    study: Study
    signals: Signals
    modalities: tuple[str, ...]
    sites: Mapping[str, float] = field(default_factory=lambda: {"A": 0.4, "B": 0.3, "C": 0.2, "D": 0.1})
    absent: Mapping[str, Absence] = field(default_factory=dict)
    hazard: Hazard = Hazard(events_per_y=0.03, log_ratio=1.2, deaths_per_y=0.01, follow_up_y=(3.0, 10.0))
    healthy: float = 0.0
    focal: float = 0.0
    difficulty: float = 1.0
    private: float = 0.0
    case_mix: float = 0.3
    reference: tuple[str, ...] = ()
    null: bool = False

    def __post_init__(self) -> None:
        if self.study not in STUDIES:
            raise SimulationError(f"there is no study {self.study!r}; {choices(self.study, STUDIES)}")
        if not 0 <= self.healthy < 1 or not 0 <= self.focal <= 1:
            raise SimulationError(
                f"healthy is {self.healthy!r}, focal {self.focal!r}; give shares of the patients"
            )
        if not 0 <= self.case_mix < np.inf:
            raise SimulationError(f"case_mix is {self.case_mix!r}; give a number from 0")
        for name, absence in self.absent.items():
            if name not in self.modalities or not 0 <= absence.share < 1:
                raise SimulationError(
                    f"absent: {name!r} at {absence.share!r}; {choices(name, self.modalities)}, at a share below 1"
                )
        _ = self.shown  # refuses an impossible difficulty or private share now, not at the first patient

    @classmethod
    def of(
        cls, study: str, *, arm: str = "natural", difficulty: float = 1.0, null: bool = False
    ) -> "Scenario":
        """The scenario of `study` "A" to "E"; `arm` chooses one of `ARMS` in study B.

        Arms but the natural one have no healthy volunteers, whom ultrasound tells by their lack of fat in any arm, and
        the same patients at every site.
        """
        if study not in _DEFAULTS:
            raise SimulationError(f"there is no study {study!r}; {choices(study, _DEFAULTS)}")
        if arm not in ARMS or (arm != "natural" and study != "B"):
            allowed = ARMS if study == "B" else ("natural",)
            raise SimulationError(f"study {study} has no arm {arm!r}; {choices(arm, allowed)}")
        found = replace(_DEFAULTS[study], difficulty=difficulty, null=null)
        if arm == "natural":
            return found
        return replace(found, signals=_of_arm(found.signals, arm), healthy=0.0, case_mix=0.0)

    @property
    def shown(self) -> Signals:
        """The joint distribution with difficulty, private share and null applied."""
        found = self.signals.private(self.private).harder(self.difficulty)
        return found.null(self.reference) if self.null else found

    @property
    def focal_shown(self) -> str:
        """The source whose fibrosis focal lesions follow: that of the images in which they are seen."""
        return "ct" if "ct" in self.modalities else "bmode"


def _of_arm(signals: Signals, arm: str) -> Signals:
    """Signals of which spectrum, envelope and gain show as much of the disease as the arm says."""
    rows = {
        name: {factor: value for factor, value in signals.sources.get(name, {}).items() if factor != "shared"}
        for name in ARMS[arm]
    }
    room = {name: 1 - math.fsum(value**2 for value in row.values()) for name, row in rows.items()}
    shown = {
        name: {**rows[name], "shared": min(loading, float(np.sqrt(room[name])) * 0.98)}
        for name, loading in ARMS[arm].items()
    }
    return replace(signals, sources={**signals.sources, **shown})


_IMAGED = {"elastography": Absence(0.08, 0.3), "mri": Absence(0.25), "ct": Absence(0.15)}

_DEFAULTS: Mapping[str, Scenario] = {
    "A": Scenario(
        study="A",
        signals=_FIBROSIS,
        modalities=("laboratory", "elastography", "ultrasound", "ct", "mri"),
        absent=_IMAGED,
        healthy=0.12,
    ),
    "B": Scenario(
        study="B",
        signals=_FIBROSIS,
        modalities=("ultrasound", "elastography", "laboratory"),
        healthy=0.15,
        focal=0.4,
        reference=("stiffness",),
    ),
    "C": Scenario(
        study="C",
        signals=_FIBROSIS,
        modalities=("mri", "ct", "ultrasound", "laboratory"),
        absent={"ct": Absence(0.1)},
    ),
    "D": Scenario(study="D", signals=_FIBROSIS, modalities=("ct", "laboratory"), focal=1.0),
    "E": Scenario(
        study="E",
        signals=_COLORECTAL,
        modalities=("ct", "slide", "laboratory"),
        sites={"A": 0.45, "B": 0.25, "C": 0.2, "D": 0.1},
        absent={"ct": Absence(0.2), "slide": Absence(0.25), "laboratory": Absence(0.05)},
        hazard=Hazard(events_per_y=0.012, log_ratio=2.0, deaths_per_y=0.02, follow_up_y=(3.0, 8.0)),
        private=0.2,
        case_mix=0.15,
    ),
}
