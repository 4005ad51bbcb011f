"""Commands on raw ultrasound: a look at one recording."""

from pathlib import Path
from typing import Annotated

import typer

from .app import app


@app.command("recording")
def recording_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Raw radio frequency: one recording (see the how-to).")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The page, a PNG.")] = Path("recording.png"),
    facts: Annotated[Path | None, typer.Option("--json", help="The same as a JSON document.")] = None,
    settings: Annotated[
        Path | None, typer.Option("-s", "--settings", help="What the file does not tell (YAML).")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Measure this region of the file.")] = None,
    depth: Annotated[
        tuple[float, float] | None, typer.Option("--depth", help="Measure these depths, mm: top, bottom.")
    ] = None,
    lines: Annotated[
        tuple[int, int] | None, typer.Option("--lines", help="Measure these lines, from 0: first, last.")
    ] = None,
    phantom: Annotated[
        Path | None, typer.Option("--phantom", help="Recording of a reference phantom by the same preset.")
    ] = None,
    attenuation: Annotated[
        float | None, typer.Option("--phantom-attenuation", help="Of its data sheet, dB/cm/MHz.")
    ] = None,
    diameter: Annotated[
        float | None, typer.Option("--phantom-diameter", help="Of the phantom's scatterers, um.")
    ] = None,
    path: Annotated[
        float | None, typer.Option("--path-attenuation", help="Of what lies above the region, dB/cm/MHz.")
    ] = None,
) -> None:
    """Look at one recording of raw ultrasound: what it is, what it tells, or why it cannot be measured (exit 1)."""
    from ..api import recording
    from ..report.recording_facts import lines as told

    measured = recording(
        file,
        settings=settings,
        phantom=phantom,
        phantom_attenuation=attenuation,
        phantom_diameter_um=diameter,
        path_attenuation=path,
        region=region,
        depth_mm=depth,
        lines=lines,
        page=out,
        facts=facts,
    )
    for line in told(measured):
        typer.echo(line)
    typer.echo(f"\npage: {out}")
    if not measured.usable:
        raise typer.Exit(1)
