"""A frame of text and its data dictionary, made into a cohort."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..core.errors import DataError, choices
from ..data.case import Case
from ..data.cohort import Cohort, Note
from ..data.derive import Table
from ..data.dictionary import Constant, Dataset
from ..data.field import ByColumn, Field
from .columns import Coding, Rows, parse_column
from .header import refuse_bad_header
from .quantities import drop_unusable, to_unit
from .workbook import cell_text


def cohort_from_frame(frame: pd.DataFrame, dataset: Dataset, *, source: str = "table") -> Cohort:
    """The cohort that `dataset` makes of `frame`, whose cells may be text or typed values.

    `source` names the table in errors, and the frame's index its rows. The first thing that is wrong is refused.
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
    notes += _derive(columns, dataset, rows)
    participants = _ids(text, dataset.participant or dataset.case, what="participant", rows=rows)
    cases = _cases(rows, participants, columns=columns, fields=dataset.all_fields)
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
    for name, field in fields.items():
        if field.not_before is None:
            continue
        pairs = zip(columns[name], columns[field.not_before], strict=True)
        for place, (date, earliest) in enumerate(pairs):
            if date is not None and earliest is not None and date < earliest:
                raise DataError(
                    f"{rows.source}, row {rows.rows[place]}: case {rows.case_ids[place]}: {name} {date} lies before"
                    f" {field.not_before} {earliest}; correct one of the dates"
                )


def _derive(columns: dict[str, np.ndarray], dataset: Dataset, rows: Rows) -> list[Note]:
    """Add the derived columns to `columns`, in the dictionary's order."""
    notes: list[Note] = []
    for name, derivation in dataset.derived.items():
        added = derivation.compute(name, Table(rows.case_ids.tolist(), columns, dataset.all_fields))
        columns.update(added.columns)
        notes += [Note(*parts) for parts in added.notes]
    return notes


def _cases(
    rows: Rows, participants: np.ndarray, *, columns: Mapping[str, np.ndarray], fields: Mapping[str, Field]
) -> tuple[Case, ...]:
    names = tuple(fields)
    lists = [_values(columns[name], boolean=fields[name].kind == "boolean") for name in names]
    clinical = zip(*lists, strict=True)
    people = zip(rows.case_ids, participants, rows.sites, clinical, strict=True)
    return tuple(
        Case(case, participant, site, dict(zip(names, values, strict=True)))
        for case, participant, site, values in people
    )


def _values(column: np.ndarray, *, boolean: bool) -> list[object]:
    """Plain Python values, None where missing."""
    if column.dtype != float:
        return list(column)
    gone = np.isnan(column)
    values = (column == 1).astype(object) if boolean else column.astype(object)
    values[gone] = None
    return list(values)
