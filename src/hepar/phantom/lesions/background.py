"""Which lesions a SIMULATED patient has: by age, sex, aetiology, fat and how advanced the liver looks.

A patient has one story (benign lesions or none, hepatocellular carcinoma, cholangiocarcinoma, metastases); given the
story, the lesions are drawn independently of each other. So the probability of every story and kind, given who the
patient is and what was seen of each lesion, is exactly known (`case_probability` of `hepar.phantom.observers`).

The weights are choices, with published directions: hepatocellular carcinoma in men, with age, hepatitis B and
cirrhosis; metastases with age and hardly ever in cirrhosis; focal nodular hyperplasia in younger women; cysts with age
(Carrim and Murchison, 2003). About half of the lesions are malignant: the study asks a screening question. In the
cohorts of LiLNet (Nature Communications, 2024) 90 % (test) and 70 % (external) of patients had a malignant one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..patient import Lesion, Liver, Person, Sex
from .draw import draw_lesion
from .kinds import KINDS, LESIONS, MIMICS
from .look import Floats

STORIES = ("benign", "hcc", "icc", "metastasis")

COUNTS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "benign": (0.28, 0.36, 0.19, 0.10, 0.05, 0.02),
        "hcc": (0.0, 0.56, 0.24, 0.11, 0.06, 0.03),
        "icc": (0.0, 0.66, 0.20, 0.08, 0.04, 0.02),
        "metastasis": (0.0, 0.34, 0.23, 0.16, 0.11, 0.09, 0.07),
    }
)
"""Probability of 0, 1, 2 ... lesions in each story (typical values)."""
SAME_STORY = 0.72
"""Share of the lesions in a malignant story that are of its kind; the others are benign."""
LARGEST_TOGETHER_MM = 100.0
"""Lesions of one liver are together no larger than a ball of this diameter; larger sets are drawn anew (1 in 100)."""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a patient before any lesion is seen; `advanced` is how fibrotic the liver looks (normal)."""

    sex: Sex
    age_y: float
    aetiology: str
    advanced: float
    fat: float

    @classmethod
    def of(cls, person: Person, liver: Liver, *, advanced: float) -> "Background":
        """That of a patient."""
        return cls(person.sex, person.age_y, liver.aetiology, float(np.clip(advanced, -3, 3)), liver.fat)

    @property
    def cirrhotic(self) -> float:
        """0 where the liver looks normal, 1 where it looks cirrhotic."""
        diseased = {"HBV": 1.0, "MASLD": 0.8}.get(self.aetiology, 0.0)
        return float(diseased / (1 + np.exp(-3 * (self.advanced - 0.6))))


def story_probabilities(background: Background) -> Floats:
    """Probabilities (story,) in the order of `STORIES`."""
    decades = float(np.clip((background.age_y - 50) / 10, -3, 3))
    male, virus = background.sex == "m", background.aetiology == "HBV"
    cirrhotic = background.cirrhotic
    score = np.array(
        [
            0.15 + 0.45 * (not male),
            -1.6 + 0.85 * decades + 0.9 * male + 0.7 * virus + 1.9 * cirrhotic,
            -1.4 + 0.75 * decades + 0.3 * virus + 0.5 * cirrhotic,
            0.6 + 1.1 * decades - 0.3 * virus - 1.5 * cirrhotic,
        ]
    )
    weight = np.exp(score)
    return np.asarray(weight / weight.sum())


def kind_probabilities(background: Background) -> Floats:
    """Probabilities (story, kind) of the kind of a lesion given the story, kinds in the order of `LESIONS`."""
    found = np.zeros((len(STORIES), len(LESIONS)))
    benign = _benign(background)
    for row, story in enumerate(STORIES):
        share = 0.0 if story == "benign" else SAME_STORY
        found[row] = (1 - share) * benign
        if story != "benign":
            found[row, LESIONS.index(story)] += share
    return found


def expected_lesions(background: Background) -> Floats:
    """Expected number (kind,) of lesions of each kind."""
    counts = np.array([np.dot(COUNTS[story], np.arange(len(COUNTS[story]))) for story in STORIES])
    return np.asarray((story_probabilities(background) * counts) @ kind_probabilities(background))


def _benign(background: Background) -> Floats:
    """Probabilities (kind,) of a benign lesion's kind."""
    female, rare = background.sex == "f", 1 - 0.6 * background.cirrhotic
    young = float(np.exp(-0.05 * np.clip(background.age_y - 35, 0, 60)))
    weight = {
        "haemangioma": (1.3 if female else 0.9) * rare,
        "fnh": (1.5 if female else 0.5) * young * rare,
        "cyst": 0.7 * float(np.exp(0.03 * np.clip(background.age_y - 50, -30, 30))),
        "focal_fat": 0.06 + 1.2 * min(background.fat, 0.3),
    }
    found = np.array([weight.get(name, 0.0) for name in LESIONS])
    return np.asarray(found / found.sum())


def expected_mimics(background: Background) -> Floats:
    """Expected number (mimic,) of each of `MIMICS`; whether there is a tumour does not matter (typical values)."""
    cirrhotic = background.cirrhotic
    number = {
        "focal_sparing": 0.35 * (background.fat > 0.1),
        "perfusion_anomaly": 0.2 + 0.5 * cirrhotic,
        "regenerative_nodule": 1.5 * cirrhotic,
    }
    return np.array([number[name] for name in MIMICS])


def draw_lesions(
    rng: np.random.Generator, *, person: Person, liver: Liver, advanced: float, difficulty: float = 1.0
) -> tuple[Lesion, ...]:
    """The lesions of one patient, then what mimics lesions; `advanced` is what CT shows of fibrosis (normal)."""
    background = Background.of(person, liver, advanced=advanced)
    story = int(rng.choice(len(STORIES), p=story_probabilities(background)))
    counts = COUNTS[STORIES[story]]
    number = int(rng.choice(len(counts), p=counts))
    kinds = rng.choice(len(LESIONS), size=number, p=kind_probabilities(background)[story])
    found = _fitting(rng, [LESIONS[kind] for kind in kinds], difficulty=difficulty)
    mimics = [
        draw_lesion(rng, name, difficulty=difficulty)
        for name, expected in zip(MIMICS, expected_mimics(background), strict=True)
        for _ in range(min(rng.poisson(expected), 4))
    ]
    return (*found, *mimics)


def _fitting(rng: np.random.Generator, kinds: list[str], *, difficulty: float) -> list[Lesion]:
    while True:
        found = [draw_lesion(rng, kind, difficulty=difficulty) for kind in kinds]
        if sum(lesion.diameter_mm**3 for lesion in found) <= LARGEST_TOGETHER_MM**3:
            return found


def is_malignant() -> Floats:
    """1 for each of `LESIONS` that is malignant, else 0."""
    return np.array([float(KINDS[name].malignant) for name in LESIONS])
