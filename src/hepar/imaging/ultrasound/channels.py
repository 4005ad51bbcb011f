"""Channel data of raw ultrasound: what every element heard of every transmission, and how that was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.errors import DataError

_Array = NDArray[Any]
_NUMBERS = ("fs_mhz", "fc_mhz", "c_mm_us")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChannelData:
    """Echoes as the elements of a probe heard them, before any beamforming.

    `rf` (frames, transmissions, channels, samples) is int16 or float32, or complex64 if it was demodulated at
    `demodulated_mhz` (phase 0 at time 0). Channel k is the element at `element_mm[k]` (across, down; mm from the
    middle of the probe's face). In transmission t it fires at `delays_us[t, k]`, or not at all where that is NaN, and
    the first sample is taken at `t0_us[t]`, both on one clock. `bandwidth` is the two-way -6 dB width over `fc_mhz`;
    `tgc_db` (samples,) is gain that is in the echoes. None says that the recording does not tell.

    Samples taken at less than twice the highest frequency are sound as long as the band lies between two neighbouring
    multiples of `fs_mhz` / 2; `bandwidth` has to be told then.
    """

    rf: _Array
    fs_mhz: float
    fc_mhz: float
    c_mm_us: float
    element_mm: _Array
    delays_us: _Array
    t0_us: _Array
    demodulated_mhz: float | None = None
    bandwidth: float | None = None
    tgc_db: _Array | None = None
    frame_times_ms: _Array | None = None
    device: str = ""
    preset: str = ""
    subject: str = ""
    site: str = ""
    view: str = ""
    remark: str = ""
    more: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rf.ndim != 4 or self.rf.dtype not in (np.int16, np.float32, np.complex64) or not self.rf.size:
            raise DataError(
                "channel data are (frames, transmissions, channels, samples) of int16, float32 or complex64; found"
                f" {self.rf.shape} of {self.rf.dtype}"
            )
        self._refuse_other_shapes()
        self._refuse_impossible_numbers()
        self._refuse_what_is_not_finite()
        self._refuse_aliases()

    @property
    def band_mhz(self) -> tuple[float, float]:
        """Lowest and highest frequency that the samples can tell apart around `fc_mhz`."""
        if self.demodulated_mhz is not None:
            return max(self.demodulated_mhz - self.fs_mhz / 2, 0.0), self.demodulated_mhz + self.fs_mhz / 2
        zone = self.zone
        return zone * self.fs_mhz / 2, (zone + 1) * self.fs_mhz / 2

    @property
    def zone(self) -> int:
        """How many multiples of half the sampling rate lie below `fc_mhz`: 0 unless sampled by its band."""
        return int(np.floor(2 * self.fc_mhz / self.fs_mhz))

    @property
    def wavelength_mm(self) -> float:
        """Of the centre frequency."""
        return self.c_mm_us / self.fc_mhz

    @property
    def pitch_mm(self) -> float:
        """Distance of neighbouring elements; the middle one of all."""
        return float(np.median(np.hypot(*np.diff(self.element_mm, axis=0).T)))

    def _refuse_other_shapes(self) -> None:
        frames, transmissions, channels, samples = self.rf.shape
        shapes = {
            "element_mm": (channels, 2),
            "delays_us": (transmissions, channels),
            "t0_us": (transmissions,),
            "tgc_db": (samples,),
            "frame_times_ms": (frames,),
        }
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is not None and value.shape != shape:
                raise DataError(
                    f"{name} has the shape {value.shape}; {frames} frames of {transmissions} transmissions of"
                    f" {channels} channels of {samples} samples need {shape}"
                )
        if channels < 2:
            raise DataError("one channel cannot be beamformed; give the channels of two elements or more")
        if self.pitch_mm <= 0:
            raise DataError("element_mm puts neighbouring elements in one place; give where each element is")

    def _refuse_impossible_numbers(self) -> None:
        for name in _NUMBERS:
            if not 0 < getattr(self, name) < np.inf:
                raise DataError(f"{name} is {getattr(self, name)!r}; give a number above 0")
        for name in ("bandwidth", "demodulated_mhz"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise DataError(f"{name} is {value!r}; give a number above 0, or none where there is none")
        if not 0.1 < self.c_mm_us < 10:
            raise DataError(
                f"c_mm_us is {self.c_mm_us:g}; a speed of sound in mm/us is near 1.5, which is 1500 m/s"
            )
        if (self.rf.dtype == np.complex64) != (self.demodulated_mhz is not None):
            raise DataError(
                f"channel data of {self.rf.dtype} with demodulated_mhz {self.demodulated_mhz!r} contradict each other:"
                " demodulated (IQ) data are complex64 and say at which frequency, radio frequency says none"
            )

    def _refuse_what_is_not_finite(self) -> None:
        broken = np.asarray(~np.isfinite(self.rf).all(axis=3))
        if broken.any():
            frame, transmission, channel = np.argwhere(broken)[0]
            raise DataError(
                f"rf holds values that are not finite, first in frame {frame}, transmission {transmission}, channel"
                f" {channel}, {np.count_nonzero(broken)} channels in all; every echo is a number: record them as 0"
            )
        for name in ("element_mm", "t0_us", "tgc_db", "frame_times_ms"):
            value = getattr(self, name)
            if value is not None and not np.isfinite(value).all():
                raise DataError(f"{name} holds values that are not finite; every setting is a number")
        silent = np.flatnonzero(np.isnan(self.delays_us).all(axis=1))
        if silent.size or np.isinf(self.delays_us).any():
            raise DataError(
                f"delays_us lets no element fire in transmissions {silent.tolist()}, or holds infinite delays; NaN"
                " marks the elements that do not fire, all others have a time in us"
            )

    def _refuse_aliases(self) -> None:
        """Bands that the sampling rate folds onto themselves (Vaughan, Scott, White 1991, bandpass sampling)."""
        low, high = self.band_mhz
        if self.demodulated_mhz is None and self.zone and self.bandwidth is None:
            raise DataError(
                f"{self.fc_mhz:g} MHz sampled at {self.fs_mhz:g} MHz is less than two samples a period: sound only for"
                f" a band inside {low:g} to {high:g} MHz; give bandwidth, or correct fs_mhz or fc_mhz"
            )
        half = self.fc_mhz * (self.bandwidth or 0.0) / 2
        if self.fc_mhz - half < low - 1e-9 or self.fc_mhz + half > high + 1e-9 or self.fc_mhz >= high:
            raise DataError(
                f"a band of {self.fc_mhz - half:.3g} to {self.fc_mhz + half:.3g} MHz sampled at {self.fs_mhz:g} MHz"
                f" folds onto itself; it has to lie inside {low:g} to {high:g} MHz: correct fs_mhz, fc_mhz or"
                " bandwidth"
            )


def heard(data: ChannelData) -> NDArray[np.bool_]:
    """Which channel (transmissions, channels) holds anything but zeros in any frame."""
    return np.asarray(data.rf.any(axis=(0, 3)), dtype=np.bool_)


def dead_elements(data: ChannelData) -> NDArray[np.intp]:
    """Numbers, from 0, of the channels that hold zeros only, in every frame and transmission."""
    return np.flatnonzero(~heard(data).any(axis=0))


def plane_wave_delays(element_mm: ArrayLike, *, angle_deg: ArrayLike, c_mm_us: float) -> NDArray[np.float64]:
    """When elements (channels, 2) fire, in us (angles, channels), to send plane waves.

    `angle_deg` (angles,) is positive towards the last element; the wave passes the middle of the face at time 0.
    """
    across, down = np.asarray(element_mm, dtype=float).T
    angle = np.radians(np.atleast_1d(np.asarray(angle_deg, dtype=float)))[:, None]
    made: NDArray[np.float64] = (across * np.sin(angle) + down * np.cos(angle)) / c_mm_us
    return made


def source_delays(element_mm: ArrayLike, *, source_mm: ArrayLike, c_mm_us: float) -> NDArray[np.float64]:
    """When elements (channels, 2) fire, in us (sources, channels), to send waves as from points behind the face.

    `source_mm` (sources, 2) are across and down, down below 0; the wave passes the middle of the face at time 0.
    """
    source = np.atleast_2d(np.asarray(source_mm, dtype=float))
    if (source[:, 1] >= 0).any():
        raise DataError("a source of a diverging wave lies behind the face: its second number is below 0")
    way = np.hypot(*np.moveaxis(np.asarray(element_mm, dtype=float)[None] - source[:, None], 2, 0))
    made: NDArray[np.float64] = (way - np.hypot(*source.T)[:, None]) / c_mm_us
    return made
