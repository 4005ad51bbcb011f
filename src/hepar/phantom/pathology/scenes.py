"""Scenes: how glands, crypts, vessels, fat and muscle are put together into a piece of tissue."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .biology import Biology
from .glands import crypts, scattered, tumour_glands
from .tissue import FAR_UM, STEP_UM, Plane, Points, Tissue, Window, nearest

ADIPOCYTE_UM, VESSELS_MM2 = 62.0, 9.0
"""Diameter of a fat cell and density of vessels wide enough to show a lumen: typical values."""
Scene = Callable[[Window, np.random.Generator, Biology], Tissue]


def bare(window: Window, rng: np.random.Generator) -> Tissue:
    """Stroma without anything in it, whose fibres wave around one direction."""
    none, outside = np.zeros(window.shape, np.float32), np.full(window.shape, -FAR_UM, np.float32)
    turn = rng.uniform(0, np.pi)
    y, x = window.axes_um
    fibre = np.cos(turn) * y[:, None] + np.sin(turn) * x + 22 * window.noise(rng, width_um=60)
    return Tissue(
        window=window,
        section=-outside,
        epithelium=outside,
        lumen=outside,
        normal=none,
        necrosis=none,
        mucus=none,
        void=outside,
        vessel=none,
        cleft=none - 1,
        muscle=none,
        fibre=fibre.astype(np.float32),
        front=none,
        tone=1 + 0.07 * window.noise(rng, width_um=45),
    )


def with_glands(
    tissue: Tissue,
    rng: np.random.Generator,
    *,
    biology: Biology,
    where: Callable[[Points], NDArray[np.bool_]] | None = None,
) -> Tissue:
    """Glands of the tumour at the centres for which `where` is true, fibres around them, slits here and there."""
    window = tissue.window
    glands = tumour_glands(
        window, rng, biology=biology, where=where or (lambda centres: np.ones(len(centres), bool))
    )
    fibre = tissue.fibre + 0.7 * _smooth(glands.epithelium)
    slit = biology.slit_um * (window.noise(rng, width_um=30) - 0.8) + 2 * window.noise(rng, width_um=9)
    return replace(
        tissue,
        epithelium=glands.epithelium,
        lumen=glands.lumen,
        necrosis=glands.necrosis,
        mucus=glands.mucus,
        fibre=fibre.astype(np.float32),
        cleft=slit.astype(np.float32),
    )


def _smooth(height: Plane) -> Plane:
    """Contours without creases, where fibres would be crushed."""
    return np.asarray(gaussian_filter(height, 8 / STEP_UM), np.float32)


def with_crypts(
    tissue: Tissue, rng: np.random.Generator, *, places_um: Points, along: bool, where: Plane
) -> Tissue:
    """Normal crypts where the level `where` is positive, at `places_um` of their own coordinates (depth, side)."""
    epithelium, lumen = crypts(tissue.window, rng, places_um=places_um, along=along)
    if along:  # the surface is lined too, and crypts open to it
        epithelium = np.maximum(epithelium, 25 - places_um[..., 0]).astype(np.float32)
    epithelium, lumen = np.minimum(epithelium, where), np.minimum(lumen, where)
    here = epithelium > np.maximum(tissue.epithelium, -FAR_UM / 2)
    fibre = np.where(where > 0, tissue.fibre + 0.4 * _smooth(epithelium), tissue.fibre)
    return replace(
        tissue,
        epithelium=np.where(here, epithelium, tissue.epithelium),
        lumen=np.where(here, lumen, tissue.lumen),
        normal=np.where(here, 1, tissue.normal).astype(np.float32),
        necrosis=np.where(here, 0, tissue.necrosis),
        mucus=np.where(here, 0.3, tissue.mucus).astype(np.float32),
        fibre=fibre.astype(np.float32),
    )


def with_vessels(tissue: Tissue, rng: np.random.Generator, *, density_mm2: float = VESSELS_MM2) -> Tissue:
    """Vessels in the stroma: ellipses 10 to 50 um wide, where glands leave room."""
    window = tissue.window
    room = np.minimum(-tissue.epithelium, -tissue.void)
    area_mm2 = np.prod(window.shape) * STEP_UM**2 * 1e-6
    void, vessel = tissue.void.copy(), tissue.vessel.copy()
    warped = window.points_um() + 4 * np.stack([window.noise(rng, width_um=14) for _ in range(2)], axis=-1)
    for _ in range(rng.poisson(density_mm2 * area_mm2)):
        i, j = (int(rng.integers(n)) for n in window.shape)
        radius = float(np.clip(12 * np.exp(0.6 * rng.standard_normal()), 6, 45))
        if room[i, j] < 10 or tissue.section[i, j] < radius:
            continue
        level = _ellipse(warped, (i, j), radius_um=min(radius, 0.8 * float(room[i, j])), rng=rng)
        nearer = level > void
        vessel[nearer & (level > -12)] = 1
        np.maximum(void, level, out=void)
    return replace(tissue, void=void, vessel=vessel)


def _ellipse(places: Points, at: tuple[int, int], *, radius_um: float, rng: np.random.Generator) -> Plane:
    stretch, turn = np.exp(abs(0.5 * rng.standard_normal())), rng.uniform(0, np.pi)
    reach = int(np.ceil((2 * radius_um * stretch + 20) / STEP_UM))
    box = tuple(slice(max(k - reach, 0), k + reach + 1) for k in at)
    y, x = np.moveaxis(places[box] - places[at], -1, 0)
    along, across = np.cos(turn) * y + np.sin(turn) * x, np.cos(turn) * x - np.sin(turn) * y
    found = np.full(places.shape[:2], -FAR_UM, np.float32)
    found[box] = np.maximum(radius_um - np.hypot(along / stretch, across * np.sqrt(stretch)), -FAR_UM)
    return found


def with_fat(tissue: Tissue, rng: np.random.Generator, *, where: Plane) -> Tissue:
    """Fat cells where the level `where` (um) is positive."""
    window = tissue.window
    centres = scattered(window, rng, pitch_um=ADIPOCYTE_UM, jitter=0.3)
    places = window.points_um() + 4 * np.stack([window.noise(rng, width_um=20) for _ in range(2)], axis=-1)
    distance, near = nearest(centres, places, k=2)
    apart = np.linalg.norm(centres[near[..., 1]] - centres[near[..., 0]], axis=-1)
    level = (distance[..., 1] ** 2 - distance[..., 0] ** 2) / (2 * np.maximum(apart, 1e-6)) - 1.6
    level = np.minimum(np.minimum(level, where), -2 - tissue.epithelium)
    return replace(tissue, void=np.maximum(tissue.void, np.clip(level, -FAR_UM, FAR_UM)).astype(np.float32))


def with_muscle(tissue: Tissue, rng: np.random.Generator, *, where: Plane) -> Tissue:
    """Smooth muscle where the level `where` (um) is positive: bundles that give way to stroma at its border."""
    window = tissue.window
    share = np.clip(0.5 + where / 20 + 0.25 * window.noise(rng, width_um=25), 0, 1)
    return replace(tissue, muscle=share.astype(np.float32))


def _tumour(window: Window, rng: np.random.Generator, biology: Biology) -> Tissue:
    return with_vessels(with_glands(bare(window, rng), rng, biology=biology), rng)


def _stroma(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    return with_vessels(bare(window, rng), rng, density_mm2=2 * VESSELS_MM2)


def _front(window: Window, rng: np.random.Generator, biology: Biology) -> Tissue:
    """The tumour on one side, stroma with buds on the other."""
    base = bare(window, rng)
    turn = rng.uniform(0, 2 * np.pi)
    middle = np.array([axis.mean() for axis in window.axes_um])

    def inside(centres: Points) -> NDArray[np.bool_]:
        return np.asarray((centres - middle) @ np.array([np.cos(turn), np.sin(turn)]) > 0)

    tissue = with_vessels(with_glands(base, rng, biology=biology, where=inside), rng)
    return replace(tissue, front=np.ones(window.shape, np.float32))


def _normal(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    """Crypts cut across or along."""
    places = window.points_um()
    turn = rng.uniform(0, 2 * np.pi)
    cos, sin = np.cos(turn), np.sin(turn)
    along = bool(rng.random() < 0.4)
    if along:
        places = places @ np.array([[cos, -sin], [sin, cos]]) + np.array([200.0, 0.0])
    base = bare(window, rng)
    return with_crypts(
        base, rng, places_um=places, along=along, where=np.full(window.shape, FAR_UM, np.float32)
    )


def _lumen_of(window: Window, rng: np.random.Generator, *, necrosis: float, mucus: float) -> Tissue:
    base = bare(window, rng)
    inside = np.full(window.shape, FAR_UM, np.float32)
    full = np.clip(1.0 + 0.35 * window.noise(rng, width_um=20), 0, 1)
    return replace(
        base,
        epithelium=inside,
        lumen=inside,
        necrosis=(necrosis * full).astype(np.float32),
        mucus=base.mucus + mucus,
    )


def _necrosis(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    return _lumen_of(window, rng, necrosis=1.0, mucus=0.0)


def _mucus(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    return _lumen_of(window, rng, necrosis=0.0, mucus=1.0)


def _muscle(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    everywhere = np.full(window.shape, FAR_UM, np.float32)
    return with_vessels(
        with_muscle(bare(window, rng), rng, where=everywhere), rng, density_mm2=VESSELS_MM2 / 2
    )


def _fat(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    septa = 30 * window.noise(rng, width_um=60) + 40
    return with_fat(bare(window, rng), rng, where=septa.astype(np.float32))


def _glass(window: Window, rng: np.random.Generator, _: Biology) -> Tissue:
    base = bare(window, rng)
    return replace(base, section=-base.section)


SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "tumour": _tumour,
        "front": _front,
        "stroma": _stroma,
        "lymphocytes": _stroma,
        "normal": _normal,
        "necrosis": _necrosis,
        "mucus": _mucus,
        "muscle": _muscle,
        "fat": _fat,
        "glass": _glass,
    }
)
"""How each kind of tile is made; the kinds of Kather 2018, and the invasive front."""
