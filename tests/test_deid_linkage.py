"""The table of who is who: encrypted, authenticated, for its owner alone, one for all runs."""

import stat
from pathlib import Path

import pytest

from deid_samples import KEY
from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.io.deidentification.linkage import Link, add_links, links_text, read_links

ONE = Link("subject", "HOSP-0471193", "S-AAAA", "S-AAAA")
TWO = Link("study", "1.2.3.4", "2.25.77", "S-AAAA")


def test_what_was_added_is_read_again_and_cannot_be_read_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a" / "x.linkage"
    assert add_links(file, [TWO, ONE], secret=KEY) == (TWO, ONE)
    assert read_links(file, secret=KEY) == (TWO, ONE)
    content = file.read_bytes()
    assert b"HOSP" not in content
    assert b"S-AAAA" not in content
    assert [p.name for p in file.parent.iterdir()] == ["x.linkage"]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    add_links(tmp_path / "x", [ONE], secret=KEY)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


def test_the_same_table_is_never_encrypted_twice_in_the_same_way(tmp_path: Path) -> None:
    for name in "ab":
        add_links(tmp_path / name, [ONE], secret=KEY)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("place", [3, 20, 35, 60, -1])
def test_one_changed_bit_anywhere_is_refused(place: int, tmp_path: Path) -> None:
    file = tmp_path / "x"
    add_links(file, [ONE], secret=KEY)
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"changed|damaged"):
        read_links(file, secret=KEY)


@pytest.mark.parametrize("length", [0, 10, 50, -1])
def test_a_table_that_was_cut_is_refused(length: int, tmp_path: Path) -> None:
    file = tmp_path / "x"
    add_links(file, [ONE], secret=KEY)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(DataError):
        read_links(file, secret=KEY)


def test_another_key_does_not_open_it_and_a_short_one_is_no_key(tmp_path: Path) -> None:
    add_links(tmp_path / "x", [ONE], secret=KEY)
    with pytest.raises(DataError, match="another key"):
        read_links(tmp_path / "x", secret=KEY[::-1])
    with pytest.raises(ProtocolError, match="5 bytes"):
        add_links(tmp_path / "y", [ONE], secret=b"short")
    assert not (tmp_path / "y").exists()


def test_runs_add_to_one_table(tmp_path: Path) -> None:
    add_links(tmp_path / "x", [ONE], secret=KEY)
    assert add_links(tmp_path / "x", [ONE, TWO], secret=KEY) == (TWO, ONE)


def test_a_second_pseudonym_for_the_same_person_is_refused_and_the_table_stays(tmp_path: Path) -> None:
    add_links(tmp_path / "x", [ONE], secret=KEY)
    before = (tmp_path / "x").read_bytes()
    with pytest.raises(ProtocolError, match="second pseudonym"):
        add_links(tmp_path / "x", [Link("subject", ONE.original, "S-BBBB", "S-BBBB")], secret=KEY)
    with pytest.raises(ProtocolError, match="share"):
        add_links(tmp_path / "x", [Link("subject", "other", ONE.new, ONE.new)], secret=KEY)
    assert (tmp_path / "x").read_bytes() == before


def test_two_runs_do_not_write_it_at_once(tmp_path: Path) -> None:
    (tmp_path / ".x.lock").touch()
    with pytest.raises(RunError, match=r"remove \.x\.lock"):
        add_links(tmp_path / "x", [ONE], secret=KEY)
    assert not (tmp_path / "x").exists()


def test_an_identifier_that_a_spreadsheet_would_run_is_harmless() -> None:
    assert "'=cmd()" in links_text([Link("subject", "=cmd()", "S", "S")])
