"""Whether a test works at every site: each site's own estimate, and the average and spread over sites."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.estimate import Estimate, StatisticError
from ..stats.pooling import Pooled, pool_random_effects
from .base import Analysis, Findings, row
from .units import NAN, discrimination_on, undefined

Row = dict[str, Any]


class Sites(Analysis):
    """AUC, or Harrell's C of a time to event, at each site; pooled over sites by random effects on the logit scale.

    A site with fewer than `fewest` cases of either class (events, and cases without) has no value of its own, and
    the row says so. Pooling is by REML with the Hartung-Knapp adjustment, with a 95 % prediction interval for a new
    site; I2 (0 to 1) is the between-site share of the variance, tau2 the variance on the logit scale. A site that
    separates the classes perfectly has no standard error and is left out of the pool, counted as such.
    """

    kind: Literal["sites"] = "sites"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    fewest: int = Field(default=5, ge=2)
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc` or `harrell c` by site, `..., pooled`, `..., prediction interval`, `i2`, `tau2` and counts."""
        return Findings.of(
            found
            for role, test in self.judged(predictions)
            for found in self._rows(
                predictions.of(test.name, role=role),
                {"analysis": self.kind, "test": test.name, "role": role},
                quantity=quantity_of(predictions),
            )
        )

    def _rows(self, cases: pd.DataFrame, place: Mapping[str, Any], *, quantity: str) -> Iterator[Row]:
        of_site = {}
        for site, part in cases.groupby("site", sort=True):
            of_site[site] = discrimination_or_reason(
                part, fewest=self.fewest, draws=self.draws, seed=self.seed
            )
            yield row(of_site[site], quantity=quantity, group=f"site={site}", **place)
        yield from _pooled_rows(list(of_site.values()), len(cases), place, quantity=quantity)


def quantity_of(predictions: Predictions) -> str:
    """The measure of discrimination that fits the outcome."""
    return "harrell c" if predictions.outcome.kind == "time_to_event" else "auc"


def discrimination_or_reason(cases: pd.DataFrame, *, fewest: int, draws: int, seed: int) -> Estimate:
    """Discrimination on `cases`; NaN with the reason where either class is too small."""
    happened = (cases["status"] == 1 if "status" in cases else cases["positive"] > 0.5).to_numpy()
    events = int(happened.sum())
    if min(events, len(cases) - events) < fewest:
        why = (
            f"{events} with the event and {len(cases) - events} without; at least {fewest} of each are needed"
        )
        return replace(undefined(why, n=len(cases)), events=events)
    return discrimination_on(cases, draws=draws, seed=seed)


def pooled(estimates: list[Estimate]) -> Pooled | str:
    """Pooled on the logit scale over those that can be, or why not."""
    known = poolable(estimates)
    if len(known) < 2:
        return f"{len(known)} of {len(estimates)} have an estimate with a standard error; 2 are needed"
    try:
        values, ses = np.array([(e.value, e.se) for e in known]).T
        return pool_random_effects(values, ses, scale="logit")
    except StatisticError as error:
        return str(error)


def poolable(estimates: list[Estimate]) -> list[Estimate]:
    """Those strictly within 0 and 1 that have a standard error."""
    return [e for e in estimates if 0 < e.value < 1 and e.se > 0]


def _pooled_rows(
    estimates: list[Estimate], n: int, place: Mapping[str, Any], *, quantity: str
) -> Iterator[Row]:
    used = len(poolable(estimates))
    found = pooled(estimates)
    events = sum(e.events for e in estimates)
    if isinstance(found, str):
        named = dict.fromkeys(
            (f"{quantity}, pooled", f"{quantity}, prediction interval", "i2", "tau2"), undefined(found, n=n)
        )
    else:
        named = _summary(found, n=n, events=events, quantity=quantity)
    counts = {"sites pooled": used, "sites left out": len(estimates) - used}
    named |= {name: Estimate(float(count), NAN, NAN, n, "count") for name, count in counts.items()}
    for name, estimate in named.items():
        yield row(estimate, quantity=name, **place)


def _summary(found: Pooled, *, n: int, events: int, quantity: str) -> dict[str, Estimate]:
    middle = replace(found.estimate, n=n, events=events)
    low, high = found.prediction_low, found.prediction_high
    where = f"prediction interval for a new site, {found.estimate.method}"
    tested = "share of variance between sites; p of Cochran's Q"
    return {
        f"{quantity}, pooled": middle,
        f"{quantity}, prediction interval": Estimate(middle.value, low, high, n, where, events=events),
        "i2": Estimate(found.i2, NAN, NAN, n, tested, p=found.q_p),
        "tau2": Estimate(found.tau2, NAN, NAN, n, "variance between sites on the logit scale"),
    }
