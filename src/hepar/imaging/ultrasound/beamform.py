"""Delay and sum: channel data of plane and diverging waves to lines of radio frequency."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ...core.errors import DataError, ProtocolError, choices
from .arrival import arrival_us, refuse_focused
from .channels import ChannelData, dead_elements, heard
from .frames import RfFrames
from .scan_lines import ScanLines, element_lines
from .upsample import upsampled

_Array = NDArray[Any]
_Floats = NDArray[np.float32]
NARROWEST_PITCHES = 1.5
"""Half width of the aperture, in pitches, where the f-number asks for less than the elements give."""

FRAMES_AT_ONCE = 4
"""From how many frames on they are multiplied together: a sparse product of one or two is slower than two of one."""


def _box(u: _Floats) -> _Floats:
    return (u <= 1).astype(np.float32)


def _hann(u: _Floats) -> _Floats:
    return np.where(u < 1, np.cos(np.float32(np.pi / 2) * u) ** 2, np.float32(0))


def _hamming(u: _Floats) -> _Floats:
    return np.where(
        u <= 1, np.float32(0.54) + np.float32(0.46) * np.cos(np.float32(np.pi) * u), np.float32(0)
    )


APODISATIONS: Mapping[str, Callable[[_Floats], _Floats]] = {
    "box": _box,
    "hann": _hann,
    "hamming": _hamming,
}
"""Weights over u, the distance of an element from the middle of the aperture in half widths of it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is decided before any echo is touched."""

    lines: ScanLines
    depth_mm: NDArray[np.float64]
    fs_mhz: float
    f_number: float
    window: Callable[[_Floats], _Floats]
    factor: int
    alive: NDArray[np.bool_]


def beamform(
    data: ChannelData,
    *,
    lines: ScanLines | None = None,
    depth_mm: tuple[float, float] | None = None,
    f_number: float = 1.5,
    apodisation: str = "hann",
    fs_mhz: float | None = None,
    samples_a_period: int = 16,
    memory_mb: float = 256.0,
) -> RfFrames:
    """Radio-frequency lines from channel data by delay and sum, transmissions compounded coherently.

    A sample at the place p is the weighted mean over transmissions t and elements k of the echo at the time that the
    wave needs to p and back, tau_t(p) + |p - e_k| / c (Perrot et al. 2021), so that a point in focus has the amplitude
    that the elements heard, at any depth. `f_number` is depth over width of the aperture (0: all elements); it is
    centred at the origin of its line. Elements that are dead, and echoes before or after the record, are left out of
    the mean. Time gain that the recording tells is undone first.

    Echoes between samples: each channel is interpolated in its band to `samples_a_period` samples a period (what was
    sampled by its band goes back to where the band is, demodulated data are modulated again), then joined by straight
    lines whose mean loss, sinc^2(f / rate), is undone beforehand.

    Lines go straight out from each element if `lines` is none. `depth_mm` is what the record covers if none, `fs_mhz`
    the least rate that holds the band of the record. A sample of a line is depth, not time: its axial frequency is
    f (cos(angle sent) + mean cos(angle heard)) / 2. Beside a steered wave there is little to hear: near the sides
    compounded lines lose amplitude with depth.

    Memory stays near `memory_mb` beside the record and the result: frames are taken in turn. Bad settings raise
    `ProtocolError`; a record that is focused, dead or has an empty frame raises `DataError`.
    """
    refuse_focused(
        data.delays_us, element_mm=data.element_mm, c_mm_us=data.c_mm_us, wavelength_mm=data.wavelength_mm
    )
    _refuse_settings(apodisation=apodisation, f_number=f_number, samples_a_period=samples_a_period)
    rate = _rate_mhz(data, fs_mhz)
    plan = _Plan(
        lines=lines or element_lines(data),
        depth_mm=_depths(data, depth_mm or covered_mm(data, f_number=f_number), rate_mhz=rate),
        fs_mhz=rate,
        f_number=f_number,
        window=APODISATIONS[apodisation],
        factor=int(np.ceil(max(samples_a_period * data.fc_mhz, 2 * data.band_mhz[1]) / data.fs_mhz)),
        alive=_alive(data),
    )
    made = np.zeros((data.rf.shape[0], plan.lines.angle_deg.size, plan.depth_mm.size), dtype=np.float32)
    for frames in _blocks(data, plan.factor, memory_mb=memory_mb):
        _add(made[frames], data, plan, frames=frames)
    return _labelled(data, plan, made)


def covered_mm(data: ChannelData, *, f_number: float) -> tuple[float, float]:
    """Depths in front of the probe's middle from which the whole aperture is heard within the record, mm."""
    sent = np.nanmedian(data.delays_us, axis=1)
    first = data.c_mm_us * float((data.t0_us - sent).max())
    last = data.c_mm_us * float((data.t0_us - sent).min() + (data.rf.shape[3] - 1) / data.fs_mhz)
    if f_number:
        bottom = last / (1 + np.sqrt(1 + 1 / (2 * f_number) ** 2))
    else:
        half = float(np.ptp(data.element_mm[:, 0]) / 2)
        bottom = (last**2 - half**2) / (2 * last) if last else 0.0
    top = max(first / 2, 0.0)
    if bottom <= top:
        raise DataError(
            f"the record, {data.rf.shape[3]} samples from {data.t0_us.min():g} us, covers no depth with an f-number of"
            f" {f_number:g}; correct t0_us or delays_us, raise f_number or give depth_mm"
        )
    return top, float(bottom)


def _refuse_settings(*, apodisation: str, f_number: float, samples_a_period: int) -> None:
    if apodisation not in APODISATIONS:
        raise ProtocolError(f"apodisation is {apodisation!r}; {choices(apodisation, APODISATIONS)}")
    if not 0 <= f_number < np.inf:
        raise ProtocolError(f"f_number is {f_number!r}; give depth over aperture, or 0 for all elements")
    if not 4 <= samples_a_period <= 256:
        raise ProtocolError(f"samples_a_period is {samples_a_period!r}; give 4 to 256")


def _rate_mhz(data: ChannelData, asked_mhz: float | None) -> float:
    high = data.band_mhz[1]
    if asked_mhz is None:
        return 2 * high
    if not 2 * high * (1 - 1e-9) <= asked_mhz < np.inf:
        raise ProtocolError(
            f"fs_mhz is {asked_mhz!r}; to hold the band up to {high:g} MHz give {2 * high:g} or more"
        )
    return asked_mhz


def _depths(data: ChannelData, depth_mm: tuple[float, float], *, rate_mhz: float) -> NDArray[np.float64]:
    top, bottom = depth_mm
    if not (0 <= top < bottom < np.inf):
        raise ProtocolError(f"depth_mm is {top:g} to {bottom:g}; give two rising depths in mm, from 0")
    step = data.c_mm_us / (2 * rate_mhz)
    return np.asarray(top + step * np.arange(int((bottom - top) / step + 1e-6) + 1), dtype=np.float64)


def _alive(data: ChannelData) -> NDArray[np.bool_]:
    alive = heard(data)
    if not alive.any():
        raise DataError("the record holds zeros only; there is nothing to beamform")
    empty = np.flatnonzero(~data.rf.any(axis=(1, 2, 3)))
    if empty.size:
        raise DataError(
            f"frames {', '.join(map(str, empty[:10]))} of {data.rf.shape[0]} hold zeros only; leave them out"
        )
    return alive


def _blocks(data: ChannelData, factor: int, *, memory_mb: float) -> Iterator[slice]:
    """Frames whose echoes between samples, spectra and their copies fit into the memory asked for."""
    frames, _, channels, samples = data.rf.shape
    bytes_each = (3 if data.demodulated_mhz is None else 5) * 4 * factor * channels * samples
    step = max(1, int(memory_mb * 1e6 / bytes_each))
    return (slice(at, min(at + step, frames)) for at in range(0, frames, step))


def _add(made: _Floats, data: ChannelData, plan: _Plan, *, frames: slice) -> None:
    """Fill `made` (frames, lines, samples)."""
    weights = np.zeros(made.shape[1:], dtype=np.float32)
    for transmission in range(data.rf.shape[1]):
        if not plan.alive[transmission].any():
            continue
        echoes = upsampled(data, frames=frames, transmission=transmission, factor=plan.factor)
        columns = _columns(echoes)
        for line in range(made.shape[1]):
            operator, weight = _operator(data, plan, line=line, transmission=transmission)
            for at, column in columns:
                made[at, line] += (operator @ column).T
            weights[line] += weight
    np.divide(made, weights, out=made, where=weights > 0)


def _columns(echoes: _Floats) -> list[tuple[slice | int, _Floats]]:
    """Frames as a sparse product is fastest with them: all as columns of one matrix, or one by one where few."""
    flat = echoes.reshape(len(echoes), -1)
    if len(flat) < FRAMES_AT_ONCE:
        return list(enumerate(flat))
    return [(slice(None), np.ascontiguousarray(flat.T))]


def _operator(data: ChannelData, plan: _Plan, *, line: int, transmission: int) -> tuple[Any, _Floats]:
    """Weights (samples of the line, channels x samples between samples) and their sums (samples of the line,)."""
    angle, origin = np.radians(plan.lines.angle_deg[line]), plan.lines.origin_mm[line]
    points = origin + plan.depth_mm[:, None] * np.array([np.sin(angle), np.cos(angle)])
    weight, channels = _aperture(data, plan, origin=origin, alive=plan.alive[transmission])
    element = data.element_mm[channels].astype(np.float32)
    sent = arrival_us(
        points, element_mm=data.element_mm, delays_us=data.delays_us[transmission], c_mm_us=data.c_mm_us
    )
    rate = plan.factor * data.fs_mhz
    down = points.astype(np.float32)
    place = np.hypot(down[:, :1] - element[:, 0], down[:, 1:] - element[:, 1])
    place *= np.float32(rate / data.c_mm_us)
    place += ((sent - data.t0_us[transmission]) * rate).astype(np.float32)[:, None]
    length = (data.rf.shape[3] - 1) * plan.factor + 1
    return _sparse(place, weight, channels=channels, length=length, total=data.rf.shape[2] * length)


def _aperture(
    data: ChannelData, plan: _Plan, *, origin: _Array, alive: NDArray[np.bool_]
) -> tuple[_Floats, NDArray[np.intp]]:
    """Weights (samples, channels) of a line, and the channels that have any."""
    if plan.f_number:
        half = np.maximum(plan.depth_mm / (2 * plan.f_number), NARROWEST_PITCHES * data.pitch_mm)
        distance = np.hypot(*(data.element_mm - origin).T)
    else:
        across = data.element_mm[:, 0]
        half = np.full(plan.depth_mm.size, np.ptp(across) / 2 + data.pitch_mm / 2)
        distance = np.abs(across - (across.max() + across.min()) / 2)
    channels = np.flatnonzero(alive & (distance <= half.max()))
    u = distance[channels].astype(np.float32) / half[:, None].astype(np.float32)
    return plan.window(u), channels


def _sparse(
    place: _Floats, weight: _Floats, *, channels: NDArray[np.intp], length: int, total: int
) -> tuple[Any, _Floats]:
    """Straight lines between samples as a matrix: `place` (samples, channels) in samples of the record."""
    before = np.floor(place)
    used = (weight > 0) & (before >= 0) & (before < length - 1)
    share = (place - before)[used]
    held = weight[used]
    index = (before.astype(np.int32) + (channels * length).astype(np.int32))[used]
    values = np.empty((held.size, 2), dtype=np.float32)
    np.multiply(held, share, out=values[:, 1])
    np.subtract(held, values[:, 1], out=values[:, 0])
    columns = np.stack([index, index + 1], axis=1)
    ends = np.concatenate([[0], 2 * np.cumsum(np.count_nonzero(used, axis=1))]).astype(np.int32)
    operator = csr_array((values.ravel(), columns.ravel(), ends), shape=(len(place), total))
    return operator, np.where(used, weight, np.float32(0)).sum(axis=1)


def _labelled(data: ChannelData, plan: _Plan, made: _Floats) -> RfFrames:
    dead = dead_elements(data)
    remark = f"left out as dead: elements {', '.join(map(str, dead))}" if dead.size else ""
    return RfFrames(
        rf=made,
        fs_mhz=plan.fs_mhz,
        fc_mhz=data.fc_mhz,
        c_mm_us=data.c_mm_us,
        geometry=plan.lines.geometry,
        line_angle_deg=plan.lines.angle_deg,
        line_origin_mm=plan.lines.origin_mm,
        start_mm=float(plan.depth_mm[0]),
        tgc_db=None if data.tgc_db is None else np.zeros(plan.depth_mm.size, dtype=np.float32),
        bandwidth=data.bandwidth,
        radius_mm=plan.lines.radius_mm,
        frame_times_ms=data.frame_times_ms,
        device=data.device,
        preset=data.preset,
        subject=data.subject,
        site=data.site,
        view=data.view,
        remark="; ".join(part for part in (data.remark, remark) if part),
        more={
            **data.more,
            "f_number": plan.f_number,
            "transmissions": data.rf.shape[1],
            "dead_elements": dead.size,
        },
    )
