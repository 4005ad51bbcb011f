"""Spectral parameters of raw ultrasound: quantitative numbers of a region that need no training."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ..core.errors import DataError, ProtocolError, choices
from ..core.fingerprint import fingerprint
from ..data.case import Case
from ..imaging.ultrasound.frames import RfFrames
from ..imaging.ultrasound.parameters import LIMITS, Parameters, parameters
from ..imaging.ultrasound.presets import of_same_preset
from ..imaging.ultrasound.quality import refuse_unusable, usable_phantom
from .base import Extractor, Value
from .recordings import recordings

USUAL = (
    "attenuation_db_cm_mhz",
    "backscatter_centre_db",
    "lizzi_slope_db_mhz",
    "diameter_um",
    "nakagami_m",
    "hk_x",
    "hk_u",
    "entropy_bit",
)
"""Parameters that a model gets unless the protocol names others: one or two of each thing that tissue may tell."""


class Spectral(Extractor):
    """Attenuation, backscatter, scatterer size and envelope statistics of a region (`hepar.imaging.ultrasound`).

    Each parameter is the mean over the views that have the `region`, weighted by precision; None where no view gives
    it, because the phantom is absent, the band too narrow or the standard error too large. `against` names a second
    region whose value is taken off, e.g. the liver beside a lesion. `phantom` names the acquisition of a reference
    phantom of known attenuation (dB/cm/MHz) and scatterer diameter (um), by the same preset. A recording that cannot be
    measured (saturated, not beamformed, noise alone) is refused with its reasons.
    """

    kind: Literal["spectral"] = "spectral"
    version: ClassVar[int] = 2
    acquisition: str = "rf"
    phantom: str | None = None
    region: str = "liver"
    against: str | None = None
    views: int = Field(default=8, ge=1, le=64)
    parameters: tuple[str, ...] = USUAL
    window_mm: float = Field(default=4.0, gt=0, le=20)
    phantom_attenuation: float = Field(default=0.5, ge=0, le=3)
    phantom_diameter_um: float = Field(default=40.0, gt=0, le=500)
    path_attenuation: float | None = Field(default=None, ge=0, le=3)
    """Mean attenuation from the probe down to the region, dB/cm/MHz; None: as in the region, though a wall has more."""
    draws: int = Field(default=100, ge=20, le=10_000)
    """Resampled lines behind each standard error."""

    @model_validator(mode="after")
    def _parameters_that_there_are(self) -> Self:
        for name in self.parameters:
            if name not in LIMITS:
                raise ProtocolError(f"there is no spectral parameter {name!r}; {choices(name, LIMITS)}")
        if not self.parameters or len(set(self.parameters)) < len(self.parameters):
            raise ProtocolError(f"parameters are {list(self.parameters)}; name at least one, and each once")
        return self

    @property
    def acquisitions(self) -> tuple[str, ...]:
        """See `Extractor`."""
        return (self.acquisition, *((self.phantom,) if self.phantom else ()))

    def inputs(self, case: Case) -> str:
        """See `Extractor`."""
        return fingerprint([case.acquisition(name).fingerprint for name in self.acquisitions])

    def extract(self, case: Case) -> Mapping[str, Value]:
        """The parameters by name, in the unit that the name says."""
        phantoms = recordings(case, self.phantom) if self.phantom else ()
        views = _with_region(recordings(case, self.acquisition), self.region)[: self.views]
        told = [self._of(view, phantoms, region=self.region) for view in views]
        found = {name: _together(told, name) for name in self.parameters}
        if self.against is None:
            return found
        beside = [view for view in views if self.against in view.regions]
        others = [self._of(view, phantoms, region=self.against) for view in beside]
        return {
            f"{name}_over_{self.against}": _less(value, _together(others, name))
            for name, value in found.items()
        }

    def _of(self, view: RfFrames, phantoms: Sequence[RfFrames], *, region: str) -> Parameters:
        box = view.region(region)
        refuse_unusable(view, box=box)
        phantom = of_same_preset(phantoms, view)
        usable_phantom(phantom, depth_mm=box.depth_mm)
        return parameters(
            view,
            phantom,
            box=box,
            seed=0,
            draws=self.draws,
            window_mm=self.window_mm,
            reference_attenuation=self.phantom_attenuation,
            reference_diameter_um=self.phantom_diameter_um,
            path_attenuation=self.path_attenuation,
        )


def _with_region(views: Sequence[RfFrames], region: str) -> list[RfFrames]:
    found = [view for view in views if region in view.regions]
    if not found:
        raise DataError(
            f"none of the {len(views)} recordings has the region {region!r}; mark it in one of them"
        )
    return found


def _together(views: Sequence[Parameters], name: str) -> float | None:
    """Mean over the views that give the parameter, by their precision."""
    given = [view.values[name] for view in views if name in view.values]
    if not given:
        return None
    weight = np.array([1 / max(one.standard_error, 1e-9) ** 2 for one in given])
    return float(np.average([one.value for one in given], weights=weight))


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other
