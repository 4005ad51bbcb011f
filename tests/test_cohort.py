from pathlib import Path

import pytest

from hepar.core.errors import DataError
from hepar.data.case import Acquisition, Case
from hepar.data.cohort import Cohort


def test_a_case_that_stands_twice_is_refused() -> None:
    with pytest.raises(DataError, match="case C1 stands twice"):
        Cohort((Case("C1", "P1", "A", {}), Case("C1", "P2", "A", {})))


def test_a_participant_at_two_sites_is_refused() -> None:
    with pytest.raises(DataError, match="participant P1 stands at site 'A' and at site 'B'"):
        Cohort((Case("C1", "P1", "A", {}), Case("C2", "P1", "B", {})))


def test_the_table_has_numbers_with_nan_and_texts_with_none() -> None:
    cases = (
        Case("C1", "P1", "A", {"x": 1.0, "t": "a", "e": None}),
        Case("C2", "P2", "A", {"x": None, "t": None, "e": None}),
    )
    table = Cohort(cases).clinical()
    assert table["x"].dtype == float
    assert table["x"].isna().tolist() == [False, True]
    assert table["t"].tolist() == ["a", None]
    assert table["e"].tolist() == [None, None]


def test_the_fingerprint_tells_any_changed_value(cohort: Cohort) -> None:
    first, *rest = cohort.cases
    other = Case(first.case_id, first.participant_id, first.site, {**first.clinical, "noise": 0.0})
    assert Cohort((other, *rest), cohort.fields).fingerprint != cohort.fingerprint
    assert Cohort(cohort.cases, cohort.fields).fingerprint == cohort.fingerprint


def test_an_absent_acquisition_is_refused_with_what_there_is() -> None:
    case = Case("C1", "P1", "A", {}, {"ct": Acquisition("ct", (), lambda _: 1)})
    assert case.acquisition("ct").load() == 1
    with pytest.raises(DataError, match=r"case C1 has no 'mr' acquisition \(it has: ct\)"):
        case.acquisition("mr")


def test_a_file_that_cannot_be_read_leaves_the_fingerprint_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    there, gone = (Acquisition("ct", (tmp_path / name,), lambda _: None) for name in ("a", "b"))
    cohorts = [
        Cohort((Case("C1", "P1", "A", {}, {"ct": there}), Case("C2", "P2", "A", {}, {"ct": other})))
        for other in (gone, gone, there)
    ]
    first, again, whole = (cohort.fingerprint for cohort in cohorts)
    assert first == again != whole
    with pytest.raises(DataError, match="b: cannot be read"):
        assert gone.fingerprint
