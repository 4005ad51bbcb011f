"""Plain features of SIMULATED images: what a reader without a model would measure."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter, uniform_filter

from hepar.phantom.anatomy import Anatomy, Organ, abdomen
from hepar.phantom.ct import ct_scan
from hepar.phantom.grid import Grid
from hepar.phantom.mri import mr_scan
from hepar.phantom.pathology.tiles import tile
from hepar.phantom.patient import Patient
from hepar.phantom.tables import laboratory

GRID = Grid((36, 120, 150), (6.0, 2.6, 2.6))

Floats = NDArray[np.float64]


def tissue(image: NDArray[Any], mask: NDArray[np.bool_], spacing_mm: Sequence[float]) -> list[float]:
    """Mean, spread, tails and the energy of four bands of scales, of the inside of an organ."""
    inside = binary_erosion(mask, np.ones((1, 5, 5), np.bool_))
    values = image[inside].astype(float)
    spread = values.std() or 1.0
    found = [
        values.mean(),
        np.log(spread),
        *(np.quantile(values, (0.05, 0.5, 0.95)) - values.mean()) / spread,
    ]
    before = np.where(inside, image - values.mean(), 0.0).astype(np.float32)
    for width_mm in (1.5, 3.0, 6.0, 12.0):
        after = gaussian_filter(before, [width_mm / mm for mm in spacing_mm])
        found.append(float(np.log((before - after)[inside].std() / spread + 1e-6)))
        before = after
    return [float(x) for x in found]


def body_rows(patient: Patient, wanted: Collection[str] = ("ct", "mr")) -> dict[str, list[float]]:
    """Features on portal CT and on two MR sequences of one body, which takes longest to make."""
    anatomy = abdomen(patient, GRID)
    shape, found = form(anatomy), {}
    if "ct" in wanted:
        hu = ct_scan(patient, "portal", grid=GRID, anatomy=anatomy).hu
        organs = [float(hu[anatomy.mask(organ)].mean()) for organ in (Organ.SPLEEN, Organ.AORTA)]
        found["ct"] = [*tissue(hu, anatomy.liver, GRID.spacing_mm), *organs, *shape]
    if "mr" in wanted:
        found["mr"] = [*shape]
        for sequence in ("t2", "hepatobiliary"):
            image = mr_scan(patient, sequence, grid=GRID, anatomy=anatomy).image
            scale = image[anatomy.labels == Organ.MUSCLE].mean() or 1.0
            spleen = image[anatomy.mask(Organ.SPLEEN)].mean() / scale
            found["mr"] += [float(spleen), *tissue(image / scale, anatomy.liver, GRID.spacing_mm)]
    return found


def form(anatomy: Anatomy) -> list[float]:
    """Sizes of liver, spleen and portal vein over the body's, the share of the left liver, roughness of the surface."""
    body = np.log((anatomy.labels != Organ.AIR).sum())
    left = anatomy.liver & (GRID.axis_mm(2) > 0)
    sizes = [anatomy.liver.sum(), anatomy.mask(Organ.SPLEEN).sum(), anatomy.mask(Organ.PORTAL_VEIN).sum()]
    return [
        float(body),
        *(float(np.log(size + 1) - body) for size in sizes),
        float(left.sum() / anatomy.liver.sum()),
        _rough(anatomy.liver),
    ]


def _rough(mask: NDArray[np.bool_]) -> float:
    """How much of the organ's edge a smoothing moves."""
    smooth = gaussian_filter(mask.astype(np.float32), (0.7, 2, 2)) > 0.5
    return float((smooth != mask).sum() / (mask & ~binary_erosion(mask)).sum())


def laboratory_row(patient: Patient) -> list[float]:
    """Logarithms of the blood tests, and age."""
    values = laboratory(patient)
    names = ("ast", "alt", "ggt", "platelets", "albumin", "bilirubin", "inr")
    chosen = [value for name, value in values.items() if value is not None and name.split("_")[0] in names]
    return [*(float(np.log(value)) for value in chosen), patient.person.age_y]


def slide_row(patient: Patient) -> list[float]:
    """Colours of tiles of tumour and front (0.26 mm2 each, two of both), dark nuclei by size, and what is empty."""
    kinds = [(kind, index) for kind in ("tumour", "front") for index in (0, 1)]
    found = [_stained(tile(patient, size_px=512, um_per_px=1.0, kind=kind, index=k).rgb) for kind, k in kinds]
    return [float(x) for x in np.concatenate([np.mean(found[:2], axis=0), np.mean(found[2:], axis=0)])]


def _stained(rgb: NDArray[Any]) -> list[float]:
    density = -np.log10((rgb.astype(np.float32) + 1) / 256)
    red, there = density[..., 0], density.sum(2) > 0.2
    blue, pink = red[there], (density[..., 1] - red)[there]
    smooth = [red, *(uniform_filter(red, width) for width in (3, 7, 21, 61))]
    bands = [finer - coarser for finer, coarser in pairwise(smooth)]
    return [
        *density[there].mean(axis=0),
        blue.std() / blue.mean(),
        pink.std(),
        float(np.corrcoef(blue, pink)[0, 1]),
        *(np.log(band.std() / blue.mean()) for band in bands),
        (bands[1] > 2.5 * bands[1].std()).mean(),
        (blue > 1.6 * blue.mean()).mean(),
        1 - there.mean(),
    ]


LESION_GRID = Grid((64, 150, 190), (3.0, 2.0, 2.0))
SHELLS = ((1.3, 2.0), (0.5, 0.9), (0.0, 0.5))
"""Distances from a lesion's centre over its radius: around it, its rim, inside."""
SMALLEST_MM = 3.0
"""Radius that is looked at in smaller lesions."""


def lesion_features(patient: Patient) -> list[list[float]]:
    """For each lesion at its known place on two phases: HU inside, at the rim and around; and all lesions of a patient.

    A lesion too small for a voxel inside is read at its rim.
    """
    anatomy = abdomen(patient, LESION_GRID)
    shells = _shells(patient, anatomy)
    measured = []
    for phase in ("arterial", "portal"):
        scan = ct_scan(patient, phase, grid=LESION_GRID, anatomy=anatomy)
        labels = scan.moved(shells)
        measured.append([_read(scan.hu, labels, 3 * k) for k in range(len(patient.lesions))])
    real = [k for k, lesion in enumerate(patient.lesions) if not lesion.mimic]
    found = []
    for k in real:
        lesion, (early, late) = patient.lesions[k], (phase[k] for phase in measured)
        change = [a - b for a, b in zip(early[1:3], late[1:3], strict=True)]
        found.append([float(np.log(lesion.diameter_mm)), float(len(real)), *early, *late, *change])
    return found


def _shells(patient: Patient, anatomy: Anatomy) -> NDArray[np.uint8]:
    """Voxels around, at the rim and inside of lesion k (from 0) hold 3 k + 1, 2 and 3; the inside of any comes first."""
    labels = np.zeros(LESION_GRID.shape, np.uint8)
    for part, (low, high) in enumerate(SHELLS):
        for k, (lesion, place) in enumerate(zip(patient.lesions, anatomy.places, strict=True)):
            if lesion.mimic:
                continue
            radius = max(lesion.diameter_mm / 2, SMALLEST_MM)
            box, away = _distances(place.centre_mm, reach_mm=high * radius)
            inside = (away >= low * radius) & (away < high * radius)
            labels[box][inside & anatomy.liver[box] if part == 0 else inside] = 3 * k + part + 1
    return labels


def _distances(centre_mm: Sequence[float], *, reach_mm: float) -> tuple[tuple[slice, ...], Floats]:
    """The box of voxels within reach of a place, and how far each is (mm)."""
    axes = [LESION_GRID.axis_mm(axis) - middle for axis, middle in enumerate(centre_mm)]
    near = [np.flatnonzero(np.abs(axis) <= reach_mm + 3.0) for axis in axes]
    box = tuple(slice(int(part[0]), int(part[-1]) + 1) if part.size else slice(0, 0) for part in near)
    z, y, x = np.meshgrid(
        *(axis[part] for axis, part in zip(axes, box, strict=True)), indexing="ij", sparse=True
    )
    return box, np.sqrt(z**2 + y**2 + x**2)


def _read(hu: NDArray[Any], labels: NDArray[np.uint8], first: int) -> list[float]:
    around, rim, inside = (hu[labels == first + part].astype(float) for part in (1, 2, 3))
    rim = rim if rim.size else inside if inside.size else np.array([0.0])
    inside = inside if inside.size else rim
    level = float(np.median(around)) if around.size else 100.0
    return [
        level,
        float(inside.mean() - level),
        float(rim.mean() - level),
        float(inside.std()),
        float(rim.std()),
        float(np.quantile(rim, 0.9) - level),
    ]
