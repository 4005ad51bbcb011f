"""What PyRadiomics tells beside the features (`diagnostics_*`): geometry and values of image and mask at each step."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import ndimage

from ...imaging.geometry import Volume
from .prepare import Mask, box_of

Told = dict[str, float | str]


def image_diagnostics(image: Volume, step: str) -> Told:
    """Spacing, size and values of an image; numbers of several axes stand in the order x, y, z."""
    head = f"diagnostics_Image-{step}"
    about: Told = {f"{head}_Dimensionality": "3D"} if step == "original" else {}
    return about | {
        f"{head}_Spacing": _tuple(image.spacing_mm[::-1]),
        f"{head}_Size": _tuple(image.array.shape[::-1]),
        f"{head}_Mean": float(image.array.mean(dtype=np.float64)),
        f"{head}_Minimum": float(image.array.min()),
        f"{head}_Maximum": float(image.array.max()),
    }


def mask_diagnostics(image: Volume, region: Mask, step: str, *, values: bool = True) -> Told:
    """Place, extent and pieces of a region, and the values in it."""
    head = f"diagnostics_Mask-{step}"
    box = box_of(region)
    centre = np.argwhere(region[box]).mean(axis=0) + [part.start for part in box]
    found: Told = {
        f"{head}_Spacing": _tuple(image.spacing_mm[::-1]),
        f"{head}_Size": _tuple(region.shape[::-1]),
        f"{head}_BoundingBox": _tuple(
            [part.start for part in box[::-1]] + [part.stop - part.start for part in box[::-1]]
        ),
        f"{head}_VoxelNum": float(np.count_nonzero(region)),
        f"{head}_VolumeNum": float(ndimage.label(region[box], np.ones((3, 3, 3)))[1]),
        f"{head}_CenterOfMassIndex": _tuple(centre[::-1]),
        f"{head}_CenterOfMass": _tuple((image.affine @ np.append(centre, 1))[:3]),
    }
    if not values:
        return found
    held = image.array[box][region[box]].astype(np.float64)
    ends: Iterable[tuple[str, float]] = (
        ("Mean", held.mean()),
        ("Minimum", held.min()),
        ("Maximum", held.max()),
    )
    return found | {f"{head}_{name}": float(value) for name, value in ends}


def _tuple(values: Sequence[float]) -> str:
    return str(tuple(np.asarray(values).tolist()))
