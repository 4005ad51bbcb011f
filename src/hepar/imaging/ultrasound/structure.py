"""What lies in tissue beside scatterers: vessels and bright walls among the lines, layers and shadows over depth.

Of the reference phantom method only the level over depth is at risk: a vessel, a layer or reverberation is brighter
or darker at all frequencies. Cells unlike the others of their depth are left out, and what still makes the level of a
depth differ by more than speckle does is a random effect of that depth: it weighs levels less and widens intervals.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from .levels import DB, Bools, Floats, Levels
from .resampling import FAINT
from .spectra import Spectra

UNLIKE_DB = 3.0
"""A cell this far from the median of its depth is something else than the tissue around it."""
CELL = (5, 9)
"""Windows and lines over which the level of a cell is averaged before it is compared."""
LEAST_SHARE = 0.3
"""Share of the lines that a depth has to keep."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Random level of a depth beyond speckle: standard deviation `level_db`, and `alike` windows that share it.

    `scatter_db` is the standard deviation from frequency to frequency, `missed` is that of `Draws`.
    """

    level_db: float
    scatter_db: float
    alike: float
    missed: float

    @property
    def ratio(self) -> float:
        """Variance of the level over that of a single frequency."""
        return (self.level_db / self.scatter_db) ** 2 if self.scatter_db else 0.0


def typical(found: Spectra, *, use: Bools) -> Spectra:
    """Spectra with the cells (w, lines) left out whose level in band is 3 dB off the median of their depth.

    Speckle alone does not reach so far: a cell is averaged over 5 windows and 9 lines. Depths that would lose most
    lines are not usable.
    """
    if not use.any():
        return found
    cell = np.einsum("wln,wn->wl", found.power, use.astype(np.float32))
    cell /= np.maximum(cell.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    smooth = scipy.ndimage.uniform_filter(cell, CELL)
    level = 10 * np.log10(np.maximum(smooth, np.float32(1e-9)))
    keep = np.abs(level - np.median(level, axis=1, keepdims=True)) < UNLIKE_DB
    share = keep.mean(axis=1, keepdims=True)
    power = found.power * (keep / np.maximum(share, LEAST_SHARE)).astype(np.float32)[..., None]
    return replace(found, power=power, usable=found.usable & (share >= LEAST_SHARE))


def structure(levels: Levels, *, slope: float, missed: float = 1.0) -> Structure:
    """Of the ratio to the reference after `slope`, dB per cm and MHz of it, and a level for each frequency are out.

    What the draws of lines explain is speckle and is taken off; the mean over depth and frequency is free. `missed` is
    by how much the draws scatter too little.
    """
    product = levels.depth_mm[:, None] / 10 * levels.frequency_mhz
    left = levels.ratio_db - slope * product
    inside = levels.use
    left = left - (left * inside).sum(axis=1, keepdims=True) / inside.sum(axis=0)
    level = (left * inside).sum(axis=2) / inside.sum(axis=1)
    spread = np.where(inside, left[0] - level[0][:, None], 0.0)
    freedom = max(int(inside.sum()) - sum(inside.shape), 1)
    beyond = float((level[0] ** 2).mean() - missed**2 * level[1:].var(axis=0).mean())
    return Structure(
        level_db=float(np.sqrt(max(beyond, 0.0))),
        scatter_db=float(np.sqrt((spread**2).sum() / freedom)),
        alike=_alike(level[0]),
        missed=missed,
    )


def with_structure(levels: Levels, found: Structure, *, rng: np.random.Generator) -> Levels:
    """The draws with a random level at every depth, as wide and as long as `found` says; the value stays."""
    draws, windows, _ = levels.sample.shape
    wide = max(round(found.alike), 1)
    noise = rng.standard_normal((draws - 1, windows + wide - 1))
    summed = np.cumsum(np.pad(noise, ((0, 0), (1, 0))), axis=1)
    level = (summed[:, wide:] - summed[:, :-wide]) / np.sqrt(wide) * (found.level_db / DB / found.missed)
    sample = levels.sample.copy()
    sample[1:] += level[..., None]
    return replace(levels, sample=sample)


def depth_weights(levels: Levels, shape: Floats, *, ratio: float) -> Floats:
    """Weights (w, n) that read the coefficient of `shape` (w, n) from the ratio: generalised least squares.

    There is a free level for each frequency, and a random level for each depth whose variance is `ratio` times that of
    a single frequency: 0 leaves ordinary least squares, much leaves nothing but what changes within a depth.
    """
    window, place = np.nonzero(levels.use)
    count = levels.use.sum(axis=1)
    pull = ratio / (1 + count * ratio)

    def less_level(columns: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.zeros((count.size, columns.shape[1]))
        np.add.at(sums, window, columns)
        made: NDArray[np.float64] = columns - (pull[:, None] * sums)[window]
        return made

    known = np.zeros((window.size, 1 + levels.use.shape[1]))
    known[:, 0] = shape[levels.use]
    known[np.arange(window.size), 1 + place] = 1
    weighed = less_level(known)
    made: Floats = np.zeros(levels.use.shape)
    made[levels.use] = np.linalg.solve(known.T @ weighed, weighed.T)[0]
    return made


def _alike(level: Floats) -> float:
    """Neighbouring depths that share their level: one plus twice the sum of their correlations until they are faint."""
    whole, total = float((level**2).mean()), 1.0
    for lag in range(1, level.size // 3):
        share = float((level[lag:] * level[:-lag]).mean()) / max(whole, 1e-30)
        if share < FAINT:
            break
        total += 2 * share
    return total
