"""Many identifiers looked for at once in text and in bytes: as runs of words, inside words, as whole cells."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from .identifier import Identifier, is_short

ANYWHERE = 8
"""An identifier of so many characters, not all digits, is also found inside a longer word."""
IN_NUMBERS = 8
"""Shorter ones turn up among numbers of pixels by chance: four given bytes in a quarter of all gigabytes."""
SHORTEST_CODE = 2
"""Two bytes are one character of UTF-16, and turn up in any text: a Chinese surname is the letters `gh`."""
WORD = re.compile(r"[0-9]+(?:\.[0-9]+)+|[^\W_]+")
"""A number with its points, or letters and digits between anything else."""
JOINED = re.compile(r"(?<![^\W_])[0-9]+(?:[-_/][0-9]+)+(?![^\W_])")
"""Numbers that are written as one; those a blank or a comma apart are cells of a table or points of a drawing."""
ENCODINGS = ("latin-1", "utf-8", "utf-16-le", "utf-16-be")
_AROUND = " \t\r\n\v\f\0\"'"
"""What stands around a cell: blanks, what fills up a value of DICOM, quotes, the apostrophe before a formula."""
_LETTER = re.compile(r"[^\d\W_]")
_RUN = re.compile(rb"[\x20-\x7e]{8,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){8,}|(?:\x00[\x20-\x7e]){8,}")
K = TypeVar("K")
V = TypeVar("V")
Meant = frozenset[Identifier]
"""What one text may be: the same number may be a case and a participant."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Identifiers by the way they are looked for; neither case nor the form of an accent or a width matters."""

    cells: Mapping[str, Meant]
    runs: Mapping[tuple[str, ...], Meant]
    joined: Mapping[tuple[str, ...], Meant]
    """Short numbers that are written as one, `12-34`."""
    inside: Mapping[str, frozenset[str]]
    """Those looked for within words, by their first characters."""
    long: Mapping[str, Meant]
    lengths: frozenset[int]
    foreign: Mapping[bytes, Meant]
    """What is not ASCII, in each encoding."""

    @classmethod
    def of(cls, identifiers: Iterable[Identifier]) -> "Searched":
        """Sort `identifiers` by how long and how particular they are."""
        known = [(_folded(one.text).strip(), one) for one in set(identifiers) if one.text.strip()]
        apart = [(words_of(text), one) for text, one in known if not is_short(text)]
        runs = _grouped((words, one) for words, one in apart if _is_particular(words))
        long = [(text, one) for text, one in known if len(text) >= ANYWHERE and _LETTER.search(text)]
        return cls(
            cells=_grouped((cell, one) for text, one in known if (cell := text.strip(_AROUND))),
            runs=runs,
            joined=_grouped((words, one) for words, one in apart if len(words) > 1 and words not in runs),
            inside=_grouped((text[:ANYWHERE], text) for text, _ in long),
            long=_grouped(long),
            lengths=frozenset(map(len, runs)),
            foreign=_grouped((code, one) for _, one in known for code in _codes(one.text)),
        )

    def in_text(self, text: str) -> set[Identifier]:
        """Identifiers that are words of `text`, or long parts of them."""
        folded = _folded(text)
        words = words_of(folded)
        found: list[AbstractSet[Identifier]] = [self._within(folded)]
        for length in self.lengths:
            there = set(zip(*(words[k:] for k in range(length)), strict=False))
            found += [self.runs[run] for run in there & self.runs.keys()]
        if self.joined:
            there = {words_of(number) for number in JOINED.findall(folded)}
            found += [self.joined[run] for run in there & self.joined.keys()]
        return set().union(*found)

    def as_cell(self, text: str) -> set[Identifier]:
        """The identifier that `text` is as a whole, however short."""
        return set(self.cells.get(_folded(text).strip(_AROUND), ()))

    def as_date(self, attribute: str, text: str) -> set[Identifier]:
        """The day that `attribute` had in the source, where `text` is it."""
        return {one for one in self.as_cell(text[:8]) if attribute and one.attribute == attribute}

    def in_bytes(self, piece: "Piece") -> set[Identifier]:
        """Identifiers in bytes; among numbers those of 8 characters or bytes and more."""
        hits = set().union(*map(self.in_text, piece.texts))
        if piece.numbers:
            hits = {one for one in hits if len(one.text) >= IN_NUMBERS}
        least = IN_NUMBERS if piece.numbers else 0
        codes = [
            meant for code, meant in self.foreign.items() if len(code) >= least and code in piece.content
        ]
        return hits.union(*codes)

    def _within(self, folded: str) -> set[Identifier]:
        if not self.inside:
            return set()
        every = (folded[k : k + ANYWHERE] for k in range(len(folded) - ANYWHERE + 1))
        starts = {start for start in every if start in self.inside}
        texts = (text for start in starts for text in self.inside[start] if text in folded)
        return set().union(*(self.long[text] for text in texts))


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

    @classmethod
    def of_text(cls, content: bytes) -> "Piece":
        """Of a file of text: UTF-8 where it is that, else whatever it may be."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return cls.of(content, numbers=False)
        return cls.of(content, numbers=False) if "\0" in text else cls(content, (text,), numbers=False)


def words_of(text: str) -> tuple[str, ...]:
    """Words and numbers of `text`."""
    return tuple(WORD.findall(text))


def _folded(text: str) -> str:
    """`text` without case, and with one form of each character: file names of a Mac hold accents apart."""
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


def _is_particular(words: tuple[str, ...]) -> bool:
    """Whether the words in a row are long enough for running text, or several and not numbers only."""
    whole = "".join(words)
    return bool(words) and (not is_short(whole) or (len(words) > 1 and not whole.isdigit()))


def _codes(text: str) -> list[bytes]:
    """What is not ASCII of `text`, as bytes."""
    codes = [] if text.isascii() else [text.encode(code, "surrogatepass") for code in ENCODINGS[1:]]
    return [code for code in codes if not code.isascii() and len(code) > SHORTEST_CODE]


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, frozenset[V]]:
    """What stands under each key."""
    found: dict[K, set[V]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: frozenset(several) for key, several in found.items()}
