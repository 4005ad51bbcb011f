"""The great vessels, and the trees of portal vein, hepatic veins and hepatic artery within the liver."""

import numpy as np
from numpy.typing import NDArray

from ..patient import Patient
from .habitus import Frame
from .lattice import Solid
from .liver import shown_on_images
from .organs import Organ
from .trees import Growth, tree
from .tubes import Points, Tube, smooth

AORTA = np.array(
    [[-240, 30, 2], [-112, 22, 2], [-60, 16, 6], [0, 13, 9], [60, 15, 14], [110, 24, 20], [250, 26, 24]],
    float,
)
CAVA = np.array(
    [
        [-240, 30, -4],
        [-112, 24, -10],
        [-60, 16, -22],
        [-20, 12, -26],
        [20, 10, -28],
        [62, 4, -27],
        [96, -8, -24],
    ],
    float,
)
ILIACS = np.array([[-112, 22, 0], [-150, 24, 22], [-200, 20, 42], [-260, 10, 60]], float)
MESENTERIC_ARTERY = np.array([[-8, 4, 8], [-18, -10, 8], [-50, -14, 6], [-120, -20, -6]], float)
MESENTERIC_VEIN = np.array([[-130, -22, -22], [-70, -15, -8], [-40, -10, -6], [-30, -7, -8]], float)
SPLENIC_VEIN = np.array([[-30, -7, -8], [-20, -4, 10], [-8, 2, 32], [6, 14, 58], [18, 26, 78]], float)
PORTAL_TRUNK = np.array([[-32, -7, -8], [-18, -10, -17], [-4, -14, -28]], float)
COELIAC = np.array([[8, 6, 9], [9, -6, 8], [6, -9, 6]], float)
SPLENIC_ARTERY = np.array([[6, -9, 6], [12, -4, 22], [6, 4, 38], [16, 14, 58], [22, 26, 78]], float)
COMMON_HEPATIC = np.array([[6, -9, 6], [2, -15, -8], [0, -19, -20], [4, -20, -30]], float)
RENAL_ARTERY = np.array([[-22, 16, 4], [-30, 26, 26], [-40, 38, 46]], float)
RENAL_VEIN = np.array([[-26, 12, -16], [-30, 20, 24], [-40, 36, 46]], float)


def great_vessels(frame: Frame, patient: Patient) -> tuple[tuple[Organ, tuple[Tube, ...]], ...]:
    """Aorta, cava and their branches outside of the liver."""
    rng = patient.stream("anatomy", "great vessels")
    person = patient.person
    bore = (9.6 + 1.3 * (person.sex == "m") + 0.035 * (person.age_y - 50)) * np.exp(rng.normal(0, 0.07))
    cava = 10.5 * np.exp(rng.normal(0, 0.13))
    portal = portal_radius_mm(patient)
    sway = rng.normal(0, 2.5, (6, 3))

    def line(points: Points, *radii: float, shift: Points = sway[5] * 0) -> Tube:
        ends = np.interp(np.linspace(0, 1, len(points)), np.linspace(0, 1, len(radii)), radii)
        return smooth(frame.place(points + shift), ends, step_mm=5)

    mirror = np.array([1.0, 1.0, -1.0])
    arteries = [line(AORTA, 0.78 * bore, 0.85 * bore, bore, 1.12 * bore, 1.18 * bore)]
    arteries += [line(ILIACS * m, 0.6 * bore, 0.5 * bore) for m in (1, mirror)]
    arteries += [line(MESENTERIC_ARTERY, 3.8, 3.2), line(COELIAC, 4.2, 3.6)]
    arteries += [line(RENAL_ARTERY * m, 3.2, 2.6) for m in (1, mirror)]
    veins = [line(CAVA, 0.8 * cava, 0.95 * cava, cava, 1.05 * cava, 1.15 * cava)]
    veins += [line(RENAL_VEIN, 5.0, 4.6), line(RENAL_VEIN * mirror + [0, 0, -4], 5.0, 4.8)]
    return (
        (Organ.CAVA, tuple(veins)),
        (Organ.SPLENIC_VEIN, (line(SPLENIC_VEIN, 0.75 * portal, 0.6 * portal, shift=0.5 * sway[0]),)),
        (Organ.PORTAL_VEIN, (line(MESENTERIC_VEIN, 0.75 * portal, 0.9 * portal), line(PORTAL_TRUNK, portal))),
        (Organ.SPLENIC_ARTERY, (line(SPLENIC_ARTERY, 2.9, 2.4, shift=0.3 * sway[1]),)),
        (Organ.HEPATIC_ARTERY, (line(COMMON_HEPATIC, 2.9, 2.2),)),
        (Organ.AORTA, tuple(arteries)),
    )


def portal_radius_mm(patient: Patient) -> float:
    """Half the diameter of the trunk: 12.4 mm, SD 1.4 between people, 0.8 wider for a unit of what images show."""
    rng = patient.stream("anatomy", "portal vein")
    wide = 12.4 + 1.4 * np.clip(rng.standard_normal(), -2.5, 2.5) + 0.8 * shown_on_images(patient)
    return float(0.5 * np.clip(wide, 7.5, 22))


def liver_vessels(frame: Frame, patient: Patient, liver: Solid) -> tuple[tuple[Organ, tuple[Tube, ...]], ...]:
    """Portal and hepatic trees and the first branches of the artery, to be painted within the liver."""
    rng = patient.stream("anatomy", "liver vessels")
    points = _sites(liver, rng)
    portal = _portal(frame, patient, points=points, rng=rng)
    return (
        (Organ.HEPATIC_VEIN, tuple(_hepatic(frame, points, rng))),
        (Organ.HEPATIC_ARTERY, tuple(_arteries(portal[:10]))),
        (Organ.PORTAL_VEIN, tuple(portal)),
    )


def _sites(liver: Solid, rng: np.random.Generator) -> Points:
    """3,000 places within the liver, that its vessels feed."""
    inside = np.argwhere(liver.distance_mm < -3)
    chosen = inside[rng.choice(len(inside), min(3000, len(inside)), replace=False)]
    found: Points = np.asarray(liver.lattice.low_mm) + chosen * np.asarray(liver.lattice.pitch_mm)
    return found


def _portal(frame: Frame, patient: Patient, *, points: Points, rng: np.random.Generator) -> list[Tube]:
    """Left and right branch, the left with its turn into the fissure, each feeding its part."""
    radius = portal_radius_mm(patient)
    hilum, right, left, turn, end = frame.place(
        np.array([[-4.0, -14, -28], [0, -14, -50], [4, -20, -14], [7, -27, -1], [3, -45, 3]])
        + rng.normal(0, 1.5, (5, 3))
    )
    plane = frame.place(np.array([[60.0, 5, -27], [-40, -60, -48], [60.0, -70, -40]]))
    normal = np.cross(plane[1] - plane[0], plane[2] - plane[0])
    normal *= np.sign(normal[2])
    is_left = (points - plane[0]) @ normal > 0
    grow = Growth(thinnest_mm=0.6, fewest=10)
    found = [
        smooth(np.stack([hilum, right]), radius * np.array([0.85, 0.75]), step_mm=5),
        smooth(np.stack([hilum, left, turn, end]), radius * np.array([0.72, 0.68, 0.66, 0.5]), step_mm=4),
    ]
    found += tree(
        right, _unit(right - hilum), radius_mm=0.72 * radius, points=points[~is_left], growth=grow, rng=rng
    )
    lateral = points[is_left]
    beyond = lateral[:, 2] > end[2]
    found += tree(
        turn, _unit(turn - left), radius_mm=0.45 * radius, points=lateral[beyond], growth=grow, rng=rng
    )
    found += tree(
        end, _unit(end - turn), radius_mm=0.45 * radius, points=lateral[~beyond], growth=grow, rng=rng
    )
    return found


def _hepatic(frame: Frame, points: Points, rng: np.random.Generator) -> list[Tube]:
    """Right, middle and left hepatic vein, which meet the cava under the dome."""
    mouth = frame.place(np.array([[60.0, 4, -34], [62, -4, -26], [63, -3, -22]]))
    goal = frame.place(np.array([[25.0, 25, -95], [5, -45, -55], [30, -45, 25]]))
    nearest = np.argmin([_away(points, m, g) for m, g in zip(mouth, goal, strict=True)], axis=0)
    found: list[Tube] = []
    for number, size in enumerate((5.6, 4.9, 4.4)):
        radius = size * np.exp(rng.normal(0, 0.12))
        fed = points[nearest == number]
        grow = Growth(thinnest_mm=0.6, fewest=10, reach=0.55, sway=0.1)
        heading = _unit(goal[number] - mouth[number])
        found += tree(mouth[number], heading, radius_mm=radius, points=fed, growth=grow, rng=rng)
    return found


def _arteries(portal: list[Tube]) -> list[Tube]:
    """Thin arteries beside the first portal branches."""
    return [
        Tube(t.points + np.array([1.0, -1.0, 0.5]) * t.radii[0], np.full(len(t.radii), 1.1)) for t in portal
    ]


def _away(points: Points, a: Points, b: Points) -> NDArray[np.float64]:
    along = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1.3)
    found: NDArray[np.float64] = np.linalg.norm(points - a - along[:, None] * (b - a), axis=1)
    return found


def _unit(vector: Points) -> Points:
    return vector / max(float(np.linalg.norm(vector)), 1e-6)
