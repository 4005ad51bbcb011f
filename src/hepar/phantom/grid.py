"""The lattice on which a SIMULATED volume is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import SimulationError

LARGEST = 1024
"""Voxels along an axis; more than any scanner stores."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Voxels along (z, y, x) and their size in mm.

    Axes as in an axial DICOM series: z towards the head, y towards the back, x towards the patient's left, so that
    the liver lies at low x. Place (0, 0, 0) mm is the middle of the volume.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]

    def __post_init__(self) -> None:
        if not all(1 <= n <= LARGEST for n in self.shape):
            raise SimulationError(
                f"a grid of {self.shape} voxels cannot be made; give 1 to {LARGEST} along each axis"
            )
        if not all(np.isfinite(mm) and 0.05 <= mm <= 20 for mm in self.spacing_mm):
            raise SimulationError(
                f"a voxel of {self.spacing_mm} mm cannot be made; give 0.05 to 20 mm along each axis"
            )

    @property
    def extent_mm(self) -> tuple[float, float, float]:
        """Size of the field of view along (z, y, x)."""
        z, y, x = (n * mm for n, mm in zip(self.shape, self.spacing_mm, strict=True))
        return z, y, x

    def axis_mm(self, axis: int) -> NDArray[np.float32]:
        """Places (n,) of the centres of the voxels along `axis`, mm from the middle."""
        n = self.shape[axis]
        return ((np.arange(n) - (n - 1) / 2) * self.spacing_mm[axis]).astype(np.float32)

    @property
    def affine(self) -> NDArray[np.float64]:
        """From the index (z, y, x, 1) of a voxel to LPS millimetres (x, y, z, 1), the middle being the origin."""
        affine = np.zeros((4, 4))
        for axis, row in enumerate((2, 1, 0)):
            affine[row, axis] = self.spacing_mm[axis]
            affine[row, 3] = -(self.shape[axis] - 1) / 2 * self.spacing_mm[axis]
        affine[3, 3] = 1
        return affine
