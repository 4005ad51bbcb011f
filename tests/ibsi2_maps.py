"""The digital phantoms of IBSI-2 and its reference response maps, as arrays (z, y, x)."""

import lzma
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

GOLDEN = Path(__file__).parent / "golden" / "ibsi2"
SPACING_MM = (2.0, 2.0, 2.0)
TOLERANCE = 0.01
"""Of the range of a map's values: what IBSI allows a voxel to differ by."""


def phantom(name: str) -> NDArray[np.float32]:
    """The phantom `name`."""
    image = nibabel.Nifti1Image.from_filename(GOLDEN / f"phantom_{name}.nii.gz")
    return np.ascontiguousarray(np.asarray(image.dataobj, dtype=np.float32).T)


def reference_map(test: str) -> NDArray[np.float32]:
    """The consensus response of the IBSI test `test`, e.g. "1.a.1"."""
    planes = np.frombuffer(lzma.decompress((GOLDEN / "maps" / f"{test}.xz").read_bytes()), dtype=np.uint8)
    voxels = np.ascontiguousarray(planes.reshape(4, -1)[::-1].T)
    return voxels.view("<f4").reshape(64, 64, 64)


def share_of_range(found: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Greatest difference of a voxel, as a share of the reference's range."""
    return float(np.abs(found.astype(float) - reference).max() / np.ptp(reference.astype(float)))
