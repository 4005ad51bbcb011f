"""Choices as a dictionary's cell writes them: `1, Male | 2, Female`."""

import re
from collections import Counter
from collections.abc import Sequence

from ...core.errors import ProtocolError
from .form import Choice, FieldType, checkbox_column

YES_NO = (Choice("1", "Yes"), Choice("0", "No"))
TRUE_FALSE = (Choice("1", "True"), Choice("0", "False"))
IMPLIED: dict[FieldType, tuple[Choice, ...]] = {"yesno": YES_NO, "truefalse": TRUE_FALSE}
"""Choices of the types that need not write them."""

CODE = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)


def parse_choices(text: str, *, of: FieldType) -> tuple[Choice, ...]:
    """The choices that `text` writes for a field of this type.

    Raises:
        ProtocolError: there is none; a choice has no code, no comma or an impossible code; a code stands twice.
    """
    if not text.strip() and of in IMPLIED:
        return IMPLIED[of]
    if not text.strip():
        raise ProtocolError(f"a {of} field needs choices; write them as: 1, First | 2, Second")
    found = tuple(_choice(piece) for piece in text.split("|"))
    codes = [checkbox_column("", one.code) if of == "checkbox" else one.code for one in found]
    twice = next((place for place, code in enumerate(codes) if code in codes[:place]), None)
    if twice is not None:
        alike = " (a checkbox's column knows no capitals, and - as _)" if of == "checkbox" else ""
        raise ProtocolError(f"the code {found[twice].code!r} stands twice{alike}; give each choice its own")
    if of in IMPLIED and Counter(codes) != Counter(("1", "0")):
        raise ProtocolError(f"a {of} field has the codes 1 and 0 and no others; make it a radio field")
    return found


def choices_text(choices: Sequence[Choice]) -> str:
    """The choices as the cell of a dictionary."""
    return " | ".join(f"{choice.code}, {choice.label}" for choice in choices)


def _choice(piece: str) -> Choice:
    code, comma, label = piece.strip().partition(",")
    shown = piece.strip()[:40]
    if not shown:
        raise ProtocolError("there is an empty choice; take out the | too many")
    if not comma and ("，" in shown or "｜" in shown):
        raise ProtocolError(
            f"the choice {shown!r} has wide signs (，｜); write , and | between code, words and choices"
        )
    if not comma:
        raise ProtocolError(f"the choice {shown!r} has no comma; write code, comma, words: 1, {shown}")
    if not CODE.fullmatch(code.strip()):
        raise ProtocolError(
            f"the code {code.strip()!r} is impossible; letters, digits, '.', '-' and '_' can be in one"
        )
    return Choice(code.strip(), label.strip())
