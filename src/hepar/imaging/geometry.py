"""A volume: an array with its place in the patient."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Volume:
    """An image or a mask and where it lies.

    `array` has axes (z, y, x): slices, rows, columns as they are stored. `affine` (4, 4) takes the index
    `(z, y, x, 1)` of a voxel to the millimetres of its centre in DICOM's patient coordinates (LPS: x to the left, y to
    the back, z to the head). `modality` is DICOM's code (CT, MR, US); `unit` is that of the values ("HU"), empty where
    it is not known.
    """

    array: Array
    affine: NDArray[np.float64]
    modality: str = ""
    unit: str = ""

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxels along z, y and x of the array."""
        z, y, x = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(z), float(y), float(x)

    def like(self, array: Array, *, unit: str | None = None) -> Self:
        """The same place with another array of the same shape."""
        return replace(self, array=array, unit=self.unit if unit is None else unit)
