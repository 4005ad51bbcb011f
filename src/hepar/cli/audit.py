"""Commands on what can be proved of study data: whether their audit trail is whole; others join `audit_app`."""

from pathlib import Path
from typing import Annotated

import typer

audit_app = typer.Typer(
    name="audit",
    help="Prove what can be proved of study data: an audit trail that nobody cut or changed.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@audit_app.callback()
def audit() -> None:
    """Prove what can be proved of study data."""


@audit_app.command("verify")
def verify_command(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="An exported audit trail.")] = None,
) -> None:
    """Find every row of an audit trail that was changed, deleted, inserted or moved; exit 1 where there is one."""
    from ..core.errors import RunError

    raise RunError(f"{file or 'the store'}: no audit trail can be verified yet")
