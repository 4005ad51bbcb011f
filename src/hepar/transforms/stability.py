"""How stable each feature is when the image or the scan is repeated: intraclass correlations of a whole table."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError
from ..stats.icc_many import ManyCorrelations, SingleForm, icc_many
from .columns import REPEAT

Float = NDArray[np.float64]

BLOCK = 250
"""Features looked at together: bounds the memory."""


def feature_stability(
    table: pd.DataFrame,
    retest: pd.DataFrame | None = None,
    *,
    form: SingleForm = "1",
    level: float = 0.95,
    batch: pd.Series | None = None,
) -> pd.DataFrame:
    """Intraclass correlation of every feature that was measured again: columns `feature, icc, low, high, n`.

    Repeats of `f` are the columns `f@1`, `f@2`, ... of `table`; or `retest` is a second table of the same features,
    whose rows are matched by their index. Form "1" (ICC(1,1) of Shrout & Fleiss, 1979, as in Zwanenburg et al., 2019)
    fits repeats drawn anew for each case; "A,1" fits a retest whose order is the same for all, and counts a shift
    between the two against the feature. `n` counts the cases complete in that feature; fewer than three, or no spread,
    give NaN.

    With `batch`, a label for each case by the index of `table`, values are standardised within each batch first: else
    a feature that does nothing but tell scanners apart seems stable, because the differences between scanners count as
    differences between cases. A case without a label, or alone in its batch, is left out.
    """
    if retest is not None:
        table = _joined(table, retest)
    copies = repeats_of(table)
    if not copies:
        raise DataError(
            f"none of the {table.shape[1]} features has a repeat ('f{REPEAT}1', 'f{REPEAT}2', ...); extract with"
            " repeats: 1 or more, or give the table of the retest"
        )
    by_number: dict[int, list[str]] = {}
    for name, more in copies.items():
        by_number.setdefault(len(more), []).append(name)
    blocks = [
        names[start : start + BLOCK] for names in by_number.values() for start in range(0, len(names), BLOCK)
    ]
    groups = None if batch is None else _groups(batch.reindex(table.index))
    judge = partial(_judge, groups=groups, form=form, level=level)
    found = pd.concat([_judged(table, {name: copies[name] for name in block}, judge) for block in blocks])
    return found.set_index("feature").loc[list(copies)].reset_index()


def repeats_of(table: pd.DataFrame) -> dict[str, list[str]]:
    """Repeats of each feature that has some, in the order of the table; a repeat without its feature is refused."""
    names = [str(name) for name in table.columns]
    found: dict[str, list[str]] = {}
    for name in names:
        feature, mark, _ = name.partition(REPEAT)
        if mark:
            found.setdefault(feature, []).append(name)
    orphans = set(found) - set(names)
    if orphans:
        first = found[min(orphans)][0]
        raise DataError(
            f"{first!r} repeats a feature that is not there ({min(orphans)!r}); keep both or drop both"
        )
    return found


def _judged(
    table: pd.DataFrame, copies: dict[str, list[str]], judge: Callable[[Float], ManyCorrelations]
) -> pd.DataFrame:
    columns = [column for name, more in copies.items() for column in (name, *more)]
    values = table[columns].to_numpy(dtype=float).reshape(len(table), len(copies), -1)
    found = judge(values)
    return pd.DataFrame(
        {"feature": list(copies), "icc": found.value, "low": found.low, "high": found.high, "n": found.n}
    )


def _judge(
    values: Float, *, groups: list[NDArray[np.intp]] | None, form: SingleForm, level: float
) -> ManyCorrelations:
    """Of `values` (cases, features, ratings), standardised within `groups` of rows if there are some."""
    standard = values if groups is None else _standardised(values, groups)
    return icc_many(np.moveaxis(standard, 1, 0), form=form, level=level)


def _groups(batch: pd.Series) -> list[NDArray[np.intp]]:
    """Rows of each batch of two cases or more."""
    return [np.flatnonzero(batch == label) for label, n in batch.value_counts().items() if n > 1]


def _standardised(values: Float, groups: list[NDArray[np.intp]]) -> Float:
    """Each feature with mean 0 and standard deviation 1 within each group, over its complete cases; NaN elsewhere."""
    found = np.full(values.shape, np.nan)
    for rows in groups:
        part = values[rows]
        part = np.where(np.isfinite(part).all(axis=2, keepdims=True), part, np.nan)
        n = np.maximum(np.isfinite(part).sum(axis=(0, 2)), 1)[:, None]
        centred = part - np.nansum(part, axis=(0, 2))[:, None] / n
        spread = np.sqrt(np.nansum(centred**2, axis=(0, 2))[:, None] / n)
        found[rows] = centred / np.where(spread > 0, spread, 1.0)
    return found


def _joined(table: pd.DataFrame, retest: pd.DataFrame) -> pd.DataFrame:
    shared = [str(name) for name in table.columns if name in set(retest.columns)]
    cases = table.index.intersection(retest.index)
    if not shared or not len(cases):
        raise DataError(
            f"test and retest share {len(shared)} features and {len(cases)} cases; give both tables the same feature"
            " names and the same case_id as index"
        )
    again = retest.loc[cases, shared].add_suffix(f"{REPEAT}1")
    return pd.concat([table.loc[cases, shared], again], axis=1)
