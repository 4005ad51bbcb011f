from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from hepar.core.document import read_document, read_yaml
from hepar.core.errors import ProtocolError


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size_mm: float


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parts: dict[str, Inner]


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "document.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_sound_document_is_read(tmp_path: Path) -> None:
    document = read_document(Outer, written(tmp_path, "parts: {a: {size_mm: 2}}"), what="thing")
    assert document.parts["a"].size_mm == 2


def test_an_unknown_key_is_named_where_it_stands_with_what_is_allowed_there(tmp_path: Path) -> None:
    with pytest.raises(
        ProtocolError,
        match=r"document.yaml is not a valid thing:\n  parts.a.size: unknown key 'size';"
        r" did you mean 'size_mm'\? Allowed: size_mm",
    ):
        read_document(Outer, written(tmp_path, "parts: {a: {size_mm: 2, size: 3}}"), what="thing")


def test_a_missing_key_is_said_to_be_required(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"parts.a.size_mm: is required and missing"):
        read_document(Outer, written(tmp_path, "parts: {a: {}}"), what="thing")


def test_a_wrong_type_shows_the_value(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"parts.a.size_mm: .*number.* \(found 'big'\)"):
        read_document(Outer, written(tmp_path, "parts: {a: {size_mm: big}}"), what="thing")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"line 3: key 'a' stands twice"),
        ("a: [1, 2\nb: 3\n", r"line \d+: is not valid YAML"),
        (b"a: \xe9\xe8", r"is not UTF-8 text \(byte 3\)"),
    ],
)
def test_a_file_that_is_no_yaml_says_where(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        read_yaml(written(tmp_path, text))


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert read_yaml(written(tmp_path, "\ufeffa: 1")) == {"a": 1}


def test_a_file_that_is_absent_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")


def test_a_list_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="a thing is a mapping"):
        read_document(Outer, written(tmp_path, "- 1"), what="thing")


def test_yaml_cannot_build_objects(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="is not valid YAML"):
        read_yaml(written(tmp_path, "a: !!python/object/apply:os.getcwd []"))
