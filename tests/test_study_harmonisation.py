"""Whether batches can be told before and after harmonisation, judged on the features of an arm. SIMULATED scanners."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import batch_study
from hepar.engine.store import Store
from hepar.study.extract import extract
from hepar.study.harmonisation import Harmonisation, harmonised
from hepar.study.prepare import prepare
from hepar.study.protocol import read_protocol
from hepar.study.result import Prepared


def prepared(folder: Path, model: Any = None) -> Prepared:
    study, place = read_protocol(batch_study.write(folder, batch_study.protocol(model)))
    return extract(prepare(study, place)[0])


def judged(folder: Path, model: Any = None, **how: Any) -> tuple[Harmonisation, ...]:
    part = prepared(folder, model)
    features = how.pop("features", part.features)
    return harmonised("main", part.arm, features=features, reference=part.reference, **how)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Harmonisation:
    (one,) = judged(tmp_path_factory.mktemp("judged"))
    return one


def test_scanners_are_told_before_and_not_after(found: Harmonisation) -> None:
    assert found.predictability is not None
    before, after = found.predictability
    assert before.low > 0.95
    assert after.low < 0.5 < after.high
    assert (found.test, found.step, found.column, found.unseen) == ("radiomics", "combat", "scanner", "pass")


def test_cases_of_a_small_or_unknown_batch_are_left_out_and_counted(found: Harmonisation) -> None:
    assert found.left_out == 3
    assert set(found.batch) == {"Alpha", "Beta", "Gamma"}
    assert len(found.batch) == 117


def test_the_means_of_the_batches_move_together(found: Harmonisation) -> None:
    assert found.places is not None
    batch = np.array(found.batch)
    for places, apart in ((found.places.before, True), (found.places.after, False)):
        means = np.array([places[batch == name].mean(axis=0) for name in np.unique(batch)])
        assert (np.ptp(means, axis=0).max() > 2) == apart


def test_a_case_is_harmonised_by_what_was_learnt_without_it(tmp_path: Path) -> None:
    """Were all cases learnt from together, the mean of each batch would be the same to rounding."""
    (one,) = judged(tmp_path)
    assert one.places is not None
    batch = np.array(one.batch)
    means = np.array([one.places.after[batch == name].mean(axis=0) for name in np.unique(batch)])
    assert np.ptp(means, axis=0).max() > 0.01


def test_a_numeric_batch_is_no_feature_and_neither_is_what_is_spared(tmp_path: Path) -> None:
    """Age follows the scanner exactly here: it would give the scanner away if it were looked at."""
    part = prepared(tmp_path)
    table = part.features["radiomics"]
    number = table["scanner"].map({"Alpha": 1.0, "Beta": 2.0, "Gamma": 3.0})
    rng = np.random.default_rng(0)
    silent = table.assign(**{f"f{k}": rng.normal(size=len(table)) for k in range(12)})
    features = {**part.features, "radiomics": silent.assign(scanner=number, age_y=number.fillna(0))}
    (one,) = judged(tmp_path, features=features)
    assert one.predictability is not None
    assert one.predictability[0].low < 0.6


def test_repeats_of_features_do_no_harm(tmp_path: Path) -> None:
    steps = ["stable", {"kind": "combat", "batch": "scanner", "unseen": "pass"}]
    model = batch_study.piped(steps=steps)
    part = prepared(tmp_path, model)
    table = part.features["radiomics"]
    again = table[[f"f{k}" for k in range(12)]].add_suffix("@1")
    features = {**part.features, "radiomics": pd.concat([table, again], axis=1)}
    (one,) = judged(tmp_path, model, features=features)
    assert one.predictability is not None
    assert one.predictability[0].low > 0.95


def test_each_of_two_combat_steps_is_judged_after_the_one_before(tmp_path: Path) -> None:
    combat = {"kind": "combat", "batch": "scanner", "unseen": "pass", "keep_batch": True}
    first, second = judged(tmp_path, batch_study.piped(steps=[combat, combat]))
    assert (first.step, second.step) == ("combat 1", "combat 2")
    assert first.predictability is not None
    assert second.predictability is not None
    assert second.predictability[0].value < 0.65 < first.predictability[0].value


def test_without_a_combat_step_nothing_is_judged(tmp_path: Path) -> None:
    assert judged(tmp_path, "logistic") == ()


def test_one_batch_is_no_reason_to_stop_but_told(tmp_path: Path) -> None:
    part = prepared(tmp_path)
    table = part.features["radiomics"]
    table = table.assign(scanner=np.array(["Alpha"] * 118 + ["Beta"] * 2, dtype=object))
    (one,) = judged(tmp_path, features={**part.features, "radiomics": table})
    assert one.predictability is None
    assert one.places is None
    assert "1 sites have 5 participants or more" in one.trouble


def test_the_store_gives_back_the_same_and_other_features_are_judged_anew(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    (one,), (same,) = judged(tmp_path, store=store), judged(tmp_path, store=store)
    assert repr(one.predictability) == repr(same.predictability)  # NaN is not equal to itself
    part = prepared(tmp_path)
    flat = part.features["radiomics"].assign(f0=0.5)
    (other,) = judged(tmp_path, features={**part.features, "radiomics": flat}, store=store)
    assert other.places is not None
    assert one.places is not None
    assert not np.array_equal(other.places.before, one.places.before)
