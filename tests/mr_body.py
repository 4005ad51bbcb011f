"""A patient and a body of ellipsoids to lay in a SIMULATED MR scanner; quick, and nobody's anatomy."""

from dataclasses import replace

import numpy as np

from hepar.phantom.anatomy import Anatomy, Organ, Place
from hepar.phantom.grid import Grid
from hepar.phantom.mri import Acquisition, draw_acquisition
from hepar.phantom.patient import Lesion, Liver, Patient, Person

GRID = Grid((8, 96, 128), (5.0, 2.5, 2.5))
PERSON = Person("f", 50.0, 1.65, 68.0, "A")
LIVER = Liver("MASLD", 0.3, 0.05, 1, 0.05, 1.0, 0.9)
ORGANS = (
    (Organ.MUSCLE, (0, 0), (85, 120)),
    (Organ.FAT, (0, 0), (75, 110)),
    (Organ.LIVER, (-5, -45), (55, 55)),
    (Organ.SPLEEN, (25, 75), (35, 25)),
    (Organ.AORTA, (35, 12), (10, 10)),
    (Organ.PORTAL_VEIN, (0, -40), (8, 8)),
    (Organ.GALLBLADDER, (-40, -20), (12, 12)),
)


def patient(
    scanner: str = "A",
    *,
    number: int = 1,
    shown: float = 0.0,
    liver: Liver = LIVER,
    lesions: tuple[Lesion, ...] = (),
    seed: int = 4,
) -> Patient:
    return Patient(
        "A", seed, number, PERSON, liver, {"mri": shown}, {"mri": scanner}, frozenset({"mri"}), lesions
    )


def body(grid: Grid = GRID, *, places: tuple[Place, ...] = (), gas: bool = False) -> Anatomy:
    """The organs as cylinders along z, in a ring of subcutaneous fat."""
    y, x = grid.axis_mm(1)[:, None], grid.axis_mm(2)
    plane = np.where((y / 100) ** 2 + (x / 135) ** 2 < 1, Organ.FAT, Organ.AIR).astype(np.uint8)
    for organ, (cy, cx), (hy, hx) in ORGANS:
        plane[((y - cy) / hy) ** 2 + ((x - cx) / hx) ** 2 < 1] = organ
    if gas:
        plane[((y + 35) / 20) ** 2 + ((x - 40) / 25) ** 2 < 1] = Organ.BOWEL_GAS
    labels = np.broadcast_to(plane, grid.shape).copy()
    return Anatomy(grid, labels, (labels == Organ.LIVER) | (labels == Organ.PORTAL_VEIN), places)


def calm(who: Patient, sequence: str, *, noise: float = 1e-5, grid: Grid = GRID) -> Acquisition:
    """A scan with nothing wrong: no movement, no ghost, no shading but the coil's, hardly any noise."""
    return replace(
        draw_acquisition(who, sequence, grid=grid),
        noise=noise,
        shift_mm=(0.0, 0.0, 0.0),
        second_shift_mm=(0.0, 0.0, 0.0),
        breath_mm=0.0,
        pulse=0.0,
        nyquist=0.0,
        shim_ppm=(0.0, 0.0, 0.0),
        dip=0.0,
        heart=0.0,
    )
