"""SIMULATED images and regions for the tests of radiomics."""

import numpy as np

from hepar.imaging.geometry import Array, Volume, affine_of

SPACING_MM = (3.0, 1.5, 1.5)


def volume(array: Array, *, unit: str = "HU", modality: str = "CT") -> Volume:
    """`array` (z, y, x) with axes towards head, back and left."""
    axes = np.diag(SPACING_MM)[:, ::-1]
    return Volume(array, affine_of(axes, (-20.0, 10.0, 5.0)), modality, unit)


def image(shape: tuple[int, int, int] = (14, 30, 32), *, seed: int = 0) -> Volume:
    """Noise with some correlation round 60 HU."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=shape)
    smooth = noise + np.roll(noise, 1, axis=1) + np.roll(noise, 1, axis=2)
    return volume(np.rint(60 + 15 * smooth).astype(np.int16))


def ball(like: Volume, *, centre: tuple[float, float, float], radius_mm: float) -> Volume:
    """The voxels within `radius_mm` of `centre` (z, y, x in voxels)."""
    grid = np.indices(like.array.shape)
    steps = [(g - c) * s for g, c, s in zip(grid, centre, like.spacing_mm, strict=True)]
    return like.like(np.square(steps).sum(axis=0) <= radius_mm**2, unit="")
