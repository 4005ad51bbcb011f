"""What every model promises, on SIMULATED cases."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from hepar.core.errors import ProtocolError, RunError
from hepar.data.cohort import Cohort
from hepar.data.eligibility import Condition
from hepar.data.outcome import Binary, Continuous, Graded, Outcome, TimeToEvent
from hepar.data.reference import Reference, reference
from hepar.models.base import Model
from hepar.models.encoding import learn_encoding
from hepar.stats.concordance import harrell_c
from hepar.stats.discrimination import auc
from hepar.stats.incidence import aalen_johansen
from hepar.stats.survival import kaplan_meier, value_at

OUTCOMES: dict[str, Outcome] = {
    "binary": Binary(label="F>=2", field="stage", at_least=2),
    "graded": Graded(label="stage", field="stage", grades=(0, 1, 2, 3, 4), threshold=2),
    "continuous": Continuous(label="stiffness", field="kpa", unit="kPa"),
    "time_to_event": TimeToEvent(
        label="event",
        time="time_y",
        event=Condition(field="status", value=1),
        competing=Condition(field="status", value=2),
        horizons_y=(2.0, 4.0),
    ),
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "boosting": {"trees": 20, "min_leaf": 10},
    "cox": {},
    "fine_gray": {},
    "logistic": {},
    "piped": {"steps": ["varying", {"kind": "best", "k": 3}], "model": "logistic"},
    "ridge": {"log": True},
    "tuned": {"model": "logistic", "grid": {"c": [0.1, 1.0]}, "folds": 2},
}
ELSEWHERE = frozenset({"rf_net", "bmode_net", "as_is"})
"""Networks read no table of numbers (`test_models_network`), and `as_is` learns nothing (`test_as_is`)."""
PAIRS = [
    (kind, outcome)
    for kind in Model.places()
    for outcome in sorted(Model.member(kind).accepts)
    if not (kind in ("piped", "tuned") and outcome not in ("binary", "graded")) and kind not in ELSEWHERE
]
FEATURES = ["marker", "ast_u_l", "sex", "noise"]


def known(cohort: Cohort, outcome: Outcome) -> tuple[pd.DataFrame, Reference]:
    table = reference(outcome, cohort.clinical())
    table = table[table[list(outcome.columns)].notna().all(axis=1)]
    return cohort.clinical().loc[table.index, FEATURES], Reference(outcome, table)


@pytest.mark.parametrize(("kind", "outcome"), PAIRS)
class TestEveryModel:
    def test_learns_and_says_what_it_learnt(self, kind: str, outcome: str, cohort: Cohort) -> None:
        features, cases = known(cohort, OUTCOMES[outcome])
        model = Model.parse({"kind": kind, **EXAMPLES[kind]})
        before = features.copy()
        fitted = model.fit(features, cases, seed=0)
        scores = fitted.predict(features)
        pd.testing.assert_frame_equal(features, before)
        assert scores.score.shape == (len(cases),)
        assert np.isfinite(scores.score).all()
        assert fitted.describe()
        for probability in scores.probability.values():
            assert ((probability >= 0) & (probability <= 1)).all()
        if outcome in ("binary", "graded"):
            assert auc(cases.positive, scores.score).low > 0.5
            assert list(scores.probability) == [None]
        elif outcome == "time_to_event":
            assert harrell_c(cases.time_y, cases.status == 1, scores.score).low > 0.5
            early, late = (scores.probability[t] for t in cases.horizons_y)
            assert early.mean() < late.mean()
        else:
            assert np.corrcoef(np.log(cases.table["value"]), scores.score)[0, 1] > 0.3

    def test_the_same_seed_gives_the_same_scores(self, kind: str, outcome: str, cohort: Cohort) -> None:
        features, cases = known(cohort, OUTCOMES[outcome])
        model = Model.parse({"kind": kind, **EXAMPLES[kind]})
        one, two = (model.fit(features, cases, seed=5).predict(features).score for _ in range(2))
        assert np.array_equal(one, two)

    def test_a_row_is_scored_alone_as_in_company(self, kind: str, outcome: str, cohort: Cohort) -> None:
        features, cases = known(cohort, OUTCOMES[outcome])
        fitted = Model.parse({"kind": kind, **EXAMPLES[kind]}).fit(features, cases, seed=0)
        alone = fitted.predict(features.iloc[[7]]).score[0]
        assert alone == pytest.approx(fitted.predict(features).score[7], rel=1e-9)


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) | ELSEWHERE == set(Model.places())


def test_logistic_equals_scikit_learn_on_the_same_design(cohort: Cohort) -> None:
    _, cases = known(cohort, OUTCOMES["binary"])
    features = cohort.clinical().loc[cases.table.index, ["ast_u_l", "noise"]]
    ours = Model.parse({"kind": "logistic", "c": 0.5}).fit(features, cases, seed=0).predict(features)
    design = StandardScaler().fit_transform(features)
    theirs = LogisticRegression(C=0.5).fit(design, cases.positive).predict_proba(design)[:, 1]
    assert ours.probability[None] == pytest.approx(theirs, abs=1e-4)


def test_one_class_in_training_is_refused(cohort: Cohort) -> None:
    features, cases = known(cohort, OUTCOMES["binary"])
    inside = np.flatnonzero(cases.positive)
    for kind in ("logistic", "boosting"):
        with pytest.raises(RunError, match=r"training cases are positive; a model needs both classes"):
            Model.parse(kind).fit(features.iloc[inside], cases.take(inside), seed=0)


def test_no_event_in_training_is_refused(cohort: Cohort) -> None:
    features, cases = known(cohort, OUTCOMES["time_to_event"])
    inside = np.flatnonzero(cases.status != 1)
    for kind in ("cox", "fine_gray"):
        with pytest.raises(RunError, match="training cases had the event"):
            Model.parse(kind).fit(features.iloc[inside], cases.take(inside), seed=0)


def test_a_feature_missing_in_all_training_cases_is_refused(cohort: Cohort) -> None:
    features, cases = known(cohort, OUTCOMES["binary"])
    with pytest.raises(RunError, match="feature 'marker' is missing in all"):
        Model.parse("logistic").fit(features.assign(marker=np.nan), cases, seed=0)


def test_encoding_learns_from_training_rows_alone() -> None:
    train = pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan], "s": ["a", "a", "b", None]})
    encode = learn_encoding(train)
    unseen = pd.DataFrame({"x": [np.nan, 1000.0], "s": ["never seen", "b"]})
    assert encode(unseen)["x"].tolist() == pytest.approx([0.0, 998.0 / np.std([1, 2, 3, 2])])
    assert list(encode(unseen)) == ["x", "s=b"]
    assert encode(unseen)["s=b"].tolist() == [0.0, 1.0]


def test_the_first_level_by_name_is_the_reference_whichever_is_commonest() -> None:
    for levels in (["a", "a", "b"], ["a", "b", "b"]):
        assert list(learn_encoding(pd.DataFrame({"s": levels}))(pd.DataFrame({"s": ["a"]}))) == ["s=b"]
    commonest_b = learn_encoding(pd.DataFrame({"s": ["a", "b", "b"]}))
    assert commonest_b(pd.DataFrame({"s": [None, "never seen"]}, dtype=object))["s=b"].tolist() == [1.0, 1.0]


def test_a_constant_feature_is_encoded_as_nothing() -> None:
    design = learn_encoding(pd.DataFrame({"x": [2.0, 2.0]}))(pd.DataFrame({"x": [2.0, 2.0]}))
    assert design["x"].tolist() == [0.0, 0.0]


def test_tuning_prefers_what_predicts_in_inner_folds(cohort: Cohort) -> None:
    features, cases = known(cohort, OUTCOMES["time_to_event"])
    tuned = Model.parse({"kind": "tuned", "model": "cox", "grid": {"penalty": [1000.0, 0.01]}, "folds": 3})
    assert tuned.fit(features, cases, seed=0).describe()["chosen penalty"] in (1000.0, 0.01)


def test_a_grid_over_an_unknown_parameter_names_those_there_are() -> None:
    with pytest.raises(ProtocolError, match=r"grid.C: .*Allowed: c, kind, l1_ratio"):
        Model.parse({"kind": "tuned", "model": "logistic", "grid": {"C": [1]}})


def test_a_grid_value_out_of_range_is_refused_before_any_fit() -> None:
    with pytest.raises(ProtocolError, match="greater than 0"):
        Model.parse({"kind": "tuned", "model": "logistic", "grid": {"c": [-1]}})


def test_cox_without_a_competing_event_is_the_model_of_lifelines(cohort: Cohort) -> None:
    lifelines = pytest.importorskip("lifelines")
    alone = TimeToEvent(label="x", time="time_y", event=Condition(field="status", value=1), horizons_y=(2.0,))
    _, cases = known(cohort, alone)
    features = cohort.clinical().loc[cases.table.index, ["ast_u_l", "noise"]]
    fitted = Model.parse({"kind": "cox", "penalty": 0.0}).fit(features, cases, seed=0)
    table = features.apply(lambda x: (x - x.mean()) / x.std(ddof=0)).assign(
        t=cases.time_y, e=cases.status == 1
    )
    theirs = lifelines.CoxPHFitter().fit(table, "t", "e")
    assert fitted.describe()["ast_u_l"] == pytest.approx(theirs.params_["ast_u_l"], rel=1e-6)
    scores = fitted.predict(features)
    assert scores.score == pytest.approx(
        theirs.predict_log_partial_hazard(table).to_numpy(), rel=1e-6, abs=1e-9
    )
    survival = theirs.predict_survival_function(table, times=[2.0]).to_numpy()[0]
    assert scores.probability[2.0] == pytest.approx(1 - survival, rel=1e-6)


def test_cox_with_a_competing_event_gives_absolute_risks(cohort: Cohort) -> None:
    """With a penalty that leaves nothing of the features, the risk is the Aalen-Johansen estimate for everyone."""
    features, cases = known(cohort, OUTCOMES["time_to_event"])
    fitted = Model.parse({"kind": "cox", "penalty": 1e5}).fit(features, cases, seed=0)
    risk = fitted.predict(features).probability
    curve = aalen_johansen(cases.time_y, cases.status)
    for horizon_y in cases.horizons_y:
        assert risk[horizon_y] == pytest.approx(value_at(curve, horizon_y).value, abs=0.005)
        assert (
            risk[horizon_y] < 1 - value_at(kaplan_meier(cases.time_y, cases.status == 1), horizon_y).value
        ).all()


def test_the_risks_of_cox_add_up_the_hazards_time_by_time(cohort: Cohort) -> None:
    features, cases = known(cohort, OUTCOMES["time_to_event"])
    fitted: Any = Model.parse({"kind": "cox", "penalty": 0.1}).fit(features, cases, seed=0)
    design = fitted.encoding(features.iloc[[3]])[list(fitted.columns)]
    h1 = fitted.event.baseline_hazard_.iloc[:, 0] * np.exp(
        fitted.event.predict_log_partial_hazard(design).iloc[0]
    )
    h2 = fitted.competing.baseline_hazard_.iloc[:, 0] * np.exp(
        fitted.competing.predict_log_partial_hazard(design).iloc[0]
    )
    risk, total = 0.0, 0.0
    for time in sorted(set(h1.index) | set(h2.index)):
        if time > 2.0:
            break
        risk += np.exp(-total) * h1.get(time, 0.0)
        total += h1.get(time, 0.0) + h2.get(time, 0.0)
    assert fitted.predict(features).probability[2.0][3] == pytest.approx(risk, rel=1e-9)
