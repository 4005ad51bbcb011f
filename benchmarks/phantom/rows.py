"""Plain features of SIMULATED images: what a reader without a model would measure."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter

from hepar.phantom.anatomy import Organ, abdomen
from hepar.phantom.ct import ct_scan
from hepar.phantom.grid import Grid
from hepar.phantom.mri import mr_scan
from hepar.phantom.pathology.tiles import tile
from hepar.phantom.patient import Patient
from hepar.phantom.tables import laboratory
from hepar.phantom.ultrasound import SCANNERS, b_mode, envelope, reference_phantom, rf_frames

CT_GRID = Grid((36, 120, 150), (6.0, 2.6, 2.6))
MR_GRID = Grid((30, 110, 140), (7.0, 2.7, 2.7))

Row = tuple[NDArray[np.float64], bool]
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


def ct_row(patient: Patient) -> list[float]:
    """Texture of the liver, its mean over the spleen's, volumes, and roughness of its surface."""
    anatomy = abdomen(patient, CT_GRID)
    hu = ct_scan(patient, "portal", grid=CT_GRID, anatomy=anatomy).hu
    spleen = anatomy.mask(Organ.SPLEEN)
    volumes = [np.log(anatomy.liver.sum()), np.log(spleen.sum() + 1)]
    return [
        *tissue(hu, anatomy.liver, CT_GRID.spacing_mm),
        float(hu[spleen].mean()),
        *volumes,
        _rough(anatomy.liver),
    ]


def _rough(mask: NDArray[np.bool_]) -> float:
    """How much of the organ's edge a smoothing moves."""
    smooth = gaussian_filter(mask.astype(np.float32), (0.7, 2, 2)) > 0.5
    return float((smooth != mask).sum() / (mask & ~binary_erosion(mask)).sum())


def mr_row(patient: Patient) -> list[float]:
    """The same on two sequences."""
    anatomy = abdomen(patient, MR_GRID)
    found: list[float] = []
    for sequence in ("t2", "hepatobiliary"):
        image = mr_scan(patient, sequence, grid=MR_GRID, anatomy=anatomy).image
        scale = image[anatomy.labels == Organ.MUSCLE].mean()
        found += tissue(image / scale, anatomy.liver, MR_GRID.spacing_mm)
    spleen = anatomy.mask(Organ.SPLEEN)
    return [
        *found,
        float(np.log(anatomy.liver.sum())),
        float(np.log(spleen.sum() + 1)),
        _rough(anatomy.liver),
    ]


@cache
def _reference(name: str) -> Floats:
    return spectra(reference_phantom(SCANNERS[name], frames=4).without_gain())


def spectra(rf: NDArray[Any], *, windows: int = 6) -> Floats:
    """Log power of the middle lines by depth and frequency (windows, 20)."""
    lines = rf[:, rf.shape[1] // 4 : -rf.shape[1] // 4]
    edges = np.linspace(0.3, 0.8, windows + 1) * lines.shape[2]
    found = []
    for start, stop in zip(edges[:-1].astype(int), edges[1:].astype(int), strict=True):
        part = lines[..., start:stop] * np.hanning(stop - start)
        power = (np.abs(np.fft.rfft(part, 512, axis=-1)) ** 2).mean(axis=(0, 1))
        found.append(np.log(power[20:140].reshape(20, 6).mean(axis=1) + 1e-12))
    return np.array(found)


def rf_row(patient: Patient) -> list[float]:
    """Spectrum over that of a reference phantom, without gain and time gain; statistics of the envelope."""
    made = rf_frames(patient, frames=1)
    rf = made.without_gain()
    ratio = spectra(rf) - _reference(patient.scanners["ultrasound"])
    depth = np.linspace(-1, 1, len(ratio))
    slope = (ratio * depth[:, None]).sum(axis=0)
    groups = [*ratio.mean(axis=0).reshape(5, 4).mean(axis=1), *slope.reshape(5, 4).mean(axis=1)]
    return [*map(float, groups), *envelope_row(rf)]


def envelope_row(rf: NDArray[Any]) -> list[float]:
    """Nakagami parameter and entropy of the envelope, and how far it is alike along and across."""
    lines = envelope(rf)[:, :, int(rf.shape[2] * 0.3) : int(rf.shape[2] * 0.8)].astype(float)
    level = np.log(lines + 1e-9)
    level -= level.mean(axis=1, keepdims=True)
    power = np.exp(2 * level)
    m = power.mean() ** 2 / power.var()
    return [
        float(np.log(m)),
        float(level.std()),
        float((level**3).mean()),
        _alike(level, 1),
        _alike(level, 2),
    ]


def _alike(level: Floats, axis: int) -> float:
    step = 2 if axis == 1 else 12
    ahead, behind = (
        np.take(level, range(step, level.shape[axis]), axis),
        np.take(level, range(level.shape[axis] - step), axis),
    )
    return float((ahead * behind).mean() / level.var())


def b_mode_row(patient: Patient) -> list[float]:
    """Grey levels by depth and the texture of the displayed image."""
    made = b_mode(rf_frames(patient, frames=1), mm_per_px=0.5)
    grey = np.where(made.inside, made.pixels[0].astype(float), np.nan)
    rows = np.array_split(grey[int(len(grey) * 0.2) :], 5)
    levels = [float(np.nanmean(part)) for part in rows]
    return [*levels, *tissue(np.nan_to_num(grey)[None], made.inside[None], (1.0, 0.5, 0.5))]


def laboratory_row(patient: Patient) -> list[float]:
    """Logarithms of the blood tests, and age."""
    values = laboratory(patient)
    names = ("ast", "alt", "ggt", "platelets", "albumin", "bilirubin", "inr")
    chosen = [value for name, value in values.items() if value is not None and name.split("_")[0] in names]
    return [*(float(np.log(value)) for value in chosen), patient.person.age_y]


def slide_row(patient: Patient) -> list[float]:
    """Mean and spread of the colours of tiles of tumour and front, and of their texture."""
    found: list[float] = []
    for kind in ("tumour", "front"):
        density = -np.log10((tile(patient, size_px=384, kind=kind).rgb.astype(float) + 1) / 256)
        found += [*density.mean(axis=(0, 1)), *density.std(axis=(0, 1))]
        red = density[..., 0]
        dark = red > red.mean() + red.std()
        found += [
            float(dark.mean()),
            float(np.log((red - gaussian_filter(red, 4)).std())),
            float((density.sum(2) < 0.2).mean()),
        ]
    return found


LESION_GRID = Grid((64, 150, 190), (3.0, 2.0, 2.0))


def lesion_rows_of(patient: Patient) -> list[Row]:
    anatomy = abdomen(patient, LESION_GRID)
    scans = [ct_scan(patient, phase, grid=LESION_GRID, anatomy=anatomy) for phase in ("arterial", "portal")]
    axes = np.meshgrid(*(LESION_GRID.axis_mm(axis) for axis in range(3)), indexing="ij", sparse=True)
    found: list[Row] = []
    for lesion, place in zip(patient.lesions, anatomy.places, strict=True):
        radius = max(lesion.diameter_mm / 2, 3.0)
        away = np.sqrt(sum((a - c) ** 2 for a, c in zip(axes, place.centre_mm, strict=True))) / radius
        rings = [(away < 0.5), (away < 0.9) & (away >= 0.5), (away > 1.3) & (away < 2) & anatomy.liver]
        if lesion.mimic or not all(ring.any() for ring in rings):
            continue
        row = [np.log(radius)]
        for scan in scans:
            hu = [scan.hu[scan.moved(ring)].astype(float) for ring in rings]
            around = hu[2].mean() if len(hu[2]) else 100.0
            row += [
                around,
                *(h.mean() - around if len(h) else 0.0 for h in hu[:2]),
                *(h.std() if len(h) else 0.0 for h in hu[:2]),
            ]
        found.append((np.array(row), lesion.malignant))
    return found
