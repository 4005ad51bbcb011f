"""The reference standard as observed: one row for each case that has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from .outcome import Continuous, Graded, Outcome, TimeToEvent

WHOLE_CASE = "case"
"""The unit where a case is judged as a whole; other units are its lesions or frames."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The outcome as observed: one row for each case (and unit), no row without a reference standard.

    `table` is indexed by case_id and holds `participant_id, site, unit` and the outcome's columns.
    """

    outcome: Outcome
    table: pd.DataFrame
    whole: str = "participant_id"
    """Column whose groups no part may split, inside training either: `participant_id` or `site`."""

    def __len__(self) -> int:
        return len(self.table)

    def take(self, positions: Sequence[int] | np.ndarray) -> Self:
        """The rows at `positions`."""
        return replace(self, table=self.table.iloc[np.asarray(positions)])

    @property
    def participants(self) -> np.ndarray:
        """Participant of each row: the unit that no partition may split."""
        return self.table["participant_id"].to_numpy()

    @property
    def groups(self) -> np.ndarray:
        """Group of each row that a part inside training keeps whole: the participant, or the site."""
        return self.table[self.whole].to_numpy()

    @property
    def positive(self) -> np.ndarray:
        """Boolean outcome, for binary and graded outcomes."""
        return self.table["positive"].to_numpy(dtype=float) > 0.5

    @property
    def time_y(self) -> np.ndarray:
        """Follow-up in years."""
        return self.table["time_y"].to_numpy(dtype=float)

    @property
    def status(self) -> np.ndarray:
        """0 censored, 1 event, 2 competing event."""
        return self.table["status"].to_numpy(dtype=int)

    @property
    def strata(self) -> np.ndarray:
        """Classes that a stratified partition keeps balanced."""
        if isinstance(self.outcome, TimeToEvent):
            return self.status
        if isinstance(self.outcome, Continuous):
            return pd.qcut(self.table["value"], 4, labels=False, duplicates="drop").to_numpy(dtype=int)
        column = "grade" if isinstance(self.outcome, Graded) else "positive"
        return self.table[column].to_numpy(dtype=float).astype(int)

    @property
    def horizons_y(self) -> tuple[float, ...]:
        """Prediction horizons; empty unless the outcome is a time to event."""
        return self.outcome.horizons_y if isinstance(self.outcome, TimeToEvent) else ()

    def counts(self) -> Mapping[str, int]:
        """How many cases, and how many with the event or above the threshold."""
        counts = {"cases": len(self.table), "participants": int(self.table["participant_id"].nunique())}
        if "positive" in self.table:
            return {**counts, "events": int(self.positive.sum())}
        if "status" in self.table:
            return {
                **counts,
                "events": int((self.status == 1).sum()),
                "competing": int((self.status == 2).sum()),
            }
        return counts


def reference(outcome: Outcome, clinical: pd.DataFrame) -> pd.DataFrame:
    """The observed outcome of every case of `clinical`, with `participant_id, site, unit`; NaN where unknown."""
    observed = outcome.observe(clinical)
    identity = clinical[["participant_id", "site"]].assign(unit=WHOLE_CASE)
    return identity.join(observed)
