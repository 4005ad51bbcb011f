"""Tiles: one kind of tissue each, with the truth about what is on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from ...core.errors import SimulationError, choices
from ..patient import Patient
from .biology import biology
from .camera import camera, pictured
from .cells import NUCLEI, Cell
from .placement import Cells, populate
from .render import Picture, painter, strips
from .scenes import SCENES
from .stain import Rgb, scanner_of, stain
from .stroma import SIZE
from .tissue import STEP_UM, Compartment, Points, Tissue, window_over

KINDS = tuple(SCENES)
MARGIN_UM = 40.0
"""Tissue made around a picture, so that cells and glands at its edge are cut and not left out."""
FINEST_UM, COARSEST_UM = 0.2, 2.0
_LARGEST_PX = 4096
GLANDULAR = (
    Compartment.TUMOUR, Compartment.LUMEN, Compartment.NECROSIS, Compartment.MUCUS, Compartment.NORMAL,
)  # fmt: skip
SMALLEST_GLAND_UM2 = 2500.0
_AGGREGATE_MM2 = 8_000.0
"""Lymphocytes in an aggregate: a typical value."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile and its truth.

    `rgb` (y, x, 3). `counts`: nuclei of each `Cell` whose middle is on the tile, "BUD", the tumour buds, and "GLAND",
    profiles of glands (parts apart from each other). `shares`: area of each `Compartment`. `nuclei_px` (n, 2), as
    (y, x), and `nuclei_kind` (n,): every nucleus and its `Cell`.
    """

    rgb: Rgb
    um_per_px: float
    kind: str
    counts: Mapping[str, int]
    shares: Mapping[str, float]
    nuclei_px: Points
    nuclei_kind: NDArray[np.uint8]

    @property
    def area_mm2(self) -> float:
        """Area of the tile."""
        return float(np.prod(self.rgb.shape[:2])) * self.um_per_px**2 * 1e-6


def tile(
    patient: Patient, *, size_px: int = 256, um_per_px: float = 0.5, kind: str = "tumour", index: int = 0
) -> Tile:
    """SIMULATED tile number `index` of a `kind` of tissue (`KINDS`) of the patient, as the patient's scanner sees it.

    Two indices show two places of the same tumour. Fails for an unknown kind or scanner, and for a size that no
    scanner has.
    """
    _refuse_impossible(size_px, um_per_px, kind=kind, index=index)
    rng = patient.stream("pathology", "tile", kind, str(index))
    traits = biology(patient)
    if kind == "lymphocytes":
        traits = replace(traits, lymphocytes_mm2=_AGGREGATE_MM2)
    side = size_px * um_per_px
    tissue = SCENES[kind](window_over(side, side, margin_um=MARGIN_UM), rng, traits)
    cells = populate(tissue, rng, biology=traits)
    start = (int(rng.integers(SIZE)), int(rng.integers(SIZE)))
    _, scanner = scanner_of(patient)
    picture = Picture((size_px, size_px), um_per_px, scanner.blur_um, start)
    taken = camera(rng, scanner=scanner, stain=stain(patient), size_px=picture.size_px)
    rgb = pictured(strips(painter(tissue, picture, tightness=traits.tightness), cells, biology=traits), taken)
    return _with_truth(rgb, tissue, cells, um_per_px=um_per_px, kind=kind)


def _with_truth(rgb: Rgb, tissue: Tissue, cells: Cells, *, um_per_px: float, kind: str) -> Tile:
    size_um = np.array(rgb.shape[:2]) * um_per_px
    on_it = np.asarray(((cells.places_um >= 0) & (cells.places_um < size_um)).all(axis=1))
    nuclei = on_it & np.isin(cells.kind, list(NUCLEI))
    inner = tuple(slice(int(MARGIN_UM / STEP_UM), -int(MARGIN_UM / STEP_UM) - 1) for _ in range(2))
    compartments = tissue.compartments()[inner]
    areas = np.bincount(compartments.ravel(), minlength=len(Compartment))
    return Tile(
        rgb=rgb,
        um_per_px=um_per_px,
        kind=kind,
        counts=counted(cells, on_it) | {"GLAND": gland_profiles(compartments)},
        shares={part.name: float(areas[part] / areas.sum()) for part in Compartment},
        nuclei_px=cells.places_um[nuclei] / um_per_px - 0.5,
        nuclei_kind=cells.kind[nuclei],
    )


def counted(cells: Cells, chosen: NDArray[np.bool_]) -> dict[str, int]:
    """Nuclei of each kind among the `chosen` cells, and tumour buds ("BUD")."""
    found = {kind.name: int((cells.kind[chosen] == kind).sum()) for kind in Cell if kind in NUCLEI}
    return found | {"BUD": len(np.unique(cells.bud[chosen & (cells.bud >= 0)]))}


def gland_profiles(compartments: NDArray[np.uint8]) -> int:
    """Parts of gland, lumen included, apart from each other and larger than `SMALLEST_GLAND_UM2`."""
    parts, n = label(np.isin(compartments, GLANDULAR))
    areas = np.bincount(parts.ravel(), minlength=n + 1)[1:] * STEP_UM**2
    return int((areas > SMALLEST_GLAND_UM2).sum())


def refuse_scale(um_per_px: float) -> None:
    """Refuse a pixel that no scanner has."""
    if not (np.isfinite(um_per_px) and FINEST_UM <= um_per_px <= COARSEST_UM):
        raise SimulationError(
            f"a pixel of {um_per_px} um cannot be made; give {FINEST_UM} to {COARSEST_UM} um (um_per_px)"
        )


def _refuse_impossible(size_px: int, um_per_px: float, *, kind: str, index: int) -> None:
    refuse_scale(um_per_px)
    if kind not in SCENES:
        raise SimulationError(f"there is no kind of tile {kind!r}; {choices(kind, SCENES)}")
    if not 16 <= size_px <= _LARGEST_PX:
        raise SimulationError(
            f"a tile of {size_px} pixels cannot be made; give 16 to {_LARGEST_PX} (size_px)"
        )
    if index < 0:
        raise SimulationError(f"there is no tile {index}; count them from 0 (index)")
