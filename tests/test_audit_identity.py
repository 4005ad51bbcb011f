"""Who is who: participants in two parts, participants that are one."""

import numpy as np
import pytest

from audited import column, subject
from hepar.study.audit.identity import identity_findings
from hepar.study.audit.subject import Column


def laboratory(n: int, *, seed: int = 0) -> np.ndarray:
    return np.round(np.random.default_rng(seed).lognormal(3, 0.6, (n, 5)), 1)


def fields(values: np.ndarray) -> list[Column]:
    return [column(f"lab{k}", row.tolist(), kind="number", role="feature") for k, row in enumerate(values.T)]


def test_a_participant_in_two_parts_is_serious() -> None:
    who = ["A", "A", "B", "C"]
    parts = ["train", "test", "train", "test"]
    (found,) = identity_findings(subject([0, 1, 0, 1], participants=who, parts=parts))
    assert (found.rule, found.severity, found.n) == ("participant-in-two-parts", "serious", 1)
    assert found.cases == (("A",),)
    assert "A" not in found.what.split()


def test_a_row_under_two_names_is_found_among_a_thousand() -> None:
    values = laboratory(1000)
    values[700] = values[3]
    (found,) = identity_findings(subject(np.zeros(1000), *fields(values)))
    assert found.cases == (("P3", "P700"),)


def test_a_row_with_gaps_still_meets_its_twin_and_one_that_differs_does_not() -> None:
    values = laboratory(300)
    values[200], values[201] = values[5], values[5]
    values[200, 0] = np.nan
    values[201, 2] += 0.1
    (found,) = identity_findings(subject(np.zeros(300), *fields(values)))
    assert found.cases == (("P5", "P200"),)


def test_coarse_values_that_agree_by_chance_are_no_twins() -> None:
    coarse = np.random.default_rng(1).integers(0, 3, (500, 6)).astype(float)
    assert list(identity_findings(subject(np.zeros(500), *fields(coarse)))) == []


@pytest.mark.parametrize("n", [200, 1000])
def test_fields_that_follow_from_one_another_do_not_make_twins_and_do_not_hide_them(n: int) -> None:
    rng = np.random.default_rng(3)
    age, height = np.round(rng.normal(58, 12, n)), np.round(rng.normal(165, 9, n))
    weight, sex = np.round(rng.normal(70, 13, n)), rng.integers(0, 2, n).astype(float)
    index, area = np.round(weight / (height / 100) ** 2, 1), np.round(np.sqrt(height * weight / 3600), 2)
    values = np.stack([age, height, weight, sex, index, area, age // 10, 2020 - age], axis=1)
    assert list(identity_findings(subject(np.zeros(n), *fields(values)))) == []
    measured = np.hstack([values, laboratory(n)])
    measured[100] = measured[3]
    (found,) = identity_findings(subject(np.zeros(n), *fields(measured)))
    assert found.cases == (("P3", "P100"),)


def test_different_people_are_left_alone() -> None:
    assert list(identity_findings(subject(np.zeros(800), *fields(laboratory(800, seed=2))))) == []


def test_two_visits_of_one_participant_are_no_twins() -> None:
    values = laboratory(200)
    values[1] = values[0]
    who = ["P0", "P0", *(f"P{k}" for k in range(2, 200))]
    assert list(identity_findings(subject(np.zeros(200), *fields(values), participants=who))) == []
