"""What disturbs SIMULATED signal before it is read: fat suppression that fails, movement, distortion, ghosts."""

import numpy as np

from ..anatomy import Anatomy, Organ
from ..grid import Grid
from .acquisition import Acquisition
from .scanners import Protocol
from .scene import Scene, painted
from .shading import field_ppm, trunk_of
from .tissue import Values
from .weighting import HZ_PER_T, fat_shift_hz

SUPPRESSED_PPM = 1.3
"""Error of the field (SD of a Gaussian) over which fat suppression stops working (typical value)."""
PULSES = 23
"""Beats of the heart while k-space is read: its ghosts lie as many pixels away (typical value)."""


def disturbed(scene: Scene, sequence: str, *, protocol: Protocol, how: Acquisition) -> Values:
    """Signal (z, y, x) with fat suppressed where the field allows, moved, distorted, and with its ghosts."""
    anatomy = scene.anatomy
    grid = anatomy.grid
    water, fat = painted(scene, sequence, protocol=protocol)
    field = field_ppm(anatomy, trunk_of(anatomy), shim_ppm=how.shim_ppm)
    for k in range(len(water)):
        water[k] = _off_resonance(
            water[k], fat[k], field[k], grid=grid, field_t=scene.field_t, protocol=protocol, how=how
        )
    del fat, field
    found = _moved(water, how.shift_mm[0] / grid.spacing_mm[0])
    return _ghosted(found, anatomy, protocol=protocol, how=how)


def _off_resonance(
    water: Values,
    fat: Values,
    field_ppm: Values,
    *,
    grid: Grid,
    field_t: float,
    protocol: Protocol,
    how: Acquisition,
) -> Values:
    """One slice (y, x) where the frequency of water and of fat is not what the scanner takes it for."""
    if how.fat_left < 1:
        works = np.exp(-0.5 * (field_ppm / np.float32(SUPPRESSED_PPM)) ** 2)
        fat = fat * (1 - np.float32(1 - how.fat_left) * works)
    planar = protocol.kind == "diffusion"
    axis = 0 if planar else 1
    shifted_mm = fat_shift_hz(field_t) / protocol.hz_per_pixel * protocol.pixel_mm[0]
    signal = water + np.roll(fat, round(shifted_mm / grid.spacing_mm[1 + axis]), axis=axis)
    if not planar:
        return signal
    voxels_per_ppm = 1e-6 * HZ_PER_T * field_t * protocol.pixel_mm[0] / protocol.hz_per_pixel
    return _warped(signal, field_ppm * np.float32(voxels_per_ppm / grid.spacing_mm[1]))


def _warped(signal: Values, shift: Values) -> Values:
    """`signal` (y, x) moved along y by `shift` voxels, brighter where it is pressed together."""
    last = signal.shape[0] - 1
    if last < 2:
        return signal
    from_y = np.clip(np.arange(last + 1, dtype=np.float32)[:, None] - shift, 0, last)
    below = np.minimum(from_y.astype(np.intp), last - 1)
    share = from_y - below.astype(np.float32)
    first, second = (np.take_along_axis(signal, at, axis=0) for at in (below, below + 1))
    pressed = np.clip(1 - np.gradient(shift, axis=0), 0.2, 3)
    found: Values = (first + share * (second - first)) * pressed
    return found.astype(np.float32)


def _moved(signal: Values, voxels: float) -> Values:
    """`signal` moved along z by a share of a slice or by slices; what comes into view goes on as at the edge."""
    last = len(signal) - 1
    found = np.empty_like(signal)
    for k, place in enumerate(np.clip(np.arange(last + 1) - voxels, 0, last).tolist()):
        below = int(place)
        share = np.float32(place - below)
        found[k] = (1 - share) * signal[below] + share * signal[min(below + 1, last)]
    return found


def _ghosted(signal: Values, anatomy: Anatomy, *, protocol: Protocol, how: Acquisition) -> Values:
    """With ghosts along phase encoding: of the beating aorta, and at half the field of view where echoes alternate.

    Written into `signal`, which nobody else has.
    """
    step = round(PULSES * protocol.pixel_mm[0] / anatomy.grid.spacing_mm[1])
    beats = anatomy.mask(Organ.AORTA, Organ.HEART)
    for k, image in enumerate(signal):
        if how.nyquist:
            image += np.float32(how.nyquist) * np.roll(image, len(image) // 2, axis=0)
        if how.pulse and protocol.kind == "gradient echo" and beats[k].any():
            pulsing = np.where(beats[k], image, 0) * np.float32(how.pulse)
            image += np.roll(pulsing, step, axis=0) - np.roll(pulsing, -step, axis=0)
    return signal
