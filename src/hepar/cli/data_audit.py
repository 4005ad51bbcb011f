"""The command that looks for what is wrong with data before anything is learnt: `hepar audit data`."""

from pathlib import Path
from typing import Annotated

import typer

from ..core.terminal import progress_shown
from .audit import audit_app
from .options import Jobs, resumable


@audit_app.command("data")
def data_command(
    data: Annotated[
        str,
        typer.Argument(
            metavar="PROTOCOL_OR_TABLE",
            help="A protocol (a file, or a bundled one by name), or a table (.csv, .xlsx, ...) that names pictures.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Folder of audit.html, .json and .csv; default: hepar-audit-NAME here."
        ),
    ] = None,
    images: Annotated[
        bool,
        typer.Option("--images/--no-images", help="Read and compare the pictures, volumes and recordings."),
    ] = True,
    file: Annotated[
        str | None, typer.Option("--file", help="Of a table: the column that names files.")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", help="Of a table: the column of labels.")] = None,
    participant: Annotated[
        str | None, typer.Option("--participant", help="Of a table: the column of participants.")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Of a table: the column that says train or test.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Of a table: the column of sites.")] = None,
    reference_date: Annotated[
        str | None, typer.Option("--reference-date", help="The field with the day of the reference standard.")
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Of a table: no patient stands behind it; every page says so.")
    ] = False,
    jobs: Jobs = 1,
) -> None:
    """Find copies, shared participants, shortcuts and leaks in the data of a study; exit 1 where there are some."""
    from ..api.data_audit import audit_data

    named = {"file": file, "label": label, "participant": participant, "split": split, "site": site}
    with resumable(), progress_shown() as progress:
        found = audit_data(
            data,
            out=out,
            pictures=images,
            roles={role: column for role, column in named.items() if column is not None},
            reference_date=reference_date,
            simulated=simulated,
            jobs=jobs,
            progress=progress,
        )
    for line in found.lines:
        typer.echo(line)
    typer.echo(f"audit: {found.page}; audit.csv beside it names cases: do not pass it on")
    if not found.clean:
        raise typer.Exit(1)
