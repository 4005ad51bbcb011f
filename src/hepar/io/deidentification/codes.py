"""Coded concepts that may stay: those of pydicom's copies of public schemes, each with its public meaning."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pydicom.dataset import Dataset
from pydicom.sr._snomed_dict import mapping as snomed
from pydicom.sr.codedict import Collection

from .reading import items_of, text_of

SCHEMES = ("DCM", "SCT", "NCIt", "RADLEX", "UCUM", "LN", "IBSI", "UMLS", "FMA", "MDC", "RXNORM")
OLDER = ("SRT", "SNM3")
"""Designators of SNOMED RT, and of the edition before it."""
VALUES = ("CodeValue", "LongCodeValue")
DESIGNATOR = "CodingSchemeDesignator"
MEANING = "CodeMeaning"
ATTRIBUTES = frozenset({*VALUES, DESIGNATOR, MEANING})


PERSON = frozenset({"121028", "121029", "121030", "121031", "121032", "121033", "121036"})
"""What reports call subject UID, name, ID, birth date, sex and age, and the mother of a fetus (PS3.16, scheme DCM)."""


class Concept(NamedTuple):
    """A code of a public scheme, by the attributes that hold it."""

    attributes: Mapping[str, str]


def concept_of(item: Dataset) -> Concept | None:
    """The public concept that `item` codes, with the scheme's own meaning; None where there is none.

    Whatever else an item may hold in its meaning, a patient's name included, is never copied.
    """
    scheme = text_of(item, DESIGNATOR)
    for keyword in VALUES:
        value = text_of(item, keyword)
        meaning = _meanings(scheme).get(value) if scheme in (*SCHEMES, *OLDER) else None
        if meaning is not None:
            return Concept({keyword: value, DESIGNATOR: scheme, MEANING: meaning[:64]})
    return None


def describes_a_person(item: Dataset) -> bool:
    """Whether `item` of a report says who the patient is: a birth date or an age stands there as any other value."""
    for name in items_of(item, "ConceptNameCodeSequence"):
        if text_of(name, DESIGNATOR) == "DCM" and text_of(name, "CodeValue") in PERSON:
            return True
    return False


def is_coded(item: Dataset) -> bool:
    """Whether `item` holds a code, public or not."""
    return any(keyword in item for keyword in ATTRIBUTES)


@cache
def _meanings(scheme: str) -> Mapping[str, str]:
    """Meaning of each code of `scheme`; those of the older SNOMED RT identifiers are SNOMED CT's."""
    if scheme in OLDER:
        current = _meanings("SCT")
        return {old: current[new] for old, new in snomed["SRT"].items() if new in current}
    return {code.value: code.meaning for code in Collection(scheme).concepts.values()}
