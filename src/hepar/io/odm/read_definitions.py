"""The metadata of an ODM study as the dictionary of its forms."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...core.errors import DataError
from ...data.crf.dictionary_line import COLUMNS
from ...data.crf.form import FormDictionary
from ..redcap import dictionary_of
from .content import CONTEXT, given, name_of

Cells = dict[str, str]
_VALIDATIONS = {
    "integer": "integer",
    "float": "number",
    "double": "number",
    "date": "date_ymd",
    "datetime": "datetime_seconds_ymd",
    "partialDatetime": "datetime_seconds_ymd",
    "partialTime": "time",
    "time": "time",
}
"""What stands for the types of another system."""


def dictionary_in(version: Any, *, where: str) -> FormDictionary:
    """The dictionary that a MetaDataVersion describes; of another system's, what ODM itself says of the items.

    Raises:
        DataError: there is no item; the items make no dictionary: all that is wrong is listed.
    """
    lines = list(_lines(version))
    if not lines:
        raise DataError(f"{where}: the study defines no item; export it with its metadata")
    return dictionary_of(list(enumerate(lines, 2)), name=version.Name, where=where)


def columns_of(version: Any) -> Mapping[str, str]:
    """The name of each item by its identifier."""
    return {item.OID: item.Name for item in version.ItemDef}


def _lines(version: Any) -> Iterator[Cells]:
    items = {item.OID: item for item in version.ItemDef}
    lists = {each.OID: each for each in version.CodeList}
    groups = {group.OID: group for group in version.ItemGroupDef}
    seen: set[str] = set()
    for form in version.FormDef:
        for ref in (r for group in form.ItemGroupRef for r in groups[group.ItemGroupOID].ItemRef):
            item = items[ref.ItemOID]
            kept = _kept(item)
            if not kept and item.Name.lower() == f"{_form_name(form.Name)}_complete":
                continue
            cells = kept or _told(item, form.Name, lists, mandatory=ref.Mandatory == "Yes")
            if cells["field_name"] not in seen:
                seen.add(cells["field_name"])
                yield {**dict.fromkeys(COLUMNS, ""), **cells}


def _kept(item: Any) -> Cells:
    """The line of the dictionary that hepar kept word for word beside the item."""
    aliases = {alias.Context: alias.Name for alias in item.Alias}
    return {column: aliases[CONTEXT + column] for column in COLUMNS if CONTEXT + column in aliases}


def _told(item: Any, form: str, lists: Mapping[str, Any], *, mandatory: bool) -> Cells:
    """A line made of what ODM says of an item."""
    coded = lists.get(item.CodeListRef.CodeListOID) if given(item.CodeListRef) else None
    boolean = item.DataType == "boolean"
    limits = {check.Comparator: check.CheckValue[0]._content for check in item.RangeCheck if check.CheckValue}
    return {
        "field_name": item.Name.lower(),
        "form_name": _form_name(form),
        "field_type": "radio" if coded else "truefalse" if boolean else "text",
        "field_label": _words(item.Question) or item.Name,
        "select_choices_or_calculations": _choices(coded) if coded else "",
        "text_validation_type_or_show_slider_number": "" if coded else _VALIDATIONS.get(item.DataType, ""),
        "text_validation_min": limits.get("GE", ""),
        "text_validation_max": limits.get("LE", ""),
        "required_field": "y" if mandatory else "",
    }


def _form_name(name: str) -> str:
    return name_of(name, "FO").lower().replace(" ", "_")


def _choices(coded: Any) -> str:
    pairs = [(item.CodedValue, _words(item.Decode)) for item in coded.CodeListItem]
    pairs += [(item.CodedValue, "") for item in coded.EnumeratedItem]
    return " | ".join(f"{code}, {(words or code).replace('|', '/')}" for code, words in pairs)


def _words(element: Any) -> str:
    texts = element.TranslatedText if given(element) else []
    return str(texts[0]._content).strip() if texts else ""
