"""The reference phantom of quantitative ultrasound: known tissue through the same transducer at the same preset."""

from dataclasses import dataclass
from math import isclose

import numpy as np

from ...core.errors import DataError, ProtocolError
from .frames import Box, RfFrames
from .spectra import Spectra, spectra

PRESET = ("fs_mhz", "fc_mhz", "c_mm_us", "start_mm", "geometry", "preset")


@dataclass(frozen=True, slots=True, eq=False)
class Phantom:
    """A reference phantom: its recording, attenuation (dB/cm/MHz) and effective scatterer diameter (um)."""

    frames: RfFrames
    attenuation: float
    diameter_um: float

    def __post_init__(self) -> None:
        for name in ("attenuation", "diameter_um"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ProtocolError(
                    f"{name} of the reference phantom is {value!r}; give its data sheet's number, above 0"
                )

    def spectra(self, *, box: Box, window_mm: float, overlap: float = 0.75) -> Spectra:
        """Spectra of all lines at the depths of `box`; a phantom that was recorded less deep raises `DataError`."""
        wide = Box(box.depth_mm, (0, self.frames.rf.shape[1] - 1))
        self.frames.refuse_outside(wide, name="in the reference phantom")
        return spectra(self.frames, box=wide, window_mm=window_mm, overlap=overlap)


def refuse_other_preset(frames: RfFrames, reference: RfFrames) -> None:
    """Refuse a reference that was not recorded as the sample was; their ratio would hold the transducer."""
    ours: dict[str, object] = {name: getattr(frames, name) for name in PRESET}
    theirs: dict[str, object] = {name: getattr(reference, name) for name in PRESET}
    ours["lines"], theirs["lines"] = frames.rf.shape[1], reference.rf.shape[1]
    for name, value in ours.items():
        other = theirs[name]
        if not (_same(value, other) or (name == "preset" and "" in (value, other))):
            raise DataError(
                f"the reference phantom has {name} {other!r}, the recording {value!r}: another preset; record a"
                " phantom with the preset of the recording"
            )


def _same(one: object, other: object) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return one == other
