"""One patient's files on their way to disk: what the makers of files are given, and what they give back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..imaging.geometry import Array, Volume
from ..phantom.grid import Grid
from ..phantom.patient import Patient
from ..phantom.tables.calendar import FIRST_DAY, date_fields
from .plan import Plan, Size
from .recipe import Recipe

HOUR_OF: Mapping[str, int] = {"US": 8, "CT": 10, "MR": 13}
"""When an examination of each modality begins, on the day of inclusion."""
BINS = 16


@dataclass(frozen=True, slots=True)
class Job:
    """A patient to be written into `folder`."""

    recipe: Recipe
    patient: Patient
    plan: Plan
    size: Size
    folder: Path

    def start_s(self, modality: str) -> float:
        """Seconds from the first midnight of the SIMULATED calendar to the examination."""
        day = dt.date.fromisoformat(str(date_fields(self.patient)["inclusion_date"]))
        return 86_400.0 * (day - FIRST_DAY).days + 3_600 * HOUR_OF[modality]


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of files that were made.

    `truth` goes into the truth file, `summaries` are numbers measured in the images, which naive observers use,
    `lesions` are further values of each of the patient's lesions, by its number from 1.
    """

    truth: Mapping[str, Any] = field(default_factory=dict)
    summaries: Mapping[str, float] = field(default_factory=dict)
    lesions: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def placed(array: Array, grid: Grid, *, modality: str = "", unit: str = "") -> Volume:
    """An array (z, y, x) on `grid` as a volume in the patient."""
    return Volume(array, grid.affine, modality, unit)


def summary(values: Array, name: str, *, low: float, high: float) -> dict[str, float]:
    """Mean, SD and the shares of 16 equal bins from `low` to `high` (what lies beyond counts in the last ones).

    Nothing where there is no value.
    """
    if not values.size:
        return {}
    counts, _ = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    shares = counts / values.size
    mean, sd = float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))
    found = {f"{name}_mean": mean, f"{name}_sd": sd}
    found |= {f"{name}_bin{k:02}": float(share) for k, share in enumerate(shares)}
    return {key: float(f"{value:.6g}") for key, value in found.items()}
