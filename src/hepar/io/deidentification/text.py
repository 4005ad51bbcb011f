"""Text that may stay: descriptions word by word from a list, terms of image types, and what a scanner itself writes."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from .table import packaged_table

LONGEST = 64
"""Characters of the longest text that is kept."""
OTHER = "OTHER"
"""What stands in place of a term that is not on the list, so that the places of the others do not change."""

_TOKEN = re.compile(r"[^\s_\-/\\.,;:()\[\]{}+*=<>|&#!?\"'^~@]+(?:\.\d+[a-zA-Z%]*)?")
_MEASURE = re.compile(
    r"\d{1,3}(?:\.\d{1,2})?(?:mm|cm|s|sec|ms|min|%|kv|kvp|mas|t|mhz)|b\d{1,4}|\d[dx]|x\d", re.IGNORECASE
)
"""A number that says what it measures; a bare one may be part of a hospital number, an age or a date."""
_TECHNICAL = re.compile(r"[ !#-%(-;?A-Z\[\]_a-z{|}]{1,64}")
"""Printable ASCII without the characters of names (^), addresses (@), formulas, quotes and several values."""
_DAY = re.compile(r"(?<!\d)(\d{1,2}[ _./-]\d{1,2}[ _./-](\d{4}|\d{2})|\d{4}[ _./-]\d{2}[ _./-]\d{2})(?!\d)")
_PIECES = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_PLAIN_NUMBER = re.compile(r"\d{1,3}(\.\d{1,6})?|\d\.\d{1,6}")
_DIRECTION = re.compile(r"[ahflpr]{1,3}")
"""Where rows and columns lead in the patient (PS3.3 C.7.6.1.1.1)."""
_IN_CODE = re.compile(r"(?!(?:19|20)\d\d)\d{1,4}")
"""Digits beside letters, as in `Br38f` and `fl3d1`; a year is none."""
SHORT, SHORT_BESIDE_DIGITS = 2, 4
"""Letters of an abbreviation that need not be on a list, alone (`ns`) and beside digits (`tfl3d1`)."""
_CODE_STRING = re.compile(r"[A-Z0-9_ ]{1,16}")


@cache
def words() -> frozenset[str]:
    """Words, in lower case, that say what was imaged and how, and are no common name of a person or a place."""
    return _listed("word")


@cache
def image_terms() -> frozenset[str]:
    """Values of Image Type and Frame Type by PS3.3, and those that makers of scanners add."""
    return _listed("image_term")


@cache
def settings() -> frozenset[str]:
    """Further words, in lower case, by which scanners tell their settings: terms of PS3.3 and of makers."""
    return _listed("setting")


def clean(text: str) -> str:
    """The words of `text` that are on the list, and measures, joined by blanks; all else is gone.

    >>> clean("PVP liver 2.5mm, J. Smith 1961-11-11")
    'PVP liver 2.5mm'
    """
    kept = [token for token in _TOKEN.findall(text) if token.lower() in words() or _MEASURE.fullmatch(token)]
    return " ".join(kept)[:LONGEST].strip()


def terms(values: Iterable[str]) -> list[str]:
    """The values of an Image Type, each that is not on the list replaced by OTHER.

    >>> terms(["ORIGINAL", "PRIMARY", "SMITH"])
    ['ORIGINAL', 'PRIMARY', 'OTHER']
    """
    return [term if _is_listed(term) else OTHER for term in (value.strip().upper() for value in values)]


def _is_listed(term: str) -> bool:
    """Whether `term` is on the list, or made of those that are, as Siemens' CT_SOM5 SPI."""
    return bool(term) and is_code_string(term) and all(part in image_terms() for part in term.split())


def is_technical(text: str) -> bool:
    """Whether `text` can be what a scanner writes of itself: short and plain."""
    return _TECHNICAL.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_setting(text: str) -> bool:
    """Whether `text` says nothing but how a scanner was set: listed words, abbreviations and short numbers.

    >>> is_setting("*fl3d1_ns"), is_setting("Br38f"), is_setting("BODY FILTER"), is_setting("IV Dr Smith")
    (True, True, True, False)
    >>> is_setting("1961"), is_setting("19611111"), is_setting("11.11.61"), is_setting("b1000")
    (False, False, False, True)
    """
    if not is_technical(text) or _DAY.search(text):
        return False
    return all(_is_setting_word(token.strip("%")) for token in _TOKEN.findall(text.lower()))


def _is_setting_word(token: str) -> bool:
    plain = any(form.fullmatch(token) for form in (_PLAIN_NUMBER, _MEASURE, _DIRECTION))
    if plain or _is_known(token, longest=SHORT):
        return True
    pieces = _PIECES.findall(token)
    numbers = [piece for piece in pieces if piece[0].isdigit()]
    return (
        0 < len(numbers) < len(pieces)
        and all(map(_IN_CODE.fullmatch, numbers))
        and all(_is_known(piece, longest=SHORT_BESIDE_DIGITS) for piece in pieces if piece.isalpha())
    )


def _is_known(word: str, *, longest: int) -> bool:
    return word in words() or word in settings() or (word.isalpha() and len(word) <= longest)


def is_code_string(text: str) -> bool:
    """Whether `text` keeps to the repertoire of DICOM's code strings (PS3.5 6.2)."""
    return _CODE_STRING.fullmatch(text) is not None


def is_printable(text: str) -> bool:
    """Whether `text` has no control characters but the ends of its lines."""
    return bool(text) and text.replace("\r\n", " ").replace("\n", " ").isprintable()


def _listed(kind: str) -> frozenset[str]:
    return frozenset(line["word"] for line in packaged_table("words.csv") if line["kind"] == kind)
