"""Crude first abdomen: ellipsoids; the shapes are refined next."""

import numpy as np
from numpy.typing import NDArray

from ..grid import Grid
from ..patient import Patient
from .organs import Anatomy, Organ, Place

# organ, centre (z, y, x) mm, half-axes mm
ELLIPSOIDS = (
    (Organ.LIVER, (10, -5, -65), (85, 75, 75)),
    (Organ.SPLEEN, (25, 40, 95), (50, 38, 22)),
    (Organ.KIDNEY, (-50, 45, -55), (52, 27, 25)),
    (Organ.KIDNEY, (-45, 45, 55), (52, 27, 25)),
    (Organ.STOMACH, (20, -30, 65), (45, 35, 40)),
    (Organ.GALLBLADDER, (-35, -45, -55), (30, 14, 14)),
    (Organ.PANCREAS, (-15, -5, 10), (10, 10, 55)),
)
# organ, (y, x), radius
TUBES = (
    (Organ.AORTA, (12, 10), 10),
    (Organ.CAVA, (10, -22), 11),
    (Organ.BONE_CORTEX, (45, 0), 21),
    (Organ.BONE_MARROW, (45, 0), 19),
    (Organ.CANAL, (73, 0), 9),
)


def abdomen(patient: Patient, grid: Grid) -> Anatomy:
    """The SIMULATED upper abdomen of `patient` on `grid`."""
    z, y, x = (grid.axis_mm(axis).reshape([-1 if a == axis else 1 for a in range(3)]) for axis in range(3))
    labels = np.zeros(grid.shape, np.uint8)
    layers = ((Organ.SKIN, 0.0), (Organ.FAT, 2.0), (Organ.MUSCLE, 16.0), (Organ.FAT, 30.0))
    for organ, depth in layers:
        labels[np.broadcast_to((y / (110 - depth)) ** 2 + (x / (160 - depth)) ** 2 < 1, grid.shape)] = organ
    for organ, (cz, cy, cx), (az, ay, ax) in ELLIPSOIDS:
        inside = ((z - cz) / az) ** 2 + ((y - cy) / ay) ** 2 + ((x - cx) / ax) ** 2 < 1
        labels[inside & (labels == Organ.FAT)] = organ
    liver: NDArray[np.bool_] = labels == Organ.LIVER
    for organ, (cy, cx), radius in TUBES:
        labels[np.broadcast_to((y - cy) ** 2 + (x - cx) ** 2 < radius**2, grid.shape)] = organ
    liver &= labels == Organ.LIVER
    vein = np.abs(y + 5) ** 2 + np.abs(z - 10) ** 2 < 49
    labels[vein & liver] = Organ.PORTAL_VEIN
    rng = patient.stream("anatomy", "places")
    inside_mm = np.argwhere(liver)
    places = []
    for _ in patient.lesions:
        index = inside_mm[rng.integers(len(inside_mm))]
        zmm, ymm, xmm = (float(grid.axis_mm(a)[index[a]]) for a in range(3))
        places.append(Place((zmm, ymm, xmm)))
    return Anatomy(grid, labels, liver, tuple(places))
