"""Commands that de-identify images, and that read who is who."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.terminal import progress_shown
from .app import app
from .options import Jobs

if TYPE_CHECKING:
    from ..io.deidentification.report import Summary

SHOWN = 5
"""Finds of the scan that are printed."""
Source = Annotated[
    Path, typer.Argument(metavar="IN", help="A folder of DICOM files and slides, or one file.")
]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="A new folder; nothing in it names a patient.")]
Key = Annotated[Path, typer.Option("--key", help="File with the sponsor's key, of 32 bytes or more.")]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        help="An option of PS3.15: modified-dates, full-dates, patient, device, institution, descriptors,"
        " structured, graphics, safe-private, uids. May be given several times.",
    ),
]
Linkage = Annotated[
    Path | None,
    typer.Option(
        "--linkage", help="Who is who, encrypted; default: OUT.linkage beside OUT. One may be added to."
    ),
]
Masks = Annotated[
    Path | None,
    typer.Option("--masks", help="Boxes to keep of devices whose ultrasound tells no regions (YAML)."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", help="A kind of file to pass on after all, e.g. secondary-capture."),
]
PixelsApproved = Annotated[
    bool,
    typer.Option(
        "--pixels-approved",
        help="You looked at all frames of all masked images of an earlier run with this key, and they name nobody:"
        " their headers then say that their pixels are clean (113101, Burned In Annotation NO).",
    ),
]


@app.command("deid")
def deid_command(
    source: Source,
    out: Out,
    key: Key,
    option: Options = None,
    linkage: Linkage = None,
    masks: Masks = None,
    allow: Allow = None,
    pixels_approved: PixelsApproved = False,
    jobs: Jobs = 1,
) -> None:
    """De-identify images by DICOM PS3.15 and prove it; exit 1 where an image was set aside."""
    from ..api.deid import deid

    with progress_shown() as progress:
        made = deid(
            source,
            out,
            key=key,
            options=option or (),
            linkage=linkage,
            masks=masks,
            allow=allow or (),
            pixels_approved=pixels_approved,
            jobs=jobs,
            progress=progress,
        )
    _tell(made, out)
    if made.set_aside:
        raise typer.Exit(1)


def _tell(made: "Summary", out: Path) -> None:
    """Say what was written, what was not, and what is left to do."""
    typer.echo(
        f"{made.images} images and {made.slides} slides of {made.subjects} subjects: {out}"
        f" ({made.masked} masked; no identifier found in what was written)"
    )
    _tell_what_is_missing(made)
    if made.masked:
        _tell_of_pixels(made)
    typer.echo(f"look at the pages in {out} and fill in sign-off.csv before anything is passed on")
    typer.echo(
        f"why of each file: {out.name}.left-out.csv beside it; it names source files and stays with you"
    )


def _tell_what_is_missing(made: "Summary") -> None:
    for one in made.found[:SHOWN]:
        typer.echo(f"taken out: {one.file}: {one.attribute} held a {one.what}")
    if len(made.found) > SHOWN:
        typer.echo(f"taken out for {len(made.found) - SHOWN} more finds: all of them in deid-report.json")
    for what, kinds in (("set aside", made.set_aside), ("left out, no image", made.left_out)):
        for kind, number in kinds.items():
            typer.echo(f"{what}: {number} ({kind})")


def _tell_of_pixels(made: "Summary") -> None:
    """Say what the headers of masked images claim, and how they come to claim it."""
    if made.typed:
        typer.echo(f"text was found inside the regions of {made.typed} masked images that you allowed")
    if made.approved:
        typer.echo(f"{made.approved} masked images say that their pixels are clean, on your word")
    else:
        typer.echo(
            "masked images do not say that their pixels are clean: text typed inside the regions may be left. Look at"
            " all their frames, then run again with --pixels-approved"
        )


@app.command("linkage")
def linkage_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What hepar deid wrote, e.g. OUT.linkage.")],
    key: Key,
) -> None:
    """Print who is who as CSV, from the encrypted table; a table that was changed is refused."""
    from ..api.deid import linkage
    from ..io.deidentification.linkage import links_text

    typer.echo(links_text(linkage(file, key=key)), nl=False)
