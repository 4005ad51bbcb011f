"""SIMULATED T1-weighted MR of a liver whose texture coarsens, and whose surface roughens, with fibrosis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

VERSION = 1
"""Raise it when the same truth and seed give another image."""
SHAPE = (40, 64, 64)
SPACING_MM = (3.0, 2.0, 2.0)
LIVER, SPLEEN, AROUND = 400.0, 280.0, 220.0
"""Mean signals."""
FINE_MM, COARSE_MM, SURFACE_MM = 2.0, 5.0, 6.0
"""Widths (standard deviation of the Gaussian) of the fields that make parenchyma and surface."""

Image = NDArray[np.float64]
Mask = NDArray[np.bool_]
Shape = tuple[int, int, int]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Scanner:
    """What a scanner does to an image: as large as what fibrosis does, or radiomics would need no harmonisation."""

    gain: float
    blur_mm: float
    noise: float
    """Standard deviation of each channel before the gain, in the units of the mean signals."""
    shading: float
    """How much brighter one side is than the other, as a share of the signal."""


SCANNERS: Mapping[str, Scanner] = {
    "A": Scanner(gain=1.0, blur_mm=0.5, noise=24, shading=0.05),
    "B": Scanner(gain=0.6, blur_mm=1.6, noise=18, shading=0.10),
    "C": Scanner(gain=1.5, blur_mm=0.8, noise=40, shading=0.02),
    "D": Scanner(gain=2.2, blur_mm=2.2, noise=28, shading=0.15),
}


@dataclass(frozen=True, slots=True)
class LiverTruth:
    """Who is simulated: the proportion of fibrosis, 0 to 1, and the scanner, one of `SCANNERS`."""

    fibrosis: float
    scanner: str

    def __post_init__(self) -> None:
        if not 0 <= self.fibrosis <= 1:
            raise ValueError(f"fibrosis is {self.fibrosis!r}; a proportion lies between 0 and 1")
        if self.scanner not in SCANNERS:
            raise ValueError(f"there is no scanner {self.scanner!r}; there are {', '.join(SCANNERS)}")


@dataclass(frozen=True, slots=True)
class _Frame:
    shape: Shape
    spacing_mm: Triple

    def blurred(self, array: Image, width_mm: float, *, mode: Literal["nearest", "wrap"]) -> Image:
        """`array` under a Gaussian of standard deviation `width_mm`."""
        return np.asarray(gaussian_filter(array, [width_mm / mm for mm in self.spacing_mm], mode=mode))

    def field(self, rng: np.random.Generator, width_mm: float) -> Image:
        """A Gaussian random field of mean 0 and standard deviation 1: white noise, blurred by `width_mm`."""
        found = self.blurred(rng.normal(size=self.shape), width_mm, mode="wrap")
        return np.asarray((found - found.mean()) / found.std())

    def grid(self) -> Image:
        """Coordinates (3, z, y, x) from the centre, as a share of the field of view."""
        axes = [(np.arange(n) + 0.5) / n - 0.5 for n in self.shape]
        return np.stack(np.meshgrid(*axes, indexing="ij"))


def simulated_liver(
    truth: LiverTruth, *, seed: int, shape: Shape = SHAPE, spacing_mm: Triple = SPACING_MM
) -> tuple[Image, Mask, Mask]:
    """A SIMULATED image and the masks of liver and spleen, arrays (z, y, x) of `shape`, signal in arbitrary units.

    Parenchyma is the sum of two Gaussian random fields of different width; fibrosis moves variance from the fine to the
    coarse one and adds contrast, roughens the surface and enlarges the spleen. A patient's own biology blurs this; the
    scanner hides it further by gain, shading, blur and Rician noise (Gudbjartsson and Patz, 1995). The same truth and
    seed give the same image. It resembles MR enough to try software on; no figure made on it is evidence.
    """
    rng = np.random.default_rng([seed, VERSION])
    frame = _Frame(shape, spacing_mm)
    grid = frame.grid()
    visible = float(np.clip(truth.fibrosis + rng.normal(0, 0.28), -0.3, 1.3))
    size = np.exp(rng.normal(0, 0.08))
    rough = (0.015 + 0.045 * max(visible, 0.0)) * frame.field(rng, SURFACE_MM)
    liver = _distance(grid, centre=(0.0, 0.0, -0.15), radii=(0.36, 0.36, 0.30)) * (1 + rough) < size
    large = size * (1 + 0.15 * visible + rng.normal(0, 0.08))
    spleen = (_distance(grid, centre=(0.1, 0.1, 0.34), radii=(0.18, 0.16, 0.10)) < large) & ~liver
    tissue = _parenchyma(rng, visible, frame)
    signal = np.where(liver, LIVER + tissue, np.where(spleen, SPLEEN, AROUND))
    return _scanned(rng, signal, SCANNERS[truth.scanner], frame=frame), liver, spleen


def _parenchyma(rng: np.random.Generator, visible: float, frame: _Frame) -> Image:
    """Deviations from the mean signal of the liver; `visible` is how fibrotic it looks."""
    coarse = float(np.clip(0.25 + 0.45 * visible + rng.normal(0, 0.08), 0.05, 0.95))
    contrast = 26 * np.exp(0.5 * visible + rng.normal(0, 0.15))
    fine_field, coarse_field = frame.field(rng, FINE_MM), frame.field(rng, COARSE_MM)
    return np.asarray(contrast * (np.sqrt(1 - coarse) * fine_field + np.sqrt(coarse) * coarse_field))


def _scanned(rng: np.random.Generator, signal: Image, scanner: Scanner, *, frame: _Frame) -> Image:
    """The signal as `scanner` shows it: blurred, shaded along y and x, noisy (Rician), scaled."""
    _, y, x = frame.grid()
    along_y, along_x = rng.normal(0, 1, 2)
    blurred = frame.blurred(signal, scanner.blur_mm, mode="nearest")
    shaded = blurred * (1 + scanner.shading * (along_y * y + along_x * x))
    real, imaginary = rng.normal(0, scanner.noise, (2, *frame.shape))
    return np.asarray(scanner.gain * np.hypot(shaded + real, imaginary))


def _distance(grid: Image, *, centre: Triple, radii: Triple) -> Image:
    """Distance from the centre, 1 on the surface of the ellipsoid."""
    parts = [(x - c) / r for x, c, r in zip(grid, centre, radii, strict=True)]
    return np.asarray(np.sqrt(sum(part**2 for part in parts)))
