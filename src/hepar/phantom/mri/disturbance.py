"""What disturbs SIMULATED signal before it is read: fat suppression that fails, movement, distortion, ghosts."""

import numpy as np

from ..anatomy import Anatomy, Organ
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
    if how.fat_left < 1:
        fat *= 1 - np.float32(1 - how.fat_left) * np.exp(-0.5 * (field / np.float32(SUPPRESSED_PPM)) ** 2)
    shifted_mm = fat_shift_hz(scene.field_t) / protocol.hz_per_pixel * protocol.pixel_mm[0]
    planar = protocol.kind == "diffusion"
    axis = 1 if planar else 2
    water += np.roll(fat, round(shifted_mm / grid.spacing_mm[axis]), axis=axis)
    found = water
    if planar:
        hz = field * np.float32(1e-6 * HZ_PER_T * scene.field_t)
        found = _warped(
            found, hz * np.float32(protocol.pixel_mm[0] / protocol.hz_per_pixel / grid.spacing_mm[1])
        )
    found = _moved(found, how.shift_mm[0] / grid.spacing_mm[0])
    return _ghosted(found, anatomy, protocol=protocol, how=how)


def _warped(signal: Values, shift: Values) -> Values:
    """`signal` (z, y, x) moved along y by `shift` voxels, brighter where it is pressed together."""
    last = signal.shape[1] - 1
    if last < 2:
        return signal
    from_y = np.clip(np.arange(last + 1, dtype=np.float32)[:, None] - shift, 0, last)
    below = np.minimum(from_y.astype(np.intp), last - 1)
    share = from_y - below.astype(np.float32)
    first, second = (np.take_along_axis(signal, at, axis=1) for at in (below, below + 1))
    pressed = np.clip(1 - np.gradient(shift, axis=1), 0.2, 3)
    found: Values = (first + share * (second - first)) * pressed
    return found.astype(np.float32)


def _moved(signal: Values, voxels: float) -> Values:
    """`signal` moved along z by a share of a slice or by slices; what comes into view goes on as at the edge."""
    from_z = np.clip(np.arange(len(signal)) - voxels, 0, len(signal) - 1)
    below = from_z.astype(int)
    above = np.minimum(below + 1, len(signal) - 1)
    share = (from_z - below).astype(np.float32)[:, None, None]
    found: Values = (1 - share) * signal[below] + share * signal[above]
    return found


def _ghosted(signal: Values, anatomy: Anatomy, *, protocol: Protocol, how: Acquisition) -> Values:
    """With ghosts along phase encoding: of the beating aorta, and at half the field of view where echoes alternate."""
    spacing_mm = anatomy.grid.spacing_mm[1]
    if how.nyquist:
        signal = signal + np.float32(how.nyquist) * np.roll(signal, signal.shape[1] // 2, axis=1)
    if how.pulse and protocol.kind == "gradient echo":
        aorta = anatomy.mask(Organ.AORTA, Organ.HEART) * signal
        step = round(PULSES * protocol.pixel_mm[0] / spacing_mm)
        for side in (-1, 1):
            signal = signal + np.float32(side * how.pulse) * np.roll(aorta, side * step, axis=1)
    return signal
