"""Where lesions lie: within the liver, apart from each other, mostly away from its large vessels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...core.errors import SimulationError
from ..patient import Lesion
from .lattice import Solid, nearest
from .organs import Place
from .tubes import Tube

SUBCAPSULAR = 0.25
"""Share of lesions that touch the capsule and may bulge through it."""

BULGE = 0.3
"""How much of its radius a subcapsular lesion may lie outside."""

GAP_MM = 3.0

AVOIDING = 0.8
"""Share of lesions that keep away from the large vessels."""


def places(
    liver: Solid,
    lesions: Sequence[Lesion],
    *,
    hollow: Solid | None,
    cava: Tube,
    vessels: Sequence[Tube],
    rng: np.random.Generator,
) -> tuple[Place, ...]:
    """A place for each of `lesions`, the largest placed first; none in the gallbladder `hollow` or the cava.

    Raises:
        SimulationError: a lesion is of no size, is larger than the liver can hold, or finds no room.
    """
    if not lesions:
        return ()
    tissue = (liver.distance_mm < 0) & (nearest(liver.lattice, (hollow,)) > 0)
    nodes = np.argwhere(tissue)
    tissue[tuple(nodes[_clearance(_points(liver, nodes), [cava]) < 0].T)] = False
    nodes = np.argwhere(tissue)
    inside = np.pad(tissue, 1)
    depth = ndimage.distance_transform_edt(inside, liver.lattice.pitch_mm)[1:-1, 1:-1, 1:-1][tuple(nodes.T)]
    points = _points(liver, nodes)
    clear = _clearance(points, vessels)
    found: dict[int, NDArray[np.float64]] = {}
    for number in sorted(range(len(lesions)), key=lambda k: -lesions[k].diameter_mm):
        taken = [(found[k], lesions[k].diameter_mm / 2) for k in found]
        at = _choose(lesions[number], points, depth=depth, clear=clear, taken=taken, rng=rng)
        found[number] = points[at] + rng.uniform(-0.5, 0.5, 3) * np.asarray(liver.lattice.pitch_mm)
    return tuple(_place(found[k]) for k in range(len(lesions)))


def _place(centre_mm: NDArray[np.float64]) -> Place:
    z, y, x = centre_mm.tolist()
    return Place((z, y, x))


def _points(liver: Solid, nodes: NDArray[np.intp]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.asarray(liver.lattice.low_mm) + nodes * np.asarray(liver.lattice.pitch_mm)
    return found


def _choose(
    lesion: Lesion,
    points: NDArray[np.float64],
    *,
    depth: NDArray[np.float64],
    clear: NDArray[np.float64],
    taken: list[tuple[NDArray[np.float64], float]],
    rng: np.random.Generator,
) -> int:
    """Index of the node where the lesion lies."""
    radius = 0.5 * lesion.diameter_mm
    if not (np.isfinite(radius) and radius > 0):
        raise SimulationError(f"a lesion of {lesion.diameter_mm} mm cannot be placed; give a size above 0")
    widest = 2 * float(depth.max()) if depth.size else 0.0
    if radius * (1 - BULGE) > 0.5 * widest:
        raise SimulationError(
            f"a {lesion.kind} of {lesion.diameter_mm:g} mm does not fit into a liver that is {widest:.0f} mm thick; "
            f"give at most {widest / (1 - BULGE):.0f} mm"
        )
    free = np.full(len(points), np.inf)
    for middle, other in taken:
        free = np.minimum(free, np.linalg.norm(points - middle, axis=1) - other - GAP_MM)
    apart = free > radius
    shallow, avoiding = rng.random() < SUBCAPSULAR, rng.random() < AVOIDING
    within = (depth > radius * (1 - BULGE)) & (depth < radius) if shallow else depth > radius
    for allowed in (
        within & apart & (clear > radius if avoiding else True),
        within & apart,
        depth > radius * (1 - BULGE),
    ):
        allowed = allowed & apart
        if allowed.any():
            return int(rng.choice(np.flatnonzero(allowed)))
    raise SimulationError(
        f"no room for a {lesion.kind} of {lesion.diameter_mm:g} mm beside {len(taken)} larger lesions in this liver; "
        "give fewer or smaller ones"
    )


def _clearance(points: NDArray[np.float64], vessels: Sequence[Tube]) -> NDArray[np.float64]:
    """Distance of each point to the wall of the nearest vessel that is wider than 6 mm."""
    found = np.full(len(points), np.inf)
    for tube in vessels:
        if tube.radii.max() < 3:
            continue
        for middle, radius in zip(tube.points[::2], tube.radii[::2], strict=True):
            found = np.minimum(found, ((points - middle) ** 2).sum(1) ** 0.5 - radius)
    return found
