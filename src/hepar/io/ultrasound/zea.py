"""Beamformed radio frequency in the HDF5 layout of zea, as it was (`data`, `scan`) and as it is (`tracks`).

`beamformed_data` is (frames, depth, lines, 1) of one channel for radio frequency and two for IQ data: an array in the
older layout, in the newer a group of `values` and `coordinates` (x, y, z in metres). `scan` is in SI units. Data of
channels (`raw_data`, `aligned_data`) are handed on to be beamformed.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from .acquisition import Acquired
from .grid import Lines, lines_through
from .own import HDF5
from .settings import PROBE, STORAGE, refuse_unused
from .source import Look
from .stream import Source, Stream, stream_of, told_of

Array = NDArray[Any]
BEAMFORMED, CHANNELS = "beamformed_data", ("raw_data", "aligned_data")
PICTURES = ("envelope_data", "image", "image_sc")
SIDECARS = (".yaml", ".yml", ".settings.yaml", ".settings.yml")


def lacks(look: Look) -> str:
    """What keeps the file from having zea's layout; empty where it has."""
    if not look.head.startswith(HDF5):
        return "its first bytes are not those of HDF5"
    known = {BEAMFORMED, *CHANNELS, *PICTURES}
    if any(known & set(held) for held in _tracks(look.path).values()):
        return ""
    return "it has no group data with beamformed_data, raw_data, aligned_data, envelope_data or image"


def open_stream(look: Look) -> Stream:
    """The beamformed data in it; where there are channel data only, those after beamforming."""
    path = look.path
    tracks = _tracks(path)
    names = [name for name, held in tracks.items() if BEAMFORMED in held]
    if not names and any(set(CHANNELS) & set(held) for held in tracks.values()):
        from . import channels

        return channels.open_stream(look)
    if len(names) != 1:
        raise DataError(
            f"{path}: holds beamformed data in {len(names)} of its tracks, one is needed. From an envelope or an image"
            " radio frequency cannot be had back; save the beamformed radio frequency"
        )
    return _stream(look, names[0])


def _stream(look: Look, track: str) -> Stream:
    from .hdf5 import opened

    path = look.path
    settings = look.settings(*SIDECARS)
    refuse_unused(settings, (*STORAGE, *PROBE), path=path, why="a file of zea tells it itself")
    with opened(path) as file, told_of(path):
        told, shape, kind, lines, name = _told(file, track)
    if lines is not None:
        known = Acquired(path, settings, shape, told)
        if not known.knows("c_mm_us"):
            known.ask("c_mm_us")
        told = {**told, "fs_mhz": known.number("c_mm_us") / (2 * lines.step_mm)}
    facts = Acquired(path, settings, shape, told).facts()
    return stream_of(Source(shape, kind, _echoes(path, name)), facts, path)


def _tracks(path: Path) -> dict[str, tuple[str, ...]]:
    """Where groups `data` lie, and what is in each."""
    from .hdf5 import is_group, opened

    with opened(path) as file:
        places = [""]
        if "tracks" in file and is_group(file["tracks"]):
            places += [f"tracks/{name}/" for name in file["tracks"] if is_group(file["tracks"][name])]
        found = {place: file.get(f"{place}data") for place in places}
        return {place: tuple(group) for place, group in found.items() if is_group(group)}


def _told(
    file: Any, track: str
) -> tuple[dict[str, Any], tuple[int, int, int], np.dtype[Any], Lines | None, str]:
    from .hdf5 import is_group

    name = f"{track}data/{BEAMFORMED}"
    group = file[name]
    values = group["values"] if is_group(group) else group
    if values.ndim == 4 and values.shape[-1] == 2:
        raise DataError(
            "holds IQ data (two channels) where radio frequency is expected; beamform without demodulation"
        )
    if values.ndim not in (3, 4) or (values.ndim == 4 and values.shape[-1] != 1):
        raise DataError(
            f"holds beamformed data of shape {values.shape}; (frames, depth, lines, 1) is needed, of a plane"
        )
    frames, samples, count = values.shape[:3]
    told = _scan(file, track)
    lines = None
    if is_group(group) and "coordinates" in group:
        at_mm = np.asarray(group["coordinates"][()], dtype=np.float64) * 1e3
        at_mm = at_mm.reshape(-1, samples, count, 3)[0]
        lines = lines_through(at_mm[..., 0].T, at_mm[..., 2].T)
        fields = ("geometry", "start_mm", "radius_mm", "line_angle_deg", "line_origin_mm")
        told |= {field: getattr(lines, field) for field in fields}
        told.pop("fs_mhz", None)
    return told, (frames, count, samples), values.dtype, lines, f"{name}/values" if is_group(group) else name


def _scan(file: Any, track: str) -> dict[str, Any]:
    """Of `scan` only what stays true of beamformed lines: frequency sent and speed of sound.

    Its sampling rate and time gain are those of the channels; on the beamformer's grid they are others.
    """
    from .hdf5 import scalar

    scan: Any = next((file[f"{place}scan"] for place in (track, "") if f"{place}scan" in file), {})
    found = {
        "fc_mhz": (scalar(scan, "center_frequency"), 1e-6),
        "c_mm_us": (scalar(scan, "sound_speed"), 1e-3),
    }
    return {name: value * factor for name, (value, factor) in found.items() if value}


def _echoes(path: Path, name: str) -> Any:
    from .hdf5 import opened_at

    def echoes(start: int, stop: int) -> Array:
        with opened_at(path, name) as values:
            found = np.asarray(values[start:stop])
        return (found[..., 0] if found.ndim == 4 else found).transpose(0, 2, 1)

    return echoes
