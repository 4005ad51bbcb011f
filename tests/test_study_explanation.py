"""Explanations within a study: of held-out cases, the same however it is run, and kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import small_study
from hepar.core.errors import ProtocolError, RunError
from hepar.engine.store import NOTHING, Artefacts, Store
from hepar.models.base import Scores
from hepar.study.explanation import explain, explanation_rows
from hepar.study.partition import Fold
from hepar.study.protocol import Explain, read_protocol
from hepar.study.result import ArmResult
from hepar.study.run import run

ASKED = {"cases": 12, "background": 7, "draws": 2}


def arm_of(
    folder: Path, asked: dict[str, Any] | None = None, *, jobs: int = 1, store: Artefacts = NOTHING
) -> ArmResult:
    document = small_study.protocol()
    arm = document["arms"]["main"]
    arm["analyses"] = ["discrimination"]
    arm["index_tests"]["model"] |= {"explain": asked or ASKED}
    study, place = read_protocol(small_study.write_study(folder, study=document))
    return run(study, place, jobs=jobs, store=store).arms["main"]


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> ArmResult:
    return arm_of(tmp_path_factory.mktemp("explained"))


def test_nothing_is_explained_unless_asked_for(tmp_path: Path) -> None:
    study, place = read_protocol(small_study.write_study(tmp_path))
    assert run(study, place).arms["main"].explanations.empty


def test_each_part_explains_as_many_held_out_cases_as_asked(arm: ArmResult) -> None:
    table = arm.explanations
    held = {fold.name: set(arm.prepared.reference.table.index[fold.held_out]) for fold in arm.prepared.folds}
    assert set(table["fold"]) == set(held)
    for name, rows in table.groupby("fold"):
        assert rows["case_id"].nunique() == 12
        assert set(rows["case_id"]) <= held[str(name)]
    assert set(table["feature"]) == {"age_y", "sex", "marker"}
    assert set(table["level"]) == {"feature"}
    assert table.notna().all(axis=None)


def test_the_values_of_a_case_sum_to_its_score_less_the_base(arm: ArmResult) -> None:
    predicted = arm.predictions.of("model", role="cross-validated").set_index("case_id")["score"]
    for case, rows in arm.explanations.groupby("case_id"):
        told = rows["base"].iloc[0] + rows["shapley"].sum()
        assert told == pytest.approx(predicted[case], abs=1e-9)


def test_a_value_is_the_case_s_own(arm: ArmResult) -> None:
    rows = arm.explanations[arm.explanations["feature"] == "sex"].set_index("case_id")["value"]
    assert (rows == arm.prepared.clinical.loc[rows.index, "sex"]).all()


def test_store_and_workers_change_nothing(arm: ArmResult, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for jobs, kept in ((1, store), (1, store), (2, NOTHING)):
        assert arm_of(tmp_path, jobs=jobs, store=kept).explanations.equals(arm.explanations)


def test_other_settings_are_not_answered_from_the_store(arm: ArmResult, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    arm_of(tmp_path, store=store)
    fewer = arm_of(tmp_path, {**ASKED, "cases": 3}, store=store).explanations
    assert fewer.groupby("fold")["case_id"].nunique().unique().tolist() == [3]


def test_the_protocol_s_fingerprint_sees_the_settings(tmp_path: Path) -> None:
    prints = set()
    for asked in (None, {"cases": 3}, {"cases": 4}):
        document = small_study.protocol()
        document["arms"]["main"]["index_tests"]["model"]["explain"] = asked
        prints.add(read_protocol(small_study.write_study(tmp_path, study=document))[0].fingerprint)
    assert len(prints) == 3


def test_groups_are_explained_beside_features_and_sum_to_the_same(tmp_path: Path) -> None:
    table = arm_of(tmp_path, {**ASKED, "groups": {"person": "", "serum": "mark"}}).explanations
    sums = table.groupby(["level", "case_id"])["shapley"].sum().unstack("level")
    assert set(table.loc[table["level"] == "group", "feature"]) == {"person", "serum"}
    assert np.allclose(sums["group"], sums["feature"])


def test_a_part_whose_model_says_the_same_of_everyone_keeps_its_cases() -> None:
    class Constant:
        def predict(self, features: pd.DataFrame) -> Scores:
            return Scores(np.full(len(features), 0.4))

        def describe(self) -> dict[str, float]:
            return {}

    features = pd.DataFrame({"a": np.arange(9.0), "b": np.arange(9.0)}, index=[f"C{k}" for k in range(9)])
    fold = Fold("part 1", "cross-validated", np.arange(5), np.arange(5, 9))
    table = explanation_rows(
        "model", fold, explain(Constant(), features, fold=fold, settings=Explain(), seed=0)
    )
    assert table["case_id"].tolist() == ["C5", "C6", "C7", "C8"]
    assert (table["shapley"] == 0).all()
    assert (table["base"] == 0.4).all()


def test_probabilities_may_be_explained(tmp_path: Path) -> None:
    arm = arm_of(tmp_path, {**ASKED, "scale": "probability"})
    predicted = arm.predictions.of("model", role="cross-validated").set_index("case_id")["probability"]
    for case, rows in arm.explanations.groupby("case_id"):
        assert rows["base"].iloc[0] + rows["shapley"].sum() == pytest.approx(predicted[case], abs=1e-9)


def test_a_prefix_that_fits_no_feature_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"index test 'model'.*no feature starts with 'liver_'"):
        arm_of(tmp_path, {**ASKED, "groups": {"radiomics": "liver_", "rest": ""}})


def test_a_feature_of_no_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"feature 'age_y' starts with none of the prefixes \['mark'\]"):
        arm_of(tmp_path, {**ASKED, "groups": {"serum": "mark"}})


def test_a_model_without_probabilities_says_so(tmp_path: Path) -> None:
    document = small_study.protocol()
    arm = document["arms"]["main"]
    arm |= {
        "outcome": {"kind": "continuous", "label": "old", "field": "old", "unit": "1"},
        "comparators": {},
        "subgroups": [],
    }
    arm["index_tests"]["model"] |= {"model": "ridge", "thresholds": [], "explain": {"scale": "probability"}}
    study, place = read_protocol(small_study.write_study(tmp_path, study=document))
    with pytest.raises(RunError, match=r"explain\.scale is probability, but the model gives none"):
        run(study, place)


@pytest.mark.parametrize(
    "wrong", [{"cases": 0}, {"background": 1}, {"draws": 1}, {"scale": "odds"}, {"depth": 2}]
)
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Explain.model_validate(wrong)
