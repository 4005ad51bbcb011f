"""One SIMULATED patient: the latent state from which every modality, table and outcome of that patient is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from . import seeds

Sex = Literal["f", "m"]
Aetiology = Literal["HBV", "MASLD", "healthy"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is, apart from any disease; `site` is the hospital, "A" to "Z"."""

    sex: Sex
    age_y: float
    height_m: float
    weight_kg: float
    site: str

    @property
    def bmi(self) -> float:
        """Body-mass index, kg/m2."""
        return self.weight_kg / self.height_m**2


@dataclass(frozen=True, slots=True)
class Biopsy:
    """What pathology reported of a needle core; `stage` is what the reference standard knows, not the truth."""

    stage: int
    second_reader_stage: int
    length_mm: float
    portal_tracts: int


@dataclass(frozen=True, slots=True)
class Liver:
    """State of the liver.

    `fibrosis` is the liability (standard normal in patients with disease), `collagen` the proportion of the
    parenchyma that is collagen (0.01 to 0.5), `stage` the true METAVIR stage 0 to 4, `fat` the proton-density fat
    fraction (0 to 0.5), `inflammation` 0 to 3, `iron_mg_g` mg of iron per g dry weight.
    """

    aetiology: Aetiology
    fibrosis: float
    collagen: float
    stage: int
    fat: float
    inflammation: float
    iron_mg_g: float
    biopsy: Biopsy | None = None


@dataclass(frozen=True, slots=True)
class Lesion:
    """A focal lesion, or something that looks like one (`mimic`).

    `diameter_mm` is along its longest axis, `axes` are the three half-axes over the longest one (z, y, x),
    `infiltration` is the width of its margin over its radius (0: sharp). `look` holds what distinguishes it on
    images, drawn from the patterns of its kind (`hepar.phantom.lesions`).
    """

    kind: str
    malignant: bool
    mimic: bool
    diameter_mm: float
    axes: tuple[float, float, float] = (1.0, 1.0, 1.0)
    infiltration: float = 0.0
    look: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Tumour:
    """A resected colorectal cancer: pathological stage and the biology that a slide shows.

    `risk` is the liability of metachronous liver metastasis. `nodes_positive` of `nodes_examined` set `n_stage`;
    `differentiation` is 1 (well) to 3 (poor).
    """

    risk: float
    t_stage: int
    n_stage: int
    nodes_positive: int
    nodes_examined: int
    differentiation: int
    cea_ug_l: float
    rectal: bool


@dataclass(frozen=True, slots=True)
class Course:
    """What happened: years to the first of event (1), competing death (2) or end of follow-up (0)."""

    time_y: float
    status: int


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything that is true of one SIMULATED patient.

    `shown` is what each source shows of the disease, standard normal over the patients with disease: the images and
    tables of a source depend on the disease only through it, so that whoever knows it exactly is the best observer of
    that source. `scanners` names the device of each modality, `has` the modalities that the patient has.
    """

    study: str
    seed: int
    number: int
    person: Person
    liver: Liver
    shown: Mapping[str, float]
    scanners: Mapping[str, str]
    has: frozenset[str]
    lesions: tuple[Lesion, ...] = ()
    tumour: Tumour | None = None
    course: Course | None = None

    @property
    def case_id(self) -> str:
        """The pseudonym, which says that nobody stands behind it."""
        return f"SIM-{self.study}-{self.number:04}"

    def stream(self, *names: str) -> np.random.Generator:
        """The patient's own random numbers for the thing called `names`."""
        return seeds.stream(self.seed, self.number, *names)
