"""Files of channel data, before any beamforming: read as they are, asking for what they do not tell."""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.document import explain, read_document
from ...core.errors import DataError, HeparError, ProtocolError
from ...imaging.ultrasound.channels import ChannelData
from ..files import refuse_unreadable
from . import channel_layouts as layouts
from .channel_layouts import Told

WHAT = "description of channel data"
MATLAB_5, MATLAB_7, HDF5 = b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file", b"\x89HDF\r\n\x1a\n"
ASKED = {
    "fs_mhz": "sampling rate, MHz, e.g. fs_mhz: 20.0",
    "fc_mhz": "centre frequency of what was sent, MHz, e.g. fc_mhz: 5.2",
    "c_mm_us": "speed of sound, mm per microsecond, e.g. c_mm_us: 1.54",
}
"""What has to be known, for whoever is asked to give it."""
DAMAGED = (OSError, KeyError, ValueError, TypeError, RuntimeError, IndexError, EOFError, AttributeError)
"""What the libraries raise for files that are cut short or overwritten."""


class Channels(BaseModel):
    """What the file does not tell; what stands here stands over what it tells."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    fs_mhz: float | None = Field(default=None, gt=0)
    fc_mhz: float | None = Field(default=None, gt=0)
    c_mm_us: float | None = Field(default=None, gt=0)
    bandwidth: float | None = Field(default=None, gt=0)
    demodulated_mhz: float | None = Field(default=None, gt=0)
    t0_us: float | None = None
    frame_rate_hz: float | None = Field(default=None, gt=0)
    time_gain: Literal["none applied", "unknown"] | None = None
    device: str | None = None
    preset: str | None = None
    subject: str | None = None
    site: str | None = None
    view: str | None = None
    remark: str | None = None


TEXTS = ("device", "preset", "subject", "site", "view", "remark")
NUMBERS = ("fs_mhz", "fc_mhz", "c_mm_us", "bandwidth", "demodulated_mhz")
HDF5_LAYOUTS: Mapping[str, tuple[Callable[[Any], bool], Callable[[Any], Told], str]] = {
    "PyBF": (
        lambda file: "data/rf_data" in file and "trans_params" in file,
        layouts.pybf,
        "data/rf_data, trans_params",
    ),
    "PICMUS": (
        lambda file: "US/US_DATASET0000/data" in file and "US/US_DATASET0000/angles" in file,
        layouts.picmus,
        "US/US_DATASET0000 with data and angles",
    ),
    "zea": (
        lambda file: "data/raw_data" in file or len(file.get("tracks", ())) == 1,
        layouts.zea,
        "data/raw_data and scan, or one track of them",
    ),
    "USTB": (
        lambda file: bool(layouts.ustb_name(file)),
        layouts.ustb,
        "a group of class uff.channel_data",
    ),
}
"""Layouts in HDF5 by name: whether a file has it, what reads it, what it needs."""


def read_channel_data(
    path: Path | str, settings: Path | str | Mapping[str, Any] | None = None
) -> ChannelData:
    """The channel data at `path`: HDF5 of PyBF, PICMUS, zea or USTB, or a MATLAB file of MUST (`RF` and `param`).

    `settings` (or `NAME.yaml` beside the file) tells what the file does not; the speed of sound, the centre frequency
    and the sampling rate are asked for where neither tells them. Raises `DataError` for a file that is of another kind,
    damaged or incomplete, `ProtocolError` for settings that are none.
    """
    path = Path(path)
    refuse_unreadable(path)
    known = _settings(settings, path)
    try:
        told = _told(path)
        return _made(told, known)
    except HeparError as error:
        message = str(error)
        raise type(error)(message if str(path) in message else f"{path}: {message}") from None


def _settings(settings: Path | str | Mapping[str, Any] | None, path: Path) -> Channels:
    if isinstance(settings, Mapping):
        try:
            return Channels.model_validate(dict(settings))
        except ValidationError as error:
            lines = "\n".join(f"  {line}" for line in explain(error, Channels))
            raise ProtocolError(f"settings are not a valid {WHAT}:\n{lines}") from None
    beside = path.with_suffix(".yaml")
    file = Path(settings) if settings is not None else beside if beside.is_file() else None
    return Channels() if file is None else read_document(Channels, file, what=WHAT)


def _told(path: Path) -> Told:
    with path.open("rb") as file:
        head = file.read(max(map(len, (MATLAB_5, MATLAB_7, HDF5))))
    if head.startswith(MATLAB_5):
        return _must(path)
    if head.startswith(MATLAB_7):
        raise DataError("is a MATLAB file of version 7.3; save RF and param with save(..., '-v7')")
    if head.startswith(HDF5):
        return _hdf5(path)
    raise DataError(
        "is no file of channel data: its first bytes are neither those of HDF5 nor of a MATLAB file of version 5"
    )


def _hdf5(path: Path) -> Told:
    try:
        with h5py.File(path, "r") as file:
            for has, read, _ in HDF5_LAYOUTS.values():
                if has(file):
                    return read(file)
    except HeparError:
        raise
    except DAMAGED as error:
        missing = f" ({error.args[0]})" if isinstance(error, KeyError) and error.args else ""
        raise DataError(
            f"is damaged, truncated or lacks a part of its layout{missing}; copy it again from its source"
        ) from None
    needs = "; ".join(f"{name} has {what}" for name, (_, _, what) in HDF5_LAYOUTS.items())
    raise DataError(f"holds no channel data of a layout that is known: {needs}")


def _must(path: Path) -> Told:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        held = loadmat(path, squeeze_me=True, struct_as_record=False)
        lacking = [name for name in ("RF", "param") if name not in held]
        if lacking:
            raise DataError(
                f"lacks {' and '.join(lacking)}; channel data of MUST are RF and the struct param"
            )
        return layouts.must(held)
    except HeparError:
        raise
    except (*DAMAGED, MatReadError, zlib.error):
        raise DataError("is a damaged or truncated MATLAB file; copy it again from its source") from None


def _made(told: Told, known: Channels) -> ChannelData:
    numbers = {
        name: getattr(known, name) if getattr(known, name) is not None else told.numbers.get(name)
        for name in NUMBERS
    }
    missing = [name for name in ASKED if numbers[name] is None]
    if missing:
        lines = "\n".join(f"  {name}: {ASKED[name]}" for name in missing)
        raise DataError(
            "does not tell what is needed to beamform it. Write into a .yaml of the same name beside it, or give as"
            f" settings:\n{lines}"
        )
    given: dict[str, Any] = {name: float(value) for name, value in numbers.items() if value is not None}
    t0_us = np.asarray(told.t0_us, dtype=float)
    if known.t0_us is not None:
        t0_us = np.full_like(t0_us, known.t0_us)
    texts: dict[str, Any] = {name: getattr(known, name) or told.texts.get(name, "") for name in TEXTS}
    rf = _numbers(told.rf)
    if told.from_first_sample and "demodulated_mhz" in given and t0_us.shape == rf.shape[1:2]:
        turn = np.exp(-2j * np.pi * given["demodulated_mhz"] * t0_us).astype(np.complex64)
        rf = rf * turn[:, None, None]
    return ChannelData(
        rf=rf,
        element_mm=np.asarray(told.element_mm, dtype=float),
        delays_us=np.asarray(told.waves(told.element_mm, given["c_mm_us"]), dtype=float),
        t0_us=t0_us,
        tgc_db=np.zeros(rf.shape[3]) if known.time_gain == "none applied" else told.tgc_db,
        frame_times_ms=_times(told, known),
        **given,
        **texts,
    )


def _times(told: Told, known: Channels) -> NDArray[Any] | None:
    if known.frame_rate_hz is not None:
        return np.arange(len(told.rf)) * 1e3 / known.frame_rate_hz
    return told.frame_times_ms


def _numbers(rf: NDArray[Any]) -> NDArray[Any]:
    if rf.dtype == np.int16:
        return np.ascontiguousarray(rf)
    if rf.dtype.kind not in "iufc":
        raise DataError(f"its echoes are stored as {rf.dtype}; numbers are needed")
    return np.ascontiguousarray(rf, dtype=np.complex64 if rf.dtype.kind == "c" else np.float32)
