"""Commands that make a study database and say who may do what in it."""

from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import ProtocolError
from .opening import DEFAULT, Db, Key, PasswordFile, Reason, UserName, password_of
from .store_app import session_of, store_app


@store_app.command("init")
def init_command(
    administrator: Annotated[
        str, typer.Option("--admin", help="Name of the first user.", prompt="Administrator")
    ],
    db: Db = DEFAULT,
    dictionary: Annotated[
        str | None,
        typer.Option("--dictionary", help="REDCap dictionary, or a bundled one by name (hepar crf list)."),
    ] = None,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Make a store; its first user is an administrator, who adds the others and enters no data."""
    from ..api.store import create_store

    password = password_of(administrator, password_file, new=True)
    with create_store(
        db, administrator=administrator, password=password, key=key, dictionary=dictionary
    ) as store:
        seal = "HMAC-SHA256 with your key" if key else "SHA-256 without a key (see --key)"
        typer.echo(f"store: {store.name}; its trail is sealed by {seal}")


@store_app.command("user")
def user_command(
    user: UserName,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Without it users are listed.")] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="reader, data entry, monitor, investigator or administrator."),
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Default: all sites.")] = None,
    active: Annotated[bool | None, typer.Option("--activate/--deactivate")] = None,
    new_password: Annotated[bool, typer.Option("--new-password", help="Give another password.")] = False,
    new_password_file: Annotated[
        Path | None, typer.Option("--new-password-file", help="Else HEPAR_NEW_PASSWORD, else you are asked.")
    ] = None,
    reason: Reason = "",
    db: Db = DEFAULT,
    key: Key = None,
    password_file: PasswordFile = None,
) -> None:
    """Add a user, or with --reason change one; list them without a name."""
    with session_of(db, key, user=user, file=password_file) as session:
        known = {each.name: each for each in session.users()}
        if name is None:
            for each in known.values():
                state = "" if each.active else "; deactivated"
                typer.echo(f"{each.name}: {each.role}, {each.site or 'all sites'}{state}")
            return
        asked = new_password or new_password_file is not None or name not in known
        password = _new_password(name, new_password_file) if asked else None
        if name in known:
            session.change_user(name, reason=reason, role=role, site=site, active=active, password=password)
        elif role is None:
            raise ProtocolError(f"there is no user {name!r} yet; a new one needs a --role")
        else:
            session.add_user(name, password or "", role=role, site=site or "")
        typer.echo(f"user: {name} {'changed' if name in known else 'added'}")


def _new_password(name: str, file: Path | None) -> str:
    return password_of(name, file, variable="HEPAR_NEW_PASSWORD", new=True)
