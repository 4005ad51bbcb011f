from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from hepar.core.errors import DataError, ProtocolError
from hepar.data.case import Acquisition, Case
from hepar.data.cohort import Cohort
from hepar.data.eligibility import Condition, Criterion, screen


def case(number: int, **clinical: Any) -> Case:
    return Case(f"C{number}", f"P{number}", "A", clinical)


ADULT = Criterion(name="adult", include=Condition(field="age_y", op=">=", value=18))
NO_CANCER = Criterion(name="no liver cancer", exclude=Condition(field="cancer", op="==", value=True))


def test_each_case_leaves_by_the_first_criterion_that_it_fails_and_by_no_other() -> None:
    cohort = Cohort(
        (
            case(1, age_y=10.0, cancer=True),
            case(2, age_y=50.0, cancer=True),
            case(3, age_y=50.0, cancer=False),
        )
    )
    screened = screen(cohort, [ADULT, NO_CANCER])
    assert [step.excluded for step in screened.flow] == [("C1",), ("C2",)]
    assert [c.case_id for c in screened] == ["C3"]


def test_the_order_of_the_criteria_is_the_order_of_the_reasons() -> None:
    cohort = Cohort((case(1, age_y=10.0, cancer=True), case(3, age_y=50.0, cancer=False)))
    assert [step.criterion for step in screen(cohort, [NO_CANCER, ADULT]).flow if step.excluded] == [
        "no liver cancer"
    ]


def test_the_flow_adds_up() -> None:
    cohort = Cohort(tuple(case(n, age_y=float(n), cancer=n % 3 == 0) for n in range(1, 60)))
    screened = screen(cohort, [ADULT, NO_CANCER])
    for earlier, later in zip(screened.flow, screened.flow[1:], strict=False):
        assert earlier.remained == later.entered
    assert screened.flow[-1].remained == len(screened)


def test_a_missing_value_fails_an_inclusion_and_is_counted_as_missing() -> None:
    screened = screen(Cohort((case(1, age_y=None), case(2, age_y=40.0))), [ADULT])
    assert (screened.flow[0].excluded, screened.flow[0].missing) == (("C1",), 1)


def test_a_missing_value_passes_an_exclusion_unless_told_otherwise() -> None:
    cohort = Cohort((case(1, cancer=None), case(2, cancer=False)))
    assert len(screen(cohort, [NO_CANCER])) == 2
    strict = NO_CANCER.model_copy(update={"missing": "exclude"})
    assert [c.case_id for c in screen(cohort, [strict])] == ["C2"]


def test_a_missing_acquisition_excludes() -> None:
    both = Case("C1", "P1", "A", {}, {"ap": Acquisition("ap", (), lambda _: None)})
    screened = screen(Cohort((both, case(2))), [Criterion(name="arterial phase", needs="ap")])
    assert screened.flow[0].excluded == ("C2",)


@pytest.mark.parametrize(
    ("op", "value", "found", "holds"),
    [
        (">", 3, 3.0, False), (">=", 3, 3.0, True), ("<", 3, 2.0, True), ("<=", 3, 4.0, False), ("==", "a", "a", True),
        ("!=", "a", "a", False), ("in", (1, 2), 2.0, True), ("not in", (1, 2), 2.0, False), ("known", None, 1.0, True),
        ("known", None, None, False), ("==", 1, None, None), ("==", 1, float("nan"), None),
    ],
)  # fmt: skip
def test_every_operator_does_what_it_says(op: Any, value: Any, found: Any, holds: bool | None) -> None:
    assert Condition(field="x", op=op, value=value).holds(found) is holds


def test_a_text_compared_with_a_number_is_refused_with_both() -> None:
    with pytest.raises(DataError, match=r"field 'age_y' holds 'old', not comparable by '>=' with 18"):
        screen(Cohort((case(1, age_y="old"),)), [ADULT])


def test_a_date_is_compared_as_a_date_however_the_protocol_wrote_it() -> None:
    found = date(2015, 6, 1)
    for value in (date(2015, 1, 31), "2015-01-31"):
        later = Condition.model_validate({"field": "scan_date", "op": ">", "value": value})
        assert later.holds(found) is True
        assert Condition.model_validate_json(later.model_dump_json()) == later
    assert Condition(field="scan_date", op="in", value=("2015-06-01",)).holds(found) is True


def test_a_date_that_is_not_written_year_first_is_refused() -> None:
    with pytest.raises(DataError, match="not comparable by '>' with '31/01/2015'"):
        Condition(field="scan_date", op=">", value="31/01/2015").holds(date(2015, 6, 1))


def test_a_criterion_on_an_unknown_field_names_the_nearest() -> None:
    wrong = Criterion(name="adult", include=Condition(field="age", op=">=", value=18))
    with pytest.raises(ProtocolError, match=r"reads field 'age', .*did you mean 'age_y'"):
        screen(Cohort((case(1, age_y=3.0),)), [wrong])


def test_an_empty_cohort_is_refused_with_the_criterion_that_emptied_it() -> None:
    with pytest.raises(DataError, match="no case is left after 'adult'"):
        screen(Cohort((case(1, age_y=3.0, cancer=False),)), [ADULT, NO_CANCER])


@pytest.mark.parametrize(
    "criterion",
    [
        {"name": "nothing"},
        {"name": "two", "needs": "ct", "include": {"field": "x", "op": "known"}},
        {"name": "no list", "include": {"field": "x", "op": "in", "value": 3}},
        {"name": "no value", "include": {"field": "x", "op": "=="}},
        {"name": "unknown operator", "include": {"field": "x", "op": "~", "value": 1}},
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused(criterion: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Criterion.model_validate(criterion)
