"""What happens to an attribute: a pure decision from its tag, its value representation and the options."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pydicom.datadict import dictionary_keyword, dictionary_VR

from .codes import ATTRIBUTES
from .table import OPTION_COLUMNS, Kept, Row, basic_profile, kept_attributes

Action = Literal[
    "remove",
    "empty",
    "dummy",
    "map",
    "move",
    "keep",
    "listed",
    "offset",
    "clean",
    "terms",
    "words",
    "code",
    "profile",
    "descend",
]
Otherwise = Literal["remove", "empty", "dummy"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to an attribute, and what happens in place of it when its value is not what it should be."""

    action: Action
    otherwise: Otherwise = "remove"


REMOVE = Decision("remove")
NUMBERS = frozenset({"US", "SS", "UL", "SL", "SV", "UV", "FL", "FD", "DS", "IS", "AT"})
TEXT = frozenset({"LO", "SH", "LT", "ST", "UT", "UC", "PN", "AE", "UR"})
GROUPS = frozenset(
    {
        0x0008,
        0x0018,
        0x0020,
        0x0022,
        0x0028,
        0x0040,
        0x0048,
        0x0052,
        0x0054,
        0x0062,
        0x0064,
        0x0066,
        0x006A,
        0x0070,
    }
    | {0x2050, 0x3004, 0x3006, 0x300A, 0x300C, 0x5200, 0x7FE0}
)
"""Groups that describe images: their numbers and sequences stay where Table E.1-1 does not name them."""
_NEVER = frozenset({0x0000, 0x0002, 0x0004, 0x0400})
"""Commands, headers of files, directories, and signed or encrypted copies of attributes."""
EMPTY = frozenset(
    {
        "AcquisitionContextSequence",
        "PatientOrientationCodeSequence",
        "PatientGantryRelationshipCodeSequence",
        "RadionuclideCodeSequence",
    }
)
"""Sequences that enhanced images and PET require, without an item if need be."""
REFERENCES = frozenset(
    {
        "MultiFrameSourceSOPInstanceUID",
        "SOPInstanceUIDOfConcatenationSource",
        "ReferencedColorPaletteInstanceUID",
        "TargetFrameOfReferenceUID",
        "VolumeFrameOfReferenceUID",
        "TableFrameOfReferenceUID",
        "EquipmentFrameOfReferenceUID",
        "ReferencedFiducialUID",
    }
)
"""UIDs outside the table of things whose own UID is in it."""
_SPECIAL: Mapping[str, Action] = {
    "ImageType": "terms",
    "FrameType": "terms",
    "BodyPartExamined": "words",
    "ICCProfile": "profile",
    **dict.fromkeys(ATTRIBUTES, "code"),
}
"""Attributes whose values, not only the attributes, are on a list."""
_BASIC: Mapping[str, Decision] = {
    "X": REMOVE,
    "Z": Decision("empty"),
    "D": Decision("dummy"),
    "U": Decision("map"),
    "X/Z": Decision("empty"),
    # the choice that is valid whether the attribute is required, required but may be empty, or optional
    "X/D": Decision("dummy"),
    "Z/D": Decision("dummy"),
    "X/Z/D": Decision("dummy"),
    "X/Z/U*": Decision("descend"),
}


@lru_cache(maxsize=65536)
def decide(tag: int, vr: str, columns: frozenset[str]) -> Decision:
    """What happens to the attribute `tag` of representation `vr` when the options open `columns` of the table."""
    group, element = tag >> 16, tag & 0xFFFF
    if group % 2 or element == 0 or group in _NEVER or not _is_one_of(vr, tag):
        return REMOVE
    row = basic_profile().get(tag)
    if row is not None:
        return _of_table(row, vr, columns)
    kept = kept_attributes().get(tag)
    if kept is not None:
        return _of_kept(kept, vr, columns)
    return _unlisted(tag, vr, columns)


def single(vr: str) -> str:
    """One representation where pydicom could not tell which of several it is ("US or SS")."""
    return vr.split(" or ")[0]


def _is_one_of(vr: str, tag: int) -> bool:
    """Whether the dictionary knows `tag` and lets it have the representation `vr`."""
    try:
        return vr in dictionary_VR(tag).split(" or ")
    except KeyError:
        return False


def _of_table(row: Row, vr: str, columns: frozenset[str]) -> Decision:
    basic = _basic(row.basic, vr, keyword=row.keyword)
    for column in OPTION_COLUMNS:
        if column in columns and column in row.options:
            return _optional(column, row.options[column], vr, basic=basic)
    return basic


def _basic(action: str, vr: str, *, keyword: str) -> Decision:
    if vr == "SQ" and action != "X/Z/U*":
        # where it is optional at least one item is demanded, so none at all is the valid choice
        return REMOVE if action.startswith("X") and keyword not in EMPTY else Decision("empty")
    if vr == "UI" and "D" in action:  # a dummy UID would be many images' own
        return Decision("map")
    return _BASIC[action]


def _optional(column: str, mark: str, vr: str, *, basic: Decision) -> Decision:
    """What an option does; `basic` where it says nothing of values such as this."""
    otherwise: Otherwise = (
        "empty" if basic.action == "empty" else "dummy" if basic.action == "dummy" else "remove"
    )
    wanted = (
        _DATES if column in ("full_dates", "modified_dates") else _MARKS.get((column, mark), _MARKS["", mark])
    )
    return Decision(wanted[vr], otherwise) if vr in wanted else basic


_DATES: Mapping[str, Action] = {"DA": "move", "DT": "move", "TM": "keep", "SH": "offset"}
_RETAIN: Mapping[str, Action] = {
    "SQ": "descend",
    **dict.fromkeys((*TEXT, *NUMBERS, "UI", "CS", "AS"), "keep"),
}
_MARKS: Mapping[tuple[str, str], Mapping[str, Action]] = {
    ("", "K"): _RETAIN,
    ("", "C"): dict.fromkeys(TEXT, "clean"),
    ("structured", "C"): {"SQ": "descend"},
    ("graphics", "C"): {"SQ": "descend"},
}
"""What an option does to each representation, by column and mark; an empty column is any other."""
_OTHERWISE: Mapping[str, Otherwise] = {"X": "remove", "Z": "empty", "D": "dummy"}


def _of_kept(kept: Kept, vr: str, columns: frozenset[str]) -> Decision:
    otherwise = _OTHERWISE[kept.otherwise]
    if kept.option != "always" and kept.option not in columns:
        return Decision(otherwise)
    if kept.option == "descriptors" and vr in TEXT:
        return Decision("clean", otherwise)
    usual: Action = "listed" if kept.option == "always" and (vr in TEXT or vr == "CS") else "keep"
    return Decision(_SPECIAL.get(kept.keyword, usual), otherwise)


def _unlisted(tag: int, vr: str, columns: frozenset[str]) -> Decision:
    """Neither the standard's table nor ours names it: numbers and sequences of images stay, and any UID is replaced.

    What refers to an instance or a frame of reference stays where these do.
    """
    if vr == "UI":
        return Decision("keep" if "uids" in columns and dictionary_keyword(tag) in REFERENCES else "map")
    if tag >> 16 not in GROUPS:
        return REMOVE
    return Decision("descend") if vr == "SQ" else Decision("keep") if vr in NUMBERS else REMOVE


def keyword_of(tag: int) -> str:
    """The keyword of `tag`, or the tag itself where the dictionary has none; never a private one."""
    try:
        return dictionary_keyword(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    except KeyError:
        return "private" if (tag >> 16) % 2 else f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
