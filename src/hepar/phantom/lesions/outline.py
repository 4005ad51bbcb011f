"""Outline and inside of a SIMULATED lesion as functions of place: the same on any grid and in any phase."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patient import Lesion
from .look import Floats, shown

Array = NDArray[np.float32]

STEEPEST = 2.2
"""Deviations of the outline beyond this many SD are cut off."""
WAVES = 8
WAVE_NUMBER = (1.5, 4.5)
"""Of the outline, as a function of the direction: bumps about as wide as the lesion down to a third of it."""
TEXTURE_WAVES = 20
TEXTURE_MM = (4.0, 14.0)
"""Wave lengths of the texture inside, in large lesions; in small ones at most their diameter."""

HILUM_MM = (0.0, -14.0, -30.0)
"""About where vessels enter the liver (z, y, x), mm from the middle of the body."""
ASTRAY = 0.2
"""SD of the direction of a wedge about that from the hilum."""


@dataclass(frozen=True, slots=True)
class Waves:
    """A random function of place: plane waves of random direction, about normal with mean 0 and SD 1."""

    vector: Floats
    phase: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator, count: int, *, lowest: float, highest: float) -> "Waves":
        """Waves whose numbers (radians per unit of place) lie between `lowest` and `highest`."""
        direction = rng.standard_normal((count, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        number = rng.uniform(lowest, highest, count)
        return cls(direction * number[:, None], rng.uniform(0, 2 * np.pi, count))

    def at(self, place: tuple[Array, Array, Array]) -> Array:
        """Values at places given by their coordinates, which need only broadcast to one shape."""
        found = np.zeros(np.broadcast_shapes(*(axis.shape for axis in place)), np.float32)
        for vector, phase in zip(self.vector, self.phase, strict=True):
            angle = sum(np.float32(k) * axis for k, axis in zip(vector, place, strict=True))
            found += np.cos(angle + np.float32(phase))
        found *= np.float32(np.sqrt(2 / len(self.phase)))
        return found


@dataclass(frozen=True, slots=True)
class Outline:
    """The form of one lesion about its centre.

    `half_mm` are its half-axes (z, y, x); `bumps`, `nodules` and `arms` vary outline, rim and scar with the direction,
    `texture` is the field inside (by mm), `towards` the direction in which a wedge widens, `scale` what keeps the
    volume that of the ellipsoid.
    """

    lesion: Lesion
    half_mm: tuple[float, float, float]
    bumps: Waves
    nodules: Waves
    arms: Waves
    texture: Waves
    towards: tuple[float, float, float]
    scale: float

    @classmethod
    def draw(
        cls, lesion: Lesion, rng: np.random.Generator, *, centre_mm: tuple[float, float, float] = HILUM_MM
    ) -> "Outline":
        """The form of `lesion`: its accidents are drawn, what matters comes from its look.

        A wedge about `centre_mm` (z, y, x) widens from the hilum to the capsule, as what a vessel feeds does.
        """
        low, high = WAVE_NUMBER
        bumps, nodules, arms = (
            Waves.draw(rng, WAVES, lowest=low * fine, highest=high * fine) for fine in (1.0, 1.6, 1.8)
        )
        longest = min(TEXTURE_MM[1], lesion.diameter_mm)
        texture = Waves.draw(
            rng,
            TEXTURE_WAVES,
            lowest=2 * np.pi / longest,
            highest=2 * np.pi / min(TEXTURE_MM[0], longest / 2),
        )
        away = np.subtract(centre_mm, HILUM_MM)
        towards = away / max(float(np.linalg.norm(away)), 1.0) + ASTRAY * rng.standard_normal(3)
        z, y, x = (lesion.diameter_mm / 2 * axis for axis in lesion.axes)
        tz, ty, tx = (towards / np.linalg.norm(towards)).tolist()
        scale = _scale(bumps, part(lesion, "lobulation"), lesion.infiltration)
        return cls(lesion, (z, y, x), bumps, nodules, arms, texture, (tz, ty, tx), scale)

    def reach_mm(self) -> tuple[float, float, float]:
        """How far from the centre (z, y, x) the lesion may reach."""
        return reach_mm(self.lesion)

    def depth(self, place: tuple[Array, Array, Array], toward: tuple[Array, Array, Array]) -> Array:
        """0 at the centre, 1 at the margin, over 1 outside; `toward` is the direction of each place (unit vectors)."""
        ball = np.sqrt(
            sum((axis / np.float32(half)) ** 2 for axis, half in zip(place, self.half_mm, strict=True))
        )
        lobes = part(self.lesion, "lobulation")
        ball = ball / (self.scale * (1 + lobes * np.clip(self.bumps.at(toward), -STEEPEST, STEEPEST)))
        wedge = part(self.lesion, "wedge")
        if wedge <= 0.05:
            return np.asarray(ball, np.float32)
        return np.asarray((1 - wedge) * ball + wedge * self._wedge(place), np.float32)

    def _wedge(self, place: tuple[Array, Array, Array]) -> Array:
        """As `depth`, for a cone from a tip at one end of the longest axis to a base at the other."""
        radius = self.lesion.diameter_mm / 2
        along = sum(
            np.float32(part_ / radius) * axis for part_, axis in zip(self.towards, place, strict=True)
        )
        across = np.sqrt(np.maximum(sum((axis / radius) ** 2 for axis in place) - along**2, 0))
        return np.asarray(
            np.maximum(across / (0.1 + 0.3 * (np.clip(along, -1, 1) + 1)), np.abs(along)), np.float32
        )


def part(lesion: Lesion, name: str) -> float:
    """The part `name` of the look that images follow; of a lesion without a look, that of a smooth ball."""
    if lesion.look is None or name not in lesion.look:
        return 0.2 if name == "rim_width" else 0.0
    return shown(lesion.look, name)


def reach_mm(lesion: Lesion) -> tuple[float, float, float]:
    """How far from its centre (z, y, x) a lesion may reach, whatever its outline."""
    radius = lesion.diameter_mm / 2
    grown = 1 + STEEPEST * part(lesion, "lobulation") + lesion.infiltration
    if part(lesion, "wedge") > 0.05:
        return radius * grown, radius * grown, radius * grown
    z, y, x = (radius * axis * grown for axis in lesion.axes)
    return z, y, x


def _scale(bumps: Waves, lobulation: float, infiltration: float) -> float:
    """What the radius is multiplied by so that bumps and a wide margin leave the volume as it is."""
    n = 400
    height = 1 - (2 * np.arange(n) + 1) / n
    angle = np.pi * (1 + np.sqrt(5)) * np.arange(n)
    flat = np.sqrt(1 - height**2)
    z, y, x = (np.asarray(axis, np.float32) for axis in (height, flat * np.sin(angle), flat * np.cos(angle)))
    radius = 1 + lobulation * np.clip(bumps.at((z, y, x)), -STEEPEST, STEEPEST)
    return float((np.mean(radius**3) * (1 + infiltration**2 / 4)) ** (-1 / 3))
