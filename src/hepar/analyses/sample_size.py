"""Whether the study is large enough to develop the model that it develops."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.estimate import Estimate, StatisticError
from ..stats.planning import SampleSize, r2_of_c_statistic, sample_size_binary, sample_size_survival
from .base import Analysis, Findings, row
from .units import NAN, undefined


class SampleSizes(Analysis):
    """Fewest participants to develop a model (Riley et al. 2019), beside what the study has.

    `parameters` counts candidate predictor parameters (a category of four levels counts three) and `c_statistic` is
    the anticipated C: both are declared in the protocol, before the data. `prevalence` is the anticipated share with
    the outcome (for a time to event, during follow-up); without it that of the development data is taken, and the
    method says so. For a time to event R2 is that of a binary outcome of this share, an approximation, and rate and
    mean follow-up (years) are those of the data. Development cases are the cross-validated ones, or all.
    """

    kind: Literal["sample_size"] = "sample_size"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    parameters: int = Field(ge=1)
    c_statistic: float = Field(gt=0.5, lt=1)
    prevalence: float | None = Field(default=None, gt=0, lt=1)

    def run(self, predictions: Predictions) -> Findings:
        """Rows `minimum n` (and by criterion), `minimum events`, `available ...`, `enough participants`."""
        self.judged(predictions)
        people = _participants(predictions)
        n, events = len(people), int(people["event"].sum())
        available = {
            "available n": _count(n, n, events),
            "available events": _count(events, n, events),
            "available events per parameter": Estimate(
                events / self.parameters, NAN, NAN, n, f"{self.parameters} parameters declared", events=events
            ),
        }
        try:
            size, timed = self._size(people, predictions), bool(predictions.reference.horizons_y)
            needed = self._needed(size, n=n, events=events, timed=timed)
        except StatisticError as error:
            needed = dict.fromkeys(("minimum n", "enough participants"), undefined(str(error), n=n))
        place = {
            "analysis": self.kind,
            "role": predictions.roles()[0],
            "test": predictions.index_tests()[0].name,
        }
        return Findings.of(row(e, quantity=name, **place) for name, e in {**needed, **available}.items())

    def _size(self, people: pd.DataFrame, predictions: Predictions) -> SampleSize:
        share = self.prevalence or float(people["event"].mean())
        if not predictions.reference.horizons_y:
            return sample_size_binary(
                parameters=self.parameters, prevalence=share, c_statistic=self.c_statistic
            )
        follow_up_y = float(people["time_y"].mean())
        return sample_size_survival(
            parameters=self.parameters,
            r2_cs=r2_of_c_statistic(self.c_statistic, prevalence=share),
            rate=share / follow_up_y,
            horizon_y=predictions.reference.horizons_y[0],
            mean_follow_up_y=follow_up_y,
        )

    def _needed(self, size: SampleSize, *, n: int, events: int, timed: bool) -> Mapping[str, Estimate]:
        origin = "declared" if self.prevalence else "of these data"
        method = (
            f"Riley et al. 2019: {self.parameters} parameters, anticipated C {self.c_statistic:g}, R2 {size.r2:.3f}"
            f"{' as of a binary outcome' if timed else ''}, prevalence {origin}"
        )

        def estimate(value: float) -> Estimate:
            return Estimate(value, NAN, NAN, n, method, events=events)

        return {
            "minimum n": estimate(size.n),
            **{f"minimum n, {name}": estimate(count) for name, count in size.criteria},
            "minimum events": estimate(size.events),
            "minimum events per parameter": estimate(size.events_per_parameter),
            "enough participants": estimate(float(n >= size.n)),
        }


def _participants(predictions: Predictions) -> pd.DataFrame:
    """One row a participant of the development data: `event` (any unit), `time_y` where followed."""
    truth, table = predictions.reference.table, predictions.table
    developed = table.loc[table["role"] == "cross-validated", "case_id"]
    rows: Any = truth[truth.index.isin(developed)] if len(developed) else truth
    event = rows["status"] == 1 if "status" in rows else rows["positive"] > 0.5
    columns = {"event": event.astype(float)} | ({"time_y": rows["time_y"]} if "time_y" in rows else {})
    people: pd.DataFrame = pd.DataFrame(columns).groupby(rows["participant_id"]).max()
    return people


def _count(value: int, n: int, events: int) -> Estimate:
    return Estimate(float(value), NAN, NAN, n, "count", events=events)
