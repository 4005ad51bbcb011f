"""Where the lesions of a SIMULATED patient are: a label volume, boxes in millimetres of the patient, their looks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..phantom.anatomy import Anatomy
from ..phantom.lesions import body_of
from ..phantom.patient import Patient
from .describe import plain
from .job import summary

Labels = NDArray[np.uint8]
HALF = 0.5
"""A voxel of which the lesion fills this share or more belongs to it."""
MOST = 255


def lesion_labels(patient: Patient, anatomy: Anatomy) -> Labels:
    """Voxels (z, y, x) of lesion k, counted from 1; a lesion smaller than a voxel has the one that it fills most.

    What only looks like a lesion (`mimic`) is none. Where two overlap, the later one of the list lies on top.
    """
    labels = np.zeros(anatomy.grid.shape, np.uint8)
    for k, (lesion, place) in enumerate(zip(patient.lesions, anatomy.places, strict=True)):
        if lesion.mimic or k >= MOST:
            continue
        rng = patient.stream("lesion", "body", str(k))
        body = body_of(lesion, place.centre_mm, anatomy.grid, rng=rng)
        covered = body.coverage * anatomy.liver[body.box]
        if covered.size and covered.max() > 0:
            labels[body.box][covered >= min(HALF, float(covered.max()))] = k + 1
    return labels


def lesion_rows(patient: Patient, anatomy: Anatomy, labels: Labels) -> dict[int, dict[str, Any]]:
    """Truth of each lesion and mimic by its number: kind, size, centre and box in mm of the patient (x, y, z; LPS)."""
    found: dict[int, dict[str, Any]] = {}
    for k, (lesion, place) in enumerate(zip(patient.lesions, anatomy.places, strict=True), start=1):
        z, y, x = place.centre_mm
        row = {name: value for name, value in plain(lesion).items() if name not in ("look", "axes")}
        row |= {"x_mm": round(x, 2), "y_mm": round(y, 2), "z_mm": round(z, 2)}
        found[k] = row | _box(labels == k, anatomy)
    return found


def lesion_means(
    values: NDArray[Any], labels: Labels, *, name: str, limits: tuple[float, float] | None = None
) -> dict[int, dict[str, float]]:
    """Mean of `values` in each lesion that has a voxel, and the shares of its histogram within `limits`, if given."""
    found = {}
    for k in np.unique(labels[labels > 0]).tolist():
        inside = values[labels == k]
        found[k] = {name: round(float(inside.mean(dtype=np.float64)), 3)}
        if limits is not None:
            low, high = limits
            measured = summary(inside, name, low=low, high=high)
            found[k] |= {key: value for key, value in measured.items() if "_bin" in key}
    return found


def merged(*parts: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """What several parts know of each lesion."""
    numbers = sorted({k for part in parts for k in part})
    return {k: {name: v for part in parts for name, v in part.get(k, {}).items()} for k in numbers}


def _box(inside: NDArray[np.bool_], anatomy: Anatomy) -> dict[str, float | int]:
    """Outer edges of the voxels of a lesion, and how many they are."""
    if not inside.any():
        return {"voxels": 0}
    where = np.argwhere(inside)
    affine = anatomy.grid.affine
    corners = np.stack([where.min(axis=0) - 0.5, where.max(axis=0) + 0.5]) @ affine[:3, :3].T + affine[:3, 3]
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    box = {f"{axis}_low_mm": round(mm, 3) for axis, mm in zip("xyz", low, strict=True)}
    box |= {f"{axis}_high_mm": round(mm, 3) for axis, mm in zip("xyz", high, strict=True)}
    return {**box, "voxels": len(where)}
