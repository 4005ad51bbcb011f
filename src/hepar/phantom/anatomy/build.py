"""Puts the body of one SIMULATED patient on a grid, from the outside in."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..grid import Grid
from ..patient import Patient
from .lattice import Solid, covered, sample
from .organs import Anatomy, Organ
from .plan import Plan, plan
from .skeleton import CORTEX_MM
from .trunk import DIAPHRAGM_MM
from .tubes import Tube, paint

PLANES = 16
"""Planes that are painted together, which bounds the memory."""

RIB_CORTEX_MM = 1.1
STOMACH_WALL_MM = 4.0
LINING_MM = 2.8
"""How near to wall and diaphragm liver and spleen lie against them."""

VEINS = (Organ.PORTAL_VEIN, Organ.HEPATIC_VEIN, Organ.HEPATIC_ARTERY)
"""What lies within the outlined liver beside its parenchyma."""


SOFT = (
    *(
        Organ.FAT,
        Organ.MUSCLE,
        Organ.LIVER,
        Organ.PANCREAS,
        Organ.ADRENAL,
        Organ.BOWEL_WALL,
        Organ.BOWEL_CONTENT,
    ),
    *(Organ.CAVA, Organ.SPLENIC_VEIN, Organ.SPLENIC_ARTERY, *VEINS),
)
"""What the great vessels run through."""


def abdomen(patient: Patient, grid: Grid) -> Anatomy:
    """The SIMULATED upper abdomen of `patient` on `grid`.

    The middle of the grid is the middle of the trunk at about the level of the hilum of the liver; what lies beyond
    the field of view is not there, and a lesion may be placed there. The body is the same on any grid.

    Raises:
        SimulationError: the person or a lesion is of a size that cannot be made.
    """
    return painted(plan(patient), grid)


def painted(body: Plan, grid: Grid) -> Anatomy:
    """The body on `grid`: with several scans of a patient, its plan is drawn once."""
    canvas = Canvas(grid, np.zeros(grid.shape, np.uint8))
    _wall(canvas, body)
    _bones(canvas, body)
    _organs(canvas, body)
    _bowel(canvas, body)
    _vessels(canvas, body)
    if body.ascites is not None:
        canvas.fill(body.ascites, Organ.ASCITES, over=(Organ.FAT,))
    return Anatomy(grid, canvas.labels, _outlined(canvas, body.liver), body.places)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The labels (z, y, x) of a grid, to be painted."""

    grid: Grid
    labels: NDArray[np.uint8]

    @property
    def slabs(self) -> list[slice]:
        """The planes of the grid, a few at a time."""
        n = self.grid.shape[0]
        return [slice(at, min(at + PLANES, n)) for at in range(0, n, PLANES)]

    def fill(
        self, field: Solid, organ: Organ, *, over: Iterable[Organ] = Organ, depth_mm: float = 0.0
    ) -> None:
        """Writes `organ` deeper than `depth_mm` in `field`, where one of `over` is."""
        allowed = _table(over)
        for slab in self.slabs:
            box = covered(field.lattice, self.grid, slab)
            if box is not None:
                there = self.labels[box]
                there[(sample(field, self.grid, box) < -depth_mm) & allowed[there]] = organ

    def tubes(
        self,
        tubes: Iterable[Tube],
        organ: Organ,
        *,
        over: Iterable[Organ],
        thinner_mm: float = 0.0,
        before_mm: float | None = None,
    ) -> None:
        """Writes `organ` within `tubes`, where one of `over` is."""
        paint(
            self.labels,
            self.grid,
            tubes,
            organ=organ,
            over=_table(over),
            thinner_mm=thinner_mm,
            before_mm=before_mm,
        )


def _table(organs: Iterable[Organ]) -> NDArray[np.bool_]:
    allowed = np.zeros(256, bool)
    allowed[[int(organ) for organ in organs]] = True
    return allowed


def _wall(canvas: Canvas, body: Plan) -> None:
    trunk = body.trunk
    canvas.fill(trunk.outline, Organ.SKIN)
    canvas.fill(trunk.outline, Organ.FAT, depth_mm=body.frame.body.skin)
    canvas.fill(trunk.wall, Organ.MUSCLE)
    canvas.fill(trunk.seam, Organ.FAT, over=(Organ.MUSCLE,))
    canvas.fill(trunk.cavity, Organ.FAT)
    canvas.fill(trunk.thorax, Organ.MUSCLE, over=(Organ.FAT,))
    canvas.fill(trunk.thorax, Organ.FAT, over=(Organ.MUSCLE,), depth_mm=DIAPHRAGM_MM)
    canvas.fill(trunk.lungs, Organ.LUNG, over=(Organ.FAT,), depth_mm=DIAPHRAGM_MM)
    canvas.fill(trunk.heart, Organ.HEART, over=(Organ.FAT,))
    canvas.tubes(body.muscles, Organ.MUSCLE, over=(Organ.FAT,))


def _bones(canvas: Canvas, body: Plan) -> None:
    canvas.fill(body.spine.bone, Organ.BONE_CORTEX)
    canvas.fill(body.spine.bone, Organ.BONE_MARROW, depth_mm=CORTEX_MM)
    canvas.fill(body.spine.disc, Organ.DISC)
    canvas.fill(body.spine.canal, Organ.CANAL)
    wall = (Organ.MUSCLE, Organ.FAT)
    canvas.tubes(body.cage.cartilage, Organ.CARTILAGE, over=wall)
    canvas.tubes(body.cage.ribs, Organ.BONE_CORTEX, over=(*wall, Organ.CARTILAGE))
    canvas.tubes(body.cage.ribs, Organ.BONE_MARROW, over=(Organ.BONE_CORTEX,), thinner_mm=RIB_CORTEX_MM)


def _organs(canvas: Canvas, body: Plan) -> None:
    fat = (Organ.FAT,)
    canvas.fill(body.liver, Organ.LIVER, over=fat)
    _lining(canvas, body.liver, body.trunk.below)
    for kidney in body.kidneys:
        canvas.fill(kidney.whole, Organ.KIDNEY, over=fat)
        canvas.fill(kidney.medulla, Organ.KIDNEY_MEDULLA, over=(Organ.KIDNEY,))
        canvas.fill(kidney.sinus, Organ.FAT, over=(Organ.KIDNEY, Organ.KIDNEY_MEDULLA))
    canvas.fill(body.spleen, Organ.SPLEEN, over=fat)
    _lining(canvas, body.spleen, body.trunk.below)
    canvas.fill(body.stomach, Organ.STOMACH_WALL, over=fat)
    canvas.fill(body.stomach, Organ.STOMACH, over=(Organ.STOMACH_WALL,), depth_mm=STOMACH_WALL_MM)
    canvas.fill(body.stomach_gas, Organ.BOWEL_GAS, over=(Organ.STOMACH,))
    canvas.tubes([body.gullet], Organ.OESOPHAGUS, over=(Organ.FAT, Organ.MUSCLE))
    if body.gallbladder is not None:
        canvas.fill(body.gallbladder, Organ.GALLBLADDER, over=(Organ.FAT, Organ.LIVER))
    canvas.fill(body.pancreas, Organ.PANCREAS, over=fat)
    for adrenal in body.adrenals:
        canvas.fill(adrenal, Organ.ADRENAL, over=fat)


def _lining(canvas: Canvas, organ: Solid, below: Solid) -> None:
    """Wall and diaphragm touch what lies against them: no film of fat, which a scanner would not resolve."""
    for slab in canvas.slabs:
        box = covered(organ.lattice, canvas.grid, slab)
        if box is not None:
            there = canvas.labels[box]
            film = sample(organ, canvas.grid, box) < LINING_MM
            film &= (there == Organ.FAT) & (np.abs(sample(below, canvas.grid, box)) < LINING_MM)
            there[film] = Organ.MUSCLE


def _bowel(canvas: Canvas, body: Plan) -> None:
    for loop in body.bowel:
        canvas.tubes([loop.tube], Organ.BOWEL_WALL, over=(Organ.FAT,))
        lumen = (Organ.BOWEL_WALL,)
        canvas.tubes([loop.tube], Organ.BOWEL_CONTENT, over=lumen, thinner_mm=loop.wall_mm)
        inner = (Organ.BOWEL_CONTENT,)
        canvas.tubes(loop.stool, Organ.BOWEL_GAS, over=inner)
        canvas.tubes([loop.tube], Organ.BOWEL_GAS, over=inner, thinner_mm=loop.wall_mm, before_mm=loop.gas_mm)


def _vessels(canvas: Canvas, body: Plan) -> None:
    canvas.tubes(body.mesentery, Organ.SPLENIC_VEIN, over=(Organ.FAT,))
    for organ, tubes in body.liver_vessels:
        canvas.tubes(tubes, organ, over=(Organ.LIVER, *VEINS))
    for organ, tubes in body.great_vessels:
        canvas.tubes(tubes, organ, over=SOFT)


def _outlined(canvas: Canvas, liver: Solid) -> NDArray[np.bool_]:
    """The liver with the vessels in it."""
    found = np.zeros(canvas.grid.shape, bool)
    tissue = _table((Organ.LIVER, *VEINS))
    for slab in canvas.slabs:
        box = covered(liver.lattice, canvas.grid, slab)
        if box is not None:
            found[box] = (sample(liver, canvas.grid, box) < 0) & tissue[canvas.labels[box]]
    return found
