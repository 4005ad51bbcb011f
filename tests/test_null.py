"""Refits on dealt labels: whole participants, whole sites, the whole fit, on a SIMULATED study."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import small_study
from analyses_fixtures import found, simulated
from hepar.core.errors import ProtocolError, RunError
from hepar.data.reference import Reference
from hepar.engine.store import Store
from hepar.study.null import deal
from hepar.study.protocol import read_protocol
from hepar.study.result import Result
from hepar.study.run import run

CROSS = "cross-validated"


def study(folder: Path, *, refits: dict[str, Any], field: str = "marker", **arm: Any) -> Path:
    document = small_study.protocol()
    test = document["arms"]["main"]["index_tests"]["model"]
    test |= {"features": [{"kind": "clinical", "fields": [field]}], "refits": refits}
    document["arms"]["main"] |= {"analyses": ["discrimination"], **arm}
    return small_study.write_study(folder, study=document)


def refitted(path: Path, **how: Any) -> pd.DataFrame:
    return refitted_rows(run(*read_protocol(path), **how))


def refitted_rows(result: Result) -> pd.DataFrame:
    rows = result.arms["main"].findings.rows
    return rows[rows["analysis"] == "null_refits"]


def test_a_marker_beats_its_refits_and_noise_does_not(tmp_path: Path) -> None:
    marker = refitted(study(tmp_path / "a", refits={"draws": 20, "parts": "all"}))
    noise = refitted(study(tmp_path / "b", refits={"draws": 20}, field="noise"))
    assert found(marker, quantity="auc")["p"] == pytest.approx(1 / 21)
    assert found(noise, quantity="auc")["p"] > 0.05
    middle, spread = (found(marker, quantity=f"{name} over refits")["value"] for name in ("mean", "sd"))
    assert abs(middle - 0.5) < 4 * spread / 20**0.5
    assert found(marker, quantity="highest over refits")["value"] < found(marker, quantity="auc")["value"]


def test_the_observed_measure_is_the_mean_over_the_parts(tmp_path: Path) -> None:
    path = study(tmp_path, refits={"draws": 20, "parts": "all"})
    result = run(*read_protocol(path))
    arm = result.arms["main"]
    cases = arm.predictions.of("model", role=CROSS)
    areas = []
    for _, part in cases.groupby("fold"):
        positive, score = part["positive"].to_numpy() > 0.5, part["score"].to_numpy()
        above = score[positive][:, None] - score[~positive][None, :]
        areas.append(np.mean((above > 0) + 0.5 * (above == 0)))
    row = found(arm.findings.rows, analysis="null_refits", quantity="auc")
    assert row["value"] == pytest.approx(np.mean(areas))
    assert row["n"] == len(cases)


def test_the_store_keeps_the_refits_and_changes_nothing(tmp_path: Path) -> None:
    path = study(tmp_path / "study", refits={"draws": 20})
    store = Store(tmp_path / "store")
    first = refitted(path, store=store)
    kept = len(list((tmp_path / "store").rglob("*.json")))
    again = refitted(path, store=store)
    assert len(list((tmp_path / "store").rglob("*.json"))) == kept >= 20
    pd.testing.assert_frame_equal(first, again, check_exact=True)


@pytest.mark.parametrize("draws", [1, 19, 0])
def test_fewer_than_twenty_refits_are_refused_with_the_reason(draws: int, tmp_path: Path) -> None:
    path = study(tmp_path, refits={"draws": draws})
    with pytest.raises(
        ProtocolError, match=r"are too few to make a null; give 20 or more\. A single shuffle"
    ):
        read_protocol(path)


def test_a_continuous_outcome_is_judged_by_rank_correlation(tmp_path: Path) -> None:
    document = small_study.protocol()
    arm = document["arms"]["main"]
    arm["outcome"] = {"kind": "continuous", "label": "marker", "field": "marker", "unit": "kPa"}
    arm["index_tests"]["model"] |= {
        "features": [{"kind": "clinical", "fields": ["old", "age_y"]}],
        "model": "ridge",
        "thresholds": [],
        "refits": {"draws": 20},
    }
    arm |= {"analyses": ["agreement"], "design": {"partition": {"kind": "k_fold", "folds": 3}, "seed": 1}}
    dictionary = small_study.dictionary()
    dictionary["fields"]["marker"]["unit"] = "kPa"
    rows = refitted(small_study.write_study(tmp_path, study=document, fields=dictionary))
    assert set(rows["quantity"]) == {"spearman", "mean over refits", "sd over refits", "highest over refits"}
    assert rows["value"].abs().max() <= 1


def dealt(known: Reference, seed: int = 0) -> pd.DataFrame:
    return deal(known, np.random.default_rng(seed)).table


def test_outcomes_are_dealt_as_whole_participants() -> None:
    known = simulated("continuous", n=60, units=3).reference
    before, after = known.table, dealt(known)
    blocks = {tuple(rows["value"]) for _, rows in before.groupby("participant_id", sort=False)}
    assert {tuple(rows["value"]) for _, rows in after.groupby("participant_id", sort=False)} == blocks
    assert not np.array_equal(before["value"], after["value"])
    pd.testing.assert_frame_equal(before.drop(columns="value"), after.drop(columns="value"))


def test_one_outcome_a_participant_is_dealt_to_any_other_however_many_rows_it_has() -> None:
    table = simulated("binary", n=60).reference.table
    person = np.repeat([f"P{k}" for k in range(20)], [1, 2, 3, 6] * 5)
    truth = (pd.factorize(person)[0] % 2).astype(float)
    known = Reference(simulated("binary").outcome, table.assign(participant_id=person, positive=truth))
    after = dealt(known)
    assert (after.groupby("participant_id")["positive"].nunique() == 1).all()
    assert after.groupby("participant_id")["positive"].first().sum() == 10
    assert not np.array_equal(after["positive"], truth)


def test_where_sites_are_kept_whole_outcomes_stay_within_them() -> None:
    known = simulated("continuous", n=80).reference
    kept = Reference(known.outcome, known.table, whole="site")
    after = dealt(kept)
    for site, rows in kept.table.groupby("site"):
        assert sorted(rows["value"]) == sorted(after.loc[after["site"] == site, "value"])
    across = dealt(known)
    first = known.table["site"] == "S0"
    assert sorted(known.table.loc[first, "value"]) != sorted(across.loc[first, "value"])


def test_participants_without_anyone_to_exchange_with_are_refused() -> None:
    table = simulated("continuous", n=21).reference.table
    person = np.repeat([f"P{k}" for k in range(6)], [1, 2, 3, 4, 5, 6])
    known = Reference(simulated("continuous").outcome, table.assign(participant_id=person))
    with pytest.raises(RunError, match="6 of 6 participants have nobody to exchange"):
        dealt(known)


def test_cases_without_a_score_are_left_out_of_the_measure_and_of_the_risk_groups(tmp_path: Path) -> None:
    document = small_study.protocol()
    document["arms"]["main"]["analyses"] = ["discrimination"]
    document["arms"]["main"]["index_tests"]["model"] |= {
        "features": [{"kind": "clinical", "fields": ["marker"]}],
        "model": {"kind": "as_is", "missing": "no score"},
        "refits": {"draws": 20, "parts": "all"},
    }
    data = small_study.table()
    data.loc[::5, "marker"] = np.nan
    result = run(*read_protocol(small_study.write_study(tmp_path, data=data, study=document)))
    predictions = result.arms["main"].predictions
    mine = predictions.table[predictions.table["test"] == "model"]
    unscored = mine["score"].isna()
    assert unscored.sum() == 24
    assert (mine["risk_group"].isna() == unscored).all()
    assert set(mine["risk_group"].dropna()) == {0.0, 1.0, 2.0}
    refits = refitted_rows(result)
    assert found(refits, quantity="auc")["n"] == len(mine) - 24
    assert found(refits, quantity="auc")["value"] > 0.7
