"""Textures of tissue: collagen and muscle fibres along contours, grain of cytoplasm, mucus and necrosis."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .. import seeds
from ..fields import blob_spectrum, gaussian_field
from .tissue import Plane

SIZE = 1024
"""Pixels of a side of each texture, which repeats beyond."""


@dataclass(frozen=True, slots=True)
class Textures:
    """Periodic textures (SIZE, SIZE), mean 0 and SD 1.

    `fibres` and `muscle` are (height, along) with `fibre_um` um a pixel; `grain` and `clumps` (y, x) in the
    picture's pixels: granules and patches.
    """

    fibres: Plane
    muscle: Plane
    grain: Plane
    clumps: Plane
    fibre_um: float


@lru_cache(maxsize=8)
def textures(*, um_per_px: float, blur_um: float) -> Textures:
    """The textures of a scanner; the same for every patient, who sees other places of them."""
    rng = seeds.stream(0, 0, "pathology", "textures")
    fine = max(um_per_px / 2, 0.2)
    width = float(np.hypot(0.75, blur_um))

    def blobs(width_um: float) -> Plane:
        spacing = (um_per_px, um_per_px)
        return gaussian_field(rng, (SIZE, SIZE), spacing, spectrum=blob_spectrum(width_um))

    return Textures(
        fibres=_fibres(rng, fine, across=(width, 2.0), along=(7.0, 15.0), weights=(0.9, 1.0)),
        muscle=_fibres(rng, fine, across=(width, 2.2), along=(16.0, 30.0), weights=(1.0, 0.8)),
        grain=blobs(float(np.hypot(0.45, blur_um))),
        clumps=blobs(3.2),
        fibre_um=fine,
    )


def _fibres(
    rng: np.random.Generator,
    um: float,
    *,
    across: tuple[float, float],
    along: tuple[float, float],
    weights: tuple[float, float],
) -> Plane:
    """Fibres and bundles: the sum of fields that are long one way."""
    total = np.zeros((SIZE, SIZE), np.float32)
    for thin, length, weight in zip(across, along, weights, strict=True):
        stretched = (um / thin, um / length)
        total += weight * gaussian_field(rng, (SIZE, SIZE), stretched, spectrum=blob_spectrum(1.0))
    found: Plane = (total / total.std()).astype(np.float32)
    return found


def looked_up(
    table: Plane, *, height_um: Plane, along_um: Plane, um: float, other: Plane, choose: NDArray[np.bool_]
) -> Plane:
    """The texture at contour `height_um` and place `along_um`; that of `other` where `choose`."""
    row = (height_um * np.float32(1 / um)).astype(np.int32)
    row &= SIZE - 1
    column = (along_um * np.float32(1 / um)).astype(np.int32)
    column &= SIZE - 1
    row *= SIZE
    row += column
    found = np.take(table, row)
    if choose.any():
        found[choose] = np.take(other, row[choose])
    return found
