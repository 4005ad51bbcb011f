"""What the steps before a model did in each part is told, whatever wraps the model. SIMULATED data."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import batch_study
from hepar.data.outcome import Binary
from hepar.data.reference import Reference
from hepar.engine.store import NOTHING, Artefacts, Store
from hepar.models.base import Model
from hepar.study.protocol import read_protocol
from hepar.study.result import ArmResult
from hepar.study.run import run
from hepar.study.steps import Steps, steps_of, steps_together, told_of_steps

TUNED = {"kind": "tuned", "model": "logistic", "grid": {"c": [0.1, 1.0]}, "folds": 2}
AROUND = {"kind": "tuned", "model": batch_study.piped(), "grid": {"best.k": [1, 3]}, "folds": 2}
INSIDE = batch_study.piped(model=TUNED)
NAMES = ["varying", "combat", "best"]


def arm_of(folder: Path, model: Any = None, *, jobs: int = 1, store: Artefacts = NOTHING) -> ArmResult:
    study, place = read_protocol(batch_study.write(folder, batch_study.protocol(model)))
    return run(study, place, jobs=jobs, store=store).arms["main"]


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> ArmResult:
    return arm_of(tmp_path_factory.mktemp("steps"))


@pytest.mark.parametrize(
    "model", [batch_study.piped(), AROUND, INSIDE], ids=["piped", "tuned around", "tuned inside"]
)
def test_steps_are_found_whatever_wraps_them_and_spare_what_all_spare(model: Any) -> None:
    found = steps_of(Model.parse(model))
    assert [name for name, _ in found] == NAMES
    assert all(step.spare == ("age_y",) for _, step in found)


def test_a_model_without_steps_has_none() -> None:
    assert steps_of(Model.parse(TUNED)) == ()


def table() -> tuple[pd.DataFrame, Reference]:
    """SIMULATED: two batches, repeats of every feature, one feature that repeats do not confirm."""
    rng = np.random.default_rng(0)
    index = pd.Index([f"C{k}" for k in range(40)], name="case_id")
    values = pd.DataFrame(rng.normal(size=(40, 3)), index=index, columns=["a", "b", "shaky"])
    again = (values + rng.normal(0, [0.1, 0.1, 5], (40, 3))).add_suffix("@1")
    scanner = np.where(np.arange(40) % 2, "A", "B").astype(object)
    identity = {
        "participant_id": index,
        "site": "S",
        "unit": "case",
        "positive": rng.integers(0, 2, 40) * 1.0,
    }
    known = Reference(Binary(label="x", field="x", at_least=1), pd.DataFrame(identity, index=index))
    return pd.concat([values, again], axis=1).assign(scanner=scanner), known


def fitted(steps: list[Any]) -> Any:
    features, known = table()
    return Model.parse({"kind": "piped", "steps": steps, "model": "logistic"}).fit(features, known, seed=0)


def test_features_are_counted_without_their_repeats() -> None:
    told = told_of_steps(fitted(["stable", {"kind": "combat", "batch": "scanner"}]), table()[0])
    assert told["counts"] == [["stable", 4, 3], ["combat", 3, 2]]
    assert told["selected"] == ["a", "b"]
    assert told["unseen"] == []


def test_held_out_cases_of_a_batch_never_learnt_are_counted_by_batch() -> None:
    model = fitted(["stable", {"kind": "combat", "batch": "scanner", "unseen": "pass"}])
    held = table()[0]
    held["scanner"] = np.array(["A"] * 30 + ["new"] * 7 + [None] * 3, dtype=object)
    assert told_of_steps(model, held)["unseen"] == [["combat", "new", 7], ["combat", "(missing)", 3]]


def test_a_model_without_steps_tells_nothing() -> None:
    features, known = table()
    plain = features[["a", "b"]]
    told = told_of_steps(Model.parse("logistic").fit(plain, known, seed=0), plain)
    assert told == {"counts": [], "selected": [], "unseen": []}
    assert steps_together([("t", "part 1", told)]).counts.empty


def test_without_a_run_there_is_nothing() -> None:
    assert list(Steps().counts) == ["test", "fold", "step", "entered", "kept"]
    assert Steps().selected.empty
    assert Steps().unseen.empty


def test_a_run_tells_every_step_of_every_part(arm: ArmResult) -> None:
    counts = arm.steps.counts
    assert counts["fold"].unique().tolist() == [fold.name for fold in arm.prepared.folds]
    for _, rows in counts.groupby("fold"):
        assert rows[["step", "entered", "kept"]].to_numpy().tolist() == [
            ["varying", 14, 14],
            ["combat", 14, 13],
            ["best", 13, 4],
        ]
    assert set(counts["test"]) == {"radiomics"}


def test_the_features_selected_are_the_terms_of_the_model(arm: ArmResult) -> None:
    for part, rows in arm.steps.selected.groupby("fold"):
        terms = arm.models[(arm.models["test"] == "radiomics") & (arm.models["fold"] == part)]["term"]
        assert set(rows["feature"]) == {term for term in terms if ": " not in term}


def test_a_run_counts_cases_of_batches_that_training_lacked(arm: ArmResult) -> None:
    unseen = arm.steps.unseen.groupby("batch")["cases"].sum()
    assert unseen.to_dict() == {"Rare": 2, "(missing)": 1}


@pytest.mark.parametrize("model", [AROUND, INSIDE], ids=["tuned around", "tuned inside"])
def test_tuning_hides_no_step(tmp_path: Path, model: Any) -> None:
    arm = arm_of(tmp_path, model)
    assert arm.steps.counts["step"].unique().tolist() == NAMES
    assert len(arm.harmonised) == 1


def test_store_and_workers_change_nothing(arm: ArmResult, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for jobs, kept in ((1, store), (1, store), (2, NOTHING)):
        other = arm_of(tmp_path, jobs=jobs, store=kept)
        for name in ("counts", "selected", "unseen"):
            assert getattr(other.steps, name).equals(getattr(arm.steps, name)), name
        (mine,), (same,) = arm.harmonised, other.harmonised
        assert repr(same.predictability) == repr(mine.predictability)  # NaN is not equal to itself
        assert mine.places is not None
        assert same.places is not None
        assert np.array_equal(same.places.after, mine.places.after)
