"""Commands on a study database: entering, history, queries, locks, files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from . import store_users
from .opening import DEFAULT, Db, Key, PasswordFile, Reason, UserName, pairs
from .store_app import session_of, store_app

__all__ = ["store_app", "store_users"]


@store_app.command("import")
def import_command(
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="Raw export of a REDCap project (CSV).")],
    dictionary: Annotated[
        str, typer.Option("--dictionary", help="Its dictionary, or a bundled one by name.")
    ],
    user: UserName,
    reason: Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be recorded.")] = False,
    seen: Annotated[
        int | None,
        typer.Option("--seen", help="Row of the trail that the dry run named: refuse if data came since."),
    ] = None,
    missing: Annotated[list[str] | None, typer.Option("--missing-code", help="A missing data code.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Columns may be lacking.")] = False,
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Take over a REDCap export: new values are entered, others changed, all of it or nothing."""
    from ..api.store import plan_import, take_export

    codes = missing or ()
    with session_of(db, key, user=user, file=password_file) as session:
        if not dry_run:
            taken = take_export(
                session,
                export,
                dictionary=dictionary,
                reason=reason,
                missing_codes=codes,
                partial=partial,
                seen=seen,
            )
            typer.echo(f"import: {taken.rows} rows of the trail")
            _say_left_out(taken.left_out)
            return
        plan = plan_import(session, export, dictionary=dictionary, missing_codes=codes, partial=partial)
        for draft in plan.of("change"):
            place = " ".join(part for part in (draft.participant, draft.event, draft.instance) if part)
            hidden = draft.field in plan.identifiers
            what = "would change (an identifier)" if hidden else f"{draft.old!r} would become {draft.new!r}"
            typer.echo(f"{place} {draft.field}: {what}")
        _say_left_out(plan.left_out)
        typer.echo(f"dry run: {plan}")


def _say_left_out(columns: Sequence[str]) -> None:
    for name in columns:
        typer.echo(f"left out: column {name}, which the dictionary of the store does not have", err=True)


@store_app.command("set")
def set_command(
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT")],
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...")],
    user: UserName,
    event: Annotated[str, typer.Option("--event")] = "",
    instrument: Annotated[str, typer.Option("--form", help="Where the form is repeated.")] = "",
    instance: Annotated[str, typer.Option("--instance")] = "",
    was: Annotated[
        list[str] | None, typer.Option("--was", help="FIELD=VALUE that is replaced; needed for a change.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Of a new participant.")] = None,
    reason: Reason = "",
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Enter or change values of a record, all of them or none."""
    expected = pairs(was or [])
    with session_of(db, key, user=user, file=password_file) as session:
        from ..capture.writing import Place

        place = Place(participant, event, instrument, instance)
        entries = session.put(place, pairs(values), reason=reason, expected=expected, site=site)
    typer.echo(f"set: {len(entries)} rows of the trail" if entries else "set: nothing to record")


@store_app.command("history")
def history_command(
    user: UserName,
    participant: Annotated[
        str | None,
        typer.Argument(metavar="[PARTICIPANT]", help="Without it of all participants of your sites."),
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="Of one field only.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="As CSV.")] = None,
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Who entered and changed what, when and why."""
    from ..core.atomic import write_atomically

    with session_of(db, key, user=user, file=password_file) as session:
        entries = session.history(participant, field=field)
    if out is not None:
        from ..capture.reading import history_csv

        write_atomically(out, history_csv(entries))
        typer.echo(f"history: {out}")
        return
    for entry in entries:
        place = (
            entry.participant if participant is None else "",
            entry.event,
            entry.instrument,
            entry.instance,
        )
        where = "".join(f" {part}" for part in place if part)
        what = f" {entry.field}: {entry.old!r} -> {entry.new!r}" if entry.field else ""
        why = f"; {entry.reason}" if entry.reason else ""
        typer.echo(f"{entry.at} {entry.actor} ({entry.role}) {entry.action}{where}{what}{why}")


@store_app.command("lock")
def lock_command(
    user: UserName,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Without it locks are listed.")] = None,
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Lock the data set: its digest is kept, and nothing is written until it is unlocked; list locks."""
    with session_of(db, key, user=user, file=password_file) as session:
        if name is not None:
            typer.echo(f"locked: {name}, sha256 {session.lock(name).digest}")
            return
        for each in session.locks():
            state = "locked" if each.held else "unlocked"
            content = "unchanged" if each.unchanged else "CHANGED since"
            typer.echo(
                f"{each.name}: {state} by {each.by} ({each.role}) at {each.at}; {each.digest}; {content}"
            )


@store_app.command("unlock")
def unlock_command(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    user: UserName,
    reason: Reason = "",
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Unlock the data set, with a reason."""
    with session_of(db, key, user=user, file=password_file) as session:
        session.unlock(name, reason=reason)
    typer.echo(f"unlocked: {name}")


@store_app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV; FILE.json says what it holds.")],
    user: UserName,
    participants: Annotated[
        bool,
        typer.Option("--participants", help="One line a participant, for a hepar data set; else as REDCap."),
    ] = False,
    identifiers: Annotated[
        bool, typer.Option("--identifiers", help="With the fields that the dictionary marks as identifiers.")
    ] = False,
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Write the data as CSV, with the digests of content and file, locks and head of the trail beside it."""
    with session_of(db, key, user=user, file=password_file) as session:
        shape = "participants" if participants else "redcap"
        made = session.export(
            file, shape="participants" if participants else "redcap", identifiers=identifiers
        )
    typer.echo(f"export: {file} ({shape}, {made.rows} lines); content sha256 {made.content_sha256}")
    if made.left_out:
        typer.echo(f"left out as identifiers: {', '.join(made.left_out)}", err=True)


@store_app.command("queries")
def queries_command(
    user: UserName,
    answer: Annotated[str | None, typer.Option("--answer", help="Key of a query, with --text.")] = None,
    close: Annotated[str | None, typer.Option("--close", help="Key of a query, with --text.")] = None,
    words: Annotated[str, typer.Option("--text", help="The answer, or why it is closed.")] = "",
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """List the queries, answer or close one."""
    with session_of(db, key, user=user, file=password_file) as session:
        if answer is not None:
            session.answer(answer, words)
        if close is not None:
            session.close_query(close, reason=words)
        for each in session.queries():
            said = f"; {each.answered_by}: {each.answer}" if each.answer else ""
            typer.echo(f"{each.key} {each.state} {each.participant} {each.field}: {each.problem}{said}")


@store_app.command("grants")
def grants_command(
    role: Annotated[str, typer.Option("--role", help="The role of PostgreSQL that people's programs use.")],
    schema: Annotated[str, typer.Option("--schema")] = "public",
) -> None:
    """Print the SQL by which a role of PostgreSQL may add to the trail and read, and change nothing."""
    from ..capture.grants import grants

    typer.echo(grants(role, schema=schema), nl=False)
