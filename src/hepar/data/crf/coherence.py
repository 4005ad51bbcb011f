"""Whether the fields of a dictionary fit each other: names, forms, what conditions read, and no circles."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby

from ...core.errors import HeparError, choices
from .branching import Reference
from .date_functions import DATE_FUNCTIONS
from .form import FormDictionary, FormField
from .line_facts import LINE_FACTS
from .logic import Call, Comparison, Constant, Entered, Logic, Node
from .problem import Problem, Weight
from .tokens import tokens_of
from .values import compare

Lines = Mapping[str, int]
"""Field -> the line of the dictionary that it stands in."""

COMPLETE = ("0", "1", "2")
"""What `FORM_complete` holds: incomplete, unverified, complete."""
_CALCULATED = re.compile(r"([a-z][a-z0-9_]*)(?:\(([\w.-]+)\))?(?::value)?", re.ASCII)


def problems_between(dictionary: FormDictionary, *, lines: Lines) -> list[Problem]:
    """What is wrong between the fields of `dictionary`, whose names are distinct.

    `lines` may name fields that the dictionary lacks because they could not be read: these are told elsewhere.
    """
    known = {field.name: field for field in dictionary.fields}
    found = [*_first(dictionary.fields[0], lines), *_forms(dictionary.fields, lines)]
    found += _columns(dictionary, lines)
    for field in dictionary.fields:
        for problem in _read(field, known, told={*lines} - {*known}, forms=dictionary.forms):
            found.append(Problem(Weight.LOGIC, lines[field.name], field.name, problem))
    for circle in _circles(dictionary.fields):
        path = " -> ".join((*circle, circle[0]))
        text = f"whether it is shown, or its value, depends on itself: {path}; break the circle"
        found.append(Problem(Weight.LOGIC, lines[circle[0]], circle[0], text))
    return found


def _first(field: FormField, lines: Lines) -> Iterator[Problem]:
    if lines[field.name] > min(lines.values()):
        return
    if field.type != "text":
        text = f"the first field identifies the participant and must be text, it is {field.type}"
        yield Problem(Weight.STRUCTURE, lines[field.name], field.name, text)
    if field.branching:
        text = "the first field identifies the participant and is always shown; take out its branching logic"
        yield Problem(Weight.LOGIC, lines[field.name], field.name, text)


def _forms(fields: Sequence[FormField], lines: Lines) -> Iterator[Problem]:
    seen: set[str] = set()
    for form, group in groupby(fields, key=lambda field: field.form):
        first = next(group)
        if form in seen:
            text = f"the form {form!r} goes on here, but another form stands between; put its fields together"
            yield Problem(Weight.STRUCTURE, lines[first.name], first.name, text)
        seen.add(form)


def _columns(dictionary: FormDictionary, lines: Lines) -> Iterator[Problem]:
    """Fields that export a column of the same name."""
    owner: dict[str, str] = {f"{form}_complete": f"the form {form!r}" for form in dictionary.forms}
    for field in dictionary.fields:
        for column in field.columns or (field.name,):
            if column.startswith("redcap_") or column in owner:
                whose = f"is that of {owner[column]} too" if column in owner else "is a name of REDCap's own"
                text = f"its column {column!r} {whose}; rename the field"
                yield Problem(Weight.STRUCTURE, lines[field.name], field.name, text)
            owner[column] = f"the field {field.name!r}"


def _read(
    field: FormField, known: Mapping[str, FormField], *, told: Collection[str], forms: Sequence[str]
) -> Iterator[str]:
    """What is wrong with what the branching logic and the calculation of `field` read."""
    unasked = {*told, *LINE_FACTS, *(f"{form}_complete" for form in forms)}
    if isinstance(field.shown, Logic):
        yield from wrong_in(field.shown, known, unasked, within="branching logic")
    if field.type == "calc":
        try:
            read = _calculated(field)
        except HeparError as error:
            yield str(error)
            return
        for reference in sorted(read, key=str):
            yield from _reference(reference, known, unasked, within="calculation")


def wrong_in(
    logic: Logic, known: Mapping[str, FormField], unasked: Collection[str], *, within: str
) -> Iterator[str]:
    """What is wrong with the fields that a condition reads; those called in `unasked` are none of the dictionary's."""
    for reference in sorted(logic.references, key=str):
        yield from _reference(reference, known, unasked, within=within)
    for part in logic.parts:
        found = (*_comparison(part, known, logic.missing_codes), *_days(part, known))
        yield from (f"{within}: {problem}" for problem in found)


def _reference(
    reference: Reference, known: Mapping[str, FormField], unasked: Collection[str], *, within: str
) -> Iterator[str]:
    if reference.field in unasked:
        return
    field = known.get(reference.field)
    codes = [choice.code for choice in field.choices] if field else []
    if field is None:
        allowed = choices(reference.field, known)
        allowed = allowed if len(known) <= 30 else allowed.split("Allowed:")[0].strip()
        yield f"{within}: there is no field [{reference.field}]; {allowed or 'correct the name'}"
    elif field.type == "descriptive":
        yield f"{within}: [{field.name}] is a descriptive text, which has no value"
    elif field.type == "checkbox" and not reference.code and within != "calculation":
        example = f"[{field.name}({codes[0] if codes else 1})]"
        yield f"{within}: [{field.name}] is a checkbox; say which choice, e.g. {example}"
    elif reference.code and field.type != "checkbox":
        yield f"{within}: [{field.name}({reference.code})]: {field.name} is no checkbox; write [{field.name}]"
    elif reference.code and codes and reference.code not in codes:
        yield f"{within}: [{field.name}] has no choice {reference.code!r}; {choices(reference.code, codes)}"


def _comparison(part: Node, known: Mapping[str, FormField], missing: Collection[str]) -> Iterator[str]:
    """A choice compared with a code that it does not have."""
    match part:
        case Comparison(Entered(reference), "=" | "<>", Constant(value)):
            pass
        case Comparison(Constant(value), "=" | "<>", Entered(reference)):
            pass
        case _:
            return
    field = known.get(reference.field)
    codes = [choice.code for choice in field.choices] if field else []
    if field is not None and field.type == "checkbox":
        codes = ["0", "1"]
    if codes and value != "" and value not in missing and not any(compare(c, "=", value) for c in codes):
        shown = value if isinstance(value, str) else f"{value:g}"
        yield f"[{reference.field}] never holds {shown!r}; {choices(shown, codes)}"


def _days(part: Node, known: Mapping[str, FormField]) -> Iterator[str]:
    """Fields without days where a function asks for days."""
    if not isinstance(part, Call) or part.name not in DATE_FUNCTIONS:
        return
    asked = [one.reference.field for one in part.arguments if isinstance(one, Entered)]
    read = [known[name] for name in asked if name in known]
    for field in read:
        if field.type == "text" and not field.validation.startswith(("date", "time")):
            yield f"{part.name} asks for a day, but [{field.name}] has no validation type that is one"


def _calculated(field: FormField) -> frozenset[Reference]:
    """Fields of the same line that a calculation reads; those of another event or instance are left out."""
    tokens = tokens_of(field.calculation, where="calculation")
    found = []
    for place, token in enumerate(tokens):
        alone = not any(
            neighbour.kind == "reference"
            for neighbour in (*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2])
        )
        match = _CALCULATED.fullmatch(token.text.strip()) if token.kind == "reference" and alone else None
        if match:
            found.append(Reference(match[1], match[2] or ""))
    return frozenset(found)


def _circles(fields: Sequence[FormField]) -> list[tuple[str, ...]]:
    """Each circle in what fields read of the same line, from its first field on; one for each way back found."""
    order = {field.name: place for place, field in enumerate(fields)}
    reads = {field.name: sorted(_neighbours(field) & set(order), key=order.__getitem__) for field in fields}
    done: set[str] = set()
    found = []
    for start in order:
        path: list[str] = []
        waiting = [(start, False)]
        while waiting:
            name, leave = waiting.pop()
            if leave:
                done.add(path.pop())
            elif name in path:
                circle = path[path.index(name) :]
                first = circle.index(min(circle, key=order.__getitem__))
                found.append((*circle[first:], *circle[:first]))
            elif name not in done:
                path.append(name)
                waiting.append((name, True))
                waiting.extend((other, False) for other in reversed(reads[name]))
    return list(dict.fromkeys(found))


def _neighbours(field: FormField) -> set[str]:
    here: set[str] = set()
    if isinstance(field.shown, Logic):
        here = {read.field for read in field.shown.references if not (read.event or read.instance)}
    if field.type == "calc":
        with suppress(HeparError):  # told where its references are looked at
            here |= {read.field for read in _calculated(field)}
    return here
