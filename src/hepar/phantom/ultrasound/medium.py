"""What one kind of SIMULATED tissue does to sound: it attenuates, scatters, and scatters more at some frequencies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from .probe import SPEED_MM_US

REFERENCE_MHZ = 3.0
"""Frequency at which `backscatter_db` is meant."""
INSANA = 0.827
"""Constant of the Gaussian form factor (Insana, Wagner, Brown and Hall 1990)."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A homogeneous medium.

    `attenuation_db_cm_mhz` is the slope of attenuation over frequency, `backscatter_db` the backscatter coefficient at
    3 MHz over that of the reference phantom, `diameter_um` the effective scatterer diameter, `density_mm2` the
    scatterers per mm2 of the scan plane.
    """

    attenuation_db_cm_mhz: float
    backscatter_db: float
    diameter_um: float
    density_mm2: float

    def __post_init__(self) -> None:
        limits = {
            "attenuation_db_cm_mhz": (0.0, 20.0),
            "backscatter_db": (-120.0, 60.0),
            "diameter_um": (1.0, 1000.0),
            "density_mm2": (1e-3, 1e6),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not (np.isfinite(value) and low <= value <= high):
                raise SimulationError(f"a medium with {name} {value!r} cannot be; give {low:g} to {high:g}")


def form(frequency_mhz: NDArray[np.float32], diameter_um: float) -> NDArray[np.float32]:
    """Amplitude backscattered at `frequency_mhz`, 1 at 3 MHz: f^2 exp(-0.827 (k d/2)^2 / 2).

    Its square is the backscatter coefficient with a Gaussian form factor (Insana, Wagner, Brown and Hall 1990).
    """
    ratio = frequency_mhz / np.float32(REFERENCE_MHZ)
    radius_mm = diameter_um / 2000
    wave_squared = (2 * np.pi * REFERENCE_MHZ / SPEED_MM_US) ** 2
    slope = np.float32(INSANA * wave_squared * radius_mm**2 / 2)
    made: NDArray[np.float32] = ratio**2 * np.exp(-slope * (ratio**2 - 1))
    return made
