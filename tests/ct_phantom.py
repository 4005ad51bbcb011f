"""A patient and a body of blocks to take SIMULATED CT scans of, quicker and plainer than an abdomen."""

from dataclasses import replace
from typing import Any

import numpy as np

from hepar.phantom.anatomy import Anatomy, Organ, Place
from hepar.phantom.grid import Grid
from hepar.phantom.patient import Lesion, Liver, Patient, Person

GRID = Grid((32, 96, 112), (3.0, 3.0, 3.0))
BLOCKS = {
    Organ.LIVER: (slice(4, 28), slice(20, 60), slice(14, 52)),
    Organ.SPLEEN: (slice(6, 26), slice(40, 64), slice(74, 96)),
    Organ.AORTA: (slice(0, 32), slice(56, 66), slice(56, 66)),
    Organ.PORTAL_VEIN: (slice(10, 22), slice(32, 42), slice(24, 34)),
    Organ.BONE_CORTEX: (slice(0, 32), slice(70, 78), slice(50, 62)),
}


def patient(*, number: int = 1, shown: dict[str, float] | None = None, **changes: Any) -> Patient:
    """A patient without lesions on scanner A; `changes` are fields of the patient."""
    found = Patient(
        study="C",
        seed=3,
        number=number,
        person=Person(sex="m", age_y=55.0, height_m=1.75, weight_kg=75.0, site="A"),
        liver=Liver("HBV", fibrosis=0.0, collagen=0.05, stage=2, fat=0.03, inflammation=1.0, iron_mg_g=1.0),
        shown=shown or {},
        scanners={"ct": "A"},
        has=frozenset({"ct"}),
    )
    return replace(found, **changes)


def with_fat(fat: float) -> Patient:
    """The same patient with another liver."""
    plain = patient()
    return replace(plain, liver=replace(plain.liver, fat=fat))


def body(grid: Grid = GRID, places: tuple[Place, ...] = ()) -> Anatomy:
    """Blocks of organs in an ellipse of fat."""
    z, y, x = grid.shape
    squared = (np.linspace(-1.15, 1.15, y)[:, None]) ** 2 + (np.linspace(-1.1, 1.1, x)[None, :]) ** 2
    labels = np.where(squared < 1, np.uint8(Organ.FAT), np.uint8(Organ.AIR))[None].repeat(z, 0)
    for organ, (rows, columns, depth) in BLOCKS.items():
        labels[rows, columns, depth] = organ
    return Anatomy(grid, labels, np.isin(labels, (Organ.LIVER, Organ.PORTAL_VEIN)), places)


def cyst(diameter_mm: float = 30.0) -> Lesion:
    """A sharp round lesion of -40 HU over the liver of reference in every phase."""
    from hepar.phantom.lesions import LOOK

    flat = dict.fromkeys(LOOK, 0.0)
    look = flat | {"core_native": -45.0, "core_arterial": -60.0, "core_portal": -100.0, "core_delayed": -82.0}
    return Lesion("cyst", False, False, diameter_mm, look=look)
