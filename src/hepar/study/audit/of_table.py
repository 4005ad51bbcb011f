"""A table of pictures as something to be audited: how a public set comes, without a protocol."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.errors import DataError, HeparError, choices
from ...data.acquisitions import refuse_escape
from ...imaging.geometry import Volume
from ...imaging.likeness import exact_digest, fingerprint_of, grey_picture
from ...io.pictures import read_stored
from .picture import Looked, look_at_volume
from .rules import FEWEST_CASES, MOST_VALUES_AS_LEVELS
from .subject import Column, Contrast, Objects, Source, Subject, contrasts_of_classes, kind_of, objects

USUAL: Mapping[str, tuple[str, ...]] = {
    "file": ("file", "filename", "path", "image", "picture"),
    "label": ("label", "class", "stage", "grade", "outcome", "target", "diagnosis"),
    "participant": ("participant", "patient", "subject", "participant_id", "patient_id", "subject_id"),
    "split": ("split", "set", "partition", "part", "fold", "subset"),
    "site": ("site", "centre", "center", "hospital"),
}
"""What a column is for -> the names it usually has, in small letters."""
MISSING = ("", "na", "nan", "n/a", "none", "null")
DAY_WORD = "date"
"""In the name of a column, that it holds days."""
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[T ]\d)")
DIGITS_OF_DAY = 8
MOSTLY = 0.5
"""Share of the cells that are numbers, from which it is said that the others are not."""
NUMBERED = re.compile(r"([^\d]*)(\d+)")


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column is what; one left out is found by its name, if it has a usual one."""

    file: str | None = None
    label: str | None = None
    participant: str | None = None
    split: str | None = None
    site: str | None = None

    def found(self, columns: Sequence[str]) -> Mapping[str, str]:
        """The column of each role that there is.

        Raises:
            DataError: a named column is absent, or there is none of labels.
        """
        small = {name.strip().lower(): name for name in columns}
        named = {role: getattr(self, role) for role in USUAL}
        for role, name in named.items():
            if name is not None and name not in columns:
                raise DataError(f"there is no column {name!r} for the {role}; {choices(name, columns)}")
        usual = {role: next((small[n] for n in names if n in small), None) for role, names in USUAL.items()}
        roles = {role: named[role] or usual[role] for role in USUAL}
        if roles["label"] is None:
            raise DataError(f"no column holds labels; name it by --label. Columns: {', '.join(columns)}")
        return {role: name for role, name in roles.items() if name is not None}


def subject_of_table(
    table: pd.DataFrame,
    *,
    name: str,
    folder: Path,
    roles: Roles | None = None,
    reference_date: str | None = None,
    simulated: bool = False,
) -> Subject:
    """The rows of `table` (every cell a text); paths of files are relative to `folder`.

    Without a column of participants each row is one of its own. Every column without a role is metadata.
    """
    found = (roles or Roles()).found(list(table.columns))
    texts = {column: objects([_cell(value) for value in table[column]]) for column in table.columns}
    label, contrasts, note = _outcome(texts[found["label"]], found["label"])
    numbers = [f"row {row}" for row in table.index]
    who = texts[found["participant"]] if "participant" in found else objects(numbers)
    site = texts[found["site"]] if "site" in found else objects([None] * len(table))
    others = [_column(name, texts[name]) for name in table.columns if name not in found.values()]
    return Subject(
        name=name,
        case_ids=numbers
        if "file" not in found
        else [f"{n} ({f})" for n, f in zip(numbers, texts[found["file"]], strict=True)],
        participants=objects([w if w is not None else n for w, n in zip(who, numbers, strict=True)]),
        sites=site,
        parts=texts[found["split"]] if "split" in found else objects([None] * len(table)),
        label=label,
        contrasts=contrasts,
        columns=(
            *([Column("site", "category", "metadata", site)] if "site" in found else ()),
            *others,
        ),
        sources=_sources(texts[found["file"]], folder) if "file" in found else (),
        reference_date=reference_date,
        simulated=simulated,
        notes=tuple(_notes(found, note, others)),
    )


def _cell(value: Any) -> str | None:
    text = "" if value is None or value != value else str(value).strip()
    return None if text.lower() in MISSING else text


def _notes(found: Mapping[str, str], note: str, others: Sequence[Column]) -> Sequence[str]:
    told = [f"{column!r} was taken for the {role}" for role, column in found.items() if column != role]
    alone = [] if "participant" in found else ["no column tells participants: each row counts as one"]
    return [f"{text}." for text in (*told, *alone, note, *_taken_as_words(others)) if text]


def _outcome(label: Objects, column: str) -> tuple[Objects, tuple[Contrast, ...], str]:
    """Classes, contrasts and what has to be said of them: stages by their number, else words, else the median."""
    values = sorted({str(one) for one in label if one is not None})
    if len(values) < 2:
        raise DataError(f"column {column!r} holds {len(values)} class(es); labels need two or more")
    numbers = [_number(value) for value in values]
    ordered = all(number is not None for number in numbers) and len({p for p, _ in _told(numbers)}) == 1
    if len(values) > MOST_VALUES_AS_LEVELS:
        return _by_median(label, column)
    if ordered:
        values = [value for _, value in sorted(zip((n for _, n in _told(numbers)), values, strict=True))]
    contrasts = contrasts_of_classes(label, values, ordered=ordered, least=FEWEST_CASES, what=column)
    return label, contrasts, ""


def _told(numbers: Sequence[tuple[str, float] | None]) -> list[tuple[str, float]]:
    return [number for number in numbers if number is not None]


def _number(value: str) -> tuple[str, float] | None:
    """What stands before the number, and the number, of a stage such as F2 or 3."""
    found = NUMBERED.fullmatch(value)
    return None if found is None else (found[1], float(found[2]))


def _by_median(label: Objects, column: str) -> tuple[Objects, tuple[Contrast, ...], str]:
    try:
        values = np.array([np.nan if one is None else float(one) for one in label])
    except ValueError:
        raise DataError(
            f"column {column!r} has over {MOST_VALUES_AS_LEVELS} classes; name the labels by --label, or pool classes"
        ) from None
    middle = float(np.nanmedian(values))
    positive = np.where(np.isnan(values), np.nan, (values >= middle).astype(float))
    words = {1.0: f"{middle:g} or more", 0.0: f"below {middle:g}"}
    contrast = Contrast(f"{column} of {middle:g} or more", positive)
    return (
        objects([words.get(value) for value in positive.tolist()]),
        (contrast,),
        f"{column!r} was cut at its median",
    )


def _column(name: str, values: Objects) -> Column:
    """Numbers and days where every cell is one, else words."""
    for parse in (_day_in_digits, float, _day) if DAY_WORD in name.lower() else (float, _day):
        parsed = objects(_parsed(parse, [value for value in values if value is not None]))
        if len(parsed) and all(value is not None for value in parsed):
            held = objects([None] * len(values))
            held[[value is not None for value in values]] = parsed
            return Column(name, kind_of(held), "metadata", held)
    return Column(name, "category", "metadata", values)


def _parsed(parse: Callable[[str], Any], texts: Sequence[str]) -> list[Any]:
    """What each text says, None where it says nothing of that kind."""
    found = []
    for text in texts:
        try:
            found.append(parse(text))
        except ValueError:
            found.append(None)
    return found


def _day(text: str) -> dt.date:
    """The day of 2024-01-31, with or without a time behind it."""
    return dt.datetime.fromisoformat(text).date() if ISO_DAY.match(text) else dt.date.fromisoformat("")


def _day_in_digits(text: str) -> dt.date:
    """The day of 20240131, as DICOM writes it."""
    return dt.datetime.strptime(text if len(text) == DIGITS_OF_DAY else "", "%Y%m%d").date()


def _taken_as_words(columns: Sequence[Column]) -> Iterator[str]:
    """Columns that are numbers or days for the most part, or are called dates: nothing is silently lost."""
    for column in columns:
        texts = [str(value) for value in column.values if value is not None]
        if column.kind != "category" or not texts:
            continue
        read = max(sum(one is not None for one in _parsed(parse, texts)) for parse in (float, _day))
        if read >= MOSTLY * len(texts):
            yield (
                f"{column.name!r} was taken as words: {len(texts) - read} of {len(texts)} cells are no number or day;"
                " leave them empty if they mean that nothing is known"
            )
        elif DAY_WORD in column.name.lower():
            yield f"{column.name!r} was taken as words, not as days; write days as 2024-01-31 to have them compared"


def _sources(files: Objects, folder: Path) -> tuple[Source, ...]:
    for text in files:
        if text is not None:
            refuse_escape(text)
    return tuple(
        Source(place, "picture", _Look(folder / text)) for place, text in enumerate(files) if text is not None
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at a file when it is called."""

    path: Path

    def __call__(self) -> Looked:
        """What was seen, or why nothing was."""
        try:
            stored = read_stored(self.path)
            if isinstance(stored.content, Volume):
                seen = look_at_volume(stored.content)
                return replace(seen, facts={**stored.facts, **seen.facts})
            digest = exact_digest(stored.content)
            return Looked(((fingerprint_of(grey_picture(stored.content), digest=digest),),), stored.facts)
        except (HeparError, OSError) as error:
            return Looked(failed=str(error))
