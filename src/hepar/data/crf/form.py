"""A case record form as REDCap describes it: forms, fields, choices, limits, and when a field is shown."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Literal

from ...core.errors import ProtocolError, choices
from .branching import Condition

FieldType = Literal[
    "text",
    "notes",
    "radio",
    "dropdown",
    "checkbox",
    "yesno",
    "truefalse",
    "calc",
    "slider",
    "file",
    "descriptive",
    "sql",
]


_MARKUP = re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(r"@HIDDEN(?![\w-])", re.ASCII | re.IGNORECASE)
_COMPUTED = re.compile(r"(?<!\S)@CALC(TEXT|DATE)\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a field: the code that a raw export holds, and its words."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    `least` and `most` are as written, a number (its decimals with a point), a day, a time, "today" or "now"; empty
    where there is no limit; a slider always has both. `shown` is the parsed branching logic, None where the field is
    always shown; `branching` is its text. `calculation` is a calc field's; of a slider it holds the labels, of an sql
    field the query, of a text field the ontology that its words are looked up in.
    """

    name: str
    form: str
    type: FieldType
    label: str
    choices: tuple[Choice, ...] = ()
    calculation: str = ""
    note: str = ""
    validation: str = ""
    least: str = ""
    most: str = ""
    identifier: bool = False
    branching: str = ""
    shown: Condition | None = None
    required: bool = False
    section: str = ""
    matrix: str = ""
    annotation: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the export: none of a descriptive text, one for each choice of a checkbox, else the name."""
        if self.type == "descriptive":
            return ()
        if self.type == "checkbox":
            return tuple(checkbox_column(self.name, choice.code) for choice in self.choices)
        return (self.name,)

    @property
    def computed(self) -> bool:
        """Whether REDCap fills it in by itself: a calc field, or a text with the action tag @CALCTEXT or @CALCDATE."""
        return self.type == "calc" or (self.type == "text" and bool(_COMPUTED.search(self.annotation)))

    @property
    def due(self) -> bool:
        """Whether people have to fill it in where the form shows it; what @HIDDEN hides nobody can."""
        return self.required and not self.computed and not _HIDDEN.search(self.annotation)

    def word_of(self, code: str) -> str:
        """The words of a code, or the code itself where it has none."""
        return next((choice.label for choice in self.choices if choice.code == code), code)


@dataclass(frozen=True, slots=True)
class FormDictionary:
    """All forms of a project; the first field is the participant's identifier."""

    name: str
    fields: tuple[FormField, ...]

    @property
    def record_id(self) -> str:
        """Name of the field that identifies the participant."""
        return self.fields[0].name

    @property
    def forms(self) -> tuple[str, ...]:
        """Names of the forms, in order."""
        return tuple(dict.fromkeys(field.form for field in self.fields))

    def field(self, name: str) -> FormField:
        """The field called `name`.

        Raises:
            ProtocolError: there is none.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise ProtocolError(
            f"the dictionary {self.name!r} has no field {choices(name, [f.name for f in self.fields])}"
        )


def plain(text: str) -> str:
    """A label as it is read: without the markup that REDCap's editor writes, and in one line.

    >>> plain('<div class="rich-text-field-label"><p>Albumin,<br>serum &lt; 65</p></div>'), plain("a < b and c > d")
    ('Albumin, serum < 65', 'a < b and c > d')
    """
    return " ".join(unescape(_MARKUP.sub(" ", text)).split())


def checkbox_column(name: str, code: str) -> str:
    """The column that holds one choice of a checkbox: 1 where it is ticked, 0 where it is not.

    REDCap writes the code in small letters and a minus as an underscore.
    """
    return f"{name}___{code.lower().replace('-', '_')}"
