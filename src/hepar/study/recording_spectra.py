"""Mean power spectra of a region near its top, in its middle and near its bottom, for the eye."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.quality import WINDOW_MM
from ..imaging.ultrasound.spectra import BELOW, LEAST_WAVES, Spectra, spectra

SHARES = (1 / 6, 1 / 2, 5 / 6)
"""Where in the region, from its top."""
MOST_FRAMES = 16
"""Of which spectra are drawn, evenly spread."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DepthSpectrum:
    """Mean over lines and frames at one depth, with gain undone: echo with noise, and noise alone.

    `level_db` and `noise_db` (n,) are over the largest level of all depths that are drawn together. `peak_mhz` is where
    the echo is strongest; None where nothing stands above the noise.
    """

    depth_mm: float
    frequency_mhz: Floats
    level_db: Floats
    noise_db: Floats
    peak_mhz: float | None


def window_mm(frames: RfFrames) -> float:
    """Length of the windows of spectra: 4 mm, or more where waves are long."""
    return max(WINDOW_MM, LEAST_WAVES * frames.wavelength_mm / 2)


def depth_spectra(frames: RfFrames, *, box: Box, offset: float = 0.0) -> tuple[DepthSpectrum, ...]:
    """Spectra of the windows next to a sixth, a half and five sixths of `box`; fewer where it has fewer windows.

    `offset` is taken off the numbers of the recording first. Raises `DataError` for frames with no room for a window.
    """
    chosen = np.unique(np.linspace(0, len(frames.rf) - 1, MOST_FRAMES).round().astype(int))
    some = replace(frames, rf=frames.rf[chosen] - np.float32(offset), frame_times_ms=None)
    found = spectra(some, box=Box(frames.whole().depth_mm, box.lines), window_mm=window_mm(frames))
    top, bottom = box.depth_mm
    windows = {int(np.abs(found.depth_mm - top - share * (bottom - top)).argmin()) for share in SHARES}
    largest = max(float(found.power[k].mean(axis=0).max()) for k in windows)
    return tuple(
        _at(found, k, largest=max(largest, 1e-30), from_mhz=BELOW * frames.fc_mhz) for k in sorted(windows)
    )


def _at(found: Spectra, window: int, *, largest: float, from_mhz: float) -> DepthSpectrum:
    mean = found.power[window].mean(axis=0).astype(np.float64)
    echo = np.where(found.usable[window] & (found.frequency_mhz > from_mhz), found.signal()[window], 0.0)
    return DepthSpectrum(
        depth_mm=float(found.depth_mm[window]),
        frequency_mhz=found.frequency_mhz,
        level_db=_db(mean, largest),
        noise_db=_db(found.noise[window].astype(np.float64), largest),
        peak_mhz=float(found.frequency_mhz[int(echo.argmax())]) if echo.any() else None,
    )


def _db(power: Floats, largest: float) -> Floats:
    made: Floats = 10 * np.log10(np.maximum(power / largest, 1e-15))
    return made
