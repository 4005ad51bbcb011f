"""How many independent looks at speckle the frames of a recording and the lines of a region are."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from .frames import Box, RfFrames

Floats = NDArray[np.float64]
Waves = NDArray[np.complex64]
MOST_LAGS, MOST_PAIRS = 24, 6
"""Distances between frames that are looked at, and pairs of frames for each."""
KEPT = 32
"""Spectra of frames in memory at a time."""
SMOOTH = 64
"""Samples over which the level of a depth is taken."""
FAINT = 0.05
"""Squared correlation of lines from which on those further apart are taken as independent."""


def independent_frames(frames: RfFrames, *, box: Box | None = None) -> float:
    """Frames that tell as much as those of the recording: n^2 / sum of the squared correlations of all pairs.

    Powers of two looks at speckle correlate by the squared correlation of their radio frequency. A held probe whose
    neighbouring frames correlate by 0.975 has about one independent frame among ten.
    """
    count = frames.rf.shape[0]
    if count < 2:
        return 1.0
    waves = _waves(frames, box=box)
    lags = np.unique(np.geomspace(1, count - 1, MOST_LAGS).round().astype(int))
    shared = [_apart(waves, count=count, lag=lag) for lag in lags.tolist()]
    return _effective(count, np.interp(np.arange(1, count), lags, shared))


def frame_correlation(frames: RfFrames, *, box: Box | None = None) -> float:
    """Correlation of the radio frequency of neighbouring frames, mean over some pairs; 0 for a single frame."""
    count = frames.rf.shape[0]
    if count < 2:
        return 0.0
    return float(np.sqrt(_apart(_waves(frames, box=box), count=count, lag=1)))


def independent_lines(frames: RfFrames, *, box: Box | None = None) -> float:
    """Lines of a region that tell as much as all of its lines; the same of lines, over at most six frames."""
    waves = [_waves(frames, box=box)(k) for k in _firsts(frames.rf.shape[0])]
    count = len(waves[0])
    shared = np.zeros(count - 1)
    for lag in range(1, count):
        found = float(np.mean([_alike(one[lag:], one[:-lag]) for one in waves]))
        if found < FAINT:
            break
        shared[lag - 1] = found
    return _effective(count, shared)


def _effective(count: int, shared: Floats) -> float:
    """Of `count` looks in a row; `shared` (count - 1,) are the squared correlations of looks 1, 2 ... apart."""
    lag = np.arange(1, count)
    return float(count / (1 + 2 * ((1 - lag / count) * shared).sum()))


def _apart(waves: Callable[[int], Waves], *, count: int, lag: int) -> float:
    """Squared correlation of frames `lag` apart, mean over some pairs."""
    return float(np.mean([_alike(waves(k), waves(k + lag)) for k in _firsts(count - lag)]))


def _alike(one: Waves, two: Waves) -> float:
    """Squared magnitude of the correlation, 1 for the same and 0 for strangers."""
    both = float(np.vdot(one, one).real) * float(np.vdot(two, two).real)
    return abs(complex(np.vdot(one, two))) ** 2 / max(both, 1e-30)


def _waves(frames: RfFrames, *, box: Box | None) -> Callable[[int], Waves]:
    """Spectra (lines, n) of a frame in `box`, frequencies above 0 alone, the last ones kept.

    Every depth is first divided by its level, so that all count alike. Correlations of spectra are those of signals.
    """
    place = frames.within(box or frames.whole())

    @lru_cache(maxsize=KEPT)
    def made(frame: int) -> Waves:
        part = frames.rf[(frame, *place)].astype(np.float32)
        level = np.sqrt(scipy.ndimage.uniform_filter1d((part * part).mean(axis=0), SMOOTH, mode="nearest"))
        part /= np.maximum(level, level.max() * 1e-6 + 1e-30)
        size = scipy.fft.next_fast_len(part.shape[1], real=True)
        found: Waves = scipy.fft.rfft(part, n=size, axis=1)[:, 1:]
        return found

    return made


def _firsts(count: int) -> list[int]:
    """Some numbers below `count`, evenly spread."""
    made: list[int] = np.unique(
        np.linspace(0, count - 1, min(count, MOST_PAIRS)).round().astype(int)
    ).tolist()
    return made
