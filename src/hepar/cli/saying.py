"""Text on whatever terminal or file takes it."""

import sys

import typer

PLAIN = str.maketrans({"\N{MINUS SIGN}": "-", "\N{MICRO SIGN}": "u"})
"""Signs that some code pages lack; a minus above all may not become a question mark."""


def say(text: str) -> None:
    """Print `text`; where the output's code page lacks a character, something plain stands for it, never an error."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    typer.echo(text)
