"""Echoes of a SIMULATED scan plane: convolution block by block, so that pulse and beam change along the way.

Every block of 128 samples goes through the pulse and the scatterers' form factor (along the beam), the Gaussian beam
(across it) and the attenuation of everything above it, frequency by frequency; blocks overlap by half under a Hann
window, whose sum is 1. Not modelled: side lobes, multiple scattering, refraction, dispersion, what lies out of plane.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .beam import BLOCK, Pulse, beam, loss, pulse
from .medium import form
from .probe import Array
from .scene import MARGIN, ROW, Lattice, Scene

HOP = BLOCK // 2
Waves = NDArray[np.complex64]


def echoes(lattice: Lattice, scene: Scene, *, amplitude: Array) -> Array:
    """Radio frequency (samples, lines) of scatterers `amplitude` (rows * ROW, columns), before noise and gain."""
    probe, sent = lattice.probe, pulse(lattice.probe)
    padded = _padded(amplitude, probe.samples)
    waves = _scattered(padded, scene, sent=sent)
    count = waves.shape[0]
    centre = np.clip(np.arange(count) * HOP, 0, probe.samples - 1)
    transfer = beam(
        lattice, frequency_mhz=sent.frequency_mhz, depth_mm=probe.depth_mm[centre], blur=scene.blur
    )
    waves = _across(waves, lattice, transfer=transfer)
    waves *= loss(_path(lattice, scene)[centre // ROW], sent.frequency_mhz)
    waves *= sent.amplitude[:, None]
    return _joined(waves, sent, samples=probe.samples)


def _padded(amplitude: Array, samples: int) -> Array:
    """Half a block before the first sample, and whole blocks to the end."""
    blocks = -(-samples // HOP) + 1
    padded = np.zeros(((blocks + 1) * HOP, amplitude.shape[1]), dtype=np.float32)
    padded[HOP : HOP + samples] = amplitude[:samples]
    return padded


def _scattered(padded: Array, scene: Scene, *, sent: Pulse) -> Waves:
    """Spectra (blocks, bins, columns) of the blocks with the form factor of each region's scatterers."""
    diameters = scene.by_region("diameter_um")
    found = np.unique(diameters[np.unique(scene.regions)])
    blocks = padded.shape[0] // HOP - 1
    waves: Waves = np.zeros((blocks, sent.frequency_mhz.size, padded.shape[1]), dtype=np.complex64)
    for diameter in found:
        shape = form(sent.frequency_mhz, float(diameter))[:, None]
        if found.size == 1:
            waves += _spectra(padded, sent) * shape
            continue
        here = np.isin(scene.regions, np.flatnonzero(diameters == diameter))
        block, column, inside = _of_region(padded, here)
        waves[block, :, column] += _spectra(inside, sent) * shape
    return waves


def _of_region(padded: Array, here: NDArray[np.bool_]) -> tuple[slice, slice, Array]:
    """The blocks and columns that meet a region, and what of it is in them; block b starts at sample (b - 1) HOP."""
    rows, columns = np.flatnonzero(here.any(axis=1)), np.flatnonzero(here.any(axis=0))
    block = slice(
        int(rows[0]) * ROW // HOP, min(int(rows[-1] + 1) * ROW // HOP + 2, padded.shape[0] // HOP - 1)
    )
    column = slice(int(columns[0]), int(columns[-1]) + 1)
    sample = np.arange(block.start * HOP, (block.stop + 1) * HOP)
    row = np.clip((sample - HOP) // ROW, 0, here.shape[0] - 1)
    return block, column, padded[sample[0] : sample[-1] + 1, column] * here[row, column]


def _spectra(inside: Array, sent: Pulse) -> Waves:
    """Spectra (blocks, bins, columns) of Hann-windowed overlapping blocks."""
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(BLOCK) / BLOCK)).astype(np.float32)
    halves = inside.reshape(-1, HOP, inside.shape[1])
    blocks = np.concatenate((halves[:-1], halves[1:]), axis=1)
    blocks *= window[:, None]
    waves: Waves = scipy.fft.rfft(blocks, n=sent.size, axis=1, overwrite_x=True)
    return waves[:, sent.first : sent.last]


def _across(waves: Waves, lattice: Lattice, *, transfer: Array) -> Waves:
    """What the lines receive (blocks, bins, lines): filter over the columns, then keep one column of each line."""
    spectrum = scipy.fft.fft(waves, axis=2)
    spectrum *= transfer
    folded = spectrum.reshape(*spectrum.shape[:2], lattice.over, lattice.padded).sum(axis=2)
    lines: Waves = scipy.fft.ifft(folded, axis=2, overwrite_x=True)[
        ..., MARGIN : MARGIN + lattice.probe.lines
    ]
    lines *= np.float32(1 / lattice.over)
    return lines


def _path(lattice: Lattice, scene: Scene) -> Array:
    """One-way attenuation (rows, lines) from the skin to every row, dB/MHz, averaged over the columns of a line."""
    slope = scene.by_region("attenuation_db_cm_mhz")[scene.regions]
    total = np.cumsum(slope, axis=0, dtype=np.float32)
    total *= np.float32(ROW * lattice.probe.sample_mm / 10)
    first, over = MARGIN * lattice.over, lattice.over
    lines = total[:, first - over // 2 : first - over // 2 + lattice.probe.lines * over]
    before = lattice.probe.start_mm / 10 * slope[0].mean()
    mean: Array = lines.reshape(total.shape[0], -1, over).mean(axis=2) + before
    return mean


def _joined(waves: Waves, sent: Pulse, *, samples: int) -> Array:
    """Overlap-add of the blocks (blocks, bins, lines) to (samples, lines)."""
    count, _, lines = waves.shape
    whole = np.zeros((count, sent.size // 2 + 1, lines), dtype=np.complex64)
    whole[:, sent.first : sent.last] = waves
    blocks = scipy.fft.irfft(whole, n=sent.size, axis=1, overwrite_x=True)
    made = np.zeros(((count + 1) * HOP + 2 * sent.size, lines), dtype=np.float32)
    for number, block in enumerate(blocks):
        start = number * HOP + sent.size
        keep = BLOCK + sent.reach
        made[start : start + keep] += block[:keep]
        made[start - sent.reach : start] += block[sent.size - sent.reach :]
    return made[sent.size + HOP : sent.size + HOP + samples]
