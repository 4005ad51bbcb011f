"""CT of a SIMULATED patient onto disk: phases, the liver and the lesions as each phase shows them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..phantom.anatomy import Anatomy, Organ, abdomen
from ..phantom.ct import CtScan, ct_scan
from .describe import plain
from .job import Job, Made, placed, summary
from .lesion_files import Labels, lesion_labels, lesion_means, lesion_rows, merged
from .plan import grid_of
from .volumes import series_of, write_mask, write_volume

HU = (-50.0, 250.0)
"""Limits of the histogram of the liver."""
NATIVE_S = -60.0
"""A native scan comes before the injection."""
AGENT = "iodine, SIMULATED"


def ct_files(job: Job) -> Made:
    """Write the phases of the plan with their masks, and tell what is true of them."""
    grid = grid_of(job.patient.person, job.size.ct)
    anatomy = abdomen(job.patient, grid)
    labels = lesion_labels(job.patient, anatomy)
    phases = [_phase(job, anatomy, labels, number=k) for k in range(len(job.plan.ct_phases))]
    organs = {organ.name.lower(): round(anatomy.volume_ml(organ), 1) for organ in Organ if organ}
    volumes = {"liver_outlined": round(anatomy.liver_ml, 1), **{k: v for k, v in organs.items() if v}}
    places = [place.centre_mm for place in anatomy.places]
    shared = {"grid": plain(grid), "volume_ml": volumes, "lesion_centres_zyx_mm": plain(places)}
    return Made(
        truth={"ct": {**shared, **{name: of_phase.truth for name, of_phase in _named(job, phases)}}},
        summaries={name: value for phase in phases for name, value in phase.summaries.items()},
        lesions=merged(lesion_rows(job.patient, anatomy, labels), *(phase.lesions for phase in phases)),
    )


def _named(job: Job, phases: list[Made]) -> list[tuple[str, Made]]:
    return list(zip(job.plan.ct_phases, phases, strict=True))


def _phase(job: Job, anatomy: Anatomy, labels: Labels, *, number: int) -> Made:
    """One phase: the image, the liver and the lesions where its breath-hold has them."""
    phase = job.plan.ct_phases[number]
    scan = ct_scan(job.patient, phase, grid=anatomy.grid, anatomy=anatomy)
    liver, lesions = scan.moved(anatomy.liver), scan.moved(labels)
    _write(job, scan, number=number)
    write_mask(placed(liver, anatomy.grid), job.folder / "masks" / f"{phase}_liver.nii.gz")
    write_mask(placed(lesions, anatomy.grid), job.folder / "masks" / f"{phase}_lesions.nii.gz")
    name = f"ct_{phase}_liver"
    found = summary(scan.hu[liver], name, low=HU[0], high=HU[1])
    means = lesion_means(scan.hu, lesions, name=f"hu_{phase}", limits=HU)
    beside = _beside(scan, liver & (lesions == 0))
    rows = {k: {**row, f"liver_hu_{phase}": beside} for k, row in means.items()}
    return Made(truth=plain(replace(scan, hu=np.zeros(0, np.int16))), summaries=found, lesions=rows)


def _write(job: Job, scan: CtScan, *, number: int) -> None:
    volume = placed(scan.hu, scan.grid, modality="CT", unit="HU")
    if job.recipe.form == "nifti":
        write_volume(volume, job.folder / "ct" / f"{scan.phase}.nii.gz")
        return
    from ..io.dicom_images import CtSettings, write_ct

    delay_s = NATIVE_S if scan.delay_s is None else scan.delay_s
    series = series_of(job, "CT", scan.phase, number=number + 1, scanner=scan.scanner, after_s=300 + delay_s)
    how = scan.acquisition
    settings = CtSettings(
        kvp=how.kvp,
        kernel=how.kernel,
        thickness_mm=how.slice_mm,
        contrast="" if scan.delay_s is None else AGENT,
        exposure_mas=how.mas,
    )
    write_ct(volume, job.folder / "ct" / scan.phase, series=series, settings=settings)


def _beside(scan: CtScan, liver: NDArray[Any]) -> float | None:
    """Mean HU of the liver beside its lesions."""
    return round(float(scan.hu[liver].mean(dtype=np.float64)), 3) if liver.any() else None
