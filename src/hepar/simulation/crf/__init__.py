"""SIMULATED case record forms: clean exports of any dictionary, errors that are all known, a second entry."""

from .errors import KINDS, Planted, implied, with_errors
from .example import example_export
from .files import export_text, write_example
from .second_entry import Slip, second_entry

__all__ = [
    "KINDS",
    "Planted",
    "Slip",
    "example_export",
    "export_text",
    "implied",
    "second_entry",
    "with_errors",
    "write_example",
]
