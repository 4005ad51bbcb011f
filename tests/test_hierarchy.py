"""The reference hierarchy: order, conclusiveness, timing."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from hepar.core.errors import ProtocolError
from hepar.data.derivation import DerivedColumns, Table
from hepar.data.field import Field
from hepar.data.hierarchy import Hierarchy

LEVELS = ("haemangioma", "hcc", "unclear")
START = dt.date(2020, 1, 1)
SOURCES: list[dict[str, Any]] = [
    {"name": "US", "result": "us"},
    {"name": "MRI", "result": "mri", "date": "mri_date"},
    {"name": "biopsy", "result": "pathology", "date": "biopsy_date", "within_days": 200},
]


def table(**columns: list[Any]) -> Table:
    fields, values = {}, {}
    n = len(next(iter(columns.values())))
    for name in ("us", "mri", "pathology", "mri_date", "biopsy_date", "recorded"):
        column = columns.get(name, [0 if name == "recorded" else None] * n)
        if name.endswith("date") or name == "recorded":
            fields[name] = Field(kind="date")
            column = [None if day is None else START + dt.timedelta(days=day) for day in column]
        else:
            fields[name] = Field(kind="category", levels=LEVELS)
        values[name] = np.array(column, dtype=object)
    return Table([f"c{i}" for i in range(n)], values, fields)


def rule(**more: Any) -> Hierarchy:
    given: dict[str, Any] = {
        "recorded": "recorded",
        "within_days": 90,
        "conclusive": ["haemangioma", "hcc"],
        **more,
    }
    return Hierarchy.model_validate({"sources": SOURCES, **given})


def told(found: DerivedColumns) -> dict[str, int]:
    return {what: n for _, what, n in found.notes}


def test_the_first_conclusive_source_decides_in_the_order_given() -> None:
    given = table(
        us=["hcc", "unclear", None, None],
        mri=["haemangioma", "haemangioma", "unclear", None],
        mri_date=[5, 5, 5, None],
        pathology=["hcc", "hcc", "hcc", None],
        biopsy_date=[9, 9, 9, None],
    )
    found = rule().compute("truth", given)
    assert found.columns["truth"].tolist() == ["hcc", "haemangioma", "hcc", None]
    assert found.columns["truth_source"].tolist() == ["US", "MRI", "biopsy", None]
    turned = rule(sources=SOURCES[::-1]).compute("truth", given)
    assert turned.columns["truth_source"].tolist() == ["biopsy", "biopsy", "biopsy", None]


def test_a_later_source_that_contradicts_is_told() -> None:
    given = table(us=["hcc", "hcc"], mri=["haemangioma", "hcc"], mri_date=[5, 5])
    assert told(rule().compute("truth", given)) == {
        "MRI contradicts US, which decides": 1,
        "decided by US": 2,
    }


@pytest.mark.parametrize(("day", "decides"), [(90, True), (91, False), (-90, True), (-91, False)])
def test_a_result_outside_the_window_is_passed_over_and_told(day: int, decides: bool) -> None:
    found = rule().compute("truth", table(mri=["hcc"], mri_date=[day]))
    assert found.columns["truth"].tolist() == ["hcc" if decides else None]
    passed = "MRI conclusive but more than 90 days from recorded: passed over"
    assert told(found) == ({"decided by MRI": 1} if decides else {passed: 1})


def test_what_comes_after_one_that_was_passed_over_may_decide_by_its_own_window() -> None:
    given = table(mri=["haemangioma"], mri_date=[150], pathology=["hcc"], biopsy_date=[150])
    assert rule().compute("truth", given).columns["truth_source"].tolist() == ["biopsy"]


def test_a_conclusive_result_without_its_date_is_passed_over_and_told() -> None:
    found = rule().compute("truth", table(mri=["hcc", "unclear"], mri_date=[None, None]))
    assert found.columns["truth"].tolist() == [None, None]
    assert told(found) == {"MRI conclusive but a date is missing: passed over": 1}


def test_results_may_stand_for_another_value() -> None:
    sources = [{"name": "biopsy", "result": "pathology", "conclusive": {"hcc": "malignant"}}]
    made = Hierarchy.model_validate({"sources": sources})
    found = made.compute("truth", table(pathology=["hcc", "unclear"]))
    assert found.columns["truth"].tolist() == ["malignant", None]
    assert made.produces("truth")["truth"].levels == ("malignant",)
    assert made.needs == {"pathology": "category"}


def test_a_conclusive_result_that_the_field_never_holds_is_refused() -> None:
    with pytest.raises(
        ProtocolError, match="US is conclusive at 'hc', which us never holds; did you mean 'hcc'"
    ):
        rule(conclusive=["hc"]).compute("truth", table(us=["hcc"]))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"conclusive": []}, "'US' has no conclusive results"),
        ({"recorded": None}, "within_days needs `recorded`"),
        ({"sources": [SOURCES[0], SOURCES[0]]}, "a source stands twice"),
        ({"sources": [{**SOURCES[0], "within_days": 5}]}, "has within_days but no date"),
    ],
)
def test_a_hierarchy_that_cannot_decide_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rule(**more)
