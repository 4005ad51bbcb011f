"""How a recording was acquired, from what the file tells and what its description adds; nothing is assumed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, ProtocolError, choices
from .settings import Even, Number, Numbers, Recording, Samples, Slope, Table, Variable, boxes, name_of

Array = NDArray[np.float64]
Lookup = Callable[[str], NDArray[Any]]
"""Gives the variable of a name out of the file, or refuses a name that is none."""

ASKED = {
    "fs_mhz": "sampling rate, MHz, e.g. fs_mhz: 40.0",
    "fc_mhz": "centre frequency of what was sent, MHz, e.g. fc_mhz: 3.5",
    "c_mm_us": "speed of sound that turns time into depth, mm per microsecond, e.g. c_mm_us: 1.54",
    "start_mm": "depth of the first sample, mm, e.g. start_mm: 0.0",
    "geometry": "how the lines lie, e.g. geometry: convex (or linear, or phased)",
    "line_across_mm": "where the lines start across the probe, mm, e.g. line_across_mm: {first: -19.0, last: 19.0}",
    "line_angle_deg": "angles of the lines to the probe's axis, e.g. line_angle_deg: {first: -30.0, last: 30.0}",
    "radius_mm": "radius of the convex probe, mm, e.g. radius_mm: 50.0",
    "time_gain": "gain over depth that is still in the echoes, e.g. time_gain: none applied, time_gain: unknown,"
    " time_gain: {slope_db_cm: 3.5} or time_gain: {depth_mm: [0, 100], gain_db: [10, 45]}",
    "elements": "number of elements of the probe, e.g. elements: 192",
    "element_pitch_mm": "distance of its elements, mm, e.g. element_pitch_mm: 0.3",
    "axes": "order of the array's axes, e.g. axes: [frame, line, sample]",
    "rf": "name of the variable that holds the radio frequency, e.g. rf: RF",
    "dtype": "type of its numbers, e.g. dtype: int16",
    "shape": "sizes of the axes in their order, e.g. shape: [20, 128, 2600]",
    "byte_order": "of the numbers, e.g. byte_order: little",
}
"""What every key means, for whoever is asked to give it."""
UNITS: Mapping[str, Mapping[str, float]] = {
    "_mhz": {"Hz": 1e-6, "kHz": 1e-3, "MHz": 1.0},
    "_hz": {"Hz": 1.0, "kHz": 1e3},
    "_mm_us": {"m/s": 1e-3, "mm/us": 1.0, "km/s": 1.0},
    "_mm": {"m": 1e3, "cm": 10.0, "mm": 1.0, "um": 1e-3},
    "_deg": {"rad": 180 / np.pi, "deg": 1.0},
    "_ms": {"s": 1e3, "ms": 1.0, "us": 1e-3},
    "_db": {"dB": 1.0},
    "bandwidth": {"1": 1.0, "%": 0.01},
}
"""Units a variable may have, by the ending of the key, and the factor to the key's own unit."""
POSITIVE = ("fs_mhz", "fc_mhz", "c_mm_us", "bandwidth", "radius_mm", "frame_rate_hz", "scale")
TEXTS = ("device", "preset", "subject", "site", "view", "remark")


def no_variables(name: str) -> NDArray[Any]:
    """For files that hold no variable."""
    raise ProtocolError(
        f"{name!r} is taken for the name of a variable, and this file has none; give a number"
    )


@dataclass(frozen=True, slots=True)
class Acquired:
    """What is known of a recording of `shape` (frames, lines, samples): `settings` stand over what the file `told`."""

    path: Path
    settings: Recording
    shape: tuple[int, int, int]
    told: Mapping[str, Any]
    lookup: Lookup = no_variables
    sidecar: str = ".yaml"

    def facts(self) -> dict[str, Any]:
        """The fields of `RfFrames` but `rf`; what is missing is asked for, all of it at once."""
        self.ask(*self.missing())
        found = {key: self.number(key) for key in ("fs_mhz", "fc_mhz", "c_mm_us", "start_mm")}
        optional = {key: self.number(key) for key in ("bandwidth", "gain_db", "scale") if self.knows(key)}
        texts = {key: self.value(key) for key in TEXTS if self.knows(key)}
        sample_mm = found["c_mm_us"] / (2 * found["fs_mhz"])
        depth_mm: Array = found["start_mm"] + np.arange(self.shape[2], dtype=np.float64) * sample_mm
        return {
            **found,
            **optional,
            **texts,
            **self._lines(),
            "tgc_db": self._time_gain(depth_mm),
            "frame_times_ms": self._times(),
            "regions": boxes(self.settings.regions),
            "more": {**self.told.get("more", {}), **self.settings.more},
        }

    def knows(self, key: str) -> bool:
        """Whether the description or the file tells `key`."""
        return getattr(self.settings, key) is not None or key in self.told

    def value(self, key: str) -> Any:
        """What the description says of `key`, or else the file."""
        given = getattr(self.settings, key)
        return self.told[key] if given is None else given

    def number(self, key: str) -> float:
        """The single number of `key`, in the unit of its name."""
        found = self.numbers(key)
        if found.size != 1:
            raise DataError(f"{self.path}: {key} has {found.size} values; one number is needed")
        value = float(found.ravel()[0])
        if not np.isfinite(value) or (key in POSITIVE and value <= 0):
            above = " above 0" if key in POSITIVE else ""
            raise DataError(f"{self.path}: {key} is {value!r}; give a number{above}")
        return value

    def numbers(self, key: str) -> Array:
        """The numbers of `key`, in the unit of its name."""
        return self._resolved(self.value(key), key)

    def ask(self, *missing: str) -> None:
        """Refuse a recording of which `missing` keys are told nowhere, and say how to give them."""
        if missing:
            where = name_of(self.path).name + self.sidecar
            lines = "\n".join(f"  {key}: {ASKED[key]}" for key in missing)
            raise DataError(
                f"{self.path}: does not tell what is needed to interpret it. Write into {where} beside it, or give as"
                f" settings:\n{lines}"
            )

    def missing(self) -> list[str]:
        """Keys of the acquisition that are told nowhere."""
        needed = ["fs_mhz", "fc_mhz", "c_mm_us", "start_mm", "time_gain"]
        if self._described():
            needed += ["geometry", *self._lines_need()]
        return [key for key in needed if not self.knows(key)]

    def _lines_need(self) -> tuple[str, ...]:
        if not self.knows("geometry"):
            return ()
        needs = {
            "linear": ("line_across_mm",),
            "phased": ("line_angle_deg",),
            "convex": ("line_angle_deg", "radius_mm"),
        }
        return needs[self.value("geometry")]

    def _resolved(self, value: Number | Numbers | Any, key: str) -> Array:
        if isinstance(value, str):
            value = Variable(variable=value)
        if not isinstance(value, Variable):
            return np.asarray(value, dtype=np.float64)
        found = self.lookup(value.variable)
        if found.dtype.kind not in "biuf":
            raise DataError(
                f"{self.path}: {key} is to be the variable {value.variable!r}, which holds no numbers"
            )
        return found.astype(np.float64) * self._factor(value.unit, key)

    def _factor(self, unit: str | None, key: str) -> float:
        if unit is None:
            return 1.0
        units = next((known for ending, known in UNITS.items() if key.endswith(ending)), {})
        if unit not in units:
            raise ProtocolError(f"{self.path}: {key} has the unit {unit!r}; {choices(unit, units)}")
        return units[unit]

    def _lines(self) -> dict[str, Any]:
        """Geometry, angles and origins of the lines.

        A line of a convex probe starts on the arc of `radius_mm` and runs along its radius; those of a phased array
        start in the middle of its face; those of a linear array start at `line_across_mm` and run straight down, or
        at the angle that is given.
        """
        if not self._described():
            names = ("geometry", "radius_mm", "line_angle_deg", "line_origin_mm")
            return {name: self.told[name] for name in names if name in self.told}
        geometry = self.value("geometry")
        angle = self._along_lines("line_angle_deg") if self.knows("line_angle_deg") else self._zeros()
        across = self._along_lines("line_across_mm") if geometry == "linear" else self._zeros()
        radius = self.number("radius_mm") if geometry == "convex" else 0.0
        origin = arc_mm(np.radians(angle), radius_mm=radius)
        origin[:, 0] += across
        return {
            "geometry": geometry,
            "line_angle_deg": angle,
            "line_origin_mm": origin,
            "radius_mm": radius,
        }

    def _described(self) -> bool:
        """Whether the lines are those of the description, and not those of the file."""
        given = self.settings.line_angle_deg is not None or self.settings.line_across_mm is not None
        return given or "line_origin_mm" not in self.told

    def _zeros(self) -> Array:
        return np.zeros(self.shape[1])

    def _along_lines(self, key: str) -> Array:
        value = self.value(key)
        if isinstance(value, Even):
            return np.linspace(value.first, value.last, self.shape[1])
        return self._as_long(self._resolved(value, key), self.shape[1], key=key, of="lines")

    def _as_long(self, values: Array, length: int, *, key: str, of: str) -> Array:
        if values.size != length:
            raise DataError(
                f"{self.path}: {key} has {values.size} values for {length} {of}; give one for each"
            )
        return values.ravel()

    def _time_gain(self, depth_mm: Array) -> Array | None:
        given = self.value("time_gain")
        if isinstance(given, Slope):
            rising: Array = np.maximum(depth_mm - given.from_mm, 0.0) / 10 * given.slope_db_cm
            return rising
        if isinstance(given, Table):
            return between(given.depth_mm, given.gain_db, at_mm=depth_mm, path=self.path)
        if isinstance(given, Samples):
            values = self._resolved(given.samples_db, "samples_db")
            return self._as_long(values, len(depth_mm), key="time_gain", of="samples")
        if isinstance(given, str):
            return np.zeros_like(depth_mm) if given == "none applied" else None
        return np.asarray(given(depth_mm), dtype=np.float64)

    def _times(self) -> Array | None:
        if self.settings.frame_times_ms is not None:
            return self._as_long(
                self.numbers("frame_times_ms"), self.shape[0], key="frame_times_ms", of="frames"
            )
        if self.settings.frame_rate_hz is not None:
            return np.arange(self.shape[0], dtype=np.float64) * 1e3 / self.number("frame_rate_hz")
        times: Array | None = self.told.get("frame_times_ms")
        return times


def arc_mm(angle_rad: Array, *, radius_mm: float) -> Array:
    """Where lines start (lines, 2: across, down) on an arc of `radius_mm`, mm from the middle of the probe's face."""
    return np.stack([radius_mm * np.sin(angle_rad), radius_mm * (np.cos(angle_rad) - 1)], axis=1)


def between(points_mm: Any, gain_db: Any, *, at_mm: Array, path: Path) -> Array:
    """Gain `at_mm` from a table of depths and gains: straight lines between its points, constant beyond them."""
    depth, gain = np.asarray(points_mm, dtype=np.float64), np.asarray(gain_db, dtype=np.float64)
    if depth.shape != gain.shape or (np.diff(depth) <= 0).any():
        raise DataError(
            f"{path}: the table of time gain has {depth.size} depths and {gain.size} gains; give as many of both,"
            " depths rising"
        )
    return np.interp(at_mm, depth, gain)
