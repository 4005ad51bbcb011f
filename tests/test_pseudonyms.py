"""Pseudonyms: one for each identifier, by key, study and kind; keys that could be guessed are refused."""

import hashlib
import hmac
from pathlib import Path

import pytest

from hepar.core.errors import ProtocolError, RunError
from hepar.study.pseudonyms import Pseudonyms, read_key, refuse_shared_names

KEY = bytes(range(32))
NAMES = Pseudonyms(KEY, "study")


def test_a_pseudonym_is_the_keyed_hash_of_study_kind_and_identifier() -> None:
    told = hmac.new(KEY, b"study\0C\0LIV-1", hashlib.sha256).hexdigest()
    assert NAMES.case("LIV-1") == f"C-{told[:16]}"


def test_kind_study_and_key_each_give_other_names() -> None:
    told = {
        NAMES.case("1")[2:],
        NAMES.participant("1")[2:],
        NAMES.site("1")[2:],
        Pseudonyms(KEY, "other").case("1")[2:],
        Pseudonyms(KEY[::-1], "study").case("1")[2:],
    }
    assert len(told) == 5


def test_the_key_is_not_printed() -> None:
    assert "key" not in repr(NAMES)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "0 bytes"), (b"x" * 31, "31 bytes"), (b"ab" * 40, "2 different bytes"), (b"\n" * 64, "0 bytes")],
)
def test_a_key_that_could_be_guessed_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ProtocolError, match=told):
        read_key(tmp_path / "key")


def test_a_key_is_read_without_the_line_end_that_an_editor_adds(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(range(33, 73)) + b"\r\n")
    assert read_key(tmp_path / "key") == bytes(range(33, 73))


def test_a_key_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_key(tmp_path / "nothing")


def test_two_identifiers_with_one_pseudonym_are_refused() -> None:
    refuse_shared_names({"a": "C-1", "b": "C-2"})
    with pytest.raises(RunError, match="same pseudonym"):
        refuse_shared_names({"a": "C-1", "b": "C-1"})
