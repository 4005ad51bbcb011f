"""Fields of a form as fields of a study's data dictionary: kinds, codes, units, ranges, words in English."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..units import MOLAR_MASS_G_MOL, UNITS, unit_in_name
from .form import Choice, FormField, plain

Document = dict[str, Any]
"""What a field's entry in the data dictionary says."""
LATER = re.compile(r"follow|outcome|visit|event|end_of_study|death|surviv", re.IGNORECASE)
"""In the name of a form: what it holds is known only after baseline."""
_OTHER_SCRIPT = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef].*$", re.DOTALL)
_GRADE = re.compile(r"[A-Z]{0,2}(\d+)\b")
_YES, _NO = ("yes", "是"), ("no", "否")


@dataclass(frozen=True, slots=True)
class Made:
    """The entry of one column, and how a cell of the export becomes one of the table."""

    document: Document
    cell: Callable[[str], str]


def made_of(field: FormField, *, others: Mapping[str, FormField]) -> Made | None:
    """The entry of `field`; None where no study can read it: identifiers, files, queries, texts to be read.

    `others` are all fields by name: a field `x_unit` among them says in which unit each value of x stands.
    """
    if field.identifier or field.type in ("descriptive", "file", "sql"):
        return None
    made = _coded(field) if field.choices else _measured(field, others)
    label = english(field.label)
    later = {"follow_up": True} if LATER.search(field.form) else {}
    return Made({**made.document, **({"label": label} if label else {}), **later}, made.cell)


def ticked(field: FormField, choice: Choice) -> Made:
    """The entry of one choice of a checkbox."""
    later = {"follow_up": True} if LATER.search(field.form) else {}
    label = f"{english(field.label)}: {english(choice.label) or choice.code}"
    return Made({"kind": "boolean", "codes": {"1": True, "0": False}, "label": label, **later}, _same)


def english(text: str) -> str:
    """What stands before the part in another script, without markup: labels hold English first, then Chinese.

    >>> english("CT: vendor / CT 厂商"), english("Male 男"), english("and / or"), english("<b>Age</b> / 年龄")
    ('CT: vendor', 'Male', 'and / or', 'Age')
    """
    text = plain(text)
    first, _, rest = text.partition(" / ")
    if _OTHER_SCRIPT.search(rest):
        text = first
    return " ".join(_OTHER_SCRIPT.sub("", text).strip(" /|;,").split())


def _same(cell: str) -> str:
    return cell


def _coded(field: FormField) -> Made:
    words = {choice.code: _word(choice) for choice in field.choices}
    sides = {code: _side(word) for code, word in words.items()}
    if len(words) == 2 and set(sides.values()) == {True, False}:
        return Made({"kind": "boolean", "codes": dict(sides)}, _same)
    grades = [_GRADE.match(english(choice.label)) for choice in field.choices]
    values = [float(grade[1]) for grade in grades if grade]
    if len(values) == len(words) and values == sorted(set(values)):
        codes = dict(zip(words, values, strict=True))
        names = {value: english(choice.label) for value, choice in zip(values, field.choices, strict=True)}
        return Made({"kind": "ordinal", "codes": codes, "names": names}, _same)
    return Made({"kind": "category", "codes": _distinct(words)}, _same)


def _word(choice: Choice) -> str:
    return (english(choice.label) or choice.label or choice.code).lower()


def _side(word: str) -> bool | None:
    first = re.split(r"[\s,;(]", word)[0]
    return True if first in (*_YES, "true") else False if first in (*_NO, "false") else None


def _distinct(words: Mapping[str, str]) -> dict[str, str]:
    seen = list(words.values())
    return {code: word if seen.count(word) == 1 else f"{word} ({code})" for code, word in words.items()}


def _measured(field: FormField, others: Mapping[str, FormField]) -> Made:
    kind = field.validation.split("_")[0]
    if kind in ("date", "datetime"):
        return Made({"kind": "date"}, lambda cell: cell[:10])
    if field.type not in ("calc", "slider") and kind not in ("integer", "number"):
        return Made({"kind": "text"}, _same)
    document: Document = {"kind": "number"}
    told_by = others.get(f"{field.name}_unit")
    unit = unit_in_name(field.name)
    if unit is None and told_by is not None and told_by.choices:
        unit = unit_of_choice(told_by, told_by.choices[0].code)
    if unit is not None:
        document["unit"] = unit
    if unit is not None and told_by is not None:
        document["source_unit"] = {"by_column": told_by.name}
        analyte = next((name for name in MOLAR_MASS_G_MOL if name in field.name), None)
        document |= {"analyte": analyte} if analyte else {}
    limits = _numbers((field.least, field.most))
    if limits is not None and "source_unit" not in document:
        document["range"] = limits
    return Made(document, lambda cell: cell.replace(",", ".") if "comma" in field.validation else cell)


def _numbers(texts: Sequence[str]) -> list[float] | None:
    try:
        low, high = (float(text) for text in texts)
    except ValueError:
        return None
    return [low, high] if low < high else None


def unit_of_choice(field: FormField, code: str) -> str:
    """The unit that a code of a field `x_unit` stands for."""
    word = field.word_of(code)
    return word if word in UNITS else english(word)
