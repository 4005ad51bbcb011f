"""The command line: thin commands over `hepar.api`; nothing heavy is imported before it is needed."""

import sys

import typer

from . import data_audit, deid, handover, images, simulation, studies, ultrasound
from .app import app
from .audit import audit_app
from .crf import crf_app
from .odm import odm_app
from .store import store_app
from .streams import take_any_text

ORDER = (
    "run",
    "check",
    "lock",
    "demo",
    "extract",
    "stability",
    "recording",
    "phantom",
    "selftest",
    "bundle",
    "predict",
    "share",
    "deid",
    "linkage",
    "list",
    "info",
)
"""Commands as the help lists them."""
app.registered_commands.sort(key=lambda command: ORDER.index(str(command.name)))
for group in (crf_app, store_app, audit_app, odm_app):
    app.add_typer(group)
__all__ = ["app", "data_audit", "deid", "handover", "images", "main", "simulation", "studies", "ultrasound"]


def main() -> None:
    """Entry point: prints the message of an expected error and exits 2; never a traceback for bad input."""
    from ..core.errors import HeparError

    take_any_text()
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
