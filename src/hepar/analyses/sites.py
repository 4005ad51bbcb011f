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

FEWEST_POOLED = 3
"""Sites without which a between-site variance says nothing, and so no average is given."""

FEWEST_PREDICTED = 5
"""Sites without which an interval for a new site is too uncertain to be shown."""

Row = dict[str, Any]


class Sites(Analysis):
    """AUC, or Harrell's C of a time to event, at each site; pooled over sites by random effects on the logit scale.

    A site with fewer than `fewest` cases of either class (events, and cases without) has no value of its own, and
    the row says so. Three sites or more are pooled, by REML with the Hartung-Knapp adjustment, and five or more give
    a 95 % prediction interval for a new site; I2 (0 to 1) is the between-site share of the variance, tau2 the
    variance on the logit scale. A site that separates the classes perfectly has no standard error and is left out of
    the pool, counted as such. Pooled rows count the cases and events of the sites pooled. C takes the scores of the
    first horizon.
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
        yield from _pooled_rows(list(of_site.values()), size_of(cases), place, quantity=quantity)


def quantity_of(predictions: Predictions) -> str:
    """The measure of discrimination that fits the outcome."""
    return "harrell c" if predictions.outcome.kind == "time_to_event" else "auc"


def discrimination_or_reason(cases: pd.DataFrame, *, fewest: int, draws: int, seed: int) -> Estimate:
    """Discrimination on `cases`; NaN with the reason where either class is too small."""
    n, events = size_of(cases)
    if min(events, n - events) < fewest:
        why = f"{events} with the event and {n - events} without; at least {fewest} of each are needed"
        return replace(undefined(why, n=n), events=events)
    return discrimination_on(cases, draws=draws, seed=seed)


def size_of(cases: pd.DataFrame) -> tuple[int, int]:
    """Number of cases, and of those with the event."""
    happened = cases["status"] == 1 if "status" in cases else cases["positive"] > 0.5
    return len(cases), int(happened.sum())


def pooled(estimates: list[Estimate], *, fewest: int, what: str) -> Pooled | str:
    """Pooled on the logit scale over those that can be, or why not; `what` they are, e.g. sites."""
    known = poolable(estimates)
    if len(known) < fewest:
        return (
            f"{len(known)} of {len(estimates)} {what} have an estimate strictly between 0 and 1 with a standard "
            f"error; at least {fewest} are needed"
        )
    try:
        values, ses = np.array([(e.value, e.se) for e in known]).T
        found = pool_random_effects(values, ses, scale="logit")
    except StatisticError as error:
        return str(error)
    n, events = sum(e.n for e in known), sum(e.events for e in known)
    return replace(found, estimate=replace(found.estimate, n=n, events=events))


def poolable(estimates: list[Estimate]) -> list[Estimate]:
    """Those strictly within 0 and 1 that have a standard error."""
    return [e for e in estimates if 0 < e.value < 1 and e.se > 0]


def _pooled_rows(
    estimates: list[Estimate], size: tuple[int, int], place: Mapping[str, Any], *, quantity: str
) -> Iterator[Row]:
    found = pooled(estimates, fewest=FEWEST_POOLED, what="sites")
    if isinstance(found, str):
        nothing = replace(undefined(found, n=size[0]), events=size[1])
        named = dict.fromkeys(
            (f"{quantity}, pooled", f"{quantity}, prediction interval", "i2", "tau2"), nothing
        )
        used = 0, 0, 0
    else:
        named = _summary(found, quantity=quantity)
        used = len(found.weights), found.estimate.n, found.estimate.events
    everything = len(estimates), *size
    named |= {
        "sites pooled": _count(*used),
        "sites left out": _count(*(a - b for a, b in zip(everything, used, strict=True))),
    }
    for name, estimate in named.items():
        yield row(estimate, quantity=name, **place)


def _count(sites: int, n: int, events: int) -> Estimate:
    return Estimate(float(sites), NAN, NAN, n, "count", events=events)


def _summary(found: Pooled, *, quantity: str) -> dict[str, Estimate]:
    middle = found.estimate
    n, events = middle.n, middle.events
    tested = "share of variance between sites; p of Cochran's Q"
    spread = "variance between sites on the logit scale"
    return {
        f"{quantity}, pooled": middle,
        f"{quantity}, prediction interval": _prediction(found),
        "i2": Estimate(found.i2, NAN, NAN, n, tested, p=found.q_p, events=events),
        "tau2": Estimate(found.tau2, NAN, NAN, n, spread, events=events),
    }


def _prediction(found: Pooled) -> Estimate:
    middle, sites = found.estimate, len(found.weights)
    if sites < FEWEST_PREDICTED:
        why = f"{sites} sites are pooled; a prediction interval needs at least {FEWEST_PREDICTED}"
        return replace(undefined(why, n=middle.n), events=middle.events)
    method = f"prediction interval for a new site, {middle.method}"
    ends = found.prediction_low, found.prediction_high
    return Estimate(middle.value, *ends, middle.n, method, events=middle.events)
