"""Pictures of single cells: nuclei with chromatin, erythrocytes, goblets and debris, in a bank of variants."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .. import seeds
from ..fields import blob_spectrum, gaussian_field

Plane = NDArray[np.float32]
VARIANTS, ANGLES = 12, 16
"""Pictures of each kind: variants by ascending size, each at angles over half a turn."""


class Cell(IntEnum):
    """What is painted; those up to `MITOSIS` are nuclei that a counter counts."""

    COLUMNAR = 0
    TUMOUR = 1
    NORMAL = 2
    FIBROBLAST = 3
    MUSCLE = 4
    LYMPHOCYTE = 5
    PLASMA = 6
    GRANULOCYTE = 7
    MITOSIS = 8
    DEBRIS = 9
    ERYTHROCYTE = 10
    GOBLET = 11
    BODY = 12


NUCLEI = frozenset(kind for kind in Cell if kind <= Cell.MITOSIS)
OF_TUMOUR = (Cell.COLUMNAR, Cell.TUMOUR, Cell.MITOSIS)
"""Kinds whose size is that of the tumour's nuclei."""


@dataclass(frozen=True, slots=True)
class Look:
    """Half axes (um) of the nucleus, and concentrations of dyes in it.

    `spread` is the SD of the log size, `wobble` that of the outline, `bluntness` above 2 that its ends are blunter
    than those of an ellipse. `rim` and `chromatin` are what membrane and clumps of `grain_um` add to the haematoxylin,
    `nucleoli` how many there are, `lobes` the parts of a lobed nucleus. `body` is the cytoplasm around it: radius
    (um), haematoxylin, eosin; `cover` and `body_cover` tell how opaque the two are.
    """

    axes_um: tuple[float, float]
    haematoxylin: float
    eosin: float
    spread: float = 0.12
    wobble: float = 0.06
    rim: float = 0.0
    chromatin: float = 0.15
    grain_um: float = 0.7
    nucleoli: int = 0
    lobes: int = 1
    bluntness: float = 2.0
    blood: float = 0.0
    body: tuple[float, float, float] | None = None
    cover: float = 0.95
    body_cover: float = 0.8


LOOKS: Mapping[Cell, Look] = MappingProxyType(
    {  # sizes are typical values; a lymphocyte's nucleus is about 7 um across, an erythrocyte 6 to 7 um when fixed
        Cell.COLUMNAR: Look(
            (6.6, 2.8),
            1.15,
            0.2,
            wobble=0.05,
            bluntness=2.6,
            rim=0.35,
            chromatin=0.30,
            grain_um=0.55,
            nucleoli=1,
            cover=0.87,
        ),
        Cell.TUMOUR: Look(
            (5.2, 4.2),
            0.80,
            0.22,
            wobble=0.05,
            rim=0.85,
            chromatin=0.45,
            grain_um=0.55,
            nucleoli=2,
            cover=0.93,
            body=(7.6, 0.36, 0.42),
            body_cover=0.35,
        ),
        Cell.NORMAL: Look(
            (4.4, 3.2), 1.3, 0.2, bluntness=2.4, rim=0.25, chromatin=0.25, grain_um=0.55, cover=0.9
        ),
        Cell.FIBROBLAST: Look(
            (7.2, 1.6), 0.95, 0.25, spread=0.25, wobble=0.12, rim=0.35, chromatin=0.2, cover=0.9
        ),
        Cell.MUSCLE: Look(
            (9.5, 1.7), 0.85, 0.3, bluntness=2.5, spread=0.2, rim=0.25, chromatin=0.2, cover=0.9
        ),
        Cell.LYMPHOCYTE: Look(
            (3.4, 3.1), 1.7, 0.15, spread=0.08, wobble=0.03, rim=0.2, chromatin=0.16, body=(4.1, 0.25, 0.2)
        ),
        Cell.PLASMA: Look((3.4, 3.1), 1.55, 0.2, rim=0.4, chromatin=0.25, grain_um=0.9, body=(6.2, 0.5, 0.5)),
        Cell.GRANULOCYTE: Look((1.8, 1.6), 1.7, 0.2, lobes=3, chromatin=0.1, body=(4.8, 0.1, 0.75)),
        Cell.MITOSIS: Look((4.8, 2.2), 2.0, 0.1, wobble=0.14, chromatin=0.3, body=(7.0, 0.2, 0.3)),
        Cell.DEBRIS: Look((1.5, 1.2), 1.4, 0.4, spread=0.35, wobble=0.08, chromatin=0.1, cover=0.85),
        Cell.ERYTHROCYTE: Look((3.2, 3.0), 0.0, 0.35, blood=0.75, chromatin=0.0, wobble=0.04),
        Cell.GOBLET: Look((8.5, 5.2), 0.20, 0.10, spread=0.18, rim=0.25, chromatin=0.10, cover=0.9),
        Cell.BODY: Look((8.0, 6.5), 0.38, 0.52, spread=0.15, wobble=0.12, chromatin=0.06, cover=0.9),
    }
)


@dataclass(frozen=True, slots=True)
class Bank:
    """Pictures of a kind: `add` (variants, angles, 3, n, n) lies over what `keep` (.., 1, n, n) leaves of the tissue.

    `area_um2` (variants,) is the area of each nucleus.
    """

    keep: Plane
    add: Plane
    area_um2: NDArray[np.float64]


@lru_cache(maxsize=64)
def bank(
    kind: Cell, *, um_per_px: float, blur_um: float, size: float = 1.0, spread: float | None = None
) -> Bank:
    """The pictures of `kind`, `size` times its usual size, its log size varying by `spread`.

    They are the same for every patient: what a patient's cells look like is which of them are drawn.
    """
    look = LOOKS[kind]
    rng = seeds.stream(0, int(kind), "pathology", "cells")
    scales = size * np.exp((look.spread if spread is None else spread) * _quantiles())
    reach = max(*look.axes_um, look.body[0] if look.body else 0.0) * float(scales.max()) * 1.2 + 2 * blur_um
    half = int(np.ceil(reach / um_per_px))
    made = [
        _variant(look, scale, half=half, um_per_px=um_per_px, blur_um=blur_um, rng=rng) for scale in scales
    ]
    keep, add = (np.stack(parts) for parts in zip(*made, strict=True))
    return Bank(keep, add, np.pi * look.axes_um[0] * look.axes_um[1] * scales**2)


def _quantiles() -> NDArray[np.float64]:
    """Standard normal scores in the middle of each of `VARIANTS` equal shares."""
    found: NDArray[np.float64] = ndtri((np.arange(VARIANTS) + 0.5) / VARIANTS)
    return found


def _variant(
    look: Look, scale: float, *, half: int, um_per_px: float, blur_um: float, rng: np.random.Generator
) -> tuple[Plane, Plane]:
    """`keep` (angles, 1, n, n) and `add` (angles, 3, n, n) of a variant."""
    along, across = _axes(half, um_per_px)
    depth = _depth(look, scale, along=along, across=across, rng=rng)
    nucleus = look.cover * ndtr(depth / blur_um)
    tone = np.exp(0.12 * rng.standard_normal())
    dyes = np.stack(
        [
            tone * _chromatin(look, depth, um_per_px=um_per_px, scale=scale, rng=rng),
            np.full(depth.shape, look.eosin),
            look.blood * (1 - 0.35 * np.exp(-((depth - depth.max()) ** 2) / 2)),
        ],
        axis=1,
    )
    keep, add = 1 - nucleus, dyes * nucleus[:, None]
    if look.body is not None:
        keep, add = _embodied(
            look, scale, keep=keep, add=add, radius_um=np.hypot(along, across), blur_um=blur_um
        )
    return keep[:, None].astype(np.float32), add.astype(np.float32)


def _axes(half: int, um_per_px: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates (angles, n, n), um, along and across the long axis, which starts at y and turns towards x."""
    y, x = np.mgrid[-half : half + 1, -half : half + 1] * um_per_px
    angle = (np.arange(ANGLES) * np.pi / ANGLES)[:, None, None]
    return y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)


def _depth(
    look: Look,
    scale: float,
    *,
    along: NDArray[np.float64],
    across: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Depth (um) below the outline of the nucleus, negative outside."""
    a, b = scale * look.axes_um[0], scale * look.axes_um[1]
    stretch = np.exp(0.12 * rng.standard_normal())
    found = np.full(along.shape, -np.inf)
    for lobe in range(look.lobes):
        turn = 2 * np.pi * (lobe + 0.3 * rng.standard_normal()) / look.lobes
        away = 0.0 if look.lobes == 1 else 1.25 * a
        u, v = (along - away * np.cos(turn)) / (a * stretch), (across - away * np.sin(turn)) / (b / stretch)
        phi = np.arctan2(v, u)
        outline = np.ones_like(phi)
        for harmonic in (3, 4, 5):
            amplitude, phase = (
                look.wobble * rng.standard_normal() / np.sqrt(0.5 * harmonic),
                rng.uniform(0, 2 * np.pi),
            )
            outline += amplitude * np.cos(harmonic * phi + phase)
        radius = (np.abs(u) ** look.bluntness + np.abs(v) ** look.bluntness) ** (1 / look.bluntness)
        slope = np.hypot(u / (a * stretch), v / (b / stretch)) / np.maximum(np.hypot(u, v), 1e-6)
        found = np.maximum(found, (outline - radius) / np.maximum(slope, 1e-6))
    return found


def _chromatin(
    look: Look, depth: NDArray[np.float64], *, um_per_px: float, scale: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Haematoxylin (angles, n, n): membrane (which grows thick on some nuclei), clumps and nucleoli."""
    n = depth.shape[-1]
    clumps = gaussian_field(
        rng, (n, n), (um_per_px, um_per_px), spectrum=blob_spectrum(look.grain_um * scale)
    )
    found = look.haematoxylin * (1 + look.chromatin * clumps) + look.rim * np.exp(-((depth - 0.5) ** 2) / 0.7)
    place = (np.arange(n) - n // 2) * um_per_px
    for _ in range(rng.binomial(look.nucleoli + 1, 0.6) if look.nucleoli else 0):
        y, x = rng.normal(0, 0.28 * min(look.axes_um) * scale, 2)
        size = 0.55 * scale * np.exp(0.3 * rng.standard_normal())
        found += 0.8 * np.exp(-((place[:, None] - y) ** 2 + (place - x) ** 2) / (2 * size**2))
    return np.asarray(np.maximum(found, 0.02))


def _embodied(
    look: Look,
    scale: float,
    *,
    keep: NDArray[np.float64],
    add: NDArray[np.float64],
    radius_um: NDArray[np.float64],
    blur_um: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The nucleus over its cytoplasm."""
    radius, haematoxylin, eosin = look.body or (0.0, 0.0, 0.0)
    cover = look.body_cover * ndtr((radius * scale - radius_um) / max(blur_um, 0.5))
    under = cover[:, None] * np.array([haematoxylin, eosin, 0.0])[:, None, None]
    return keep * (1 - cover), add + keep[:, None] * under
