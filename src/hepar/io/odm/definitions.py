"""The dictionary of the forms as the metadata of an ODM study."""

from collections.abc import Iterator, Sequence
from typing import Any

from ...data.crf.dictionary_line import COLUMNS
from ...data.crf.form import FormDictionary, FormField
from ..redcap import dictionary_cells
from .content import CONTEXT, LOGIC, WHOLE_STUDY, oid

VERSION = "MV.1"
_TYPES = {"integer": "integer", "number": "float", "time": "time"}
_CODED = ("radio", "dropdown", "yesno", "truefalse")
_LONGEST = 65535
"""Characters of a text: ODM wants a limit, REDCap has none but this one of its database."""


def study(name: str, dictionary: FormDictionary, *, events: Sequence[str]) -> Any:
    """The element Study."""
    import odmlib.odm_1_3_2.model as odm

    said = odm.GlobalVariables(
        StudyName=odm.StudyName(_content=name),
        StudyDescription=odm.StudyDescription(_content=f"Case record forms of {name}"),
        ProtocolName=odm.ProtocolName(_content=name),
    )
    return odm.Study(
        OID=study_oid(name), GlobalVariables=said, MetaDataVersion=[_version(dictionary, events)]
    )


def study_oid(name: str) -> str:
    """Identifier of the study called `name`."""
    return oid("ST", name)


def data_type(field: FormField) -> str:
    """The type of ODM in which the values of a field stand as they are."""
    if field.type == "slider":
        return "float"
    kind = field.validation.split("_")[0]
    if field.validation.startswith("number_comma") or "comma_decimal" in field.validation:
        return "text"
    if kind in ("date", "datetime"):
        return "partialDatetime" if kind == "datetime" else "date"
    return "partialTime" if kind == "time" else _TYPES.get(kind, "text")


def _version(dictionary: FormDictionary, events: Sequence[str]) -> Any:
    import odmlib.odm_1_3_2.model as odm

    version = odm.MetaDataVersion(OID=VERSION, Name=dictionary.name)
    names = tuple(events) or (WHOLE_STUDY,)
    version.Protocol = odm.Protocol(
        StudyEventRef=[
            odm.StudyEventRef(StudyEventOID=oid("SE", name), OrderNumber=number, Mandatory="No")
            for number, name in enumerate(names, 1)
        ]
    )
    version.StudyEventDef = [_event(name, dictionary) for name in names]
    version.FormDef = [_form(name) for name in dictionary.forms]
    version.ItemGroupDef = [_group(name, dictionary) for name in dictionary.forms]
    version.ItemDef = [item for field in dictionary.fields for item in _items(field)]
    version.ItemDef += [_status(form) for form in dictionary.forms]
    version.CodeList = [_code_list(field) for field in dictionary.fields if field.type in _CODED]
    version.ConditionDef = [_condition(field) for field in dictionary.fields if field.branching]
    return version


def _event(name: str, dictionary: FormDictionary) -> Any:
    import odmlib.odm_1_3_2.model as odm

    refs = [odm.FormRef(FormOID=oid("FO", form), Mandatory="No") for form in dictionary.forms]
    return odm.StudyEventDef(
        OID=oid("SE", name), Name=name, Repeating="Yes", Type="Unscheduled", FormRef=refs
    )


def _form(name: str) -> Any:
    import odmlib.odm_1_3_2.model as odm

    ref = odm.ItemGroupRef(ItemGroupOID=oid("IG", name), Mandatory="No")
    return odm.FormDef(OID=oid("FO", name), Name=name, Repeating="Yes", ItemGroupRef=[ref])


def _group(form: str, dictionary: FormDictionary) -> Any:
    import odmlib.odm_1_3_2.model as odm

    fields = [field for field in dictionary.fields if field.form == form]
    refs = [ref for field in fields for ref in _refs(field)]
    status = odm.ItemRef(ItemOID=oid("IT", f"{form}_complete"), Mandatory="No")
    return odm.ItemGroupDef(OID=oid("IG", form), Name=form, Repeating="No", ItemRef=[*refs, status])


def _refs(field: FormField) -> Iterator[Any]:
    import odmlib.odm_1_3_2.model as odm

    mandatory = "Yes" if field.required and not field.branching and field.type != "checkbox" else "No"
    for column in _columns(field):
        ref = odm.ItemRef(ItemOID=oid("IT", column), Mandatory=mandatory)
        if field.branching:
            ref.CollectionExceptionConditionOID = oid("CO", field.name)
        yield ref


def _columns(field: FormField) -> tuple[str, ...]:
    """Its columns; a descriptive text has none, and stands under its name so that it is not lost."""
    return field.columns or (field.name,)


def _items(field: FormField) -> Iterator[Any]:
    import odmlib.odm_1_3_2.model as odm

    ticked = field.type == "checkbox"
    for column, choice in zip(_columns(field), field.choices if ticked else (None,), strict=True):
        kind = "boolean" if choice is not None else data_type(field)
        item = odm.ItemDef(OID=oid("IT", column), Name=column, DataType=kind)
        if kind in ("text", "integer", "float"):
            item.Length = _LONGEST if kind == "text" else 20
        if kind == "float":
            item.SignificantDigits = 15
        words = field.label if choice is None else f"{field.label}: {choice.label}"
        item.Question = odm.Question(TranslatedText=[_said(words or field.name)])
        item.RangeCheck = [] if ticked else list(_limits(field))
        if field.type in _CODED:
            item.CodeListRef = odm.CodeListRef(CodeListOID=oid("CL", field.name))
        item.Alias = list(_line(field))
        yield item


def _status(form: str) -> Any:
    """Whether a form is complete: 0, 1 (unverified) or 2."""
    import odmlib.odm_1_3_2.model as odm

    name = f"{form}_complete"
    item = odm.ItemDef(OID=oid("IT", name), Name=name, DataType="integer", Length=1)
    item.Question = odm.Question(
        TranslatedText=[_said("Form complete: 0 incomplete, 1 unverified, 2 complete")]
    )
    return item


def _limits(field: FormField) -> Iterator[Any]:
    """Limits that are numbers or days; "today" and the values of other fields are no check of ODM."""
    import odmlib.odm_1_3_2.model as odm

    for sign, limit in (("GE", field.least), ("LE", field.most)):
        if limit and limit[0] in "-0123456789":
            yield odm.RangeCheck(
                Comparator=sign, SoftHard="Soft", CheckValue=[odm.CheckValue(_content=limit)]
            )


def _line(field: FormField) -> Iterator[Any]:
    import odmlib.odm_1_3_2.model as odm

    for column, cell in zip(COLUMNS, dictionary_cells(field), strict=True):
        if cell:
            yield odm.Alias(Context=f"{CONTEXT}{column}", Name=cell)


def _code_list(field: FormField) -> Any:
    import odmlib.odm_1_3_2.model as odm

    items = [
        odm.CodeListItem(
            CodedValue=choice.code, Decode=odm.Decode(TranslatedText=[_said(choice.label or choice.code)])
        )
        for choice in field.choices
    ]
    return odm.CodeList(OID=oid("CL", field.name), Name=field.name, DataType="text", CodeListItem=items)


def _condition(field: FormField) -> Any:
    """When a field is NOT collected: the opposite of when REDCap shows it."""
    import odmlib.odm_1_3_2.model as odm

    text = f"{field.name} is not shown unless {field.branching}"
    return odm.ConditionDef(
        OID=oid("CO", field.name),
        Name=field.name,
        Description=odm.Description(TranslatedText=[_said(text)]),
        FormalExpression=[odm.FormalExpression(Context=LOGIC, _content=f"not ({field.branching})")],
    )


def _said(text: str) -> Any:
    import odmlib.odm_1_3_2.model as odm

    return odm.TranslatedText(_content=text)
