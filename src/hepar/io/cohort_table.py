"""A frame of text and its data dictionary, made into a cohort."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.errors import DataError, choices
from ..data.case import Case
from ..data.cohort import Cohort, Note
from ..data.derive import Table
from ..data.dictionary import Constant, Dataset
from ..data.field import ByColumn, Field
from .acquisitions import Acquisitions, find_acquisitions
from .columns import Coding, Rows, parse_column
from .header import refuse_bad_header
from .quantities import drop_unusable, to_unit
from .workbook import cell_text


def cohort_from_frame(
    frame: pd.DataFrame, dataset: Dataset, *, source: str = "table", folder: Path | None = None
) -> Cohort:
    """The cohort that `dataset` makes of `frame`, whose cells may be text or typed values.

    `source` names the table in errors, and the frame's index its rows; `folder` is what the paths of acquisitions are
    relative to (the working folder when omitted). The first thing that is wrong is refused.
    """
    _refuse_unusable_table(frame, dataset, source)
    text = frame.map(_cell) if not _is_text(frame) else frame
    rows = _identify(text, dataset, source)
    columns: dict[str, np.ndarray] = {}
    notes: list[Note] = []
    for name, field in dataset.fields.items():
        columns[name], found = _read_field(text, field, dataset=dataset, name=name, rows=rows)
        notes += found
    _refuse_dates_out_of_order(columns, dataset.fields, rows)
    participants = _ids(text, dataset.participant or dataset.case, what="participant", rows=rows)
    _refuse_participants_at_two_sites(participants, rows)
    with _named(source):
        notes += _derive(columns, dataset, rows)
    images, absent = find_acquisitions(
        text, dataset, rows, participants=participants, folder=folder or Path()
    )
    notes += absent
    cases = _cases(rows, participants, columns=columns, fields=dataset.all_fields, acquisitions=images)
    with _named(source):
        return Cohort(cases, dataset.all_fields, notes=tuple(notes))


def _cell(value: object) -> str:
    return value if isinstance(value, str) else cell_text(value)


def _is_text(frame: pd.DataFrame) -> bool:
    typed = any(pd.api.types.infer_dtype(frame[column], skipna=False) != "string" for column in frame)
    return not typed and not frame.isna().any(axis=None)


def _refuse_unusable_table(frame: pd.DataFrame, dataset: Dataset, source: str) -> None:
    refuse_bad_header(source, [str(column) for column in frame.columns])
    if not len(frame):
        raise DataError(f"{source}: has a header but no row; give a table with at least one case")
    for column, why in _columns_needed(dataset):
        if column not in frame.columns:
            raise DataError(f"{source}: has no column {column!r} ({why}); {choices(column, frame.columns)}")


def _columns_needed(dataset: Dataset) -> Sequence[tuple[str, str]]:
    """`(column, why)` of every column that the dictionary names."""
    needed = [(dataset.case, "case"), (dataset.participant or dataset.case, "participant")]
    needed += [(column, "site") for column in dataset.site_columns]
    for name, field in dataset.fields.items():
        needed.append((field.column or name, f"field {name}"))
        if isinstance(field.source_unit, ByColumn):
            needed.append((field.source_unit.by_column, f"unit of field {name}"))
    for name, declared in dataset.acquisitions.items():
        needed += [(column, f"acquisition {name}") for column in declared.columns]
    return needed


def _identify(text: pd.DataFrame, dataset: Dataset, source: str) -> Rows:
    """Case and site of each row; refuses a missing one and a case that stands twice."""
    nobody = np.full(len(text), "?", dtype=object)
    rows = Rows(source, text.index.to_numpy(), nobody, nobody)
    case_ids = _ids(text, dataset.case, what="case", rows=rows)
    labels, distinct = pd.factorize(case_ids)
    if len(distinct) < len(case_ids):
        twice = int(np.flatnonzero(np.bincount(labels) > 1)[0])
        first, second = rows.rows[np.flatnonzero(labels == twice)[:2]]
        raise DataError(
            f"{source}: case {distinct[twice]} stands in row {first} and in row {second}; each case needs its own"
            f" identifier in column {dataset.case!r}"
        )
    rows = Rows(source, rows.rows, case_ids, nobody)
    if isinstance(dataset.site, Constant):
        sites = np.full(len(text), dataset.site.constant, dtype=object)
    else:
        parts = [_ids(text, column, what="site", rows=rows) for column in dataset.site_columns]
        sites = np.array(["-".join(of_row) for of_row in zip(*parts, strict=True)], dtype=object)
    return Rows(source, rows.rows, case_ids, sites)


def _ids(text: pd.DataFrame, column: str, *, what: str, rows: Rows) -> np.ndarray:
    ids = np.array([value.strip() for value in text[column]], dtype=object)
    bare = np.flatnonzero(ids == "")
    if bare.size:
        raise DataError(
            f"{rows.at(int(bare[0]), column)}: the {what} is missing ({bare.size} such rows); every row needs one"
        )
    return ids


def _read_field(
    text: pd.DataFrame, field: Field, *, dataset: Dataset, name: str, rows: Rows
) -> tuple[np.ndarray, list[Note]]:
    coding = Coding.of((*dataset.missing, *field.missing), decimal=dataset.decimal)
    texts = text[field.column or name].to_numpy(dtype=object)
    values = parse_column(texts, field, coding=coding, name=name, rows=rows)
    values, notes = drop_unusable(values, field, name=name, rows=rows)
    if field.kind not in ("number", "ordinal"):
        return values, notes
    units = None
    if isinstance(field.source_unit, ByColumn):
        units = np.array([cell.strip() for cell in text[field.source_unit.by_column]], dtype=object)
    values, changed = to_unit(values, field, name=name, rows=rows, units=units)
    return values, [*notes, *changed]


def _refuse_dates_out_of_order(
    columns: Mapping[str, np.ndarray], fields: Mapping[str, Field], rows: Rows
) -> None:
    """Refuse a date before or after its limit; the message holds no date of another field, which may be of birth."""
    for name, field in fields.items():
        dates = columns[name]
        if field.not_before is not None:
            early = _first_below(dates, columns[field.not_before])
            _refuse_date(early, f"{name} {{date}} lies before {field.not_before}", dates=dates, rows=rows)
        if field.last_day is not None:
            late = _first_below(np.full(len(dates), field.last_day, dtype=object), dates)
            _refuse_date(late, f"{name} {{date}} lies after {field.last_day}", dates=dates, rows=rows)
        elif field.not_after is not None:
            late = _first_below(columns[field.not_after], dates)
            _refuse_date(late, f"{name} lies after {field.not_after}", dates=dates, rows=rows)


def _first_below(low: np.ndarray, high: np.ndarray) -> int | None:
    """The first position at which the date of `low` lies before that of `high`."""
    pairs = enumerate(zip(low, high, strict=True))
    return next((k for k, (a, b) in pairs if a is not None and b is not None and a < b), None)


def _refuse_date(place: int | None, what: str, *, dates: np.ndarray, rows: Rows) -> None:
    if place is None:
        return
    raise DataError(
        f"{rows.source}, row {rows.rows[place]}: case {rows.case_ids[place]}: {what.format(date=dates[place])}; correct"
        " the date that is wrong"
    )


def _refuse_participants_at_two_sites(participants: np.ndarray, rows: Rows) -> None:
    first_of: dict[str, int] = {}
    for place, participant in enumerate(participants):
        first = first_of.setdefault(participant, place)
        if rows.sites[first] != rows.sites[place]:
            raise DataError(
                f"{rows.source}: participant {participant} stands at site {rows.sites[first]!r} and at site"
                f" {rows.sites[place]!r} (rows {rows.rows[first]} and {rows.rows[place]}); a participant has one site,"
                " or partitions by site would leak: correct the table or pool the two sites"
            )


@contextmanager
def _named(source: str) -> Iterator[None]:
    """Errors of what knows no file, with the name of the table."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{source}: {error}") from None


def _derive(columns: dict[str, np.ndarray], dataset: Dataset, rows: Rows) -> list[Note]:
    """Add the derived columns to `columns`, in the dictionary's order."""
    notes: list[Note] = []
    for name, derivation in dataset.derived.items():
        added = derivation.compute(name, Table(rows.case_ids.tolist(), columns, dataset.all_fields))
        columns.update(added.columns)
        notes += [Note(*parts) for parts in added.notes]
    return notes


def _cases(
    rows: Rows,
    participants: np.ndarray,
    *,
    columns: Mapping[str, np.ndarray],
    fields: Mapping[str, Field],
    acquisitions: Sequence[Acquisitions],
) -> tuple[Case, ...]:
    names = tuple(fields)
    lists = [_values(columns[name], boolean=fields[name].kind == "boolean") for name in names]
    clinical = zip(*lists, strict=True)
    people = zip(rows.case_ids, participants, rows.sites, clinical, acquisitions, strict=True)
    return tuple(
        Case(case, participant, site, dict(zip(names, values, strict=True)), images)
        for case, participant, site, values, images in people
    )


def _values(column: np.ndarray, *, boolean: bool) -> list[object]:
    """Plain Python values, None where missing."""
    if column.dtype != float:
        return list(column)
    gone = np.isnan(column)
    values = (column == 1).astype(object) if boolean else column.astype(object)
    values[gone] = None
    return list(values)
