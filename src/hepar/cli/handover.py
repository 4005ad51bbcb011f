"""Commands on what leaves a study: the bundle for a hospital, a prediction with it, the package to be shared."""

from pathlib import Path
from typing import Annotated

import typer

from ..core.terminal import progress_shown
from .app import app
from .options import Jobs, Protocol, resumable

RunFolder = Annotated[
    Path | None, typer.Option("--run", help="Folder of the study's report; default: hepar-NAME here.")
]


@app.command("bundle")
def bundle_command(
    protocol: Protocol,
    out: Annotated[Path, typer.Option("-o", "--out", help="The bundle: a new folder, or FILE.zip.")],
    arm: Annotated[
        str | None, typer.Option("--arm", help="Whose tests; needed where there are several.")
    ] = None,
    test: Annotated[
        list[str] | None,
        typer.Option("--test", help="An index test; may be given several times. All if not."),
    ] = None,
    run: RunFolder = None,
    jobs: Jobs = 1,
) -> None:
    """Write index tests of a study as files that a hospital runs without torch: ONNX and JSON, with hashes."""
    from ..api import bundle

    with resumable(), progress_shown() as progress:
        made = bundle(protocol, out=out, arm=arm, tests=test or (), run=run, jobs=jobs, progress=progress)
    simulated = "SIMULATED: trained on simulated patients. " if made.manifest.simulated else ""
    typer.echo(f"{simulated}bundle: {made.path} ({', '.join(made.manifest.tests)}); its name: {made.name}")


@app.command("predict")
def predict_command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What hepar bundle wrote.")],
    recordings: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RECORDING]...", help="Each a file, or a folder with the views of an examination."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The answers as CSV.")] = None,
    test: Annotated[
        list[str] | None, typer.Option("--test", help="A test of the bundle; may be given several times.")
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option("--beside", help="NAME=PATH of what else is read, e.g. phantom=phantom.h5."),
    ] = None,
    value: Annotated[
        list[str] | None, typer.Option("--value", help="NAME=VALUE of a clinical field, e.g. age_y=54.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("-s", "--settings", help="What the recordings do not tell (YAML).")
    ] = None,
) -> None:
    """Predict with a bundle, after its hashes and the quality of each recording; exit 1 where one is refused."""
    from ..deploy import predict, write_answers
    from ..deploy.answer import refuse_no_table
    from ..deploy.options import named_paths, named_values

    if out is not None:
        refuse_no_table(out)
    answers = predict(
        bundle,
        recordings or [],
        tests=test or (),
        beside=named_paths(beside or []),
        values=named_values(value or []),
        settings=settings,
    )
    for answer in answers:
        typer.echo(str(answer))
    if out is not None:
        typer.echo(f"answers: {write_answers(answers, out)}")
    if any(answer.refused for answer in answers):
        raise typer.Exit(1)


@app.command("share")
def share_command(
    protocol: Protocol,
    key: Annotated[Path, typer.Option("--key", help="File with the sponsor's key, of 32 bytes or more.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The package: a new folder.")],
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of the study's report, to be passed on, too.")
    ] = None,
    linkage: Annotated[
        Path | None,
        typer.Option("--linkage", help="Who is who; default: OUT.linkage.csv beside the package."),
    ] = None,
    day_zero: Annotated[
        str | None,
        typer.Option("--day-zero", help="Date field from which days are counted; without it no dates."),
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option("--field", help="A field beyond those that the protocol reads.")
    ] = None,
    texts: Annotated[bool, typer.Option("--texts", help="Share free text, too.")] = False,
    images: Annotated[
        bool,
        typer.Option("--images/--no-images", help="Images and masks, as NIfTI without a scanner's header."),
    ] = True,
    quasi: Annotated[
        list[str] | None,
        typer.Option(
            "--quasi", help="A column by which somebody may be known; site, age and sex where none is given."
        ),
    ] = None,
    least_k: Annotated[
        int,
        typer.Option("--least-k", min=1, help="Refuse where somebody is like fewer participants than this."),
    ] = 1,
) -> None:
    """Write a de-identified package of a study: data, dictionary, protocol, analysis plan, report, checksums."""
    from ..api import share

    with progress_shown() as progress:
        made = share(
            protocol,
            key=key,
            out=out,
            run=run,
            linkage=linkage,
            day_zero=day_zero,
            fields=field or (),
            texts=texts,
            images=images,
            quasi=quasi or (),
            least_k=least_k,
            progress=progress,
        )
    for note in made.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(
        f"package: {made.folder} ({made.cases} cases, {made.recordings} recordings, {made.images} images and masks)"
    )
    typer.echo(f"who is who: {made.linkage}; it stays with the sponsor, as the key does")
