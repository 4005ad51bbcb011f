"""How the body of one SIMULATED patient is built: its measures in mm, and the frame in which organs are described.

Organs are described once, in the abdomen of a reference person (1.72 m, 70 kg), and carried to the patient: `Frame`
stretches the reference person to the patient's cavity and turns and shifts it to where the patient lies.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..patient import Patient, Person
from .lattice import Lattice, Mesh

REFERENCE_HALF_WIDTH = 126.0
REFERENCE_Y = (-82.0, 28.0, 78.0)
"""Of the cavity of the reference person: half-width; front wall, front of the spine and back wall."""

POWER = 2.45
"""Exponent of the superellipse of the trunk."""


@dataclass(frozen=True, slots=True)
class Habitus:
    """Measures of the trunk, mm: outline, layers of the wall, and the cavity within.

    `cavity_y` are the front wall, the front of the spine and the back wall; `dome` the heights of the right and left
    dome of the diaphragm above the hilum of the liver; `turn_rad` and `shift` (z, y, x) how the patient lies.
    """

    half_width: float
    half_depth: float
    fat: float
    skin: float
    wall: float
    muscle: float
    cavity_half_width: float
    cavity_y: tuple[float, float, float]
    spine_y: float
    height_scale: float
    dome: tuple[float, float]
    recess: float
    waist: float
    turn_rad: float
    shift: tuple[float, float, float]


def habitus(patient: Patient) -> Habitus:
    """Draws the trunk of `patient` from height, weight and sex.

    The cross-section is 1.4 times weight over height (the mean section of a body of density 1), its depth over width
    0.735 and rising with the body-mass index; subcutaneous fat is thicker in women. Typical values, with scatter.
    """
    person = patient.person
    _check(person)
    rng = patient.stream("anatomy", "habitus")
    n = np.clip(rng.standard_normal(16), -2.5, 2.5)
    section = 1.4e3 * person.weight_kg / person.height_m * np.exp(0.04 * n[0])
    aspect = float(np.clip(0.735 + 0.004 * (person.bmi - 25) + 0.035 * n[1], 0.58, 0.85))
    half_width = float(np.sqrt(section / (4 * 0.845 * aspect)))
    fat = max(3.0, (11 + 1.2 * (person.bmi - 24) + 5 * (person.sex == "f")) * np.exp(0.25 * n[2]))
    fat = float(min(fat, 0.32 * half_width * aspect))
    muscle = float(
        np.clip(1 + 0.1 * n[3] + 0.08 * (person.sex == "m") - 0.003 * (person.age_y - 50), 0.65, 1.4)
    )
    wall = 10 + 4.5 * muscle
    depth = half_width * aspect
    spine_y = depth - fat - 46 - 5 * muscle
    scale = float(np.clip((person.height_m / 1.72) ** 0.8 * np.exp(0.03 * n[4]), 0.5, 1.4))
    right = scale * (88 + 7 * n[5])
    return Habitus(
        half_width=half_width,
        half_depth=depth,
        fat=fat,
        skin=float(1.9 + 0.3 * n[6]),
        wall=wall,
        muscle=muscle,
        cavity_half_width=half_width - fat - wall,
        cavity_y=(-depth + fat + 0.8 * wall, spine_y - 17, depth - fat - 1.05 * wall),
        spine_y=spine_y,
        height_scale=scale,
        dome=(right, right - scale * (12 + 4 * n[7])),
        recess=float(scale * (-6 + 9 * n[8])),
        waist=float(0.03 + 0.02 * n[9] + 0.02 * (person.sex == "f")),
        turn_rad=float(0.035 * n[10]),
        shift=(float(8 * n[11]), float(6 * n[12]), float(7 * n[13])),
    )


def _check(person: Person) -> None:
    limits = (
        ("height_m", person.height_m, 1.3, 2.3),
        ("weight_kg", person.weight_kg, 30, 250),
        ("bmi", person.bmi, 12, 70),
    )
    for name, value, low, high in limits:
        if not low <= value <= high:
            raise SimulationError(
                f"no adult body can be made with {name} {value:g}; give {low:g} to {high:g}"
            )


@dataclass(frozen=True, slots=True)
class Frame:
    """Carries places between the reference person and the scan of the patient (both mm (z, y, x))."""

    body: Habitus

    def local(self, lattice: Lattice) -> Mesh:
        """Coordinates in the patient's trunk, unturned and unshifted, of the nodes of a lattice."""
        z, y, x = (p - np.float32(s) for p, s in zip(lattice.mesh, self.body.shift, strict=True))
        c, s = np.float32(np.cos(self.body.turn_rad)), np.float32(np.sin(self.body.turn_rad))
        return z, c * y - s * x, s * y + c * x

    def reference(self, lattice: Lattice) -> Mesh:
        """Coordinates in the reference person of the nodes of a lattice."""
        z, y, x = self.local(lattice)
        body = self.body
        return (
            z / np.float32(body.height_scale),
            _knots(y, body.cavity_y, REFERENCE_Y).astype(np.float32),
            x * np.float32(REFERENCE_HALF_WIDTH / body.cavity_half_width),
        )

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (n, 3) of the reference person lie in the scan."""
        return self.lie(self.stretch(points))

    def stretch(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (n, 3) of the reference person lie in the unturned trunk."""
        z = points[:, 0] * self.body.height_scale
        y = _knots(points[:, 1], REFERENCE_Y, self.body.cavity_y)
        return np.stack([z, y, points[:, 2] * self.body.cavity_half_width / REFERENCE_HALF_WIDTH], 1)

    def lie(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (n, 3) of the unturned trunk lie in the scan."""
        c, s = np.cos(self.body.turn_rad), np.sin(self.body.turn_rad)
        turned = np.stack(
            [points[:, 0], c * points[:, 1] + s * points[:, 2], c * points[:, 2] - s * points[:, 1]], 1
        )
        found: NDArray[np.float64] = turned + np.asarray(self.body.shift)
        return found

    @property
    def scale(self) -> tuple[float, float, float]:
        """Millimetres of the patient for one of the reference person along (z, y, x), about the middle."""
        y = (self.body.cavity_y[1] - self.body.cavity_y[0]) / (REFERENCE_Y[1] - REFERENCE_Y[0])
        return self.body.height_scale, y, self.body.cavity_half_width / REFERENCE_HALF_WIDTH


def _knots(values: NDArray[Any], source: tuple[float, ...], target: tuple[float, ...]) -> NDArray[Any]:
    """Piecewise linear map through the knots, straight on beyond the outermost."""
    a, b, c = source
    p, q, r = target
    return np.where(
        values < b, p + (values - a) * ((q - p) / (b - a)), q + (values - b) * ((r - q) / (c - b))
    )
