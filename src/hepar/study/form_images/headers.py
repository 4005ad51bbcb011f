"""Checks of what a form says against the headers of the participant's series."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ...data.crf.finding import Finding
from ...data.crf.query import Query
from .entered import Entered
from .facts import Facts, Phase

MODALITIES = {"ct": "CT", "mri": "MR", "us": "US"}
"""How the parts of a form begin -> modality of DICOM."""
THICKNESS_MM = 0.05
"""Difference of slice thickness that rounding explains: forms hold one digit after the point."""
AGE_Y = 1.0
"""Difference of age that a birthday between two days explains."""
NAMED_PHASES: tuple[tuple[str, Phase], ...] = (
    ("plain_phase", "plain"),
    ("arterial_phase", "arterial"),
    ("portal_phase", "portal"),
    ("delayed_phase", "delayed"),
)
_SEXES = {"M": r"(m|male|man)\b|男", "F": r"(f|female|woman)\b|女"}
"""What the form's word for a sex begins with; a word that is none of these, in another language, is not compared."""
_LOOK = (
    "look at the images and at the source; correct the form, or exchange the images where they are another's"
)


def header_queries(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    """All that contradicts."""
    for check in (_person, _modalities, _dates, _after_surgery, _thickness, _phases, _suffixes, _laterality):
        yield from check(entered, facts)


def _person(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    age, included = entered.number("age_y"), entered.day("inclusion_date")
    for fact in facts:
        if age is not None and fact.age_y is not None:
            between = abs((fact.day - included).days) / 365.25 if fact.day and included else 0.0
            allowed = AGE_Y + between
            if abs(fact.age_y - age) > allowed:
                said = f"the form's age and that of the {fact.modality} images differ by more than {allowed:.1f} years"
                yield entered.query("age_y", Finding("image: age", said, _LOOK))
                break
    said_sex = sex_of(entered.words("sex"))
    for fact in facts:
        if fact.sex in _SEXES and said_sex and said_sex != fact.sex:
            said = f"the header of the {fact.modality} images says {fact.sex}"
            yield entered.query("sex", Finding("image: sex", said, _LOOK))
            break


def sex_of(words: str) -> str:
    """M or F as DICOM writes it, of the words of a choice; empty where they name neither."""
    found = (sex for sex, begins in _SEXES.items() if re.match(begins, words.strip(), re.IGNORECASE))
    return next(found, "")


def _modalities(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    for part, modality in MODALITIES.items():
        there, done = any(fact.modality == modality for fact in facts), entered.text(f"{part}_done")
        if done == "1" and not there:
            said = f"the form says that it was done, and there is no series of modality {modality}"
            yield entered.query(
                f"{part}_done", Finding("image: missing", said, "send the images, or correct the form")
            )
        if done == "0" and there:
            said = f"the form says that it was not done, and there are series of modality {modality}"
            yield entered.query(f"{part}_done", Finding("image: not on the form", said, _LOOK))


def _dated(facts: Sequence[Facts], modality: str) -> list[date]:
    """Days of the series; none where a de-identification changed them."""
    return [fact.day for fact in facts if fact.modality == modality and fact.day and not fact.dates_changed]


def _dates(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    for part, modality in MODALITIES.items():
        day, found = entered.day(f"{part}_date"), _dated(facts, modality)
        if day is None or not found or day in found:
            continue
        off = min(((each - day).days for each in found), key=abs)
        said = f"the {modality} images were made {abs(off)} days {'after' if off > 0 else 'before'} the form's date"
        yield entered.query(f"{part}_date", Finding("image: date", said, _LOOK))


def _after_surgery(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    surgery, found = entered.day("surgery_date"), _dated(facts, "CT")
    if surgery is not None and found and min(found) > surgery:
        said = f"the CT was made {(min(found) - surgery).days} days after the surgery; a preoperative one is asked for"
        yield entered.query("surgery_date", Finding("image: after surgery", said, _LOOK))


def _thickness(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    for part, modality in MODALITIES.items():
        said = entered.number(f"{part}_slice_thickness_mm")
        found = {fact.thickness_mm for fact in facts if fact.modality == modality and fact.thickness_mm}
        if said is None or not found or any(abs(said - each) <= THICKNESS_MM for each in found):
            continue
        listed = " and ".join(f"{each:g}" for each in sorted(found))
        text = f"the headers of the {modality} images say {listed} mm"
        yield entered.query(f"{part}_slice_thickness_mm", Finding("image: slice thickness", text, _LOOK))


def _phases(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    series = [fact for fact in facts if fact.modality == "CT"]
    named = {fact.phase for fact in series}
    claimed = [(part, phase) for part, phase in NAMED_PHASES if entered.text(part) == "1"]
    if series and len(series) < len(claimed):
        said = f"the form names {len(claimed)} phases, and there are {len(series)} series of CT"
        yield entered.query(
            claimed[-1][0],
            Finding("image: phase missing", said, "send the missing series, or correct the form"),
        )
        return
    for part, phase in NAMED_PHASES:
        suffixed = _of_suffix(entered, f"{phase}_series_uid_suffix", series)
        if (
            entered.text(part) == "1"
            and None not in named
            and phase not in named
            and suffixed is None
            and series
        ):
            said = f"no series of CT is called {phase}, and all of them are called something else"
            yield entered.query(part, Finding("image: phase missing", said, _LOOK))
        if entered.text(part) == "0" and phase in named:
            said = f"a series of CT is called {phase}"
            yield entered.query(part, Finding("image: phase not on the form", said, _LOOK))


def _suffixes(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    for part in entered.fields:
        if not part.endswith("_series_uid_suffix") or not entered.text(part) or not facts:
            continue
        found = _of_suffix(entered, part, facts)
        if found is None:
            said = "no series here has an identifier that ends so"
            yield entered.query(part, Finding("image: series", said, _LOOK))
        elif (
            found.phase and part.split("_")[0] in ("arterial", "portal") and found.phase != part.split("_")[0]
        ):
            said = f"the series that it names is called {found.phase}"
            yield entered.query(part, Finding("image: series", said, _LOOK))


def _of_suffix(entered: Entered, part: str, facts: Sequence[Facts]) -> Facts | None:
    suffix = entered.text(part)
    return next((fact for fact in facts if suffix and fact.uid.split("#")[0].endswith(suffix)), None)


def _laterality(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    for fact in facts:
        part = next((part for part, modality in MODALITIES.items() if modality == fact.modality), None)
        if part and fact.laterality in ("L", "R") and f"{part}_done" in entered.fields:
            side = "left" if fact.laterality == "L" else "right"
            said = f"the header calls the {fact.modality} images those of a {side} organ of two, which the liver is not"
            yield entered.query(f"{part}_done", Finding("image: laterality", said, _LOOK))
            return
