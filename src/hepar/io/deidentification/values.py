"""One value made safe: kept as it is where it is what its representation says, moved, cleaned, or a dummy."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from pydicom.multival import MultiValue

from .actions import NUMBERS
from .colour_profile import plain_profile
from .dates import capped_age, is_offset, is_time, moved_date, moved_moment
from .subject import Rules
from .text import clean, is_code_string, is_printable, is_setting, is_technical, terms, words
from .uids import is_standard, is_well_formed, keyed_uid

Values = list[Any]
"""The values of an attribute; those of most have one."""

DUMMIES: Mapping[str, Any] = (
    dict.fromkeys(("LO", "SH", "LT", "ST", "UT", "UC", "PN", "AE", "CS"), "REMOVED")
    | dict.fromkeys(("US", "SS", "UL", "SL", "SV", "UV", "AT"), 0)
    | dict.fromkeys(("FL", "FD"), 0.0)
    | dict.fromkeys(("OB", "OW", "OF", "OD", "OL", "OV", "UN"), bytes(8))
    | {"DA": "19000101", "DT": "19000101000000", "TM": "000000", "AS": "000Y", "DS": "0", "IS": "0"}
    | {"UR": "urn:removed"}
)
"""What stands where a value is required, by value representation."""
BYTES = frozenset({"OB", "OW", "OF", "OD", "OL", "OV"})
PLAIN = NUMBERS | BYTES


def several(value: Any) -> Values:
    """The values of an element as a list of its own."""
    if value is None:
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def kept(values: Values, vr: str, *, technical: bool) -> Values | None:
    """`values` where each is what `vr` allows, ages capped; None where one is not.

    `technical` text is what a scanner writes of itself; other text is kept by an option and may be in any script.
    """
    if vr in PLAIN:
        # what pydicom could not parse it may hand on as text
        wanted = int | float | Decimal if vr in NUMBERS else bytes
        fits = all(isinstance(value, wanted) for value in values)
        return values if fits and not (vr in ("IS", "DS") and any(map(_is_day, values))) else None
    checked = [_checked(str(value), vr, technical=technical) for value in values]
    return None if None in checked else checked


def _checked(text: str, vr: str, *, technical: bool) -> str | None:
    if vr == "AS":
        return capped_age(text.strip())
    stripped = text.strip(" \0")
    fits = _FITS.get(vr, is_technical if technical else is_printable)
    return stripped if fits(stripped) else None


def _is_day(value: object) -> bool:
    """Whether a number is a day, as some sites number series and acquisitions."""
    text = str(value).partition(".")[0]
    return len(text) == 8 and text[:2] in ("19", "20") and moved_date(text, 0) is not None


_FITS: Mapping[str, Callable[[str], bool]] = {"CS": is_code_string, "TM": is_time}


def listed(values: Values, vr: str) -> Values | None:
    """Code strings and settings of a scanner as they are; None where one of them holds a word of another kind."""
    checked = kept(values, vr, technical=True)
    return checked if checked is not None and all(not one or is_setting(one) for one in checked) else None


def profiles(values: Values) -> Values | None:
    """Colour profiles without their texts; None where one is none."""
    plain = [plain_profile(value) for value in values if isinstance(value, bytes)]
    return plain if len(plain) == len(values) and None not in plain else None


def moved(values: Values, vr: str, *, days: int) -> Values | None:
    """Dates and moments moved by `days`, each part of a range by itself; None where one of them has no day."""
    move = moved_date if vr == "DA" else moved_moment
    result = []
    for value in values:
        text = str(value).strip(" \0")
        parts = [part for part in text.split("-") if part] if vr == "DA" else [text]
        new = [move(part, days) for part in parts]
        if None in new or not new:
            return None
        result.append("-".join(filter(None, new)))
    return result


def mapped(values: Values, keyword: str, *, rules: Rules) -> Values:
    """UIDs replaced by keyed ones, those of DICOM itself left as they are."""
    texts = [_bare(value) for value in values]
    return [text if is_standard(text, keyword) else keyed_uid(rules.key, text) for text in texts]


def offsets(values: Values) -> Values | None:
    """Offsets from UTC; None where one is not."""
    texts = [_bare(value) for value in values]
    return texts if all(map(is_offset, texts)) else None


def retained(values: Values, keyword: str, *, rules: Rules) -> Values:
    """UIDs as they are; what is none is replaced, since it may hold anything."""
    return [
        uid if is_well_formed(uid) else mapped([uid], keyword, rules=rules)[0] for uid in map(_bare, values)
    ]


def _bare(value: object) -> str:
    return str(value).strip(" \0")


def cleaned(values: Values) -> Values | None:
    """The words on the list of each value; None where none is left."""
    found = [clean(str(value)) for value in values]
    return [text for text in found if text] or None


def only_words(values: Values) -> Values | None:
    """Code strings made of words on the list; None where one is not."""
    texts = [str(value).strip().upper() for value in values]
    known = all(
        is_code_string(text) and all(word in words() for word in text.lower().split()) for text in texts
    )
    return texts if known else None


def typed_terms(values: Values) -> Values:
    """An Image Type whose terms are on the list."""
    return list(terms(str(value) for value in values))


IDENTITIES = frozenset({0x00100010, 0x00100020, 0x00120040})
"""Patient's Name, Patient ID and Clinical Trial Subject ID."""
