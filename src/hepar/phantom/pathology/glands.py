"""Glands as levels on the lattice: those of the tumour, solid and cribriform nests, and normal crypts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .biology import Biology
from .tissue import FAR_UM, Plane, Points, Window, nearest

WITHOUT = 0.04
"""Share of places for a gland that hold none, so that stroma is wide here and narrow there."""
_ROUNDING_UM = 8.5
_NO_BORDER = 1e-30
"""Far from any border the level goes on rising: wide stroma leaves glands only there."""
_STROMA, _STROMA_UM = 1.3, 4.2
"""Stretch and shift of the stroma's half width that make up for rounded corners, missing and joined glands: fitted on
90 tumours, whose stroma then differed from what was asked for by 0.04 (SD) in fields of 2.25 mm2.
"""
_CRIBRIFORM_PITCH_UM = 42.0
_BETWEEN_CRYPTS_UM = 12.0
"""Lamina propria where normal crypts stand closest; typical value, seen on tiles of Kather 2018."""
TUBULAR, CRIBRIFORM, SOLID, MUCINOUS = range(4)


@dataclass(frozen=True, slots=True)
class Glands:
    """Levels `epithelium` and `lumen` (um), shares of `necrosis` and `mucus` in the lumina; `centres_um` (n, 2)."""

    epithelium: Plane
    lumen: Plane
    necrosis: Plane
    mucus: Plane
    centres_um: Points


def tumour_glands(
    window: Window,
    rng: np.random.Generator,
    *,
    biology: Biology,
    where: Callable[[Points], NDArray[np.bool_]],
) -> Glands:
    """Glands of the tumour at the centres for which `where` is true.

    A place belongs to the nearest of scattered centres (in warped coordinates); what is nearer to the border with
    another gland than half the width of the stroma is stroma. Some neighbours are joined, which makes glands long
    and branched.
    """
    pitch_um = biology.gland_um / np.sqrt(1 - biology.stroma)
    centres = scattered(window, rng, pitch_um=pitch_um, jitter=0.38)
    present = where(centres) & (rng.random(len(centres)) >= WITHOUT)
    group = _joined(centres, rng, share=0.15 + 0.45 * biology.irregularity)
    level, owner = _borders(_warped(window, rng, biology.irregularity), centres, group=group)
    inner = _STROMA * 0.5 * pitch_um * (1 - np.sqrt(min((1 - biology.stroma) / (1 - WITHOUT), 1.0)))
    rough = 1.2 * window.noise(rng, width_um=7) + (2 + 9 * biology.irregularity) * window.noise(
        rng, width_um=22
    )
    size = rng.normal(0, 0.08 * pitch_um, len(centres))[group][owner]
    inside = np.where(present[group][owner], level - inner + _STROMA_UM + size + rough, -level - inner)
    epithelium = np.clip(inside, -FAR_UM, FAR_UM).astype(np.float32)
    return _filled(
        window, rng, biology=biology, epithelium=epithelium, border=level, owner=group[owner], centres=centres
    )


def scattered(window: Window, rng: np.random.Generator, *, pitch_um: float, jitter: float) -> Points:
    """Points (n, 2) about `pitch_um` apart over the window: a triangular lattice, turned, shifted and shaken."""
    size = np.array(window.axes_um[0][[0, -1]].tolist() + window.axes_um[1][[0, -1]].tolist()).reshape(2, 2)
    reach = 0.75 * float(np.ptp(size, axis=1).max()) + 2 * pitch_um
    spacing = pitch_um * np.sqrt(2 / np.sqrt(3))
    n = int(np.ceil(reach / (spacing * np.sqrt(3) / 2)))
    row, column = (k.ravel() for k in np.mgrid[-n : n + 1, -n : n + 1])
    flat = np.stack([row * np.sqrt(3) / 2, column + 0.5 * (row % 2)], axis=1) * spacing
    flat += rng.uniform(-0.5, 0.5, 2) * spacing + jitter * spacing * rng.uniform(-1, 1, flat.shape)
    turn = rng.uniform(0, np.pi)
    cos, sin = np.cos(turn), np.sin(turn)
    found = flat @ np.array([[cos, -sin], [sin, cos]]) + size.mean(axis=1)
    kept = ((found > size[:, 0] - pitch_um) & (found < size[:, 1] + pitch_um)).all(axis=1)
    return np.asarray(found[kept])


def _joined(centres: Points, rng: np.random.Generator, *, share: float) -> NDArray[np.intp]:
    """Group (n,) of each centre: a `share` of them joins that of one of its three nearest neighbours."""
    _, near = nearest(centres, centres, k=4)
    group = np.arange(len(centres))
    chosen = near[group, rng.integers(0, near.shape[1], len(centres))]
    joins = rng.random(len(centres)) < share
    for index in np.flatnonzero(joins):
        group[index] = group[chosen[index]]
    return group


def _warped(window: Window, rng: np.random.Generator, irregularity: float) -> Points:
    """Places of the lattice, shifted by smooth noise."""
    found = window.points_um()
    for axis in range(2):
        found[..., axis] += (10 + 14 * irregularity) * window.noise(rng, width_um=45)
        found[..., axis] += (1 + 5 * irregularity) * window.noise(rng, width_um=16)
    return found


def _borders(places: Points, centres: Points, *, group: NDArray[np.intp]) -> tuple[Plane, NDArray[np.intp]]:
    """Distance (y, x) to the border with other groups, um, corners rounded, and the nearest centre."""
    distance, near = nearest(centres, places, k=5)
    owner = near[..., 0]
    level = np.zeros(owner.shape)
    for k in range(1, near.shape[-1]):
        apart = np.linalg.norm(centres[near[..., k]] - centres[owner], axis=-1)
        border = (distance[..., k] ** 2 - distance[..., 0] ** 2) / (2 * np.maximum(apart, 1e-6))
        level += np.where(group[near[..., k]] != group[owner], np.exp(-border / _ROUNDING_UM), 0.0)
    found = -_ROUNDING_UM * np.log(np.maximum(level, _NO_BORDER))
    return found.astype(np.float32), owner


def _filled(
    window: Window,
    rng: np.random.Generator,
    *,
    biology: Biology,
    epithelium: Plane,
    border: Plane,
    owner: NDArray[np.intp],
    centres: Points,
) -> Glands:
    """Lumina and what they hold, gland by gland; none opens into the next one."""
    n = len(centres)
    shares = [biology.mucin, biology.solid, biology.cribriform]
    kind = np.select(list(rng.random(n) < np.cumsum(shares)[:, None]), [MUCINOUS, SOLID, CRIBRIFORM], TUBULAR)
    height = np.clip(biology.height_um * (1 + 0.15 * rng.standard_normal(n)), 15, 48)
    height[kind == MUCINOUS] *= 0.5
    necrotic = (rng.random(n) < biology.necrosis) & (kind != MUCINOUS)
    lumen = epithelium - height[owner] + 2.0 * window.noise(rng, width_um=8)
    lumen = np.where((kind == CRIBRIFORM)[owner], _sieve(window, rng, epithelium=epithelium), lumen)
    lumen = np.where((kind == SOLID)[owner], -FAR_UM, np.clip(lumen, -FAR_UM, FAR_UM))
    core = (
        epithelium - 1.3 * height[owner] + 4 * window.noise(rng, width_um=14)
    )  # solid nests die in the middle
    lumen = np.where(((kind == SOLID) & necrotic)[owner], np.clip(core, -FAR_UM, FAR_UM), lumen)
    full = np.clip(0.9 + 0.5 * window.noise(rng, width_um=25), 0, 1)
    return Glands(
        epithelium=epithelium,
        lumen=np.minimum(lumen, border - 9).astype(np.float32),
        necrosis=np.where(necrotic[owner], full, 0).astype(np.float32),
        mucus=(kind == MUCINOUS)[owner].astype(np.float32),
        centres_um=centres,
    )


def _sieve(window: Window, rng: np.random.Generator, *, epithelium: Plane) -> Plane:
    """Level of the many small round lumina of a cribriform nest."""
    centres = scattered(window, rng, pitch_um=_CRIBRIFORM_PITCH_UM, jitter=0.3)
    distance, near = nearest(centres, window.points_um(), k=1)
    radius = np.clip(rng.normal(11, 5, len(centres)), 0, 19)[near[..., 0]]
    return np.asarray(np.minimum(radius - distance[..., 0], epithelium - 13), np.float32)


def crypts(
    window: Window, rng: np.random.Generator, *, places_um: Points, along: bool
) -> tuple[Plane, Plane]:
    """Levels of normal crypts and of their lumina at `places_um` (y, x, 2), whose first coordinate is the depth (um).

    `along`: cut along, tubes from the surface to 420 um deep; else across, circles.
    """
    pitch_um = rng.uniform(84, 96)
    if along:
        depth, side = places_um[..., 0], places_um[..., 1] + 5 * window.noise(rng, width_um=40)
        cell = np.floor(side / pitch_um)
        shift = 8 * np.sin(12.9898 * cell + 4.1)  # the same for all points of a crypt
        beyond = np.maximum(depth - (395 + 3 * shift), 0) + np.maximum(-depth - 20, 0)
        away = np.hypot(side - (cell + 0.5) * pitch_um - shift * 0.4, beyond)
    else:
        distance, _ = nearest(scattered(window, rng, pitch_um=pitch_um, jitter=0.12), places_um, k=2)
        away = distance[..., 0] * (1 + 0.06 * window.noise(rng, width_um=35))
        between = 0.5 * (distance[..., 1] - distance[..., 0]) - _BETWEEN_CRYPTS_UM / 2
        away = np.maximum(away, 0.48 * pitch_um - between)
    radius_um = (0.43 if along else 0.48) * pitch_um
    epithelium = radius_um - away + 1.2 * window.noise(rng, width_um=10)
    lumen = epithelium - (34 if along else 33) + 3 * window.noise(rng, width_um=14)
    return epithelium.astype(np.float32), lumen.astype(np.float32)
