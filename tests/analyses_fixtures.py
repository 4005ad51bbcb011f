"""SIMULATED predictions for the tests of the analyses; nothing here is a patient."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from hepar.data.eligibility import Condition
from hepar.data.outcome import Binary, Continuous, Graded, Outcome, TimeToEvent
from hepar.data.predictions import COLUMNS, Predictions, Test, Threshold
from hepar.data.reference import Reference

HORIZONS_Y = (2.0, 4.0)
OUTCOMES: dict[str, Outcome] = {
    "binary": Binary(label="SIMULATED disease", field="stage", at_least=2),
    "graded": Graded(
        label="SIMULATED stage",
        field="stage",
        grades=(0, 1, 2, 3),
        names=("F0", "F1", "F2", "F3"),
        threshold=2,
    ),
    "continuous": Continuous(label="SIMULATED stiffness", field="kpa", unit="kPa"),
    "time_to_event": TimeToEvent(
        label="SIMULATED event",
        time="time_y",
        event=Condition(field="status", value=1.0),
        competing=Condition(field="status", value=2.0),
        horizons_y=HORIZONS_Y,
    ),
}
TESTS = (
    Test(
        "model",
        "index",
        "SIMULATED model",
        (Threshold(0.5, "treat", "protocol", scale="probability"), Threshold(0.0, "rule in", "protocol")),
    ),
    Test("noise", "index", "SIMULATED noise"),
    Test(
        "serum",
        "comparator",
        "SIMULATED serum score",
        (
            Threshold(1.0, "rule out", "Nobody 2000"),
            Threshold(2.5, "rule in", "Nobody 2000", at_or_above=False),
        ),
    ),
)


@cache
def simulated(
    kind: str, *, n: int = 240, units: int = 1, seed: int = 0, competing: bool = True
) -> Predictions:
    """SIMULATED cases at four sites, the last 60 external; `model` is good, `serum` fair, `noise` nothing.
    The others are cross-validated in two folds, both with cases of every site.

    `serum` misses every ninth case and has no probability. With `units` > 1 participants have that many rows each.
    """
    rng = np.random.default_rng(seed)
    case = np.array([f"C{i:04}" for i in range(n)])
    participant = np.array([f"P{i // units:04}" for i in range(n)])
    site = np.array([f"S{(i // units) % 4}" for i in range(n)])
    stage = rng.integers(0, 4, n).astype(float)
    truth = _truth(kind, stage, rng, competing=competing)
    identity = pd.DataFrame({"participant_id": participant, "site": site, "unit": "patient"})
    table = pd.concat([identity, truth], axis=1)
    table.index = pd.Index(case, name="case_id", dtype=object)
    groups = pd.DataFrame({"sex": np.where(rng.random(n) < 0.4, "female", "male")}, index=table.index)
    latent = _latent(kind, stage, truth)
    scores = {
        "model": latent + rng.normal(0, 1.2, n),
        "noise": rng.normal(0, 1, n),
        "serum": np.where(np.arange(n) % 9 == 0, np.nan, latent + 1.5 + rng.normal(0, 2, n)),
    }
    horizons = HORIZONS_Y if kind == "time_to_event" else (float("nan"),)
    rows = [_rows(table, name, score, horizon) for name, score in scores.items() for horizon in horizons]
    predictions = pd.concat(rows, ignore_index=True)
    external = predictions["case_id"].isin(case[-60:])
    predictions["role"] = np.where(external, "external", "cross-validated")
    fold = predictions["participant_id"].str[1:].astype(int) // 4 % 2
    predictions["fold"] = np.where(external, "external", np.where(fold == 0, "fold 1", "fold 2"))
    return Predictions(predictions[list(COLUMNS)], Reference(OUTCOMES[kind], table), TESTS, groups)


def shuffled(predictions: Predictions, *, seed: int = 5) -> Predictions:
    """The same predictions and reference with their rows in another order."""
    truth = predictions.reference.table.sample(frac=1, random_state=seed)
    table = predictions.table.sample(frac=1, random_state=seed + 1).reset_index(drop=True)
    reference = Reference(predictions.outcome, truth)
    return replace(predictions, table=table, reference=reference)


def at_one_site(predictions: Predictions, *, positive: float) -> Predictions:
    """The same with every case of site S3 negative or positive, so that its AUC is undefined."""
    truth = predictions.reference.table
    changed = truth.assign(positive=truth["positive"].where(truth["site"] != "S3", positive))
    return replace(predictions, reference=Reference(predictions.outcome, changed))


def found(rows: pd.DataFrame, **where: object) -> pd.Series:
    """The one row in which every column of `where` has its value."""
    keep = np.ones(len(rows), dtype=bool)
    for column, value in where.items():
        keep &= (rows[column] == value).to_numpy()
    assert keep.sum() == 1, f"{keep.sum()} rows have {where}"
    return rows[keep].iloc[0]


def _truth(kind: str, stage: np.ndarray, rng: np.random.Generator, *, competing: bool) -> pd.DataFrame:
    if kind == "binary":
        return pd.DataFrame({"positive": (stage >= 2).astype(float)})
    if kind == "graded":
        return pd.DataFrame({"grade": stage, "positive": (stage >= 2).astype(float)})
    if kind == "continuous":
        return pd.DataFrame({"value": 5 + 3 * stage + rng.normal(0, 1, stage.size)})
    event = rng.exponential(12 / (1 + stage))
    death = rng.exponential(25, stage.size) if competing else np.full(stage.size, np.inf)
    end = rng.uniform(3, 9, stage.size)
    time = np.minimum(np.minimum(event, death), end)
    status = np.where(time == event, 1.0, np.where(time == death, 2.0, 0.0))
    return pd.DataFrame({"time_y": time, "status": status})


def _latent(kind: str, stage: np.ndarray, truth: pd.DataFrame) -> np.ndarray:
    return truth["value"].to_numpy() if kind == "continuous" else stage - 1.5


def _rows(table: pd.DataFrame, name: str, score: np.ndarray, horizon_y: float) -> pd.DataFrame:
    scale = 1.0 if np.isnan(horizon_y) else horizon_y / 4
    chance = 1 - (1 - 1 / (1 + np.exp(-score))) ** scale
    group = np.digitize(score, [-1.0, 1.0]).astype(float)
    return (
        table[["participant_id", "site", "unit"]]
        .reset_index()
        .assign(
            test=name,
            score=score,
            horizon_y=horizon_y,
            probability=np.nan if name == "serum" else chance,
            risk_group=np.nan if name == "serum" else group,
        )
    )


def by_hand(predictions: Predictions, role: str, *tests: str, horizon_y: float | None = None) -> pd.DataFrame:
    """Cases of `role` that all `tests` scored, joined one by one: outcome, `score <test>`, `probability <test>`."""
    table = predictions.table[predictions.table["role"] == role]
    if horizon_y is not None:
        table = table[table["horizon_y"] == horizon_y]
    of_case = dict(table.set_index(["case_id", "test"]).iterrows())
    rows: list[dict[str, Any]] = []
    for case, truth in predictions.reference.table.sort_index().iterrows():
        mine = {name: of_case[case, name] for name in tests if (case, name) in of_case}
        if len(mine) == len(tests) and all(one["score"] == one["score"] for one in mine.values()):
            row: dict[str, Any] = {**{str(k): v for k, v in truth.items()}, "case_id": case}
            for name, one in mine.items():
                row |= {f"{what} {name}": one[what] for what in ("score", "probability", "risk_group")}
            rows.append(row)
    return pd.DataFrame(rows)
