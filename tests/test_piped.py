"""A model with steps before it: everything is learnt inside the fold. SIMULATED data."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold

from hepar.core.errors import ProtocolError, RunError
from hepar.data.outcome import Binary
from hepar.data.reference import Reference
from hepar.models.base import Model
from hepar.stats.discrimination import auc
from hepar.stats.estimate import Estimate

SELECTION = {
    "kind": "piped",
    "steps": ["varying", "uncorrelated", {"kind": "best", "k": 10}],
    "model": "logistic",
}


def noise(n: int = 60, features: int = 2000, *, seed: int = 0) -> tuple[pd.DataFrame, Reference]:
    """SIMULATED: nothing but noise, and an outcome that knows nothing of it."""
    values = np.random.default_rng(seed).normal(size=(n, features))
    index = pd.Index([f"C{number}" for number in range(n)], name="case_id")
    table = pd.DataFrame(values, index=index, columns=[f"f{number}" for number in range(features)])
    return table, known((np.arange(n) % 2).astype(float), index)


def known(positive: np.ndarray, index: pd.Index) -> Reference:
    identity = {"participant_id": index, "site": "S", "unit": "case", "positive": positive}
    return Reference(Binary(label="x", field="x", at_least=1), pd.DataFrame(identity, index=index))


def signal(n: int = 120) -> tuple[pd.DataFrame, Reference]:
    """SIMULATED: three of forty features go with the outcome, two scanners shift them all, age goes with it too."""
    table, cases = noise(n, 40, seed=1)
    rng = np.random.default_rng(2)
    scanner = rng.integers(0, 2, n)
    table = table + 2 * scanner[:, None]
    table[["f0", "f1", "f2"]] += 0.9 * cases.positive[:, None]
    names = np.array(["A", "B"], dtype=object)
    return table.assign(age_y=50 + 5 * cases.positive + rng.normal(0, 8, n), scanner=names[scanner]), cases


def cross_validated(model: Model, table: pd.DataFrame, cases: Reference) -> Estimate:
    score = np.zeros(len(cases))
    for train, held in StratifiedKFold(5, shuffle=True, random_state=0).split(table, cases.positive):
        fitted = model.fit(table.iloc[train], cases.take(train), seed=0)
        score[held] = fitted.predict(table.iloc[held]).score
    return auc(cases.positive, score)


def test_selection_inside_the_fold_finds_nothing_in_noise_where_selection_outside_does() -> None:
    """Ambroise & McLachlan (2002): the bias that comes from choosing features before dividing the cases.

    Sixty cases, 2,000 features, twenty times over: the interval is that of the mean over independent data sets, because
    within one the folds share their training cases.
    """
    model = Model.parse({**SELECTION, "steps": [{"kind": "best", "k": 10}]})
    inside, outside = [], []
    for seed in range(20):
        table, cases = noise(seed=seed)
        inside.append(cross_validated(model, table, cases).value)
        chosen = model.fit(table, cases, seed=0).describe()
        leaked = table[[name for name in chosen if name in table]]
        outside.append(cross_validated(Model.parse("logistic"), leaked, cases).value)
    half = 1.96 * np.std(inside, ddof=1) / len(inside) ** 0.5
    assert np.mean(inside) - half < 0.5 < np.mean(inside) + half
    assert half < 0.07
    assert min(outside) > 0.8


def test_what_goes_with_the_outcome_is_found_inside_the_fold() -> None:
    table, cases = signal()
    piped = Model.parse(
        {
            "kind": "piped",
            "steps": [{"kind": "combat", "batch": "scanner"}, {"kind": "best", "k": 3}],
            "model": "logistic",
            "spare": ["age_y"],
        }
    )
    assert cross_validated(piped, table, cases).low > 0.6


def test_it_says_what_each_step_did_and_what_the_model_learnt() -> None:
    table, cases = signal()
    steps = ["varying", {"kind": "best", "k": 20}, {"kind": "best", "k": 3}]
    told = (
        Model.parse({"kind": "piped", "steps": steps, "model": "logistic"})
        .fit(table, cases, seed=0)
        .describe()
    )
    assert told["varying: features judged"] == 41
    assert told["best 1: features kept"] == 20
    assert told["best 2: features kept"] == 3
    assert len([name for name in told if name in table]) == 3


def test_held_out_rows_change_nothing_that_is_learnt() -> None:
    table, cases = signal()
    train = np.arange(90)
    other = table.assign(
        **{f"f{number}": np.where(np.arange(120) < 90, table[f"f{number}"], 1e6) for number in range(40)}
    )
    piped = Model.parse({**SELECTION, "steps": [{"kind": "combat", "batch": "scanner"}, *SELECTION["steps"]]})
    one, two = (piped.fit(t.iloc[train], cases.take(train), seed=0) for t in (table, other))
    assert one.describe() == two.describe()


def test_it_accepts_and_needs_what_its_model_does() -> None:
    steps = ["varying"]
    cox = Model.parse({"kind": "piped", "steps": steps, "model": "cox"})
    assert cox.accepts == frozenset({"time_to_event"})
    assert cox.packages == ("lifelines",)
    assert Model.parse({"kind": "piped", "steps": steps, "model": "logistic"}).accepts == {"binary", "graded"}
    assert "continuous" in Model.member("piped").accepts


def test_its_fingerprint_changes_with_a_step() -> None:
    one = Model.parse(SELECTION)
    assert one.fingerprint == Model.parse(one.model_dump()).fingerprint
    fewer = {**SELECTION, "steps": [*SELECTION["steps"][:2], {"kind": "best", "k": 9}]}
    assert one.fingerprint != Model.parse(fewer).fingerprint


class TestTuning:
    table, cases = signal(60)

    def test_around_it_chooses_parameters_of_steps_and_model_in_inner_folds(self) -> None:
        tuned = Model.parse(
            {"kind": "tuned", "model": SELECTION, "grid": {"best.k": [2, 5], "c": [0.1, 1.0]}, "folds": 3}
        )
        told = tuned.fit(self.table, self.cases, seed=0).describe()
        assert told["chosen best.k"] in (2, 5)
        assert told["best: features kept"] == told["chosen best.k"]
        assert told["chosen c"] in (0.1, 1.0)

    def test_inside_it_sees_the_features_chosen(self) -> None:
        tuned = {"kind": "tuned", "model": "logistic", "grid": {"c": [0.1, 1.0]}, "folds": 3}
        told = Model.parse({**SELECTION, "model": tuned}).fit(self.table, self.cases, seed=0).describe()
        assert told["chosen c"] in (0.1, 1.0)
        assert told["best: features kept"] == 10

    def test_names_of_the_grid_are_checked_before_any_fit(self) -> None:
        with pytest.raises(ProtocolError, match=r"grid.best.K: did you mean 'best.k'"):
            Model.parse({"kind": "tuned", "model": SELECTION, "grid": {"best.K": [2]}})
        with pytest.raises(ProtocolError, match="greater than or equal to 1"):
            Model.parse({"kind": "tuned", "model": SELECTION, "grid": {"best.k": [0]}})

    def test_a_varied_model_is_the_same_but_for_what_varies(self) -> None:
        same: Any = Model.parse(SELECTION)
        varied = same.varied({"best.k": 3.0, "c": 0.2})
        assert (varied.steps[2].k, varied.model.c) == (3, 0.2)
        assert varied.steps[:2] == same.steps[:2]


def test_repeats_never_reach_a_model() -> None:
    table, cases = signal()
    rng = np.random.default_rng(3)
    noisy = table.assign(
        **{f"f{n}@1": table[f"f{n}"] + rng.normal(0, 0.1 if n < 20 else 3, 120) for n in range(40)}
    )
    steps = ["stable", {"kind": "combat", "batch": "scanner"}, {"kind": "best", "k": 3}]
    told = (
        Model.parse({"kind": "piped", "steps": steps, "model": "logistic"})
        .fit(noisy, cases, seed=0)
        .describe()
    )
    assert told["stable: features kept"] == 20
    with pytest.raises(RunError, match="40 features are perturbed repeats"):
        Model.parse(SELECTION).fit(noisy, cases, seed=0)


def test_steps_that_leave_nothing_are_refused_by_name() -> None:
    table, cases = noise(60, 3)
    flat = table * 0
    with pytest.raises(RunError, match="step 'varying' keeps no feature of 60 training cases"):
        Model.parse({"kind": "piped", "steps": ["varying"], "model": "logistic"}).fit(flat, cases, seed=0)


def test_a_spared_feature_that_is_not_there_is_refused() -> None:
    table, cases = noise(60, 3)
    with pytest.raises(ProtocolError, match="spare: no feature is called 'g0'; Allowed: f0, f1, f2"):
        Model.parse({**SELECTION, "spare": ["g0"]}).fit(table, cases, seed=0)


def test_spared_features_pass_every_step() -> None:
    table, cases = signal()
    told = Model.parse({**SELECTION, "spare": ["age_y", "f3*"]}).fit(table, cases, seed=0).describe()
    assert {"age_y", "f3", "f30", "f39"} <= set(told)
    assert told["best: features kept"] == 10


def test_without_steps_it_is_refused() -> None:
    with pytest.raises(ProtocolError, match="steps"):
        Model.parse({"kind": "piped", "steps": [], "model": "logistic"})
