"""An exported trail is verified without its store, and a cut or changed one is found out."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture_stores import KEY, both, team
from hepar.capture.audit_file import verify_file
from hepar.capture.chain import Anchor
from hepar.core.errors import DataError, RunError


def exported(kind: str, folder: Path, *, key: bytes | None = None) -> tuple[Path, Anchor]:
    with team(kind, folder, key=key) as t:
        t.li.put("P1", {"age": "45", "note": 'line\nbreak, "quotes" \u2028 \u4e2d'})
        t.li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
        return folder / "a.jsonl", t.ada.export_audit(folder / "a.jsonl")


@both
def test_a_file_that_nobody_touched_is_whole(kind: str, tmp_path: Path) -> None:
    path, head = exported(kind, tmp_path)
    verdict = verify_file(path, anchor=head)
    assert verdict.whole
    assert verdict.rows == head.seq
    assert verdict.head == head


def test_wherever_a_file_is_cut_the_first_row_that_is_missing_is_named(tmp_path: Path) -> None:
    path, head = exported("sqlite", tmp_path)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    for end in range(len(lines[0]), len(content), 97):
        cut.write_bytes(content[:end])
        whole_rows = content[:end].count(b"\n") - 1
        verdict = verify_file(cut)
        named = {fault.seq for fault in verdict.faults}
        assert named == {min(whole_rows, head.seq) + 1}, end


@pytest.mark.parametrize("row", [1, 7, 15])
def test_a_changed_missing_or_moved_line_is_named(tmp_path: Path, row: int) -> None:
    path, _ = exported("sqlite", tmp_path)
    lines = path.read_text(encoding="utf-8").split("\n")
    said = json.loads(lines[row])
    other = tmp_path / "other.jsonl"
    for changed, named in (
        ([*lines[:row], json.dumps({**said, "actor": "x"}), *lines[row + 1 :]], [row]),
        ([*lines[:row], *lines[row + 1 :]], [row]),
        ([*lines[:row], "", *lines[row:]], [row]),
        ([*lines[: row + 1], lines[row], *lines[row + 1 :]], [row]),
    ):
        other.write_text("\n".join(changed), encoding="utf-8")
        assert [fault.seq for fault in verify_file(other).faults] == named


def test_what_stands_after_the_foot_is_told(tmp_path: Path) -> None:
    path, head = exported("sqlite", tmp_path)
    with path.open("a") as file:
        file.write('{"end": 1, "hash": ""}\n')
    assert [fault.seq for fault in verify_file(path).faults] == [head.seq + 1]


def test_a_cut_file_with_a_new_foot_is_found_by_the_anchor(tmp_path: Path) -> None:
    path, head = exported("sqlite", tmp_path)
    lines = path.read_text(encoding="utf-8").split("\n")
    last = json.loads(lines[9])
    foot = json.dumps({"end": last["seq"], "hash": last["hash"]})
    path.write_text("\n".join([*lines[:10], foot, ""]), encoding="utf-8")
    assert verify_file(path).whole
    assert "no anchor" in " ".join(verify_file(path).notes)
    assert [fault.seq for fault in verify_file(path, anchor=head).faults] == [10]


def test_a_keyed_file_needs_its_key(tmp_path: Path) -> None:
    path, _ = exported("sqlite", tmp_path, key=KEY)
    assert verify_file(path, key=KEY).whole
    assert not verify_file(path, key=KEY[::-1]).whole
    with pytest.raises(RunError, match="sealed with a key"):
        verify_file(path)


@pytest.mark.parametrize("text", ["", "x\n", "[1]\n", '{"hepar audit": 2, "chain": "sha256"}\n'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.jsonl").write_text(text)
    with pytest.raises(DataError):
        verify_file(tmp_path / "b.jsonl")


def test_a_trail_is_not_written_over(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.ada.export_audit(tmp_path / "a.jsonl")
        with pytest.raises(DataError, match="exists"):
            t.ada.export_audit(tmp_path / "a.jsonl")
        with pytest.raises(RunError, match="cannot be written"):
            t.ada.export_audit(tmp_path / "a.jsonl" / "b.jsonl")
    assert not list(tmp_path.glob(".writing-*"))


@settings(max_examples=40, deadline=None)
@given(junk=st.binary(max_size=200))
def test_junk_is_told_and_never_a_traceback(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.mktemp("junk") / "a.jsonl"
    path.write_bytes(b'{"hepar audit": 1, "chain": "sha256"}\n' + junk)
    assert not verify_file(path).whole


def test_a_line_that_others_may_read_otherwise_is_no_row(tmp_path: Path) -> None:
    path, head = exported("sqlite", tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    twice = lines[9].replace(b'"actor":', b'"actor":"somebody else","actor":', 1)
    spaced = lines[9].replace(b'"actor":', b'"actor": ', 1)
    for changed in (twice, spaced, b"[" * 100_000 + b"\n"):
        path.write_bytes(b"".join([*lines[:9], changed, *lines[10:]]))
        assert {fault.seq for fault in verify_file(path).faults} == {9}
    foot = lines[-1].replace(b'{"end"', b'{"end": 1, "end"')
    path.write_bytes(b"".join([*lines[:-1], foot]))
    assert not verify_file(path).whole
    path.write_bytes(b"".join(lines).replace(b"\n", b"\r\n"))  # as some programs send a text file
    assert verify_file(path, anchor=head).whole


def test_what_a_file_without_key_or_anchor_cannot_show_is_told(tmp_path: Path) -> None:
    path, head = exported("sqlite", tmp_path)
    assert [note.partition(":")[0] for note in verify_file(path).notes] == ["no key", "no anchor"]
    assert [note.partition(":")[0] for note in verify_file(path, anchor=head).notes] == ["no key"]
