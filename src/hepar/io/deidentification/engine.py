"""De-identification of one DICOM data set by PS3.15's Basic Profile and options, through every sequence."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydicom.dataelem import DataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from ...core.errors import DataError
from ..dicom_header import lenient
from . import values as safe
from .actions import EMPTY, REMOVE, Decision, decide, keyword_of, single
from .codes import Concept, concept_of, describes_a_person, is_coded
from .header import file_header, own_uid, transfer_syntax, write_method
from .private import safe_private
from .reading import read_element, text_of
from .subject import Rules, Subject
from .table import basic_profile

DEEPEST = 16
"""Levels of sequences; no image has half as many, and a file with more was made to do harm."""
PIXELS = 0x7FE0
"""Group of pixel data, which stay at top level only."""
MOST_ELEMENTS = 2_000_000
"""Elements of a data set at all levels: some 30,000 frames of an enhanced multi-frame image."""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A de-identified data set and what was done, never with a value.

    `actions` counts the elements by action at all levels; `removed` names the attributes that are gone; `again` says
    that the data set had been de-identified before, so that its pseudonym and UIDs are new ones of old ones.
    """

    dataset: Dataset
    actions: Mapping[str, int]
    removed: tuple[str, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class _Work:
    rules: Rules
    columns: frozenset[str]
    subject: Subject
    counts: Counter[str]
    removed: set[str]

    def note(self, action: str, tag: int) -> None:
        self.counts[action] += 1
        if action == "remove":
            self.removed.add(keyword_of(tag))
        if self.counts.total() > MOST_ELEMENTS:
            raise DataError(
                f"the data set has more than {MOST_ELEMENTS:,} elements; no image has as many: set the file aside"
            )


def deidentify(dataset: Dataset, *, rules: Rules, subject: Subject) -> Deidentified:
    """A new data set in which nothing tells who the patient is but what the options of `rules` keep.

    `dataset` stays as it is; pixel data are shared, not copied, and not looked at. Attributes that neither Table E.1-1
    nor hepar's own list names are removed if they hold text, dates or bytes. The same key and options give the same
    bytes anywhere. Raises `DataError` for a data set without SOP class, instance or transfer syntax, and for one that
    is nested deeper or has more elements than any image.
    """
    work = _Work(rules, rules.options.columns, subject, Counter(), set())
    with lenient():
        uids = {keyword: own_uid(dataset, keyword) for keyword in ("SOPClassUID", "SOPInstanceUID")}
        syntax = transfer_syntax(dataset)
        new = _cleaned(dataset, work, depth=0)
        new.SpecificCharacterSet = "ISO_IR 192"
        for keyword, uid in uids.items():
            change = safe.retained if rules.options.retain_uids else safe.mapped
            setattr(new, keyword, change([uid], keyword, rules=rules)[0])
        new.PatientName = new.PatientID = subject.name
        write_method(new, rules.options)
        new.file_meta = file_header(new, syntax=syntax)
        new.preamble = bytes(128)
        new.set_original_encoding(syntax.is_implicit_VR, syntax.is_little_endian, "utf8")
        again = text_of(dataset, "PatientIdentityRemoved") == "YES"
    return Deidentified(new, dict(work.counts), tuple(sorted(work.removed)), again)


def _cleaned(dataset: Dataset, work: _Work, *, depth: int) -> Dataset:
    if depth > DEEPEST:
        raise DataError(
            f"sequences are nested deeper than {DEEPEST} levels; no image's are: set the file aside"
        )
    new, concept = Dataset(), concept_of(dataset)
    for private in safe_private(dataset) if work.rules.options.retain_safe_private else ():
        new.add(private)
        work.note("keep", private.tag)
    for tag in list(dataset.keys()):
        element = None if tag in new else _element(dataset, tag, work, concept=concept, depth=depth)
        if element is not None:
            new.add(element)
    return new


def _element(
    dataset: Dataset, tag: BaseTag, work: _Work, *, concept: Concept | None, depth: int
) -> DataElement | None:
    """What becomes of the element `tag`; None where it is removed."""
    old = read_element(dataset, tag)
    hidden = depth > 0 and tag.group == PIXELS  # nobody would look for burned-in text there
    decision = REMOVE if old is None or hidden else decide(int(tag), single(old.VR), work.columns)
    if depth == 0 and int(tag) in safe.IDENTITIES and old is not None:
        decision = Decision("keep")
        work.note("pseudonym", tag)
        return DataElement(tag, old.VR, work.subject.name)
    if old is None or decision.action == "remove":
        work.note("remove", tag)
        return None
    if decision.action == "descend":
        return _sequence(old, work, depth=depth)
    return _valued(old, decision, work, concept=concept)


def _sequence(old: DataElement, work: _Work, *, depth: int) -> DataElement | None:
    """The sequence, each item cleaned, without those that describe a person or mean nothing but a private code.

    None where no item is left: an optional sequence needs at least one.
    """
    before = old.value or ()
    items = [
        _cleaned(item, work, depth=depth + 1)
        for item in before
        if (not is_coded(item) or concept_of(item) is not None) and not describes_a_person(item)
    ]
    gone = bool(before) and not items and old.keyword not in EMPTY
    work.note("remove" if gone else "descend", old.tag)
    return None if gone else DataElement(old.tag, "SQ", Sequence(items))


def _valued(
    old: DataElement, decision: Decision, work: _Work, *, concept: Concept | None
) -> DataElement | None:
    """The element with the values that `decision` makes of its own, or with what it says where these are not right."""
    action: str = decision.action
    new: safe.Values | None = []
    if old.is_empty:
        action = "empty"
    elif action in _MAKERS:
        new = _MAKERS[decision.action](_Place(old, work, concept), safe.several(old.value))
        if new is None:
            action = decision.otherwise
            new = [] if action == "empty" else [safe.DUMMIES[single(old.VR)]] if action == "dummy" else None
    work.note(action, old.tag)
    return None if new is None else _built(old, new)


def _built(old: DataElement, new: safe.Values) -> DataElement:
    value = new if len(new) > 1 else new[0] if new else empty_value_for_VR(old.VR)
    return DataElement(old.tag, old.VR, value, is_undefined_length=old.is_undefined_length)


@dataclass(frozen=True, slots=True)
class _Place:
    """An element, what is known of the item that holds it, and the work."""

    old: DataElement
    work: _Work
    concept: Concept | None


def _keep(place: _Place, found: safe.Values) -> safe.Values | None:
    if place.old.VR == "UI":
        return safe.retained(found, place.old.keyword, rules=place.work.rules)
    return safe.kept(found, single(place.old.VR), technical=int(place.old.tag) not in basic_profile())


def _move(place: _Place, found: safe.Values) -> safe.Values | None:
    days = place.work.subject.shift_days if place.work.rules.options.dates == "modified" else 0
    return safe.moved(found, place.old.VR, days=days)


def _code(place: _Place, found: safe.Values) -> safe.Values | None:
    meant = None if place.concept is None else place.concept.attributes.get(place.old.keyword)
    return [meant] if meant is not None and found else None


_MAKERS: Mapping[str, Callable[[_Place, safe.Values], safe.Values | None]] = {
    "dummy": lambda place, _: [safe.DUMMIES[single(place.old.VR)]],
    "map": lambda place, found: safe.mapped(found, place.old.keyword, rules=place.work.rules),
    "move": _move,
    "offset": lambda _, found: safe.offsets(found),
    "clean": lambda _, found: safe.cleaned(found),
    "terms": lambda _, found: safe.typed_terms(found),
    "words": lambda _, found: safe.only_words(found),
    "code": _code,
    "profile": lambda _, found: safe.profiles(found),
    "keep": _keep,
    "listed": lambda place, found: safe.listed(found, place.old.VR),
}
"""What makes the new values of an element of those found, by action; None where they are not what they should be."""
