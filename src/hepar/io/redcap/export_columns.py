"""Which columns a raw export of a project has, and what a header that does not fit them tells."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from ...core.errors import DataError, choices
from ...data.crf.form import FormDictionary, checkbox_column

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
GROUP, SURVEY = "redcap_data_access_group", "redcap_survey_identifier"
ADMINISTRATIVE = (EVENT, INSTRUMENT, INSTANCE, GROUP, SURVEY)
ADMINISTRATIVE_LABELS = (
    "Event Name",
    "Repeat Instrument",
    "Repeat Instance",
    "Data Access Group",
    "Complete?",
)
"""What the header of an export with labels writes instead."""
_MARKUP = re.compile(r"<[^>]*>")


def expected_columns(dictionary: FormDictionary) -> tuple[str, ...]:
    """Columns of a full export, but for those that only some projects have."""
    pages: dict[str, list[str]] = {form: [] for form in dictionary.forms}
    for field in dictionary.fields:
        pages[field.form] += field.columns
    return tuple(name for form, columns in pages.items() for name in (*columns, f"{form}_complete"))


def optional_columns(dictionary: FormDictionary) -> frozenset[str]:
    """Columns that projects with events, repeats, sites or surveys have besides."""
    stamps = {f"{form}_timestamp" for form in dictionary.forms}
    return frozenset((*ADMINISTRATIVE, *stamps))


def spelled(dictionary: FormDictionary, *, missing_codes: Collection[str]) -> Mapping[str, str]:
    """Columns that are written in more than one way, or say that a checkbox is marked as missing -> name used here."""
    known: dict[str, str] = {}
    for field in dictionary.fields:
        if field.type == "checkbox":
            codes = (*missing_codes, *(choice.code for choice in field.choices))
            columns = {code: checkbox_column(field.name, code) for code in codes}
            known |= {
                written: name
                for code, name in columns.items()
                for written in (name, f"{field.name}___{code}")
            }
    return known


def refuse_header(
    path: Path,
    header: Sequence[str],
    dictionary: FormDictionary,
    *,
    missing_codes: Collection[str],
    partial: bool,
) -> None:
    """Refuse a header that is none of a raw export of this project; fields that identify may be left out of one.

    Raises:
        DataError: labels instead of names, another project's export, unknown columns, lacking columns.
    """
    expected = expected_columns(dictionary)
    allowed = {*expected, *optional_columns(dictionary), *spelled(dictionary, missing_codes=missing_codes)}
    unknown = [name for name in header if name not in allowed]
    _refuse_labels(path, dictionary, unknown=unknown)
    if {"record", "field_name", "value"} <= set(header):
        raise DataError(
            f"{path}: holds one value a line; export it with one record a line (type flat, not eav)"
        )
    if dictionary.record_id not in header:
        raise DataError(
            f"{path}: there is no column {dictionary.record_id!r}, which identifies the participant in the dictionary"
            f" {dictionary.name!r}; the header begins with {', '.join(header[:4])}. Does it belong to another"
            " project?"
        )
    entered = [name for name in expected if name != dictionary.record_id]
    if unknown and entered and not set(entered) & set(header):
        raise DataError(
            f"{path}: no column but {dictionary.record_id!r} belongs to the dictionary {dictionary.name!r}; give the"
            " export of the same project"
        )
    if unknown:
        raise DataError(
            f"{path}: the dictionary {dictionary.name!r} has no column {_listed(unknown)};"
            f" {_of_checkbox(unknown, dictionary) or _nearest(unknown[0], allowed)}"
        )
    present = {spelled(dictionary, missing_codes=()).get(name, name) for name in header}
    identifying = {name for field in dictionary.fields if field.identifier for name in field.columns}
    lacking = [name for name in expected if name not in present and name not in identifying]
    if lacking and not partial:
        raise DataError(
            f"{path}: the dictionary {dictionary.name!r} has {_listed(lacking)}, the export does not; export all"
            " fields, or say that it is partial"
        )


def _refuse_labels(path: Path, dictionary: FormDictionary, *, unknown: Sequence[str]) -> None:
    labels = {_plain(field.label) for field in dictionary.fields}
    found = [name for name in unknown if _plain(name) in labels or name in ADMINISTRATIVE_LABELS]
    found += [name for name in unknown if "(choice=" in name]
    if found:
        raise DataError(
            f"{path}: the header holds labels ({_listed(found)}), not names of fields; export it again as"
            ' "CSV / Microsoft Excel (raw data)"'
        )


def _plain(label: str) -> str:
    """A label without markup, as a header writes it."""
    return " ".join(_MARKUP.sub(" ", label).split())


def _listed(names: Sequence[str], *, shown: int = 5) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(repr(name[:60]) for name in names[:shown]) + more


def _nearest(name: str, allowed: Collection[str]) -> str:
    hint = choices(name, allowed).split("Allowed:")[0].strip()
    return (
        f"{hint} Take the dictionary and the export at the same time, or delete a column of your own".strip()
    )


def _of_checkbox(unknown: Sequence[str], dictionary: FormDictionary) -> str:
    """What to do where an unknown column is one of a checkbox: its code may be one for missing."""
    boxes = {field.name for field in dictionary.fields if field.type == "checkbox"}
    parted = [name.partition("___") for name in unknown]
    codes = list(dict.fromkeys(code for name, _, code in parted if name in boxes))
    if not codes:
        return ""
    ends = ", ".join(codes[:5])
    return (
        f"if the project has missing data codes, name them as in its settings (here they end in {ends});"
        " else take the dictionary and the export at the same time"
    )


def coded_columns(dictionary: FormDictionary) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Columns that hold a code, each with its words in small letters -> the code."""
    for field in dictionary.fields:
        if field.type == "checkbox":
            for choice in field.choices:
                yield checkbox_column(field.name, choice.code), {"checked": "1", "unchecked": "0"}
        elif field.choices:
            codes = {choice.code.lower() for choice in field.choices}
            words = {choice.label.lower(): choice.code for choice in field.choices}
            yield field.name, {word: code for word, code in words.items() if word not in codes}
    for form in dictionary.forms:
        yield f"{form}_complete", {"incomplete": "0", "unverified": "1", "complete": "2"}
