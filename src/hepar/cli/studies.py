"""Commands of a study: run, check, lock, demo; what there is, and versions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..core.terminal import progress_shown
from .app import app
from .options import Jobs, Out, Protocol, resumable

LockFile = Annotated[
    Path | None,
    typer.Option(
        "--lock", help="Lock to hold the run against; default: NAME.lock.json here or beside the protocol."
    ),
]


@app.command("run")
def run_command(protocol: Protocol, out: Out = None, jobs: Jobs = 1, lock: LockFile = None) -> None:
    """Run a study and write its report. A run that was interrupted goes on where it stopped."""
    from ..api import run

    with resumable(), progress_shown() as progress:
        done = run(protocol, out=out, jobs=jobs, lock=lock, progress=progress)
    for deviation in done.result.provenance.deviations:
        typer.echo(f"PROTOCOL DEVIATION: {deviation}", err=True)
    for line in done.headlines:
        typer.echo(line)
    typer.echo(f"report: {done.report.path}")
    typer.echo(
        "beside it: estimates.csv, estimates.json, curves.csv; predictions.csv, explanations.csv and failures.csv hold"
        " case ids: do not pass them on"
    )


@app.command("check")
def check_command(
    protocol: Protocol,
    images: Annotated[
        bool, typer.Option("--images", help="Read and compare pictures, volumes and recordings, too.")
    ] = False,
) -> None:
    """Validate protocol and data, show participant flow, partition and the audit of the data; train nothing."""
    from ..api import check

    with progress_shown() as progress:
        lines = check(protocol, images=images, progress=progress)
    for line in lines:
        typer.echo(line)


@app.command("demo")
def demo_command(out: Out = None, jobs: Jobs = 1) -> None:
    """Run the clinical arm of the colorectal study on real, open data: recurrence against TNM stage and CEA."""
    run_command("crc-recurrence", out=out or Path("hepar-demo"), jobs=jobs)


@app.command("lock")
def lock_command(
    protocol: Protocol,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The lock; default: NAME.lock.json here.")
    ] = None,
) -> None:
    """Freeze protocol, data and software before unblinding; a later run that differs says so in its report."""
    from ..api import lock

    typer.echo(f"locked: {lock(protocol, out=out)}")


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """List the bundled protocols and the components that a protocol may name."""
    from ..api import catalogue

    found = catalogue()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for family, members in found.items():
        typer.echo(f"{family}:")
        width = max(map(len, members), default=0)
        for name, what in members.items():
            typer.echo(f"  {name:<{width}}  {what}")


@app.command("info")
def info_command(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Show versions: what a bug report needs."""
    from ..api import info

    found = info()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        parts = value.items() if isinstance(value, Mapping) else ()
        text = ", ".join(value) if isinstance(value, list) else "" if parts else value
        typer.echo(f"{name}: {text}".rstrip())
        for part, version in parts:
            typer.echo(f"  {part} {version}")
