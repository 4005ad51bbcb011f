"""Explanations within a study: of held-out cases, the same however it is run, and kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import batch_study
import small_study
from hepar.core.errors import ProtocolError, RunError
from hepar.engine.store import NOTHING, Artefacts, Store
from hepar.models.base import Scores
from hepar.report.explanation import explanation_section
from hepar.study.explanation import explain, explanation_rows
from hepar.study.partition import Fold
from hepar.study.protocol import Explain, read_protocol
from hepar.study.result import ArmResult
from hepar.study.run import run

ASKED = {"cases": 12, "background": 7, "draws": 2}
TIMED = {
    "kind": "time_to_event", "label": "event", "time": "followed_y", "event": {"field": "how", "value": 1},
    "competing": {"field": "how", "value": 2}, "horizons_y": [3, 2],
}  # fmt: skip


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


@pytest.mark.parametrize("scale", ["score", "probability"])
def test_with_death_competing_the_values_explain_what_ranks_the_cases(scale: str, tmp_path: Path) -> None:
    """Not the hazard of the event alone: who dies first has no event, and the score knows."""
    data = small_study.table()
    data["how"] = np.where(data["disease"] == 1, 1, np.where(data["old"] > 0.3, 2, 0))
    fields = small_study.dictionary()
    fields["fields"]["how"] = {"column": "how", "kind": "ordinal", "levels": [0, 1, 2], "follow_up": True}
    document = small_study.protocol()
    arm = document["arms"]["main"] | {"comparators": {}, "analyses": ["prognosis"], "outcome": TIMED}
    arm["index_tests"]["model"] |= {"model": "cox", "thresholds": [], "explain": {**ASKED, "scale": scale}}
    document["arms"]["main"] = arm
    study, place = read_protocol(small_study.write_study(tmp_path, data=data, fields=fields, study=document))
    told = run(study, place).arms["main"]
    predicted = told.predictions.table
    first = predicted[predicted["horizon_y"] == 3].set_index("case_id")[scale]
    for case, rows in told.explanations.groupby("case_id"):
        assert rows["base"].iloc[0] + rows["shapley"].sum() == pytest.approx(first[case], abs=1e-9)


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


@pytest.fixture(scope="module")
def behind_steps(tmp_path_factory: pytest.TempPathFactory) -> ArmResult:
    """SIMULATED scanners shift every feature; harmonisation and selection stand before the model."""
    return explained_batches(tmp_path_factory.mktemp("steps"))


def explained_batches(folder: Path, *, tuned: bool = False, **changes: Any) -> ArmResult:
    model: Any = batch_study.piped(**changes)
    if tuned:
        model = {"kind": "tuned", "model": model, "grid": {"best.k": [2, 4]}, "folds": 2}
    document = batch_study.protocol(model)
    groups = {"scanner": "scanner", "images": "f", "person": ""}
    document["arms"]["main"]["index_tests"]["radiomics"] |= {"explain": {**ASKED, "groups": groups}}
    study, place = read_protocol(batch_study.write(folder, document))
    return run(study, place).arms["main"]


def test_behind_steps_the_features_that_the_model_sees_are_explained(behind_steps: ArmResult) -> None:
    """Mixtures of raw features break the pairing of scanner and feature, and made the scanner the main driver."""
    table = behind_steps.explanations
    chosen = behind_steps.steps.selected
    for fold, rows in table[table["level"] == "feature"].groupby("fold"):
        assert set(rows["feature"]) <= set(chosen.loc[chosen["fold"] == fold, "feature"])
        assert "scanner" not in set(rows["feature"])
    assert "scanner" not in set(table["feature"])
    assert set(table.loc[table["level"] == "group", "feature"]) == {"images", "person"}


@pytest.mark.parametrize("changes", [{}, {"tuned": True}, {"unseen": "pass", "k": 2}])
def test_behind_steps_the_values_of_a_case_sum_to_its_score_less_the_base(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    arm = explained_batches(tmp_path, **changes)
    predicted = arm.predictions.of("radiomics", role="cross-validated").set_index("case_id")["score"]
    for (_, case), rows in arm.explanations.groupby(["level", "case_id"]):
        assert rows["base"].iloc[0] + rows["shapley"].sum() == pytest.approx(predicted[str(case)], abs=1e-9)


def test_a_value_behind_steps_is_the_one_that_the_model_sees(behind_steps: ArmResult) -> None:
    raw, table = behind_steps.prepared.features["radiomics"], behind_steps.explanations
    rows = table[(table["level"] == "feature") & (table["feature"] == "f0")]
    age = table[(table["level"] == "feature") & (table["feature"] == "age_y")]
    assert not np.allclose(rows["value"].astype(float), raw.loc[rows["case_id"], "f0"])
    assert (age["value"] == raw.loc[age["case_id"], "age_y"].to_numpy()).all()


def test_the_report_says_that_the_model_behind_the_steps_is_explained(behind_steps: ArmResult) -> None:
    told = str(explanation_section("main", behind_steps).blocks[1])
    assert "behind the steps (varying, combat, best), on the features as they leave them" in told


def test_with_an_estimated_scanner_the_cases_are_harmonised_together(tmp_path: Path) -> None:
    document = batch_study.protocol(batch_study.piped(unseen="estimate", spare=[]))
    arm = document["arms"]["main"]
    arm["design"]["partition"] = {"kind": "leave_one_site_out"}
    arm["index_tests"] = {"radiomics": arm["index_tests"]["radiomics"] | {"explain": ASKED}}
    arm["index_tests"]["radiomics"]["features"] = [
        {"kind": "clinical", "fields": ["scanner", *(f"f{k}" for k in range(batch_study.FEATURES))]}
    ]
    path = batch_study.write(tmp_path, document)
    scanners = pd.read_csv(tmp_path / "table.csv", keep_default_na=False)
    known = scanners[~scanners["scanner"].isin(["", "Rare"])]
    known.assign(centre=known["scanner"]).to_csv(tmp_path / "table.csv", index=False)
    study, place = read_protocol(path)
    told = run(study, place).arms["main"]
    predicted = told.predictions.of("radiomics", role="cross-validated").set_index("case_id")["score"]
    for case, rows in told.explanations.groupby("case_id"):
        assert rows["base"].iloc[0] + rows["shapley"].sum() == pytest.approx(predicted[case], abs=1e-9)


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
