"""The words of branching logic: references, texts, numbers, names and signs, each with its place."""

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from ...core.errors import ProtocolError

TokenKind = Literal["reference", "text", "number", "name", "sign"]
LONGEST = 100_000
"""Characters of one condition; a dictionary's cell holds fewer."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word: of a reference what stands between the brackets, of a text what stands between the quotes."""

    kind: TokenKind
    text: str
    place: int


_WORDS: tuple[tuple[TokenKind | None, re.Pattern[str]], ...] = (
    (None, re.compile(r"\s+|(?m:^[^\S\n]*(?:#|//).*)")),
    ("reference", re.compile(r"\[([^\[\]]*)\]")),
    ("text", re.compile(r"'([^']*)'")),
    ("text", re.compile(r'"([^"]*)"')),
    ("number", re.compile(r"((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])", re.ASCII)),
    ("name", re.compile(r"([A-Za-z_]\w*)", re.ASCII)),
    ("sign", re.compile(r"(<>|!=|<=|>=|[=<>()+\-*/^,])")),
)
_INSTEAD = {
    "==": "write =",
    "&&": "write and",
    "||": "write or",
    "!": "write not, or <> between two values",
    "[": "close it with ]",
    "]": "open it with [",
    "'": "close the quote",
    '"': "close the quote",
    "\u2018": "write a straight quote '",
    "\u2019": "write a straight quote '",
    "\u201c": 'write a straight quote "',
    "\u201d": 'write a straight quote "',
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write <>",
    **{
        wide: f"write {narrow}, not a wide one"
        for wide, narrow in zip("［］（）＝＞＜，＂＇", "[]()=><,\"'", strict=True)
    },
}


def tokens_of(text: str, *, where: str) -> tuple[Token, ...]:
    """The words of `text`, without white space and lines that are comments (# or //).

    Raises:
        ProtocolError: a character that means nothing here, or more than 100,000 of them.
    """
    if len(text) > LONGEST:
        raise ProtocolError(f"{where}: the logic has {len(text):,} characters; at most {LONGEST:,} are read")
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        kind, match = _next(text, place, where=where)
        if kind is not None:
            tokens.append(Token(kind, match[1], place))
        place = match.end()
    return tuple(tokens)


def refuse(
    text: str, place: int, problem: str, *, where: str, kind: type[ProtocolError] = ProtocolError
) -> NoReturn:
    """Say what is wrong at `place` of `text`.

    Raises:
        ProtocolError: always, of this kind.
    """
    around = text[max(place - 20, 0) : place] + "»" + text[place : place + 20]
    raise kind(f"{where}: character {place + 1} (at » in {' '.join(around.split())!r}): {problem}")


def _next(text: str, place: int, *, where: str) -> tuple[TokenKind | None, re.Match[str]]:
    if text.startswith("==", place):
        refuse(text, place, f"'==' is no sign of branching logic; {_INSTEAD['==']}", where=where)
    for kind, pattern in _WORDS:
        match = pattern.match(text, place)
        if match is not None:
            return kind, match
    found = next((sign for sign in ("&&", "||") if text.startswith(sign, place)), text[place])
    advice = _INSTEAD.get(found, "put words in quotes and fields in brackets")
    refuse(text, place, f"{found!r} cannot be read here; {advice}", where=where)
