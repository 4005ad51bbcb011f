"""A recording of raw ultrasound and its reference phantom read from files, in bounded memory."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np

from ..core.errors import ProtocolError
from ..imaging.ultrasound.frames import RfFrames
from ..imaging.ultrasound.reference import Phantom
from ..io import ultrasound
from ..io.ultrasound.source import look_at
from ..io.ultrasound.stream import Stream
from ..phantom.ultrasound import REFERENCE
from .recording import Measured, Place, Reading, is_simulated, measure

MOST_BYTES = 192 * 2**20
"""Of echoes that are looked at, three times that in memory; of a longer clip, frames spread evenly over it."""
BEAMFORMED = "channels"
"""The reader whose lines are made by beamforming."""


def measure_files(
    path: Path,
    *,
    settings: Path | None = None,
    phantom: Path | None = None,
    attenuation: float | None = None,
    diameter_um: float | None = None,
    place: Place | None = None,
    path_attenuation: float | None = None,
) -> Measured:
    """The recording at `path`, measured beside the phantom at `phantom` (dB/cm/MHz, um), where there is one.

    Raises:
        DataError: a file cannot be read, there is no such region, or it reaches out of the frame.
        ProtocolError: settings are wrong; the attenuation of a phantom is not given, or given without a phantom.
    """
    if phantom is None:
        if any(one is not None for one in (attenuation, diameter_um, path_attenuation)):
            raise ProtocolError(
                "the attenuation of a phantom or of the path, or a diameter, is given, but no phantom; give its"
                " recording too"
            )
        return measure(read(path, settings), place)
    _refuse_itself(path, phantom)
    known, told, said = read_phantom(phantom, attenuation=attenuation, diameter_um=diameter_um)
    return measure(
        read(path, settings),
        place,
        phantom=known,
        diameter_known=told,
        path_attenuation=path_attenuation,
        notes=(said,),
    )


def read(path: Path, settings: Path | None = None, *, most_bytes: int = MOST_BYTES) -> Reading:
    """The recording at `path`; see `hepar.io.ultrasound.read_recording` for `settings` and what is refused."""
    stream = ultrasound.open_recording(path, settings=settings)
    look = look_at(path, settings)
    reader = next(
        name
        for name, module in ultrasound.READERS.items()
        if not import_module(f"{ultrasound.__name__}.{module}").lacks(look)
    )
    return Reading(
        frames=_spread(stream, most_bytes=most_bytes),
        reader=reader,
        clip_frames=stream.frames,
        beamformed=ultrasound.READERS[reader] == BEAMFORMED,
    )


def read_phantom(
    path: Path, *, attenuation: float | None, diameter_um: float | None
) -> tuple[Phantom, bool, str]:
    """The reference phantom at `path`, whether the diameter of its scatterers is known, and what was taken for it.

    A SIMULATED phantom is that of the simulator unless told otherwise.

    Raises:
        ProtocolError: its attenuation is not given, or cannot be.
    """
    frames = read(path).frames
    said = ""
    if is_simulated(frames) and attenuation is None:
        attenuation = REFERENCE.attenuation_db_cm_mhz
        diameter_um = REFERENCE.diameter_um if diameter_um is None else diameter_um
        said = (
            f"the SIMULATED phantom was taken for the simulator's reference: {attenuation:g} dB/cm/MHz, scatterers of"
            f" {diameter_um:g} um"
        )
    if attenuation is None:
        raise ProtocolError(
            f"{path}: a phantom is a reference for its attenuation, which no recording tells; give that of its data"
            " sheet in dB/cm/MHz with --phantom-attenuation (phantom_attenuation)"
        )
    taken = REFERENCE.diameter_um if diameter_um is None else diameter_um
    return Phantom(frames, attenuation, taken), diameter_um is not None, said


def _refuse_itself(path: Path, phantom: Path) -> None:
    """The ratio of a recording to itself says nothing, and would look like a value."""
    if path.exists() and phantom.exists() and path.samefile(phantom):
        raise ProtocolError(
            f"{phantom}: the phantom is the recording itself; name the recording of a phantom"
        )


def _spread(stream: Stream, *, most_bytes: int) -> RfFrames:
    """All frames, or so many that they fit, evenly spread."""
    first = stream.read(0, 1)
    fit = max(most_bytes // first.rf.nbytes, 1)
    if stream.frames <= fit:
        return stream.read()
    chosen = np.unique(np.linspace(0, stream.frames - 1, fit).round().astype(int)).tolist()
    parts = [stream.read(k, k + 1) for k in chosen]
    times = [part.frame_times_ms for part in parts if part.frame_times_ms is not None]
    return replace(
        first,
        rf=np.concatenate([part.rf for part in parts]),
        frame_times_ms=np.concatenate(times) if len(times) == len(parts) else None,
    )
