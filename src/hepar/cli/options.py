"""What several commands share: their options, and how an interrupted one is told to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Protocol = Annotated[
    str, typer.Argument(metavar="PROTOCOL", help="A protocol file, or a bundled one by name (hepar list).")
]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", help="Folder of the report; default: hepar-NAME in this folder.")
]
Jobs = Annotated[int, typer.Option("-j", "--jobs", min=-1, help="Worker processes; -1: one for each core.")]


@contextmanager
def resumable() -> Iterator[None]:
    """Says, when the user interrupts, how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(130) from None
