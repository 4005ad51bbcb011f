"""Maps of a frame: attenuation, calibrated spectrum and envelope statistics of small cells, in one pass.

One real transform per line and window serves all spectral maps. Slopes of the logarithm of the ratio to the reference
over frequency and depth are sums, which running totals turn into cells of any size.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, ProtocolError
from .envelope import envelope
from .frames import Box, RfFrames
from .levels import DB, in_band, sharpened
from .presets import refuse_other_preset
from .reference import Phantom
from .speckle_maps import over_lines, speckle
from .spectra import Spectra, spectra

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
UNITS: Mapping[str, str] = {
    "attenuation_db_cm_mhz": "dB/cm/MHz",
    "midband_db": "dB",
    "lizzi_slope_db_mhz": "dB/MHz",
    "lizzi_intercept_db": "dB",
    "nakagami_m": "1",
    "entropy_bit": "bit",
}
"""Names of the maps."""
OVERLAP = 0.5
HEIGHT_MM = 20.0
"""Depth over which the ratio's fall gives the local attenuation."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Maps:
    """Maps (depths, columns) by name with unit, NaN where noise leaves nothing.

    `depth_mm` (depths,) are the middles of the windows, `line` (columns,) the middles of the groups of lines, from 0,
    and `lateral_mm` (columns,) how far across from the middle of the probe's face they are at the middle depth.
    """

    values: Mapping[str, Array]
    depth_mm: Floats
    line: Floats
    lateral_mm: Floats


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prepared:
    """A reference phantom ready for many frames of one preset: see `prepared`."""

    frames: RfFrames
    box: Box
    window_mm: float
    lines: int
    attenuation: float
    found: Spectra
    level: Floats
    use: NDArray[np.bool_]


def prepared(known: Phantom, *, window_mm: float = 4.0, lines: int = 16, box: Box | None = None) -> Prepared:
    """The phantom's spectra of windows of `window_mm` that overlap by half, for maps of cells of so many `lines`.

    `box` is the part to be mapped, all of the phantom's recording without. Raises `ProtocolError` where `lines` is not
    from 1 to the number of lines.
    """
    where = box or known.frames.whole()
    if not 1 <= lines <= where.lines[1] - where.lines[0] + 1:
        raise ProtocolError(f"lines is {lines!r}; give 1 to the lines mapped, 16 is usual")
    found = known.spectra(box=where, window_mm=window_mm, overlap=OVERLAP)
    use = in_band(found)
    if not use.any():
        raise DataError("nothing of the reference phantom stands above its noise; record it again")
    level = sharpened(
        np.log(found.signal())[None],
        found.frequency_mhz,
        depth_mm=found.depth_mm,
        use=use,
        smear_mhz=found.smear_mhz,
    )[0]
    return Prepared(known.frames, where, window_mm, lines, known.attenuation, found, level, use)


def spectral_maps(
    frames: RfFrames, reference: Prepared, *, attenuation: float | None = None, height_mm: float = HEIGHT_MM
) -> Maps:
    """Maps of the mean of `frames` at half a window and a quarter of the lines of a cell from cell to cell.

    Midband, slope and intercept are those of the spectrum over the reference's at the same depth (Lizzi and others
    1983), compensated for a path of mean `attenuation` (dB/cm/MHz), without it for one like the reference's. Local
    attenuation is the reference phantom method (Yao, Zagzebski and Madsen 1990) in cells of `height_mm`; no vessel is
    left out. Nakagami parameter and entropy are those of cells of one window. Cells below 10 dB of signal over noise
    in band, and windows in which too few frequencies stand above it, are NaN.

    Raises:
        DataError: another preset than the reference's.
        ProtocolError: `height_mm` is not above a window.
    """
    refuse_other_preset(frames, reference.frames)
    if not height_mm > reference.window_mm:
        raise ProtocolError(
            f"height_mm is {height_mm!r}; give more than a window of {reference.window_mm:g} mm"
        )
    found = spectra(frames, box=reference.box, window_mm=reference.window_mm, overlap=OVERLAP)
    use = in_band(found, reference.found)
    step = max(reference.lines // 4, 1)
    bins = np.count_nonzero(use, axis=0) > 0
    cells = over_lines(found.power[..., bins], lines=reference.lines, step=step) / reference.lines
    values = _spectral(cells, found, use, reference=reference, attenuation=attenuation, height_mm=height_mm)
    nakagami, entropy = _speckle(frames, reference, step=step, windows=found.depth_mm.size)
    empty = np.isnan(values["midband_db"])
    values |= {
        "nakagami_m": np.where(empty, np.nan, nakagami),
        "entropy_bit": np.where(empty, np.nan, entropy),
    }
    line = reference.box.lines[0] + (reference.lines - 1) / 2 + step * np.arange(cells.shape[1], dtype=float)
    return Maps(
        {name: values[name].astype(np.float32) for name in UNITS},
        found.depth_mm,
        line,
        _across(frames, line, depth_mm=float(found.depth_mm.mean())),
    )


def _spectral(
    cells: Floats,
    found: Spectra,
    use: NDArray[np.bool_],
    *,
    reference: Prepared,
    attenuation: float | None,
    height_mm: float,
) -> dict[str, Floats]:
    """Maps of the ratio of `cells` (w, columns, used n) to the reference."""
    bins = np.count_nonzero(use, axis=0) > 0
    nothing = np.full(cells.shape[:2], np.nan)
    if not bins.any():
        return dict.fromkeys(list(UNITS)[:4], nothing)
    mask, at, depth = use[:, bins], found.frequency_mhz[bins], found.depth_mm / 10
    noise = found.noise[:, None, bins]
    signal = np.maximum(cells - noise, 1e-3 * noise + np.finfo(np.float32).tiny)
    faint = ((signal - 10 * noise) * mask[:, None]).sum(axis=2) < 0
    level = sharpened(
        np.log(signal).swapaxes(0, 1), at, depth_mm=found.depth_mm, use=mask, smear_mhz=found.smear_mhz
    )
    ratio = DB * (level.swapaxes(0, 1) - reference.level[:, None, bins])
    count = mask.sum(axis=1)
    off = faint | (count == 0)[:, None]
    slope, middle = _line(ratio, mask, at)
    mean = np.broadcast_to(((mask * at).sum(axis=1) / np.maximum(count, 1))[:, None], slope.shape)
    local = (
        reference.attenuation
        - _fall(ratio, mask & (count > 0)[:, None], at, depth=depth, height=height_mm / 10) / 2
    )
    if attenuation is not None:
        added = 2 * (attenuation - reference.attenuation) * depth[:, None]
        slope, middle = slope + added, middle + added * mean
    centre = (at[0] + at[-1]) / 2
    made = {
        "attenuation_db_cm_mhz": local,
        "midband_db": middle + slope * (centre - mean),
        "lizzi_slope_db_mhz": slope,
        "lizzi_intercept_db": middle - slope * mean,
    }
    return {name: np.where(off, np.nan, one) for name, one in made.items()}


def _line(ratio: Floats, mask: NDArray[np.bool_], at: Floats) -> tuple[Floats, Floats]:
    """Slope over frequency and mean (w, columns) of `ratio` (w, columns, n) where `mask` (w, n)."""
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    share = mask / count
    pull = mask * (at - (share * at).sum(axis=1, keepdims=True))
    pull = pull / np.maximum((pull**2).sum(axis=1, keepdims=True), 1e-12)
    both = np.matmul(ratio, np.stack((pull, share), axis=2))
    return both[..., 0], both[..., 1]


def _fall(ratio: Floats, mask: NDArray[np.bool_], at: Floats, *, depth: Floats, height: float) -> Floats:
    """Coefficient (w, columns) of f z in `ratio` within `height` cm around every window, a level for each frequency."""
    half = max(round(height / (depth[1] - depth[0]) / 2), 1) if depth.size > 1 else 1
    low = np.maximum(np.arange(depth.size) - half, 0)
    high = np.minimum(np.arange(depth.size) + half + 1, depth.size)

    def within(values: Floats) -> Floats:
        total = np.cumsum(np.concatenate((np.zeros_like(values[:1]), values)), axis=0)
        made: Floats = total[high] - total[low]
        return made

    inside, along = mask.astype(np.float64), depth[:, None]
    count, first = within(inside), within(inside * along)
    mean = first / np.maximum(count, 1)
    spread = within(inside * along**2) - mean * first
    seen = ratio * inside[:, None]
    with_depth, level = within(seen * along[..., None]), within(seen)
    total = np.matmul(with_depth - mean[:, None] * level, at)
    weight = (spread * at**2).sum(axis=1, keepdims=True)
    made: Floats = np.where(weight > 0, total / np.maximum(weight, 1e-12), np.nan)
    return made


def _speckle(frames: RfFrames, reference: Prepared, *, step: int, windows: int) -> tuple[Floats, Floats]:
    """Nakagami parameter and entropy (w, columns) of the same cells."""
    lines, samples = frames.within(reference.box)
    size = round(reference.window_mm / frames.sample_mm)
    hop = max(round(size * (1 - OVERLAP)), 1)
    intensity = envelope(frames.without_gain()[:, lines])[..., samples] ** 2
    intensity = intensity[..., : (windows + 1) * hop]
    short = (windows + 1) * hop - intensity.shape[2]
    if short > 0:  # the last cell may lack a sample where half a window is no whole number of them
        intensity = np.pad(intensity, ((0, 0), (0, 0), (0, short)), mode="edge")
    return speckle(intensity, hop=hop, lines=reference.lines, step=step)


def _across(frames: RfFrames, line: Floats, *, depth_mm: float) -> Floats:
    place = frames.line_origin_mm[:, 0] + depth_mm * np.sin(np.radians(frames.line_angle_deg))
    made: Floats = np.interp(line, np.arange(place.size), place.astype(np.float64))
    return made
