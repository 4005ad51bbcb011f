"""Many identifiers looked for at once in text and in bytes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .identifiers import Identifier

ANYWHERE = 8
"""An identifier of so many characters, not all digits, is also found inside a longer word."""
IN_NUMBERS = 8
"""Shorter ones turn up among numbers of pixels by chance: four given bytes in a quarter of all gigabytes."""
SHORTEST_CODE = 2
"""Two bytes are one character of UTF-16, and turn up in any text: a Chinese surname is the letters `gh`."""
WORD = re.compile(r"[0-9]+(?:\.[0-9]+)+|[^\W_]+")
"""A number with its points, or letters and digits between anything else."""
ENCODINGS = ("latin-1", "utf-8", "utf-16-le", "utf-16-be")
_RUN = re.compile(rb"[\x20-\x7e]{8,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){8,}|(?:\x00[\x20-\x7e]){8,}")


@dataclass(frozen=True, slots=True)
class Searched:
    """Identifiers by the way they are looked for."""

    runs: Mapping[tuple[str, ...], Identifier]
    inside: Mapping[str, tuple[str, ...]]
    """Those looked for within words, by their first characters."""
    cells: Mapping[str, Identifier]
    dates: frozenset[tuple[str, str]]
    """Attribute and day, as DICOM writes it."""
    lengths: frozenset[int]
    foreign: Mapping[bytes, Identifier]
    """What is not ASCII, in each encoding."""

    @classmethod
    def of(cls, identifiers: Iterable[Identifier]) -> "Searched":
        """Sort `identifiers` by how long and how particular they are."""
        several = list(identifiers)
        known = {one.text.casefold().strip(): one for one in several if one.text.strip()}
        runs = {words_of(text): one for text, one in known.items() if not (one.short or _is_short(text))}
        inside: dict[str, tuple[str, ...]] = {}
        for text in known:
            if len(text) >= ANYWHERE and re.search(r"[^\d\W_]", text):
                inside[text[:ANYWHERE]] = (*inside.get(text[:ANYWHERE], ()), text)
        foreign = {
            coded: one
            for one in known.values()
            if not one.text.isascii()
            for coded in (one.text.encode(code) for code in ENCODINGS[1:])
            if not coded.isascii() and len(coded) > SHORTEST_CODE
        }
        dates = frozenset((one.attribute, one.text) for one in several if one.attribute)
        return cls(runs, inside, known, dates, frozenset(map(len, runs)), foreign)

    def in_text(self, text: str) -> set[Identifier]:
        """Identifiers that are words of `text`, or long parts of them."""
        lower = text.casefold()
        words = words_of(lower)
        starts = self.inside.keys() & {lower[k : k + ANYWHERE] for k in range(len(lower) - ANYWHERE + 1)}
        hits = {self.cells[one] for start in starts for one in self.inside[start] if one in lower}
        for length in self.lengths:
            there = set(zip(*(words[k:] for k in range(length)), strict=False))
            hits |= {self.runs[run] for run in there & self.runs.keys()}
        return hits

    def as_cell(self, text: str) -> set[Identifier]:
        """The identifier that `text` is as a whole, however short."""
        one = self.cells.get(text.casefold().strip("\0 "))
        return set() if one is None else {one}

    def as_date(self, attribute: str, text: str) -> set[Identifier]:
        """The day that `attribute` had in the source, where `text` is it."""
        day = text[:8]
        return {self.cells[day]} if (attribute, day) in self.dates else set()

    def in_bytes(self, piece: "Piece") -> set[Identifier]:
        """Identifiers in bytes; among numbers those of 8 characters or bytes and more."""
        hits = set().union(*map(self.in_text, piece.texts))
        if piece.numbers:
            hits = {one for one in hits if len(one.text) >= IN_NUMBERS}
        least = IN_NUMBERS if piece.numbers else 0
        return hits | {
            one for code, one in self.foreign.items() if len(code) >= least and code in piece.content
        }


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file, and the texts that they may be."""

    content: bytes
    texts: tuple[str, ...]
    numbers: bool
    """Whether they are numbers of pixels, mostly."""

    @classmethod
    def of(cls, content: bytes, *, numbers: bool) -> "Piece":
        """Of numbers the runs of 8 characters and more; of other bytes all, in every encoding."""
        if numbers:
            wide = b"\n".join(run.replace(b"\0", b"") for run in _WIDE.findall(content))
            runs = b"\n".join(_RUN.findall(content))
            return cls(content, tuple(text.decode("ascii") for text in (runs, wide) if text), numbers)
        texts = [content.decode(code, errors="replace") for code in ENCODINGS]
        texts += [
            content[1:].decode(code, errors="replace") for code in ENCODINGS if code.startswith("utf-16")
        ]
        return cls(content, tuple(texts), numbers)


def _is_short(text: str) -> bool:
    """Whether what is left of `text` without punctuation is too short to be looked for in running text."""
    return Identifier("".join(words_of(text)), "").short


def words_of(text: str) -> tuple[str, ...]:
    """Words and numbers of `text`."""
    return tuple(WORD.findall(text))
