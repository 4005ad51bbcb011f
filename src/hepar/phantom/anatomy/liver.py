"""The liver: under the right dome, within the ribs, above a visceral surface that rises from right to left.

Its surface is nodular, its caudate lobe large and its right lobe small as the disease shows itself on images; each of
these varies between people by at least as much.
"""

from dataclasses import dataclass

import numpy as np

from ..fields import blob_spectrum, gaussian_field
from ..patient import Patient, Person
from .habitus import Frame
from .implicit import Point, chain, cone, ellipsoid, heights, smooth_max, smooth_min, turned, without
from .lattice import Lattice, Mesh, Solid, Values, around, fitted
from .trunk import over_diaphragm

UNDERSIDE = np.array(
    [
        # x, y, z of the visceral surface in the reference person, mm
        (-128, 0, -84),
        (-112, -45, -80),
        (-95, -66, -68),
        (-112, 42, -70),
        (-85, 66, -46),
        (-60, 62, -24),
        (-62, 20, -34),
        (-80, -25, -62),
        (-52, -45, -34),
        (-50, -10, -16),
        (-30, -74, -52),
        (-27, -22, -4),
        (-6, -66, -46),
        (12, -60, -30),
        (40, -64, -4),
        (66, -54, 26),
        (92, -40, 66),
        (-30, 12, -2),
        (-2, -14, 6),
        (4, 20, 34),
        (26, -22, 16),
        (40, 8, 52),
        (70, -10, 70),
        (40, 50, 90),
        (118, 0, 110),
    ],
    float,
)


@dataclass(frozen=True, slots=True)
class LiverForm:
    """What is drawn of one liver; lengths in mm, `left` moves its left end, `tip` its right lower end.

    `nodule_mm` and `nodule_width_mm` are the SD and the width of the relief of the surface.
    """

    volume_ml: float
    left: float
    tip: float
    riedel: float
    right_atrophy: float
    caudate: float
    nodule_mm: float
    nodule_width_mm: float
    relief_mm: float
    fissure_mm: float


def shown_on_images(patient: Patient) -> float:
    """What CT shows of the disease, in -3 to 3; what MR shows where CT has no share in it.

    CT and MR are painted from one body, which can follow but one number. It is that of CT, so that nothing on CT
    tells more than `shown["ct"]`; the best observer of MR of a patient who has both knows both numbers.
    """
    shown = patient.shown
    return float(np.clip(shown.get("ct", shown.get("mri", 0.0)), -3, 3))


def expected_liver_ml(person: Person) -> float:
    """-794 + 1267 body surface (Vauthey et al., 2002), the surface after Mosteller (1987); at least 500 mL."""
    surface_m2 = np.sqrt(person.height_m * 100 * person.weight_kg / 3600)
    return float(max(500.0, -794.41 + 1267.28 * surface_m2))


def liver_form(patient: Patient) -> LiverForm:
    """Draws the form of the liver.

    A unit of what images show changes the caudate lobe by 12 % against an SD between people of 13 %, and so on; the
    ratio of caudate to right lobe in health and in cirrhosis overlaps (Harbin et al., 1980), as does the nodularity
    of the surface (Smith et al., 2016). Slopes and scatter are typical values.
    """
    rng = patient.stream("anatomy", "liver")
    n = np.clip(rng.standard_normal(12), -2.6, 2.6)
    d = shown_on_images(patient)
    riedel = float(rng.random() < (0.08 if patient.person.sex == "f" else 0.03)) * (25 + 18 * abs(n[0]))
    volume = expected_liver_ml(patient.person) * np.exp(0.15 * n[1] - 0.03 * d + 0.35 * patient.liver.fat)
    return LiverForm(
        volume_ml=float(np.clip(volume, 600, 3200)),
        left=float(22 * n[2] + 4 * d),
        tip=float(14 * n[3]),
        riedel=float(riedel),
        right_atrophy=float(6 * d + 8 * n[4]),
        caudate=float(np.exp(0.12 * d + 0.13 * n[5])),
        nodule_mm=float(0.38 * np.exp(0.45 * d + 0.5 * n[6])),
        nodule_width_mm=float(3.2 * np.exp(0.25 * n[7])),
        relief_mm=float(2.6 * np.exp(0.25 * n[8])),
        fissure_mm=float(max(0.8, 2.2 + 1.0 * n[9] + 0.5 * d)),
    )


def liver_lattice(frame: Frame) -> Lattice:
    """The lattice of the liver: 3 mm around all that it can reach."""
    body = frame.body
    corners = np.array(
        [
            [z, y, x]
            for z in (-160.0, max(body.dome) / body.height_scale + 6)
            for y in (-90.0, 84.0)
            for x in (-132.0, 118.0)
        ]
    )
    places = frame.place(corners)
    low, high = places.min(0), places.max(0)
    return around(tuple(map(float, low)), tuple(map(float, high)), (3.0, 3.0, 3.0))


def liver(
    frame: Frame, form: LiverForm, *, cavity: Values, hollows: Values, rng: np.random.Generator
) -> Solid:
    """The liver on its lattice, of the volume drawn.

    `cavity` is the distance to the wall and `hollows` that to the organs that press into it, at the same nodes.
    """
    lattice = liver_lattice(frame)
    mesh = frame.reference(lattice)
    local = frame.local(lattice)
    relief = form.relief_mm * gaussian_field(
        rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(14.0)
    )
    nodules = form.nodule_mm * gaussian_field(
        rng, lattice.shape, lattice.pitch_mm, spectrum=blob_spectrum(form.nodule_width_mm)
    )
    roof = smooth_max(cavity + 0.5, over_diaphragm(local, cavity, frame.body, lattice=lattice) + 0.3, width=3)
    cuts = _cuts(form, mesh)
    scale = np.float32(np.mean(frame.scale))

    caudate = without(_caudate(form, mesh), hollows, width=4)

    def whole(lift: float) -> Values:
        lobes = smooth_max(_underside(form, mesh, lift=lift) + 1.6 * relief, roof, width=16)
        lobes = without(lobes, hollows - 1, width=9)
        lobes = smooth_min(lobes, caudate, width=4)
        return without(np.maximum(lobes, roof + 0.3 * np.abs(nodules)), cuts * scale, width=3) + nodules

    def volume_ml(lift: float) -> float:
        return Solid(lattice, whole(lift)).volume_ml

    found = whole(fitted(volume_ml, form.volume_ml, low=-60, high=75))
    return Solid(lattice, np.ascontiguousarray(np.maximum(found, cavity + 0.3), np.float32))


def _underside(form: LiverForm, mesh: Mesh, *, lift: float) -> Values:
    """Distance below the visceral surface, positive below; the more it is raised, the less it reaches to the left."""
    z, y, x = mesh
    points = UNDERSIDE.copy()
    right = np.clip((-points[:, 0] - 40) / 80, 0, 1)
    points[:, 0] += np.where(
        points[:, 0] > 0, (form.left - 0.6 * lift) * np.clip(points[:, 0] / 60, 0, 1.2), 0
    )
    points[:, 2] += right * (form.right_atrophy - form.tip) + lift * np.where(points[:, 1] > 0, 0.7, 1.0)
    points[:, 2] -= form.riedel * 2.0 * (points[:, 0] < -110)
    top = heights(points[:, [2, 1, 0]], y, x)
    rate = np.gradient(top, 3.0, axis=(1, 2))
    steep = np.sqrt(1 + np.minimum(rate[0] ** 2 + rate[1] ** 2, 9))
    found: Values = (top - z) / steep
    return found


def _caudate(form: LiverForm, mesh: Mesh) -> Values:
    """The caudate lobe, between the cava and the fissure of the venous ligament."""
    s = form.caudate
    centre: Point = (20, 0 - 2 * s, -10)
    return ellipsoid(turned(mesh, centre, yaw=0.25, roll=-0.15), (0, 0, 0), (30 * s, 14 * s, 19 * s))


def _cuts(form: LiverForm, mesh: Mesh) -> Values:
    """Fissures of the round and of the venous ligament, and the porta."""
    z, y, x = mesh
    width = np.float32(form.fissure_mm)
    bend = x - 5 - 0.10 * (y + 50)
    teres: Values = smooth_max(
        np.abs(bend) - width - 0.09 * np.maximum(-z - 5, 0), z - 6 + 0.5 * (y + 32), width=4
    )
    venous = smooth_max(
        np.abs(y + 19 + 0.16 * x - 0.06 * z) - np.float32(0.5) - 0.5 * width, np.abs(x - 16) - 34, width=3
    )
    venous = smooth_max(venous, np.abs(z - 32) - 40, width=4)
    porta = chain(
        (z, y, x),
        np.array([[-8.0, -14, -46], [0, -18, -22], [4, -24, 2]]),
        np.array([7.0, 9.0, 6.0]),
        blend=4,
    )
    return smooth_min(smooth_min(teres, venous, width=3), porta, width=5)


def bare(mesh: Mesh) -> Values:
    """The great vessels, crura and oesophagus, which the liver goes around."""
    aorta = cone(mesh, np.array([-150.0, 16, 8]), np.array([150.0, 14, 12]), radii=(21.0, 21.0))
    gullet = cone(mesh, np.array([30.0, 0, 18]), np.array([110.0, -2, 14]), radii=(15.0, 14.0))
    return smooth_min(aorta, gullet, width=8)
