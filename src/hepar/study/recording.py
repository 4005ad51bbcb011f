"""One recording of raw ultrasound, measured: what it is, whether it can be measured, and what it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from ..core.errors import DataError, HeparError, ProtocolError
from ..imaging.ultrasound.doubts import Problem
from ..imaging.ultrasound.foreseen import METHOD_OF
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.independence import independent_frames, independent_lines
from ..imaging.ultrasound.maps import Maps
from ..imaging.ultrasound.parameters import LIMITS, Parameters, parameters
from ..imaging.ultrasound.precision import LIMIT, Method, Precision, precision_of
from ..imaging.ultrasound.quality import Quality, quality
from ..imaging.ultrasound.reference import Phantom
from ..imaging.ultrasound.resampling import Estimate, too_few
from .recording_maps import maps_of
from .recording_spectra import DepthSpectrum, depth_spectra, window_mm

DRAWS, SEED = 200, 0
USUAL_REGION = "liver"
"""Taken where several are marked and none is named."""
WHOLE, GIVEN = "all of the frame", "depths and lines as given"
OF_DIAMETER = ("diameter_um", "concentration_db")
"""Parameters that need the diameter of the phantom's scatterers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to measure: a region by its name, or depths and lines; all of the frame where neither is given."""

    region: str | None = None
    depth_mm: tuple[float, float] | None = None
    lines: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.region is not None and (self.depth_mm or self.lines):
            raise ProtocolError(
                f"region {self.region!r} is named, and depths or lines are given too; give one or the other"
            )

    def found(self, frames: RfFrames) -> tuple[str, Box | None, str]:
        """Name and box (None: all of the frame), and what has to be said of the choice.

        Raises:
            DataError: there is no such region, or it reaches out of the frame.
        """
        if self.region is not None:
            return self.region, frames.region(self.region), ""
        if self.depth_mm or self.lines:
            whole = frames.whole()
            box = Box(self.depth_mm or whole.depth_mm, self.lines or whole.lines)
            frames.refuse_outside(box, name="asked for")
            return GIVEN, box, ""
        if not frames.regions:
            return WHOLE, None, ""
        name = USUAL_REGION if USUAL_REGION in frames.regions else next(iter(frames.regions))
        others = ", ".join(one for one in frames.regions if one != name)
        said = f"no region was named: {name} was taken; others are {others}" if others else ""
        return name, frames.regions[name], said


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reading:
    """A recording as it was read: by which reader, and how many frames the whole clip has."""

    frames: RfFrames
    reader: str
    clip_frames: int
    beamformed: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measured:
    """What a recording tells of `box`, called `region`.

    `problems` are all doubts, `quality` is None where nothing could be looked at. `precision` is that expected of
    attenuation, or `precision_reason` says why it is not known; `method` is the one that this recording allows.
    `spectra` are those at three depths. `values` hold the parameters that may be told, `reasons` why another may not,
    `maps` are there where a phantom allows them, `remarks` what the values rest on and `notes` what was decided.
    """

    reading: Reading
    region: str
    box: Box
    problems: tuple[Problem, ...]
    quality: Quality | None
    precision: Precision | None
    precision_reason: str
    method: Method
    spectra: tuple[DepthSpectrum, ...] = ()
    values: Mapping[str, Estimate] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    maps: Maps | None = None
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> RfFrames:
        """The recording."""
        return self.reading.frames

    @property
    def whole(self) -> bool:
        """Whether all of the frame was taken, because no region is marked or given."""
        return self.region == WHOLE

    @property
    def usable(self) -> bool:
        """Whether nothing forbids numbers."""
        return not any(problem.severity == "refuse" for problem in self.problems)

    @property
    def simulated(self) -> bool:
        """Whether the recording says that it is."""
        return is_simulated(self.frames)


def is_simulated(frames: RfFrames) -> bool:
    """Whether remark or device say so."""
    return "SIMULATED" in f"{frames.remark} {frames.device}".upper()


def measure(
    reading: Reading,
    place: Place | None = None,
    *,
    phantom: Phantom | None = None,
    diameter_known: bool = True,
    path_attenuation: float | None = None,
    notes: Sequence[str] = (),
) -> Measured:
    """Quality, expected precision and spectral parameters of one place of a recording.

    A recording that cannot be measured has `problems` that say why, and no values. Attenuation whose expected precision
    does not suffice is not told, and neither is one below 0. Without `diameter_known`, what needs the diameter of the
    phantom's scatterers is not told. For `path_attenuation` see `hepar.imaging.ultrasound.parameters`.

    Raises:
        DataError: there is no such region, or it reaches out of the frame.
    """
    frames = reading.frames
    region, asked, said = (place or Place()).found(frames)
    box = asked or frames.whole()
    seen, problems = _looked_at(frames, asked, phantom=phantom)
    precision, why_not, by = _expected(frames, phantom, box=box, seen=seen)
    made = Measured(
        reading=reading,
        region=region,
        box=box,
        problems=problems,
        quality=seen,
        precision=precision,
        precision_reason=why_not,
        method=_method(frames, phantom),
        spectra=() if seen is None else depth_spectra(frames, box=box, offset=seen.counts.offset),
        notes=tuple(line for line in (*notes, said, by) if line),
    )
    if not made.usable:
        return made
    return _with_values(made, phantom, diameter_known=diameter_known, path_attenuation=path_attenuation)


def _looked_at(
    frames: RfFrames, asked: Box | None, *, phantom: Phantom | None
) -> tuple[Quality | None, tuple[Problem, ...]]:
    box = asked or frames.whole()
    few = [*_few_lines(box), *([] if asked else [_no_region()])]
    try:
        seen = quality(frames, None if phantom is None else phantom.frames, box=asked)
    except HeparError as error:
        return None, (Problem("nothing to look at", "refuse", str(error)), *few)
    return seen, (*seen.problems, *few)


def _no_region() -> Problem:
    return Problem("no region", "warn", (
        "no region is marked or given: all of the frame is taken, layers and vessels with it; give depths and lines of"
        " one tissue"
    ))  # fmt: skip


def _few_lines(box: Box) -> list[Problem]:
    said = too_few(box.lines[1] - box.lines[0] + 1)
    return [Problem("few lines", "refuse", said)] if said else []


def _method(frames: RfFrames, phantom: Phantom | None) -> Method:
    """The way to attenuation that is open."""
    if phantom is None:
        return "spectral_shift"
    known = frames.tgc_db is not None and phantom.frames.tgc_db is not None
    return "reference_phantom" if known else "gain_free"


def _expected(
    frames: RfFrames, phantom: Phantom | None, *, box: Box, seen: Quality | None
) -> tuple[Precision | None, str, str]:
    """Expected precision, or why it is not known; and what was taken for the bandwidth where that is not told."""
    if seen is None or seen.band is None:
        return None, "no echo stands above the noise", ""
    width = frames.bandwidth or seen.band.bandwidth
    by = "" if frames.bandwidth else (
        f"the recording does not tell its bandwidth: expected precision rests on {width:.2f}, as measured"
    )  # fmt: skip
    looks = np.inf
    if phantom is not None:
        wide = Box(phantom.frames.whole().depth_mm, (0, phantom.frames.rf.shape[1] - 1))
        looks = independent_lines(phantom.frames, box=wide) * independent_frames(phantom.frames, box=wide)
    try:
        found = precision_of(
            frames, box=box, bandwidth=width, reference_spectra=looks, window_mm=window_mm(frames)
        )
    except HeparError as error:
        return None, str(error), by
    return found, "", by


def _with_values(
    made: Measured, phantom: Phantom | None, *, diameter_known: bool, path_attenuation: float | None
) -> Measured:
    """The parameters, less those that may not be told."""
    try:
        found = _parameters(made, phantom, path_attenuation=path_attenuation)
    except DataError as error:
        refused = Problem("not measurable", "refuse", str(error))
        return replace(made, problems=(*made.problems, refused))
    against = _imprecise(made) | _below_zero(found.values)
    if phantom is not None and not diameter_known:
        against |= dict.fromkeys(OF_DIAMETER, "the diameter of the phantom's scatterers was not given")
    against = {name: reason for name, reason in against.items() if name not in found.reasons}
    values = {name: one for name, one in found.values.items() if name not in against}
    reasons = {**against, **found.reasons}
    ordered = {name: reasons[name] for name in LIMITS if name in reasons}
    maps = maps_of(made.frames, phantom, values=values, window_mm=window_mm(made.frames))
    return replace(made, values=values, reasons=ordered, remarks=found.remarks, maps=maps)


def _parameters(made: Measured, phantom: Phantom | None, *, path_attenuation: float | None) -> Parameters:
    settings = partial(parameters, box=made.box, seed=SEED, draws=DRAWS, window_mm=window_mm(made.frames))
    if phantom is None:
        return settings(made.frames, None)
    return settings(
        made.frames,
        phantom.frames,
        reference_attenuation=phantom.attenuation,
        reference_diameter_um=phantom.diameter_um,
        path_attenuation=path_attenuation,
    )


def _imprecise(made: Measured) -> dict[str, str]:
    """Slopes of attenuation that this acquisition cannot tell well enough."""
    if made.precision is None:
        return dict.fromkeys(METHOD_OF, f"its precision cannot be told: {made.precision_reason}")
    return {
        name: f"expected standard deviation {made.precision.sd(method):.2g}, at most {LIMIT:g} is given; see expected"
        " precision"
        for name, method in METHOD_OF.items()
        if not made.precision.enough(method=method)
    }


def _below_zero(values: Mapping[str, Estimate]) -> dict[str, str]:
    """No tissue gives sound more strength: something else tilts the spectrum over depth."""
    return {
        name: f"{one.value:.2g} ({one.low:.2g} to {one.high:.2g}) lies below 0, which no tissue has: the region is not"
        " of one tissue, or beam, time gain or noise act like attenuation"
        for name, one in values.items()
        if name in METHOD_OF and one.high < 0
    }
