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
PIECE_MM, PIECE_SPREAD, PIECE_LIMITS_MM = 27.0, 0.65, (5.0, 80.0)
"""Median and spread (of the logarithm) of the height of a piece of liver without lesion, as of the largest lesions."""
PIECE_SHAPE = (0.85, 1.15)
"""Height and width over that."""
AIMED, EDGE_MM, TRIES = 0.35, 2.0, 30
"""Share of the lines in which a lesion that is aimed at lies, its distance from the liver's edge, places tried."""
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
    target = lesion or _piece(recording)
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


def _piece(recording: RfRecording) -> Box | None:
    """A piece of liver as large as lesions are and where they lie when they are aimed at; the same each time.

    Its place and size must not tell that nothing is there, or a test would read the box in place of the echoes.
    """
    rng = np.random.default_rng(zlib.crc32(f"{recording.case_id} {recording.view}".encode()))
    probe = recording.probe
    diameter_mm = float(np.clip(np.exp(rng.normal(np.log(PIECE_MM), PIECE_SPREAD)), *PIECE_LIMITS_MM))
    high, across = diameter_mm * rng.uniform(*PIECE_SHAPE), diameter_mm * rng.uniform(*PIECE_SHAPE)
    for _ in range(TRIES):
        line = round(probe.lines * (0.5 + AIMED * (rng.random() - 0.5)))
        span = _liver_of(recording, line)
        middle = rng.random()
        if span is None:
            continue
        low, deep = span[0] + high / 2 + EDGE_MM, span[1] - high / 2 - EDGE_MM
        depth = low + middle * (deep - low) if low <= deep else sum(span) / 2
        half = across / 2 / float(probe.pitch_mm(np.array([depth], dtype=np.float32))[0])
        first, last = max(round(line - half), 0), min(round(line + half), probe.lines - 1)
        box = Box(
            (max(depth - high / 2, probe.start_mm), min(depth + high / 2, probe.end_mm)),
            (first, max(last, first)),
        )
        if low <= deep and _within_liver(recording, box):
            return box
    return None


def _liver_of(recording: RfRecording, line: int) -> tuple[float, float] | None:
    """Depths between which `line` runs through the liver, mm."""
    column = recording.regions[min(line, recording.probe.lines - 1)]
    row_mm, start = ROW * recording.probe.sample_mm, recording.probe.start_mm
    wall = np.flatnonzero((column >= Region.SKIN) & (column <= Region.MUSCLE))
    top = int(wall[-1]) + 1 if wall.size else 0
    beyond = np.flatnonzero(column[top:] == Region.BEYOND)
    bottom = top + int(beyond[0]) if beyond.size else column.size
    return (start + top * row_mm, start + bottom * row_mm) if bottom > top else None


def _within_liver(recording: RfRecording, box: Box) -> bool:
    """Whether the ellipse in the box meets neither wall, nor what lies beyond the liver."""
    row_mm = ROW * recording.probe.sample_mm
    top, bottom = ((mm - recording.probe.start_mm) / row_mm for mm in box.depth_mm)
    rows = np.arange(recording.regions.shape[1])
    lines = np.arange(box.lines[0], box.lines[1] + 1)
    middle, half = (box.lines[0] + box.lines[1]) / 2, (box.lines[1] - box.lines[0] + 1) / 2
    inside = ((lines[:, None] - middle) / half) ** 2 + (
        (rows - (top + bottom) / 2) / ((bottom - top) / 2)
    ) ** 2 < 1
    met = recording.regions[lines][inside]
    return not np.isin(met, (Region.SKIN, Region.FAT, Region.MUSCLE, Region.BEYOND)).any()


def _more(probe: Probe) -> dict[str, float]:
    names = ("focus_mm", "f_number", "transmit_f_number", "aperture_mm", "noise_db")
    span = "span_mm" if probe.geometry == "linear" else "span_deg"
    return {**{name: float(getattr(probe, name)) for name in names}, span: float(probe.span)}
