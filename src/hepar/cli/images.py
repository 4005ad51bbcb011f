"""Commands on images: radiomic features of folders of them, and how stable these are."""

from pathlib import Path
from typing import Annotated

import typer

from ..core.terminal import progress_shown
from .app import app
from .options import Jobs, resumable

Images = Annotated[
    Path,
    typer.Argument(
        metavar="IMAGES",
        help="An image, a DICOM folder, a folder of either, or a listing (columns Image, Mask).",
    ),
]
Masks = Annotated[
    Path | None,
    typer.Argument(
        metavar="[MASKS]", help="A mask (NIfTI, NRRD, MetaImage, DICOM SEG, RTSTRUCT) or a folder of them."
    ),
]
FeatureTable = Annotated[Path, typer.Option("-o", "--out", help="The table: .csv, .tsv, .parquet or .xlsx.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("-s", "--settings", help="Radiomics settings (YAML), or a PyRadiomics parameter file."),
]
Label = Annotated[
    list[str] | None,
    typer.Option("--label", help="NAME=NUMBER of a label image; may be given several times."),
]
Unit = Annotated[
    str | None, typer.Option("--unit", help="Unit of the intensities where the files do not say it, e.g. HU.")
]
Compat = Annotated[
    bool, typer.Option("--compat", help="Values and names of PyRadiomics; a parameter file implies it.")
]
Pictures = Annotated[
    Path | None, typer.Option("--pictures", help="Folder for one page a case, to check the regions by eye.")
]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map", help="Map this feature voxel by voxel, e.g. cm_contrast; may be given several times."
    ),
]


@app.command("extract")
def extract_command(
    images: Images,
    masks: Masks = None,
    out: FeatureTable = Path("features.csv"),
    settings: SettingsFile = None,
    label: Label = None,
    unit: Unit = None,
    compat: Compat = False,
    pictures: Pictures = None,
    maps: Maps = None,
    jobs: Jobs = 1,
) -> None:
    """Extract radiomic features of images and masks into a table; a case that fails is told and skipped."""
    from ..api import extract
    from ..core.options import named_numbers
    from ..study.extract_files import failures_beside

    with resumable(), progress_shown() as progress:
        done = extract(
            images,
            masks,
            out=out,
            settings=settings,
            labels=named_numbers(label or []),
            unit=unit,
            compat=compat,
            pictures=pictures,
            maps=maps or (),
            jobs=jobs,
            progress=progress,
        )
    for line in done.notes:
        typer.echo(f"note: {line}", err=True)
    for failure in done.failures:
        typer.echo(f"failed: {failure.name}: {failure.reason}", err=True)
    rows, columns = done.table.shape
    typer.echo(f"features: {out} ({rows} regions, {max(columns - 2, 0)} features)")
    if done.failures:
        typer.echo(f"{len(done.failures)} failed; see {failures_beside(out)}", err=True)
        raise typer.Exit(1)


@app.command("stability")
def stability_command(
    features: Annotated[Path, typer.Argument(metavar="FEATURES", help="A table of hepar extract.")],
    retest: Annotated[
        Path,
        typer.Argument(
            metavar="RETEST", help="The same of a second scan or reading: same cases and regions."
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The table: .csv, .tsv, .parquet or .xlsx.")
    ] = Path("stability.csv"),
) -> None:
    """Measure how alike each feature comes out when the scan or the contour is repeated: an ICC with its interval."""
    from ..api import stability

    done = stability(features, retest, out=out)
    for line in done.notes:
        typer.echo(f"note: {line}", err=True)
    typer.echo(f"stability: {out} ({done.cases} cases): {done.summary}")
