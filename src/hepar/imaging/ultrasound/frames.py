"""Raw radio-frequency ultrasound in memory: beamformed lines and everything needed to interpret them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, choices

Geometry = Literal["convex", "linear", "phased"]
GEOMETRIES = ("convex", "linear", "phased")
_Array = NDArray[Any]
LARGEST, LOWERED_DB, RAISED_DB = 1e10, -300.0, 120.0
"""Larger numbers are no echoes, and no gain that is undone changes them by more: squares would leave their range."""
FINITE = (
    "rf",
    "tgc_db",
    "line_angle_deg",
    "line_origin_mm",
    "frame_times_ms",
    "start_mm",
    "gain_db",
    "radius_mm",
)
SOUND_MM_US = (0.5, 5.0)
"""Between which any tissue or phantom carries sound."""
HIGHEST_MHZ: Mapping[str, float] = {"fs_mhz": 1000.0, "fc_mhz": 100.0}
"""A larger number is in kHz or Hz."""
WIDEST = 2.0
"""Bandwidth over the centre frequency; a larger number is in per cent or MHz."""
LEAST_RADIUS_MM = 1.0
"""Of a convex probe; a smaller number is in metres."""


@dataclass(frozen=True, slots=True)
class Box:
    """A region of a recording: `depth_mm` along the lines, `lines` the first and the last, counted from 0."""

    depth_mm: tuple[float, float]
    lines: tuple[int, int]

    def __post_init__(self) -> None:
        (top, bottom), (first, last) = self.depth_mm, self.lines
        if not (np.isfinite(top) and np.isfinite(bottom) and 0 <= top < bottom):
            raise DataError(
                f"a region from {top:g} to {bottom:g} mm is none; give two rising depths in mm, from 0"
            )
        if not 0 <= first <= last:
            raise DataError(
                f"a region of lines {first} to {last} is none; count lines from 0, the first one first"
            )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RfFrames:
    """Beamformed radio-frequency lines and how they were acquired.

    `rf` (frames, lines, samples) is int16 or float32; times `scale` it is the echo with gain and `tgc_db` (samples,)
    applied. Sample k of a line lies `start_mm + k c_mm_us / (2 fs_mhz)` along it; line l starts at
    `line_origin_mm[l]` (across, down; mm from the middle of the probe's face) and runs at `line_angle_deg[l]` to the
    probe's axis, positive towards the last line. `fc_mhz` is the centre frequency of what was sent, `bandwidth` its
    two-way -6 dB width over `fc_mhz`. `frame_times_ms` (frames,) rises. `regions` are named boxes, e.g. "liver".

    None says that the recording does not tell: time gain that may still be in the echoes, bandwidth, gain, times.
    `more` are further numbers by name; `_mm`, `_db` or `_deg` at its end is their unit, and they have none without.
    """

    rf: _Array
    fs_mhz: float
    fc_mhz: float
    c_mm_us: float
    geometry: str
    line_angle_deg: _Array
    line_origin_mm: _Array
    start_mm: float
    tgc_db: _Array | None
    scale: float = 1.0
    bandwidth: float | None = None
    radius_mm: float = 0.0
    gain_db: float | None = None
    frame_times_ms: _Array | None = None
    device: str = ""
    preset: str = ""
    subject: str = ""
    site: str = ""
    view: str = ""
    remark: str = ""
    regions: Mapping[str, Box] = field(default_factory=dict)
    more: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rf.ndim != 3 or self.rf.dtype not in (np.int16, np.float32) or not self.rf.size:
            raise DataError(
                f"radio frequency is (frames, lines, samples) of int16 or float32; found {self.rf.shape} of"
                f" {self.rf.dtype}"
            )
        if self.geometry not in GEOMETRIES:
            raise DataError(f"geometry is {self.geometry!r}; {choices(self.geometry, GEOMETRIES)}")
        self._refuse_other_shapes()
        self._refuse_impossible_numbers()
        self._refuse_other_units()
        self._refuse_impossible_values()
        for name, box in self.regions.items():
            self.refuse_outside(box, name=name)

    @property
    def sample_mm(self) -> float:
        """Depth between two samples of a line, mm."""
        return self.c_mm_us / (2 * self.fs_mhz)

    @property
    def depth_mm(self) -> NDArray[np.float64]:
        """Depth (samples,) of every sample along its line, mm."""
        return np.asarray(self.start_mm + np.arange(self.rf.shape[2]) * self.sample_mm, dtype=np.float64)

    @property
    def end_mm(self) -> float:
        """Depth of the last sample, mm."""
        return float(self.start_mm + (self.rf.shape[2] - 1) * self.sample_mm)

    @property
    def wavelength_mm(self) -> float:
        """Of the centre frequency."""
        return self.c_mm_us / self.fc_mhz

    def without_gain(self) -> NDArray[np.float32]:
        """The echoes (frames, lines, samples) with gain and time gain undone, as far as the recording tells them."""
        down_db = np.zeros(self.rf.shape[2]) if self.tgc_db is None else -np.asarray(self.tgc_db, dtype=float)
        level_db = 20 * np.log10(self.scale) + down_db - (self.gain_db or 0.0)
        if level_db.min() < LOWERED_DB or level_db.max() > RAISED_DB:
            raise DataError(
                f"undoing scale, gain and time gain changes the echoes by {level_db.min():.0f} to {level_db.max():.0f}"
                f" dB; {LOWERED_DB:g} to {RAISED_DB:g} are allowed: correct scale, gain_db or tgc_db"
            )
        made: NDArray[np.float32] = self.rf * (10 ** (level_db / 20)).astype(np.float32)
        return made

    def whole(self) -> Box:
        """All lines at all depths."""
        return Box((max(self.start_mm, 0.0), self.end_mm), (0, self.rf.shape[1] - 1))

    def region(self, name: str) -> Box:
        """The region called `name`; a name that is none is refused."""
        if name not in self.regions:
            raise DataError(f"the recording has no region {name!r}; {choices(name, self.regions)}")
        return self.regions[name]

    def within(self, box: Box) -> tuple[slice, slice]:
        """Slices of lines and samples that `box` stands for."""
        self.refuse_outside(box, name="asked for")
        first, last = (round((mm - self.start_mm) / self.sample_mm) for mm in box.depth_mm)
        return slice(box.lines[0], box.lines[1] + 1), slice(max(first, 0), last + 1)

    def refuse_outside(self, box: Box, *, name: str) -> None:
        """Refuse a region that is not inside the frame."""
        lines, slack = self.rf.shape[1], self.sample_mm
        if (
            box.lines[1] >= lines
            or box.depth_mm[1] > self.end_mm + slack
            or box.depth_mm[0] < self.start_mm - slack
        ):
            raise DataError(
                f"region {name!r}, lines {box.lines[0]} to {box.lines[1]} at {box.depth_mm[0]:g} to"
                f" {box.depth_mm[1]:g} mm, reaches out of the frame: lines 0 to {lines - 1},"
                f" {self.start_mm:g} to {self.end_mm:.1f} mm; correct the region{self._turned()}"
            )

    def _turned(self) -> str:
        """What to say of a recording that looks as if lines were taken for samples."""
        _, lines, samples = self.rf.shape
        if lines <= samples:
            return ""
        return f", or the order of the axes: {lines} lines of {samples} samples each are unusual"

    def _refuse_other_shapes(self) -> None:
        frames, lines, samples = self.rf.shape
        shapes = {
            "tgc_db": (samples,),
            "line_angle_deg": (lines,),
            "line_origin_mm": (lines, 2),
            "frame_times_ms": (frames,),
        }
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is not None and value.shape != shape:
                raise DataError(
                    f"{name} has the shape {value.shape}; {frames} frames of {lines} lines of {samples} samples need"
                    f" {shape}"
                )

    def _refuse_impossible_numbers(self) -> None:
        for name in ("scale", "fs_mhz", "fc_mhz", "c_mm_us"):
            if not 0 < getattr(self, name) < np.inf:
                raise DataError(f"{name} is {getattr(self, name)!r}; give a number above 0")

    def _refuse_other_units(self) -> None:
        if not SOUND_MM_US[0] <= self.c_mm_us <= SOUND_MM_US[1]:
            raise DataError(
                f"c_mm_us is {self.c_mm_us:g}; the speed of sound is in mm per microsecond, 1.54 in soft tissue"
            )
        for name, most in HIGHEST_MHZ.items():
            if getattr(self, name) > most:
                raise DataError(
                    f"{name} is {getattr(self, name):g}; it is in MHz, {most:g} at most: numbers in kHz or Hz are"
                    " divided by 1e3 or 1e6"
                )
        if self.bandwidth is not None and not 0 < self.bandwidth <= WIDEST:
            raise DataError(
                f"bandwidth is {self.bandwidth!r}; give its share of the centre frequency, e.g. 0.6 for 60 %, above 0"
                f" and at most {WIDEST:g}, or none where it is not known"
            )
        if self.geometry == "convex" and 0 < self.radius_mm < LEAST_RADIUS_MM:
            raise DataError(
                f"radius_mm is {self.radius_mm:g}; that of a convex probe is in mm, {LEAST_RADIUS_MM:g} at least and"
                " 50 is usual"
            )
        if 2 * self.fc_mhz > self.fs_mhz:
            raise DataError(
                f"a centre frequency of {self.fc_mhz:g} MHz sampled at {self.fs_mhz:g} MHz is no radio frequency: the"
                " sampling rate must be twice as high at least; correct either, or demodulated IQ data are marked so"
            )

    def _refuse_impossible_values(self) -> None:
        for name in FINITE:
            value = getattr(self, name)
            if value is not None and not np.isfinite(value).all():
                raise DataError(
                    f"{name} holds values that are not finite; every echo and setting is a number"
                )
        largest = max(-float(self.rf.min()), float(self.rf.max()))
        if largest > LARGEST:
            raise DataError(
                f"rf holds numbers up to {largest:.2g}, which are no echoes; check the type of number and its order of"
                f" bytes, or bring them below {LARGEST:g}"
            )
        if self.frame_times_ms is not None and (np.diff(self.frame_times_ms) < 0).any():
            raise DataError("frame_times_ms falls somewhere; frames stand in the order of their times")
