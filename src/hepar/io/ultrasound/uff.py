"""Beamformed radio frequency in UFF, the HDF5 of the UltraSound ToolBox (Rodriguez-Molares et al., 2018).

An object `uff.beamformed_data` has `data`, in the order of MATLAB pixel x channel x wave x frame (listed the other way
round in HDF5), and the `scan` of its pixels: depth runs fastest. Channel data are handed on to be beamformed.
"""

from collections.abc import Iterator
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
BEAMFORMED, CHANNELS = "uff.beamformed_data", "uff.channel_data"
SIDECARS = (".yaml", ".yml", ".settings.yaml", ".settings.yml")


def lacks(look: Look) -> str:
    """What keeps the file from being UFF with data; empty where nothing does."""
    if not look.head.startswith(HDF5):
        return "its first bytes are not those of HDF5"
    return "" if _objects(look.path) else "it holds no uff.beamformed_data and no uff.channel_data"


def open_stream(look: Look) -> Stream:
    """The beamformed data in it; where there are channel data only, those after beamforming."""
    from .hdf5 import opened

    path = look.path
    objects = _objects(path)
    names = [name for name, kind in objects.items() if kind == BEAMFORMED]
    if not names:
        from . import channels

        return channels.open_stream(look)
    if len(names) > 1:
        raise DataError(
            f"{path}: holds {len(names)} sets of beamformed data ({', '.join(names)}); save the one to be read in a"
            " file of its own"
        )
    settings = look.settings(*SIDECARS)
    refuse_unused(settings, (*STORAGE, *PROBE), path=path, why="a UFF file tells it itself")
    with opened(path) as file, told_of(path):
        told, shape, kind, lines = _told(file[names[0]])
    acquired = Acquired(path, settings, shape, told)
    if not acquired.knows("c_mm_us"):
        acquired.ask("c_mm_us", *(["fc_mhz"] if not acquired.knows("fc_mhz") else []), "time_gain")
    told = {**told, "fs_mhz": acquired.number("c_mm_us") / (2 * lines.step_mm)}
    facts = Acquired(path, settings, shape, told).facts()
    return stream_of(Source(shape, kind, _echoes(path, f"{names[0]}/data", shape)), facts, path)


def _objects(path: Path) -> dict[str, str]:
    """Name and class of what of UFF's objects hold data."""
    from .hdf5 import opened, text

    with opened(path) as file:
        classes = {name: text(item.attrs.get("class", "")) for name, item in file.items()}
    return {name: kind for name, kind in classes.items() if kind in (BEAMFORMED, CHANNELS)}


def _told(group: Any) -> tuple[dict[str, Any], tuple[int, int, int], np.dtype[Any], Lines]:
    from .hdf5 import is_group, scalar

    data = group["data"]
    if is_group(data) or scalar(group, "modulation_frequency"):
        raise DataError(
            "holds IQ data (complex numbers, or a modulation frequency) where radio frequency is expected; beamform"
            " without demodulation"
        )
    lines = lines_through(*_pixels(group["scan"]))
    count = len(lines.line_angle_deg)
    pixels = data.shape[-1]
    frames = data.shape[0] if data.ndim == 4 or (data.ndim == 2 and data.shape[0] > 1) else 1
    if data.size != frames * pixels or pixels % count:
        raise DataError(
            f"holds an array of {' x '.join(map(str, data.shape))}, in which channels or waves are still apart; sum"
            " over them when beamforming"
        )
    told = {name: getattr(lines, name) for name in ("geometry", "start_mm", "radius_mm")}
    told |= {name: getattr(lines, name) for name in ("line_angle_deg", "line_origin_mm")}
    sent_hz = scalar(group["pulse"], "center_frequency") if "pulse" in group else None
    if sent_hz:
        told["fc_mhz"] = sent_hz / 1e6
    return told, (frames, count, pixels // count), data.dtype, lines


def _pixels(scan: Any) -> Iterator[Array]:
    """Coordinates x and z of the pixels (lines, samples), mm."""
    from .hdf5 import scalar, text, vector

    kind = text(scan.attrs.get("class", ""))
    names = {
        "uff.linear_scan": ("x_axis", "z_axis"),
        "uff.sector_scan": ("azimuth_axis", "depth_axis"),
    }
    if kind not in names:
        raise DataError(
            f"lies on a {kind or 'scan without a class'}; uff.linear_scan or uff.sector_scan is needed"
        )
    across, along = (vector(scan, name) for name in names[kind])
    if across is None or along is None:
        raise DataError(f"lies on a {kind} without {' or '.join(names[kind])}; save it again")
    if kind == "uff.linear_scan":
        yield from np.broadcast_arrays(across[:, None] * 1e3, along[None, :] * 1e3)
        return
    apex = scan["origin"] if "origin" in scan else scan.get("apex", {})
    at = [1e3 * (scalar(apex, name) or 0.0) for name in ("x", "z")]
    yield at[0] + 1e3 * along[None, :] * np.sin(across)[:, None]
    yield at[1] + 1e3 * along[None, :] * np.cos(across)[:, None]


def _echoes(path: Path, name: str, shape: tuple[int, int, int]) -> Any:
    from .hdf5 import opened_at

    def echoes(start: int, stop: int) -> Array:
        with opened_at(path, name) as data:
            found = data[start:stop] if data.ndim > 1 and shape[0] > 1 else data[()]
        return np.asarray(found).reshape(stop - start, *shape[1:])

    return echoes
