"""An arm of a study as something to be audited."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import HeparError
from ...data.case import Acquisition, Case, files_in
from ...data.dictionary import Dataset
from ...data.field import Field
from ...data.outcome import Continuous, Graded, TimeToEvent
from ...data.reference import Reference
from ...imaging.geometry import Volume
from ...io.acquisitions import ImageFile, MaskFile
from ...io.simulated import OfPatient, Recorded, Texture
from ..protocol import Arm
from ..result import Prepared
from .picture import Fact, Looked, look_at_recordings, look_at_volume
from .rules import FEWEST_CASES
from .subject import Column, Contrast, Objects, Role, Source, Subject, contrasts_of_classes, kind_of, objects

METADATA_WORDS = frozenset(
    {
        "scanner",
        "vendor",
        "manufacturer",
        "model",
        "device",
        "probe",
        "transducer",
        "wand",
        "preset",
        "format",
        "extension",
        "kernel",
        "software",
        "operator",
        "reader",
        "centre",
        "center",
        "hospital",
        "batch",
        "machine",
        "coil",
        "slice",
        "spacing",
        "kv",
        "kvp",
        "year",
        "session",
        "room",
        "acquisition",
    }
)
"""In the name of a field, that it tells how a case was examined, not how the participant is."""
OF_SOMEBODY = frozenset({"reader", "operator", "model"})
"""Words that say so only at the end of a name: `reader_1_score` is what a reader found, `reader` who it was."""
NAMING = frozenset({"", "id", "code", "name", "number", "no"})
SAME_VALUE, MOSTLY = 1e-3, 0.5
"""A field that has the outcome's value in half of the cases is the outcome."""
PHANTOM = "phantom"
"""In the name of an acquisition, that participants share it by design."""


def subject_of(prepared: Prepared, *, simulated: bool = False, reference_date: str | None = None) -> Subject:
    """The arm with its cases, folds, fields and acquisitions; nothing is read yet."""
    known, clinical = prepared.reference, prepared.clinical.loc[prepared.reference.table.index]
    cases = {case.case_id: case for case in prepared.cohort}
    order = [cases[str(case_id)] for case_id in known.table.index]
    label, contrasts = outcome_of(known)
    return Subject(
        name=prepared.name,
        case_ids=[case.case_id for case in order],
        participants=objects(clinical["participant_id"].tolist()),
        sites=objects(clinical["site"].tolist()),
        parts=_parts(prepared),
        label=label,
        contrasts=contrasts,
        columns=(
            Column("site", "category", "metadata", objects(clinical["site"].tolist())),
            *_columns(prepared, {name: clinical[name].tolist() for name in prepared.cohort.field_names()}),
        ),
        sources=tuple(source for place, case in enumerate(order) for source in _sources(place, case)),
        reference_date=reference_date,
        simulated=simulated,
    )


def outcome_of(known: Reference) -> tuple[Objects, tuple[Contrast, ...]]:
    """Class of each case in words, and the questions of yes or no that the outcome answers."""
    outcome, table = known.outcome, known.table
    if isinstance(outcome, Graded):
        names = [outcome.name_of(grade) for grade in outcome.grades]
        label = objects([outcome.name_of(grade) for grade in table["grade"]])
        return label, contrasts_of_classes(label, names, ordered=True, least=FEWEST_CASES, what=outcome.label)
    if "positive" in table:
        return _yes_or_no(known.positive.astype(float), outcome.label)
    if isinstance(outcome, TimeToEvent):
        horizon = outcome.horizons_y[0]
        return _yes_or_no(_by(known, horizon), f"{outcome.label} within {horizon:g} years")
    middle = float(np.median(table["value"]))
    return _yes_or_no(
        np.asarray(table["value"] >= middle, dtype=np.float64), f"{outcome.label} of {middle:g} or more"
    )


def _yes_or_no(positive: NDArray[np.float64], name: str) -> tuple[Objects, tuple[Contrast, ...]]:
    words = {1.0: "with", 0.0: "without"}
    return objects([words.get(value) for value in positive.tolist()]), (Contrast(name, positive),)


def _by(known: Reference, horizon: float) -> NDArray[np.float64]:
    """1 with the event by `horizon`, 0 without, NaN where follow-up ended before."""
    event = (known.status == 1) & (known.time_y <= horizon)
    without = ~event & ((known.time_y >= horizon) | (known.status == 2))
    return np.where(event, 1.0, np.where(without, 0.0, np.nan))


def _parts(prepared: Prepared) -> Objects:
    """The part that holds each case out: the external one before a fold of cross-validation."""
    parts: list[Any] = [None] * len(prepared.reference)
    for fold in sorted(prepared.folds, key=lambda fold: fold.role == "external"):
        for place in fold.held_out.tolist():
            parts[place] = fold.name
    return objects(parts)


def _columns(prepared: Prepared, values: Mapping[str, list[Any]]) -> Iterator[Column]:
    arm, dataset, fields = prepared.arm, prepared.dataset, prepared.cohort.fields
    read = {field for names in arm.read_by_tests.values() for field in names}
    days = {name for name, field in fields.items() if field.kind == "date"}
    unread = {_stem(name) for name in values if name not in read | days} - {_stem(name) for name in read}
    own = _columns_of_outcome(arm, dataset)
    for name, found in values.items():
        if name in arm.outcome.fields or (dataset is not None and dataset.columns_of(name) & own):
            continue
        held = objects(found)
        role = _role(name, fields.get(name), dataset, read=name in read)
        if name in days and role == "metadata" and _stem(name) in unread:
            role = "other"
        if role == "feature" and _measures_outcome(prepared, name, held):
            role = "measure"
        yield Column(name, kind_of(held), role, held)


def _measures_outcome(prepared: Prepared, name: str, held: Objects) -> bool:
    """Whether the field measures what the outcome measures, by another way: it is meant to agree, but not to be it."""
    outcome, field = prepared.arm.outcome, prepared.cohort.fields.get(name)
    if not isinstance(outcome, Continuous) or field is None or field.unit != outcome.unit:
        return False
    truth = prepared.reference.table["value"].to_numpy(dtype=float)
    known = [k for k, value in enumerate(held) if isinstance(value, int | float)]
    same = sum(bool(np.isclose(held[k], truth[k], rtol=SAME_VALUE)) for k in known)
    return same < MOSTLY * len(known)


def _stem(name: str) -> str:
    """What the day of something and its result have in common: `ct` of `ct_date` and `ct_result`."""
    return name.partition("_")[0]


def _columns_of_outcome(arm: Arm, dataset: Dataset | None) -> frozenset[str]:
    """Columns of the table that the outcome is made of: another field of them is the outcome again."""
    if dataset is None:
        return frozenset()
    return frozenset().union(*(dataset.columns_of(name) for name in arm.outcome.fields))


def _role(name: str, field: Field | None, dataset: Dataset | None, *, read: bool) -> Role:
    follow_up = dataset.is_follow_up(name) if dataset is not None else field is not None and field.follow_up
    if follow_up:
        return "follow_up"
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word not in NAMING]
    how = METADATA_WORDS.intersection(words) - OF_SOMEBODY.intersection(words[:-1])
    examined = how or (field is not None and field.kind == "date" and "birth" not in words)
    if examined:
        return "metadata"
    return "feature" if read else "other"


def _sources(place: int, case: Case) -> Iterator[Source]:
    for name, acquisition in case.acquisitions.items():
        reader = acquisition.reader
        drawn = isinstance(reader, MaskFile) or (
            isinstance(reader, Texture | OfPatient) and reader.part != "image"
        )
        shared = PHANTOM in name or (isinstance(reader, Recorded) and reader.of == PHANTOM)
        if not drawn and not shared:
            yield Source(place, name, _Look(acquisition))


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at an acquisition when it is called."""

    acquisition: Acquisition

    def __call__(self) -> Looked:
        """What was seen, or why nothing was."""
        try:
            content = self.acquisition.load()
            if not isinstance(content, Volume):
                return look_at_recordings(content)
            seen = look_at_volume(content)
            return Looked(seen.shown, {**seen.facts, **_told(self.acquisition)})
        except (HeparError, OSError) as error:
            return Looked(failed=str(error))


def _told(acquisition: Acquisition) -> Mapping[str, Fact]:
    """What DICOM headers say; nothing of other files."""
    if not isinstance(acquisition.reader, ImageFile):
        return {}
    from ...io.dicom_parameters import acquisition_parameters
    from ...io.images import READERS, ending
    from ...io.pictures import day_of

    path = acquisition.files[0]
    if ending(path) in READERS:
        return {"file ending": ending(path)}
    series = dict(acquisition.reader.chosen).get("series")
    first: Path = files_in(path)[0] if path.is_dir() else path
    return {"file ending": "DICOM", **acquisition_parameters(path, series=series), **day_of(first)}
