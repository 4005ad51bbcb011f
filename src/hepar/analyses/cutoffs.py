"""How well each test tells classes made of a continuous reference at cut-offs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from ..core.errors import ProtocolError
from ..data.predictions import Predictions
from ..stats.estimate import Estimate
from .base import Analysis, Findings, row
from .differences import Compared, Cutoffs, at_cutoff, compared, group_of
from .folds import OVER, auc_difference_within_folds, auc_within_folds, in_folds, over_folds, with_folds
from .pairing import Pairs, holm_adjusted, pairs_of
from .units import auc_on

Row = dict[str, Any]


class AtCutoffs(Analysis):
    """AUC of every test for a reference of at least each cut-off (in the outcome's unit), and paired differences.

    `cutoffs` names classes, e.g. `{F2: 7.9, F4: 11.7}`, and `sources` says of each where it comes from. `pairs` lists
    `(test, versus)`; empty, the primary index test is held against every other test. The family of Holm's adjustment
    is all pairs at all cut-offs of one role. Where participants have several units variances are clustered
    (Obuchowski), and `draws` bootstrap samples of participants give the intervals within folds. The classes are made
    of the reference itself: where it is a measurement such as stiffness, no test can be shown to be better than it.
    """

    kind: Literal["cutoffs"] = "cutoffs"
    accepts: ClassVar = frozenset({"continuous"})
    cutoffs: Cutoffs = Field(min_length=1)
    sources: dict[str, str]
    pairs: Pairs = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _every_cutoff_has_a_source(self) -> Self:
        if set(self.sources) != set(self.cutoffs) or not all(text.strip() for text in self.sources.values()):
            raise ProtocolError(
                f"cutoffs.sources names {sorted(self.sources)}, cutoffs {sorted(self.cutoffs)}; say of each cut-off"
                " where it comes from, e.g. sources: {F2: Chon 2012}"
            )
        return self

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc`, `auc difference`, `, Holm`, `, within folds`, `, over training sets`, `auc, paired cases`."""
        rows: list[Row] = []
        for role, test in self.judged(predictions):
            rows += self._alone(predictions.of(test.name, role=role), test=test.name, role=role)
        for role in predictions.roles():
            rows += self._differences(predictions, role)
        return Findings.of(rows)

    def _alone(self, cases: pd.DataFrame, *, test: str, role: str) -> Iterator[Row]:
        for name, cut in self.cutoffs.items():
            classed = at_cutoff(cases, cut)
            place = {"test": test, "role": role, "group": group_of(name), "threshold": cut}
            yield self._row(self._told(auc_on(classed), name), quantity="auc", **place)
            if in_folds(classed, role=role):
                within = auc_within_folds(classed, draws=self.draws, seed=self.seed)
                yield self._row(within, quantity="auc, within folds", **place)

    def _differences(self, predictions: Predictions, role: str) -> Iterator[Row]:
        pairs = pairs_of(predictions, self.pairs)
        every = list(compared(predictions, pairs, role=role, cutoffs=self.cutoffs))
        found = [one.difference(draws=self.draws, seed=self.seed) for one in every]
        for one, estimate, adjusted in zip(
            every, found, holm_adjusted(found, what="comparisons"), strict=True
        ):
            place = {"role": role, **one.place}
            yield self._row(estimate, quantity=one.quantity, **place)
            yield self._row(adjusted, quantity=f"{one.quantity}, Holm", **place)
            yield from self._within(predictions, one, estimate, **place)
            for test, versus in ((one.test, one.versus), (one.versus, one.test)):
                alone = auc_on(one.cases, column=f"score_{test}")
                mine = {**place, "test": test, "versus": versus}
                yield self._row(alone, quantity="auc, paired cases", **mine)

    def _within(
        self, predictions: Predictions, one: Compared, estimate: Estimate, **place: Any
    ) -> Iterator[Row]:
        cases = with_folds(one.cases, predictions, tests=(one.test, one.versus), role=place["role"])
        if in_folds(cases, role=place["role"]):
            columns = {"first": f"score_{one.test}", "second": f"score_{one.versus}"}
            within = auc_difference_within_folds(cases, **columns, draws=self.draws, seed=self.seed)
            yield self._row(within, quantity=f"{one.quantity}, within folds", **place)
            yield self._row(over_folds(estimate, cases), quantity=f"{one.quantity}{OVER}", **place)

    def _told(self, estimate: Estimate, name: str) -> Estimate:
        if estimate.value != estimate.value:
            return estimate
        return replace(estimate, method=f"{estimate.method}; {name} from {self.sources[name]}")

    def _row(self, estimate: Estimate, **place: Any) -> Row:
        return row(estimate, analysis=self.kind, **place)
