"""What goes wrong with a slide: pen marks, folds, blurred patches, bubbles, dust and uneven light."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .camera import finished
from .stain import Plane, Rgb
from .tissue import Window


class Artefact(IntFlag):
    """Artefacts of a place; several may meet."""

    PEN = 1
    FOLD = 2
    BLUR = 4
    BUBBLE = 8
    DUST = 16


PREVALENCE: Mapping[Artefact, float] = MappingProxyType(
    {Artefact.PEN: 0.3, Artefact.FOLD: 0.4, Artefact.BLUR: 0.35, Artefact.BUBBLE: 0.2, Artefact.DUST: 0.7}
)
"""Share of slides with each: assumed, since archives differ."""
INKS = ((2.2, 0.55, 1.3), (2.3, 1.3, 0.25), (2.4, 2.4, 2.3), (0.15, 1.9, 1.6))
"""Optical densities of green, blue, black and red pens."""


@dataclass(frozen=True, slots=True)
class Patch:
    """An artefact on the pixels from `corner` (y, x): `cover` (y, x), 0 to 1."""

    kind: Artefact
    corner: tuple[int, int]
    cover: Plane


def drawn(rng: np.random.Generator) -> frozenset[Artefact]:
    """Which artefacts a slide has."""
    return frozenset(kind for kind, share in PREVALENCE.items() if rng.random() < share)


def fold(window: Window, rng: np.random.Generator, *, size_um: tuple[float, float]) -> Plane:
    """Share (y, x) of the tissue that lies double: a curved band across the section."""
    turn, middle = rng.uniform(0, np.pi), np.array(size_um) * rng.uniform(0.3, 0.7, 2)
    away = window.points_um() - middle
    across = away @ np.array([np.cos(turn), np.sin(turn)]) + 30 * window.noise(rng, width_um=120)
    along = away @ np.array([-np.sin(turn), np.cos(turn)])
    length, width = rng.uniform(0.2, 0.45) * min(size_um), rng.uniform(14, 40)
    taper = width * np.sqrt(np.clip(1 - (along / length) ** 2, 0, 1)) - np.abs(across)
    return np.asarray(np.clip(taper / 4 + 0.5, 0, 1) * (np.abs(along) < length), np.float32)


def soil(rgb: Rgb, rng: np.random.Generator, *, kinds: frozenset[Artefact], um_per_px: float) -> list[Patch]:
    """Put pen, blur, bubbles and dust on `rgb`, in place; gives back what was put."""
    makers = {Artefact.PEN: _pen, Artefact.BLUR: _blur, Artefact.BUBBLE: _bubble, Artefact.DUST: _dust}
    found: list[Patch] = []
    for kind, make in makers.items():
        if kind in kinds:
            found.extend(make(rgb, rng, um_per_px))
    return found


def uneven(shape: tuple[int, int], rng: np.random.Generator, *, um_per_px: float) -> tuple[Plane, Plane]:
    """Gain by row and by column of the light: a slope, and the stripes in which the scanner passes over the glass."""
    slopes = 1 + rng.normal(0, 0.015, 2)
    rows, columns = (np.linspace(2 - s, s, n) for s, n in zip(slopes, shape, strict=True))
    stripe = (np.arange(shape[1]) * um_per_px / 500.0) % 1 - 0.5
    columns = columns * (1 - rng.uniform(0, 0.06) * stripe**2)
    return rows.astype(np.float32), columns.astype(np.float32)


def _disc(
    shape: tuple[int, ...], rng: np.random.Generator, *, radius_px: float
) -> tuple[tuple[int, int], tuple[int, int], NDArray[np.float64]]:
    """Corner and end of a box around a place, and the distance (y, x) from it over the radius."""
    centre = rng.uniform(0, 1, 2) * shape[:2]
    low = np.maximum(centre - radius_px * 1.3, 0).astype(int)
    high = np.minimum(centre + radius_px * 1.3 + 1, shape[:2]).astype(int)
    y, x = (np.arange(a, b) - c for a, b, c in zip(low, high, centre, strict=True))
    return (int(low[0]), int(low[1])), (int(high[0]), int(high[1])), np.hypot(y[:, None], x) / radius_px


def _dust(rgb: Rgb, rng: np.random.Generator, um_per_px: float) -> list[Patch]:
    """Dark specks out of focus."""
    found = []
    for _ in range(1 + rng.poisson(6)):
        radius = rng.uniform(3, 14) / um_per_px
        low, high, far = _disc(rgb.shape, rng, radius_px=radius)
        cover = np.exp(-2 * far**2).astype(np.float32)
        box = rgb[low[0] : high[0], low[1] : high[1]]
        box[...] = finished(box.astype(np.float32) * (1 - rng.uniform(0.4, 0.9) * cover[..., None]))
        found.append(Patch(Artefact.DUST, low, cover))
    return found


def _bubble(rgb: Rgb, rng: np.random.Generator, um_per_px: float) -> list[Patch]:
    """Air under the cover slip: a dark rim, a bright line within it, a veil inside."""
    found = []
    for _ in range(1 + rng.poisson(1)):
        low, high, far = _disc(rgb.shape, rng, radius_px=rng.uniform(60, 220) / um_per_px)
        rim = np.exp(-(((far - 1) / 0.025) ** 2))
        light = np.exp(-(((far - 0.94) / 0.02) ** 2))
        inside = np.clip((1 - far) / 0.02, 0, 1)
        box = rgb[low[0] : high[0], low[1] : high[1]]
        veiled = box + (inside * 0.25)[..., None] * (205.0 - box)
        box[...] = finished((veiled * (1 - 0.75 * rim)[..., None] + 40 * light[..., None]).astype(np.float32))
        found.append(Patch(Artefact.BUBBLE, low, np.maximum(inside, rim).astype(np.float32)))
    return found


def _blur(rgb: Rgb, rng: np.random.Generator, um_per_px: float) -> list[Patch]:
    """A patch out of focus."""
    found = []
    for _ in range(1 + rng.poisson(0.5)):
        low, high, far = _disc(rgb.shape, rng, radius_px=rng.uniform(100, 260) / um_per_px)
        cover = np.clip((1 - far) / 0.25, 0, 1).astype(np.float32)
        box = rgb[low[0] : high[0], low[1] : high[1]]
        width = rng.uniform(1.5, 4.0) / um_per_px
        soft = gaussian_filter(box.astype(np.float32), (width, width, 0), truncate=2.5)
        box[...] = finished((box + cover[..., None] * (soft - box)).astype(np.float32))
        found.append(Patch(Artefact.BLUR, low, cover))
    return found


def _pen(rgb: Rgb, rng: np.random.Generator, um_per_px: float) -> list[Patch]:
    """A stroke of a felt pen, which dries darker at its edges."""
    ink = np.array(INKS[rng.integers(len(INKS))], np.float32) * rng.uniform(0.5, 1.0)
    width = rng.uniform(60, 160) / um_per_px
    size = np.array(rgb.shape[:2])
    start, end = rng.uniform(0, 1, (2, 2)) * size
    end = start + np.clip(end - start, -0.5 * size, 0.5 * size)
    low = np.clip(np.minimum(start, end) - width, 0, size - 1).astype(int)
    high = np.clip(np.maximum(start, end) + width + 1, low + 1, size).astype(int)
    y, x = (np.arange(a, b, dtype=np.float32) for a, b in zip(low, high, strict=True))
    run = end - start
    along = ((y - start[0])[:, None] * run[0] + (x - start[1]) * run[1]) / max(float(run @ run), 1)
    along = np.clip(along, 0, 1)
    away = np.hypot((y - start[0])[:, None] - along * run[0], (x - start[1]) - along * run[1])
    away += 0.06 * width * np.sin(along * 23 + rng.uniform(0, 6))
    cover = np.clip((width / 2 - away) * um_per_px / 4, 0, 1).astype(np.float32)
    depth = cover * (0.75 + 0.35 * np.clip(2 * away / width, 0, 1) ** 6).astype(np.float32)
    box = rgb[low[0] : high[0], low[1] : high[1]]
    box[...] = finished(box.astype(np.float32) * np.exp(-depth[..., None] * ink))
    return [Patch(Artefact.PEN, (int(low[0]), int(low[1])), cover)]
