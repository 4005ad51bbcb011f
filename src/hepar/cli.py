"""The command line: thin commands over `hepar.api`; nothing heavy is imported before it is needed."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from .core.terminal import progress_shown

app = typer.Typer(
    name="hepar",
    help="Liver-imaging AI studies, from protocol to report. Research software, not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Protocol = Annotated[
    str, typer.Argument(metavar="PROTOCOL", help="A protocol file, or a bundled one by name (hepar list).")
]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", help="Folder of the report; default: hepar-NAME in this folder.")
]
Jobs = Annotated[int, typer.Option("-j", "--jobs", min=-1, help="Worker processes; -1: one for each core.")]
LockFile = Annotated[
    Path | None,
    typer.Option(
        "--lock", help="Lock to hold the run against; default: NAME.lock.json here or beside the protocol."
    ),
]


@app.command("run")
def run_command(protocol: Protocol, out: Out = None, jobs: Jobs = 1, lock: LockFile = None) -> None:
    """Run a study and write its report. A run that was interrupted goes on where it stopped."""
    from .api import run

    with _resumable(), progress_shown() as progress:
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
def check_command(protocol: Protocol) -> None:
    """Validate protocol and data, show the participant flow and the partition; train nothing."""
    from .api import check

    for line in check(protocol):
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
    from .api import lock

    typer.echo(f"locked: {lock(protocol, out=out)}")


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
    from .api import extract
    from .core.options import named_numbers
    from .study.extract_files import failures_beside

    with _resumable(), progress_shown() as progress:
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
    from .api import stability

    done = stability(features, retest, out=out)
    for line in done.notes:
        typer.echo(f"note: {line}", err=True)
    typer.echo(f"stability: {out} ({done.cases} cases): {done.summary}")


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
    from .api import simulate

    with _resumable(), progress_shown() as progress:
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
    from .api import recording
    from .report.recording_facts import lines as told

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


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """List the bundled protocols and the components that a protocol may name."""
    from .api import catalogue

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
    from .api import info

    found = info()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        typer.echo(f"{name}: {value}")


def main() -> None:
    """Entry point: prints the message of an expected error and exits 2; never a traceback for bad input."""
    from .core.errors import HeparError

    try:
        app()
    except HeparError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)  # whoever read the output had enough
    except OSError as error:
        what = error.filename or "the output"
        typer.echo(f"error: {what}: {error.strerror}; check the path and its permissions", err=True)
        sys.exit(2)


@contextmanager
def _resumable() -> Iterator[None]:
    """Says, when the user interrupts, how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(130) from None
