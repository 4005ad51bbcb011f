"""The predictions table: the one thing that analyses see.

One row for each test, case, unit and (for a time to event) horizon. A network, FIB-4, TNM stage and a radiologist
all end as rows of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ..core.errors import DataError, choices
from .outcome import Outcome
from .reference import Reference

COLUMNS = (
    "test",
    "case_id",
    "participant_id",
    "site",
    "unit",
    "role",
    "fold",
    "score",
    "probability",
    "horizon_y",
    "risk_group",
)
"""`score`: higher is more likely positive. `probability`: of the outcome, only where calibrated, else NaN.
`horizon_y`: NaN unless the outcome is a time to event. `risk_group`: 0 is the lowest; its limits come from training
data, NaN where none were fixed. A NaN score says that the test could not be had for that case."""

KEY = ["test", "case_id", "unit", "horizon_y"]

Role = Literal["cross-validated", "external"]
ROLES: tuple[Role, ...] = ("cross-validated", "external")
"""`cross-validated`: predicted by models that never saw the case; `external`: a site or period held out for good."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A pre-specified cut-off: from a publication or from the protocol, never from the test data."""

    value: float
    meaning: str
    source: str
    at_or_above: bool = True
    scale: Literal["score", "probability"] = "score"


@dataclass(frozen=True, slots=True)
class Test:
    """One test of the study: an index test, or a comparator that it is judged against."""

    __test__ = False  # it is no pytest class

    name: str
    role: Literal["index", "comparator"]
    label: str
    thresholds: tuple[Threshold, ...] = ()
    learnt: bool = True
    """Whether each part has a model of its own: not so for a rule or a measurement, the same in every part."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions of every test, beside the outcome that they are judged by.

    `groups` holds the subgroup fields of the protocol, by case.
    """

    table: pd.DataFrame
    reference: Reference
    tests: tuple[Test, ...]
    groups: pd.DataFrame

    def __post_init__(self) -> None:
        if tuple(self.table.columns) != COLUMNS:
            raise DataError(f"a predictions table has columns {COLUMNS}, not {tuple(self.table.columns)}")
        twice = self.table.duplicated(KEY)
        if twice.any():
            row = self.table[twice].iloc[0]
            raise DataError(
                f"test {row.test!r} predicts case {row.case_id}, unit {row.unit!r} twice at one horizon"
            )

    @property
    def outcome(self) -> Outcome:
        """The outcome of the study arm."""
        return self.reference.outcome

    def roles(self) -> tuple[Role, ...]:
        """Roles that occur, cross-validated first."""
        present = set(self.table["role"])
        return tuple(role for role in ROLES if role in present)

    def index_tests(self) -> tuple[Test, ...]:
        """The tests under study; the first is the primary one."""
        return tuple(test for test in self.tests if test.role == "index")

    def test(self, name: str) -> Test:
        """The test called `name`."""
        for test in self.tests:
            if test.name == name:
                return test
        raise DataError(f"no test is called {name!r}; {choices(name, [t.name for t in self.tests])}")

    def of(self, test: str, *, role: str, horizon_y: float | None = None) -> pd.DataFrame:
        """Rows of one test with a score, at one horizon, beside the outcome's columns, by case_id and unit."""
        rows = self.table[(self.table["test"] == test) & (self.table["role"] == role)]
        at = self._horizon(horizon_y)
        rows = rows[rows["horizon_y"].isna() if at is None else rows["horizon_y"] == at]
        return self._beside_outcome(rows[rows["score"].notna()])

    def paired(self, tests: Sequence[str], *, role: str, horizon_y: float | None = None) -> pd.DataFrame:
        """Cases that every one of `tests` scored: outcome columns, then `score_<test>`, `probability_<test>`."""
        frames = [self.of(name, role=role, horizon_y=horizon_y) for name in tests]
        both = frames[0].drop(columns=["score", "probability", "fold", "risk_group"])
        for name, frame in zip(tests, frames, strict=True):
            renamed = frame[["case_id", "unit", "score", "probability"]].rename(
                columns={"score": f"score_{name}", "probability": f"probability_{name}"}
            )
            both = both.merge(renamed, on=["case_id", "unit"], how="inner", validate="one_to_one")
        return both

    def subgroups(self) -> Iterator[tuple[str, str, pd.Index]]:
        """`(field, level, case_ids)` of every level of every subgroup field."""
        for field in self.groups.columns:
            for level, rows in self.groups.groupby(field, sort=True):
                yield field, str(level), rows.index

    def _horizon(self, horizon_y: float | None) -> float | None:
        horizons = self.reference.horizons_y
        return horizon_y if horizon_y is not None or not horizons else horizons[0]

    def _beside_outcome(self, rows: pd.DataFrame) -> pd.DataFrame:
        truth = self.reference.table.reset_index()[["case_id", "unit", *self.outcome.columns]]
        joined = rows.drop(columns=["test", "role", "horizon_y"]).merge(
            truth, on=["case_id", "unit"], how="inner", validate="one_to_one"
        )
        return joined.sort_values(["case_id", "unit"], kind="stable", ignore_index=True)
