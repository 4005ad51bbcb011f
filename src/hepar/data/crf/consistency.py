"""Rules that reach across fields, of the annotations that hepar reads: order of dates, ages, conditions."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...core.errors import ProtocolError
from .annotation import Tag, referenced, tags_of
from .branching import Condition, Lookup, Reference
from .coherence import wrong_in
from .finding import Finding, query_of, shown
from .form import FormDictionary, FormField
from .line_facts import LINE_FACTS
from .lines import Lines, elsewhere_in, seen_anywhere
from .logic import Logic
from .moments import unlike_moments
from .parser import parse_condition
from .query import Query
from .rules_form import Shown, never, remembered
from .validation import is_day, validation_of

Test = Callable[[str, Lookup], Finding | None]
"""What is wrong with the value of the annotated field, seen with the others; None also where they are not known."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """The rules of a dictionary: field -> its tests, and form -> when it is expected."""

    tests: Mapping[str, tuple[Test, ...]]
    expected: Mapping[str, Shown]


def consistency_of(
    dictionary: FormDictionary,
    *,
    missing_codes: frozenset[str] = frozenset(),
    readable: Callable[[Condition], bool] = lambda _condition: True,
) -> Consistency:
    """The annotations of a dictionary as rules; a condition that is not `readable` in the export is not asked.

    Raises:
        ProtocolError: an annotation is unknown, cannot be read, or speaks of a field that cannot be compared so.
    """
    tests: dict[str, tuple[Test, ...]] = {}
    expected: dict[str, Shown] = {}
    for field in dictionary.fields:
        tags = tags_of(field)
        _refuse_misplaced(dictionary, field, tags)
        maker = _Maker(dictionary, field, missing_codes, readable)
        made = tuple(maker.test(tag, message=message) for tag, message in _with_messages(field, tags))
        if made:
            tests[field.name] = made
        for tag in tags:
            if tag.name == "HEPAR-FORM-WHEN":
                logic = maker.logic(tag)
                expected[field.form] = remembered(logic) if readable(logic) else never
    return Consistency(tests, expected)


def consistency_queries(lines: Lines, rules: Consistency) -> Iterator[Query]:
    """Every value that contradicts another; where one of them is empty or a code for missing, nothing is said."""
    ruled = [item for items in lines.items.values() for item in items if item.field.name in rules.tests]
    codes, elsewhere = lines.export.missing_codes, elsewhere_in(lines)
    for record in lines.export.records:
        lookup = seen_anywhere(lines, record, elsewhere=elsewhere)
        for item in ruled:
            value = ", ".join(item.entries(record))
            if not value or value in codes:
                continue
            for test in rules.tests[item.field.name]:
                finding = test(value, lookup)
                if finding:
                    site = lines.site_of(record.participant)
                    yield query_of(record, item.field, finding, site=site, value=value)


TESTS = ("HEPAR-NOT-BEFORE", "HEPAR-NOT-AFTER", "HEPAR-WITHIN-DAYS", "HEPAR-EQUALS-AGE", "HEPAR-RULE")
"""Tags that test the field that carries them; the others say something else of it."""


def _with_messages(field: FormField, tags: tuple[Tag, ...]) -> Iterator[tuple[Tag, str]]:
    for number, tag in enumerate(tags):
        following = tags[number + 1] if number + 1 < len(tags) else None
        if tag.name == "HEPAR-MESSAGE" and (number == 0 or tags[number - 1].name != "HEPAR-RULE"):
            raise ProtocolError(
                f"field {field.name!r}: @HEPAR-MESSAGE follows no @HEPAR-RULE; put it right behind its rule"
            )
        if tag.name in TESTS:
            yield tag, following.value if following and following.name == "HEPAR-MESSAGE" else ""


def _refuse_misplaced(dictionary: FormDictionary, field: FormField, tags: tuple[Tag, ...]) -> None:
    for tag in tags:
        if tag.name == "HEPAR-ID":
            if field.name != dictionary.record_id:
                raise ProtocolError(
                    f"field {field.name!r}: @HEPAR-ID belongs to the first field, {dictionary.record_id!r}"
                )
            _compiled(field, tag)


def _compiled(field: FormField, tag: Tag) -> None:
    try:
        re.compile(tag.value)
    except re.error as error:
        raise ProtocolError(
            f"field {field.name!r}, @{tag.name}: {tag.value!r} is no regular expression ({error}); correct it"
        ) from None


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the tests of one field."""

    dictionary: FormDictionary
    field: FormField
    codes: frozenset[str]
    readable: Callable[[Condition], bool]

    def test(self, tag: Tag, *, message: str) -> Test:
        """The test that a tag asks for."""
        match tag.name:
            case "HEPAR-NOT-BEFORE":
                return self.order(tag, wrong=lambda own, other: own < other, word="before")
            case "HEPAR-NOT-AFTER":
                return self.order(tag, wrong=lambda own, other: own > other, word="after")
            case "HEPAR-WITHIN-DAYS":
                return self.within(tag)
            case "HEPAR-EQUALS-AGE":
                return self.age(tag)
            case _:
                return self.rule(tag, message=message)

    def order(self, tag: Tag, *, wrong: Callable[[str, str], bool], word: str) -> Test:
        """Two moments in order; where one has no time, their days."""
        self.day(tag, self.field)
        other = self.day(tag, referenced(self.dictionary, self.field, tag, name=tag.value))

        def test(value: str, lookup: Lookup) -> Finding | None:
            text = lookup(Reference(other.name))
            if _day(value) is None or _day(text) is None:
                return None
            shorter = min(len(value), len(text))
            if not wrong(value[:shorter], text[:shorter]):
                return None
            return Finding("date order", f"lies {word} {_named(other, text)}, which it must not", BOTH)

        return test

    def within(self, tag: Tag) -> Test:
        """Two days no further apart than so many days."""
        name, _, count = tag.value.partition(":")
        if not re.fullmatch(r"\s*\d{1,6}\s*", count, re.ASCII):
            self.refuse(tag, "write it as FIELD:DAYS, e.g. scan_date:30")
        self.day(tag, self.field)
        other, most = self.day(tag, referenced(self.dictionary, self.field, tag, name=name)), int(count)

        def test(value: str, lookup: Lookup) -> Finding | None:
            text = lookup(Reference(other.name))
            own, its = _day(value), _day(text)
            if own is None or its is None or abs((own - its).days) <= most:
                return None
            problem = f"lies more than {most} days from {_named(other, text)}"
            return Finding("days between", problem, BOTH)

        return test

    def age(self, tag: Tag) -> Test:
        """A number of completed years between two days."""
        names = tag.value.split(",")
        validation = validation_of(self.field)
        if len(names) != 2 or (
            self.field.type != "calc" and (validation is None or validation.rule != "number")
        ):
            self.refuse(tag, "write it as BIRTH,VISIT (two date fields) on a field that holds a number")
        birth, visit = (
            self.day(tag, referenced(self.dictionary, self.field, tag, name=name)) for name in names
        )

        def test(value: str, lookup: Lookup) -> Finding | None:
            born, seen = (_day(lookup(Reference(field.name))) for field in (birth, visit))
            if born is None or seen is None or not re.fullmatch(r"\d{1,3}([.,]\d+)?", value, re.ASCII):
                return None
            if int(float(value.replace(",", "."))) == completed_years(born, seen):
                return None
            return Finding("age", f"is not the age that {birth.name} and {visit.name} give", BOTH)

        return test

    def rule(self, tag: Tag, *, message: str) -> Test:
        """A condition that must hold once all that it reads is known, or at once where it speaks of empty values."""
        logic = self.logic(tag)
        holds, references = remembered(logic), tuple(logic.references)
        speaks_of_empty = re.search(r"''|\"\"", tag.value) is not None
        readable, codes = self.readable(logic), self.codes
        problem = message or f"contradicts the rule {' '.join(tag.value.split())}"

        def test(_value: str, lookup: Lookup) -> Finding | None:
            unknown = any(lookup(one) == "" or lookup(one) in codes for one in references)
            if not readable or (unknown and not speaks_of_empty) or holds(lookup):
                return None
            return Finding("rule", problem, BOTH)

        return test

    def logic(self, tag: Tag) -> Logic:
        """The condition that a tag holds."""
        where = f"field {self.field.name!r}, @{tag.name}"
        logic = parse_condition(tag.value, where=where, missing_codes=self.codes)
        known = {one.name: one for one in self.dictionary.fields}
        unasked = {*LINE_FACTS, *(f"{form}_complete" for form in self.dictionary.forms)}
        unlike = unlike_moments(logic, known)
        problems = [
            *wrong_in(logic, known, unasked, within=where),
            *([f"{where}: {unlike}"] if unlike else []),
        ]
        if problems:
            raise ProtocolError(f"{problems[0]}; correct it in the column Field Annotation")
        return logic

    def day(self, tag: Tag, field: FormField) -> FormField:
        """`field`, which must hold a day."""
        if not is_day(field):
            self.refuse(tag, f"{field.name!r} is no field of a date; give it a date's validation type")
        return field

    def refuse(self, tag: Tag, advice: str) -> None:
        """Say what is wrong with a tag."""
        raise ProtocolError(f"field {self.field.name!r}, @{tag.name}={tag.value!r}: {advice}")


BOTH = "look at the source of both and correct one, or answer why both are right"


def _named(field: FormField, value: str) -> str:
    return f"{field.name} ({shown(field, value)})"


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def completed_years(born: dt.date, day: dt.date) -> int:
    """Age at `day`; who is born on 29 February has a birthday on 1 March in years without one.

    >>> completed_years(dt.date(1980, 6, 2), dt.date(2024, 6, 1))
    43
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
