"""What is told of a measured recording, as lines and as a document; no name, date or file of a patient."""

import math
from collections.abc import Mapping
from typing import Any

from ..imaging.ultrasound.foreseen import METHOD_OF
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.precision import LIMIT, METHODS
from ..imaging.ultrasound.resampling import Estimate
from ..study.recording import Measured
from .numbers import count, number

SIMULATED = "SIMULATED: no patient stands behind this recording"
Parameter = tuple[str, str]
PARAMETERS: Mapping[str, Parameter] = {
    "attenuation_db_cm_mhz": ("Attenuation", "dB/cm/MHz"),
    "attenuation_plain_db_cm_mhz": ("Attenuation (plain)", "dB/cm/MHz"),
    "attenuation_gain_free_db_cm_mhz": ("Attenuation (free of gain)", "dB/cm/MHz"),
    "attenuation_log_difference_db_cm_mhz": ("Attenuation (log difference)", "dB/cm/MHz"),
    "attenuation_shift_db_cm_mhz": ("Attenuation (spectral shift)", "dB/cm/MHz"),
    "backscatter_db": ("Backscatter at 3 MHz over the phantom", "dB"),
    "backscatter_centre_db": ("Backscatter in the middle of the band", "dB"),
    "lizzi_slope_db_mhz": ("Spectral slope", "dB/MHz"),
    "lizzi_intercept_db": ("Spectral intercept", "dB"),
    "midband_db": ("Midband fit", "dB"),
    "diameter_um": ("Effective scatterer diameter", "µm"),
    "concentration_db": ("Scatterer concentration over the phantom", "dB"),
    "nakagami_m": ("Nakagami m", ""),
    "hk_alpha": ("Homodyned K clustering alpha", ""),
    "hk_k": ("Homodyned K coherent over diffuse k", ""),
    "hk_x": ("Homodyned K X", ""),
    "hk_u": ("Homodyned K U", ""),
    "entropy_bit": ("Entropy of the envelope", "bit"),
    "envelope_snr": ("Mean over deviation of the envelope", ""),
}
"""What parameters are called in print, and their units."""


NO_MAPS = "Maps: they need a reference phantom, and show what is given of the region beside it"


def verdict(measured: Measured) -> str:
    """Whether it can be measured, in a sentence."""
    where = f"{measured.region} ({extent(measured.box)})"
    if not measured.usable:
        return f"Cannot be measured: {where}"
    doubts = f", with {count(len(measured.problems), 'doubt')}" if measured.problems else ""
    but = "" if any(name in measured.values for name in METHOD_OF) else ", but not its attenuation"
    return f"Can be measured{but}{doubts}: {where}"


def extent(box: Box) -> str:
    """Depths and lines of a region."""
    return f"{box.depth_mm[0]:.1f} to {box.depth_mm[1]:.1f} mm, lines {box.lines[0]} to {box.lines[1]}"


def acquisition(measured: Measured) -> tuple[tuple[str, str], ...]:
    """How it was acquired, as pairs of name and text; free texts of the file are left out, for names stand in them."""
    frames, reading = measured.frames, measured.reading
    looked = frames.rf.shape[0]
    how = (
        "channel data, beamformed by delay and sum with its defaults"
        if reading.beamformed
        else reading.reader
    )
    pairs = {
        "Read as": how,
        "Device": " ".join(part for part in (frames.device, frames.preset) if part) or "not told",
        "Geometry": frames.geometry + (f", radius {frames.radius_mm:g} mm" if frames.radius_mm else ""),
        "Lines": f"{frames.rf.shape[1]}, each {frames.rf.shape[2]:,} samples of {frames.rf.dtype}",
        "Frames": f"{reading.clip_frames:,}"
        + (f" ({looked:,} of them looked at)" if looked < reading.clip_frames else "")
        + _rate(frames),
        "Sampling rate": f"{frames.fs_mhz:.4g} MHz",
        "Centre frequency": f"{frames.fc_mhz:.4g} MHz",
        "Bandwidth (-6 dB)": _bandwidth(measured),
        "Depth": f"{frames.start_mm:.1f} to {frames.end_mm:.1f} mm at {frames.c_mm_us:g} mm/µs",
        "Time gain": _time_gain(frames),
        "Gain": "not told" if frames.gain_db is None else f"{frames.gain_db:.1f} dB",
        "Regions": ", ".join(frames.regions) or "none",
        **_seen(measured),
    }
    return tuple(pairs.items())


def _rate(frames: RfFrames) -> str:
    times = frames.frame_times_ms
    if times is None or times.size < 2 or times[-1] <= times[0]:
        return ""
    return f", {(times[-1] - times[0]) / 1e3:.3g} s from the first to the last"


def _bandwidth(measured: Measured) -> str:
    told = measured.frames.bandwidth
    return "not told" if told is None else f"{told:.2f} of the centre frequency"


def _time_gain(frames: RfFrames) -> str:
    if frames.tgc_db is None:
        return "not known"
    low, high = float(frames.tgc_db[0]), float(frames.tgc_db[-1])
    return "known: none applied" if not frames.tgc_db.any() else f"known: {low:.1f} to {high:.1f} dB, undone"


def _seen(measured: Measured) -> dict[str, str]:
    """What was found of the band, the noise and the independence of looks."""
    seen = measured.quality
    if seen is None:
        return {}
    band = seen.band
    peaks = ", ".join(
        f"{one.peak_mhz:.2f} MHz at {one.depth_mm:.0f} mm"
        for one in measured.spectra
        if one.peak_mhz is not None
    )
    return {
        "Band measured": "none" if band is None else f"{band.low_mhz:.2f} to {band.high_mhz:.2f} MHz",
        "Peaks": peaks or "none",
        "Echoes reach": f"{seen.penetration_mm:.0f} mm",
        "Independent": f"{seen.independent_frames:.1f} frames, {seen.independent_lines:.1f} lines",
    }


def problems(measured: Measured) -> list[tuple[str, bool]]:
    """Every doubt as a line, and whether it forbids numbers; those first."""
    ordered = sorted(measured.problems, key=lambda one: one.severity != "refuse")
    return [(f"{one.severity}: {one.name}: {one.message}", one.severity == "refuse") for one in ordered]


def expected(measured: Measured) -> list[str]:
    """Expected precision of attenuation in sentences: by the way that is open, and by the others."""
    found = measured.precision
    if found is None:
        return [f"not known: {measured.precision_reason}"]
    others = "; ".join(
        f"{method.replace('_', ' ')} {found.sd(method):.2g}"
        for method in METHODS
        if method != measured.method
    )
    ideal = ", with a phantom of many independent lines" if measured.method == "spectral_shift" else ""
    return [
        found.advice(method=measured.method),
        f"by the other methods{ideal}: {others} dB/cm/MHz, of {LIMIT:g} allowed",
    ]


def notes(measured: Measured) -> list[str]:
    """What was decided, and what the values rest on, with parameters called as in print."""
    return [_in_words(line) for line in (*measured.notes, *measured.remarks)]


def _in_words(text: str) -> str:
    for name in sorted(PARAMETERS, key=len, reverse=True):
        text = text.replace(name, PARAMETERS[name][0])
    return text


def rows(measured: Measured) -> list[tuple[str, str, str, str]]:
    """Name, value, 95 % interval and unit of every parameter that is given."""
    return [
        (
            PARAMETERS[name][0],
            number(one.value),
            f"{number(one.low)} to {number(one.high)}",
            PARAMETERS[name][1],
        )
        for name, one in measured.values.items()
    ]


def withheld(measured: Measured) -> list[str]:
    """Why other parameters are not given, each reason once with the names it holds for."""
    names: dict[str, list[str]] = {}
    for name, reason in measured.reasons.items():
        names.setdefault(reason, []).append(PARAMETERS[name][0])
    told = [f"{', '.join(of)}: {_in_words(reason)}" for reason, of in names.items()]
    return [*told, NO_MAPS] if measured.usable and measured.maps is None else told


def lines(measured: Measured) -> list[str]:
    """All of it for a terminal."""
    pairs = acquisition(measured)
    width = max(len(name) for name, _ in pairs)
    told = [SIMULATED] if measured.simulated else []
    told += [verdict(measured), "", *(f"  {name:<{width}}  {text}" for name, text in pairs)]
    told += _part("quality", [line for line, _ in problems(measured)] or ["no doubt"])
    told += _part("expected precision of attenuation", expected(measured))
    told += _part("spectral parameters, with 95 % intervals", [
        f"{name}: {value} ({interval}){f' {unit}' if unit else ''}" for name, value, interval, unit in rows(measured)
    ] or ["none is given: the recording cannot be measured"])  # fmt: skip
    told += _part("not given", withheld(measured))
    return told + _part("notes", notes(measured))


def _part(title: str, told: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in told)] if told else []


def facts(measured: Measured) -> dict[str, Any]:
    """The same as a document of plain values; what is not finite or not known is None."""
    frames, precision = measured.frames, measured.precision
    return {
        "simulated": measured.simulated,
        "usable": measured.usable,
        "acquisition": _numbers(measured) | {"time_gain_known": frames.tgc_db is not None},
        "region": {
            "name": measured.region,
            "depth_mm": list(measured.box.depth_mm),
            "lines": list(measured.box.lines),
        },
        "problems": [
            {"name": one.name, "severity": one.severity, "message": one.message} for one in measured.problems
        ],
        "spectra": [{"depth_mm": one.depth_mm, "peak_mhz": one.peak_mhz} for one in measured.spectra],
        "expected_precision": {
            "method": measured.method,
            "allowed_db_cm_mhz": LIMIT,
            "sd_db_cm_mhz": {method: _finite(precision.sd(method)) for method in METHODS}
            if precision
            else None,
            "says": expected(measured)[0],
        },
        "parameters": {name: _estimate(name, one) for name, one in measured.values.items()},
        "not_given": dict(measured.reasons),
        "notes": [*measured.notes, *measured.remarks],
    }


def _numbers(measured: Measured) -> dict[str, Any]:
    frames, seen = measured.frames, measured.quality
    band = None if seen is None else seen.band
    return {
        "reader": measured.reading.reader,
        "beamformed": measured.reading.beamformed,
        "device": frames.device,
        "preset": frames.preset,
        "geometry": frames.geometry,
        "radius_mm": frames.radius_mm,
        "lines": frames.rf.shape[1],
        "samples": frames.rf.shape[2],
        "frames": measured.reading.clip_frames,
        "frames_looked_at": frames.rf.shape[0],
        "fs_mhz": frames.fs_mhz,
        "fc_mhz": frames.fc_mhz,
        "bandwidth": frames.bandwidth,
        "c_mm_us": frames.c_mm_us,
        "depth_mm": [frames.start_mm, frames.end_mm],
        "gain_db": frames.gain_db,
        "band_mhz": None if band is None else [band.low_mhz, band.high_mhz],
        "penetration_mm": None if seen is None else seen.penetration_mm,
        "independent_frames": None if seen is None else seen.independent_frames,
        "independent_lines": None if seen is None else seen.independent_lines,
    }


def _estimate(name: str, one: Estimate) -> dict[str, Any]:
    numbers = {key: _finite(getattr(one, key)) for key in ("value", "low", "high", "standard_error")}
    return {**numbers, "unit": PARAMETERS[name][1]}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
