"""The B-mode image of a SIMULATED recording, from its very radio frequency: envelope, logarithm, scan conversion."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from ...core.errors import SimulationError
from .probe import Array, Probe
from .recording import RfRecording

WHITE_DB = 85.0
"""Envelope, dB over one count, that is shown white: fixed, so that gain makes the image brighter as on a scanner."""
POOLED_MM = 0.15
"""Depth over which the envelope is averaged before the logarithm; finer than a pixel or a pulse."""
LARGEST = 4096
"""Pixels along an axis."""


@dataclass(frozen=True, slots=True)
class BMode:
    """`pixels` (frames, rows, columns), 0 outside the sector; `inside` (rows, columns) is the sector.

    The first row lies at `z_mm`, the first column at `x_mm` (0 on the axis of the probe).
    """

    pixels: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    mm_per_px: float
    x_mm: float
    z_mm: float


def envelope(rf: Array) -> Array:
    """Magnitude of the analytic signal along the last axis (depth), same shape."""
    samples = rf.shape[-1]
    size = scipy.fft.next_fast_len(samples, real=True)
    half = scipy.fft.rfft(rf, n=size, axis=-1)
    waves = np.zeros((*rf.shape[:-1], size), dtype=half.dtype)
    waves[..., : half.shape[-1]] = half
    waves[..., 1 : (size + 1) // 2] *= 2
    made: Array = np.abs(scipy.fft.ifft(waves, axis=-1, overwrite_x=True)[..., :samples])
    return made


def compressed(rf: Array, *, dynamic_range_db: float = 60.0, pooled: int = 1) -> NDArray[np.uint8]:
    """Log envelope (..., lines, samples // pooled) of counts: 255 at `WHITE_DB`, 0 from `dynamic_range_db` below on."""
    if not (np.isfinite(dynamic_range_db) and 10 <= dynamic_range_db <= 120):
        raise SimulationError(f"dynamic_range_db is {dynamic_range_db!r}; give 10 to 120")
    found = envelope(rf)
    found = (
        found[..., : found.shape[-1] // pooled * pooled].reshape(*found.shape[:-1], -1, pooled).mean(axis=-1)
    )
    level = 20 * np.log10(np.maximum(found, np.float32(1e-6)))
    grey = (level - np.float32(WHITE_DB - dynamic_range_db)) * np.float32(255 / dynamic_range_db)
    made: NDArray[np.uint8] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return made


def b_mode(recording: RfRecording, *, dynamic_range_db: float = 60.0, mm_per_px: float = 0.3) -> BMode:
    """What the screen shows of every frame, in mm.

    `mm_per_px` from 0.05 to 5. Raises `SimulationError` for sizes that cannot be shown.
    """
    probe = recording.probe
    if not (np.isfinite(mm_per_px) and 0.05 <= mm_per_px <= 5):
        raise SimulationError(f"mm_per_px is {mm_per_px!r}; give 0.05 to 5")
    pooled = max(1, round(POOLED_MM / probe.sample_mm))
    polar = compressed(recording.rf, dynamic_range_db=dynamic_range_db, pooled=pooled)
    x_mm, z_mm = _axes(probe, mm_per_px)
    line, depth = _polar(probe, x_mm=x_mm[None, :], z_mm=z_mm[:, None])
    sample = (depth - probe.start_mm) / (probe.sample_mm * pooled) - (pooled - 1) / (2 * pooled)
    inside = (line >= 0) & (line <= probe.lines - 1) & (sample >= 0) & (sample <= polar.shape[2] - 1)
    places = np.stack((line[inside], sample[inside]))
    pixels = np.zeros((polar.shape[0], *inside.shape), dtype=np.uint8)
    for shown, frame in zip(pixels, polar, strict=True):
        found = scipy.ndimage.map_coordinates(frame.astype(np.float32), places, order=1)
        shown[inside] = np.rint(found).astype(np.uint8)
    return BMode(pixels, inside, mm_per_px, float(x_mm[0]), float(z_mm[0]))


def _axes(probe: Probe, mm_per_px: float) -> tuple[Array, Array]:
    """Places of the columns and rows of the smallest image that holds the sector."""
    line = np.linspace(0, probe.lines - 1, 64, dtype=np.float32)
    ends = np.array([[probe.start_mm], [probe.end_mm]], dtype=np.float32)
    x, z = probe.place_mm(line, ends)
    half = float(np.abs(x).max())
    count = (int(2 * half / mm_per_px) + 1, int((float(z.max()) - float(z.min())) / mm_per_px) + 1)
    if max(count) > LARGEST:
        raise SimulationError(f"an image of {count} pixels is too large; give mm_per_px over {mm_per_px!r}")
    across = (np.arange(count[0]) - (count[0] - 1) / 2) * mm_per_px
    return across.astype(np.float32), (float(z.min()) + np.arange(count[1]) * mm_per_px).astype(np.float32)


def _polar(probe: Probe, *, x_mm: Array, z_mm: Array) -> tuple[Array, Array]:
    """Line number and depth mm of places; the inverse of `Probe.place_mm`."""
    if probe.geometry == "linear":
        line = (x_mm / np.float32(probe.span) + np.float32(0.5)) * (probe.lines - 1)
        line, z_mm = np.broadcast_arrays(line, z_mm)
        return line, z_mm
    down = z_mm + np.float32(probe.radius_mm)
    angle = np.arctan2(x_mm, down)
    line = (angle / np.float32(np.radians(probe.span)) + np.float32(0.5)) * (probe.lines - 1)
    return line, np.hypot(x_mm, down) - np.float32(probe.radius_mm)
