"""What the commands on a store share: which store, who one is, and passwords that never stand on a command line."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.errors import DataError, ProtocolError

if TYPE_CHECKING:
    from ..capture.session import Session
    from ..capture.store import Store

DEFAULT = "hepar-study.db"
Db = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="HEPAR_DB",
        show_default=False,
        show_envvar=True,
        help=f"A file (SQLite), or postgresql://USER@HOST/NAME; default: {DEFAULT}.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key", envvar="HEPAR_AUDIT_KEY", help="File with the key that seals the trail, if it has one."
    ),
]
UserName = Annotated[
    str, typer.Option("--user", envvar="HEPAR_USER", help="Who you are.", prompt="User", show_default=False)
]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="Your password; else HEPAR_PASSWORD, else you are asked."),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the trail.")]


@contextmanager
def opened(db: str, key: Path | None) -> "Iterator[Store]":
    """The store, closed afterwards."""
    from ..api.store import open_store

    with open_store(db, key=key) as store:
        yield store


@contextmanager
def logged_in(db: str, key: Path | None, *, user: str, file: Path | None) -> "Iterator[Session]":
    """A session of `user`."""
    with opened(db, key) as store:
        yield store.login(user, password_of(user, file))


def password_of(user: str, file: Path | None, *, variable: str = "HEPAR_PASSWORD", new: bool = False) -> str:
    """From a file, the environment or a prompt that shows nothing; never from the command line."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise DataError(f"{file}: the password cannot be read; check the path and its rights") from None
    given = os.environ.get(variable)
    if given is not None:
        return given
    prompted: str = typer.prompt(f"Password of {user}", hide_input=True, confirmation_prompt=new, err=True)
    return prompted


def pairs(given: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE, each."""
    found: dict[str, str] = {}
    for number, text in enumerate(given, start=1):
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ProtocolError(
                f"argument {number} is not FIELD=VALUE, e.g. age_y=54; FIELD= empties a field"
            )
        if name in found:
            raise ProtocolError(f"{name} is given twice; keep one")
        found[name] = value
    return found
