"""The command line: thin commands over `hepar.api`; nothing heavy is imported before it is needed."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

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

    try:
        with _progress() as progress:
            done = run(protocol, out=out, jobs=jobs, lock=lock, progress=progress)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(130) from None
    for deviation in done.result.provenance.deviations:
        typer.echo(f"PROTOCOL DEVIATION: {deviation}", err=True)
    for line in done.headlines:
        typer.echo(line)
    typer.echo(f"report: {done.report.path}")
    typer.echo(
        "beside it: estimates.csv, estimates.json, curves.csv; predictions.csv holds case ids: do not pass it on"
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
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on a terminal, one plain line a stage elsewhere."""
    if not sys.stderr.isatty():
        yield _plain_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.update(tasks[what], completed=done)

        yield show


def _plain_line(what: str, done: int, of: int) -> None:
    if done == of:
        typer.echo(f"{what}: {done} of {of}", err=True)
