"""The agreement of two entries as CSV, one row a field."""

import math
from pathlib import Path

from ..core.atomic import write_atomically
from ..data.crf.double_entry import DoubleEntry, FieldAgreement
from .csv_text import csv_text

HEADER = (
    "field",
    "form",
    "compared",
    "equal",
    "agreement",
    "agreement_low",
    "agreement_high",
    "kappa",
    "kappa_low",
    "kappa_high",
    "mean_difference",
    "limit_low",
    "limit_high",
)


def write_agreement(found: DoubleEntry, path: Path) -> Path:
    """Write how each field agrees to `path`, whole or not at all; shares are of 1, an empty cell is not defined.

    Raises:
        RunError: the file cannot be written.
    """
    write_atomically(path, csv_text(HEADER, map(_row, found.fields)))
    return path


def _row(one: FieldAgreement) -> tuple[str, ...]:
    share, kappa, limits = one.agreement, one.kappa, one.limits
    numbers = (
        *(share.value, share.low, share.high),
        *((kappa.value, kappa.low, kappa.high) if kappa else (math.nan,) * 3),
        *((limits.bias.value, limits.lower.value, limits.upper.value) if limits else (math.nan,) * 3),
    )
    written = ("" if math.isnan(number) else f"{number:.6g}" for number in numbers)
    return (one.field, one.form, str(one.compared), str(one.equal), *written)
