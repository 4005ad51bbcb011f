"""A SIMULATED study run end to end: from a table to estimates."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import small_study
from hepar.core.errors import ProtocolError
from hepar.engine.store import NOTHING, Store
from hepar.models.base import Model
from hepar.study.extract import extract
from hepar.study.lock import Lock, make_lock, read_lock, write_lock
from hepar.study.predict import predict
from hepar.study.prepare import prepare
from hepar.study.protocol import Study, bundled, read_protocol
from hepar.study.result import Result
from hepar.study.run import provenance_of, run

EXPECTED_TESTS = {"model", "old"}


@pytest.fixture(scope="module")
def study_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_study.write_study(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def plain(study_path: Path) -> Result:
    return run(*read_protocol(study_path))


def test_every_case_is_predicted_by_every_test_or_excluded_once(plain: Result) -> None:
    arm = plain.arms["main"]
    excluded = sum(len(step.excluded) for step in arm.prepared.cohort.flow)
    counts = arm.predictions.table.groupby("test").case_id.nunique()
    assert set(counts.index) == EXPECTED_TESTS
    assert (counts + excluded == 120).all()


@pytest.mark.parametrize("how", ["no store", "cold store", "warm store", "two workers"])
def test_the_store_and_the_jobs_change_nothing(
    how: str, study_path: Path, plain: Result, tmp_path: Path
) -> None:
    store = NOTHING if how in ("no store", "two workers") else Store(tmp_path)
    if how == "warm store":
        run(*read_protocol(study_path), store=store)
    other = run(*read_protocol(study_path), store=store, jobs=2 if how == "two workers" else 1)
    pd.testing.assert_frame_equal(other.predictions, plain.predictions, check_exact=True)
    pd.testing.assert_frame_equal(other.estimates, plain.estimates, check_exact=True)
    pd.testing.assert_frame_equal(other.curves, plain.curves, check_exact=True)


def test_the_order_of_the_rows_of_the_table_does_not_change_the_outcome_of_a_case(
    study_path: Path, tmp_path: Path
) -> None:
    shuffled = small_study.table().sample(frac=1, random_state=1)
    one = prepare(*read_protocol(study_path))[0].reference.table
    other = prepare(*read_protocol(small_study.write_study(tmp_path, data=shuffled)))[0].reference.table
    pd.testing.assert_frame_equal(one.sort_index(), other.sort_index())


def test_what_is_predicted_never_saw_its_own_outcome(study_path: Path, tmp_path: Path) -> None:
    """Turning over the outcome of one held-out site changes no score of that site."""
    data = small_study.table()
    here = data["centre"] == "S0"
    turned = data.assign(disease=np.where(here, 1 - data["disease"], data["disease"]))
    leave_out = small_study.protocol()
    leave_out["arms"]["main"]["design"]["partition"] = "leave_one_site_out"
    scores = []
    for name, table in (("one", data), ("other", turned)):
        study, folder = read_protocol(small_study.write_study(tmp_path / name, data=table, study=leave_out))
        found = run(study, folder).predictions
        scores.append(
            found[(found["site"] == "S0") & (found["test"] == "model")].set_index("case_id")["score"]
        )
    pd.testing.assert_series_equal(scores[0], scores[1], check_exact=True)


def test_a_shuffled_outcome_is_not_learnt(tmp_path: Path) -> None:
    data = small_study.table(400)
    data["disease"] = np.random.default_rng(4).permutation(data["disease"])
    study, folder = read_protocol(small_study.write_study(tmp_path, data=data))
    rows = run(study, folder).estimates.query("quantity == 'auc' and test == 'model' and group == ''")
    assert (rows["low"] < 0.5).all()


def test_a_run_that_was_killed_goes_on_from_the_folds_it_finished(
    study_path: Path, tmp_path: Path, plain: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hepar.study import fold_task

    done: list[str] = []
    fit = fold_task._fit_and_predict

    def killed(task: fold_task.Task) -> object:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(task.fold.name)
        return fit(task)

    monkeypatch.setattr(fold_task, "_fit_and_predict", killed)
    with pytest.raises(KeyboardInterrupt):
        run(*read_protocol(study_path), store=Store(tmp_path))
    resumed: list[str] = []

    def counted(task: fold_task.Task) -> object:
        resumed.append(task.fold.name)
        return fit(task)

    monkeypatch.setattr(fold_task, "_fit_and_predict", counted)
    again = run(*read_protocol(study_path), store=Store(tmp_path))
    assert len(resumed) == 2
    assert not set(done) & set(resumed)
    pd.testing.assert_frame_equal(again.predictions, plain.predictions, check_exact=True)


def test_a_changed_protocol_has_another_fingerprint(study_path: Path) -> None:
    study, _ = read_protocol(study_path)
    document = small_study.protocol()
    document["arms"]["main"]["design"]["seed"] = 4
    assert Study.model_validate(document).fingerprint != study.fingerprint
    assert Study.model_validate(small_study.protocol()).fingerprint == study.fingerprint


@pytest.mark.parametrize("name", bundled())
def test_every_bundled_protocol_survives_a_round_trip(name: str) -> None:
    study, _ = read_protocol(name)
    assert Study.model_validate(study.model_dump(by_alias=True)) == study
    assert (
        Study.model_validate(json.loads(study.model_dump_json(by_alias=True))).fingerprint
        == study.fingerprint
    )


@pytest.mark.parametrize("name", bundled())
def test_every_bundled_protocol_checks(name: str) -> None:
    for part in prepare(*read_protocol(name)):
        assert len(part.reference) > 40


class TestLock:
    def made(self, study_path: Path) -> Lock:
        study, folder = read_protocol(study_path)
        return make_lock(study, provenance_of(study, prepare(study, folder), folder))

    def test_a_run_of_what_was_locked_has_no_deviation(self, study_path: Path) -> None:
        result = run(*read_protocol(study_path), lock=self.made(study_path))
        assert result.provenance.deviations == ()
        assert result.provenance.lock.startswith("locked 20")

    def test_a_changed_protocol_value_or_version_is_a_deviation(
        self, study_path: Path, tmp_path: Path
    ) -> None:
        locked = self.made(study_path)
        data, document = small_study.table(), small_study.protocol()
        data["marker"] += np.where(data.index == 3, 0.001, 0.0)
        document["arms"]["main"]["design"]["risk_groups"] = 2
        other = small_study.write_study(tmp_path, data=data, study=document)
        result = run(*read_protocol(other), lock=locked.model_copy(update={"hepar": "0.0.1"}))
        told = " ".join(result.provenance.deviations)
        assert all(
            what in told
            for what in (
                "protocol, arms.main.design.risk_groups is 2; it was locked as 3",
                "data of arm 'main' is",
                "software version is",
            )
        )

    def test_a_lock_is_written_once_and_read_back(self, study_path: Path, tmp_path: Path) -> None:
        locked = self.made(study_path)
        path = write_lock(locked, tmp_path / "study.lock.json")
        assert read_lock(path) == locked
        with pytest.raises(ProtocolError, match="a lock is made once"):
            write_lock(locked, path)

    def test_what_is_no_lock_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text("{}")
        with pytest.raises(ProtocolError, match="is not a lock: study: is required"):
            read_lock(tmp_path / "x.json")


def test_subgroups_are_named_as_the_dictionary_names_them(tmp_path: Path) -> None:
    document = small_study.protocol()
    document["arms"]["main"]["subgroups"] = ["sex", "smoker"]
    fields = small_study.dictionary()
    fields["fields"]["smoker"] = {"column": "smoker", "kind": "boolean", "label": "Smoker"}
    data = small_study.table().assign(smoker=[int(k % 3 == 0) for k in range(120)])
    result = run(*read_protocol(small_study.write_study(tmp_path, data=data, fields=fields, study=document)))
    groups = set(result.estimates["group"])
    assert {"sex=female", "sex=male", "Smoker=yes", "Smoker=no"} <= groups


def test_analyses_can_be_added_to_the_standard_ones(tmp_path: Path, plain: Result) -> None:
    document = small_study.protocol()
    document["arms"]["main"]["also"] = [{"kind": "sample_size", "parameters": 4, "c_statistic": 0.8}]
    result = run(*read_protocol(small_study.write_study(tmp_path, study=document)))
    assert set(result.estimates["analysis"]) == {*plain.estimates["analysis"], "sample_size"}


class TestLeaks:
    """A test may not read the outcome under another name, nor what is known only later."""

    def refused(self, folder: Path, fields: Mapping[str, object], feature: str, message: str) -> None:
        document, dictionary = small_study.protocol(), small_study.dictionary()
        dictionary["fields"] |= fields
        document["arms"]["main"]["index_tests"]["model"]["features"] = [
            {"kind": "clinical", "fields": [feature]}
        ]
        with pytest.raises(ProtocolError, match=message):
            prepare(*read_protocol(small_study.write_study(folder, fields=dictionary, study=document)))

    def test_the_column_of_the_outcome_under_another_name(self, tmp_path: Path) -> None:
        again = {"sickness": {"column": "disease", "kind": "number"}}
        self.refused(
            tmp_path, again, "sickness", r"reads 'sickness', made of column 'disease' as the outcome is"
        )

    def test_a_field_of_the_follow_up(self, tmp_path: Path) -> None:
        later = {"later": {"column": "noise", "kind": "number", "follow_up": True}}
        self.refused(tmp_path, later, "later", r"reads 'later', which is known only after baseline")

    def test_what_is_derived_from_a_field_of_the_follow_up(self, tmp_path: Path) -> None:
        dictionary, document = small_study.dictionary(), small_study.protocol()
        dictionary["fields"]["scan_date"]["follow_up"] = True
        dictionary["derived"] = {
            "wait_y": {"kind": "years_between", "start": "birth_date", "end": "scan_date"}
        }
        document["arms"]["main"]["index_tests"]["model"]["features"] = [
            {"kind": "clinical", "fields": ["wait_y"]}
        ]
        with pytest.raises(ProtocolError, match=r"reads 'wait_y', which is known only after baseline"):
            prepare(*read_protocol(small_study.write_study(tmp_path, fields=dictionary, study=document)))


def test_a_nested_component_of_another_version_is_another_task() -> None:
    inner = Model.parse("logistic")
    newer = type("Newer", (type(inner),), {"version": 2})()
    one, other = (Model.parse({"kind": "tuned", "model": m, "grid": {"c": [1.0]}}) for m in (inner, newer))
    assert one.fingerprint != other.fingerprint


def test_at_each_horizon_the_score_ranks_the_risk_by_that_horizon(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    data = small_study.table(300).assign(
        time=np.round(rng.exponential(4, 300) + 0.01, 4), event=rng.integers(0, 2, 300)
    )
    fields = small_study.dictionary()
    fields["fields"] |= {
        "time_y": {"column": "time", "kind": "number", "unit": "year", "range": [0, 100]},
        "event": {"kind": "boolean"},
    }
    document = small_study.protocol()
    document["arms"]["main"]["outcome"] = {
        "kind": "time_to_event", "label": "event", "time": "time_y", "event": {"field": "event", "value": True}, "horizons_y": [2, 5],
    }  # fmt: skip
    document["arms"]["main"]["index_tests"]["model"] |= {"model": {"kind": "boosting", "trees": 10}}
    part = prepare(
        *read_protocol(small_study.write_study(tmp_path, data=data, fields=fields, study=document))
    )[0]
    predictions = predict(extract(part)).predictions
    for horizon_y in (2, 5):
        rows = predictions.of("model", role="cross-validated", horizon_y=horizon_y)
        for _, fold in rows.groupby("fold"):
            assert fold["score"].rank().tolist() == fold["probability"].rank().tolist()
