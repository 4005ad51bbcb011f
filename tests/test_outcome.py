from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from hepar.core.errors import DataError, HeparError, ProtocolError
from hepar.data.outcome import Outcome
from hepar.data.reference import Reference, reference

ADAPTER: TypeAdapter[Outcome] = TypeAdapter(Outcome)
TABLE = pd.DataFrame(
    {
        "participant_id": list("abcd"),
        "site": list("AABB"),
        "stage": [0.0, 2.0, 4.0, np.nan],
        "class": ["benign", "malignant", "malignant", None],
        "t_y": [1.0, 2.0, 3.0, np.nan],
        "status": [1.0, 0.0, 2.0, 1.0],
        "dead": [0.0, 0.0, 1.0, 0.0],
    },
    index=pd.Index(["1", "2", "3", "4"], name="case_id"),
)


def outcome(**more: Any) -> Outcome:
    return ADAPTER.validate_python({"label": "it", **more})


def event(field: str, value: float) -> dict[str, Any]:
    return {"field": field, "op": "==", "value": value}


def test_binary_is_positive_from_the_threshold_up_and_unknown_where_missing() -> None:
    seen = reference(outcome(kind="binary", field="stage", at_least=2), TABLE)["positive"]
    assert seen.tolist()[:3] == [0.0, 1.0, 1.0]
    assert np.isnan(seen.iloc[3])


def test_binary_by_levels_is_unknown_where_missing() -> None:
    seen = reference(outcome(kind="binary", field="class", one_of=["malignant"]), TABLE)["positive"]
    assert seen.tolist()[:3] == [0.0, 1.0, 1.0]
    assert np.isnan(seen.iloc[3])


def test_graded_gives_the_grade_and_the_primary_threshold() -> None:
    seen = reference(outcome(kind="graded", field="stage", grades=[0, 2, 4], threshold=4), TABLE)
    assert seen["grade"].tolist()[:3] == [0.0, 2.0, 4.0]
    assert seen["positive"].tolist()[:3] == [0.0, 0.0, 1.0]


def test_a_grade_that_the_protocol_does_not_have_is_refused_with_the_case() -> None:
    with pytest.raises(DataError, match=r"case 3: stage is 4; the protocol's grades are 0, 2, 3"):
        reference(outcome(kind="graded", field="stage", grades=[0, 2, 3], threshold=3), TABLE)


def test_the_event_wins_over_the_competing_event() -> None:
    kind = outcome(
        kind="time_to_event", time="t_y", event=event("status", 1), competing=event("dead", 1), horizons_y=[1]
    )
    assert reference(kind, TABLE)["status"].tolist()[:3] == [1.0, 0.0, 2.0]


def test_a_time_without_status_and_a_status_without_time_are_both_unknown() -> None:
    table = TABLE.assign(status=[1.0, np.nan, 0.0, 1.0])
    seen = reference(
        outcome(kind="time_to_event", time="t_y", event=event("status", 1), horizons_y=[1]), table
    )
    assert seen["time_y"].isna().tolist() == [False, True, False, True]


def test_a_follow_up_of_zero_is_refused_with_the_case() -> None:
    table = TABLE.assign(t_y=[0.0, 1.0, 2.0, 3.0])
    with pytest.raises(
        DataError, match=r"case 1: t_y is 0 years \(1 such cases\); follow-up must be positive"
    ):
        reference(outcome(kind="time_to_event", time="t_y", event=event("status", 1), horizons_y=[1]), table)


def test_a_time_whose_name_says_no_years_is_refused() -> None:
    with pytest.raises(ProtocolError, match="must end in _y"):
        reference(
            outcome(kind="time_to_event", time="stage", event=event("status", 1), horizons_y=[1]), TABLE
        )


def test_a_field_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(
        ProtocolError, match=r"outcome field 'stge' is not in the dictionary; did you mean 'stage'"
    ):
        reference(outcome(kind="binary", field="stge", at_least=2), TABLE)


def test_a_text_where_a_number_is_needed_is_refused_with_case_and_value() -> None:
    with pytest.raises(DataError, match="case 1: outcome field 'class' holds 'benign', not a number"):
        reference(outcome(kind="continuous", field="class", unit="kPa"), TABLE)


def test_lesions_are_not_read_from_tables() -> None:
    with pytest.raises(ProtocolError, match="come from a clinical table"):
        reference(outcome(kind="lesions", acquisition="truth"), TABLE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "binary", "field": "x"},
        {"kind": "binary", "field": "x", "at_least": 1, "one_of": [2]},
        {"kind": "graded", "field": "x", "grades": [0, 1], "threshold": 1},
        {"kind": "graded", "field": "x", "grades": [0, 2, 1], "threshold": 1},
        {"kind": "graded", "field": "x", "grades": [0, 1, 2], "threshold": 0},
        {"kind": "graded", "field": "x", "grades": [0, 1, 2], "threshold": 1, "names": ["one"]},
        {"kind": "time_to_event", "time": "t_y", "event": event("s", 1), "horizons_y": []},
        {"kind": "time_to_event", "time": "t_y", "event": event("s", 1), "horizons_y": [0]},
        {"kind": "survival"},
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, HeparError)):
        outcome(**wrong)


@pytest.mark.parametrize(
    "example",
    [
        {"kind": "binary", "field": "x", "at_least": 2.0},
        {"kind": "graded", "field": "x", "grades": [0, 1, 2], "threshold": 2},
        {"kind": "continuous", "field": "x", "unit": "kPa"},
        {"kind": "time_to_event", "time": "t_y", "event": event("s", 1), "horizons_y": [3]},
        {"kind": "lesions", "acquisition": "truth"},
    ],
)
def test_every_outcome_survives_a_round_trip(example: dict[str, Any]) -> None:
    one = outcome(**example)
    assert ADAPTER.validate_python(ADAPTER.dump_python(one)) == one


def test_the_reference_counts_and_keeps_the_rows_asked_for() -> None:
    kind = outcome(kind="binary", field="stage", at_least=2)
    known = Reference(kind, reference(kind, TABLE).iloc[:3])
    assert known.counts() == {"cases": 3, "participants": 3, "events": 2}
    assert known.take([2, 0]).positive.tolist() == [True, False]
