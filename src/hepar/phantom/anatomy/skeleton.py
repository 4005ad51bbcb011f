"""Bones: vertebrae with discs and processes, ribs as thin oblique arcs, and the cartilage of the costal arch."""

from dataclasses import dataclass

import numpy as np

from .habitus import POWER, Frame, Habitus
from .implicit import cone, ellipsoid, smooth_max, smooth_min
from .lattice import Lattice, Mesh, Solid, Values, around
from .tubes import Points, Tube, smooth

PITCH_MM = 33.0
"""A lumbar vertebra and its disc in a person of 1.72 m (typical value)."""

CORTEX_MM = 1.5


@dataclass(frozen=True, slots=True)
class Spine:
    """Solids of the spine; what is inside `bone` deeper than the cortex is marrow."""

    bone: Solid
    disc: Solid
    canal: Solid


def spine(frame: Frame) -> Spine:
    """Vertebral bodies with a waist, discs, canal, laminae, transverse and spinous processes, repeated along z."""
    body = frame.body
    reach = (260.0, 62.0, 62.0)
    middle = frame.lie(np.array([[0.0, body.spine_y + 18, 0.0]]))[0]
    lattice: Lattice = around(
        (-reach[0], middle[1] - reach[1], middle[2] - reach[2]),
        (reach[0], middle[1] + reach[1], middle[2] + reach[2]),
        (2.0, 2.0, 2.0),
    )
    z, y, x = frame.local(lattice)
    pitch = PITCH_MM * body.height_scale
    phase = np.mod(z + 0.3 * pitch, pitch) - 0.5 * pitch
    mesh = (phase, y - np.float32(body.spine_y), x)
    centrum = _centrum(mesh, pitch)
    space = np.float32(0.5 * pitch - 4.2) - np.abs(phase)
    disc = np.maximum(centrum + 1, space)
    canal = np.sqrt((x / 1.2) ** 2 + (mesh[1] - 27) ** 2) - np.float32(8.5) + 0 * phase
    bone = smooth_min(np.maximum(centrum, -space), _arch(mesh), width=3)
    bone = smooth_max(bone, -canal, width=1)
    return Spine(*(Solid(lattice, np.ascontiguousarray(v, np.float32)) for v in (bone, disc, canal)))


def _centrum(mesh: Mesh, pitch: float) -> Values:
    """The body: kidney-shaped in section, narrower half way up."""
    phase, y, x = mesh
    waist: Values = np.float32(2.2) * np.cos(np.pi * phase / pitch) ** 2
    oval = ellipsoid((0 * x, y, x), (0, 0, 0), (1e4, 16.5, 22.5))
    hollow: Values = 15 - np.sqrt((y - 30) ** 2 + (x / 1.4) ** 2)
    return smooth_max(oval, hollow, width=5) + waist


def _arch(mesh: Mesh) -> Values:
    """Pedicles, laminae, transverse and spinous processes of one vertebra."""
    phase, y, x = mesh
    side = np.abs(x)
    upper = phase - 5
    pedicle = cone((upper, y, side), np.array([0.0, 8, 12]), np.array([0.0, 26, 15]), radii=(4.6, 4.6))
    lamina = cone((phase + 3, y, side), np.array([2.0, 27, 15]), np.array([-4.0, 41, 2]), radii=(4.2, 3.6))
    joint = cone((phase, y, side), np.array([9.0, 29, 17]), np.array([-14.0, 33, 16]), radii=(5.2, 4.6))
    across = cone((upper, y, side), np.array([0.0, 27, 16]), np.array([-1.0, 35, 36]), radii=(4.4, 3.0))
    spinous = _spinous((phase, y, side))
    found = smooth_min(pedicle, lamina, width=3)
    for part in (joint, across, spinous):
        found = smooth_min(found, part, width=3)
    return found


def _spinous(mesh: Mesh) -> Values:
    phase, y, side = mesh
    a = cone((phase, y, side * 1.3), np.array([-3.0, 41, 0]), np.array([-9.0, 62, 0]), radii=(3.4, 3.6))
    b = cone((phase, y, side * 1.3), np.array([-10.0, 41, 0]), np.array([-15.0, 61, 0]), radii=(3.2, 3.6))
    return smooth_min(a, b, width=6)


@dataclass(frozen=True, slots=True)
class Cage:
    """The ribs, and the cartilage in front of them, as tubes."""

    ribs: tuple[Tube, ...]
    cartilage: tuple[Tube, ...]


ARCS = (
    # where a rib begins beside the spine, at the flank and at its end (z, mm from the hilum), and the angle of its end
    (0.0, -26.0, -36.0, 62.0),
    (31.0, -18.0, -44.0, 92.0),
    (62.0, 2.0, -46.0, 118.0),
    (92.0, 30.0, -22.0, 128.0),
    (121.0, 58.0, 10.0, 136.0),
    (150.0, 86.0, 42.0, 143.0),
    (179.0, 115.0, 76.0, 147.0),
    (208.0, 145.0, 108.0, 150.0),
    (237.0, 175.0, 138.0, 152.0),
)
"""Of ribs 12 to 4, in the reference person (typical values)."""


def cage(frame: Frame, rng: np.random.Generator) -> Cage:
    """Ribs along the wall, each a flat band made of two tubes; ribs 10 to 7 end in the costal arch."""
    ribs: list[Tube] = []
    cartilage: list[Tube] = []
    for number, arc in enumerate(ARCS):
        for side in (-1.0, 1.0):
            lift, length = rng.normal(0, 2.0), rng.normal(0, 3.0)
            points = _arc(frame.body, arc, side=side, lift=lift, length=length)
            ribs += _band(frame, points, half_mm=3.2, radius_mm=4.0)
            if number >= 2:
                cartilage += _band(frame, _costal(frame.body, points[-1], number), half_mm=3.0, radius_mm=4.2)
    return Cage(tuple(ribs), tuple(cartilage))


def _band(frame: Frame, points: Points, *, half_mm: float, radius_mm: float) -> list[Tube]:
    found = []
    for up in (-half_mm, half_mm):
        lifted = frame.lie(points + np.array([up, 0, 0]))
        found.append(smooth(lifted, np.full(len(points), radius_mm), step_mm=6))
    return found


def _arc(
    body: Habitus, arc: tuple[float, float, float, float], *, side: float, lift: float, length: float
) -> Points:
    """Points (n, 3) of a rib in the trunk, from the spine to its end."""
    start, flank, end, angle = arc
    stop = np.radians(angle + length)
    turn = np.linspace(np.radians(24), stop, 14)
    wall = _wall(body, turn, side)
    knots = ([0, np.pi / 2, np.pi], [start, flank, end]) if angle > 95 else ([0, stop], [start, end])
    z = np.interp(turn, knots[0], knots[1]) if angle <= 95 else _fall(turn, stop, z=(start, flank, end))
    head = np.array([[start + 3, body.spine_y + 2, side * 24], [start + 1, body.spine_y + 17, side * 38]])
    points = np.concatenate([head, np.stack([z, wall[:, 0], wall[:, 1]], 1)])
    points[:, 0] = points[:, 0] * body.height_scale + lift
    return points


def _fall(turn: Points, stop: float, *, z: tuple[float, float, float]) -> Points:
    """A rib falls from the spine to the flank and on to its end, ever less steeply."""
    start, flank, end = z
    return np.interp(turn, [0, np.pi / 4, np.pi / 2, stop], [start, 0.55 * start + 0.45 * flank, flank, end])


def _wall(body: Habitus, turn: Points, side: float) -> Points:
    """Places (n, 2) of (y, x) in the middle of the ribs at the angles `turn` from the back."""
    front, _, back = body.cavity_y
    half, middle = 0.5 * (back - front) + 5.0, 0.5 * (back + front)
    power = np.where(turn < np.pi / 2, POWER + 0.35, POWER - 0.15)
    y = middle + half * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2 / power)
    x = side * (body.cavity_half_width + 5.0) * np.abs(np.sin(turn)) ** (2 / power)
    return np.stack([y, x], 1)


def _costal(body: Habitus, end: Points, number: int) -> Points:
    """Cartilage from the end of a rib up and inwards along the front wall."""
    side = np.sign(end[2])
    front = body.cavity_y[0]
    rise = (0, 0, 1.15, 1.0, 0.9, 0.7, 0.4, 0.2, 0.1)[number]
    goal = np.array([end[0] + rise * 62 * body.height_scale, front - 4, side * (14 + 3.5 * (number < 4))])
    half = 0.5 * (end + goal)
    half[1] = min(half[1], front + 0.42 * (end[1] - front)) - 2
    half[0] -= 6
    return np.stack([end, half, goal])
