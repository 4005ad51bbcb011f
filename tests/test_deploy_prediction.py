"""What a hospital runs answers as the study's model does, says what is to be known, and refuses what it cannot judge."""

import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundled_study import estimates, prepared, recording
from hepar.core.errors import DataError, ProtocolError
from hepar.core.fingerprint import fingerprint
from hepar.deploy import predict
from hepar.deploy.answer import Answer, write_answers
from hepar.deploy.bundle import open_bundle
from hepar.deploy.examination import RECORDINGS
from hepar.features.base import Extractor
from hepar.io.acquisitions import RECORDINGS as ENDINGS
from hepar.io.bundle_file import digest, read_bundle, write_bundle
from hepar.io.rf_file import write_rf
from hepar.study.bundle import bundle_arm, development

VALUES: Mapping[str, float | str] = {"age_y": 55.0, "sex": "male"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Mapping[str, np.ndarray]]:
    """A bundle, the recordings of a case held out for good, and what models fitted alike say of it."""
    folder = tmp_path_factory.mktemp("deploy")
    study, arm = prepared(folder / "study")
    bundle_arm(study, arm, rows=estimates(), out=folder / "bundle")
    rows = development(arm)
    told = {}
    for name, test in arm.arm.index_tests.items():
        seed = int(fingerprint(arm.arm.design.seed, name, "bundle")[:7], 16)
        fitted = test.model.fit(arm.features[name].iloc[rows], arm.reference.take(rows), seed=seed)
        told[name] = fitted.predict(arm.features[name].loc[["P19"]]).score
    return folder / "bundle", folder / "study" / "recordings" / "P19", told


@pytest.fixture
def bundle(made: tuple[Path, Path, Mapping[str, np.ndarray]]) -> Path:
    return made[0]


@pytest.fixture
def views(made: tuple[Path, Path, Mapping[str, np.ndarray]]) -> Path:
    return made[1]


def one(bundle: Path, path: Path, *, test: str = "rf") -> Answer:
    (answer,) = predict(bundle, path, tests=[test])
    return answer


def remade(bundle: Path, to: Path, change: Mapping[str, Any], *, test: str = "rf") -> Path:
    """The bundle with something else in its manifest about `test`, and hashes that fit."""
    manifest, files, _ = read_bundle(bundle)
    document = manifest.model_dump(mode="json")
    document["tests"] = {test: document["tests"][test] | dict(change)}
    write_bundle(type(manifest).model_validate(document), files, to)
    return to


def test_a_recording_gets_the_score_of_the_model_that_was_fitted(
    made: tuple[Path, Path, Mapping[str, np.ndarray]],
) -> None:
    bundle, views, told = made
    for name in ("rf", "bmode"):
        answer = one(bundle, views, test=name)
        assert answer.refused == ""
        assert answer.score == pytest.approx(told[name][0], abs=1e-4)
        assert answer.probability == pytest.approx(1 / (1 + np.exp(-told[name][0])), abs=1e-4)


def test_values_get_the_score_of_the_model_that_was_fitted(bundle: Path) -> None:
    answer, single = predict(bundle, tests=["clinical", "age"], values=VALUES)
    assert single.score == -55.0
    assert single.probability is None
    assert answer.probability is not None
    assert answer.warnings == ()


def test_every_answer_says_simulated_and_that_it_is_no_medical_device(bundle: Path, views: Path) -> None:
    answers = predict(bundle, views, values=VALUES)
    assert [answer.test for answer in answers] == ["clinical", "age", "rf", "bmode"]
    for answer in answers:
        assert "SIMULATED" in str(answer)
        assert "Not a medical device." in str(answer)


def test_a_threshold_of_the_protocol_is_applied(bundle: Path, views: Path) -> None:
    answer = one(bundle, views)
    assert answer.probability is not None
    said = "yes" if answer.probability >= 0.5 else "no"
    assert answer.calls == (f"elastography (probability at or above 0.5): {said}",)


def test_a_preset_that_was_not_trained_on_is_told(bundle: Path, tmp_path: Path) -> None:
    write_rf(recording(1, stiff=True, preset="Thyroid"), tmp_path / "a.h5")
    answer = one(bundle, tmp_path / "a.h5")
    assert answer.score is not None
    assert any("Thyroid" in warning and "Abdomen" in warning for warning in answer.warnings)


def test_a_way_of_recording_that_few_training_cases_had_is_told(
    bundle: Path, views: Path, tmp_path: Path
) -> None:
    (setup,) = read_bundle(bundle)[0].tests["rf"].setups["rf"]
    for n, told in (
        (1, "trained on 1 case recorded like"),
        (9, "trained on 9 cases recorded like"),
        (10, ""),
    ):
        stray = setup.model_dump(mode="json") | {"n": n}
        answer = one(remade(bundle, tmp_path / str(n), {"setups": {"rf": [stray]}}), views)
        assert answer.score is not None
        assert any(told in warning for warning in answer.warnings) == bool(told)


@pytest.mark.parametrize("change", [{"fc_mhz": 5.0}, {"fs_mhz": 40.0}])
def test_another_kind_of_recording_is_refused(bundle: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    made = recording(1, stiff=True)
    write_rf(
        replace(made, regions={"liver": replace(made.regions["liver"], depth_mm=(4.0, 15.0))}, **change),
        tmp_path / "a.h5",
    )
    answer = one(bundle, tmp_path / "a.h5")
    assert answer.score is None
    assert "record again with one of these presets" in answer.refused


def test_a_recording_of_noise_is_refused_before_any_number(bundle: Path, tmp_path: Path) -> None:
    made = recording(1, stiff=True)
    noise = np.random.default_rng(0).normal(0, 500, made.rf.shape).astype(np.int16)
    write_rf(replace(made, rf=noise), tmp_path / "a.h5")
    answer = one(bundle, tmp_path / "a.h5")
    assert answer.score is None
    assert "cannot be measured" in answer.refused


def test_a_recording_without_the_region_is_refused(bundle: Path, tmp_path: Path) -> None:
    write_rf(replace(recording(1, stiff=True), regions={}), tmp_path / "a.h5")
    assert "has the region 'liver'" in one(bundle, tmp_path / "a.h5").refused


def test_a_truncated_recording_is_refused_and_the_next_is_judged(
    bundle: Path, views: Path, tmp_path: Path
) -> None:
    whole = (views / "0.h5").read_bytes()
    (tmp_path / "half.h5").write_bytes(whole[: len(whole) // 2])
    bad, good = predict(bundle, [tmp_path / "half.h5", views / "0.h5"], tests=["rf"])
    assert bad.score is None
    assert "half.h5" in bad.refused
    assert good.score is not None


@pytest.mark.parametrize("name", ["nothing.h5", "."])
def test_a_path_without_a_recording_is_refused(bundle: Path, tmp_path: Path, name: str) -> None:
    assert one(bundle, tmp_path / name).refused


def test_a_test_that_reads_a_phantom_asks_for_it(bundle: Path, views: Path, tmp_path: Path) -> None:
    (settings,) = read_bundle(bundle)[0].tests["rf"].features
    divided = Extractor.parse(settings | {"phantom": "phantom"})
    change = {"features": [divided.model_dump(mode="json")], "fingerprints": [divided.fingerprint]}
    path = remade(bundle, tmp_path / "b", change)
    assert "reads the acquisition 'phantom' too" in one(path, views).refused
    write_rf(recording(77, stiff=False), tmp_path / "phantom.h5")
    (answer,) = predict(path, views, beside={"phantom": tmp_path / "phantom.h5"})
    assert answer.score is not None
    with pytest.raises(DataError, match="there is no such file"):
        predict(path, views, beside={"phantom": tmp_path / "nothing.h5"})


def test_a_saturated_phantom_is_refused(bundle: Path, views: Path, tmp_path: Path) -> None:
    settings = read_bundle(bundle)[0].tests["rf"].features[0] | {"phantom": "phantom"}
    changed = {"features": [settings], "fingerprints": [Extractor.parse(settings).fingerprint]}
    path = remade(bundle, tmp_path / "b", changed)
    made = recording(99, stiff=False)
    loud = np.clip(made.rf.astype(np.int64) * 40, -3000, 3000).astype(np.int16)
    write_rf(replace(made, rf=loud), tmp_path / "phantom.h5")
    (answer,) = predict(path, views, tests=["rf"], beside={"phantom": tmp_path / "phantom.h5"})
    assert answer.score is None
    assert answer.refused.startswith("the reference phantom: ")
    assert "clipped" in answer.refused


def test_a_word_where_a_number_is_read_is_refused(bundle: Path) -> None:
    (answer,) = predict(bundle, tests=["age"], values={"age_y": "male"})
    assert answer.score is None
    assert "age_y is 'male'; the test reads a number there" in answer.refused


@pytest.mark.parametrize("name", ["clip.h5", "bundle.zip", "answers"])
def test_answers_never_replace_a_recording_or_a_bundle(bundle: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"kept")
    answers = predict(bundle, tests=["age"], values={"age_y": 50.0})
    with pytest.raises(ProtocolError, match="give a name that ends in"):
        write_answers(answers, tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"kept"


def test_what_lies_beside_recordings_in_a_folder_is_none(bundle: Path, views: Path, tmp_path: Path) -> None:
    (tmp_path / "exam").mkdir()
    (tmp_path / "exam" / "0.h5").write_bytes((views / "0.h5").read_bytes())
    (tmp_path / "exam" / "0.tgc").write_text("time gain")
    (tmp_path / "exam" / "notes.txt").write_text("notes")
    assert one(bundle, tmp_path / "exam").score == one(bundle, views / "0.h5").score
    assert RECORDINGS == ENDINGS


def test_a_value_out_of_the_training_range_or_missing_is_told(bundle: Path) -> None:
    (answer,) = predict(bundle, tests=["clinical"], values={"age_y": 99.0})
    assert any("in training it was" in warning for warning in answer.warnings)
    assert any(warning.startswith("sex is missing") for warning in answer.warnings)


def test_nothing_known_is_nothing_to_judge(bundle: Path) -> None:
    (answer,) = predict(bundle, tests=["age"])
    assert answer.score is None
    assert "nothing to judge" in answer.refused


def test_names_that_are_none_are_refused(bundle: Path, views: Path) -> None:
    with pytest.raises(ProtocolError, match="has no test 'rff'; did you mean 'rf'"):
        predict(bundle, views, tests=["rff"])
    with pytest.raises(ProtocolError, match="value 'agey' is read by no test"):
        predict(bundle, views, values={"agey": 1.0})
    with pytest.raises(ProtocolError, match="acquisition 'phantom' is read by no test"):
        predict(bundle, views, beside={"phantom": views})
    with pytest.raises(ProtocolError, match="reads a recording, and none is given"):
        predict(bundle, tests=["rf"])


def test_an_extractor_that_computes_something_else_now_is_refused(bundle: Path, tmp_path: Path) -> None:
    path = remade(bundle, tmp_path / "b", {"fingerprints": ["0" * 32]})
    with pytest.raises(DataError, match="differs from the one at training"):
        open_bundle(path)
    path = remade(bundle, tmp_path / "c", {"features": [{"kind": "rf_inputs"}]})
    with pytest.raises(DataError, match="features that this software does not make"):
        open_bundle(path)


def test_an_installation_that_computes_something_else_is_found_when_the_bundle_is_opened(
    bundle: Path, tmp_path: Path
) -> None:
    model = read_bundle(bundle)[0].tests["rf"].model.model_dump(mode="json")
    path = remade(
        bundle, tmp_path / "b", {"model": model | {"probe": [value + 1 for value in model["probe"]]}}
    )
    with pytest.raises(DataError, match="this installation is not fit to run it"):
        open_bundle(path)


def test_a_network_that_is_none_is_refused(bundle: Path, tmp_path: Path) -> None:
    manifest, files, _ = read_bundle(bundle)
    spoilt = {**files, "rf.onnx": b"no network"}
    document = manifest.model_dump(mode="json")
    document["files"] |= {"rf.onnx": digest(b"no network")}
    write_bundle(type(manifest).model_validate(document), spoilt, tmp_path / "b")
    with pytest.raises(DataError, match="is no network that onnxruntime can run"):
        open_bundle(tmp_path / "b")


def test_without_onnxruntime_it_says_what_to_install(
    bundle: Path, views: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ProtocolError, match=r"pip install 'hepar\[bundle\]'"):
        predict(bundle, views, tests=["rf"])
    assert predict(bundle, tests=["age"], values={"age_y": 50.0})[0].score == -50.0


def test_answers_are_written_as_a_table_that_reads_back(bundle: Path, views: Path, tmp_path: Path) -> None:
    answers = predict(bundle, [views, tmp_path / "nothing"], tests=["rf"])
    path = write_answers(answers, tmp_path / "out.csv")
    with path.open(newline="") as file:
        good, bad = csv.DictReader(file)
    assert float(good["score"]) == answers[0].score
    assert (bad["score"], bad["refused"]) == ("", answers[1].refused)
    assert all("SIMULATED" in row["simulated"] and row["notice"] for row in (good, bad))
    assert good["bundle"] == open_bundle(bundle).name


def test_it_runs_where_nothing_that_trains_is_loaded(bundle: Path, views: Path) -> None:
    code = f"""
import json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "sklearn", "pandas", "lifelines", "onnx", "matplotlib", "joblib"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from hepar.deploy import predict
print(json.dumps([a.score for a in predict({str(bundle)!r}, {str(views)!r}, tests=["rf", "bmode"])]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [a.score for a in predict(bundle, views, tests=["rf", "bmode"])]
