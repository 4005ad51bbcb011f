"""The texts of a Clarius capture: numbers with units, the table of time gain, and the elements of every line."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ...core.errors import DataError
from .acquisition import between

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]
"""Time gain, dB, at depths in mm."""
_NUMBER = r"(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_POINT = re.compile(rf"\{{\s*{_NUMBER}\s*mm\s*,\s*{_NUMBER}\s*dB\s*\}}")
_TIME = re.compile(r"timestamp:\s*(\d+)([^\n]*)")
_QUANTITY = re.compile(rf"\s*{_NUMBER}\s*(\S*)\s*")
_UNITS: Mapping[str, Mapping[str, float]] = {
    "MHz": {"Hz": 1e-6, "kHz": 1e-3, "MHz": 1.0},
    "mm": {"m": 1e3, "cm": 10.0, "mm": 1.0, "um": 1e-3, "µm": 1e-3, "μm": 1e-3, "microns": 1e-3},
    "mm/us": {"m/s": 1e-3, "mm/us": 1.0},
    "deg": {"°": 1.0, "deg": 1.0, "": 1.0},
    "": {"": 1.0, "bytes": 1.0},
}
_KINDS = {"rf": "rf", "iq": "iq", "b pre-scan": "env", "envelope": "env", "env": "env"}


@dataclass(frozen=True, slots=True)
class Described:
    """A scanner's description.

    `kind` is rf, iq, env or empty; `counts` are those that it declares; `elements` (lines,) are counted from 0; `told`
    is what else it tells, by the names of `RfFrames`.
    """

    kind: str
    counts: Mapping[str, int | None]
    elements: Array
    steered_deg: Array
    delay_samples: float | None
    curve: Curve | None
    told: Mapping[str, Any]


def described(text: str, path: Path) -> Described:
    """The description in `text`, which belongs to the capture at `path`."""
    points = _POINT.findall(text)
    content = _yaml(_POINT.sub("", text), path)
    left = content.get("tgc")
    if left is not None and not (isinstance(left, list) and not any(left)):
        raise DataError(
            f"{path}: its description has a table of time gain that is damaged; export the recording again"
        )
    size = _mapping(content, "size")
    lines = content.get("lines")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise DataError(f"{path}: its description does not list its lines; export the recording again")
    counts = {
        "frames": _count(content.get("frames"), path),
        "samples": _count(size.get("samples per line"), path),
        "lines": _count(size.get("number of lines"), path),
    }
    if counts["lines"] not in (None, len(lines)):
        raise DataError(
            f"{path}: its description declares {counts['lines']} lines and lists {len(lines)}; export it again"
        )
    return Described(
        kind=_KINDS.get(str(content.get("type", "")).strip().lower(), ""),
        counts={**counts, "lines": len(lines)},
        elements=np.array([_needed(line, "rx element", unit="", path=path) for line in lines]),
        steered_deg=np.array([_needed(line, "angle", unit="deg", path=path) for line in lines]),
        delay_samples=_quantity(content.get("delay samples"), "", path=path),
        curve=_curve(points, path) if points else None,
        told=_told(content, path),
    )


def curves_of(
    text: str | None, nominal: Curve | None, *, times: NDArray[np.uint64], path: Path
) -> tuple[Curve, ...]:
    """The time gain of every frame: that of the last time in `text` at or before the frame's, else the nominal one.

    Empty where neither tells any.
    """
    told = []
    for time, rest in _TIME.findall(text or ""):
        if _POINT.sub("", rest).strip():
            raise DataError(
                f"{path}: the time gain of a frame is damaged in the file beside it; export the recording again"
            )
        if points := _POINT.findall(rest):
            told.append((int(time), _curve(points, path)))
    if not told:
        return () if nominal is None else (nominal,) * len(times)
    told.sort(key=lambda pair: pair[0])
    stamps = np.array([time for time, _ in told], dtype=np.uint64)
    last = np.maximum(np.searchsorted(stamps, times, side="right") - 1, 0)
    return tuple(told[k][1] for k in last.tolist())


def _curve(points: Sequence[tuple[str, str]], path: Path) -> Curve:
    depth, gain = ([float(point[k]) for point in points] for k in (0, 1))

    def curve(depth_mm: Array) -> Array:
        return between(depth, gain, at_mm=depth_mm, path=path)

    return curve


def _told(content: Mapping[str, Any], path: Path) -> dict[str, Any]:
    probe = _mapping(content, "probe")
    radius = _quantity(probe.get("radius"), "mm", path=path)
    found = {
        "fs_mhz": _quantity(content.get("sampling rate"), "MHz", path=path),
        "fc_mhz": _quantity(content.get("transmit frequency"), "MHz", path=path),
        "c_mm_us": _quantity(content.get("vsound", probe.get("vsound")), "mm/us", path=path),
        "elements": _count(probe.get("elements"), path),
        "element_pitch_mm": _quantity(probe.get("pitch"), "mm", path=path),
        "radius_mm": radius,
        "geometry": None if radius is None else "convex" if radius > 0 else "linear",
        "device": "Clarius " + str(probe["version"]) if "version" in probe else "Clarius",
    }
    more = {
        "focus_mm": _quantity(content.get("focal depth"), "mm", path=path),
        "imaging_depth_mm": _quantity(content.get("imaging depth"), "mm", path=path),
    }
    told: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    return {**told, "more": {name: value for name, value in more.items() if value is not None}}


def _mapping(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key)
    return found if isinstance(found, dict) else {}


def _yaml(text: str, path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        content = None
    if not isinstance(content, dict):
        raise DataError(f"{path}: its description is damaged or not a scanner's; export the recording again")
    return content


def _quantity(value: object, unit: str, *, path: Path) -> float | None:
    """The number in `unit`; None where there is none, or where it has no unit although one is needed."""
    if value is None:
        return None
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise DataError(f"{path}: its description has {value!r} where a number is expected; export it again")
    factor = _UNITS[unit].get(match[2])
    return None if factor is None else float(match[1]) * factor


def _needed(line: Mapping[str, object], key: str, *, unit: str, path: Path) -> float:
    value = _quantity(line.get(key), unit, path=path)
    if value is None:
        raise DataError(f"{path}: its description lists a line without {key!r}; export the recording again")
    return value


def _count(value: object, path: Path) -> int | None:
    number = _quantity(value, "", path=path)
    return None if number is None else int(number)
