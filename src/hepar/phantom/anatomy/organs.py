"""What an abdomen consists of, and the SIMULATED anatomy of one patient on one grid."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..grid import Grid

Box = tuple[slice, slice, slice]


class Organ(IntEnum):
    """What fills a voxel. AIR is outside of the body; a lesion has the label of what it lies in."""

    AIR = 0
    FAT = 1
    MUSCLE = 2
    LIVER = 3
    SPLEEN = 4
    KIDNEY = 5
    GALLBLADDER = 6
    AORTA = 7
    CAVA = 8
    PORTAL_VEIN = 9
    HEPATIC_VEIN = 10
    HEPATIC_ARTERY = 11
    STOMACH = 12
    BOWEL_GAS = 13
    BONE_CORTEX = 14
    BONE_MARROW = 15
    LUNG = 16
    SKIN = 17
    PANCREAS = 18
    DISC = 19
    CANAL = 20
    ADRENAL = 21
    STOMACH_WALL = 22
    BOWEL_WALL = 23
    BOWEL_CONTENT = 24
    HEART = 25
    OESOPHAGUS = 26
    CARTILAGE = 27
    ASCITES = 28
    KIDNEY_MEDULLA = 29
    SPLENIC_VEIN = 30
    SPLENIC_ARTERY = 31


@dataclass(frozen=True, slots=True)
class Place:
    """Where the middle of a lesion lies, mm (z, y, x) from the middle of the grid."""

    centre_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The organs of a SIMULATED patient on `grid`.

    `labels` (z, y, x) holds an `Organ` in each voxel, `liver` (z, y, x) the liver as a radiologist outlines it: with
    the vessels inside, without the gallbladder and the cava. `places` are those of the patient's lesions, in order.
    """

    grid: Grid
    labels: NDArray[np.uint8]
    liver: NDArray[np.bool_]
    places: tuple[Place, ...]

    def mask(self, *organs: Organ) -> NDArray[np.bool_]:
        """Voxels (z, y, x) that hold any of `organs`."""
        wanted = np.zeros(256, bool)
        wanted[[int(organ) for organ in organs]] = True
        return wanted[self.labels]

    def volume_ml(self, *organs: Organ) -> float:
        """Volume of `organs` within the field of view."""
        return float(np.count_nonzero(self.mask(*organs)) * _voxel_ml(self.grid))

    @property
    def liver_ml(self) -> float:
        """Volume of the outlined liver within the field of view."""
        return float(np.count_nonzero(self.liver) * _voxel_ml(self.grid))

    @property
    def liver_box(self) -> Box:
        """The smallest box of voxels around the liver; the whole grid when there is none in view."""
        found = [_span(np.asarray(self.liver.any(axis=axes))) for axes in ((1, 2), (0, 2), (0, 1))]
        return found[0], found[1], found[2]

    def depth_mm(self, margin: int = 2) -> tuple[Box, NDArray[np.float32]]:
        """Distance to the surface of the liver, mm, positive inside, in the box of the liver and `margin` voxels."""
        z, y, x = (
            slice(max(0, s.start - margin), min(n, s.stop + margin))
            for s, n in zip(self.liver_box, self.grid.shape, strict=True)
        )
        inside = self.liver[z, y, x]
        depth = ndimage.distance_transform_edt(inside, self.grid.spacing_mm).astype(np.float32)
        depth -= ndimage.distance_transform_edt(~inside, self.grid.spacing_mm).astype(np.float32)
        return (z, y, x), depth


def _voxel_ml(grid: Grid) -> float:
    return float(np.prod(grid.spacing_mm)) * 1e-3


def _span(occupied: NDArray[np.bool_]) -> slice:
    found = np.flatnonzero(occupied)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, occupied.size)
