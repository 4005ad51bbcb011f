"""Values are entered and changed whole, with a reason, and never over what somebody else wrote meanwhile."""

import csv
from pathlib import Path
from typing import Any

import pytest

from capture_stores import Team, both, team
from hepar.capture.errors import ConflictError
from hepar.capture.reading import history_csv
from hepar.capture.store import verify
from hepar.capture.writing import Place
from hepar.core.errors import DataError, HeparError, ProtocolError
from hepar.data.crf.form import Choice, FormDictionary, FormField

DICTIONARY = FormDictionary(
    "small",
    (
        FormField("record_id", "demography", "text", "Record"),
        FormField("age", "demography", "text", "Age", validation="integer"),
        FormField("sex", "demography", "radio", "Sex", choices=(Choice("1", "Male"), Choice("2", "Female"))),
        FormField("full_name", "demography", "text", "Name", identifier=True),
        FormField("consent_date", "demography", "text", "Consent", validation="date_ymd"),
        FormField("remark", "demography", "notes", "Remark"),
        FormField(
            "cause", "demography", "checkbox", "Cause", choices=(Choice("1", "HBV"), Choice("2", "HCV"))
        ),
    ),
)


@both
def test_a_value_is_entered_changed_and_emptied_and_its_history_tells_all(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": " 45 ", "sex": "1"})
        t.ines.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
        t.li.put("P1", {"age": ""}, reason="wrong participant", expected={"age": "46"})
        assert t.rita.values("P1") == {"sex": "1"}
        told = [
            (e.actor, e.role, e.action, e.old, e.new, e.reason) for e in t.rita.history("P1", field="age")
        ]
        assert told == [
            ("li", "data entry", "enter", "", "45", ""),
            ("ines", "investigator", "change", "45", "46", "typing error"),
            ("li", "data entry", "change", "46", "", "wrong participant"),
        ]
        assert {entry.site for entry in t.rita.history("P1")} == {"zj"}
        text = history_csv(t.rita.history("P1"))
        assert text.splitlines()[0].startswith("at,actor,role,action,")
        assert len(text.splitlines()) == 6


@both
def test_records_of_a_participant_are_kept_apart(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        first, second = Place("P1", "visit", "scan", "1"), Place("P1", "visit", "scan", "2")
        t.li.put(first, {"kpa": "7"})
        t.li.put(second, {"kpa": "8"})
        assert (t.li.values(first), t.li.values(second), t.li.values("P1")) == (
            {"kpa": "7"},
            {"kpa": "8"},
            {},
        )


@both
def test_the_same_value_records_nothing(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        before = t.store.anchor()
        assert t.li.put("P1", {"age": "45", "kpa": ""}) == ()
        assert t.li.put("P9", {"age": ""}) == ()
        assert t.store.anchor() == before
        assert t.li.participants() == ("P1",)


@both
def test_one_bad_field_of_many_and_nothing_is_written(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        before = t.store.anchor()
        for values in ({"kpa": "7", "age": "46"}, {"kpa": "7", "sex": "a\0b"}, {"kpa": "7", "sex": "\ud800"}):
            with pytest.raises(HeparError):
                t.li.put("P1", values)
        assert t.store.anchor() == before
        assert t.li.values("P1") == {"age": "45"}


@both
def test_a_change_needs_a_reason_and_what_it_replaces(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        with pytest.raises(ProtocolError, match="needs a reason"):
            t.li.put("P1", {"age": "46"}, expected={"age": "45"})
        with pytest.raises(ProtocolError, match="say which one is replaced"):
            t.li.put("P1", {"age": "46"}, reason="typing error")
        with pytest.raises(ProtocolError, match="needs a reason"):
            t.li.put("P1", {"age": ""}, reason="  ", expected={"age": "45"})
        with pytest.raises(DataError, match="holds nothing yet"):
            t.li.put("P1", {"kpa": "7"}, expected={"kpa": "6"})


@both
def test_the_second_of_two_writers_is_told_who_was_first(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ada.set_dictionary(DICTIONARY)
        t.li.put(
            "P1", {"age": "45", "full_name": "Zhang San", "consent_date": "2026-02-03", "remark": "call her"}
        )
        t.ines.put("P1", {"age": "46"}, reason="from the chart", expected={"age": "45"})
        before = t.store.anchor()
        with pytest.raises(
            ConflictError, match=r"now holds '46', entered by ines \(investigator\) at 20"
        ) as told:
            t.li.put("P1", {"age": "47", "sex": "1"}, reason="typing error", expected={"age": "45"})
        assert (told.value.value, told.value.actor, told.value.role) == ("46", "ines", "investigator")
        assert t.store.anchor() == before
        for field, secret in (("full_name", "Zhang"), ("consent_date", "2026-02-03"), ("remark", "call")):
            with pytest.raises(ConflictError, match="another value") as told:
                t.li.put("P1", {field: "x"}, reason="typing error", expected={field: "y"})
            assert secret not in str(told.value)


@both
def test_a_dictionary_tells_which_fields_there_are(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ada.set_dictionary(DICTIONARY)
        t.li.put("P1", {"cause___1": "1", "demography_complete": "2"})
        for field in ("agge", "record_id", "cause"):
            with pytest.raises(DataError, match="has no field"):
                t.li.put("P1", {field: "45"})
        assert verify(t.store).whole
        t.as_owner("UPDATE fields SET hidden = 0")
        assert any("dictionary" in fault.what for fault in verify(t.store).faults)


def test_no_message_tells_a_value_that_could_identify(tmp_path: Path) -> None:
    """Each way that a write can fail, with a name, a date and a hospital number."""
    secrets = {"full_name": "Zhang San", "birth": "1970-01-02", "mrn": "H0099887"}
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", secrets)
        said = [message(t, {name: f"{value}x" for name, value in secrets.items()}, **how) for how in HOW]
        t.ines.lock("primary")
        said.append(message(t, {"mrn": "H0099887x"}, reason="typing error", expected={"mrn": "H0099887"}))
        said += [message(t, {"mrn": "H0099887x\0"}), message(t, {"mrn\n": "H0099887x"})]
    assert all(said)
    assert not [text for text in said for value in secrets.values() if value in text]


HOW: tuple[dict[str, Any], ...] = (
    {},
    {"reason": "typing error"},
    {"reason": "typing error", "expected": {"mrn": "z"}},
    {"site": "wh"},
)


def message(t: Team, values: dict[str, str], **how: Any) -> str:
    with pytest.raises(HeparError) as told:
        t.li.put("P1", values, **how)
    return f"{told.value} {told.value.__cause__} {getattr(told.value, '__notes__', '')}"


@pytest.mark.parametrize("name", ["", " P1", "P1\n", "P\x001"])
def test_a_record_has_a_name_that_can_be_read(name: str) -> None:
    with pytest.raises(DataError):
        Place(name)


def test_a_participant_stays_at_their_site(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.ines.put("P1", {"age": "45"}, site="zj")
        with pytest.raises(DataError, match="is of site zj"):
            t.ines.put("P1", {"kpa": "7"}, site="wh")
        assert t.li.values("P1") == {"age": "45"}


def test_lines_end_with_line_feeds_whatever_wrote_them(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"remark": "a\r\nb\rc"})
        assert t.li.values("P1") == {"remark": "a\nb\nc"}
        assert t.li.put("P1", {"remark": "a\rb\r\nc"}) == ()
        t.li.put("P1", {"remark": "d"}, reason="typing error", expected={"remark": "a\r\nb\r\nc"})


@both
def test_a_history_of_all_names_the_participants_and_keeps_to_the_sites_of_the_user(
    kind: str, tmp_path: Path
) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.wu.put(Place("W1", "visit", "scan", "2"), {"kpa": "7"}, reason="two\rlines")
        rows = list(csv.DictReader(history_csv(t.rita.history()).splitlines(keepends=True), strict=True))
        told = [(row["participant"], row["site"], row["instance"], row["field"]) for row in rows]
        assert told == [
            ("P1", "zj", "", ""),
            ("P1", "zj", "", "age"),
            ("W1", "wh", "", ""),
            ("W1", "wh", "2", "kpa"),
        ]
        assert rows[-1]["reason"] == "two\nlines"
        assert {entry.participant for entry in t.wu.history()} == {"W1"}
        assert [entry.new for entry in t.rita.history(field="kpa")] == ["7"]
