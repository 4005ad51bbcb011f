"""From concentrations of dyes to the colours of a scanner: haematoxylin, eosin, blood and ink by Beer-Lambert."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError, choices
from ..patient import Patient

Plane = NDArray[np.float32]
Rgb = NDArray[np.uint8]
Triple = tuple[float, float, float]
HAEMATOXYLIN, EOSIN, BLOOD = range(3)
"""Planes of an array (3, y, x) of concentrations."""
_BLOOD_OD: Triple = (0.08, 0.68, 0.62)
"""Erythrocytes are redder than eosin, since haemoglobin absorbs too; seen on TCGA tiles."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A laboratory and its scanner.

    `haematoxylin` and `eosin` are optical densities of red, green and blue at concentration 1, `dose` the mean
    concentration of the two, `white` the colour of glass (0 to 255), `blur_um` the standard deviation of the point
    spread, `sharpening` the weight of the unsharp mask, `noise` the standard deviation of the camera in levels.
    """

    haematoxylin: Triple
    eosin: Triple
    dose: tuple[float, float]
    white: Triple
    gamma: float
    blur_um: float
    sharpening: float
    noise: float
    jpeg_quality: int


SCANNERS: Mapping[str, Scanner] = MappingProxyType(
    {
        "A": Scanner(  # vectors as measured on TCGA colon tiles by the method of Macenko 2009
            haematoxylin=(0.50, 0.77, 0.40),
            eosin=(0.21, 0.86, 0.46),
            dose=(1.0, 1.0),
            white=(243, 243, 243),
            gamma=1.0,
            blur_um=0.25,
            sharpening=0.75,
            noise=1.2,
            jpeg_quality=80,
        ),
        "B": Scanner(  # haematoxylin of Ruifrok and Johnston 2001, whose eosin (0.07, 0.99, 0.11) is bluer than this
            haematoxylin=(0.65, 0.70, 0.29),
            eosin=(0.09, 0.95, 0.28),
            dose=(0.85, 0.70),
            white=(236, 233, 240),
            gamma=1.12,
            blur_um=0.55,
            sharpening=0.25,
            noise=1.8,
            jpeg_quality=70,
        ),
        "C": Scanner(  # between the two, weak haematoxylin and a warm lamp: assumed
            haematoxylin=(0.60, 0.73, 0.33),
            eosin=(0.10, 0.88, 0.42),
            dose=(0.75, 1.15),
            white=(247, 244, 235),
            gamma=0.90,
            blur_um=0.40,
            sharpening=0.8,
            noise=0.8,
            jpeg_quality=88,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Stain:
    """How one patient's section came out: `density` (3 dyes, 3 colours) is the optical density at concentration 1."""

    density: NDArray[np.float32]
    white: Plane
    gamma: float


def scanner_of(patient: Patient) -> tuple[str, Scanner]:
    """Name and properties of what stained and scanned the patient's slide."""
    name = patient.scanners.get("slide", "A")
    if name not in SCANNERS:
        raise SimulationError(f"there is no slide scanner {name!r}; {choices(name, SCANNERS)}")
    return name, SCANNERS[name]


def stain(patient: Patient) -> Stain:
    """The stain of the patient's section: that of the laboratory, and how the batch and the thickness differ.

    Concentrations differ by 18 % (haematoxylin) and 20 % (eosin) between sections of a laboratory and its vectors by
    about 3 degrees: typical values.
    """
    _, scanner = scanner_of(patient)
    rng = patient.stream("pathology", "stain")
    thickness = np.exp(0.10 * rng.standard_normal())
    rows = []
    for vector, dose, spread in zip(
        (scanner.haematoxylin, scanner.eosin, _BLOOD_OD),
        (*scanner.dose, 1.0),
        (0.15, 0.17, 0.05),
        strict=True,
    ):
        turned = np.maximum(np.array(vector) + 0.035 * rng.standard_normal(3), 0.02)
        amount = dose * thickness * np.exp(spread * rng.standard_normal())
        rows.append(turned / np.linalg.norm(turned) * amount)
    white = np.clip(np.array(scanner.white) + 2 * rng.standard_normal(3), 220, 254)
    return Stain(np.array(rows, np.float32), white.astype(np.float32), scanner.gamma)


def transmitted(concentrations: Plane, stain: Stain) -> Plane:
    """Light (y, x, 3), 0 to 255, let through by concentrations (3, y, x) (Beer-Lambert; Ruifrok and Johnston 2001)."""
    found = np.empty((*concentrations.shape[1:], 3), np.float32)
    for colour in range(3):
        density = concentrations[0] * stain.density[0, colour]
        density += concentrations[1] * stain.density[1, colour]
        density += concentrations[2] * stain.density[2, colour]
        density *= -stain.gamma
        np.exp(density, out=density)
        np.multiply(density, stain.white[colour], out=found[..., colour])
    return found


def unmixed(rgb: Rgb, stain: Stain) -> Plane:
    """Concentrations (3, y, x) in colours (y, x, 3), by least squares on the optical densities."""
    light = np.maximum(rgb.astype(np.float32), 1) / stain.white
    density = -np.log(light) / np.float32(stain.gamma)
    return np.asarray(np.moveaxis(density @ np.linalg.pinv(stain.density), -1, 0), np.float32)
