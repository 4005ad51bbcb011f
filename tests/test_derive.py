"""Derived fields: body mass index, years between dates, first event, status of a composite."""

import datetime as dt

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.data.case import Case
from hepar.data.cohort import Cohort
from hepar.data.derivation import DerivedColumns, Table
from hepar.data.derive import BodyMassIndex, DaysBetween, EventStatus, FirstEvent, YearsBetween
from hepar.data.eligibility import Condition, Criterion, screen
from hepar.data.field import Field

DATE = Field(kind="date")
START = dt.date(2000, 1, 1)


def day(n: int | None) -> dt.date | None:
    return None if n is None else START + dt.timedelta(days=n)


def dated(**columns: list[int | None]) -> Table:
    values = {name: np.array([day(n) for n in days], dtype=object) for name, days in columns.items()}
    n = len(next(iter(values.values())))
    return Table([f"c{i}" for i in range(n)], values, dict.fromkeys(values, DATE))


def first(table: Table, **more: str) -> DerivedColumns:
    rule = FirstEvent(
        origin="entry", events=("varices", "ascites"), competing=("death",), until="last", **more
    )
    return rule.compute("lre", table)


def test_body_mass_index_heeds_the_units() -> None:
    fields = {"w": Field(kind="number", unit="kg"), "h": Field(kind="number", unit="cm")}
    table = Table(["a", "b"], {"w": np.array([80.0, np.nan]), "h": np.array([200.0, 180.0])}, fields)
    bmi = BodyMassIndex(weight="w", height="h").compute("bmi", table).columns["bmi"]
    assert bmi[0] == pytest.approx(20.0)
    assert np.isnan(bmi[1])


def test_an_impossible_body_mass_index_is_refused_by_case() -> None:
    fields = {"w": Field(kind="number", unit="kg"), "h": Field(kind="number", unit="cm")}
    table = Table(["a"], {"w": np.array([80.0]), "h": np.array([20.0])}, fields)
    with pytest.raises(DataError, match=r"case a: bmi is 2000.0 kg/m\^2"):
        BodyMassIndex(weight="w", height="h").compute("bmi", table)


def test_years_between_dates_are_of_365_and_a_quarter_days() -> None:
    years = (
        YearsBetween(start="a", end="b").compute("gap_y", dated(a=[0, None], b=[1461, 5])).columns["gap_y"]
    )
    assert years[0] == pytest.approx(4.0)
    assert np.isnan(years[1])


def test_years_between_dates_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(DataError, match="case c0: b lies before a"):
        YearsBetween(start="a", end="b").compute("gap_y", dated(a=[10], b=[5]))


def test_the_earliest_event_counts_and_death_after_it_does_not() -> None:
    table = dated(entry=[0], varices=[300], ascites=[100], death=[200], last=[400])
    found = first(table)
    assert found.columns["lre_status"].tolist() == [1.0]
    assert found.columns["lre_time_y"][0] == pytest.approx(100 / 365.25)


def test_death_before_any_event_competes_and_a_tie_is_the_event() -> None:
    table = dated(entry=[0, 0], varices=[300, 200], ascites=[None, None], death=[200, 200], last=[400, 400])
    assert first(table).columns["lre_status"].tolist() == [2.0, 1.0]


def test_without_an_event_follow_up_ends_at_the_last_contact() -> None:
    table = dated(entry=[0, None], varices=[None] * 2, ascites=[None] * 2, death=[None] * 2, last=[730, 730])
    found = first(table)
    assert found.columns["lre_time_y"][0] == pytest.approx(730 / 365.25)
    assert found.columns["lre_status"][0] == 0.0
    assert np.isnan(found.columns["lre_time_y"][1])
    assert np.isnan(found.columns["lre_status"][1])


def test_an_event_after_the_last_contact_counts_with_a_note() -> None:
    found = first(dated(entry=[0], varices=[500], ascites=[None], death=[None], last=[400]))
    assert found.columns["lre_status"].tolist() == [1.0]
    assert found.notes == (("lre_status", "events dated after last, counted as observed", 1),)


def test_an_event_before_entry_is_refused_by_case() -> None:
    with pytest.raises(DataError, match="case c1: ascites lies before entry"):
        first(dated(entry=[0, 10], varices=[None] * 2, ascites=[5, 5], death=[None] * 2, last=[400] * 2))


def test_event_status_is_one_for_the_event_two_for_the_rest_of_the_composite() -> None:
    columns = {"hepatic": np.array([1, 0, 0, np.nan, 0.0]), "any": np.array([1, 1, 0, 1, np.nan])}
    table = Table(list("abcde"), columns, {})
    status = EventStatus(event="hepatic", competing="any").compute("s", table).columns["s"]
    np.testing.assert_array_equal(status, [1, 2, 0, np.nan, np.nan])


def test_days_between_are_whole_days_and_an_end_before_the_start_is_refused_or_missing_or_kept() -> None:
    table = dated(a=[0, 10, None], b=[14, 5, 3])
    with pytest.raises(DataError, match="case c1: b lies before a"):
        DaysBetween(start="a", end="b").compute("gap_d", table)
    gone = DaysBetween(start="a", end="b", before="missing").compute("gap_d", table)
    np.testing.assert_array_equal(gone.columns["gap_d"], [14, np.nan, np.nan])
    assert gone.notes == (("gap_d", "b before a, taken as missing", 1),)
    kept = DaysBetween(start="a", end="b", before="keep").compute("gap_d", table)
    np.testing.assert_array_equal(kept.columns["gap_d"], [14, -5, np.nan])


def test_an_intervention_within_14_days_and_one_ever_are_criteria_on_dates() -> None:
    table = dated(done=[0, 0, 20, None], recorded=[14, 15, 10, 10])
    rule = DaysBetween(start="done", end="recorded", before="missing")
    days = rule.compute("since_d", table).columns["since_d"]
    cases = tuple(
        Case(name, name, "S", {"since_d": None if d != d else d, "done": at})
        for name, d, at in zip("abcd", days, table.columns["done"], strict=True)
    )
    cohort = Cohort(cases, {**rule.produces("since_d"), "done": DATE})
    recent = Criterion(name="within 14 days", exclude=Condition(field="since_d", op="<=", value=14))
    assert [case.case_id for case in screen(cohort, [recent])] == ["b", "c", "d"]
    ever = Criterion(name="ever", exclude=Condition(field="done", op="known"))
    assert [case.case_id for case in screen(cohort, [ever])] == ["d"]
