"""Small slides: a section on white glass as a scanner sees it, with masks and counts that are known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..patient import Patient
from .artefacts import Artefact, Patch, drawn, fold, soil, uneven
from .biology import FIELD_MM2, biology
from .camera import camera, pictured
from .placement import Cells, populate
from .render import Picture, painter, strips
from .section import Plan, Region, compose, plan, regions
from .stain import Rgb, Scanner, scanner_of, stain
from .stroma import SIZE
from .tiles import MARGIN_UM, counted, gland_profiles, refuse_scale
from .tissue import STEP_UM, Tissue, Window, window_over

LOW_UM = 8.0
"""Size of a pixel of the masks, which are for low power."""
SMALLEST_UM, LARGEST_PX = 900.0, 12_000
"""A section has room for its parts from here; the largest takes about 1 GB."""


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide and its truth.

    `rgb` (y, x, 3) at full resolution, `um_per_px` its pixel. At `LOW_UM` a pixel, (y, x): `tissue`, `regions`
    (`Region`) and `artefacts` (`Artefact`, several bits). `counts` are those of a tile over the whole slide,
    `shares` the area of each `Region`; `buds_per_field` the buds found, for a field of 0.785 mm2 of invasive front.
    """

    rgb: Rgb
    um_per_px: float
    scanner: str
    jpeg_quality: int
    tissue: NDArray[np.bool_]
    regions: NDArray[np.uint8]
    artefacts: NDArray[np.uint8]
    counts: Mapping[str, int]
    shares: Mapping[str, float]
    buds_per_field: float


def slide(
    patient: Patient, *, size_px: tuple[int, int] = (4096, 4096), um_per_px: float = 0.5, soiled: bool = True
) -> Slide:
    """SIMULATED slide (rows, columns) of the patient; not `soiled`, it is free of artefacts.

    Fails for an unknown scanner, a pixel no scanner has, and a size with too little room or too much memory.
    """
    _refuse_impossible(size_px, um_per_px)
    name, scanner = scanner_of(patient)
    rng = patient.stream("pathology", "slide")
    size_um = (size_px[0] * um_per_px, size_px[1] * um_per_px)
    window = window_over(*size_um, margin_um=MARGIN_UM)
    made = plan(window, rng, size_um=size_um)
    traits = biology(patient)
    tissue = compose(made, window, rng, biology=traits)
    cells = populate(tissue, rng, biology=traits)
    kinds = drawn(rng) if soiled else frozenset[Artefact]()
    folded = fold(window, rng, size_um=size_um) * (Artefact.FOLD in kinds)
    tissue = replace(tissue, tone=tissue.tone * (1 + 0.85 * folded))
    rgb = _pictured(
        patient, rng, tissue=tissue, cells=cells, size_px=size_px, um_per_px=um_per_px, scanner=scanner
    )
    patches = soil(rgb, rng, kinds=kinds, um_per_px=um_per_px)
    marks = _marks(window, size_um, folded=(folded > 0.5) & (made.section > 0), patches=patches, um=um_per_px)
    where = _low(window, size_um)
    return Slide(
        rgb=rgb,
        um_per_px=um_per_px,
        scanner=name,
        jpeg_quality=scanner.jpeg_quality,
        tissue=(made.section > 0)[where],
        regions=regions(made)[where],
        artefacts=marks,
        counts=counted(cells, _on(cells, size_um)) | {"GLAND": gland_profiles(tissue.compartments())},
        shares=_shares(regions(made)[where]),
        buds_per_field=_bud_density(cells, made, window, size_um=size_um),
    )


def levels(rgb: Rgb, *, factor: int = 4, least_px: int = 512) -> tuple[Rgb, ...]:
    """The picture and coarser ones, each `factor` times smaller, until the longer side is at most `least_px`."""
    found = [rgb]
    while max(found[-1].shape[:2]) > least_px and min(found[-1].shape[:2]) >= factor:
        found.append(_reduced(found[-1], factor))
    return tuple(found)


def _reduced(rgb: Rgb, factor: int) -> Rgb:
    """Means of `factor` by `factor` pixels; what is left over at the far edges is dropped, as scanners do."""
    rows, columns = (n // factor for n in rgb.shape[:2])
    blocks = rgb[: rows * factor, : columns * factor].reshape(rows, factor, columns * factor, 3)
    lines = blocks.sum(axis=1, dtype=np.uint16).reshape(rows, columns, factor, 3)
    total = lines.sum(axis=2, dtype=np.uint32) + factor * factor // 2
    return np.asarray(total // (factor * factor), np.uint8)


def _pictured(
    patient: Patient,
    rng: np.random.Generator,
    *,
    tissue: Tissue,
    cells: Cells,
    size_px: tuple[int, int],
    um_per_px: float,
    scanner: Scanner,
) -> Rgb:
    """What the scanner sees."""
    start = (int(rng.integers(SIZE)), int(rng.integers(SIZE)))
    traits = biology(patient)
    picture = Picture(size_px, um_per_px, scanner.blur_um, start)
    made = painter(tissue, picture, tightness=traits.tightness)
    gain = uneven(size_px, rng, um_per_px=um_per_px)
    taken = camera(rng, scanner=scanner, stain=stain(patient), size_px=size_px, gain=gain)
    return pictured(strips(made, cells, biology=traits), taken)


def _low(window: Window, size_um: tuple[float, float]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Index of the lattice's point in the middle of each low-power pixel, for rows and columns."""
    row, column = (
        np.rint(((np.arange(int(size // LOW_UM)) + 0.5) * LOW_UM - origin) / STEP_UM).astype(np.intp)
        for size, origin in zip(size_um, window.origin_um, strict=True)
    )
    return row[:, None], column[None]


def _marks(
    window: Window,
    size_um: tuple[float, float],
    *,
    folded: NDArray[np.bool_],
    patches: list[Patch],
    um: float,
) -> NDArray[np.uint8]:
    """Artefacts at low power."""
    found = np.where(folded[_low(window, size_um)], np.uint8(Artefact.FOLD), np.uint8(0))
    for patch in patches:
        y, x = np.nonzero(patch.cover > 0.3)
        row, column = ((k + c) * um // LOW_UM for k, c in zip((y, x), patch.corner, strict=True))
        inside = (row < found.shape[0]) & (column < found.shape[1])
        found[row[inside].astype(np.intp), column[inside].astype(np.intp)] |= np.uint8(patch.kind)
    return found


def _on(cells: Cells, size_um: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray(((cells.places_um >= 0) & (cells.places_um < size_um)).all(axis=1))


def _shares(found: NDArray[np.uint8]) -> dict[str, float]:
    areas = np.bincount(found.ravel(), minlength=len(Region))
    return {part.name: float(areas[part] / areas.sum()) for part in Region}


def _bud_density(cells: Cells, made: Plan, window: Window, *, size_um: tuple[float, float]) -> float:
    """Buds for a field of `FIELD_MM2`; 0 where the section shows no front."""
    front = (made.front > 0.2) & (made.section > 0)
    place = window.points_um()
    front &= ((place >= 0) & (place < size_um)).all(axis=-1)
    area_mm2 = float(front.sum()) * STEP_UM**2 * 1e-6
    buds = counted(cells, _on(cells, size_um))["BUD"]
    return buds / area_mm2 * FIELD_MM2 if area_mm2 > 0 else 0.0


def _refuse_impossible(size_px: tuple[int, int], um_per_px: float) -> None:
    refuse_scale(um_per_px)
    if min(size_px) * um_per_px < SMALLEST_UM or max(size_px) > LARGEST_PX:
        raise SimulationError(
            f"a slide of {size_px[0]} by {size_px[1]} pixels of {um_per_px} um cannot be made; each side is at least"
            f" {SMALLEST_UM:g} um and at most {LARGEST_PX} pixels (size_px)"
        )
