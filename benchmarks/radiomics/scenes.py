"""SIMULATED scenes of the radiomics benchmark: a liver, a lesion, twenty lesions, a two-dimensional ultrasound region."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from hepar.imaging.geometry import Volume, affine_of
from hepar.io.images import write_nifti

Array = NDArray[Any]
SPACING_MM = (2.0, 0.8, 0.8)
SHAPE = (100, 256, 256)
LESIONS = 20


def write_scenes(folder: Path, *, seed: int = 0) -> dict[str, tuple[Path, list[Path]]]:
    """Scene -> image file and mask files, axes (x, y, z) as NIfTI has them."""
    rng = np.random.default_rng(seed)
    liver = ball((50.0, 128.0, 128.0), radii_mm=(71.0, 71.0, 71.0))
    lesion = ball((55.0, 150.0, 110.0), radii_mm=(10.0, 10.0, 10.0))
    image = np.where(liver, 104.0, -80.0) + 17.0 * noise(rng, SHAPE)
    image = np.where(lesion, 54.0 + 17.0 * noise(rng, SHAPE), image)
    ct = save(folder / "ct.nii.gz", np.rint(image).astype(np.int16), SPACING_MM)
    masks = {
        "liver": [save(folder / "liver.nii.gz", liver.astype(np.uint8), SPACING_MM)],
        "lesion": [save(folder / "lesion.nii.gz", lesion.astype(np.uint8), SPACING_MM)],
        "20 lesions": [
            save(folder / f"lesion{k:02}.nii.gz", one.astype(np.uint8), SPACING_MM)
            for k, one in enumerate(scattered(rng))
        ],
    }
    frame = np.rint(90 + 30 * noise(rng, (1, 512, 640))).astype(np.int16)
    area = np.zeros(frame.shape, np.uint8)
    area[:, 100:417, 160:477] = 1
    us = save(folder / "us.nii.gz", frame, (1.0, 0.2, 0.2))
    region = save(folder / "us-region.nii.gz", area, (1.0, 0.2, 0.2))
    return {**{name: (ct, found) for name, found in masks.items()}, "ultrasound, 2-D": (us, [region])}


def ball(centre: tuple[float, float, float], *, radii_mm: tuple[float, float, float]) -> Array:
    """Ellipsoid at `centre` (voxels)."""
    grid = np.ogrid[tuple(slice(0, n) for n in SHAPE)]
    terms = [((g - c) * s / r) ** 2 for g, c, s, r in zip(grid, centre, SPACING_MM, radii_mm, strict=True)]
    inside: Array = terms[0] + terms[1] + terms[2] <= 1.0
    return inside


def noise(rng: np.random.Generator, shape: tuple[int, int, int]) -> Array:
    """Noise of three scales, zero mean, unit variance."""
    parts = [gaussian_filter(rng.normal(size=shape), s) for s in (0.0, 1.0, 3.0)]
    total: Array = np.sum([p / p.std() for p in parts], axis=0)
    return np.asarray(total / total.std())


def scattered(rng: np.random.Generator) -> list[Array]:
    """Twenty lesions of 2 cm across the liver."""
    middles = rng.uniform((32, 83, 83), (68, 173, 173), size=(LESIONS, 3))
    return [ball((float(z), float(y), float(x)), radii_mm=(10.0, 10.0, 10.0)) for z, y, x in middles]


def save(path: Path, array: Array, spacing_mm: tuple[float, float, float]) -> Path:
    """Write `array` (z, y, x) as NIfTI."""
    affine = affine_of(np.diag(spacing_mm)[:, ::-1], (0.0, 0.0, 0.0))
    write_nifti(Volume(array, affine), path)
    return path
