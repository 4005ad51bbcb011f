"""What the index test adds to the probabilities of another test: a secondary view, never the primary one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.estimate import Estimate
from ..stats.reclassification import idi, nri
from .base import Analysis, Findings, row
from .pairing import Pairs, pairs_of
from .units import Statistic, numbers, on_units, positives

Probability = Annotated[float, Field(gt=0, lt=1)]


class Reclassification(Analysis):
    """Integrated discrimination (IDI) and net reclassification improvement (NRI) of one test's probability.

    `pairs` lists `(new, old)`; empty, the primary index test is new and every other test with a probability old.
    NRI is category-free, or by the risk categories between `cutoffs`; its components run from -1 to 1, positive when
    better. Both reward miscalibrated models (Hilden and Gerds 2014): `method` calls them secondary. Where participants
    have several units, intervals come from `draws` bootstrap samples of participants.
    """

    kind: Literal["reclassification"] = "reclassification"
    accepts: ClassVar = frozenset({"binary", "graded"})
    pairs: Pairs = ()
    cutoffs: tuple[Probability, ...] = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `idi`, `nri`, `nri, events`, `nri, nonevents`, with the old test in `versus`."""
        roles = dict.fromkeys(role for role, _ in self.judged(predictions))
        return Findings.of(
            found
            for role in roles
            for pair in pairs_of(predictions, self.pairs)
            for found in self._rows(predictions.paired(pair, role=role), pair, role)
        )

    def _rows(self, cases: pd.DataFrame, pair: tuple[str, str], role: str) -> Iterator[dict[str, Any]]:
        new, old = pair
        known = cases[cases[f"probability_{new}"].notna() & cases[f"probability_{old}"].notna()]
        if known.empty and not self.pairs:
            return  # a test without probability
        columns = (
            positives(known),
            numbers(known, f"probability_{old}"),
            numbers(known, f"probability_{new}"),
        )
        for quantity, statistic in self._statistics().items():
            found = on_units(statistic, *columns, rows=known, draws=self.draws, seed=self.seed, null=0.0)
            labelled = replace(
                found, method=found.method if found.value != found.value else f"secondary: {found.method}"
            )
            yield row(labelled, analysis=self.kind, quantity=quantity, test=new, versus=old, role=role)

    def _statistics(self) -> dict[str, Statistic]:
        def part(name: str) -> Statistic:
            def statistic(positive: np.ndarray, *probability: np.ndarray) -> Estimate:
                found: Estimate = getattr(nri(positive, *probability, cutoffs=self.cutoffs or None), name)
                return found

            return statistic

        return {
            "idi": idi,
            "nri": part("total"),
            "nri, events": part("events"),
            "nri, nonevents": part("nonevents"),
        }
