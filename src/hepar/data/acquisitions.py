"""What a dictionary says of images and raw recordings: where those of each case lie, what each mask is drawn on."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, model_validator

from ..core.errors import ProtocolError, choices

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
OWN = ("case", "participant")
"""Placeholders that are no column of the table."""

AcquisitionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LiverTexture(_Part):
    """An image that is SIMULATED from columns of its row, when it is read; the same row gives the same image."""

    kind: Literal["liver_texture"]
    seed: str
    """Column with a whole number."""
    fibrosis: str
    """Column with the proportion of fibrosis, 0 to 1. Declare it as no field: it is the truth that tests look for."""
    scanner: str
    """Column with the name of the simulated scanner."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        return (self.seed, self.fibrosis, self.scanner)


class SimulatedPatient(_Part):
    """A CT or MR of a SIMULATED patient, made when it is read; the same cohort and number give the same image."""

    kind: Literal["patient"]
    study: Literal["A", "B", "C", "D", "E"]
    cohort: StrictInt = Field(ge=0)
    """Seed of the cohort."""
    number: str
    """Column with the number of the patient in the cohort, from 1."""
    image: Literal[
        "ct_native",
        "ct_arterial",
        "ct_portal",
        "ct_delayed",
        "mr_t1",
        "mr_t2",
        "mr_dwi",
        "mr_adc",
        "mr_hepatobiliary",
    ]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        return (self.number,)


class SimulatedRecording(_Part):
    """Raw ultrasound of a SIMULATED patient, or of the reference phantom by the same scanner, made when it is read."""

    kind: Literal["recording"]
    cohort: StrictInt = Field(ge=0)
    """Seed of the cohort of study B."""
    number: str
    """Column with the number of the patient in the cohort, from 1."""
    of: Literal["patient", "phantom"] = "patient"
    arm: Literal["natural", "spectrum", "brightness", "nothing", "shortcut"] = "natural"
    at: str | None = None
    """Column with the number of the first view, from 0: view k is aimed at the k-th largest lesion."""
    views: StrictInt = Field(default=1, ge=1, le=20)
    """Places at which the probe is held; of the phantom, places of it in one recording."""
    frames: StrictInt = Field(default=1, ge=1, le=1000)
    """Frames of a held probe at each place."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        return (self.number,) if self.at is None else (self.number, self.at)


Simulation = Annotated[LiverTexture | SimulatedPatient | SimulatedRecording, Field(discriminator="kind")]


class Declaration(_Part):
    """One acquisition: an image in files of its own, a mask drawn on an image, or recordings of raw ultrasound.

    A recording is a file, or a folder in which each file is one, e.g. the views of an examination; `settings` is the
    document that says what its files do not (see docs/how-to/read-raw-ultrasound.md).
    `files` is the path of a file, or of a folder of DICOM files, relative to the dictionary; `{case}`, `{participant}`
    and the name of any column between braces stand for what the row holds.
    """

    kind: Literal["image", "mask", "recording"]
    files: str | None = None
    of: str | None = None
    """The image that the mask is drawn on."""
    label: StrictInt | StrictStr | None = None
    """Number in a label image, or name of a segment or contour; may be left out where a file holds one."""
    series: str | None = None
    """Which of several DICOM series in the folder: its UID, or a part of its description."""
    frame: int | None = Field(default=None, ge=0)
    """Which of several images at each place, counted from 0."""
    modality: str = ""
    """DICOM's code, e.g. MR, for files that do not say it."""
    unit: str = ""
    """Unit of the intensities, for files that do not say it."""
    settings: str | None = None
    """Document with the acquisition parameters of recordings, relative to the dictionary."""
    simulated: Simulation | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if self.kind == "mask" and (self.of is None or self.simulated is not None):
            raise ProtocolError(
                "a mask needs `of`, the image that it is drawn on, and no `simulated` of its own"
            )
        if self.kind != "mask" and (self.files is None) == (self.simulated is None):
            raise ProtocolError(f"{self._named} needs `files`, or `simulated`, and not both")
        if self.simulated and (self.simulated.kind == "recording") != (self.kind == "recording"):
            raise ProtocolError(f"{self._named} cannot be simulated as {self.simulated.kind!r}")
        return self

    @model_validator(mode="after")
    def _has_nothing_of_another_kind(self) -> Self:
        if self.kind != "mask" and (self.of is not None or self.label is not None):
            raise ProtocolError(f"`of` and `label` belong to a mask, not to {self._named}")
        if self.chosen and (self.kind != "image" or self.files is None):
            raise ProtocolError(f"`{min(self.chosen)}` belongs to an image in files")
        if self.settings is not None and (self.kind != "recording" or self.files is None):
            raise ProtocolError("`settings` belong to a recording in files")
        return self

    @model_validator(mode="after")
    def _paths_stay_inside(self) -> Self:
        if self.settings is not None:
            refuse_escape(self.settings)
        if self.files is not None:
            refuse_escape(self.files)
            self._refuse_odd_braces(self.files)
        return self

    @property
    def _named(self) -> str:
        return "an image" if self.kind == "image" else f"a {self.kind}"

    @staticmethod
    def _refuse_odd_braces(pattern: str) -> None:
        rest = PLACEHOLDER.sub("", pattern)
        if "{" in rest or "}" in rest or "" in PLACEHOLDER.findall(pattern):
            raise ProtocolError(
                f"files {pattern!r}: braces hold the name of a column, {{case}} or {{participant}}, e.g."
                " 'ct/{case}.nii.gz'"
            )

    @property
    def chosen(self) -> Mapping[str, Any]:
        """What was said of how its files are read."""
        found = {name: getattr(self, name) for name in ("series", "frame", "modality", "unit")}
        return {name: value for name, value in found.items() if value not in (None, "")}

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that it reads."""
        placed = PLACEHOLDER.findall(self.files or "")
        return (
            *(name for name in placed if name not in OWN),
            *(self.simulated.columns if self.simulated else ()),
        )

    def path_of(self, values: Mapping[str, str]) -> str:
        """The pattern with `values` put in; refuses one that leads out of the dictionary's folder."""
        assert self.files is not None
        path = PLACEHOLDER.sub(lambda found: values[found[1]], self.files)
        refuse_escape(path)
        return path


def refuse_escape(path: str) -> None:
    """Refuse a path that is absolute or steps out of its folder, on any system."""
    posix, windows = PurePosixPath(path), PureWindowsPath(path)
    if not path.strip() or "\0" in path:
        raise ProtocolError(f"path {path!r} names no file")
    if posix.is_absolute() or windows.drive or windows.root:
        raise ProtocolError(
            f"path {path!r} is absolute; write it relative to the dictionary, and link to data that lie elsewhere"
        )
    if ".." in (*posix.parts, *windows.parts):
        raise ProtocolError(
            f"path {path!r} steps out of its folder by '..'; write it relative to the dictionary"
        )


def refuse_unplaced_masks(declared: Mapping[str, Declaration]) -> None:
    """Refuse a mask of what is no declared image, and one without files unless its image is simulated."""
    images = [name for name, one in declared.items() if one.kind == "image"]
    for name, one in declared.items():
        if one.of is None:
            continue
        if one.of not in images:
            raise ProtocolError(
                f"acquisitions.{name}: is of {one.of!r}, which is no image here; {choices(one.of, images)}"
            )
        if (one.files is None) != (declared[one.of].simulated is not None):
            raise ProtocolError(
                f"acquisitions.{name}: a mask needs `files`, unless its image is simulated; then it has none"
            )
