"""Table E.1-1 of DICOM PS3.15 and the attributes that hepar keeps beside it, as read from the package's two tables.

`basic_profile.csv` holds the action of the basic profile (X remove, Z empty, D dummy, U replace a UID, and choices of
these) and, for each option, K (keep) or C (clean). `kept_attributes.csv` lists the attributes of text, code strings and
bytes that the standard's table does not name and that may stay, and the option that lets them; any other is removed.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

EDITION = "DICOM PS3.15 2026c"
"""Edition of the basic actions; the columns of options are those of an older edition where it has the attribute."""

OPTION_COLUMNS = (
    "full_dates",
    "modified_dates",
    "device",
    "institution",
    "patient",
    "uids",
    "descriptors",
    "structured",
    "graphics",
)


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute of the table: its action in the basic profile and, by option's column, K or C."""

    keyword: str
    basic: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """An attribute that the standard's table does not name.

    It stays "always", with the option of a column, or "never"; where it does not, it is removed (X), emptied (Z) or
    gets a dummy (D), as the images that require it need.
    """

    keyword: str
    option: str
    otherwise: str


@cache
def basic_profile() -> Mapping[int, Row]:
    """The rows of Table E.1-1 by tag, less repeating groups and private attributes, which are removed as groups."""
    return {
        _tag(line["tag"]): Row(
            line["keyword"], line["basic"], {name: line[name] for name in OPTION_COLUMNS if line[name]}
        )
        for line in packaged_table("basic_profile.csv")
        if "x" not in line["tag"] and line["tag"] != "private"
    }


@cache
def kept_attributes() -> Mapping[int, Kept]:
    """The attributes outside Table E.1-1 that may stay, by tag."""
    return {
        _tag(line["tag"]): Kept(line["keyword"], line["option"], line["otherwise"])
        for line in packaged_table("kept_attributes.csv")
    }


def packaged_table(name: str) -> list[dict[str, str]]:
    """The rows of a table of this package."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _tag(text: str) -> int:
    return int(text.replace(",", ""), 16)
