"""Commands on what can be proved of study data: whether their audit trail is whole; others join `audit_app`."""

from pathlib import Path
from typing import Annotated

import typer

from .opening import DEFAULT, Db, Key, PasswordFile, UserName, opened
from .store_app import session_of

audit_app = typer.Typer(
    name="audit",
    help="What can be proved of study data: a trail that nobody cut or changed, data without leaks.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@audit_app.callback()
def audit() -> None:
    """What can be proved of study data."""


@audit_app.command("verify")
def verify_command(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="An exported trail (.jsonl); default: the store.")
    ] = None,
    anchor: Annotated[
        Path | None,
        typer.Option("--anchor", help="What hepar audit anchor noted: finds rows cut off at the end."),
    ] = None,
    db: Db = DEFAULT,
    key: Key = None,
) -> None:
    """Find every row of an audit trail that was changed, deleted, inserted or moved; exit 1 where there is one."""
    from ..api.store import verify_audit

    found = verify_audit(file if file is not None else db, key=key, anchor=anchor)
    for fault in found.faults:
        typer.echo(str(fault))
    if found.n_faults > len(found.faults):
        typer.echo(f"and {found.n_faults - len(found.faults)} more")
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(str(found))
    if not found.whole:
        raise typer.Exit(1)


@audit_app.command("anchor")
def anchor_command(
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="A file where nobody who writes the store can write.")
    ] = None,
    db: Db = DEFAULT,
    key: Key = None,
) -> None:
    """Print the head of the trail, to be noted elsewhere: number and hash of the last row."""
    with opened(db, key) as store:
        head = store.anchor()
    if out is not None:
        head.write(out)
    typer.echo(f"anchor: {head.seq} {head.hash}")


@audit_app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The trail as JSON lines, FILE.jsonl.")],
    user: UserName,
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Write the whole trail, with its values, to a file that can be verified without the store."""
    from ..core.errors import ProtocolError

    if file.suffix != ".jsonl":
        raise ProtocolError(f"{file}: name it FILE.jsonl, by which hepar audit verify knows it")
    with session_of(db, key, user=user, file=password_file) as session:
        head = session.export_audit(file)
    typer.echo(f"audit: {file} ({head.seq} rows); its head: {head.seq} {head.hash}")
