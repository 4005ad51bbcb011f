"""A small SIMULATED result, built in code: no patient stands behind it, and its estimates test no statistic."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from hepar.analyses.base import Findings, curve, row
from hepar.data.case import Case
from hepar.data.cohort import Cohort, Note
from hepar.data.dictionary import Field
from hepar.data.predictions import COLUMNS, Predictions, Test, Threshold
from hepar.stats.estimate import Estimate
from hepar.study.prepare import prepare_arm
from hepar.study.protocol import Study
from hepar.study.provenance import Provenance
from hepar.study.result import ArmResult, Prepared, Result

NAN = float("nan")
CASES = 60
TRICKY = 'Clinical <model> & "friends"'
FIELDS = {
    "age_y": Field(kind="number", unit="year", label="Age"),
    "sex": Field(kind="category", levels=("female", "male"), label="Sex"),
    "stage": Field(kind="ordinal", levels=(0.0, 1.0, 2.0), names={0.0: "F0", 1.0: "F1", 2.0: "F2"}),
    "seen": Field(kind="date"),
    "followed_y": Field(kind="number", unit="year"),
    "event": Field(kind="boolean"),
}
INDEX = {"label": TRICKY, "features": [{"kind": "clinical", "fields": ["age_y", "sex"]}], "model": "logistic"}


def study(**changes: Any) -> Study:
    """The protocol; `changes` replace its top keys."""
    arm = {
        "title": "Fibrosis <F2",
        "data": "simulated.yaml",
        "eligibility": [
            {"name": "Adult", "include": {"field": "age_y", "op": ">=", "value": 35}},
            {"name": "Known sex", "include": {"field": "sex", "op": "known"}},
        ],
        "outcome": {"kind": "binary", "label": "significant fibrosis", "field": "stage", "at_least": 1},
        "index_tests": {"model": INDEX, "second": {**INDEX, "label": "Second"}},
        "comparators": {"field": {"kind": "field", "field": "age_y", "label": "Age alone"}},
        "subgroups": ["sex"],
        "design": {"partition": {"kind": "k_fold", "folds": 3}},
    }
    document = {
        "name": "simulated-report",
        "title": "A <simulated> study",
        "question": "Does it print?",
        "simulated": True,
        "limits": ["Everything here is simulated."],
        "arms": {"main": arm},
    }
    return Study.model_validate({**document, **changes})


def study_of(outcome: dict[str, Any], *, model: str) -> Study:
    """The same protocol with another outcome and models that can learn it."""
    arm = study().arms["main"].model_dump(mode="json", by_alias=True)
    tests = {name: {**test, "model": model} for name, test in arm["index_tests"].items()}
    return study(arms={"main": {**arm, "outcome": outcome, "index_tests": tests}})


def cohort() -> Cohort:
    """Sixty simulated cases at four sites; some lack a stage or a sex."""
    rng = np.random.default_rng(20)
    cases = []
    for at in range(CASES):
        clinical = {
            "age_y": float(rng.integers(30, 70)),
            "sex": None if at % 20 == 0 else ("female" if at % 2 else "male"),
            "stage": None if at % 25 == 3 else float(rng.integers(0, 3)),
            "seen": "1999-12-31",
            "followed_y": float(rng.uniform(0.1, 9.0)),
            "event": bool(at % 3 == 0),
        }
        cases.append(Case(f"secret-case-{at}", f"secret-person-{at}", f"S{at % 4}", clinical))
    return Cohort(tuple(cases), FIELDS, notes=(Note("age_y", "converted from months", 3),))


def result(
    of: Study | None = None, *, rows: list[dict[str, Any]] | None = None, drawn: bool = True
) -> Result:
    """The whole result; `rows` replace the made-up estimates, and curves are left out unless `drawn`."""
    of = of or study()
    arm = of.arms["main"]
    prepared = prepare_arm("main", arm, cohort())
    predictions = _predictions(prepared)
    findings = Findings.of(rows if rows is not None else estimates(), curves() if drawn else ())
    models = pd.DataFrame(
        {"test": ["model"] * 2, "fold": ["part 1"] * 2, "term": ["age_y", "sex"], "value": [0.5, -1.0]}
    )
    return Result(of, {"main": ArmResult(prepared, predictions, findings, models)}, PROVENANCE)


def changed(given: Result, **changes: Any) -> Result:
    """`given` with another provenance."""
    return replace(given, provenance=replace(given.provenance, **changes))


def made_up(value: float, half: float = NAN, *, p: float = NAN, method: str = "made up") -> Estimate:
    """An estimate that nothing measured."""
    return Estimate(value, value - half, value + half, 50, method, p=p, events=20)


def nothing(n: int) -> Estimate:
    """An estimate that is not defined."""
    return Estimate(NAN, NAN, NAN, n, f"not defined: {n} cases are too few")


def estimates(*, chance: bool = True, difference: float = 0.2, p: float = 0.01) -> list[dict[str, Any]]:
    """Made-up estimates of the analyses that the report knows, and of one that it does not."""
    model: Mapping[str, Any] = {"test": "model", "role": "cross-validated"}
    versus = {**model, "versus": "field", "analysis": "comparison"}
    return [
        row(made_up(0.8234, 0.07), analysis="discrimination", quantity="auc", **model),
        row(made_up(0.6, 0.2), analysis="discrimination", quantity="auc", **{**model, "test": "second"}),
        row(made_up(difference, 0.1, p=p), quantity="auc difference", **versus),
        row(made_up(difference, p=p), quantity="auc difference, Holm", **versus),
        row(made_up(0.4, 0.1), analysis="calibration", quantity="slope", **model),
        row(
            made_up(12345.678, 0.5), analysis="never_heard_of", quantity="odd quantity", group="a=b", **model
        ),
        row(
            Estimate(NAN, NAN, NAN, 3, "not defined: too few"),
            analysis="sites",
            quantity="auc",
            group="site=S1",
            **model,
        ),
        row(made_up(0.7, 0.1), analysis="sites", quantity="auc", group="site=S2", **model),
        row(made_up(0.8, 0.1), analysis="sites", quantity="auc", group="site=S3", **model),
        row(made_up(0.75, 0.05), analysis="sites", quantity="auc, pooled", **model),
        row(made_up(float(chance)), analysis="chance", quantity="better than chance", **model),
        row(made_up(0.0), analysis="chance", quantity="better than chance", **{**model, "test": "second"}),
        row(
            made_up(31, method="count"),
            analysis="accuracy",
            quantity="tp",
            group="cut-off=high",
            threshold=0.5,
            **model,
        ),
    ]


def curves() -> list[pd.DataFrame]:
    """Curves of every kind that is drawn in a way of its own, of one point and of many, and an unknown one."""
    x = np.linspace(0, 1, 9)
    model: Mapping[str, Any] = {"test": "model", "role": "cross-validated"}
    one = np.array([0.5])
    return [
        curve("roc", x, np.sqrt(x), low=x, high=np.ones(9), analysis="discrimination", **model),
        curve("calibration", x, x, low=x - 0.1, high=x + 0.1, analysis="calibration", **model),
        curve("net benefit", x, 0.3 - x / 3, analysis="decision_curve", **model),
        curve("net benefit", x, 0 * x, analysis="decision_curve", **{**model, "test": "treat none"}),
        curve("score by grade", np.repeat([0.0, 1.0, 2.0], 3), x, analysis="staging", **model),
        curve("scatter", x, x**2, analysis="agreement", **model),
        curve("bland-altman", x, x - x**2, analysis="agreement", **model),
        curve("kaplan-meier", x * 5, 1 - x / 2, analysis="risk_groups", group="risk_group=0", **model),
        curve("cumulative incidence", one, one, analysis="risk_groups", group="risk_group=1", **model),
        curve("never heard of", one, one, analysis="never_heard_of", **model),
    ]


def _predictions(prepared: Prepared) -> Predictions:
    rng = np.random.default_rng(4)
    known = prepared.reference
    frames = []
    for test in ("model", "second", "field"):
        table = known.table.reset_index()[["case_id", "participant_id", "site", "unit"]]
        score = rng.normal(size=len(known))
        score[:4] = np.nan if test == "field" else score[:4]
        frames.append(
            table.assign(
                test=test,
                role="cross-validated",
                fold="part 1",
                score=score,
                probability=NAN,
                horizon_y=NAN,
                risk_group=NAN,
            )
        )
    tests = (
        Test("model", "index", TRICKY, (Threshold(0.5, "high", "protocol"),)),
        Test("second", "index", "Second"),
        Test("field", "comparator", "Age alone"),
    )
    return Predictions(
        pd.concat(frames, ignore_index=True)[list(COLUMNS)], known, tests, prepared.clinical[["sex"]]
    )


PROVENANCE = Provenance(
    hepar="0.0.0",
    commit="abcdef123456",
    python="3.11.0",
    machine="Simulated",
    packages={"numpy": "2.1.0"},
    protocol="f" * 64,
    manifests={"main": "e" * 64},
    seeds={"main": 0},
    started="2026-01-02T03:04:05+00:00",
)
