"""Acquisitions of SIMULATED patients: images that are made when they are read, in place of files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..core.errors import DataError, HeparError, choices
from ..data.acquisitions import LiverTexture, SimulatedPatient, SimulatedRecording
from ..imaging.geometry import Volume
from ..imaging.ultrasound.frames import RfFrames
from ..phantom import seeds
from ..phantom.grid import Grid
from ..phantom.texture import SCANNERS, SPACING_MM, VERSION, LiverTruth, simulated_liver

Values = Mapping[str, str]
Refuse = Callable[[object], DataError]

PARTS = ("liver", "spleen")
"""Masks of a simulated patient."""
CT_GRID = Grid(shape=(40, 104, 128), spacing_mm=(6.0, 3.2, 3.2))
MR_GRID = Grid(shape=(32, 96, 120), spacing_mm=(7.0, 3.2, 3.2))
"""Small enough that 100 patients are made in minutes; larger images are written to files by `hepar phantom`."""


@dataclass(frozen=True, slots=True)
class Texture:
    """Makes the `part` "image", "liver" or "spleen" of a liver texture."""

    truth: LiverTruth
    seed: int
    part: str = "image"

    def __call__(self, _files: tuple[Path, ...]) -> Volume:
        """The image or the mask."""
        return _texture(self.truth, self.seed)[self.part]

    @property
    def how(self) -> str:
        """What it is made from."""
        return f"liver_texture {VERSION}, {self.truth}, seed {self.seed}, {self.part}"

    def drawn(self, part: str) -> "Texture":
        """The mask of `part` on the same image."""
        return Texture(self.truth, self.seed, part)


@dataclass(frozen=True, slots=True)
class OfPatient:
    """Makes the `part` "image", "liver" or "spleen" of a simulated patient's `image`."""

    study: str
    cohort: int
    number: int
    image: str
    part: str = "image"

    def __call__(self, _files: tuple[Path, ...]) -> Volume:
        """The image or the mask."""
        return _of_patient(self.study, self.cohort, self.number, image=self.image)[self.part]

    @property
    def how(self) -> str:
        """What it is made from."""
        return (
            f"patient {seeds.VERSION}, study {self.study}, cohort {self.cohort}, number {self.number}, {self.image},"
            f" {self.part}"
        )

    def drawn(self, part: str) -> "OfPatient":
        """The mask of `part` on the same image."""
        return OfPatient(self.study, self.cohort, self.number, self.image, part)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Makes the recordings of a simulated patient, one for each view, or that of the phantom by the same scanner."""

    cohort: int
    number: int
    of: str
    arm: str
    at: int
    views: int
    frames: int

    def __call__(self, _files: tuple[Path, ...]) -> tuple[RfFrames, ...]:
        """The recordings."""
        return _recordings(self)

    @property
    def how(self) -> str:
        """What they are made from."""
        return f"recording {seeds.VERSION}, {self}"


Maker = Texture | OfPatient | Recorded


def maker(
    simulation: LiverTexture | SimulatedPatient | SimulatedRecording, values: Values, refuse: Refuse
) -> Maker:
    """The simulator of one row."""
    if isinstance(simulation, SimulatedRecording):
        number = _whole(values[simulation.number], refuse, what="number of the patient")
        chosen = simulation.model_dump(include={"cohort", "of", "arm", "views", "frames"})
        at = 0 if simulation.at is None else _whole(values[simulation.at], refuse, what="number of the view")
        return Recorded(number=number, at=at, **chosen)
    if isinstance(simulation, SimulatedPatient):
        number = _whole(values[simulation.number], refuse, what="number of the patient")
        return OfPatient(simulation.study, simulation.cohort, number, simulation.image)
    scanner = values[simulation.scanner]
    if scanner not in SCANNERS:
        raise refuse(f"there is no simulated scanner {scanner!r}; {choices(scanner, SCANNERS)}")
    seed = _whole(values[simulation.seed], refuse, what="seed")
    try:
        return Texture(LiverTruth(float(values[simulation.fibrosis]), scanner), seed)
    except ValueError as error:
        raise refuse(f"column {simulation.fibrosis!r}: {error}") from None


def mask_of(image: object, part: str, refuse: Refuse) -> Maker:
    """The simulator of a mask drawn on the simulated `image`."""
    if part not in PARTS:
        raise refuse(f"a simulated liver has no {part!r}; {choices(part, PARTS)}")
    assert isinstance(image, Texture | OfPatient)
    return image.drawn(part)


def _whole(text: str, refuse: Refuse, *, what: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise refuse(f"the {what} {text!r} is not a whole number")
    return int(text)


@lru_cache(maxsize=1)
def _texture(truth: LiverTruth, seed: int) -> Mapping[str, Volume]:
    image, liver, spleen = simulated_liver(truth, seed=seed)
    affine = np.zeros((4, 4))
    affine[[2, 1, 0, 3], [0, 1, 2, 3]] = (*SPACING_MM, 1.0)
    place = Volume(image, affine, modality="MR")
    return {"image": place, "liver": place.like(liver), "spleen": place.like(spleen)}


@lru_cache(maxsize=2)
def _of_patient(study: str, cohort: int, number: int, *, image: str) -> Mapping[str, Volume]:
    from ..phantom.anatomy import Organ, abdomen
    from ..phantom.population import draw_patient
    from ..phantom.scenario import Scenario

    modality, _, kind = image.partition("_")
    grid = CT_GRID if modality == "ct" else MR_GRID
    try:
        patient = draw_patient(Scenario.of(study), seed=cohort, number=number)
    except HeparError as error:
        raise DataError(str(error)) from None
    anatomy = abdomen(patient, grid)
    organs = {"liver": anatomy.liver, "spleen": anatomy.labels == Organ.SPLEEN}
    if modality == "mr":
        from ..phantom.mri import mr_scan

        image_of = Volume(
            mr_scan(patient, kind, grid=grid, anatomy=anatomy).image, grid.affine, modality="MR"
        )
        return {"image": image_of, **{name: image_of.like(mask) for name, mask in organs.items()}}
    from ..phantom.ct import ct_scan

    scan = ct_scan(patient, kind, grid=grid, anatomy=anatomy)
    volume = Volume(scan.hu, grid.affine, modality="CT", unit="HU")
    return {"image": volume, **{name: volume.like(scan.moved(mask)) for name, mask in organs.items()}}


@lru_cache(maxsize=4)
def _recordings(asked: Recorded) -> tuple[RfFrames, ...]:
    from ..phantom.population import draw_patient
    from ..phantom.scenario import Scenario
    from ..phantom.ultrasound import rf_frames
    from .simulated_rf import frames_of

    try:
        patient = draw_patient(Scenario.of("B", arm=asked.arm), seed=asked.cohort, number=asked.number)
    except HeparError as error:
        raise DataError(str(error)) from None
    scanner = patient.scanners["ultrasound"]
    if asked.of == "phantom":
        return (_phantom(scanner, asked.cohort, asked.views),)
    views = (
        rf_frames(patient, frames=asked.frames, view=view) for view in range(asked.at, asked.at + asked.views)
    )
    return tuple(frames_of(view, scanner=scanner, site=patient.person.site) for view in views)


@lru_cache(maxsize=8)
def _phantom(scanner: str, cohort: int, places: int) -> RfFrames:
    from ..phantom.ultrasound import SCANNERS as PROBES
    from ..phantom.ultrasound import reference_phantom
    from .simulated_rf import frames_of

    recording = reference_phantom(PROBES[scanner], frames=places, seed=cohort)
    return frames_of(recording, scanner=scanner, site="")
