"""The four SIMULATED MR scanners and how each of them makes each sequence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["gradient echo", "spin echo", "diffusion"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one sequence is made.

    `pixel_mm` is the resolution along phase encoding (y) and readout (x), `apodise` the share of k-space that the
    filter rolls off (0: sharp, with Gibbs ringing), `fat` what fat suppression leaves where it works (1: not
    suppressed), `snr` the full magnetisation over the noise of either channel for slices of 4 mm, `cycles` of breathing
    while k-space is read, `breath_mm` their amplitude, `hz_per_pixel` the bandwidth along the direction in which fat
    shifts, `train_ms` how long a train of echoes fills k-space: the longer, the more it blurs along y.
    """

    kind: Kind
    tr_ms: float
    te_ms: float
    flip_deg: float
    pixel_mm: tuple[float, float]
    snr: float
    fat: float = 1.0
    apodise: float = 0.6
    cycles: float = 3.3
    breath_mm: float = 0.7
    hz_per_pixel: float = 400.0
    b_s_mm2: tuple[float, float] = (0.0, 0.0)
    train_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Scanner:
    """One device.

    `level` is the usual signal of a liver in arbitrary units, `coil_mm` the depth to which an element of the coil sees,
    `corrected` the share (of its logarithm) of the coil's profile that the scanner divides out, `shim_ppm` the spread
    of the field that shimming leaves.
    """

    field_t: float
    level: float
    coil_mm: float
    corrected: float
    shim_ppm: float
    protocols: Mapping[str, Protocol]


def _gradient(
    tr_ms: float, te_ms: float, flip_deg: float, *, snr: float, fat: float, pixel: float
) -> Protocol:
    return Protocol("gradient echo", tr_ms, te_ms, flip_deg, (1.35 * pixel, pixel), snr, fat=fat)


def _turbo(
    te_ms: float, *, snr: float, fat: float, pixel: float, cycles: float, breath_mm: float, train_ms: float
) -> Protocol:
    return Protocol(
        "spin echo", 4000, te_ms, 90, (1.3 * pixel, pixel), snr, fat=fat, cycles=cycles,
        breath_mm=breath_mm, hz_per_pixel=250, train_ms=train_ms,
    )  # fmt: skip


def _planar(te_ms: float, *, snr: float, fat: float, pixel: float, hz_per_pixel: float) -> Protocol:
    return Protocol(
        "diffusion", 6500, te_ms, 90, (pixel, pixel), snr, fat=fat, apodise=0.3, cycles=0.0,
        breath_mm=2.2, hz_per_pixel=hz_per_pixel, b_s_mm2=(50, 800),
    )  # fmt: skip


SCANNERS: Mapping[str, Scanner] = {
    "A": Scanner(1.5, 420, 100, 0.75, 0.20, {
        "t1": _gradient(5.5, 2.8, 10, snr=900, fat=0.10, pixel=1.4),
        "hepatobiliary": _gradient(5.5, 2.8, 12, snr=900, fat=0.10, pixel=1.4),
        "in_phase": _gradient(7.0, 4.76, 10, snr=900, fat=1, pixel=1.5),
        "opposed_phase": _gradient(7.0, 2.38, 10, snr=900, fat=1, pixel=1.5),
        "t2": _turbo(88, snr=170, fat=0.10, pixel=1.3, cycles=17, breath_mm=1.0, train_ms=120),
        "dwi": _planar(66, snr=230, fat=0.04, pixel=2.7, hz_per_pixel=32),
    }),
    "B": Scanner(3.0, 900, 85, 0.65, 0.25, {
        "t1": _gradient(3.9, 1.4, 9, snr=1500, fat=0.06, pixel=1.25),
        "hepatobiliary": _gradient(3.9, 1.4, 14, snr=1500, fat=0.06, pixel=1.25),
        "in_phase": _gradient(5.0, 2.38, 9, snr=1500, fat=1, pixel=1.4),
        "opposed_phase": _gradient(5.0, 1.19, 9, snr=1500, fat=1, pixel=1.4),
        "t2": _turbo(82, snr=260, fat=0.07, pixel=1.2, cycles=23, breath_mm=0.8, train_ms=100),
        "dwi": _planar(58, snr=330, fat=0.025, pixel=2.4, hz_per_pixel=42),
    }),
    "C": Scanner(1.5, 230, 110, 0.30, 0.25, {
        "t1": _gradient(4.2, 2.0, 12, snr=560, fat=0.13, pixel=1.8),
        "hepatobiliary": _gradient(4.2, 2.0, 12, snr=560, fat=0.13, pixel=1.8),
        "in_phase": _gradient(7.5, 4.76, 12, snr=560, fat=1, pixel=1.9),
        "opposed_phase": _gradient(7.5, 2.38, 12, snr=560, fat=1, pixel=1.9),
        "t2": _turbo(100, snr=150, fat=1, pixel=1.6, cycles=0, breath_mm=0.0, train_ms=320),
        "dwi": _planar(76, snr=190, fat=0.08, pixel=3.2, hz_per_pixel=26),
    }),
    "D": Scanner(3.0, 1500, 100, 0.85, 0.20, {
        "t1": _gradient(3.3, 1.3, 12, snr=1050, fat=0.09, pixel=1.5),
        "hepatobiliary": _gradient(3.3, 1.3, 12, snr=1050, fat=0.09, pixel=1.5),
        "in_phase": _gradient(4.4, 2.38, 12, snr=1050, fat=1, pixel=1.6),
        "opposed_phase": _gradient(4.4, 1.19, 12, snr=1050, fat=1, pixel=1.6),
        "t2": _turbo(72, snr=200, fat=0.09, pixel=1.5, cycles=11, breath_mm=1.4, train_ms=140),
        "dwi": _planar(62, snr=270, fat=0.03, pixel=2.8, hz_per_pixel=36),
    }),
}  # fmt: skip
"""Typical protocols of the liver; "C" makes its T2 in one shot without fat suppression. In and out of phase: fat
precesses 3.4 ppm slower than water."""
