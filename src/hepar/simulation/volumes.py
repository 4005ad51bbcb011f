"""Volumes and masks of SIMULATED patients onto disk, and the examination that a series belongs to."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..imaging.geometry import Volume
from .job import Job

if TYPE_CHECKING:
    from ..io.dicom_images import Series


def write_volume(volume: Volume, path: Path) -> None:
    """Write `volume` as NIfTI."""
    from ..io.nifti import write_nifti

    write_nifti(volume, path, about="SIMULATED, no patient stands behind it")


def write_mask(volume: Volume, path: Path) -> None:
    """Write a mask or label volume as NIfTI; no file where it is empty, because readers refuse an empty mask."""
    if volume.array.any():
        write_volume(volume, path)


def series_of(job: Job, modality: str, name: str, *, number: int, scanner: str, after_s: float) -> "Series":
    """A series of the patient's examination by `modality`, acquired `after_s` seconds from its beginning."""
    from ..io.dicom_images import Series, Subject

    person, start_s = job.patient.person, job.start_s(modality)
    subject = Subject(
        cohort=job.recipe.cohort,
        case_id=job.patient.case_id,
        sex=person.sex,
        age_y=person.age_y,
        height_m=person.height_m,
        weight_kg=person.weight_kg,
        site=person.site,
    )
    return Series(
        subject,
        exam=modality,
        name=name,
        number=number,
        description=name.replace("_", " "),
        scanner=scanner,
        exam_s=start_s,
        start_s=start_s + after_s,
    )
