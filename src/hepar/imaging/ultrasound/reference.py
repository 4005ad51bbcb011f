"""The reference phantom of quantitative ultrasound: known tissue through the same transducer at the same preset."""

from dataclasses import dataclass

import numpy as np

from ...core.errors import ProtocolError
from .frames import Box, RfFrames
from .spectra import Spectra, spectra


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
