"""Small SIMULATED B-mode pictures made in milliseconds: a sector with wall, parenchyma, vessels, diaphragm and speckle.

They have the layout of a liver picture and no physics; where echoes matter, see `hepar.phantom.ultrasound.rf_frames`.
"""

import numpy as np
from numpy.typing import NDArray

from ..fields import blob_spectrum, gaussian_field

SHAPE = (96, 128)
HALF_ANGLE_DEG = 35.0
RANGE_DB = 55.0
_SPECKLE_PX = 0.7


def sketched_b_mode(
    rng: np.random.Generator, *, stage: int = 0, shape: tuple[int, int] = SHAPE
) -> NDArray[np.uint8]:
    """A SIMULATED picture (rows, columns); parenchyma is coarser and brighter with `stage`, 0 to 4."""
    depth, across, inside = _sector(shape)
    scale = shape[0] / SHAPE[0]
    coarse = gaussian_field(rng, shape, (1.0, 1.0), spectrum=blob_spectrum((5 - 0.5 * stage) * scale))
    level_db = -16 + 1.2 * stage + (1.5 + 0.7 * stage) * coarse - 9 * depth * rng.uniform(0.5, 1.3)
    level_db = np.where(depth < 0.12, -6 + 5 * np.sin(60 * depth + rng.uniform(0, 6)), level_db)
    for _ in range(int(rng.integers(3, 8))):
        level_db = np.where(_vessel(rng, depth, across), level_db - 22, level_db)
    curve = rng.uniform(0.7, 0.95) - 0.3 * (across - rng.uniform(-0.3, 0.3)) ** 2
    level_db = np.where(np.abs(depth - curve) < 0.012, 0.0, np.where(depth > curve, level_db - 8, level_db))
    speckle = blob_spectrum(_SPECKLE_PX)
    real, imaginary = (gaussian_field(rng, shape, (1.0, 1.0), spectrum=speckle) for _ in range(2))
    shown = level_db + 10 * np.log10(real**2 + imaginary**2 + 1e-6)
    grey = np.where(inside, np.clip(255 * (shown / RANGE_DB + 0.85), 0, 255), 0)
    return grey.astype(np.uint8)


def _sector(shape: tuple[int, int]) -> tuple[NDArray[np.float64], ...]:
    """Depth (0 to 1) and angle (-1 to 1) of every pixel, and whether the probe sees it."""
    rows, columns = shape
    row, column = np.mgrid[0:rows, 0:columns].astype(float)
    apex = -0.35 * rows
    radius = np.hypot(row - apex, column - (columns - 1) / 2)
    angle = np.degrees(np.arctan2(column - (columns - 1) / 2, row - apex)) / HALF_ANGLE_DEG
    depth = (radius + apex) / (rows - 1)
    inside = (np.abs(angle) <= 1) & (depth >= 0) & (depth <= 1)
    return depth, angle, inside


def _vessel(
    rng: np.random.Generator, depth: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where one vessel is cut: an ellipse anywhere below the wall."""
    along, aside = depth - rng.uniform(0.2, 0.85), 0.6 * (across - rng.uniform(-0.9, 0.9))
    turn = rng.uniform(0, np.pi)
    first, second = along * np.cos(turn) + aside * np.sin(turn), aside * np.cos(turn) - along * np.sin(turn)
    cut: NDArray[np.bool_] = (first / rng.uniform(0.03, 0.16)) ** 2 + (
        second / rng.uniform(0.015, 0.04)
    ) ** 2 < 1
    return cut
