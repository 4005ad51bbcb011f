from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.core.errors import HeparError, ProtocolError, RunError
from hepar.data.cohort import Cohort
from hepar.data.outcome import Binary
from hepar.data.reference import Reference, reference
from hepar.study.partition import Fold, Partition, check_folds

OUTCOME = Binary(label="x", field="x", at_least=1)


def known(participants: list[int], sites: list[int], positive: list[int]) -> Reference:
    table = pd.DataFrame(
        {
            "participant_id": [f"P{p}" for p in participants],
            "site": [f"S{s}" for s in sites],
            "unit": "patient",
            "positive": np.asarray(positive, dtype=float),
        },
        index=pd.Index([f"C{k}" for k in range(len(sites))], name="case_id"),
    )
    return Reference(OUTCOME, table)


def folds(kind: dict[str, Any] | str, cases: Reference, clinical: pd.DataFrame | None = None) -> list[Fold]:
    table = clinical if clinical is not None else cases.table
    found = Partition.parse(kind).folds(cases, table, seed=3)
    check_folds(found, cases)
    return found


@st.composite
def cohorts(draw: st.DrawFn) -> Reference:
    participants = draw(st.integers(12, 40))
    visits = [draw(st.integers(1, 3)) for _ in range(participants)]
    site = [p % 6 for p in range(participants)]
    who = [p for p, count in enumerate(visits) for _ in range(count)]
    return known(who, [site[p] for p in who], [p % 2 for p in who])


@settings(max_examples=40, deadline=None)
@given(cohorts(), st.sampled_from(["k_fold", "site_folds", "leave_one_site_out"]))
def test_every_case_is_held_out_once_and_no_participant_straddles(cases: Reference, kind: str) -> None:
    found = folds({"kind": kind, "folds": 3} if kind != "leave_one_site_out" else kind, cases)
    assert sorted(np.concatenate([f.held_out for f in found])) == list(range(len(cases)))
    for fold in found:
        assert not set(cases.participants[fold.train]) & set(cases.participants[fold.held_out])
        assert len(fold.train) + len(fold.held_out) == len(cases)
        if kind != "k_fold":
            site = cases.table["site"].to_numpy()
            assert not set(site[fold.train]) & set(site[fold.held_out])


def test_the_classes_are_spread_evenly() -> None:
    cases = known(list(range(100)), [0] * 100, [int(k < 20) for k in range(100)])
    assert {int(cases.positive[f.held_out].sum()) for f in folds({"kind": "k_fold", "folds": 5}, cases)} == {
        4
    }


def test_external_sites_never_train_and_are_predicted_once_by_all_development_cases() -> None:
    cases = known(list(range(60)), [k % 4 for k in range(60)], [k % 2 for k in range(60)])
    found = folds({"kind": "external_sites", "sites": ["S3"], "folds": 3}, cases)
    site = cases.table["site"].to_numpy()
    assert all("S3" not in set(site[f.train]) for f in found)
    assert set(site[found[-1].held_out]) == {"S3"}
    assert [f.role for f in found] == ["cross-validated"] * 3 + ["external"]
    assert len(found[-1].train) == 45


def test_temporal_validation_learns_from_the_past_alone() -> None:
    cases = known(list(range(60)), [0] * 60, [k % 2 for k in range(60)])
    clinical = cases.table.assign(year=np.arange(60.0) + 1990)
    rule = {"kind": "temporal", "later": {"field": "year", "op": ">=", "value": 2030}, "folds": 3}
    found = folds(rule, cases, clinical)
    assert found[-1].held_out.tolist() == list(range(40, 60))
    assert all(f.train.max() < 40 for f in found)


def test_a_case_of_no_period_is_refused() -> None:
    cases = known(list(range(20)), [0] * 20, [k % 2 for k in range(20)])
    rule = {"kind": "temporal", "later": {"field": "year", "op": ">=", "value": 2000}}
    with pytest.raises(RunError, match="case C7 has no year"):
        folds(rule, cases, cases.table.assign(year=np.where(np.arange(20) == 7, np.nan, 1990.0)))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("leave_one_site_out", "needs two or more sites"),
        ({"kind": "site_folds", "folds": 3}, "3 folds need 3 sites or more; there are 1"),
        ({"kind": "k_fold", "folds": 40}, "40 folds need 40 participants or more; there are 20"),
        ({"kind": "external_sites", "sites": ["S9"]}, r"external sites \['S9'\] are not in the cohort"),
        ({"kind": "external_sites", "sites": ["S0"]}, "20 of 20 cases; neither part may be empty"),
    ],
)
def test_a_partition_that_the_cohort_does_not_allow_is_refused(kind: Any, message: str) -> None:
    with pytest.raises((RunError, ProtocolError), match=message):
        folds(kind, known(list(range(20)), [0] * 20, [k % 2 for k in range(20)]))


def test_classes_all_rarer_than_the_folds_are_refused() -> None:
    with pytest.raises(RunError, match=r"5 folds need 5 cases of one class or more; there are 4"):
        folds({"kind": "k_fold", "folds": 5}, known(list(range(8)), [0] * 8, [0, 1] * 4))


def test_a_straddling_participant_is_refused() -> None:
    cases = known([0, 0, 1, 2], [0, 0, 1, 1], [0, 1, 0, 1])
    with pytest.raises(HeparError, match="participant P0 is in training and held out"):
        check_folds([Fold("bad", "cross-validated", np.array([0, 2]), np.array([1, 3]))], cases)


def test_a_case_held_out_twice_is_refused() -> None:
    cases = known([0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 0, 1])
    one = Fold("one", "cross-validated", np.array([0, 1]), np.array([2, 3]))
    with pytest.raises(HeparError, match="holds a case out twice"):
        check_folds([one, one], cases)


def test_the_seed_decides_the_parts(cohort: Cohort) -> None:
    clinical = cohort.clinical()
    outcome = Binary(label="x", field="stage", at_least=2)
    table = reference(outcome, clinical).dropna()
    cases, kind = Reference(outcome, table), Partition.parse("k_fold")
    one, same, other = (kind.folds(cases, clinical, seed=s)[0].held_out.tolist() for s in (1, 1, 2))
    assert one == same
    assert one != other
