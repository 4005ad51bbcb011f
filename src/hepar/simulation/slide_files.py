"""The H&E slide of a SIMULATED tumour onto disk: a pyramidal TIFF, its tissue and regions, and its counts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..phantom.pathology.section import Region
from ..phantom.pathology.slides import LOW_UM, Slide, levels, slide
from .describe import plain
from .job import Job, Made, summary


def slide_files(job: Job) -> Made:
    """Write the slide, its label images at low power, and tell what is true of it."""
    from ..io.tiled_tiff import write_tiled_tiff

    px = job.size.slide_px
    made = slide(job.patient, size_px=(px, px), um_per_px=job.size.slide_um)
    folder = job.folder / "slide"
    write_tiled_tiff(
        levels(made.rgb),
        folder / "slide.svs",
        um_per_px=made.um_per_px,
        quality=made.jpeg_quality,
        about=f"SIMULATED {job.patient.case_id}",
    )
    _write_labels(made, folder)
    bare = replace(made, rgb=np.zeros((0, 0, 3), np.uint8))
    names = {part.name.lower(): int(part) for part in Region}
    truth = {**plain(bare), "low_power_um": LOW_UM, "region_numbers": names}
    return Made(truth={"slide": truth}, summaries=summary(_grey(made), "slide_tissue", low=0, high=256))


def _write_labels(made: Slide, folder: Path) -> None:
    """Tissue, regions and artefacts at low power as PNG, whose grey values are their numbers."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    about.add_text("Description", "SIMULATED, no patient stands behind it; grey values are numbers of parts")
    for name in ("tissue", "regions", "artefacts"):
        Image.fromarray(getattr(made, name).astype(np.uint8)).save(folder / f"{name}.png", pnginfo=about)


def _grey(made: Slide) -> NDArray[np.float32]:
    """Brightness of the tissue, at low power."""
    step = round(LOW_UM / made.um_per_px)
    rows, columns = made.tissue.shape
    seen = made.rgb[step // 2 :: step, step // 2 :: step][:rows, :columns].astype(np.float32)
    tissue = made.tissue[: len(seen), : seen.shape[1]]
    grey: NDArray[np.float32] = seen[tissue].mean(axis=1)
    return grey
