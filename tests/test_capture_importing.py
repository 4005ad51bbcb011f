"""A REDCap export is taken over whole, after a look at what it would change."""

from pathlib import Path

import pytest

from capture_stores import Team, both, team
from hepar.capture.errors import ConflictError, RefusedError
from hepar.capture.store import verify
from hepar.core.errors import DataError, ProtocolError
from hepar.data.crf.record import Export, Record


def export(
    *records: tuple[str, str, str, dict[str, str]], columns: tuple[str, ...] = ("age", "kpa")
) -> Export:
    """Lines as participant, instance of the repeated form, site and values."""
    lines = tuple(
        Record(
            line,
            participant,
            {"record_id": participant, **values},
            "",
            "scan" if instance else "",
            instance,
            group,
        )
        for line, (participant, instance, group, values) in enumerate(records, start=2)
    )
    return Export(("record_id", *columns), lines)


FIRST = export(
    ("P1", "", "zj", {"age": "45"}),
    ("P1", "1", "zj", {"kpa": "7.1"}),
    ("P1", "2", "zj", {"kpa": "7.3"}),
    ("P2", "", "wh", {"age": "50", "kpa": "9"}),
)


@both
def test_an_export_is_entered_and_the_next_one_changes_what_differs(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        assert len(t.ines.take(FIRST, reason="export of March")) == 2 + 5
        assert t.ines.take(FIRST, reason="the same again") == ()
        second = export(("P1", "", "zj", {"age": "46"}), ("P2", "", "wh", {"age": "50", "kpa": ""}))
        plan = t.ines.plan(second)
        assert [(d.participant, d.field, d.old, d.new) for d in plan.of("change")] == [
            ("P1", "age", "45", "46"),
            ("P2", "kpa", "9", ""),
        ]
        assert str(plan).startswith("0 to enrol, 0 to enter, 2 to change")
        entries = t.ines.take(second, reason="export of April", seen=plan.head)
        assert [entry.reason for entry in entries] == ["export of April"] * 2
        assert t.li.values("P1") == {"age": "46"}
        assert t.wu.values("P2") == {"age": "50"}
        assert verify(t.store).whole


@both
def test_a_plan_records_nothing(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        before = t.store.anchor()
        assert len(t.ines.plan(FIRST).of("enter")) == 5
        assert t.store.anchor() == before


@both
def test_what_was_entered_after_the_plan_is_not_overwritten(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ines.take(FIRST, reason="export of March")
        second = export(("P1", "", "zj", {"age": "46"}))
        plan = t.ines.plan(second)
        t.ines.participants()
        t.li.put("P1", {"age": "47"}, reason="from the chart", expected={"age": "45"})
        with pytest.raises(ConflictError, match=r"last by li \(data entry\)"):
            t.ines.take(second, reason="export of April", seen=plan.head)
        assert t.li.values("P1")["age"] == "47"


def nothing_stored(t: Team, given: Export, error: type[Exception], said: str) -> None:
    before = t.store.anchor().seq
    with pytest.raises(error, match=said):
        t.li.take(given, reason="export")
    assert t.store.anchor().seq - before <= 1, "at most the refusal"
    assert t.ines.participants() == ()


def test_one_line_that_is_refused_and_nothing_is_taken_over(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        nothing_stored(t, FIRST, RefusedError, "of site zj and may neither see nor write")
        twice = export(("P1", "", "zj", {"age": "1"}), ("P1", "", "zj", {"age": "2"}))
        nothing_stored(t, twice, DataError, "lines 2 and 3")
        moved = export(("P1", "", "zj", {"age": "1"}), ("P1", "1", "wh", {"kpa": "2"}))
        nothing_stored(t, moved, DataError, "another data access group")
        odd = export(("P1", "", "zj", {"age": "1"}), ("P3", "", "zj", {"age": "\0"}))
        nothing_stored(t, odd, DataError, "no text can hold")
        with pytest.raises(ProtocolError, match="needs a reason"):
            t.ines.take(FIRST, reason=" ")
        with pytest.raises(RefusedError, match="enter"):
            t.rita.take(FIRST, reason="x")


def test_columns_that_an_export_lacks_stay_as_they_are(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.ines.take(FIRST, reason="export of March")
        t.ines.take(export(("P2", "", "wh", {"age": "51"}), columns=("age",)), reason="ages alone")
        assert t.wu.values("P2") == {"age": "51", "kpa": "9"}


def test_a_locked_data_set_takes_nothing_over(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.ines.lock("primary")
        with pytest.raises(RefusedError, match="locked as 'primary'"):
            t.ines.take(FIRST, reason="export of March")
