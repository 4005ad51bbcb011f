"""The group of commands on a study database, and the session that they share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .opening import logged_in

if TYPE_CHECKING:
    from ..capture.session import Session

store_app = typer.Typer(
    name="store",
    help="A study database with an audit trail: who entered and changed what, when and why.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@contextmanager
def session_of(db: str, key: Path | None, *, user: str, file: Path | None) -> "Iterator[Session]":
    """A session of `user`; says so where nothing of it can be recorded."""
    with logged_in(db, key, user=user, file=file) as session:
        if not session.recorded:
            typer.echo("note: the store cannot be written here; what is read stands in no trail", err=True)
        yield session
