"""Test and retest: two tables of features of the same cases, one intraclass correlation for each feature."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.errors import DataError, choices
from ..io.tables import read_table
from ..transforms.columns import without_repeats
from ..transforms.stability import feature_stability
from .table_out import refuse_unwritable, write_table

IDENTITY = ("case", "region")
"""Columns that tell whose features a row holds."""

FEWEST = 3
"""Cases below which no intraclass correlation is defined."""

GOOD, EXCELLENT = 0.75, 0.9
"""Koo & Li (2016)."""


@dataclass(frozen=True, slots=True)
class Stability:
    """One row for each region and feature: columns `region, feature, icc, low, high, n`; NaN where not defined."""

    table: pd.DataFrame
    cases: int
    notes: tuple[str, ...] = ()
    """What the user should know of the two tables."""

    @property
    def summary(self) -> str:
        """How many features are stable, by the estimate and by the lower end of its interval."""
        told = [
            f"{int((self.table['icc'] >= limit).sum())} have an ICC of {limit} or more"
            f" ({int((self.table['low'] >= limit).sum())} by the lower end of the 95 % interval)"
            for limit in (GOOD, EXCELLENT)
        ]
        undefined = int(self.table["icc"].isna().sum())
        return f"of {len(self.table)} features, {', '.join(told)}" + (
            f"; {undefined} not defined" if undefined else ""
        )


def measure_stability(features: Path, retest: Path, *, out: Path | None = None) -> Stability:
    """Stability of every feature between two tables of `hepar extract`; written to `out` if that is given.

    Each region is judged by itself. The coefficient is ICC(A,1) (McGraw & Wong, 1996), absolute agreement of two
    measurements in the same order: a shift between test and retest counts against the feature. The rows of both tables
    must be the same cases and regions, in any order.
    """
    if out is not None:
        refuse_unwritable(out)
    first, second = _read(features), _read(retest)
    _refuse_other_rows(first, second, names=(features, retest))
    second = second.loc[first.index]
    names, notes = _features(first, second, files=(features, retest))
    one = _numbers(first, names, file=features)
    two = _numbers(second, names, file=retest)
    if one.equals(two):
        raise DataError(
            f"{retest}: holds the values of {features} throughout; give the table of a second measurement"
        )
    cases = first.index.get_level_values("case").nunique()
    if cases < FEWEST:
        raise DataError(f"{features}: has {cases} cases; an intraclass correlation needs {FEWEST} or more")
    table = _judged(one, two)
    if out is not None:
        write_table(table, out)
    return Stability(table, int(cases), notes)


def _judged(one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    """The stability of each feature in each region, of two tables with the same rows."""
    region = one.index.get_level_values("region")
    found = []
    for name in dict.fromkeys(region):
        pair = (table[region == name].droplevel("region") for table in (one, two))
        found.append(feature_stability(*pair, form="A,1").assign(region=name))
    return pd.concat(found, ignore_index=True)[["region", "feature", "icc", "low", "high", "n"]]


def _read(path: Path) -> pd.DataFrame:
    """The table as text, indexed by case and region."""
    table = read_table(path)
    for name in IDENTITY:
        if name not in table.columns:
            raise DataError(
                f"{path}: has no column {name!r}, as tables of hepar extract have; {choices(name, table.columns)}"
            )
    table = table.set_index(list(IDENTITY))
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise DataError(f"{path}: holds {_row(twice[0])} twice; keep one row for each case and region")
    return table


def _row(key: tuple[str, str]) -> str:
    case, region = key
    return f"case {case!r}, region {region!r}"


def _refuse_other_rows(first: pd.DataFrame, second: pd.DataFrame, *, names: tuple[Path, Path]) -> None:
    for table, other, (has, lacks) in ((first, second, names), (second, first, names[::-1])):
        alone = table.index.difference(other.index, sort=False)
        if len(alone):
            raise DataError(
                f"{lacks}: lacks {len(alone)} of the {len(table)} rows of {has}, the first is {_row(alone[0])}; test"
                " and retest must hold the same cases and regions: call them alike, or leave these rows out of both"
            )


def _features(
    first: pd.DataFrame, second: pd.DataFrame, *, files: tuple[Path, Path]
) -> tuple[list[str], tuple[str, ...]]:
    """Names of the features that both tables have as numbers, and what was left out."""
    shared = [name for name in without_repeats(first.columns) if name in second.columns]
    text = [name for name in shared if _is_text(first[name]) and _is_text(second[name])]
    names = [name for name in shared if name not in text]
    if not names:
        raise DataError(
            f"{files[1]}: shares no column of numbers with {files[0]}; extract both with the same settings"
        )
    single = [
        n
        for t, o in ((first, second), (second, first))
        for n in without_repeats(t.columns)
        if n not in o.columns
    ]
    notes = (
        *(
            [f"{len(single)} columns are in one of the tables only, e.g. {single[0]!r}: left out"]
            if single
            else []
        ),
        *([f"{len(text)} columns hold text, e.g. {text[0]!r}: left out"] if text else []),
    )
    return names, notes


def _is_text(cells: pd.Series) -> bool:
    """Whether a column holds something, but not a single number."""
    return bool((cells != "").any() and pd.to_numeric(cells, errors="coerce").isna().all())


def _numbers(table: pd.DataFrame, names: list[str], *, file: Path) -> pd.DataFrame:
    """The columns as numbers, NaN where a cell is empty; other text and infinity are refused."""
    values = table[names].apply(pd.to_numeric, errors="coerce")
    bad = (table[names] != "") & ~np.isfinite(values) & (table[names].map(str.lower) != "nan")
    if bad.to_numpy().any():
        row, column = (int(at[0]) for at in np.nonzero(bad.to_numpy()))
        what = f"feature {names[column]!r} of {_row(table.index[row])}"
        raise DataError(
            f"{file}: {what} is {table[names].iloc[row, column]!r}, which is no finite number; mend the cell, or leave"
            " it empty where nothing was measured"
        )
    return pd.DataFrame(values, dtype=float)
