"""Maps of a measured recording, for the parameters that are given of its region."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..core.errors import HeparError
from ..imaging.ultrasound.frames import RfFrames
from ..imaging.ultrasound.maps import Maps, prepared, spectral_maps
from ..imaging.ultrasound.reference import Phantom
from ..imaging.ultrasound.resampling import Estimate

SHOWN = ("attenuation_db_cm_mhz", "midband_db", "nakagami_m")
CELL_LINES = 16
MOST_FRAMES = 8
"""Whose mean is mapped, evenly spread."""


def maps_of(
    frames: RfFrames, phantom: Phantom | None, *, values: Mapping[str, Estimate], window_mm: float
) -> Maps | None:
    """Maps of the whole frame of those of `SHOWN` that `values` of the region have; None where there is none.

    A parameter that is withheld of the region, because the gain is unknown or the precision does not suffice, has no
    map either. Midband is compensated for the attenuation that the region has.
    """
    names = [name for name in SHOWN if name in values]
    if phantom is None or not names:
        return None
    chosen = np.unique(np.linspace(0, len(frames.rf) - 1, MOST_FRAMES).round().astype(int))
    some = replace(frames, rf=frames.rf[chosen], frame_times_ms=None)
    slope = values.get(SHOWN[0])
    try:
        known = prepared(phantom, window_mm=window_mm, lines=min(CELL_LINES, max(frames.rf.shape[1] // 3, 1)))
        found = spectral_maps(some, known, attenuation=None if slope is None else slope.value)
    except HeparError:
        return None
    return replace(found, values={name: found.values[name] for name in names})
