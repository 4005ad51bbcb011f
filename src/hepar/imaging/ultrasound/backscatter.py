"""Backscatter of tissue over that of a reference phantom, and what it says of the scatterers.

Echoes are compensated for the attenuation of their whole path, from the face of the probe and not from the top of the
region: what lies above the region cannot be seen inside of it and has to be given.
"""

from dataclasses import dataclass

import numpy as np

from .levels import DB, Floats, Levels

GAUSSIAN = 0.827
"""Constant of the Gaussian form factor exp(-0.827 k^2 a^2), a the effective radius (Insana and others 1990)."""
LEAST_KA = 0.4
"""Wave number times radius at the highest frequency used, below which a diameter leaves no mark on the spectrum."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Backscatter:
    """Backscatter coefficient over that of the reference, `over_reference_db` (d, n) at `frequency_mhz` (n,).

    `weight` (n,) is the number of windows behind each frequency; `c_mm_us` turns frequency into wave number.
    """

    frequency_mhz: Floats
    over_reference_db: Floats
    weight: Floats
    c_mm_us: float

    def line(self, shape: Floats) -> tuple[Floats, Floats]:
        """Slope (d,) and value at 0 (d,) of a straight line over `shape` (n,), weighted least squares, dB."""
        share = self.weight / self.weight.sum()
        centre = float(share @ shape)
        pull = share * (shape - centre)
        slope = self.over_reference_db @ pull / float(pull @ (shape - centre))
        return slope, self.over_reference_db @ share - slope * centre

    @property
    def wave_squared(self) -> Floats:
        """Wave number squared (n,), 1/mm2."""
        return self.wave_squared_at(self.frequency_mhz)

    def wave_squared_at(self, frequency_mhz: Floats) -> Floats:
        """Wave number squared at any frequency, 1/mm2."""
        made: Floats = (2 * np.pi * np.asarray(frequency_mhz) / self.c_mm_us) ** 2
        return made

    def at(self, frequency_mhz: float) -> Floats:
        """Level (d,) dB at one frequency, on the straight line over the wave number squared: a Gaussian form factor."""
        slope, start = self.line(self.wave_squared)
        made: Floats = start + slope * self.wave_squared_at(np.array(frequency_mhz))
        return made


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lizzi:
    """Straight line through a calibrated spectrum: `slope_db_mhz`, `intercept_db` at 0 MHz, `midband_db`; all (d,)."""

    slope_db_mhz: Floats
    intercept_db: Floats
    midband_db: Floats


def backscatter(
    levels: Levels, *, attenuation: Floats, above: Floats, top_mm: float, reference: float, c_mm_us: float
) -> Backscatter:
    """Backscatter coefficient over the reference's, mean over depth, compensated for the whole path.

    `attenuation` (d,) and `reference`, dB/cm/MHz, are those of the sample's region and of the phantom; `above` (d,) is
    the sample's mean from the probe down to `top_mm`. With z the depth, BSC / BSC_reference = S / S_reference
    exp(4 integral of (a - a_reference) dz) (Yao, Zagzebski and Madsen 1990).
    """
    depth = levels.depth_mm / 10
    inside = depth - top_mm / 10
    excess = (above * top_mm / 10)[:, None] + attenuation[:, None] * inside - reference * depth
    path_db = 2 * excess[..., None] * levels.frequency_mhz
    count = levels.use.sum(axis=0)
    mean = ((levels.ratio_db + path_db) * levels.use).sum(axis=1) / count
    return Backscatter(levels.frequency_mhz, mean, count.astype(np.float64), c_mm_us)


def lizzi(found: Backscatter) -> Lizzi:
    """Slope, intercept and midband fit of the calibrated spectrum in its band (Lizzi and others 1983).

    The spectrum is that over the reference phantom, so that a sample like the phantom has 0, 0 and 0.
    """
    slope, intercept = found.line(found.frequency_mhz)
    middle = (found.frequency_mhz[0] + found.frequency_mhz[-1]) / 2
    return Lizzi(slope, intercept, intercept + slope * middle)


def diameter_squared(found: Backscatter, *, reference_um: float) -> Floats:
    """Effective scatterer diameter squared (d,), um^2, which noise may push below 0.

    With Gaussian form factors ln(BSC / BSC_reference) falls over k^2 by 0.827 (a^2 - a_reference^2) (Insana, Wagner,
    Brown and Hall 1990); `reference_um` is the phantom's diameter.
    """
    slope_db, _ = found.line(found.wave_squared)
    made: Floats = reference_um**2 - 4e6 * slope_db / DB / GAUSSIAN
    return made


def concentration(found: Backscatter, *, squared_um2: Floats, reference_um: float) -> Floats:
    """Acoustic concentration (d,), dB over the phantom's: number density times squared impedance mismatch.

    A Gaussian form factor leaves BSC proportional to it and to f^4 a^6 as k goes to 0 (Insana and others 1990).
    """
    _, start_db = found.line(found.wave_squared)
    size_db = 30 * np.log10(np.maximum(squared_um2, 1.0) / reference_um**2)
    made: Floats = start_db - size_db
    return made


def wave_radius(found: Backscatter, diameter_um: float) -> float:
    """Product k a at the highest frequency used: how much the form factor can tell."""
    most = found.frequency_mhz[-1]
    return float(2 * np.pi * most / found.c_mm_us * diameter_um / 2000)
