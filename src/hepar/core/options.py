"""Options of the command line that hold more than a word."""

from .errors import ProtocolError


def named_numbers(texts: list[str]) -> dict[str, int] | None:
    """Region names and their labels from `NAME=NUMBER`."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not name or not number.isdigit() or not int(number):
            raise ProtocolError(
                f"--label {text!r}: write NAME=NUMBER with a number from 1, e.g. --label liver=5"
            )
        if name in found:
            raise ProtocolError(
                f"--label {text!r}: {name!r} is named twice; give each region a name of its own"
            )
        found[name] = int(number)
    return found or None
