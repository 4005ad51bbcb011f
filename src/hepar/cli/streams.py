"""Output that takes any text: where its code page lacks a character, something plain stands for it, never an error."""

import codecs
import io
import sys

PLAIN = {
    "\N{MINUS SIGN}": "-",
    "\N{MICRO SIGN}": "u",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
}
"""Signs that some code pages lack; a minus above all may not become a question mark."""
HANDLER = "hepar.plain"


def take_any_text() -> None:
    """Let standard output and standard error write what they can and spell the rest."""
    codecs.register_error(HANDLER, _spelt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def _spelt(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(c, c.encode("ascii", "backslashreplace").decode()) for c in lacking), error.end
