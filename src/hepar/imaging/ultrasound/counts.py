"""What the numbers of a recording tell of it, before any spectrum: clipping, offset, lines and frames without echo."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from .frames import Box, RfFrames

FULL_SCALE = 32767
COARSE = 64
"""Counts below which two equal extremes in a row are rounding, not clipping."""
DEAD = 0.1
"""Amplitude of a line over the median of its neighbours below which it is dead; -20 dB."""
NEIGHBOURS = 4
"""To each side."""
BANDS = 20
"""Depth bands in which echoes are compared with the offset."""
SHADOW_DB, SHADOW_BANDS, SHADOW_SHARE = -6.0, 10, 0.75
"""A line so far below the others, in so large a share of the depth bands of a region, lies in a shadow."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`clipped` and `clipped_in_region` are shares of samples; `offset` is the mean, `offset_share` over the echoes.

    `dead_lines`, `empty_frames` and `repeated_frames` (the same as the one before) are numbered from 0. `lowest` and
    `highest` are in the numbers of the recording. `shadowed_lines` are those of the region that lie `shadow_db` below
    the others all the way down, `blank_depths` its samples at which all lines of all frames hold one value.
    """

    lowest: float
    highest: float
    clipped: float
    clipped_in_region: float
    offset: float
    offset_share: float
    dead_lines: tuple[int, ...]
    empty_frames: tuple[int, ...]
    repeated_frames: tuple[int, ...]
    shadowed_lines: tuple[int, ...] = ()
    shadow_db: float = 0.0
    blank_depths: int = 0


def counts_of(frames: RfFrames, *, box: Box) -> Counts:
    """Of all samples of a recording, frame by frame.

    Clipped is a sample at full scale of 16 bit, or one of a run of two or more at the largest or smallest value that
    occurs. Clipping before a digital time gain leaves no such runs and is not seen. The offset is compared with the
    median over depth of the echoes' root mean square.
    """
    ends = (float(frames.rf.min()), float(frames.rf.max()))
    clipped = [_clipped(frame, ends) for frame in frames.rf]
    inside = frames.within(box)
    offset, power = _moments(frames.rf)
    bands = np.array_split(power, min(BANDS, power.shape[1]), axis=1)
    typical = float(np.median([np.sqrt(band.mean()) for band in bands]))
    flat = tuple(k for k, frame in enumerate(frames.rf) if frame.min() == frame.max())
    same = tuple(
        k for k in range(1, len(frames.rf)) if k not in flat and _equal(frames.rf[k - 1], frames.rf[k])
    )
    dead = _dead(np.sqrt(power[:, inside[1]].mean(axis=1)), flat=_flat(frames.rf[:, :, inside[1]]))
    shadowed, shadow_db = _shadowed(power[:, inside[1]], lines=inside[0], dead=dead)
    return Counts(
        lowest=ends[0],
        highest=ends[1],
        clipped=float(np.mean([hit.mean() for hit in clipped])),
        clipped_in_region=float(np.mean([hit[inside].mean() for hit in clipped])),
        offset=offset,
        offset_share=abs(offset) / typical if typical else 0.0,
        dead_lines=dead,
        empty_frames=flat,
        repeated_frames=same,
        shadowed_lines=shadowed,
        shadow_db=shadow_db,
        blank_depths=_blank(frames.rf[:, *inside]),
    )


def _equal(one: NDArray[Any], two: NDArray[Any]) -> bool:
    """Most frames differ in the first line already."""
    return bool((one[0] == two[0]).all() and (one == two).all())


def _clipped(frame: NDArray[Any], ends: tuple[float, float]) -> NDArray[np.bool_]:
    whole = frame.dtype == np.int16
    made = np.zeros(frame.shape, dtype=bool)
    if whole:
        made = (frame >= FULL_SCALE) | (frame <= -FULL_SCALE)
    if ends[0] == ends[1] or (whole and max(-ends[0], ends[1]) < COARSE):
        return made
    for end in ends:
        hit = frame == end
        pair = hit[:, 1:] & hit[:, :-1]
        made[:, 1:] |= pair
        made[:, :-1] |= pair
    return made


def _moments(rf: NDArray[Any]) -> tuple[float, NDArray[np.float64]]:
    """Mean of all, and mean over the frames of the squared distance from it (lines, samples)."""
    offset = float(np.mean([frame.mean(dtype=np.float64) for frame in rf]))
    power = np.zeros(rf.shape[1:])
    for frame in rf:
        power += (frame - offset) ** 2
    return offset, power / len(rf)


def _blank(rf: NDArray[Any]) -> int:
    """Depths at which nothing was recorded; single lines or frames that hold one value are others' business."""
    if rf.shape[0] * rf.shape[1] < 2:
        return 0
    return int((rf.min(axis=(0, 1)) == rf.max(axis=(0, 1))).sum())


def _flat(rf: NDArray[Any]) -> NDArray[np.bool_]:
    """Lines that hold one value in all frames, offset or not; none where all do, for then the depths are blank."""
    made: NDArray[np.bool_] = rf.min(axis=(0, 2)) == rf.max(axis=(0, 2))
    return made if not made.all() else np.zeros_like(made)


def _dead(level: NDArray[np.float64], *, flat: NDArray[np.bool_]) -> tuple[int, ...]:
    """Lines far below the median of their neighbours, and those without any echo."""
    found = []
    for line, own in enumerate(level):
        near = np.delete(level[max(line - NEIGHBOURS, 0) : line + NEIGHBOURS + 1], min(line, NEIGHBOURS))
        typical = float(np.median(near)) if near.size else 0.0
        if own < DEAD * typical or not own or flat[line]:
            found.append(line)
    return tuple(found)


def _shadowed(
    power: NDArray[np.float64], *, lines: slice, dead: tuple[int, ...]
) -> tuple[tuple[int, ...], float]:
    """Lines of the region in a shadow, and their mean distance from the others, dB; of `power` (lines, samples).

    Medians of three lines are compared, band by band, with the median over the region or over the frame, whichever is
    brighter: a region may lie in a shadow altogether.
    """
    bands = np.array_split(power, min(SHADOW_BANDS, power.shape[1]), axis=1)
    level = np.stack([band.mean(axis=1) for band in bands], axis=1)
    kept = np.delete(level, dead, axis=0)
    if not kept.size:
        return (), 0.0
    smooth = scipy.ndimage.median_filter(level, size=(3, 1), mode="nearest")
    typical = np.maximum(np.median(kept, axis=0), np.median(level[lines], axis=0))
    below = 10 * np.log10(np.maximum(smooth, 1e-30) / np.maximum(typical, 1e-30))
    weak = (below < SHADOW_DB).mean(axis=1) >= SHADOW_SHARE
    found = [line for line in np.flatnonzero(weak) if lines.start <= line < lines.stop and line not in dead]
    return tuple(int(line) for line in found), float(-below[found].mean()) if found else 0.0
