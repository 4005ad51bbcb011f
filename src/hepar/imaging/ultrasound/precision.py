"""How precisely an acquisition can measure attenuation, known before any echo is recorded.

Derived here. The logarithm of a power spectrum of speckle, averaged over N independent lines, has the variance
trigamma(N) (1/N for many), and two of its values, apart in depth and frequency, are as correlated as the windows that
they are taken through: the squared magnitude of the window's ambiguity function. Each method's attenuation is a linear
combination of such logarithms, so that its variance follows. It is chance alone: neither vessels nor reverberation nor
what focus and beam do to a method without reference are in it, so that tissue is at best as precise.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma

from ...core.errors import DataError, ProtocolError, choices
from .frames import Box, RfFrames
from .independence import independent_frames, independent_lines
from .sampling import HALF, USABLE_DB, Sampling
from .spectra import spectra

Floats = NDArray[np.float64]
Method = Literal["reference_phantom", "gain_free", "spectral_shift"]
METHODS: tuple[Method, ...] = get_args(Method)
LIMIT = 0.1
"""Largest standard deviation, dB/cm/MHz, with which attenuation is told: a fifth of that of a normal liver."""
DB = float(10 / np.log(10))


@dataclass(frozen=True, slots=True)
class Precision:
    """Expected standard deviation of the attenuation slope, dB/cm/MHz, by each method, and what it rests on.

    `spectra` is the number of independent spectra (lines times frames) at a depth, `windows` the number of depths,
    `band_mhz` the frequencies used.
    """

    reference_phantom: float
    gain_free: float
    spectral_shift: float
    lines: int
    spectra: float
    windows: int
    band_mhz: tuple[float, float]
    depth_mm: tuple[float, float]

    def sd(self, method: Method = "reference_phantom") -> float:
        """That of one method."""
        if method not in METHODS:
            raise ProtocolError(f"there is no method {method!r} of attenuation; {choices(method, METHODS)}")
        return float(getattr(self, method))

    def enough(self, limit: float = LIMIT, *, method: Method = "reference_phantom") -> bool:
        """Whether attenuation may be told."""
        return self.sd(method) <= limit

    def advice(self, limit: float = LIMIT, *, method: Method = "reference_phantom") -> str:
        """What to expect, and where that is not enough, what would be; one of the remedies suffices."""
        sd = self.sd(method)
        low, high = self.band_mhz
        what = (
            f"{self.lines} line{'' if self.lines == 1 else 's'} ({self.spectra:.3g} independent spectra) at"
            f" {low:.3g} to {high:.3g} MHz over"
            f" {self.depth_mm[1] - self.depth_mm[0]:.3g} mm"
        )
        how = (
            f"{method.replace('_', ' ')}: expected standard deviation {sd:.2g} dB/cm/MHz, allowed {limit:.2g}"
        )
        if sd <= limit:
            return f"{what} can measure attenuation by {how}"
        more = (sd / limit) ** 2
        taller = (self.depth_mm[1] - self.depth_mm[0]) * more ** (1 / 3)
        return (
            f"{what} cannot measure attenuation by {how}; record {more:.1f} times as many lines or independent"
            f" frames (another place, not a held probe), a region {taller:.0f} mm tall, or a wider band"
        )


def refuse_imprecise(
    precision: Precision, *, limit: float = LIMIT, method: Method = "reference_phantom"
) -> None:
    """Raise `DataError` with the advice where the acquisition cannot measure attenuation well enough."""
    if not precision.enough(limit, method=method):
        raise DataError(precision.advice(limit, method=method))


def expected_precision(
    *,
    fc_mhz: float,
    bandwidth: float,
    fs_mhz: float,
    lines: int,
    depth_mm: tuple[float, float],
    line_spacing_mm: float | None = None,
    beam_mm: float | None = None,
    independent_lines: float | None = None,
    independent_frames: float = 1.0,
    reference_spectra: float = np.inf,
    window_mm: float = 4.0,
    overlap: float = 0.75,
    snr_db: float = np.inf,
    c_mm_us: float = 1.54,
) -> Precision:
    """Expected precision of attenuation in a homogeneous region over `depth_mm` (top, bottom).

    `bandwidth` is the two-way -6 dB width over `fc_mhz` of a Gaussian band. Lines are independent where they are far
    apart for the beam: give `line_spacing_mm` with `beam_mm` (two-way width at half amplitude), or
    `independent_lines` as measured; without either all are. `reference_spectra` counts the independent lines of all
    frames of the reference phantom, whose chance adds to that of the sample. `snr_db` is the power of the echo over
    the noise at the peak of the band. Windows are Hann's, as in `spectra`; used are frequencies within 15 dB of the
    peak and 10 dB above the noise, as in `levels`.

    Raises `ProtocolError` for numbers that cannot be, and where fewer than four windows fit into the region.
    """
    given = Sampling(fc_mhz, bandwidth, fs_mhz, lines, depth_mm, window_mm, overlap, snr_db, c_mm_us)
    count = independent_lines or lines / alike(lines, spacing_mm=line_spacing_mm, beam_mm=beam_mm)
    looks = count * independent_frames
    if not 1 <= count <= lines or not 1 <= independent_frames < np.inf or not reference_spectra >= 1:
        raise ProtocolError(
            f"{count!r} of {lines} lines, {independent_frames!r} frames and {reference_spectra!r} spectra of the"
            " reference are taken as independent; each is 1 or more, and lines are no more than there are"
        )
    ours = float(polygamma(1, looks))
    both = ours + float(polygamma(1, reference_spectra) if np.isfinite(reference_spectra) else 0.0)
    plain, free = given.spread(_over_origin), given.spread(_interaction) * given.dilution
    return Precision(
        reference_phantom=plain * float(np.sqrt(both)),
        gain_free=free * float(np.sqrt(both)),
        spectral_shift=free * float(np.sqrt(ours)),
        lines=lines,
        spectra=looks,
        windows=given.middle_cm.size,
        band_mhz=(float(given.frequency_mhz[0]), float(given.frequency_mhz[-1])),
        depth_mm=depth_mm,
    )


def alike(lines: int, *, spacing_mm: float | None, beam_mm: float | None) -> float:
    """Number of neighbouring lines that tell as much as one independent line; Gaussian beams.

    Powers of lines d apart correlate by exp(-d^2 / (2 s^2)), s the standard deviation of the beam's amplitude.
    """
    if spacing_mm is None or beam_mm is None:
        return 1.0
    if not (0 < spacing_mm < np.inf and 0 <= beam_mm < np.inf):
        raise ProtocolError(
            f"lines {spacing_mm!r} mm apart and a beam of {beam_mm!r} mm; give numbers above 0"
        )
    lag = np.arange(1, lines)
    shared = np.exp(-((lag * spacing_mm * HALF / max(beam_mm, 1e-9)) ** 2) / 2)
    return float(1 + 2 * ((1 - lag / lines) * shared).sum())


def precision_of(
    frames: RfFrames,
    *,
    box: Box,
    bandwidth: float | None = None,
    reference_spectra: float = np.inf,
    window_mm: float = 4.0,
    overlap: float = 0.75,
) -> Precision:
    """Of a region of a recording, with the independence of its lines and frames, and its noise, as measured.

    `bandwidth` is needed where the recording does not tell its own. The ratio of echo to noise is that at the peak of
    the window in the middle of the region. Raises `DataError` where nothing stands 10 dB above the noise there.
    """
    known = bandwidth or frames.bandwidth
    if known is None:
        raise DataError(
            "the recording does not tell its bandwidth (two-way, -6 dB, over the centre frequency); give it"
        )
    found = spectra(frames, box=box, window_mm=window_mm, overlap=overlap)
    middle = found.depth_mm.size // 2
    peak = found.signal()[middle].max() / max(float(found.noise[middle].min()), 1e-30)
    snr_db = 10 * float(np.log10(peak))
    if snr_db <= USABLE_DB:
        stands = f"stands {snr_db:.0f} dB above the noise" if snr_db > 0 else "does not stand above the noise"
        raise DataError(
            f"the echo {found.depth_mm[middle]:.0f} mm deep {stands}, needed are over {USABLE_DB:g} dB; take a"
            " shallower region"
        )
    return expected_precision(
        fc_mhz=frames.fc_mhz,
        bandwidth=known,
        fs_mhz=frames.fs_mhz,
        lines=box.lines[1] - box.lines[0] + 1,
        depth_mm=box.depth_mm,
        independent_lines=independent_lines(frames, box=box),
        independent_frames=independent_frames(frames, box=box),
        reference_spectra=reference_spectra,
        window_mm=window_mm,
        overlap=overlap,
        snr_db=snr_db,
        c_mm_us=frames.c_mm_us,
    )


def _over_origin(depth_cm: Floats, frequency_mhz: Floats) -> Floats:
    """Weights (w, n) by which natural logarithms of power give attenuation: slope over depth, then over frequency."""
    along = depth_cm - depth_cm.mean()
    made: Floats = DB / 2 * np.outer(along / (along**2).sum(), frequency_mhz / (frequency_mhz**2).sum())
    return made


def _interaction(depth_cm: Floats, frequency_mhz: Floats) -> Floats:
    """The same from what neither depth alone nor frequency alone explains."""
    along, across = depth_cm - depth_cm.mean(), frequency_mhz - frequency_mhz.mean()
    made: Floats = DB / 2 * np.outer(along / (along**2).sum(), across / (across**2).sum())
    return made
