"""Clinical columns as numbers, and scores that are numbers or missing, never infinite."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, choices

NO_CODES: Mapping[str, Collection[float]] = MappingProxyType({})


def column(clinical: pd.DataFrame, name: str) -> pd.Series:
    """The column `name`; without it, an error that names the nearest one there is."""
    if name not in clinical.columns:
        raise DataError(
            f"the clinical record has no field {name!r}; {choices(name, clinical.columns)}."
            " Rename the column, add it, or leave out the comparator that needs it"
        )
    return clinical[name]


def numbers(
    clinical: pd.DataFrame, names: Collection[str], *, codes: Mapping[str, Collection[float]] = NO_CODES
) -> pd.DataFrame:
    """The columns `names` as floats, NaN where missing or infinite.

    Args:
        clinical: one row a case.
        names: the columns to read.
        codes: for each field that holds codes, those allowed; False and True are 0 and 1.

    Raises:
        DataError: a column is missing, or a value is no number or no allowed code.
    """
    read = pd.DataFrame({name: _floats(column(clinical, name)) for name in names}, index=clinical.index)
    for name, allowed in codes.items():
        wrong = read[name].notna() & ~read[name].isin(list(allowed))
        if wrong.any():
            raise DataError(
                f"case {wrong.idxmax()}: {name} is {read[name][wrong].iloc[0]:g};"
                f" allowed: {', '.join(f'{code:g}' for code in allowed)}. Recode the column"
            )
    return read.where(np.isfinite(read))


def positive(read: pd.DataFrame, *, except_for: Collection[str] = ()) -> pd.DataFrame:
    """`read` with NaN where a value is zero or negative: no living person has such a platelet count."""
    exempt = [name in except_for for name in read.columns]
    return read.where((read > 0) | np.asarray(exempt))


def settled(raw: pd.Series, read: pd.DataFrame) -> pd.Series:
    """`raw` as floats, NaN where any value it was made from is missing, or where it is not finite."""
    score = raw.astype(float)
    return score.where(read.notna().all(axis=1) & np.isfinite(score))


def _floats(values: pd.Series) -> pd.Series:
    try:
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    except (TypeError, ValueError):
        case, found = next((case, value) for case, value in values.items() if not _is_number(value))
        raise DataError(
            f"case {case}: {values.name} is {found!r}, which is no number;"
            " write a number, or leave the cell empty where it is missing"
        ) from None


def _is_number(value: Any) -> bool:
    if value is None or value is pd.NA:
        return True
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
