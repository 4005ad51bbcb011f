"""Bowel: duodenum, colon with gas and stool, and loops of small bowel, as tubes with a wall."""

from dataclasses import dataclass

import numpy as np

from .habitus import Frame
from .tubes import Points, Tube, smooth

DUODENUM = np.array(
    [
        [-19, -40, -14],
        [-14, -34, -36],
        [-24, -12, -46],
        [-62, 0, -44],
        [-82, 6, -22],
        [-80, 4, 6],
        [-62, 0, 26],
    ],
    float,
)
RIGHT_COLON = np.array(
    [[-230, 8, -92], [-160, 12, -98], [-112, 14, -96], [-92, -2, -76], [-88, -34, -66]], float
)
ACROSS = np.array(
    [[-88, -34, -66], [-84, -62, -46], [-88, -68, 0], [-70, -66, 44], [-34, -52, 78], [0, -24, 100]], float
)
LEFT_COLON = np.array([[0, -24, 100], [4, 6, 106], [-40, 34, 104], [-110, 34, 102], [-230, 20, 98]], float)


@dataclass(frozen=True, slots=True)
class Loop:
    """A piece of bowel; what lies more than `gas_mm` in front of its middle is gas, `stool` the bubbles within."""

    tube: Tube
    wall_mm: float
    gas_mm: float
    stool: tuple[Tube, ...] = ()


def bowel(frame: Frame, rng: np.random.Generator) -> tuple[Loop, ...]:
    """All loops, in the order in which they are painted."""
    return (*_duodenum(frame, rng), *_colon(frame, rng), *_small_bowel(frame, rng))


def _duodenum(frame: Frame, rng: np.random.Generator) -> list[Loop]:
    points = frame.place(DUODENUM + rng.normal(0, 2.5, DUODENUM.shape))
    radii = np.exp(rng.normal(np.log(10.5), 0.15, len(points)))
    return [Loop(smooth(points, radii, step_mm=5), 2.2, float(rng.normal(7, 3)))]


def _colon(frame: Frame, rng: np.random.Generator) -> list[Loop]:
    """Ascending, transverse and descending colon with haustra; the transverse part lies in front and holds most gas."""
    sag = np.array([rng.normal(0, 14), 0.0, 0.0])
    found = []
    for line, calibre, gas in ((LEFT_COLON, 14.0, 5.0), (RIGHT_COLON, 20.0, 6.0), (ACROSS, 18.0, -4.0)):
        points = line + rng.normal(0, 4, line.shape) + (sag if line is ACROSS else 0)
        points[0], points[-1] = line[0], line[-1]
        wide = calibre * np.exp(rng.normal(0, 0.18, len(points)))
        tube = smooth(frame.place(points), wide, step_mm=4)
        folds = 1 + 0.13 * np.sin(np.arange(len(tube.radii)) * 4 * 2 * np.pi / 32 + rng.uniform(0, 6))
        tube = Tube(tube.points + rng.normal(0, 0.7, tube.points.shape), tube.radii * folds)
        found.append(Loop(tube, 2.0, float(rng.normal(gas, 6)), _bubbles(tube, rng)))
    return found


def _bubbles(tube: Tube, rng: np.random.Generator) -> tuple[Tube, ...]:
    """Gas within stool: small blobs at random places in the lumen."""
    found = []
    for place, radius in zip(tube.points, tube.radii, strict=True):
        for _ in range(rng.poisson(1.6)):
            middle = place + rng.uniform(-0.6, 0.6, 3) * radius
            size = float(np.exp(rng.normal(0.5, 0.4)))
            found.append(Tube(np.stack([middle, middle + rng.normal(0, 1.5, 3)]), np.array([size, size])))
    return tuple(found)


def _small_bowel(frame: Frame, rng: np.random.Generator) -> list[Loop]:
    """Short curved pieces on a loose lattice below the pancreas."""
    found = []
    for z in np.arange(-210.0, -50, 27):
        for y in (-52.0, -24.0, 2.0):
            for x in np.arange(-66.0, 80, 28):
                middle = np.array([z, y, x]) + rng.uniform(-8, 8, 3)
                inside = middle[0] < -95 + 0.75 * abs(middle[2] - 35) * (middle[2] < 35)
                if rng.random() < 0.85 and inside and not (y > -10 and abs(middle[2]) < 30):
                    found.append(_piece(frame.place(middle[None])[0], rng))
    return found


def _piece(middle: Points, rng: np.random.Generator) -> Loop:
    along = rng.normal(0, 1, 3)
    along *= rng.uniform(10, 20) / np.linalg.norm(along)
    bend = rng.normal(0, 5, 3)
    points = np.stack([middle - along, middle + bend, middle + along])
    radii = np.exp(rng.normal(np.log(10.5), 0.15, 3))
    return Loop(smooth(points, radii, step_mm=5), 2.0, float(rng.normal(8, 5)))


def mesentery(frame: Frame, rng: np.random.Generator) -> list[Tube]:
    """Small vessels that fan out from the root of the mesentery."""
    root = np.array([-45.0, -14, -2])
    found = []
    for _ in range(34):
        far = root + np.array([-rng.uniform(0, 110), rng.uniform(-42, 6), rng.uniform(-68, 84)])
        bend = 0.5 * (root + far) + rng.normal(0, 6, 3)
        found.append(smooth(frame.place(np.stack([root, bend, far])), np.array([2.0, 1.6, 1.0]), step_mm=8))
    return found
