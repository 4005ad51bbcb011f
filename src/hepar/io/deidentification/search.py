"""The search for identifiers, under the name by which the proof of a de-identification knows it."""

from ..identifier_search import Piece, Searched

__all__ = ["Piece", "Searched"]
