"""The B-mode picture of a recording, from its very radio frequency: envelope, logarithm, scan conversion."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from .envelope import envelope
from .frames import RfFrames
from .scan_conversion import scan_conversion

WHITE_DB = 85.0
"""Envelope, dB over one count of a 16-bit converter, that is shown white: 5 dB below its full scale."""
WHITE_SHARE = 0.999
"""Share of the envelopes of a recording in numbers of unknown unit that are not white."""
MOST_FRAMES = 6
"""Of which that is taken, evenly spread."""
POOLED_MM = 0.15
"""Depth over which the envelope is averaged before the logarithm; finer than a pixel or a pulse."""
DARKEST = np.float32(1e-20)


@dataclass(frozen=True, slots=True, eq=False)
class BMode:
    """`pixels` (frames, rows, columns), 0 outside the lines; `inside` (rows, columns) is where they reach.

    The first row lies at `z_mm`, the first column at `x_mm` (0 in the middle of the probe's face). An envelope of
    `white_db` over 1 in the numbers of the recording is shown 255.
    """

    pixels: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    mm_per_px: float
    x_mm: float
    z_mm: float
    white_db: float
    dynamic_range_db: float


def white_level_db(frames: RfFrames) -> float:
    """The level shown white where none is given, dB over 1 in the numbers of `frames.rf`.

    Counts of a 16-bit converter have a fixed one, 85 dB, so that gain makes the picture brighter, as on a scanner.
    Floating-point numbers have no full scale: of theirs, the brightest thousandth of the recording is white, so that
    gain that is the same at all depths does not show. Give `white_db` where it should.
    """
    if frames.rf.dtype == np.int16:
        return WHITE_DB
    chosen = np.unique(np.linspace(0, len(frames.rf) - 1, MOST_FRAMES).astype(int))
    level = max(float(np.quantile(envelope(frames.rf[k]), WHITE_SHARE)) for k in chosen)
    return 20 * float(np.log10(max(level, float(DARKEST))))


def pooled(frames: RfFrames) -> int:
    """Samples that share a depth of `compressed`: those of 0.15 mm."""
    return max(1, round(POOLED_MM / frames.sample_mm))


def compressed(
    frames: RfFrames,
    *,
    dynamic_range_db: float = 60.0,
    white_db: float | None = None,
    restore_gain: bool = True,
    tgc_db_cm: float = 0.0,
) -> NDArray[np.uint8]:
    """Logarithm of the envelope (frames, lines, depths): 255 at `white_db`, 0 from `dynamic_range_db` below it on.

    This is what a network sees, and `b_mode` only places it in the picture. Depth k is the mean envelope of samples
    `k pooled(frames)` to `(k + 1) pooled(frames) - 1`; what is left at the end is dropped.

    Without `restore_gain`, gain and time gain are undone as far as the recording tells them. `tgc_db_cm` is time gain
    added for display, from the first sample on, to recordings that have none. Default white: `white_level_db`.
    """
    _refuse(dynamic_range_db=dynamic_range_db, white_db=white_db, tgc_db_cm=tgc_db_cm)
    white = white_level_db(frames) if white_db is None else white_db
    every = pooled(frames)
    count = frames.rf.shape[2] // every
    level_db = _display_gain_db(frames, restore_gain=restore_gain, tgc_db_cm=tgc_db_cm)
    shift = _means(level_db[None].astype(np.float32), every)[0] - np.float32(white - dynamic_range_db)
    made = np.empty((*frames.rf.shape[:2], count), dtype=np.uint8)
    for grey, frame in zip(made, frames.rf, strict=True):
        found = _means(envelope(frame), every)
        np.maximum(found, DARKEST, out=found)
        np.log10(found, out=found)
        found *= np.float32(20)
        found += shift
        found *= np.float32(255 / dynamic_range_db)
        np.rint(found, out=found)
        grey[...] = np.clip(found, 0, 255, out=found)
    return made


def b_mode(
    frames: RfFrames,
    *,
    dynamic_range_db: float = 60.0,
    white_db: float | None = None,
    mm_per_px: float = 0.3,
    restore_gain: bool = True,
    tgc_db_cm: float = 0.0,
) -> BMode:
    """The picture of every frame in mm: `compressed`, between whose values scan conversion interpolates.

    `mm_per_px` from 0.05 to 5. Raises `DataError` for sizes that cannot be shown and lines that form no picture.
    """
    white = white_level_db(frames) if white_db is None else white_db
    polar = compressed(
        frames,
        dynamic_range_db=dynamic_range_db,
        white_db=white,
        restore_gain=restore_gain,
        tgc_db_cm=tgc_db_cm,
    )
    every = pooled(frames)
    screen = scan_conversion(
        frames,
        depths=polar.shape[2],
        first_mm=frames.start_mm + (every - 1) / 2 * frames.sample_mm,
        step_mm=every * frames.sample_mm,
        mm_per_px=mm_per_px,
    )
    pixels = np.empty((polar.shape[0], *screen.inside.shape), dtype=np.uint8)
    for shown, frame in zip(pixels, polar, strict=True):
        shown[...] = np.rint(screen.picture(frame))
    return BMode(pixels, screen.inside, mm_per_px, screen.x_mm, screen.z_mm, white, dynamic_range_db)


def _display_gain_db(frames: RfFrames, *, restore_gain: bool, tgc_db_cm: float) -> NDArray[Any]:
    """What is added to the levels of the samples (samples,)."""
    added = (frames.depth_mm - frames.start_mm) / 10 * tgc_db_cm
    if restore_gain:
        return added
    return added - (0.0 if frames.tgc_db is None else frames.tgc_db) - (frames.gain_db or 0.0)


def _means(values: NDArray[np.float32], every: int) -> NDArray[np.float32]:
    """Means of `every` neighbours along the last axis; slices are added, which is faster than a short axis."""
    whole = values.shape[-1] // every * every
    made = values[..., 0:whole:every].copy()
    for k in range(1, every):
        made += values[..., k:whole:every]
    made *= np.float32(1 / every)
    return made


def _refuse(*, dynamic_range_db: float, white_db: float | None, tgc_db_cm: float) -> None:
    if not (np.isfinite(dynamic_range_db) and 10 <= dynamic_range_db <= 120):
        raise DataError(f"dynamic_range_db is {dynamic_range_db!r}; give 10 to 120")
    if white_db is not None and not np.isfinite(white_db):
        raise DataError(
            f"white_db is {white_db!r}; give a level in dB over 1 in the numbers of the recording"
        )
    if not (np.isfinite(tgc_db_cm) and 0 <= tgc_db_cm <= 20):
        raise DataError(f"tgc_db_cm is {tgc_db_cm!r}; give 0 to 20 dB/cm")
