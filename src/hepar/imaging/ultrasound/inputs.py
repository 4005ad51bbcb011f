"""What networks see of raw ultrasound: arrays on one grid of millimetres and megahertz, whatever the probe."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...core.errors import DataError, ProtocolError
from .bmode import compressed, pooled
from .envelope import envelope
from .frames import Box, RfFrames
from .presets import refuse_other_preset

Half = NDArray[np.float16]
Floats = NDArray[np.float64]

ROW_MM, COLUMN_MM = 0.25, 1.25
"""Cells of the picture and of the envelope, along and across."""
STEP_MM, GROUP_MM, WINDOW_MM = 2.0, 5.0, 4.0
"""Cells of the spectrogram along and across, and its Hann windows, which overlap by half."""
FREQUENCIES = 24
SAMPLE_MM, LINE_MM = 1 / 32, 2.5
"""Cells of the raw lines, along and across."""
FINER = 4
"""How much finer lines are sampled before they are read between samples."""
FLOOR = 1e-9
"""Power over the mean of its frame that stands for nothing, so that silence has a logarithm."""
TINY = 1e-36
"""Added where all of a frame is silence."""
UNIT_MM = (16.0, 5.0)
"""Grids are whole multiples of this along and across, so that a network's cells divide them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """`height_mm` from the top of a region down, `width_mm` about its middle, `low_mhz` to `high_mhz`.

    The width is meant along the arc at the middle depth of the region. Cells that the region, or the recording, does
    not reach are not a number, and neither are frequencies beyond half of the sampling rate.
    """

    height_mm: float = 48.0
    width_mm: float = 40.0
    low_mhz: float = 1.25
    high_mhz: float = 6.25

    def __post_init__(self) -> None:
        for name, value, unit in zip(
            ("height_mm", "width_mm"), (self.height_mm, self.width_mm), UNIT_MM, strict=True
        ):
            if not (unit <= value <= 100 * unit and value % unit == 0):
                raise ProtocolError(f"{name} is {value:g}; give a multiple of {unit:g}")
        if not 0 < self.low_mhz < self.high_mhz < 100:
            raise ProtocolError(
                f"low_mhz {self.low_mhz:g} and high_mhz {self.high_mhz:g}; give two rising frequencies above 0"
            )

    @property
    def frequency_mhz(self) -> Floats:
        """Of the rows (24,) of a spectrogram."""
        return np.linspace(self.low_mhz, self.high_mhz, FREQUENCIES, dtype=np.float64)

    def along_mm(self, step_mm: float) -> Floats:
        """Middles of cells of `step_mm`, from the top of the region."""
        made: Floats = (np.arange(round(self.height_mm / step_mm), dtype=np.float64) + 0.5) * step_mm
        return made

    def across_mm(self, step_mm: float) -> Floats:
        """Middles of cells of `step_mm`, from the middle of the region."""
        count = round(self.width_mm / step_mm)
        made: Floats = (np.arange(count, dtype=np.float64) + 0.5 - count / 2) * step_mm
        return made


def spectrogram(
    frames: RfFrames, box: Box, *, grid: Grid, phantom: RfFrames | None = None, keep_decay: bool = False
) -> Half:
    """Natural log power (frames, frequencies, groups, depths), each depth's mean over frequency and place removed.

    What is left changes with neither gain nor time gain, known or not: an attenuation enters by the interaction of
    frequency and depth alone. `keep_decay` removes the mean of the whole frame only, and needs a recording that tells
    its time gain. Groups are the mean power of all lines within 5 mm. `phantom`, recorded with the same preset, is
    divided by at every depth, so that the pulse and the focus of the probe cancel (Yao, Zagzebski and Madsen 1990).
    """
    if keep_decay and frames.tgc_db is None:
        raise DataError(
            "the recording does not tell its time gain, so that the decay of echoes over depth is not the tissue's;"
            " set keep_decay: false"
        )
    power = np.einsum("gl,flwn->fngw", _groups(frames, box, grid), _power(frames, box, grid))
    level = np.log(power + FLOOR * _mean(power, (1, 2, 3)) + TINY)
    if phantom is not None:
        level = level - _of_phantom(phantom, frames, box, grid=grid)
    return _half(level - _mean(level, (1, 2, 3) if keep_decay else (1, 2)))


def log_envelope(frames: RfFrames, box: Box, *, grid: Grid) -> Half:
    """Natural log envelope (frames, 1, columns, rows), each depth's mean over the columns removed.

    As in the picture, the envelope is averaged over 0.15 mm first; gain and time gain leave it as it is.
    """
    every = pooled(frames)
    found = envelope(_echoes(frames, box))
    found = found[..., : found.shape[-1] // every * every]
    found = found.reshape(*found.shape[:-1], -1, every).mean(axis=-1)
    mean = np.mean(found, axis=(1, 2), keepdims=True)
    level = _cells(np.log(found + np.sqrt(FLOOR) * mean + TINY), frames, box, grid=grid)
    return _half(level - _mean(level, (2,)))


def picture(frames: RfFrames, box: Box, *, grid: Grid, dynamic_range_db: float = 80.0) -> Half:
    """Grey values (frames, 1, columns, rows) of the B-mode picture as displayed, 0 to 255, with the operator's gain.

    Each is the pixel of `compressed` next to the middle of its cell: whole numbers, so that nothing is lost.
    """
    lines, _ = frames.within(box)
    _echoes(frames, box)
    shown = compressed(frames, dynamic_range_db=dynamic_range_db)[:, lines]
    return _half(_cells(shown, frames, box, grid=grid))


def raw_lines(frames: RfFrames, box: Box, *, grid: Grid) -> Half:
    """Radio frequency (frames, 1, lines, samples), read every 1/32 mm, over its root mean square about each depth.

    Lines nearest to every 2.5 mm, at finer samples by Fourier interpolation; 4 mm of all lines make a depth's level.
    """
    rf = _echoes(frames, box)
    chosen, near = _nearest(_across_mm(frames, box), grid.across_mm(LINE_MM))
    square = np.mean(rf.astype(np.float64) ** 2, axis=1, keepdims=True)
    level = np.sqrt(_smooth(square, round(WINDOW_MM / frames.sample_mm)))
    level = np.maximum(level, np.sqrt(FLOOR) * level.mean(axis=-1, keepdims=True))
    fine, step = _finer(rf[:, chosen] / level), frames.sample_mm / FINER
    depth = box.depth_mm[0] + grid.along_mm(SAMPLE_MM)
    at = (depth - frames.start_mm) / step
    below = np.clip(at.astype(int), 0, fine.shape[-1] - 2)
    made = fine[..., below] + (fine[..., below + 1] - fine[..., below]) * (at - below)
    outside = (depth > min(box.depth_mm[1], frames.end_mm)) | (at < 0)
    return _half(np.where(outside | ~near[:, None], np.nan, made)[:, None])


def place(frames: RfFrames, box: Box, *, grid: Grid, cell: tuple[float, float]) -> tuple[float, float]:
    """Depth in mm and line, with fractions, of a place in the grid: `cell` are shares (across, along), 0 to 1."""
    across_mm = _across_mm(frames, box)
    at_mm = (cell[0] - 0.5) * grid.width_mm
    line = box.lines[0] + float(np.interp(at_mm, across_mm, np.arange(len(across_mm))))
    return box.depth_mm[0] + cell[1] * grid.height_mm, line


def peak(attention: NDArray[Any], *, frames: RfFrames, box: Box, grid: Grid) -> tuple[float, float]:
    """Depth in mm and line of the middle of the cell of `attention` (across, along) that has most."""
    across, along = np.unravel_index(int(np.argmax(attention)), attention.shape)
    wide, high = attention.shape
    return place(frames, box, grid=grid, cell=((int(across) + 0.5) / wide, (int(along) + 0.5) / high))


def some_frames(frames: RfFrames, most: int) -> RfFrames:
    """At most `most` frames of the recording, spread evenly over it."""
    count = frames.rf.shape[0]
    if count <= most:
        return frames
    chosen = np.floor((np.arange(most) + 0.5) * count / most).astype(int)
    times = None if frames.frame_times_ms is None else frames.frame_times_ms[chosen]
    return replace(frames, rf=frames.rf[chosen], frame_times_ms=times)


def widened(frames: RfFrames, box: Box, margin_mm: float) -> Box:
    """`box` with `margin_mm` on every side, as far as the frame reaches; lines at its middle depth."""
    top, bottom = box.depth_mm
    whole = frames.whole()
    pitch_mm = float(np.mean(np.diff(_across_mm(frames, Box(box.depth_mm, whole.lines)))))
    lines = round(margin_mm / pitch_mm)
    return Box(
        (max(top - margin_mm, whole.depth_mm[0]), min(bottom + margin_mm, whole.depth_mm[1])),
        (max(box.lines[0] - lines, 0), min(box.lines[1] + lines, whole.lines[1])),
    )


def _echoes(frames: RfFrames, box: Box) -> NDArray[np.float32]:
    """Echoes (frames, lines in the box, samples) without gain; a frame without any is refused."""
    lines, depths = frames.within(box)
    silent = ~frames.rf[:, lines, depths].any(axis=(1, 2))
    if silent.any():
        raise DataError(
            f"frame {int(silent.argmax())} holds nothing but zeros in the region; leave it out of the recording"
        )
    return frames.without_gain()[:, lines]


def _power(frames: RfFrames, box: Box, grid: Grid) -> Floats:
    """Power (frames, lines in the box, windows, frequencies) of Hann windows, by the Fourier sum at the frequencies."""
    rf = _echoes(frames, box)
    middle = box.depth_mm[0] + grid.along_mm(STEP_MM)
    size = round(WINDOW_MM / frames.sample_mm)
    first = np.rint((middle - frames.start_mm) / frames.sample_mm - size / 2).astype(int)
    there = (first >= 0) & (first + size <= rf.shape[2]) & (middle <= box.depth_mm[1])
    taper = np.hanning(size + 2)[1:-1].astype(np.float32)
    phase = np.outer(np.arange(size) / frames.fs_mhz, grid.frequency_mhz)
    basis = (taper[:, None] * np.exp(-2j * np.pi * phase)).astype(np.complex64)
    found = np.full((*rf.shape[:2], len(middle), FREQUENCIES), np.nan)
    if there.any():
        windows = np.lib.stride_tricks.sliding_window_view(rf, size, axis=-1)[:, :, first[there]]
        found[:, :, there] = np.abs(windows @ basis).astype(np.float64) ** 2
    found[..., grid.frequency_mhz >= frames.fs_mhz / 2] = np.nan
    return found


def _of_phantom(phantom: RfFrames, frames: RfFrames, box: Box, *, grid: Grid) -> Floats:
    """Natural log of the mean power (frequencies, 1, depths) of the phantom at the depths of `box`."""
    refuse_other_preset(frames, phantom)
    whole = phantom.whole()
    if box.depth_mm[1] > whole.depth_mm[1]:
        raise DataError(
            f"the phantom was recorded down to {whole.depth_mm[1]:.0f} mm and the region reaches"
            f" {box.depth_mm[1]:.0f} mm; record the phantom with the same depth"
        )
    mean = _power(phantom, Box(box.depth_mm, whole.lines), grid).mean(axis=(0, 1)).T[:, None]
    made: Floats = np.log(mean + FLOOR * _mean(mean, (0, 1, 2)) + TINY)
    return made


def _groups(frames: RfFrames, box: Box, grid: Grid) -> Floats:
    """Weights (groups, lines in the box) of a mean over the lines of each group; not a number where it has none."""
    middle = grid.across_mm(GROUP_MM)
    inside = np.abs(_across_mm(frames, box) - middle[:, None]) <= GROUP_MM / 2
    count = inside.sum(axis=1, keepdims=True)
    return np.where(count > 0, inside / np.maximum(count, 1), np.nan)


def _across_mm(frames: RfFrames, box: Box) -> Floats:
    """Place (lines in the box,) of the lines along the arc at the middle depth of the box, 0 in its middle."""
    lines, _ = frames.within(box)
    angle = np.radians(np.asarray(frames.line_angle_deg[lines], dtype=float))
    depth = np.mean(box.depth_mm)
    at = np.asarray(frames.line_origin_mm[lines], dtype=float) + depth * np.stack(
        (np.sin(angle), np.cos(angle)), 1
    )
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(at, axis=0).T))))
    made: Floats = arc - arc[-1] / 2
    return made


def _nearest(across_mm: Floats, wanted_mm: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Line nearest to each of `wanted_mm`, and whether it is a cell or a line's distance away at most."""
    apart = np.abs(across_mm - wanted_mm[:, None])
    pitch = np.diff(across_mm).max(initial=0.0)
    reach = max(float(np.diff(wanted_mm)[0]), float(pitch)) / 2 + 1e-6
    return apart.argmin(axis=1), apart.min(axis=1) <= reach


def _cells(shown: NDArray[Any], frames: RfFrames, box: Box, *, grid: Grid) -> Floats:
    """Of pixels (frames, lines in the box, depths of 0.15 mm) those next to the cells (frames, 1, columns, rows)."""
    chosen, near = _nearest(_across_mm(frames, box), grid.across_mm(COLUMN_MM))
    every = pooled(frames)
    depth = box.depth_mm[0] + grid.along_mm(ROW_MM)
    first_mm = frames.start_mm + (every - 1) / 2 * frames.sample_mm
    row = np.rint((depth - first_mm) / (every * frames.sample_mm)).astype(int)
    there = (depth <= box.depth_mm[1]) & (row >= 0) & (row < shown.shape[2])
    found = shown[:, chosen][:, :, np.clip(row, 0, shown.shape[2] - 1)].astype(np.float64)
    return np.where(there & near[:, None], found, np.nan)[:, None]


def _smooth(values: Floats, width: int) -> Floats:
    """Means over `width` neighbours along the last axis, of what there is of them."""
    total = np.pad(values.cumsum(axis=-1), ((0, 0), (0, 0), (1, 0)))
    at = np.arange(values.shape[-1])
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(at))
    made: Floats = (total[..., high] - total[..., low]) / (high - low)
    return made


def _finer(lines: NDArray[Any]) -> Floats:
    """Lines at `FINER` times the samples, by a spectrum that goes on with zeros."""
    count = lines.shape[-1]
    half = scipy.fft.rfft(lines, axis=-1)
    made: Floats = FINER * scipy.fft.irfft(half, n=FINER * count, axis=-1)
    return made


def _mean(values: Floats, axes: tuple[int, ...]) -> Floats:
    """Mean of the numbers among `values`, kept broadcastable; not a number where there are none."""
    known = np.isfinite(values)
    count = known.sum(axis=axes, keepdims=True)
    total = np.where(known, values, 0.0).sum(axis=axes, keepdims=True)
    made: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return made


def _half(values: NDArray[Any]) -> Half:
    if not np.isfinite(values).any():
        raise DataError("no cell of the grid lies in the region; give a larger region or a finer grid")
    made: Half = np.clip(values, -6e4, 6e4).astype(np.float16)
    return made
