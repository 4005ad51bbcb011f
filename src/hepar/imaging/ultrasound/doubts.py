"""Reasons for doubt in a recording: each a plain sentence with what was found, what is allowed and what to do."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .band import Band
from .counts import Counts
from .frames import Box, RfFrames
from .presets import other_preset
from .sampling import HALF

Severity = Literal["refuse", "warn"]
CLIPPED_FEW, CLIPPED_MANY = 1e-4, 1e-3
"""Shares of clipped samples: the first anywhere warns, the second within the region refuses."""
COARSE = 64.0
"""Largest count below which rounding is seen in the envelope."""
OFFSET_FEW, OFFSET_MANY = 0.1, 1.0
"""Offset over echoes that warns, and that refuses."""
DEAD_MANY = 0.2
"""Share of dead lines that refuses."""
TYPICAL_BANDWIDTH = 0.6
"""Where a recording tells none."""
NEAR_ZERO, NEAR_END = 0.3, 0.85
"""A peak below the first of the centre frequency, or above the second of half the sampling rate, is no echo's."""
TYPICAL_DB_CM_MHZ, LOWERED = 0.7, 0.25
"""Attenuation that may lower the peak, by so much of the bandwidth at most, for scattering raises it."""
OTHER_WIDTH = 1.8
"""Ratio of measured and told bandwidth that is doubted."""
SAME_SHAPE = 1.3
"""Ratio of measured and told bandwidth up to which the band is the one told, though it may be stretched."""
STRETCHED, SQUEEZED = (1.3, 1.15), (0.6, 0.65)
"""Width in MHz, and middle, over those told, beyond which the frequencies themselves are wrong."""
DOUBTED_STRETCH, DOUBTED_SQUEEZE = (1.2, 1.05), (0.75, 0.75)
"""The same, from which on that is doubted: SIMULATED livers have 0.74 to 1.06 and 0.75 to 1."""
BLANK_MM, BLANK_MANY = 0.5, 0.1
"""Depth without echo in a region that is said, and share of it that refuses."""
FEW_SHADOWED = 0.05
"""Share of a region's lines in a shadow that is said."""
STEEP_DB_CM, FLAT_DB_CM = 1.0, 0.5
"""Slopes of noise over depth: from the first on it is no receiver's, up to the second it is flat."""
LEAST_STANDING, NEARLY_ALL = 0.5, 0.9
"""Share of a region's depths above noise: below the first it is refused, below the second doubted."""
FEW_LOOKS = 0.5
"""Independent frames over frames, below which that is said."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`severity` "refuse": no number may be told of the recording; "warn": with this said."""

    name: str
    severity: Severity
    message: str


def of_counts(found: Counts, *, frames: RfFrames) -> list[Problem]:
    """Clipping, rounding, offset, and data that are no radio frequency."""
    made: list[Problem] = []
    if found.lowest >= 0 and found.highest > 0:
        made.append(Problem("no radio frequency", "refuse", (
            f"no value is below 0 (they run from {found.lowest:g} to {found.highest:g}): an envelope or a picture;"
            " radio frequency swings around 0, record that"
        )))  # fmt: skip
    if max(found.clipped, found.clipped_in_region) > CLIPPED_FEW:
        many = found.clipped_in_region > CLIPPED_MANY
        made.append(Problem("clipped", "refuse" if many else "warn", (
            f"{found.clipped:.2%} of the samples, and {found.clipped_in_region:.2%} in the region, are clipped at"
            f" {found.lowest:g} and {found.highest:g}; allowed are {CLIPPED_MANY:.1%} in the region: lower the gain"
        )))  # fmt: skip
    if frames.rf.dtype == np.int16 and 0 < max(-found.lowest, found.highest) < COARSE:
        made.append(Problem("coarse", "warn", (
            f"no count is beyond {max(-found.lowest, found.highest):g}; below {COARSE:g} rounding shows in weak echoes:"
            " raise the gain"
        )))  # fmt: skip
    if found.offset_share > OFFSET_FEW and found.lowest < 0:
        made.append(Problem("offset", "refuse" if found.offset_share > OFFSET_MANY else "warn", (
            f"the values are offset by {found.offset:.3g}, {found.offset_share:.2g} of the echoes; allowed is"
            f" {OFFSET_FEW:g}: subtract the offset, and check the type of number that was read"
        )))  # fmt: skip
    return made


def of_lines(found: Counts, *, frames: RfFrames, box: Box) -> list[Problem]:
    """Elements, lines and frames without echo."""
    made = _elements(frames)
    inside = [line for line in found.dead_lines if box.lines[0] <= line <= box.lines[1]]
    if found.dead_lines and len(found.empty_frames) < frames.rf.shape[0]:
        share = len(inside) / (box.lines[1] - box.lines[0] + 1)
        made.append(Problem("dead lines", "refuse" if share > DEAD_MANY else "warn", (
            f"{_numbers('line', found.dead_lines)} {_hold(found.dead_lines)} no echo, {len(inside)} of them in the"
            f" region ({share:.0%}, allowed are {DEAD_MANY:.0%}): elements or contact are missing; choose a region of"
            " other lines"
        )))  # fmt: skip
    share = len(found.shadowed_lines) / (box.lines[1] - box.lines[0] + 1)
    if share > FEW_SHADOWED and len(found.empty_frames) < frames.rf.shape[0]:
        made.append(Problem("shadowed lines", "warn", (
            f"{_numbers('line', found.shadowed_lines)}, {share:.0%} of the region's, lie {found.shadow_db:.0f} dB below"
            " the others all the way down: the shadow of lost contact, of a rib or of gas; levels such as backscatter"
            " are too low there: take a region of other lines"
        )))  # fmt: skip
    blank_mm = found.blank_depths * frames.sample_mm
    if blank_mm > BLANK_MM and len(found.empty_frames) < frames.rf.shape[0]:
        share = blank_mm / max(box.depth_mm[1] - box.depth_mm[0], frames.sample_mm)
        made.append(Problem("blank depths", "refuse" if share > BLANK_MANY else "warn", (
            f"{blank_mm:.1f} mm of the region ({share:.0%}, allowed are {BLANK_MANY:.0%}) hold one value in all lines:"
            " nothing was recorded there; take a region within what was recorded"
        )))  # fmt: skip
    if found.empty_frames:
        made.append(Problem("empty frames", "refuse", (
            f"{_numbers('frame', found.empty_frames)} {_hold(found.empty_frames)} one value alone; leave"
            f" {'it' if len(found.empty_frames) == 1 else 'them'} out, or export the recording again"
        )))  # fmt: skip
    if found.repeated_frames:
        made.append(Problem("repeated frames", "warn", (
            f"{_numbers('frame', found.repeated_frames)} {'is' if len(found.repeated_frames) == 1 else 'are'} the one"
            " before again, and tell nothing more"
        )))  # fmt: skip
    return made


def of_band(band: Band | None, *, frames: RfFrames, depth_mm: float) -> list[Problem]:
    """Peaks outside the transducer's band: a wrong sampling rate or centre frequency, harmonics, demodulated data.

    `depth_mm` is the middle of where it was measured; attenuation may have lowered the peak so far from there.
    """
    if band is None:
        return []
    fc, width = frames.fc_mhz, frames.bandwidth or TYPICAL_BANDWIDTH
    if band.peak_mhz < NEAR_ZERO * fc or band.peak_mhz > NEAR_END * frames.fs_mhz / 2:
        where = "near 0" if band.peak_mhz < NEAR_ZERO * fc else "near half the sampling rate"
        return [Problem("demodulated", "refuse", (
            f"the spectrum peaks at {band.peak_mhz:.2f} MHz, {where}, and the transducer works at {fc:g} MHz:"
            " demodulated (IQ) data or an envelope; record radio frequency, or convert IQ with its reader"
        ))]  # fmt: skip
    if stretched := _of_scale(band, frames):
        return stretched
    sd = fc * width / HALF / np.sqrt(2)
    down = min(TYPICAL_DB_CM_MHZ * max(depth_mm, 0) / 10 * np.log(10) / 5 * sd**2, LOWERED * fc * width)
    low, high = fc * (1 - width / 2), fc * (1 + width / 2)
    if low - down <= band.peak_mhz <= high:
        return _width(band, frames)
    far = not fc * (1 - width) <= band.peak_mhz <= fc * (1 + width)
    return [Problem("peak outside the band", "refuse" if far else "warn", (
        f"the spectrum peaks at {band.peak_mhz:.2f} MHz; {low - down:.2f} to {high:.2f} MHz are expected of {fc:g} MHz"
        f" and a bandwidth of {width:g}: the sampling rate is wrong ({frames.fs_mhz * fc / band.peak_mhz:.3g} MHz in"
        f" place of {frames.fs_mhz:g} would bring the peak there), or the centre frequency, or harmonics were received"
    ))]  # fmt: skip


def of_gain(slope: float | None, *, frames: RfFrames, depth_mm: NDArray[np.float64]) -> list[Problem]:
    """Time gain that is unknown, still in the echoes, or never was in them: a receiver's noise knows no depth."""
    if frames.tgc_db is None:
        seen = "" if slope is None else f" (noise changes by {slope:.1f} dB/cm)"
        return [Problem("time gain unknown", "warn", (
            f"the recording does not tell its time gain{seen}: only estimates that need no gain are possible, neither"
            " backscatter nor attenuation from the level over depth; give time_gain if it is known"
        ))]  # fmt: skip
    if slope is None:
        return []
    told = np.interp(depth_mm, frames.depth_mm, frames.tgc_db)
    applied = float(np.polyfit(depth_mm / 10, told, 1)[0])
    if slope > STEEP_DB_CM:
        return [Problem("time gain not undone", "refuse", (
            f"noise rises by {slope:.1f} dB/cm after undoing a time gain of {applied:.1f} dB/cm, allowed is"
            f" {STEEP_DB_CM:g}: more time gain is in the echoes than the recording tells; correct time_gain, or give"
            " none, so that only estimates without gain are made"
        ))]  # fmt: skip
    if slope < -STEEP_DB_CM and abs(slope + applied) < FLAT_DB_CM:
        return [Problem("time gain not applied", "refuse", (
            f"noise is flat as recorded and falls by {-slope:.1f} dB/cm after undoing a time gain of {applied:.1f}"
            " dB/cm: that gain is not in the echoes; give time_gain: none applied"
        ))]  # fmt: skip
    if slope < -STEEP_DB_CM:
        return [Problem("time gain overstated", "refuse" if slope < -2 * STEEP_DB_CM else "warn", (
            f"noise falls by {-slope:.1f} dB/cm after undoing a time gain of {applied:.1f} dB/cm, allowed is"
            f" {STEEP_DB_CM:g}: less time gain is in the echoes than the recording tells, or what was taken for noise"
            " is echo; correct time_gain, or give none, so that only estimates without gain are made"
        ))]  # fmt: skip
    return []


def of_region(stands: NDArray[np.bool_], *, box: Box, penetration_mm: float) -> list[Problem]:
    """A region deeper than echoes reach; `stands` are its depths above noise."""
    share = float(stands.mean()) if stands.size else 0.0
    if share >= NEARLY_ALL:
        return []
    return [Problem("beyond the noise floor", "refuse" if share < LEAST_STANDING else "warn", (
        f"{share:.0%} of the depths from {box.depth_mm[0]:g} to {box.depth_mm[1]:g} mm stand above the noise,"
        f" allowed are {LEAST_STANDING:.0%}; echoes reach {penetration_mm:.0f} mm deep: end the region there"
    ))]  # fmt: skip


def of_looks(*, count: int, independent: float, correlation: float) -> list[Problem]:
    """Frames that repeat one another."""
    if count < 2 or independent >= FEW_LOOKS * count:
        return []
    return [Problem("few independent frames", "warn", (
        f"{count} frames tell as much as {independent:.1f} (neighbours correlate by {correlation:.3f});"
        " move the probe between frames where more precision is needed"
    ))]  # fmt: skip


def of_reference(frames: RfFrames, reference: RfFrames | None, *, box: Box) -> list[Problem]:
    """A phantom of another preset, or one that was not recorded as deep."""
    if reference is None:
        return []
    made: list[Problem] = []
    if message := other_preset(frames, reference):
        made.append(Problem("another preset", "refuse", message))
    if reference.tgc_db is None:
        made.append(Problem("time gain of the phantom unknown", "warn", (
            "the reference phantom does not tell its time gain: only estimates that need no gain are possible, such as"
            " the gain-free slope; give its time_gain if it is known"
        )))  # fmt: skip
    if reference.end_mm + reference.sample_mm < box.depth_mm[1]:
        made.append(Problem("shallow reference", "refuse", (
            f"the reference phantom ends {reference.end_mm:.0f} mm deep, the region {box.depth_mm[1]:.0f} mm; record it"
            " deeper or end the region there"
        )))  # fmt: skip
    return made


def of_phantom(found: Counts, *, reference: RfFrames, box: Box) -> list[Problem]:
    """What is wrong with the reference phantom itself, all of whose lines are taken at the depths of `box`."""
    own = [*of_counts(found, frames=reference), *of_lines(found, frames=reference, box=box)]
    return [
        replace(one, name=f"phantom: {one.name}", message=f"the reference phantom: {one.message}")
        for one in own
    ]


def _of_scale(band: Band, frames: RfFrames) -> list[Problem]:
    """A band of the shape told, but stretched or squeezed: a wrong sampling rate leaves width over middle as it is.

    Attenuation moves the middle down and leaves the width of a Gaussian band in MHz; noise takes width and bandwidth.
    """
    if frames.bandwidth is None or not 1 / SAME_SHAPE <= band.bandwidth / frames.bandwidth <= SAME_SHAPE:
        return []
    width = (band.high_mhz - band.low_mhz) / (frames.fc_mhz * frames.bandwidth)
    middle = (band.high_mhz + band.low_mhz) / 2 / frames.fc_mhz
    wrong = _beyond(width, middle, more=STRETCHED, less=SQUEEZED)
    if not wrong and not _beyond(width, middle, more=DOUBTED_STRETCH, less=DOUBTED_SQUEEZE):
        return []
    return [Problem("other frequencies", "refuse" if wrong else "warn", (
        f"the -6 dB band is {band.low_mhz:.2f} to {band.high_mhz:.2f} MHz, of the bandwidth told, but {width:.2f} times"
        f" as wide as that around {frames.fc_mhz:g} MHz: the sampling rate is wrong ({frames.fs_mhz / width:.3g} MHz in"
        f" place of {frames.fs_mhz:g} would fit), or the centre frequency; correct it"
    ))]  # fmt: skip


def _beyond(width: float, middle: float, *, more: tuple[float, float], less: tuple[float, float]) -> bool:
    return (width > more[0] and middle > more[1]) or (width < less[0] and middle < less[1])


def _width(band: Band, frames: RfFrames) -> list[Problem]:
    told = frames.bandwidth
    if told is None or told / OTHER_WIDTH <= band.bandwidth <= told * OTHER_WIDTH:
        return []
    return [Problem("other bandwidth", "warn", (
        f"the -6 dB band is {band.low_mhz:.2f} to {band.high_mhz:.2f} MHz, a bandwidth of {band.bandwidth:.2f}, and the"
        f" recording tells {told:g}; correct it, for the expected precision rests on it"
    ))]  # fmt: skip


def _elements(frames: RfFrames) -> list[Problem]:
    """Elements that the beamformer left out; lines of radio frequency do not show them."""
    dead = round(frames.more.get("dead_elements", 0))
    if not dead:
        return []
    return [Problem("dead elements", "warn", (
        f"{dead} element{'s hold' if dead > 1 else ' holds'} no echo and {'are' if dead > 1 else 'is'} left out of the"
        " beams, which are wider and have higher side lobes for it: have the probe and its connector tested"
    ))]  # fmt: skip


def _hold(numbers: tuple[int, ...]) -> str:
    return "holds" if len(numbers) == 1 else "hold"


def _numbers(what: str, numbers: tuple[int, ...]) -> str:
    """The first six of them."""
    if len(numbers) == 1:
        return f"{what} {numbers[0]}"
    listed = ", ".join(str(number) for number in numbers[:6])
    return f"{what}s {listed}" + (f" and {len(numbers) - 6} more" if len(numbers) > 6 else "")
