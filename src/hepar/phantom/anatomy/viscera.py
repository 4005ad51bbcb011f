"""Stomach, spleen, kidneys, adrenals, pancreas and gallbladder."""

from dataclasses import dataclass

import numpy as np

from ..fields import blob_spectrum, gaussian_field
from ..patient import Patient
from .habitus import Frame
from .implicit import chain, ellipsoid, smooth_max, smooth_min, turned, without
from .lattice import Lattice, Solid, Values, around, fitted, nearest, regrid
from .liver import shown_on_images
from .trunk import over_diaphragm
from .tubes import Points, Tube, smooth

STOMACH = np.array(
    [[58, 14, 52], [30, -2, 66], [0, -26, 62], [-24, -48, 36], [-28, -54, 8], [-18, -42, -12]], float
)
STOMACH_RADII = np.array([30, 32, 28, 21, 16, 11], float)
GALLBLADDER = np.array([[-10, -22, -38], [-24, -36, -46], [-40, -50, -53], [-54, -60, -58]], float)
GALLBLADDER_RADII = np.array([4.0, 9.5, 13.0, 12.0])
PANCREAS = np.array(
    [[-52, 4, -24], [-36, -2, -26], [-20, -14, -6], [-8, -14, 18], [2, 0, 44], [14, 16, 68]], float
)
PANCREAS_RADII = np.array([11, 14, 9.5, 10.5, 10, 8.5])


@dataclass(frozen=True, slots=True)
class Kidney:
    """A kidney with its medulla and the fat of its sinus."""

    whole: Solid
    medulla: Solid
    sinus: Solid


def bounded(frame: Frame, points: Points, *, margin_mm: float, pitch_mm: float = 3.0) -> Lattice:
    """A lattice around points (n, 3) of the reference person."""
    places = frame.place(points)
    low, high = places.min(0) - margin_mm, places.max(0) + margin_mm
    return around(tuple(map(float, low)), tuple(map(float, high)), (pitch_mm,) * 3)


def roof(frame: Frame, cavity: Solid, lattice: Lattice) -> Values:
    """Distance out of the abdomen: through its wall or its diaphragm."""
    wall = regrid(cavity, lattice)
    return smooth_max(
        wall + 1, over_diaphragm(frame.local(lattice), wall, frame.body, lattice=lattice) + 1, width=8
    )


def stomach(frame: Frame, cavity: Solid, rng: np.random.Generator) -> tuple[Solid, Solid]:
    """The stomach and the gas in it, from nearly empty to distended."""
    full = float(np.clip(np.exp(rng.normal(-0.22, 0.22)), 0.55, 1.2))
    points = STOMACH + rng.normal(0, 5, STOMACH.shape)
    lattice = bounded(frame, points, margin_mm=45)
    scale = float(np.mean(frame.scale)) ** 0.5
    shape = chain(lattice.mesh, frame.place(points), STOMACH_RADII * full * scale, blend=14)
    folds = gaussian_field(rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(5.0))
    shape = smooth_max(shape + 1.2 * folds, roof(frame, cavity, lattice) + 1, width=10)
    level = float(frame.place(np.array([[10.0, -30 + rng.normal(0, 12), 50]]))[0, 1])
    gas = np.maximum(shape, lattice.mesh[1] - np.float32(level))
    return Solid(lattice, shape), Solid(lattice, gas)


def gullet(frame: Frame) -> Tube:
    """The oesophagus, before the aorta and through the diaphragm into the stomach."""
    points = np.array([[260.0, 14, 8], [110, 8, 12], [72, 2, 20], [50, 0, 36]])
    return smooth(frame.place(points), np.array([7.0, 7.5, 8.0, 9.0]), step_mm=6)


def gallbladder(frame: Frame, rng: np.random.Generator) -> Solid | None:
    """The gallbladder in its fossa, or none when it has been taken out (8 in 100, typical value)."""
    fullness = float(np.exp(rng.normal(0, 0.2)))
    points = GALLBLADDER + rng.normal(0, 3, GALLBLADDER.shape)
    if rng.random() < 0.08:
        return None
    lattice = bounded(frame, points, margin_mm=24, pitch_mm=2.0)
    return Solid(lattice, chain(lattice.mesh, frame.place(points), GALLBLADDER_RADII * fullness, blend=8))


def kidney(frame: Frame, side: float, rng: np.random.Generator) -> Kidney:
    """A kidney of 8 to 13 cm beside the psoas, its hilum turned forwards and inwards."""
    centre = frame.place(np.array([[-50.0 + 14 * (side > 0) + rng.normal(0, 7), 44, side * 60]]))[0]
    size = float(np.clip(frame.body.height_scale * np.exp(rng.normal(0, 0.05)), 0.8, 1.15))
    low, high = centre - 70 * size, centre + 70 * size
    lattice = around(tuple(map(float, low)), tuple(map(float, high)), (2.5, 2.5, 2.5))
    at = (float(centre[0]), float(centre[1]), float(centre[2]))
    mesh = turned(lattice.mesh, at, pitch=0.2, yaw=0.6 * side, roll=-0.25 * side)
    inward = (mesh[0], mesh[1], mesh[2] * np.float32(side))
    bumps = gaussian_field(rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(5.0))
    whole = ellipsoid(inward, (0, 0, 0), (55 * size, 24 * size, 28 * size)) + 0.7 * bumps
    whole = without(whole, ellipsoid(inward, (0, 0, -30 * size), (17 * size, 11, 15 * size)), width=7)
    sinus = ellipsoid(inward, (0, 0, -13 * size), (30 * size, 8.5 * size, 15 * size)) + 2.0 * bumps
    return Kidney(Solid(lattice, whole), Solid(lattice, _medulla(whole, sinus, bumps)), Solid(lattice, sinus))


def _medulla(whole: Values, sinus: Values, bumps: Values) -> Values:
    return smooth_max(np.maximum(whole + 6.5, 2.5 - sinus), 3.5 * bumps - 0.5, width=2)


def expected_spleen_ml(patient: Patient) -> float:
    """Median 215 mL, times 1.31 for a unit of what images show.

    Prassopoulos et al. (1997) measured 215 mL, 107 to 314, in health; the slope is a typical value.
    """
    person = patient.person
    surface_m2 = np.sqrt(person.height_m * 100 * person.weight_kg / 3600)
    return float(215 * (surface_m2 / 1.85) * np.exp(0.27 * shown_on_images(patient)))


def spleen_ml(patient: Patient) -> float:
    """The volume drawn for the spleen: people of one size and one disease differ by an SD of 0.40 of its logarithm."""
    scatter = np.clip(patient.stream("anatomy", "spleen volume").standard_normal(), -2.5, 2.5)
    return float(np.clip(expected_spleen_ml(patient) * np.exp(0.40 * scatter), 60, 1800))


def spleen(frame: Frame, patient: Patient, *, cavity: Solid, organs: tuple[Solid, ...]) -> Solid:
    """The spleen under the left ribs, hollowed by stomach and kidney, of the volume drawn."""
    rng = patient.stream("anatomy", "spleen")
    n = np.clip(rng.standard_normal(2), -2.5, 2.5)
    lattice = bounded(frame, np.array([[-110.0, -70, 5], [90, 82, 132]]), margin_mm=4)
    mesh = frame.reference(lattice)
    ceiling = roof(frame, cavity, lattice)
    bumps = gaussian_field(rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(9.0))
    hollow = nearest(lattice, organs)

    before: Values = np.float32(56) - 0.81 * mesh[2] - 0.58 * mesh[1]

    def whole(size: float) -> Values:
        tilt = turned(
            mesh, (34 - 16 * (size - 1) + 5 * n[0], 34 - 8 * (size - 1), 126 - 22 * size), pitch=0.5, yaw=0.35
        )
        body = ellipsoid(tilt, (0, 0, 0), (54 * size, 36 * size, 25 * size)) * np.float32(
            np.mean(frame.scale)
        )
        body = smooth_max(body, smooth_max(ceiling, before, width=8), width=8)
        return without(body, hollow - 2, width=8) + 1.1 * bumps

    def volume_ml(size: float) -> float:
        return Solid(lattice, whole(size)).volume_ml

    size = fitted(volume_ml, spleen_ml(patient), low=0.4, high=2.6)
    return Solid(lattice, np.maximum(whole(size), ceiling))


def pancreas(frame: Frame, rng: np.random.Generator) -> Solid:
    """The pancreas, lobulated, from the duodenum to the hilum of the spleen."""
    points = PANCREAS + rng.normal(0, 3, PANCREAS.shape)
    lattice = bounded(frame, points, margin_mm=22, pitch_mm=2.5)
    bumps = gaussian_field(rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(2.8))
    radii = PANCREAS_RADII * np.exp(rng.normal(0, 0.12))
    return Solid(lattice, chain(lattice.mesh, frame.place(points), radii, blend=5) + 1.5 * bumps)


def adrenal(frame: Frame, side: float, rng: np.random.Generator) -> Solid:
    """An adrenal gland: two thin limbs that meet in front."""
    tip = np.array([8.0 + rng.normal(0, 4), 26, side * 30 - 3])
    limbs = [
        np.array([[-14.0, 4, 7 * side], [12, 0, 0]]) + tip,
        np.array([[-12.0, 16, 2 * side], [12, 0, 0]]) + tip,
    ]
    lattice = bounded(frame, np.concatenate(limbs), margin_mm=8, pitch_mm=2.0)
    parts = [chain(lattice.mesh, frame.place(limb), np.array([2.4, 2.8])) for limb in limbs]
    return Solid(lattice, smooth_min(parts[0], parts[1], width=2))
