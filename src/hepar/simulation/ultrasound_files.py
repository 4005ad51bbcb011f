"""Ultrasound of a SIMULATED patient onto disk: radio frequency and B-mode of each view, and the reference phantom."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..phantom.ultrasound import (
    SCANNERS,
    BMode,
    Region,
    RfRecording,
    b_mode,
    compressed,
    reference_phantom,
    rf_frames,
)
from .describe import plain
from .job import Job, Made, summary
from .recipe import Recipe
from .volumes import series_of

FRAME_MS = 40.0
VIEW_S = 60.0
"""From one view to the next."""
ROW = 4
"""Samples that share a row of `RfRecording.regions`."""
PHANTOM_FRAMES = 4


def ultrasound_files(job: Job) -> Made:
    """Write the views of the plan: B-mode as DICOM, radio frequency as HDF5 where the plan keeps it."""
    views = [_view(job, view) for view in range(job.plan.views)]
    found: dict[str, list[float]] = {}
    for view in views:
        for name, value in view.summaries.items():
            found.setdefault(name, []).append(value)
    means = {name: float(f"{np.mean(values):.6g}") for name, values in found.items()}
    truth = {f"view_{k}": view.truth for k, view in enumerate(views)}
    return Made(truth={"ultrasound": truth}, summaries=means)


def write_reference(recipe: Recipe, folder: Path) -> None:
    """Write recordings of the reference phantom, one for each scanner's usual preset; files that are there stay."""
    from ..io.rf_file import write_rf
    from ..io.simulated_rf import frames_of

    for scanner, probe in SCANNERS.items():
        path = folder / f"phantom_{scanner}_{probe.name}.h5"
        if not path.exists():
            recording = reference_phantom(probe, frames=PHANTOM_FRAMES, seed=recipe.seed)
            write_rf(frames_of(recording, scanner=scanner, site=""), path)


def _view(job: Job, view: int) -> Made:
    recording = rf_frames(job.patient, frames=job.size.frames, view=view)
    scanner = job.patient.scanners.get("ultrasound", "A")
    if job.plan.rf:
        from ..io.rf_file import write_rf
        from ..io.simulated_rf import frames_of

        data = frames_of(recording, scanner=scanner, site=job.patient.person.site)
        write_rf(data, job.folder / "ultrasound" / f"view_{view}_rf.h5")
    image = b_mode(recording, mm_per_px=job.size.mm_per_px)
    _write_b_mode(job, image, recording, scanner=scanner)
    shown = {"mm_per_px": image.mm_per_px, "x_mm": image.x_mm, "z_mm": image.z_mm}
    truth = plain(replace(recording, rf=np.zeros(0, np.float32))) | {"b_mode": shown}
    return Made(truth=truth, summaries=summary(_liver_grey(recording), "bmode_liver", low=0, high=256))


def _write_b_mode(job: Job, image: BMode, recording: RfRecording, *, scanner: str) -> None:
    from ..io.dicom_images import UsSettings, write_us

    view, probe = recording.view, recording.probe
    series = series_of(job, "US", f"view_{view}", number=view + 1, scanner=scanner, after_s=VIEW_S * view)
    settings = UsSettings((image.mm_per_px, image.mm_per_px), FRAME_MS, probe.fc_mhz, probe.end_mm)
    write_us(
        image.pixels, job.folder / "ultrasound" / f"view_{view}_bmode.dcm", series=series, settings=settings
    )


def _liver_grey(recording: RfRecording) -> Any:
    """Grey levels of the liver between vessels and lesions, before they are turned into a picture."""
    grey = compressed(recording.rf, pooled=ROW)
    liver = recording.regions[:, : grey.shape[2]] == Region.LIVER
    return grey[:, liver]
