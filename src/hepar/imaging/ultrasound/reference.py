"""The reference phantom of quantitative ultrasound: known tissue through the same transducer at the same preset."""

from dataclasses import dataclass

import numpy as np

from ...core.errors import ProtocolError
from .frames import Box, RfFrames
from .spectra import Spectra, spectra

STEEPEST_DB_CM_MHZ = 3.0
"""No soft tissue and no phantom attenuates more; a larger number is in another unit, e.g. per metre."""
DIAMETERS_UM = (1.0, 500.0)
"""Of the scatterers of phantoms; a number outside is in another unit, e.g. millimetres."""


@dataclass(frozen=True, slots=True, eq=False)
class Phantom:
    """A reference phantom: its recording, attenuation (dB/cm/MHz) and effective scatterer diameter (um)."""

    frames: RfFrames
    attenuation: float
    diameter_um: float

    def __post_init__(self) -> None:
        _refuse(self.attenuation, "attenuation", least=0.0, most=STEEPEST_DB_CM_MHZ, unit="dB/cm/MHz")
        _refuse(self.diameter_um, "diameter_um", least=DIAMETERS_UM[0], most=DIAMETERS_UM[1], unit="um")

    def spectra(self, *, box: Box, window_mm: float, overlap: float = 0.75) -> Spectra:
        """Spectra of all lines at the depths of `box`; a phantom that was recorded less deep raises `DataError`."""
        wide = Box(box.depth_mm, (0, self.frames.rf.shape[1] - 1))
        self.frames.refuse_outside(wide, name="in the reference phantom")
        return spectra(self.frames, box=wide, window_mm=window_mm, overlap=overlap)


def _refuse(value: float, name: str, *, least: float, most: float, unit: str) -> None:
    if not (np.isfinite(value) and least < value <= most):
        raise ProtocolError(
            f"{name} of the reference phantom is {value!r}; give its data sheet's number in {unit}, above"
            f" {least:g} and at most {most:g}"
        )
