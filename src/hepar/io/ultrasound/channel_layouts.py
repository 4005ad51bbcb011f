"""How known files lay out channel data: PyBF, PICMUS, zea and USTB in HDF5, MUST's RF and param in MATLAB files."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError, choices
from ...imaging.ultrasound.channels import plane_wave_delays, source_delays

Array = NDArray[Any]
Waves = Callable[[Array, float], Array]
"""Delays in us (transmissions, channels) from where the elements are and the speed of sound."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells; `numbers` are fields of `ChannelData` by name, without those that it leaves open.

    `rf` is (frames, transmissions, channels, samples). `from_first_sample` says that demodulated data have phase 0 at
    their first sample, not at time 0.
    """

    rf: Array
    element_mm: Array
    t0_us: Array
    waves: Waves
    numbers: Mapping[str, float | None]
    tgc_db: Array | None = None
    frame_times_ms: Array | None = None
    from_first_sample: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)


def pybf(file: Any) -> Told:
    """PyBF: frames and shots by number; N plane waves evenly from -A to A degrees, named PW_N_A.

    Time 0 is when the first element fires, or in a simulation when the wave passes the probe's middle.
    """
    frames = _numbered(file["data/rf_data"], "frame")
    shots = [_numbered(frame, "shot") for frame in frames]
    rf = np.stack([np.stack([shot[()] for shot in frame]) for frame in shots])
    probe = file["trans_params"]
    if _one(probe["y_num_of_elements"]) != 1:
        raise DataError("the probe has rows of elements; only a single row can be beamformed")
    element = _row(int(_one(probe["x_num_of_elements"])), 1e3 * _one(probe["x_pitch"]))
    fc, bandwidth = _one(probe["f_central"]), _one(probe["bandwidth"])
    simulated = "sim_params" in file
    group = file["sim_params" if simulated else "hardware_params"]
    start = _one(group["start_time"]) - (0.0 if simulated else _one(group["correction_time"]))
    rate = _one(file["data/fps"])
    return Told(
        rf=rf,
        element_mm=element,
        t0_us=np.full(rf.shape[1], 1e6 * start),
        waves=_plane(_pybf_angles(file["data/tx_mode"]), from_first=not simulated),
        # written as a fraction or in Hz
        numbers={
            "fs_mhz": _one(file["data/f_sampling"]) / 1e6,
            "fc_mhz": fc / 1e6,
            "bandwidth": bandwidth if bandwidth < 3 else bandwidth / fc,
        },
        frame_times_ms=np.arange(len(rf)) * 1e3 / rate if rate > 0 else None,
    )


def picmus(file: Any) -> Told:
    """PICMUS: plane waves that pass the middle of the probe at time 0; real part and, if demodulated, another."""
    group = file["US/US_DATASET0000"]
    real = group["data/real"][()]
    imaginary = group["data/imag"][()] if "imag" in group["data"] else np.zeros(1)
    demodulated = bool(np.any(imaginary))
    rf = real + 1j * imaginary if demodulated else real
    angles = np.degrees(np.ravel(group["angles"][()]))
    modulated = _one(group["modulation_frequency"]) / 1e6 if "modulation_frequency" in group else 0.0
    rf = rf.reshape(-1, angles.size, *rf.shape[-2:])
    return Told(
        rf=rf,
        element_mm=1e3 * _columns(group["probe_geometry"][()])[:, [0, 2]],
        t0_us=1e6 * np.ravel(group["initial_time"][()]) * np.ones(angles.size),
        waves=_plane(angles),
        numbers={
            "fs_mhz": _one(group["sampling_frequency"]) / 1e6,
            "c_mm_us": _one(group["sound_speed"]) / 1e3,
            "fc_mhz": modulated or None,
            "demodulated_mhz": modulated if demodulated else None,
        },
    )


def zea(file: Any) -> Told:
    """zea: one track; time 0 is that of `t0_delays`; one channel of radio frequency, or two demodulated."""
    track = file if "data/raw_data" in file else file["tracks"][next(iter(file["tracks"]))]
    scan, raw = track["scan"], track["data/raw_data"][()]
    place = scan["probe_geometry"] if "probe_geometry" in scan else file["probe/probe_geometry"]
    rf = np.moveaxis(raw, 3, 2)
    demodulated = rf.shape[4] == 2
    rf = rf[..., 0] + 1j * rf[..., 1] if demodulated else rf[..., 0]
    delays = np.where(scan["tx_apodizations"][()] > 0, 1e6 * scan["t0_delays"][()], np.nan)
    curve = scan["tgc_gain_curve"][()] if "tgc_gain_curve" in scan else None
    carrier = _one(scan["demodulation_frequency"]) / 1e6 if demodulated else None
    return Told(
        rf=rf,
        element_mm=1e3 * np.asarray(place[()], dtype=float)[:, [0, 2]],
        t0_us=1e6 * np.ravel(scan["initial_times"][()]),
        waves=lambda *_: delays,
        numbers={
            "fs_mhz": _one(scan["sampling_frequency"]) / 1e6,
            "fc_mhz": _one(scan["center_frequency"]) / 1e6,
            "c_mm_us": _one(scan["sound_speed"]) / 1e3 if "sound_speed" in scan else None,
            "demodulated_mhz": carrier,
        },
        tgc_db=None if curve is None else _decibels(np.ravel(curve)),
        frame_times_ms=_zea_times(scan, len(rf)),
        from_first_sample=True,
        texts={"device": _text(file.attrs.get("us_machine")), "preset": _text(file.attrs.get("probe_name"))},
    )


def ustb(file: Any) -> Told:
    """USTB: a group of class uff.channel_data; waves pass the origin at time 0, records begin `delay` later."""
    group = file[ustb_name(file)]
    stored = group["data"]
    rf = stored["real"][()] + 1j * stored["imag"][()] if hasattr(stored, "keys") else stored[()]
    rf = rf.reshape(-1, *((1, *rf.shape) if rf.ndim == 2 else rf.shape)[-3:])
    sequence = group["sequence"]
    waves = [sequence[name] for name in sorted(sequence)] if "source" not in sequence else [sequence]
    sent = [_ustb_wave(wave) for wave in waves]
    delay = np.array([_one(wave["delay"]) if "delay" in wave else 0.0 for wave in waves])
    carrier = _one(group["modulation_frequency"]) / 1e6 if "modulation_frequency" in group else 0.0
    pulse = "pulse" in group and "center_frequency" in group["pulse"]
    centre = _one(group["pulse/center_frequency"]) / 1e6 if pulse else carrier
    return Told(
        rf=rf,
        element_mm=_ustb_elements(group["probe"]),
        t0_us=1e6 * (_one(group["initial_time"]) + delay),
        waves=lambda element, c: np.concatenate([wave(element, c) for wave in sent]),
        numbers={
            "fs_mhz": _one(group["sampling_frequency"]) / 1e6,
            "c_mm_us": _one(group["sound_speed"]) / 1e3,
            "fc_mhz": centre or None,
            "demodulated_mhz": carrier if np.iscomplexobj(rf) else None,
        },
    )


def must(held: Mapping[str, Any]) -> Told:
    """MUST (and PyMUST): `RF` (samples, channels[, frames]) and the struct `param` of one transmission.

    Its format says that `t0` is 0 unless it stands there and that bandwidth is in percent.
    """
    rf, param = np.asarray(held["RF"]), held["param"]
    told = {name: getattr(param, name) for name in param._fieldnames}
    if rf.ndim not in (2, 3):
        raise DataError(f"RF has the shape {rf.shape}; samples, channels and perhaps frames are expected")
    rf = np.moveaxis(rf.reshape(*rf.shape[:2], -1), 2, 0).swapaxes(1, 2)[:, None]
    missing = [name for name in ("fs", "fc", "pitch", "TXdelay") if name not in told]
    if missing:
        raise DataError(f"the struct param lacks {', '.join(missing)}; add them, as getparam of MUST does")
    delays = 1e6 * np.atleast_2d(np.asarray(told["TXdelay"], dtype=float))
    if len(delays) != 1:
        raise DataError(f"TXdelay holds {len(delays)} transmissions; save one transmission in a file")
    rate = float(told.get("PRF", 0))
    return Told(
        rf=rf,
        element_mm=_row(rf.shape[2], 1e3 * float(told["pitch"]), 1e3 * float(told.get("radius", np.inf))),
        t0_us=np.full(1, 1e6 * float(told.get("t0", 0.0))),
        waves=lambda *_: delays,
        numbers={
            "fs_mhz": float(told["fs"]) / 1e6,
            "fc_mhz": float(told["fc"]) / 1e6,
            "c_mm_us": float(told["c"]) / 1e3 if "c" in told else None,
            "bandwidth": float(told["bandwidth"]) / 100 if "bandwidth" in told else None,
        },
        frame_times_ms=np.arange(len(rf)) * 1e3 / rate if rate > 0 else None,
    )


def ustb_name(file: Any) -> str:
    """The group that holds channel data of USTB; empty where none does."""
    return next(
        (name for name, one in file.items() if _text(one.attrs.get("class")) == "uff.channel_data"), ""
    )


def _plane(angle_deg: Array, *, from_first: bool = False) -> Waves:
    def delays(element_mm: Array, c_mm_us: float) -> Array:
        made = plane_wave_delays(element_mm, angle_deg=angle_deg, c_mm_us=c_mm_us)
        return made - made.min(axis=1, keepdims=True) if from_first else made

    return delays


def _pybf_angles(group: Any) -> Array:
    name = next(iter(group), "")
    found = re.fullmatch(r"PW_(\d+)_(-?[\d.]+)", name)
    if not found:
        raise DataError(f"transmissions are of the mode {name!r}; {choices(name, ['PW_NUMBER_ANGLE'])}")
    largest = float(found[2])
    return np.linspace(-largest, largest, int(found[1]))


def _numbered(group: Any, name: str) -> list[Any]:
    """Members frame_1, frame_2 ... in the order of their numbers."""
    names = sorted(
        (one for one in group if one.startswith(f"{name}_")), key=lambda one: int(one.split("_")[-1])
    )
    if not names:
        raise DataError(f"holds no {name}; there is nothing to read")
    return [group[one] for one in names]


def _zea_times(scan: Any, frames: int) -> Array | None:
    if "time_to_next_transmit" not in scan:
        return None
    each = scan["time_to_next_transmit"][()].reshape(frames, -1).sum(axis=1)
    return np.concatenate([[0.0], np.cumsum(1e3 * each[:-1].astype(float))])


def _ustb_elements(probe: Any) -> Array:
    if "geometry" in probe:
        return 1e3 * _columns(probe["geometry"][()])[:, [0, 2]]
    if "radius" in probe:
        raise DataError("the curved probe has no geometry, only its radius; save geometry with it")
    return _row(int(_one(probe["N"])), 1e3 * _one(probe["pitch"]))


def _ustb_wave(wave: Any) -> Waves:
    source = {
        name: _one(wave["source"][name]) if name in wave["source"] else 0.0
        for name in ("distance", "azimuth")
    }
    kind = int(_one(wave["wavefront"])) if "wavefront" in wave else 1
    if kind == 0 or np.isinf(source["distance"]):
        return _plane(np.array([np.degrees(source["azimuth"])]))
    if kind != 1:
        raise DataError(
            f"a wave has the wavefront {kind}; plane (0) and spherical (1) ones can be beamformed"
        )
    place = 1e3 * source["distance"] * np.array([np.sin(source["azimuth"]), np.cos(source["azimuth"])])
    if place[1] >= 0:
        raise DataError(
            f"a wave comes from a source at {place[1]:.3g} mm, on or before the face: it is focused; only plane and"
            " diverging waves can be beamformed"
        )
    return lambda element, c: source_delays(element, source_mm=place, c_mm_us=c)


def _row(elements: int, pitch_mm: float, radius_mm: float = np.inf) -> Array:
    """Elements (elements, 2) on a line or an arc, the middle of the face at 0."""
    along = (np.arange(elements) - (elements - 1) / 2) * pitch_mm
    if np.isinf(radius_mm):
        return np.stack([along, np.zeros(elements)], axis=1)
    chord = 2 * radius_mm * np.arcsin(pitch_mm / (2 * radius_mm)) / pitch_mm
    angle = along * chord / radius_mm
    return np.stack([radius_mm * np.sin(angle), radius_mm * (np.cos(angle) - 1)], axis=1)


def _columns(geometry: Array) -> Array:
    """One row an element, whichever way the file stores it."""
    found = np.asarray(geometry, dtype=float)
    return found.T if found.shape[0] in (3, 7) and found.shape[1] not in (3, 7) else found


def _decibels(curve: Array) -> Array:
    if not (curve > 0).all():
        raise DataError("tgc_gain_curve holds gains that are not above 0; correct it or leave it out")
    return np.asarray(20 * np.log10(curve.astype(float)))


def _one(value: Any) -> float:
    found = np.unique(np.asarray(value))
    if found.size != 1:
        raise DataError(
            f"{getattr(value, 'name', 'a setting')} has {found.size} different values; one is needed"
        )
    return float(found[0])


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
