"""What a REDCap project gives: its data dictionary, its export, and both by its interface for programs."""

from .dictionary import (
    bundled_dictionaries,
    dictionary_cells,
    dictionary_of,
    dictionary_text,
    read_dictionary,
)
from .export import read_export
from .pull import Pulled, pull

__all__ = [
    "Pulled",
    "bundled_dictionaries",
    "dictionary_cells",
    "dictionary_of",
    "dictionary_text",
    "pull",
    "read_dictionary",
    "read_export",
]
