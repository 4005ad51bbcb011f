"""Where the cells of a section lie: rows along basement membranes, sheets, and cells strewn over stroma."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .biology import FIELD_MM2, Biology
from .cells import ANGLES, OF_TUMOUR, VARIANTS, Cell
from .glands import scattered
from .tissue import STEP_UM, Plane, Points, Tissue, nearest

_PER_MM2 = 1e-6
FIBROBLASTS_MM2, MUSCLE_MM2, CAPILLARY_MM2 = 950.0, 750.0, 220.0
GRANULOCYTES_MM2, MUCOSAL_PLASMA_MM2, MUCOSAL_LYMPHOCYTES_MM2 = 60.0, 1900.0, 1300.0
DEBRIS_MM2, DYING_GRANULOCYTES_MM2 = 4200.0, 1300.0
"""Densities of nuclei: typical values."""
_BUD_SIZES = (0.45, 0.25, 0.18, 0.12)
"""Shares of buds of 1, 2, 3 and 4 cells, the largest that is called a bud (Lugli 2017)."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells (n,): `places_um` (n, 2), `kind`, and which of the pictures of the kind; `bud` numbers the tumour buds."""

    places_um: Points
    kind: NDArray[np.uint8]
    variant: NDArray[np.intp]
    angle: NDArray[np.intp]
    bud: NDArray[np.intp]


def joined(parts: list[Cells]) -> Cells:
    """The cells of all parts, in their order, which is that of painting."""
    return Cells(
        np.concatenate([part.places_um for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.variant for part in parts]),
        np.concatenate([part.angle for part in parts]),
        np.concatenate([part.bud for part in parts]),
    )


def populate(tissue: Tissue, rng: np.random.Generator, *, biology: Biology) -> Cells:
    """All cells of the section, in the order of painting."""
    buds = _buds(tissue, rng, biology=biology)
    taken = buds.places_um[buds.kind != Cell.BODY]
    return joined(
        [
            _erythrocytes(tissue, rng),
            _goblets(tissue, rng),
            _strewn(tissue, rng, biology=biology, taken=taken),
            _dying(tissue, rng),
            _crypt_nuclei(tissue, rng),
            _tumour_nuclei(tissue, rng, biology=biology),
            buds,
        ]
    )


def _cells(
    places: Points,
    kind: NDArray[np.integer] | Cell,
    rng: np.random.Generator,
    *,
    towards: Points | None = None,
) -> Cells:
    """Cells of `kind` along `towards` (n, 2), or turned at random."""
    n = len(places)
    turn = rng.uniform(0, np.pi, n) if towards is None else np.arctan2(towards[:, 1], towards[:, 0])
    return Cells(
        places,
        np.full(n, kind, np.uint8) if isinstance(kind, Cell) else kind.astype(np.uint8),
        rng.integers(0, VARIANTS, n),
        np.rint(turn / (np.pi / ANGLES)).astype(np.intp) % ANGLES,
        np.full(n, -1, np.intp),
    )


def _candidates(
    tissue: Tissue, rng: np.random.Generator, *, pitch_um: float, where: NDArray[np.bool_]
) -> Points:
    """Scattered places, about `pitch_um` apart, at points of the lattice for which `where` holds."""
    if not where.any():
        return np.empty((0, 2))
    found = scattered(tissue.window, rng, pitch_um=pitch_um, jitter=0.33)
    index = np.rint((found - np.array(tissue.window.origin_um)) / STEP_UM).astype(np.intp)
    shape = np.array(tissue.window.shape)
    inside = ((index >= 0) & (index < shape)).all(axis=1)
    i, j = index[inside].T
    return np.asarray(found[inside][where[i, j]])


def _apart(places: Points, *, least_um: float) -> NDArray[np.bool_]:
    """Which places (n,) stay when the later of two nearer than `least_um` goes."""
    kept = np.ones(len(places), bool)
    if len(places) > 1:
        pairs = cKDTree(places).query_pairs(least_um, output_type="ndarray")
        kept[pairs.max(axis=1)] = False
    return kept


def _tumour_nuclei(tissue: Tissue, rng: np.random.Generator, *, biology: Biology) -> Cells:
    """Elongated nuclei in the basal half of glands, upright and in several rows; round ones strewn in solid nests."""
    window = tissue.window
    tumour = (tissue.normal < 0.5) & (tissue.epithelium > -3) & (tissue.section > 0) & (tissue.lumen < 2)
    places = _candidates(tissue, rng, pitch_um=0.58 * biology.nucleus_um, where=tumour)
    depth, lumen = window.at(tissue.epithelium, places), window.at(tissue.lumen, places)
    height = depth - lumen
    solid = (height > 58) | (depth > 40)
    basal = np.clip((0.58 - depth / np.maximum(height, 1)) / 0.2 + 0.5, 0, 1)
    wanted = np.where(solid, 0.6, basal) * (depth > 2.5) * (lumen < -4)
    keep = rng.random(len(places)) < wanted
    places, solid = places[keep], solid[keep]
    keep = _apart(places, least_um=0.43 * biology.nucleus_um)
    keep[solid] &= _apart(places[solid], least_um=0.72 * biology.nucleus_um)
    places, solid = places[keep], solid[keep]
    up = window.slopes(tissue.epithelium, places)
    disorder = np.where(solid, 3.0, 0.12 + 0.35 * biology.irregularity)
    up = _turned(up, disorder * rng.standard_normal(len(places)))
    kind = np.where(solid, Cell.TUMOUR, Cell.COLUMNAR)
    kind = np.where(rng.random(len(places)) < 0.006, Cell.MITOSIS, kind)
    lost = rng.random(len(places)) < 0.06 + 0.25 * biology.irregularity
    return _cells(places, np.where(lost & (kind == Cell.COLUMNAR), Cell.TUMOUR, kind), rng, towards=up)


def _turned(directions: Points, angle: NDArray[np.float64]) -> Points:
    y, x = directions.T
    return np.stack([y * np.cos(angle) - x * np.sin(angle), y * np.sin(angle) + x * np.cos(angle)], axis=1)


def _crypt_nuclei(tissue: Tissue, rng: np.random.Generator) -> Cells:
    """One row of nuclei at the base of normal crypts."""
    window = tissue.window
    normal = (
        (tissue.normal >= 0.5) & (tissue.epithelium > -4) & (tissue.epithelium < 16) & (tissue.section > 0)
    )
    places = _candidates(tissue, rng, pitch_um=6.0, where=normal)
    depth = window.at(tissue.epithelium, places)
    keep = (depth > 1.0) & (depth < 7.5)
    places, depth = places[keep], depth[keep]
    up = window.slopes(tissue.epithelium, places)
    places = places + up * (5.0 + 1.1 * rng.standard_normal(len(places)) - depth)[:, None]
    keep = _apart(places, least_um=4.2)
    return _cells(
        places[keep], Cell.NORMAL, rng, towards=_turned(up[keep], 0.25 * rng.standard_normal(keep.sum()))
    )


def _goblets(tissue: Tissue, rng: np.random.Generator) -> Cells:
    """Goblets between the nuclei and the lumen of normal crypts."""
    window = tissue.window
    normal = (tissue.normal >= 0.5) & (tissue.epithelium > 5) & (tissue.lumen < 4) & (tissue.section > 3)
    places = _candidates(tissue, rng, pitch_um=7.5, where=normal)
    depth, lumen = window.at(tissue.epithelium, places), window.at(tissue.lumen, places)
    keep = (depth > 13) & (lumen < -5) & (rng.random(len(places)) < 0.85)
    places = places[keep]
    keep = _apart(places, least_um=6.5)
    return _cells(places[keep], Cell.GOBLET, rng, towards=window.slopes(tissue.epithelium, places[keep]))


def _dying(tissue: Tissue, rng: np.random.Generator) -> Cells:
    """Dust of nuclei and granulocytes in necrosis."""
    dead = (tissue.section > 3) & (tissue.lumen > 0) & (tissue.necrosis > 0.3) & (tissue.epithelium > 0)
    clustered = np.exp(0.9 * tissue.window.noise(rng, width_um=14) - 0.4)
    places = _candidates(tissue, rng, pitch_um=7.0, where=dead)
    dense = tissue.window.at(clustered, places) * tissue.window.at(tissue.necrosis, places) * 42 * _PER_MM2
    draw = rng.random(len(places))
    debris = draw < DEBRIS_MM2 * dense
    granulocyte = ~debris & (draw < (DEBRIS_MM2 + DYING_GRANULOCYTES_MM2) * dense)
    kind = np.where(debris, Cell.DEBRIS, Cell.GRANULOCYTE)
    return _cells(places[debris | granulocyte], kind[debris | granulocyte], rng)


def _erythrocytes(tissue: Tissue, rng: np.random.Generator) -> Cells:
    """Erythrocytes packed in vessels."""
    window = tissue.window
    places = _candidates(
        tissue, rng, pitch_um=5.6, where=(tissue.vessel > 0.5) & (tissue.void > -2) & (tissue.section > 3)
    )
    crowd = window.at(window.noise(rng, width_um=30), places)
    inside = (window.at(tissue.void, places) > 2.5) & (window.at(tissue.vessel, places) > 0.5)
    return _cells(
        places[inside & (crowd + 0.5 * rng.standard_normal(len(places)) > -0.2)], Cell.ERYTHROCYTE, rng
    )


def _strewn(tissue: Tissue, rng: np.random.Generator, *, biology: Biology, taken: Points) -> Cells:
    """Fibroblasts, muscle, inflammatory cells and endothelium: what a place becomes is drawn by density."""
    window = tissue.window
    pitch = 6.8
    free = (tissue.epithelium < 4) & (tissue.section > 2) & (tissue.void < 4)
    places = _candidates(tissue, rng, pitch_um=pitch, where=free)
    outside = (window.at(tissue.epithelium, places) < -2.5) & (window.at(tissue.void, places) < -1.5)
    if len(taken):
        outside &= nearest(taken, places, k=1)[0][:, 0] > 8
    places = places[outside]
    densities = _densities(tissue, rng, places, biology=biology)
    shares = np.cumsum(list(densities.values()), axis=0) * pitch**2 * _PER_MM2
    index = (rng.random(len(places)) > shares).sum(axis=0)
    keep = index < len(densities)
    kinds = np.array([int(kind) for kind in densities])[index[keep]]
    rise = window.slopes(tissue.fibre, places[keep])
    along = _turned(rise, np.pi / 2 + 0.2 * rng.standard_normal(keep.sum()))
    turned = np.isin(kinds, (Cell.LYMPHOCYTE, Cell.PLASMA, Cell.GRANULOCYTE))
    along[turned] = rng.standard_normal((turned.sum(), 2))
    return joined([_cells(places[keep], kinds, rng, towards=along), _within(tissue, rng, biology=biology)])


def _densities(
    tissue: Tissue, rng: np.random.Generator, places: Points, *, biology: Biology
) -> dict[Cell, NDArray[np.float64]]:
    """Cells per mm2 by kind at each place; inflammatory cells gather in clusters, most at the invasive front."""
    window = tissue.window
    spread = 1.0
    cluster = window.at(np.exp(spread * window.noise(rng, width_um=28) - spread**2 / 2), places)
    muscle = np.clip(window.at(tissue.muscle, places), 0, 1)
    front = np.clip(window.at(tissue.front, places), 0, 1)
    near = (window.at(tissue.epithelium, places) > -45) * (window.at(tissue.normal, places) > 0.5)
    mural = np.exp(-(((window.at(tissue.void, places) + 3) / 2) ** 2)) * (
        window.at(tissue.vessel, places) > 0.5
    )
    lymphocytes = (biology.lymphocytes_mm2 * (1 + front) + near * MUCOSAL_LYMPHOCYTES_MM2) * cluster
    inflamed = 1 - 0.85 * muscle
    return {
        Cell.LYMPHOCYTE: np.minimum(lymphocytes * inflamed, 14_000),
        Cell.PLASMA: np.minimum((biology.plasma_mm2 + near * MUCOSAL_PLASMA_MM2) * cluster * inflamed, 3_000),
        Cell.GRANULOCYTE: GRANULOCYTES_MM2 * cluster * inflamed,
        Cell.MUSCLE: MUSCLE_MM2 * muscle,
        Cell.FIBROBLAST: FIBROBLASTS_MM2 * (1 - muscle) + CAPILLARY_MM2 + 9_000 * mural,
    }


def _within(tissue: Tissue, rng: np.random.Generator, *, biology: Biology) -> Cells:
    """Lymphocytes within the epithelium of the tumour, a fifth as dense as in stroma (assumed)."""
    tumour = (tissue.epithelium > 3) & (tissue.normal < 0.5) & (tissue.lumen < -4) & (tissue.section > 2)
    places = _candidates(tissue, rng, pitch_um=9.0, where=tumour)
    keep = rng.random(len(places)) < 0.2 * biology.lymphocytes_mm2 * 81 * _PER_MM2
    return _cells(places[keep], Cell.LYMPHOCYTE, rng)


def _buds(tissue: Tissue, rng: np.random.Generator, *, biology: Biology) -> Cells:
    """Tumour buds: 1 to 4 cells with their cytoplasm, in the stroma of the invasive front."""
    window = tissue.window
    free = (tissue.epithelium < -12) & (tissue.void < -12) & (tissue.section > 15) & (tissue.front > 0.2)
    places = _candidates(tissue, rng, pitch_um=30.0, where=free)
    wanted = biology.buds_per_field / FIELD_MM2 * 900 * _PER_MM2
    places = places[rng.random(len(places)) < wanted * window.at(_per_free(tissue, free), places)]
    size = 1 + rng.choice(4, len(places), p=_BUD_SIZES)
    bud = np.repeat(np.arange(len(places)), size)
    away = rng.uniform(0.3, 0.75, len(bud)) * biology.nucleus_um * (size[bud] > 1)
    turn = rng.uniform(0, 2 * np.pi, len(places))[bud] + 2 * np.pi * np.arange(len(bud)) / np.maximum(
        size[bud], 1
    )
    centres = places[bud] + away[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1)
    bodies, nuclei = (_cells(centres, kind, rng) for kind in (Cell.BODY, Cell.TUMOUR))
    return joined([_numbered(bodies, bud), _numbered(nuclei, bud)])


def _per_free(tissue: Tissue, free: NDArray[np.bool_]) -> Plane:
    """Front share over the share of the front that is free, so that the field's expected count is the asked one."""
    front = (tissue.front > 0.2) & (tissue.section > 0)
    share = max(float((free & front).sum()) / max(int(front.sum()), 1), 0.1)
    return np.asarray(np.full(free.shape, 1 / share), np.float32)


def _numbered(cells: Cells, bud: NDArray[np.intp]) -> Cells:
    return Cells(cells.places_um, cells.kind, cells.variant, cells.angle, bud)


def tumour_sized(kind: Cell) -> bool:
    """Whether the picture of `kind` has the size of the tumour's nuclei."""
    return kind in OF_TUMOUR
