"""What a SIMULATED patient of each study gets, and how large: phases, sequences, views, slides, grids."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..phantom.grid import Grid
from ..phantom.patient import Patient, Person


@dataclass(frozen=True, slots=True)
class Plan:
    """Images of one patient.

    `views` counts the places at which the ultrasound probe is held; `rf` keeps their radio frequency. `reference` asks
    for recordings of a reference phantom, once for each scanner of the cohort.
    """

    ct_phases: tuple[str, ...] = ()
    mr_sequences: tuple[str, ...] = ()
    views: int = 0
    rf: bool = False
    slide: bool = False
    reference: bool = False


PLANS: Mapping[str, Plan] = {
    "A": Plan(ct_phases=("portal",), mr_sequences=("t1", "t2"), views=1, rf=True),
    "B": Plan(views=3, rf=True, reference=True),
    "C": Plan(ct_phases=("portal",), mr_sequences=("t1", "t2", "dwi", "adc", "hepatobiliary"), views=1),
    "D": Plan(ct_phases=("arterial", "portal")),
    "E": Plan(ct_phases=("portal",), slide=True),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the images are: slices, pixels along a side and slice distance of CT and MR; frames a view; slides."""

    ct: tuple[int, int, float]
    mr: tuple[int, int, float]
    frames: int
    mm_per_px: float
    slide_px: int
    slide_um: float


SIZES: Mapping[str, Size] = {
    "reduced": Size(
        ct=(60, 192, 4.0), mr=(40, 144, 6.0), frames=1, mm_per_px=0.6, slide_px=2048, slide_um=1.0
    ),
    "full": Size(ct=(100, 512, 2.5), mr=(64, 256, 4.0), frames=8, mm_per_px=0.3, slide_px=8192, slide_um=0.5),
}
NOTHING = Plan()


def plan_of(patient: Patient, size: str) -> Plan:
    """What is made of `patient`: the plan of the study, without the modalities that the patient lacks."""
    if size not in SIZES:
        return NOTHING
    plan, has = PLANS[patient.study], patient.has
    return replace(
        plan,
        ct_phases=plan.ct_phases if "ct" in has else (),
        mr_sequences=plan.mr_sequences if "mri" in has else (),
        views=plan.views if "ultrasound" in has else 0,
        slide=plan.slide and "slide" in has,
    )


def grid_of(person: Person, volume: tuple[int, int, float]) -> Grid:
    """The grid of `volume` (slices, pixels, slice distance), its field of view as wide as the person needs."""
    slices, pixels, slice_mm = volume
    pixel_mm = field_of_view_mm(person) / pixels
    return Grid((slices, pixels, pixels), (slice_mm, pixel_mm, pixel_mm))


def field_of_view_mm(person: Person) -> float:
    """Side of the square that holds the trunk, in whole centimetres from 32 to 50.

    The width is that of an ellipse 0.7 times as deep as wide, of the mean cross-section 1.4 times weight over height.
    """
    section_mm2 = 1.4e3 * person.weight_kg / person.height_m
    width_mm = 2 * np.sqrt(section_mm2 / (np.pi * 0.7))
    return float(np.clip(10 * np.ceil((1.06 * width_mm + 30) / 10), 320, 500))
