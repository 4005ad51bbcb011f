"""Commands on CDISC ODM: the study database as other data-capture systems read it, and theirs as hepar does."""

from pathlib import Path
from typing import Annotated

import typer

odm_app = typer.Typer(
    name="odm",
    help="CDISC ODM 1.3.2: write a study with its audit records, read one.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@odm_app.callback()
def odm() -> None:
    """CDISC ODM 1.3.2."""


@odm_app.command("write")
def write_command(
    trail: Annotated[Path, typer.Argument(metavar="TRAIL", help="What hepar audit export wrote (.jsonl).")],
    dictionary: Annotated[
        str, typer.Option("--dictionary", help="REDCap data dictionary (CSV), or a bundled one by name.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The ODM file: a new one.")],
    name: Annotated[
        str | None, typer.Option("--name", help="What the study is called; default: as the dictionary.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="The trail's key, if it was sealed with one.")
    ] = None,
    identifiers: Annotated[
        bool, typer.Option("--identifiers", help="With the fields that the dictionary marks as identifiers.")
    ] = False,
) -> None:
    """Write an exported audit trail as ODM: every value with who entered it, when, where and why."""
    from ..api.odm import write_odm

    made = write_odm(trail, dictionary=dictionary, out=out, name=name, key=key, identifiers=identifiers)
    typer.echo(f"ODM: {made.path} ({made.changes:,} changes with audit records)")


@odm_app.command("read")
def read_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An ODM 1.3.2 file (XML) with metadata.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="dictionary.csv, records.csv, changes.csv: a new folder.")
    ],
) -> None:
    """Read an ODM file into a REDCap data dictionary, records as REDCap exports them, and all changes."""
    from ..api.odm import read_odm

    made = read_odm(file, out=out)
    typer.echo(f"{made.participants:,} participants: {made.dictionary}, {made.records}, {made.changes}")
