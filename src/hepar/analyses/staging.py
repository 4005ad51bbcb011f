"""How well each test orders the stages of a graded reference standard."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.outcome import Graded
from ..data.predictions import Predictions
from ..stats.agreement import spearman
from ..stats.estimate import Estimate
from ..stats.ordinal import obuchowski, obuchowski_difference, obuchowski_of_chance
from .base import Analysis, Findings, curve, row
from .pairing import Pairs, holm_rows, pairs_of
from .units import NAN, Statistic, auc_on, numbers, on_units

POINTS_A_GRADE = 100
"""Cases drawn in each grade: all where there are no more, else as many, evenly by rank."""


class Staging(Analysis):
    """Obuchowski measure (0 to 1, linear penalty) of every test and its paired difference against other tests.

    Beside it the AUC of every dichotomy of the grades, the rank correlation of score and grade, and the score by
    grade, as median and quartiles in the score's own unit. `pairs` as in `comparison`. The measure weighs the
    stages as these cases have them, so studies with other spectra compare only by the AUCs, and `method` states its
    value for a useless score, which is not 0.5. Where participants have
    several units, intervals are clustered, or come from `draws` bootstrap samples of participants.
    """

    kind: Literal["staging"] = "staging"
    accepts: ClassVar = frozenset({"graded"})
    pairs: Pairs = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `obuchowski` (and difference), `spearman`, `auc` and `median score` by grade; `score by grade`."""
        rows: list[dict[str, Any]] = []
        curves: list[pd.DataFrame] = []
        for role, test in self.judged(predictions):
            cases = predictions.of(test.name, role=role)
            place = {"analysis": self.kind, "test": test.name, "role": role}
            rows += self._rows(cases, predictions, place)
            curves += [_by_grade(part, grade, place) for grade, part in cases.groupby("grade", sort=True)]
        for role in predictions.roles():
            rows += self._differences(predictions, role)
        return Findings.of(rows, curves)

    def _rows(
        self, cases: pd.DataFrame, predictions: Predictions, place: dict[str, str]
    ) -> Iterator[dict[str, Any]]:
        outcome = _graded(predictions)
        grade, score = numbers(cases, "grade"), numbers(cases, "score")
        measure = self._on(partial(obuchowski, grades=outcome.grades), grade, score, rows=cases)
        yield row(_beside_chance(measure, grade, outcome), quantity="obuchowski", **place)
        yield row(self._on(spearman, grade, score, rows=cases, null=0.0), quantity="spearman", **place)
        for cut in outcome.grades[1:]:
            group = f"grade>={outcome.name_of(cut)}"
            yield row(auc_on(cases, positive=grade >= cut), quantity="auc", group=group, **place)
        for at in outcome.grades:
            group = f"grade={outcome.name_of(at)}"
            yield row(_quartiles(score[grade == at]), quantity="median score", group=group, **place)

    def _differences(self, predictions: Predictions, role: str) -> list[dict[str, Any]]:
        pairs, grades = pairs_of(predictions, self.pairs), _graded(predictions).grades
        found = []
        for a, b in pairs:
            cases = predictions.paired((a, b), role=role)
            columns = (numbers(cases, name) for name in ("grade", f"score_{a}", f"score_{b}"))
            estimate = self._on(partial(obuchowski_difference, grades=grades), *columns, rows=cases, null=0.0)
            found.append((a, b, estimate))
        more = {"analysis": self.kind, "quantity": "obuchowski difference", "role": role}
        alone = [row(estimate, test=a, versus=b, **more) for a, b, estimate in found]
        return [*alone, *holm_rows(found, **more)]

    def _on(
        self, statistic: Statistic, *columns: np.ndarray, rows: pd.DataFrame, null: float | None = None
    ) -> Estimate:
        return on_units(statistic, *columns, rows=rows, draws=self.draws, seed=self.seed, null=null)


def _graded(predictions: Predictions) -> Graded:
    outcome = predictions.outcome
    assert isinstance(outcome, Graded)  # `judged` refused every other
    return outcome


def _beside_chance(measure: Estimate, grade: np.ndarray, outcome: Graded) -> Estimate:
    """`method` states what a useless score has with these stages: more than one half."""
    if measure.value != measure.value:
        return measure
    chance = obuchowski_of_chance(grade, grades=outcome.grades)
    return replace(measure, method=f"{measure.method}; a useless score has {chance:.3f}")


def _quartiles(score: np.ndarray) -> Estimate:
    if not score.size:
        return Estimate(NAN, NAN, NAN, 0, "not defined: no case has this grade")
    low, middle, high = (float(q) for q in np.quantile(score, [0.25, 0.5, 0.75]))
    return Estimate(middle, low, high, score.size, "median and quartiles (no confidence interval)")


def _by_grade(cases: pd.DataFrame, grade: Any, place: dict[str, str]) -> pd.DataFrame:
    """Scores of the cases of one grade; `low` and `high` are the quartiles."""
    score = np.sort(numbers(cases, "score"))
    middle = _quartiles(score)
    picked = np.linspace(0, score.size - 1, min(score.size, POINTS_A_GRADE)).round().astype(int)
    x = np.full(picked.size, float(grade))
    more: dict[str, Any] = {"low": middle.low, "high": middle.high, "n": score.size, **place}
    return curve("score by grade", x, score[picked], **more)
