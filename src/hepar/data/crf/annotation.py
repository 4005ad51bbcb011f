"""Annotations that hepar reads in a dictionary and REDCap ignores: rules that reach across fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...core.errors import ProtocolError, choices
from .form import FormDictionary, FormField

TAGS: Mapping[str, str] = {
    "HEPAR-ID": "pattern (regular expression) of the participant's identifier; on the first field",
    "HEPAR-NOT-BEFORE": "date field that this date must not precede",
    "HEPAR-NOT-AFTER": "date field that this date must not follow",
    "HEPAR-WITHIN-DAYS": "date field and number of days that this date may lie from it, e.g. scan_date:30",
    "HEPAR-EQUALS-AGE": "date of birth and date of visit whose completed years this number must be, e.g. birth,visit",
    "HEPAR-RULE": "branching logic that must hold where this field is filled in",
    "HEPAR-MESSAGE": "what the query says where the HEPAR-RULE before it does not hold",
    "HEPAR-IMAGE": "field of the bundled dictionaries whose part this one plays beside the images, e.g. ct_date",
    "HEPAR-FORM-WHEN": "branching logic: when the form of this field is expected of a participant",
}
"""Name of a tag -> what its value is."""

_TAG = re.compile(r"(?<!\S)@(HEPAR[\w-]*)(=?)", re.ASCII | re.IGNORECASE)
_VALUE = re.compile(r"""'([^']*)'(?!\S)|"([^"]*)"(?!\S)|([^\s'"]\S*)""")


@dataclass(frozen=True, slots=True)
class Tag:
    """One annotation `@NAME=value` of a field."""

    name: str
    value: str


def tags_of(field: FormField) -> tuple[Tag, ...]:
    """The annotations of `field` that are hepar's; those of REDCap are left alone.

    Raises:
        ProtocolError: the name is none of `TAGS`, or a value is missing or badly quoted.
    """
    return tuple(_tag(field, match) for match in _TAG.finditer(field.annotation))


def _tag(field: FormField, match: re.Match[str]) -> Tag:
    name = match[1].upper()
    if name not in TAGS:
        raise ProtocolError(
            f"field {field.name!r}: hepar knows no annotation @{name}; {choices(name, TAGS)}; correct it in the"
            " column Field Annotation"
        )
    value = _VALUE.match(field.annotation, match.end()) if match[2] else None
    text = next((part for part in value.groups() if part), "").strip() if value else ""
    if not text:
        raise ProtocolError(
            f'field {field.name!r}: @{name} has no value that can be read; write @{name}=VALUE, or @{name}="VALUE"'
            f" where it holds spaces or single quotes; VALUE is the {TAGS[name]}"
        )
    return Tag(name, text)


def referenced(dictionary: FormDictionary, field: FormField, tag: Tag, *, name: str) -> FormField:
    """The field that a tag names.

    Raises:
        ProtocolError: there is none of this name.
    """
    found = next((one for one in dictionary.fields if one.name == name.strip()), None)
    if found is None:
        names = [one.name for one in dictionary.fields]
        raise ProtocolError(
            f"field {field.name!r}, @{tag.name}: the dictionary has no field {name.strip()!r};"
            f" {choices(name.strip(), names)}"
        )
    return found
