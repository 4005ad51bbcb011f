"""One line of a data dictionary as a field, with all that is wrong with it."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar, get_args

from ...core.errors import HeparError, ProtocolError, choices
from .branching import Condition, Unanswered, UnansweredError
from .choice_list import parse_choices
from .form import Choice, FieldType, FormField
from .limits import Limits, parse_limits
from .parser import parse_condition
from .problem import Problem, Weight
from .validation import VALIDATIONS

T = TypeVar("T")

HEADER = {
    "field_name": "Variable / Field Name",
    "form_name": "Form Name",
    "section_header": "Section Header",
    "field_type": "Field Type",
    "field_label": "Field Label",
    "select_choices_or_calculations": "Choices, Calculations, OR Slider Labels",
    "field_note": "Field Note",
    "text_validation_type_or_show_slider_number": "Text Validation Type OR Show Slider Number",
    "text_validation_min": "Text Validation Min",
    "text_validation_max": "Text Validation Max",
    "identifier": "Identifier?",
    "branching_logic": "Branching Logic (Show field only if...)",
    "required_field": "Required Field?",
    "custom_alignment": "Custom Alignment",
    "question_number": "Question Number (surveys only)",
    "matrix_group_name": "Matrix Group Name",
    "matrix_ranking": "Matrix Ranking?",
    "field_annotation": "Field Annotation",
}
"""The 18 columns in REDCap's order, as its interface for programs names them -> as a project's pages do."""
COLUMNS = tuple(HEADER)
NEEDED = ("field_name", "form_name", "field_type", "field_label")
TYPES: tuple[FieldType, ...] = get_args(FieldType)
CODED: tuple[FieldType, ...] = ("radio", "dropdown", "checkbox", "yesno", "truefalse")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_FORM = re.compile(r"[a-z0-9][a-z0-9_]*", re.ASCII)
_OTHER_VALIDATIONS: Mapping[FieldType, tuple[str, ...]] = {
    "text": tuple(VALIDATIONS),
    "slider": ("number",),
    "file": ("signature",),
    "dropdown": ("autocomplete",),
    "sql": ("autocomplete",),
}
ONTOLOGY = re.compile(r"[A-Z][A-Z0-9_]*:\S+", re.ASCII)
"""Where a text field looks its words up, e.g. BIOPORTAL:ICD10."""
SLIDER = ("0", "100")
"""Limits of a slider that names none."""


def parse_line(
    cells: Mapping[str, str], *, line: int, missing_codes: Collection[str] = ()
) -> tuple[FormField | None, list[Problem]]:
    """The field of a line whose `cells` stand under the names of `COLUMNS`, and what is wrong with it.

    None where the line names no field of a known type; all else that cannot be read is left out of the field.
    """
    name, problems = cells["field_name"], list[Problem]()

    def tried(read: Callable[[], T], instead: T, weight: Weight) -> T:
        try:
            return read()
        except HeparError as error:
            problems.append(Problem(weight, line, name, str(error)))
            return instead

    tried(lambda: _names(cells), None, Weight.STRUCTURE)
    kind = tried(lambda: _type(cells), None, Weight.STRUCTURE)
    if kind is None:
        return None, problems
    limits = tried(lambda: _limits(cells, kind), Limits("", ""), Weight.LIMIT)
    field = FormField(
        name=name,
        form=cells["form_name"],
        type=kind,
        label=cells["field_label"],
        choices=tried(lambda: _choices(cells, kind), (), Weight.FIELD),
        calculation=tried(lambda: _calculation(cells, kind), "", Weight.FIELD),
        note=cells["field_note"],
        validation=tried(lambda: _validation(cells, kind), "", Weight.FIELD),
        least=limits.least,
        most=limits.most,
        identifier=tried(lambda: _yes(cells, "identifier"), False, Weight.FIELD),
        branching=cells["branching_logic"],
        shown=tried(lambda: _shown(cells, missing_codes=missing_codes), None, Weight.LOGIC),
        required=tried(lambda: _yes(cells, "required_field"), False, Weight.FIELD),
        section=cells["section_header"],
        matrix=cells["matrix_group_name"],
        annotation=cells["field_annotation"],
    )
    return field, problems


def _names(cells: Mapping[str, str]) -> None:
    if not _NAME.fullmatch(cells["field_name"]):
        raise ProtocolError(
            f"the name {cells['field_name']!r} is impossible; small letters, digits and _ can be in one, a letter first"
        )
    if not _FORM.fullmatch(cells["form_name"]):
        raise ProtocolError(
            f"the form's name {cells['form_name']!r} is impossible; small letters, digits and _ can be in one"
        )


def _type(cells: Mapping[str, str]) -> FieldType:
    for kind in TYPES:
        if cells["field_type"] == kind:
            return kind
    raise ProtocolError(
        f"there is no field type {cells['field_type']!r}; {choices(cells['field_type'], TYPES)}"
    )


def _choices(cells: Mapping[str, str], kind: FieldType) -> tuple[Choice, ...]:
    text = cells["select_choices_or_calculations"]
    return parse_choices(text, of=kind) if kind in CODED else ()


def _calculation(cells: Mapping[str, str], kind: FieldType) -> str:
    text = cells["select_choices_or_calculations"]
    if kind == "calc" and not text:
        raise ProtocolError("a calc field needs a calculation; write it in the column of the choices")
    if kind == "text" and ONTOLOGY.fullmatch(text):
        return text
    if kind == "descriptive":  # it holds no value; a project keeps there what the field had as another type
        return ""
    if text and kind not in (*CODED, "calc", "slider", "sql"):
        raise ProtocolError(f"a {kind} field has no choices, here are {text[:40]!r}; empty the cell")
    return "" if kind in CODED else text


def _validation(cells: Mapping[str, str], kind: FieldType) -> str:
    found, allowed = cells["text_validation_type_or_show_slider_number"], _OTHER_VALIDATIONS.get(kind, ())
    if found and not allowed:
        raise ProtocolError(f"a {kind} field has no validation type, here is {found!r}; empty the cell")
    if found and found not in allowed:
        raise ProtocolError(f"a {kind} field has no validation type {found!r}; {choices(found, allowed)}")
    return found


def _limits(cells: Mapping[str, str], kind: FieldType) -> Limits:
    least, most = cells["text_validation_min"], cells["text_validation_max"]
    if kind == "slider":
        return parse_limits(least or SLIDER[0], most or SLIDER[1], validation="integer")
    validation = cells["text_validation_type_or_show_slider_number"] if kind == "text" else ""
    if validation and validation not in VALIDATIONS:
        return Limits("", "")
    return parse_limits(least, most, validation=validation)


def _shown(cells: Mapping[str, str], *, missing_codes: Collection[str]) -> Condition | None:
    logic = cells["branching_logic"]
    try:
        return parse_condition(logic, where="branching logic", missing_codes=missing_codes) if logic else None
    except UnansweredError as error:
        return Unanswered(str(error))


def _yes(cells: Mapping[str, str], column: str) -> bool:
    found = cells[column]
    if found.lower() not in ("", "y"):
        raise ProtocolError(f"the column {column} holds {found!r}; write y, or leave it empty")
    return bool(found)
