"""Arrays for networks from the raw recordings of one case."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..core.errors import DataError, ProtocolError
from ..core.fingerprint import fingerprint
from ..data.case import Case
from ..data.packed import pack
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.inputs import (
    Grid,
    Half,
    log_envelope,
    picture,
    raw_lines,
    some_frames,
    spectrogram,
    widened,
)
from ..imaging.ultrasound.presets import of_same_preset
from ..imaging.ultrasound.quality import refuse_unusable, usable_phantom
from .base import Extractor, Value

WHOLE = "whole"


class Seen(BaseModel):
    """Where networks look in the recordings of a case.

    Each view that has the `region` gives at most `frames` frames, spread over the recording, of at most `views` views.
    `region: whole` is the whole frame. Cells lie from the region's top down and about its middle, as `Grid` says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = "liver"
    margin_mm: float = Field(default=0.0, ge=0, le=100)
    """Tissue around the region that is seen too."""
    views: int = Field(default=8, ge=1, le=64)
    frames: int = Field(default=2, ge=1, le=64)
    height_mm: float = 48.0
    width_mm: float = 40.0
    low_mhz: float = 1.25
    high_mhz: float = 6.25

    @model_validator(mode="after")
    def _a_grid_that_can_be(self) -> Self:
        self.grid()
        return self

    def grid(self) -> Grid:
        """The cells."""
        return Grid(self.height_mm, self.width_mm, self.low_mhz, self.high_mhz)

    def packed(
        self, views: tuple[RfFrames, ...], makers: Mapping[str, Callable[[RfFrames, Box], Half]]
    ) -> dict[str, Value]:
        """Arrays (views x frames, channels, across, along) as text, by name.

        Raises:
            DataError: no view has the region, or one that has it cannot be measured there.
        """
        looked = [view for view in views if self.region in (WHOLE, *view.regions)][: self.views]
        if not looked:
            raise DataError(
                f"none of the {len(views)} recordings has the region {self.region!r}; mark it, or set region: {WHOLE}"
            )
        for view in looked:
            refuse_unusable(view, box=None if self.region == WHOLE else view.region(self.region))
        usable = [(some_frames(view, self.frames), self.box(view)) for view in looked]
        return {
            name: pack(np.concatenate([make(view, box) for view, box in usable]))
            for name, make in makers.items()
        }

    def box(self, view: RfFrames) -> Box:
        """The region in `view`, with its margin."""
        if self.region == WHOLE:
            return view.whole()
        box = view.region(self.region)
        return widened(view, box, self.margin_mm) if self.margin_mm else box


class RfInput(Extractor):
    """Radio frequency for the network `rf_net`: log-spectrogram and log-envelope, or lines as they are with `raw`.

    Gain and time gain are undone as far as they are known, and then every depth's level is removed, so that unknown
    ones cannot be learnt either; attenuation is left as the interaction of frequency with depth. `phantom` names an
    acquisition of the reference phantom by the same preset, by which the spectra are divided: it makes probes alike. A
    recording that cannot be measured (saturated, not beamformed, noise alone) is refused with its reasons.
    """

    kind: Literal["rf_input"] = "rf_input"
    version: ClassVar[int] = 2
    acquisition: str = "rf"
    what: Literal["two_stream", "raw"] = "two_stream"
    phantom: str | None = None
    seen: Seen = Seen()

    @model_validator(mode="after")
    def _spectra_are_divided(self) -> Self:
        if self.phantom is not None and self.what == "raw":
            raise ProtocolError(
                "phantom goes with what: two_stream; lines as they are cannot be divided by it"
            )
        return self

    @property
    def acquisitions(self) -> tuple[str, ...]:
        """See `Extractor`."""
        return (self.acquisition, *((self.phantom,) if self.phantom else ()))

    def inputs(self, case: Case) -> str:
        """See `Extractor`."""
        return fingerprint([case.acquisition(name).fingerprint for name in self.acquisitions])

    def extract(self, case: Case) -> Mapping[str, Value]:
        """`rf_spectrogram` and `rf_envelope`, or `rf_lines`: packed arrays for `rf_net`."""
        views, grid = recordings(case, self.acquisition), self.seen.grid()
        if self.what == "raw":
            return self.seen.packed(views, {"rf_lines": partial(raw_lines, grid=grid)})
        phantoms = recordings(case, self.phantom) if self.phantom else ()

        def divided(view: RfFrames, box: Box) -> Half:
            phantom = of_same_preset(phantoms, view)
            usable_phantom(phantom, depth_mm=box.depth_mm)
            return spectrogram(view, box, grid=grid, phantom=phantom)

        return self.seen.packed(
            views, {"rf_spectrogram": divided, "rf_envelope": partial(log_envelope, grid=grid)}
        )


class BmodeInput(Extractor):
    """The B-mode picture as displayed, in grey values, for the network `bmode_net`: from the very same recordings.

    One that cannot be measured is refused as by `rf_input`, so that both networks have the same cases.
    """

    kind: Literal["bmode_input"] = "bmode_input"
    version: ClassVar[int] = 2
    acquisition: str = "rf"
    dynamic_range_db: float = Field(default=80.0, ge=10, le=120)
    seen: Seen = Seen()

    @property
    def acquisitions(self) -> tuple[str, ...]:
        """See `Extractor`."""
        return (self.acquisition,)

    def inputs(self, case: Case) -> str:
        """See `Extractor`."""
        return fingerprint(case.acquisition(self.acquisition).fingerprint)

    def extract(self, case: Case) -> Mapping[str, Value]:
        """`bmode_picture`, a packed array for `bmode_net`."""
        views = recordings(case, self.acquisition)
        shown = partial(picture, grid=self.seen.grid(), dynamic_range_db=self.dynamic_range_db)
        return self.seen.packed(views, {"bmode_picture": shown})


def recordings(case: Case, name: str) -> tuple[RfFrames, ...]:
    """The recordings of an acquisition; one that is of another kind is refused."""
    found = case.acquisition(name).load()
    if not isinstance(found, tuple) or not all(isinstance(view, RfFrames) for view in found):
        raise DataError(
            f"acquisition {name!r} is no recording of raw ultrasound; declare it with kind: recording"
        )
    return found
