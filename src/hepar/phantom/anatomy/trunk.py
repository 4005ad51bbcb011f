"""The trunk: skin, fat, muscles of the wall, the cavity, the diaphragm and what is above it."""

from dataclasses import dataclass

import numpy as np

from ..fields import blob_spectrum, gaussian_field
from .habitus import POWER, Frame, Habitus
from .implicit import Point, ellipsoid, smooth_max, smooth_min
from .lattice import Lattice, Mesh, Solid, Values, around

DIAPHRAGM_MM = 2.6
"""Thickness of the dome (typical value)."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """Solids of the wall.

    `wall` is all that is within the muscles, `cavity` what is within the ribs, `thorax` and
    `below` its parts above and below the diaphragm, `seam` the fat between the layers of the wall.
    """

    outline: Solid
    wall: Solid
    cavity: Solid
    thorax: Solid
    lungs: Solid
    heart: Solid
    below: Solid
    seam: Solid


def lattice_of(body: Habitus) -> Lattice:
    """The lattice of the whole trunk."""
    reach = (260.0, body.half_depth + 45, body.half_width + 45)
    return around(tuple(-r for r in reach), reach, (5.0, 4.0, 4.0))


def trunk(frame: Frame, rng: np.random.Generator) -> Trunk:
    """Skin to cavity, from the measures of the trunk."""
    lattice, body = lattice_of(frame.body), frame.body
    mesh = frame.local(lattice)
    relief = gaussian_field(rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(16.0))
    widen: Values = 1 + np.float32(body.waist) * np.tanh((mesh[0] - 10) / 70)
    outline = _oval(mesh, widen, half_width=body.half_width, front=-body.half_depth, back=body.half_depth)
    outline = outline + 7 * np.exp(-((mesh[2] / 14) ** 2)) * (mesh[1] > 0).astype(np.float32)
    front, _, back = body.cavity_y
    ribs = _oval(mesh, widen, half_width=body.cavity_half_width, front=front, back=back)
    backbone = smooth_min(_paraspinal(mesh, body), _column(mesh, body), width=10)
    wall = smooth_min(ribs - body.wall * _thickness(mesh, body) + 1.3 * relief, backbone, width=12)
    wall = np.maximum(wall, outline + np.float32(body.skin + 2))
    cavity = smooth_max(ribs, -backbone, width=6)
    above = over_diaphragm(mesh, cavity, body, lattice=lattice)
    thorax = np.maximum(cavity, -above)
    heart = _heart(mesh, body)
    lungs = np.maximum(smooth_max(thorax + 1, 3 - heart, width=8), -_mediastinum(mesh, body))
    seam = np.maximum(np.abs(ribs - 8.5) - 0.5 - 0.9 * relief, 6 - backbone)
    solids = (
        outline,
        wall,
        cavity,
        thorax,
        lungs,
        np.maximum(heart, 3 - above),
        np.maximum(cavity, above),
        seam,
    )
    return Trunk(*(Solid(lattice, np.ascontiguousarray(v, np.float32)) for v in solids))


def _thickness(mesh: Mesh, body: Habitus) -> Values:
    """Of the wall over its mean: thin in the white line in front and beside the straight muscles."""
    _, y, x = mesh
    half = 0.45 * body.cavity_half_width
    seams = np.exp(-((x / 5) ** 2)) + 0.55 * np.exp(-(((np.abs(x) - half) / 6) ** 2))
    found: Values = (1 - 0.6 * seams * (y < 0)).astype(np.float32)
    return found


def _oval(mesh: Mesh, widen: Values, *, half_width: float, front: float, back: float) -> Values:
    """Distance to a superellipse between `front` and `back`, flatter behind than in front."""
    _, y, x = mesh
    middle = 0.5 * (front + back)
    v = np.abs((y - middle) / np.float32(0.5 * (back - front)))
    u = np.abs(x) / (widen * np.float32(half_width))
    power: Values = np.where(y > middle, np.float32(POWER + 0.35), np.float32(POWER - 0.15))
    level = (u**power + v**power) ** (1 / power) - 1
    rate = np.gradient(level, axis=(1, 2))
    slope: Values = np.sqrt(rate[0] ** 2 + rate[1] ** 2) / 4
    found: Values = level / np.maximum(slope, 2e-3)
    return found


def over_diaphragm(mesh: Mesh, cavity: Values, body: Habitus, *, lattice: Lattice) -> Values:
    """Distance to the diaphragm, positive above, to first order."""
    dome = np.broadcast_to(_diaphragm(mesh, cavity, body), cavity.shape)
    rate = np.gradient(dome, *lattice.pitch_mm[1:], axis=(1, 2))
    found: Values = (mesh[0] - dome) / np.sqrt(1 + rate[0] ** 2 + rate[1] ** 2)
    return found


def _diaphragm(mesh: Mesh, cavity: Values, body: Habitus) -> Values:
    """Height of the diaphragm: low in the recess by the wall, high in two domes, lower between them."""
    _, y, x = mesh
    right, left = body.dome
    side = 0.5 * (1 + np.tanh((x - 8) / 30))
    top = right + (left - right) * side - 10 * np.exp(-(((x - 12) / 32) ** 2))
    middle = 0.5 * (body.cavity_y[0] + body.cavity_y[2])
    forward = np.clip((middle - y) / (0.5 * (body.cavity_y[2] - body.cavity_y[0])), -1, 1)
    recess = body.recess + np.where(forward > 0, 46, 24) * forward
    depth = np.maximum(-cavity, 0)
    found: Values = recess + (top - recess) * (1 - np.exp(-((depth / 16) ** 1.1)))
    return found


def _column(mesh: Mesh, body: Habitus) -> Values:
    """The spine as the cavity sees it."""
    _, y, x = mesh
    beyond = np.maximum(np.abs(y - np.float32(body.spine_y + 14)) - 14, 0)
    found: Values = np.sqrt(x**2 + beyond**2) - np.float32(21)
    return found


def _paraspinal(mesh: Mesh, body: Habitus) -> Values:
    """Muscles on both sides of the spinous processes."""
    _, y, x = mesh
    half: Point = (1e4, 17 * body.muscle, 25 * body.muscle**0.5)
    centre = body.spine_y + 35
    sides = [ellipsoid((0 * y, y, x), (0, centre, at), half) for at in (-27.0, 27.0)]
    return smooth_min(*sides, width=4)


def _heart(mesh: Mesh, body: Habitus) -> Values:
    scale = body.height_scale
    front = body.cavity_y[0]
    top = max(body.dome) + 42 * scale
    return ellipsoid(mesh, (top, front + 52, 24), (52 * scale, 44, 62))


def _mediastinum(mesh: Mesh, body: Habitus) -> Values:
    """What lies before the spine between the lungs: aorta, oesophagus, fat."""
    _, y, x = mesh
    found: Values = np.sqrt(((x - 8) / 1.25) ** 2 + (y - body.spine_y + 34) ** 2) - np.float32(24)
    return found
