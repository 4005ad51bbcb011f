"""Any data dictionary that is written is read back."""

from pathlib import Path
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hepar.data.crf.form import Choice, FieldType, FormDictionary, FormField
from hepar.data.crf.parser import parse_condition
from hepar.io.redcap.dictionary import dictionary_text, read_dictionary

NO_TEXT: tuple[Literal["C"]] = ("C",)
KINDS: tuple[FieldType, ...] = ("text", "radio", "checkbox", "notes", "descriptive")
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
WORDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=NO_TEXT, exclude_characters="\r|'"), max_size=20
).map(str.strip)
CODES = st.lists(
    st.from_regex(r"[A-Z0-9][A-Za-z0-9.]{0,3}", fullmatch=True), min_size=1, max_size=4, unique_by=str.lower
)


@st.composite
def fields(draw: st.DrawFn) -> FormField:
    kind = draw(st.sampled_from(KINDS))
    choices: tuple[Choice, ...] = ()
    if kind in ("radio", "checkbox"):
        choices = tuple(Choice(code, draw(WORDS)) for code in draw(CODES))
    low = draw(st.none() | st.integers(-99, 99)) if kind == "text" else None
    logic = draw(st.sampled_from(("", "[record_id] <> ''", '([record_id] = "=1")\n or 1 = 2')))
    return FormField(
        draw(NAMES),
        "base",
        kind,
        draw(WORDS),
        choices=choices,
        note=draw(WORDS),
        validation="" if low is None else "number",
        least="" if low is None else str(low),
        most="" if low is None else str(low + 1),
        identifier=draw(st.booleans()),
        branching=logic,
        shown=parse_condition(logic, where="") if logic else None,
        required=draw(st.booleans()),
        section=draw(WORDS),
        matrix=draw(WORDS),
        annotation=draw(WORDS),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(fields(), max_size=4, unique_by=lambda field: field.name))
def test_what_is_written_is_read_back(tmp_path: Path, found: list[FormField]) -> None:
    dictionary = FormDictionary("again", (FormField("record_id", "base", "text", "Record"), *found))
    path = tmp_path / "again.csv"
    path.write_text(dictionary_text(dictionary), encoding="utf-8", newline="")
    assert read_dictionary(path) == dictionary
