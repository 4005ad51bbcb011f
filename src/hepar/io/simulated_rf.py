"""A SIMULATED recording as readers of real ones give it, with boxes as a sonographer draws them."""

import math
import zlib
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..imaging.ultrasound.frames import Box, RfFrames
from ..phantom.lesions import MIMICS
from ..phantom.ultrasound import Probe, Region, RfRecording
from ..phantom.ultrasound.recording import COUNTS

FRAME_MS = 40.0
PIECE_MM, PIECE_SPREAD, LEAST_PIECE_MM = 24.0, 0.5, 8.0
"""Median and spread (of the logarithm) of the height of a piece of liver without lesion, about that of lesions."""
ROW = 4
"""Samples that share a row of `RfRecording.regions`."""
STEP = (8, 10)
"""Lines and rows to a cell when the box is looked for."""
LEAST_MM, MOST_MM = 15.0, 60.0
"""Height of the box."""
PURE = 0.93
"""Share of liver in the box; the rest is vessels."""
SHADOW_DB = 8.0
"""Below the median line from which on a line lies in a shadow."""
BELOW_MM = 8.0
"""From the capsule to the box at least, so that the wall's echoes stay out of it."""


def frames_of(recording: RfRecording, *, scanner: str, site: str) -> RfFrames:
    """The recording as it is stored: whole counts of the 16-bit converter, every setting of probe and scanner."""
    probe = recording.probe
    line = np.arange(probe.lines, dtype=np.float32)
    return RfFrames(
        rf=np.rint(recording.rf).astype(np.int16),
        fs_mhz=probe.fs_mhz,
        fc_mhz=probe.fc_mhz,
        c_mm_us=recording.c_mm_us,
        geometry=probe.geometry,
        line_angle_deg=np.degrees(probe.angle_rad(line)).astype(np.float32),
        line_origin_mm=np.stack(probe.origin_mm(line), axis=1).astype(np.float32),
        start_mm=probe.start_mm,
        tgc_db=recording.tgc_db,
        scale=1 / COUNTS,
        bandwidth=probe.bandwidth,
        radius_mm=probe.radius_mm,
        gain_db=recording.gain_db,
        frame_times_ms=np.arange(recording.rf.shape[0]) * FRAME_MS,
        device=f"SIMULATED US {scanner}",
        preset=probe.name,
        subject=recording.case_id,
        site=site,
        view=str(recording.view),
        remark="SIMULATED, no patient stands behind it",
        regions=boxes_of(recording),
        more=_more(probe),
    )


def boxes_of(recording: RfRecording) -> dict[str, Box]:
    """Boxes by name, as far as they are in view.

    "liver" is parenchyma without lesions, "lesion" lies around the largest lesion in the plane (a mimic only where
    there is no other), "target" is that, or as large a piece of liver where nothing is seen: what a reader asks about.
    """
    liver, lesion = _liver(recording), _lesion(recording)
    target = lesion or (None if liver is None else _piece(recording, liver))
    found = {"liver": liver, "lesion": lesion, "target": target}
    return {name: box for name, box in found.items() if box is not None}


def _liver(recording: RfRecording) -> Box | None:
    """The largest box of which nearly all is liver, of at least 15 mm and a quarter of the lines; else none."""
    cells = _cells(recording)
    cell_mm = STEP[1] * ROW * recording.probe.sample_mm
    liver = (cells == Region.LIVER).mean(axis=(1, 3))
    spoilt = ((cells >= Region.LESION) | (cells == Region.BEYOND)).any(axis=(1, 3)) | _shadowed(recording)[
        :, None
    ]
    wall = ((cells >= Region.SKIN) & (cells <= Region.MUSCLE)).any(axis=(0, 1, 3))
    top = int(np.flatnonzero(wall)[-1]) + 1 if wall.any() else 0
    top += math.ceil(BELOW_MM / cell_mm)
    heights = (int(LEAST_MM / cell_mm) + 1, int(MOST_MM / cell_mm))
    found = _largest(np.where(spoilt, -100.0, liver), top=top, heights=heights)
    if found is None:
        return None
    first, last, low, high = found
    start, end = recording.probe.start_mm, recording.probe.end_mm
    return Box(
        (start + low * cell_mm, min(start + high * cell_mm, end)), (first * STEP[0], last * STEP[0] - 1)
    )


def _cells(recording: RfRecording) -> NDArray[np.uint8]:
    """What lies where, as (cells across, lines, cells along, rows)."""
    lines, rows = recording.regions.shape
    across, along = lines // STEP[0], rows // STEP[1]
    inside = recording.regions[: across * STEP[0], : along * STEP[1]]
    return inside.reshape(across, STEP[0], along, STEP[1])


def _shadowed(recording: RfRecording) -> NDArray[np.bool_]:
    """Cells across (cells,) whose lines lie in the shadow of poor contact, where nobody would measure."""
    lines = recording.probe.lines // STEP[0] * STEP[0]
    power = (recording.without_gain()[0, :lines] ** 2).mean(axis=1)
    level_db = 10 * np.log10(np.maximum(power.reshape(-1, STEP[0]).mean(axis=1), np.finfo(np.float32).tiny))
    return np.asarray(level_db < np.median(level_db) - SHADOW_DB)


def _largest(
    liver: NDArray[np.float64], *, top: int, heights: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """First and last cell across and along (the last ones excluded) of the largest box of at least `PURE` liver."""
    total = np.pad(liver.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    across, along = liver.shape
    best, where = 0.0, None
    for first, last in combinations(range(across + 1), 2):
        if last - first < max(across // 4, 1):
            continue
        column = total[last] - total[first]
        for low in range(top, along - heights[0] + 1):
            high = np.arange(low + heights[0], min(low + heights[1], along) + 1)
            area = (high - low) * (last - first)
            fit = np.where(column[high] - column[low] >= PURE * area, area, 0)
            k = int(fit.argmax())
            if fit[k] > best:
                best, where = float(fit[k]), (first, last, low, int(high[k]))
    return where


def _lesion(recording: RfRecording) -> Box | None:
    """Around the pixels of the first lesion that shows in the plane."""
    order = sorted(range(len(recording.cuts)), key=lambda k: recording.cuts[k].kind in MIMICS)
    for k in order:
        inside = np.isin(recording.regions, (Region.LESION + 2 * k, Region.LESION + 2 * k + 1))
        if inside.any():
            lines = np.flatnonzero(inside.any(axis=1))
            rows = np.flatnonzero(inside.any(axis=0)) * (ROW * recording.probe.sample_mm)
            start, end = recording.probe.start_mm, recording.probe.end_mm
            depth = (start + float(rows[0]), min(start + float(rows[-1]) + 1.0, end))
            return Box(depth, (int(lines[0]), int(lines[-1])))
    return None


def _piece(recording: RfRecording, liver: Box) -> Box:
    """A piece of the liver's box as large as lesions are, the same for the same recording."""
    rng = np.random.default_rng(zlib.crc32(f"{recording.case_id} {recording.view}".encode()))
    diameter_mm = float(np.exp(rng.normal(np.log(PIECE_MM), PIECE_SPREAD)))
    (top, bottom), (first, last) = liver.depth_mm, liver.lines
    high = min(max(diameter_mm, LEAST_PIECE_MM), bottom - top)
    start = top + rng.random() * (bottom - top - high)
    pitch = float(recording.probe.pitch_mm(np.array([start + high / 2], dtype=np.float32))[0])
    wide = min(max(round(diameter_mm / pitch), 4), last - first)
    left = first + int(rng.integers(0, last - first - wide + 1))
    return Box((start, start + high), (left, left + wide))


def _more(probe: Probe) -> dict[str, float]:
    names = ("focus_mm", "f_number", "transmit_f_number", "aperture_mm", "noise_db")
    span = "span_mm" if probe.geometry == "linear" else "span_deg"
    return {**{name: float(getattr(probe, name)) for name in names}, span: float(probe.span)}
