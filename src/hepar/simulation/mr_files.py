"""MR of a SIMULATED patient onto disk: sequences, and the liver where it lay in each of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..phantom.anatomy import Anatomy, Organ, abdomen
from ..phantom.mri import MrScan, mr_scan
from .describe import plain
from .job import Job, Made, placed, summary
from .lesion_files import lesion_labels, lesion_means, lesion_rows, merged
from .plan import grid_of
from .volumes import series_of, write_mask, write_volume

Z_SCORES = (-3.0, 3.0)
"""Limits of the histogram of the liver, in SD of the body."""
AGENT = "gadoxetate, SIMULATED"
CONTRAST = ("hepatobiliary",)
SERIES_S = 240.0
"""From one sequence to the next."""
HEPATOBILIARY_S = 2400.0
_KIND: Mapping[str, Literal["SE", "GR", "EP"]] = {
    "gradient echo": "GR",
    "spin echo": "SE",
    "diffusion": "EP",
}
_MAPS: Mapping[str, str] = {"adc": "ADC", "fat_fraction": "FF"}


def mr_files(job: Job) -> Made:
    """Write the sequences of the plan with masks of the liver, and tell what is true of them."""
    grid = grid_of(job.patient.person, job.size.mr)
    anatomy = abdomen(job.patient, grid)
    labels = lesion_labels(job.patient, anatomy)
    made = [_sequence(job, anatomy, labels, number=k) for k in range(len(job.plan.mr_sequences))]
    truth = dict(zip(job.plan.mr_sequences, (one.truth for one in made), strict=True))
    shared = {"grid": plain(grid), "liver_outlined_ml": round(anatomy.liver_ml, 1)}
    places = {k: _place(row) for k, row in lesion_rows(job.patient, anatomy, labels).items()}
    return Made(
        truth={"mri": {**shared, **truth}},
        summaries={name: value for one in made for name, value in one.summaries.items()},
        lesions=merged(places, *(one.lesions for one in made)),
    )


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is true of a lesion whatever the grid: without its box, which is that of the CT."""
    return {
        name: value for name, value in row.items() if not name.endswith(("_low_mm", "_high_mm", "voxels"))
    }


def _sequence(job: Job, anatomy: Anatomy, labels: NDArray[np.uint8], *, number: int) -> Made:
    sequence = job.plan.mr_sequences[number]
    scan = mr_scan(job.patient, sequence, grid=anatomy.grid, anatomy=anatomy)
    liver, lesions = (scan.moved(mask) for mask in (anatomy.liver, labels))
    body = anatomy.labels != Organ.AIR
    _write(job, scan, number=number)
    write_mask(placed(liver, anatomy.grid), job.folder / "masks" / f"{sequence}_liver.nii.gz")
    write_mask(placed(lesions, anatomy.grid), job.folder / "masks" / f"{sequence}_lesions.nii.gz")
    image = scan.image.astype(np.float32)
    scores = (image[liver] - image[body].mean()) / max(float(image[body].std()), 1e-6)
    name = f"mr_{sequence}_liver"
    return Made(
        truth=plain(replace(scan, image=np.zeros(0, np.uint16))),
        summaries=summary(scores, name, low=Z_SCORES[0], high=Z_SCORES[1]),
        lesions=lesion_means(scan.image, lesions, name=f"mr_{sequence}"),
    )


def _write(job: Job, scan: MrScan, *, number: int) -> None:
    volume = placed(scan.image, scan.grid, modality="MR")
    if job.recipe.form == "nifti":
        write_volume(volume, job.folder / "mr" / f"{scan.sequence}.nii.gz")
        return
    from ..io.dicom_images import MrSettings, write_mr

    how, enhanced = scan.protocol, scan.sequence in CONTRAST
    after_s = HEPATOBILIARY_S if enhanced else SERIES_S * number
    series = series_of(job, "MR", scan.sequence, number=number + 1, scanner=scan.scanner, after_s=after_s)
    settings = MrSettings(
        _KIND[how.kind],
        field_t=scan.field_t,
        tr_ms=how.tr_ms,
        te_ms=how.te_ms,
        flip_deg=how.flip_deg,
        thickness_mm=scan.grid.spacing_mm[0],
        contrast=AGENT if enhanced else "",
        b_s_mm2=how.b_s_mm2[1] if scan.sequence == "dwi" else None,
        kind=_MAPS.get(scan.sequence, "M"),
    )
    write_mr(volume, job.folder / "mr" / scan.sequence, series=series, settings=settings)
