"""A section through the wall of the bowel with its cancer: mucosa, tumour, invasive front, muscle and fat on glass."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .biology import Biology
from .scenes import bare, with_crypts, with_fat, with_glands, with_muscle, with_vessels
from .tissue import FAR_UM, Plane, Points, Tissue, Window

MUCOSA_UM, FRONT_UM = 450.0, 260.0
"""Depth of the normal mucosa and how far ahead of the tumour the invasive front reaches (typical values)."""


class Region(IntEnum):
    """What a place of the section belongs to at low power."""

    GLASS = 0
    MUCOSA = 1
    TUMOUR = 2
    FRONT = 3
    STROMA = 4
    MUSCLE = 5
    FAT = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """Levels (um, positive inside) of the parts of the section, and its own coordinates `places_um`: depth and side."""

    places_um: Points
    section: Plane
    tumour: Plane
    mucosa: Plane
    muscle: Plane
    fat: Plane
    front: Plane


def plan(window: Window, rng: np.random.Generator, *, size_um: tuple[float, float]) -> Plan:
    """Where the parts lie.

    The bowel's wall is turned and bent at random; the tumour grows from the surface. How deep it has come says
    nothing of the T stage, which is another source than the slide.
    """
    places, extent = _wall(window, rng, size_um=size_um)
    depth, side = places[..., 0], places[..., 1]
    wide, deep = rng.uniform(0.30, 0.42) * extent, rng.uniform(0.5, 0.62) * extent
    middle = rng.uniform(-0.18, 0.18) * extent
    tumour = (1 - np.hypot((side - middle) / wide, depth / deep)) * min(wide, deep)
    tumour += 35 * window.noise(rng, width_um=100) + 15 * window.noise(rng, width_um=40)
    first, last = rng.uniform(0.52, 0.6) * extent, rng.uniform(0.72, 0.8) * extent
    wave = 25 * window.noise(rng, width_um=120)
    mucosae = 14 - np.abs(depth - MUCOSA_UM - 22 - 0.3 * wave)
    muscle = np.maximum(np.minimum(depth - first + wave, last - depth + wave), mucosae)
    return Plan(
        places_um=places,
        section=_outline(window, rng, places=places, extent=extent),
        tumour=tumour.astype(np.float32),
        mucosa=np.minimum(MUCOSA_UM - depth, -30 - tumour).astype(np.float32),
        muscle=np.minimum(muscle, -10 - tumour).astype(np.float32),
        fat=np.minimum(depth - last - 40 + 2 * wave, -60 - tumour).astype(np.float32),
        front=_front(tumour, depth),
    )


def _front(tumour: NDArray[np.float64], depth: NDArray[np.float64]) -> Plane:
    """Share belonging to the front: ahead of the tumour's deep border and just within it."""
    ahead = np.clip((tumour + FRONT_UM) / 60, 0, 1)
    return np.asarray(
        ahead * np.clip((40 - tumour) / 30, 0, 1) * np.clip((depth - 350) / 60, 0, 1), np.float32
    )


def _wall(window: Window, rng: np.random.Generator, *, size_um: tuple[float, float]) -> tuple[Points, float]:
    """Depth from the surface and place along the wall (um) of every point, and how much tissue there is."""
    extent = 0.88 * min(size_um)
    turn = rng.integers(4) * np.pi / 2 + rng.uniform(-0.3, 0.3)
    cos, sin = np.cos(turn), np.sin(turn)
    away = window.points_um() - np.array(size_um) / 2
    depth, side = away @ np.array([cos, sin]), away @ np.array([-sin, cos])
    bend = rng.uniform(-0.12, 0.12) / extent
    depth = depth + extent / 2 - bend * side**2 + 35 * window.noise(rng, width_um=180)
    return np.stack([depth, side], axis=-1), extent


def _outline(window: Window, rng: np.random.Generator, *, places: Points, extent: float) -> Plane:
    """Level of the tissue on the glass: the surface, three cut edges, and a few tears."""
    depth, side = places[..., 0], places[..., 1]
    ragged = 18 * window.noise(rng, width_um=60) + 7 * window.noise(rng, width_um=14)
    length = rng.uniform(0.42, 0.5) * extent
    cut = np.minimum(length - np.abs(side), extent - depth) + ragged
    found = np.minimum(depth + 3 * window.noise(rng, width_um=25), cut)
    tear = 3.0 * (np.abs(window.noise(rng, width_um=160)) * 60 + 10 * window.noise(rng, width_um=30) - 4)
    torn = window.noise(rng, width_um=220) > 1.45
    return np.asarray(np.clip(np.where(torn, np.minimum(found, tear), found), -FAR_UM, FAR_UM), np.float32)


def compose(plan: Plan, window: Window, rng: np.random.Generator, *, biology: Biology) -> Tissue:
    """The tissue of a plan."""
    depth = plan.places_um[..., 0]
    along_wall = np.clip((-plan.tumour - 60) / 120, 0, 1)
    base = bare(window, rng)
    fibre = base.fibre * (1 - along_wall) + (depth + 14 * window.noise(rng, width_um=50)) * along_wall
    base = replace(base, section=plan.section, fibre=fibre.astype(np.float32), front=plan.front)

    def inside(centres: Points) -> NDArray[np.bool_]:
        return np.asarray(window.at(plan.tumour, centres) > 0)

    tissue = with_glands(base, rng, biology=biology, where=inside)
    tissue = with_crypts(tissue, rng, places_um=plan.places_um, along=True, where=plan.mucosa)
    tissue = with_muscle(tissue, rng, where=plan.muscle)
    tissue = with_fat(tissue, rng, where=plan.fat)
    return with_vessels(tissue, rng)


def regions(plan: Plan) -> NDArray[np.uint8]:
    """`Region` (y, x) of every point of the lattice."""
    found = np.full(plan.section.shape, Region.STROMA, np.uint8)
    found[plan.muscle > 0] = Region.MUSCLE
    found[plan.fat > 0] = Region.FAT
    found[plan.mucosa > 0] = Region.MUCOSA
    found[plan.front > 0.5] = Region.FRONT
    found[plan.tumour > 0] = Region.TUMOUR
    found[plan.section <= 0] = Region.GLASS
    return found
