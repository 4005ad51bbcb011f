"""Whether a recording can be measured at all: what it holds, and every reason for doubt, before any number."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from .band import Band, measured_band, noise_slope, snr_db, standing
from .counts import Counts, counts_of
from .doubts import (
    Problem,
    of_band,
    of_counts,
    of_gain,
    of_lines,
    of_looks,
    of_phantom,
    of_reference,
    of_region,
)
from .frames import Box, RfFrames
from .independence import frame_correlation, independent_frames, independent_lines
from .line_doubts import of_geometry
from .spectra import LEAST_WAVES, Spectra, spectra

Floats = NDArray[np.float64]
MOST_FRAMES = 6
"""Of which spectra are taken, evenly spread."""
WINDOW_MM = 4.0
COMPANY = 0.8
"""Share of the depths above that echoes must reach through."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quality:
    """What was found, and `problems`, of which those of severity "refuse" forbid any number.

    `band` is None where nothing stands above noise; `noise_slope_db_cm` is None where noise cannot be told. `snr_db`
    (w, n) is echo over noise in windows at `depth_mm` (w,) and `frequency_mhz` (n,): noise is white and read from
    frequencies without echo, see `spectra`. `penetration_mm` is the depth to which half of the band stands above it.
    """

    counts: Counts
    band: Band | None
    noise_slope_db_cm: float | None
    penetration_mm: float
    independent_frames: float
    independent_lines: float
    frame_correlation: float
    depth_mm: Floats
    frequency_mhz: Floats
    snr_db: Floats
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Whether no problem refuses."""
        return not any(problem.severity == "refuse" for problem in self.problems)

    def has(self, name: str) -> bool:
        """Whether there is a problem called `name`."""
        return any(problem.name == name for problem in self.problems)

    def snr_at(self, depth_mm: float, frequency_mhz: float) -> float:
        """Echo over noise, dB, in the window and at the frequency next to those given."""
        window = int(np.abs(self.depth_mm - depth_mm).argmin())
        return float(self.snr_db[window, int(np.abs(self.frequency_mhz - frequency_mhz).argmin())])


def quality(
    frames: RfFrames,
    reference: RfFrames | None = None,
    *,
    box: Box | None = None,
    silence: RfFrames | None = None,
) -> Quality:
    """What a recording holds, and its problems; those of the region `box` where given, of everything otherwise.

    `reference` is the phantom that it will be compared with, `silence` a recording without echo that tells the noise.
    Spectra are taken of the region's lines at all depths, from six frames at most, less the offset. Raises
    `DataError` for a region outside the frame and for frames with no room for a window.
    """
    place = box or frames.whole()
    frames.refuse_outside(place, name="asked for")
    counts = counts_of(frames, box=place)
    found = spectra(
        _some(frames, offset=counts.offset),
        box=Box(frames.whole().depth_mm, place.lines),
        window_mm=max(WINDOW_MM, LEAST_WAVES * frames.wavelength_mm / 2),
        silence=silence,
    )
    inside = (found.depth_mm >= place.depth_mm[0]) & (found.depth_mm <= place.depth_mm[1])
    band = measured_band(found, use=inside)
    stands = standing(found, band=band)
    seen = Quality(
        counts=counts,
        band=band,
        noise_slope_db_cm=noise_slope(found, frames),
        penetration_mm=_penetration(found, stands),
        independent_frames=independent_frames(frames, box=place),
        independent_lines=independent_lines(frames, box=place),
        frame_correlation=frame_correlation(frames, box=place),
        depth_mm=found.depth_mm,
        frequency_mhz=found.frequency_mhz,
        snr_db=snr_db(found),
        problems=(),
    )
    problems = _problems(seen, frames, reference=reference, box=place)
    if box is not None or not stands.any():
        problems += of_region(stands[inside], box=place, penetration_mm=seen.penetration_mm)
    return replace(seen, problems=tuple(problems))


def refuse_unusable(
    frames: RfFrames,
    reference: RfFrames | None = None,
    *,
    box: Box | None = None,
    name: str = "the recording",
) -> Quality:
    """Quality of a recording that may be measured; `DataError` with all that forbids it otherwise."""
    found = quality(frames, reference, box=box)
    if refusing := _refusing(found.problems):
        raise DataError(f"{name} cannot be measured: {refusing}")
    return found


def phantom_problems(reference: RfFrames, *, depth_mm: tuple[float, float]) -> list[Problem]:
    """What is wrong with a reference phantom at the depths `depth_mm`, as far as it was recorded that deep.

    Clipping, offset, dead and shadowed lines and empty frames of it change every ratio to it. Noise is left to the
    estimates, which take only what stands above it.
    """
    whole = reference.whole()
    deep = min(depth_mm[1], whole.depth_mm[1])
    if deep <= max(depth_mm[0], whole.depth_mm[0]):
        return []
    box = Box((max(depth_mm[0], whole.depth_mm[0]), deep), whole.lines)
    return of_phantom(counts_of(reference, box=box), reference=reference, box=box)


def usable_phantom(reference: RfFrames | None, *, depth_mm: tuple[float, float]) -> tuple[Problem, ...]:
    """Doubts about a reference phantom at the depths `depth_mm`; `DataError` with all that forbids it."""
    problems = () if reference is None else tuple(phantom_problems(reference, depth_mm=depth_mm))
    if refusing := _refusing(problems):
        raise DataError(f"{refusing}; such a phantom cannot be measured by")
    return problems


def _refusing(problems: Iterable[Problem]) -> str:
    """All that forbids a number, as one text; empty where nothing does."""
    return ". Also, ".join(problem.message for problem in problems if problem.severity == "refuse")


def _problems(seen: Quality, frames: RfFrames, *, reference: RfFrames | None, box: Box) -> list[Problem]:
    middle = (box.depth_mm[0] + box.depth_mm[1]) / 2
    return [
        *of_counts(seen.counts, frames=frames),
        *of_lines(seen.counts, frames=frames, box=box),
        *of_geometry(frames, depth_mm=middle),
        *of_band(seen.band, frames=frames, depth_mm=middle),
        *of_gain(seen.noise_slope_db_cm, frames=frames, depth_mm=seen.depth_mm),
        *of_looks(
            count=frames.rf.shape[0], independent=seen.independent_frames, correlation=seen.frame_correlation
        ),
        *of_reference(frames, reference, box=box),
        *(() if reference is None else phantom_problems(reference, depth_mm=box.depth_mm)),
    ]


def _some(frames: RfFrames, *, offset: float) -> RfFrames:
    """A few frames without the offset, which would be taken for noise or for a band."""
    count = frames.rf.shape[0]
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_FRAMES)).round().astype(int))
    return replace(frames, rf=frames.rf[chosen] - np.float32(offset), frame_times_ms=None)


def _penetration(found: Spectra, stands: NDArray[np.bool_]) -> float:
    """The last depth that stands above noise, as most above it do; 0 where none does."""
    share = np.cumsum(stands) / np.arange(1, stands.size + 1)
    reached = np.flatnonzero(stands & (share >= COMPANY))
    return float(found.depth_mm[reached[-1]]) if reached.size else 0.0
