"""Commands on what is SIMULATED: cohorts of patients with known truth, and a self-test on them."""

from pathlib import Path
from typing import Annotated

import typer

from ..core.terminal import progress_shown
from .app import app
from .options import Jobs, resumable


@app.command("phantom")
def phantom_command(
    study: Annotated[
        str,
        typer.Argument(
            metavar="STUDY",
            help="A: fibrosis by ultrasound, CT and MR. B: raw ultrasound. C: fibrosis and events, MR. D: focal"
            " lesions, CT. E: metastasis of bowel cancer, CT and slide.",
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the cohort.")],
    patients: Annotated[int, typer.Option("-n", "--patients", help="How many in the end.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives other patients.")] = 1,
    size: Annotated[str, typer.Option("--size", help="reduced, full, or tables: no images.")] = "reduced",
    form: Annotated[str, typer.Option("--format", help="Of CT and MR: dicom or nifti.")] = "dicom",
    difficulty: Annotated[
        float, typer.Option("--difficulty", help="Noise beside the signal; 1 is set on the literature.")
    ] = 1.0,
    null: Annotated[bool, typer.Option("--null", help="Nothing predicts anything.")] = False,
    arm: Annotated[
        str, typer.Option("--arm", help="Study B: natural, spectrum, brightness, nothing or shortcut.")
    ] = "natural",
    jobs: Jobs = 1,
) -> None:
    """Write SIMULATED patients with known truth, as hospitals have them; a run that stopped goes on from there."""
    from ..api import simulate

    with resumable(), progress_shown() as progress:
        done = simulate(
            study.upper(),
            patients=patients,
            out=out,
            seed=seed,
            size=size,
            form=form,
            difficulty=difficulty,
            null=null,
            arm=arm,
            jobs=jobs,
            progress=progress,
        )
    typer.echo(
        f"SIMULATED: {done.patients} patients in {out} ({done.made} made now); README.md there says what is what"
    )


@app.command("selftest")
def selftest_command(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="rf: raw ultrasound.")],
    seeds: Annotated[int, typer.Option("--seeds", help="How often the four arms are tried.")] = 1,
    first_seed: Annotated[int, typer.Option("--first-seed", help="Others give other patients.")] = 1,
    permutations: Annotated[
        int, typer.Option("--permutations", help="Refits on permuted labels: 20 or more, or 0.")
    ] = 20,
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Folder of the outcome; what was computed is kept there.")
    ] = Path("hepar-selftest"),
    jobs: Jobs = 1,
) -> None:
    """Try this installation on known truth: is what is there found, and nothing where nothing is? Exit 1 if not."""
    from ..api import selftest

    with resumable(), progress_shown() as progress:
        done = selftest(
            what,
            seeds=seeds,
            first_seed=first_seed,
            permutations=permutations,
            out=out,
            jobs=jobs,
            progress=progress,
        )
    for line in done.lines():
        typer.echo(line)
    if not done.passed:
        raise typer.Exit(1)
