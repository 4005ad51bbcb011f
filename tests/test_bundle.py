"""A bundle is fitted on development cases alone, computes what the fit does, and tells how good its tests are."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bundled_study import PATIENTS, estimates, prepared, protocol, write_study
from hepar.core.errors import ProtocolError, RunError
from hepar.data.bundle import Network
from hepar.io.bundle_file import read_bundle
from hepar.study import bundle_models
from hepar.study.bundle import Bundled, bundle_arm, development, make_bundle
from hepar.study.protocol import Study, read_protocol
from hepar.study.result import Prepared

Arm = tuple[Study, Prepared]


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> Arm:
    return prepared(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def made(arm: Arm, tmp_path_factory: pytest.TempPathFactory) -> Bundled:
    out = tmp_path_factory.mktemp("bundle") / "bundle"
    return bundle_arm(*arm, rows=estimates(), out=out)


def test_it_learns_from_development_cases_and_never_from_those_held_out_for_good(arm: Arm) -> None:
    rows = development(arm[1])
    assert len(rows) == PATIENTS - 4
    assert set(arm[1].reference.table.iloc[rows]["site"]) == {"A"}


def test_it_says_what_it_is(made: Bundled, arm: Arm) -> None:
    told = made.manifest
    assert told.simulated
    assert told.protocol == arm[0].fingerprint
    assert told.notice == "Research software. Not a medical device."
    assert (told.outcome.kind, told.outcome.label) == ("binary", "stiff liver")
    assert set(told.tests) == {"clinical", "age", "rf", "bmode"}
    assert told.tests["rf"].training.cases == PATIENTS - 4
    assert told.tests["rf"].training.outcome == f"{(PATIENTS - 4) // 2} of {PATIENTS - 4} positive"
    (setup,) = told.tests["rf"].setups["rf"]
    assert (setup.preset, setup.fs_mhz, setup.n) == ("Abdomen", 20.0, PATIENTS - 4)


def test_the_performance_is_the_study_s_without_subgroups_and_missing_values(made: Bundled) -> None:
    (auc,) = made.manifest.tests["rf"].performance
    assert (auc.quantity, auc.role, auc.value, auc.threshold) == ("auc", "cross-validated", 0.8, None)
    assert made.manifest.tests["age"].performance == ()


def test_networks_answer_in_onnx_as_in_torch(made: Bundled) -> None:
    for name in ("rf", "bmode"):
        part = made.manifest.tests[name]
        assert isinstance(part.model, Network)
        assert part.model.opset == 17
        assert part.parity.largest < 1e-4  # what making a bundle demands; measured 4e-7 at most
        assert part.parity.cases == PATIENTS - 4
        assert "onnxruntime" in part.parity.by


def test_every_file_has_its_hash_and_none_is_a_pickle(made: Bundled) -> None:
    assert set(made.manifest.files) == {"clinical.json", "age.json", "rf.onnx", "bmode.onnx"}
    for file, known in made.manifest.files.items():
        content = (made.path / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == known
        assert not content.startswith(b"\x80")
    assert made.name == hashlib.sha256((made.path / "manifest.json").read_bytes()).hexdigest()


def test_no_identifier_of_a_case_is_in_it(made: Bundled) -> None:
    for path in made.path.iterdir():
        assert not any(f"P{k:02}".encode() in path.read_bytes() for k in range(10, PATIENTS)), path.name


def test_an_archive_holds_the_same_and_is_the_same_each_time(arm: Arm, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        bundle_arm(*arm, rows=estimates(), out=tmp_path / name, tests=["clinical", "rf"])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert set(archive.namelist()) == {"manifest.json", "manifest.sha256", "clinical.json", "rf.onnx"}
    manifest, files, _ = read_bundle(tmp_path / "a.zip")
    assert set(manifest.files) == set(files) == {"clinical.json", "rf.onnx"}


def test_a_test_that_is_none_is_refused_before_anything_is_fitted(arm: Arm, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="has no index test 'rff'; did you mean 'rf'"):
        bundle_arm(*arm, rows=estimates(), out=tmp_path / "b", tests=["rff"])
    assert not (tmp_path / "b").exists()


def test_a_study_is_run_and_bundled_in_one(tmp_path: Path) -> None:
    path = write_study(tmp_path / "study", study=protocol(networks=False))
    study, folder = read_protocol(path)
    made = make_bundle(study, folder, out=tmp_path / "b", tests=["clinical"])
    (auc,) = (
        p for p in made.manifest.tests["clinical"].performance if (p.quantity, p.role) == ("auc", "external")
    )
    assert auc.n == 4
    assert made.manifest.protocol == study.fingerprint


def test_an_arm_that_is_not_told_or_none_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    document = protocol(networks=False)
    document["arms"]["second"] = document["arms"]["main"]
    study, folder = read_protocol(write_study(tmp_path / "study", study=document))
    with pytest.raises(ProtocolError, match="which arm"):
        make_bundle(study, folder, out=tmp_path / "b")
    with pytest.raises(ProtocolError, match="has no arm 'maim'; did you mean 'main'"):
        make_bundle(study, folder, out=tmp_path / "b", arm="maim")


def test_a_bundle_in_use_is_never_replaced(made: Bundled, arm: Arm) -> None:
    before = (made.path / "manifest.json").read_bytes()
    with pytest.raises(RunError, match="is there already"):
        bundle_arm(*arm, rows=estimates(), out=made.path, tests=["age"])
    assert (made.path / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("boosting", "as_is, not boosting"),
        (
            {"kind": "piped", "steps": [{"kind": "combat", "batch": "sex"}], "model": "logistic"},
            "changes features",
        ),
    ],
)
def test_a_model_that_no_bundle_holds_is_refused(tmp_path: Path, model: object, told: str) -> None:
    study = protocol(networks=False)
    study["arms"]["main"]["index_tests"]["clinical"]["model"] = model
    arm = prepared(tmp_path / "study", study=study)
    with pytest.raises(ProtocolError, match=told):
        bundle_arm(*arm, rows=estimates(), out=tmp_path / "b", tests=["clinical"])
    assert not (tmp_path / "b").exists()


def test_steps_that_only_choose_features_are_fine(tmp_path: Path) -> None:
    study = protocol(networks=False)
    best = {"kind": "piped", "steps": [{"kind": "best", "k": 1}], "model": "logistic"}
    study["arms"]["main"]["index_tests"]["clinical"]["model"] = {
        "kind": "tuned",
        "model": best,
        "grid": {"c": [0.1, 1]},
    }
    arm = prepared(tmp_path / "study", study=study)
    made = bundle_arm(*arm, rows=estimates(), out=tmp_path / "b", tests=["clinical"])
    held = json.loads((made.path / "clinical.json").read_text())
    assert len({"age_y", "log_age_y"} & set(held["coefficients"])) == 1


def test_a_network_that_comes_out_otherwise_is_refused(
    arm: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_models, "SAME", 0.0)
    with pytest.raises(RunError, match="onnxruntime differs from torch by"):
        bundle_arm(*arm, rows=estimates(), out=tmp_path / "b", tests=["bmode"])
    assert not (tmp_path / "b").exists()


def test_a_table_that_comes_out_otherwise_is_refused(
    arm: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_models, "SAME_TABLE", float("nan"))
    with pytest.raises(RunError, match="differs from the model by"):
        bundle_arm(*arm, rows=estimates(), out=tmp_path / "b", tests=["clinical"])


def test_ridge_regression_of_a_logarithm_is_held_as_numbers(tmp_path: Path) -> None:
    study = protocol(networks=False)
    study["arms"]["main"] |= {
        "outcome": {"kind": "continuous", "label": "stiffness", "field": "stiffness_kpa", "unit": "kPa"},
        "analyses": ["agreement"],
    }
    study["arms"]["main"]["index_tests"]["clinical"] |= {
        "model": {"kind": "ridge", "log": True},
        "thresholds": [],
    }
    arm = prepared(tmp_path / "study", study=study)
    made = bundle_arm(*arm, rows=estimates(), out=tmp_path / "b", tests=["clinical"])
    assert made.manifest.outcome.unit == "kPa"
    assert made.manifest.tests["clinical"].training.outcome == "5 to 12 kPa"
    assert made.manifest.tests["clinical"].parity.largest < 1e-9
    assert np.isfinite(json.loads((made.path / "clinical.json").read_text())["intercept"])


def test_a_place_that_takes_no_file_is_refused_before_the_study_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, place = read_protocol(write_study(tmp_path / "study", study=protocol(networks=False)))
    monkeypatch.setattr("hepar.study.bundle.prepare", None)
    with pytest.raises(RunError, match="cannot be written"):
        make_bundle(study, place, out=place / "table.csv" / "bundle.zip")
