"""Bundles on disk: whole, as they were made, or refused with the reason."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hepar.core.errors import DataError, RunError
from hepar.data.bundle import Manifest
from hepar.io.bundle_file import digest, read_bundle, write_bundle

CONTENT = b'{"kind": "single", "feature": "a", "sign": 1.0, "typical": 0.5}'
TEST: dict[str, Any] = {
    "label": "A",
    "model": {"kind": "table", "file": "a.json"},
    "features": [{"kind": "clinical", "fields": ["a"]}],
    "fingerprints": ["0"],
    "thresholds": [],
    "setups": {},
    "training": {
        "cases": 2,
        "participants": 2,
        "sites": 1,
        "outcome": "1 of 2 positive",
        "seed": 1,
        "terms": {},
        "ranges": {},
    },
    "performance": [],
    "parity": {"largest": 0.0, "cases": 2, "by": "nothing"},
}
MANIFEST = Manifest.model_validate(
    {
        "simulated": True,
        "study": "s",
        "title": "t",
        "question": "q",
        "intended_use": "",
        "limits": [],
        "arm": "a",
        "arm_title": "a",
        "protocol": "p",
        "data": "d",
        "hepar": "0",
        "outcome": {"label": "ill", "kind": "binary"},
        "tests": {"a": TEST},
        "files": {"a.json": digest(CONTENT)},
    }
)


@pytest.fixture(params=["folder", "archive.zip"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    write_bundle(MANIFEST, {"a.json": CONTENT}, path)
    return path


def spoil(path: Path, file: str, content: bytes | None) -> None:
    """Put `content` in place of `file`, or take it away."""
    if path.is_dir():
        (path / file).unlink()
        if content is not None:
            (path / file).write_bytes(content)
        return
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    held = {name: value for name, value in held.items() if name != file}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in {**held, **({} if content is None else {file: content})}.items():
            archive.writestr(name, value)


def test_it_is_read_as_it_was_written(bundle: Path) -> None:
    manifest, files, name = read_bundle(bundle)
    assert manifest == MANIFEST
    assert files == {"a.json": CONTENT}
    assert len(name) == 64


def test_a_file_that_was_changed_is_refused(bundle: Path) -> None:
    spoil(bundle, "a.json", CONTENT.replace(b"0.5", b"0.6"))
    with pytest.raises(DataError, match=r"a.json was changed after the bundle was made"):
        read_bundle(bundle)


def test_a_manifest_that_was_changed_is_refused(bundle: Path) -> None:
    spoil(
        bundle, "manifest.json", json.dumps(MANIFEST.model_dump(mode="json") | {"simulated": False}).encode()
    )
    with pytest.raises(DataError, match=r"manifest.json was changed"):
        read_bundle(bundle)


@pytest.mark.parametrize("file", ["manifest.json", "manifest.sha256", "a.json"])
def test_a_file_that_is_gone_is_told(bundle: Path, file: str) -> None:
    spoil(bundle, file, None)
    with pytest.raises(DataError, match=f"has no {file}"):
        read_bundle(bundle)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"version": 2}, "version 2; this software reads 'hepar-bundle', version 1"),
        ({"format": "other"}, "of the kind 'other'"),
        ({"code": "import os"}, "is not valid"),
        ({"files": {"../a.json": digest(CONTENT)}}, "is not valid"),
        ({"files": {"/etc/passwd": digest(CONTENT)}}, "is not valid"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(bundle: Path, changed: dict[str, Any], told: str) -> None:
    head = json.dumps(MANIFEST.model_dump(mode="json") | changed).encode()
    spoil(bundle, "manifest.json", head)
    spoil(bundle, "manifest.sha256", f"{digest(head)}  manifest.json\n".encode())
    with pytest.raises(DataError, match=told):
        read_bundle(bundle)


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    write_bundle(MANIFEST, {"a.json": CONTENT}, path)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="is no bundle, or a damaged one"):
            read_bundle(path)


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    with pytest.raises(DataError, match="is no bundle"):
        read_bundle(tmp_path / "x")
    with pytest.raises(DataError, match=r"has no manifest.json"):
        read_bundle(tmp_path)
    with pytest.raises(DataError, match="there is no such bundle"):
        read_bundle(tmp_path / "nothing")


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    write_bundle(MANIFEST, {"a.json": CONTENT}, tmp_path / "b")
    (tmp_path / "elsewhere.json").write_bytes(CONTENT)
    (tmp_path / "b" / "a.json").unlink()
    (tmp_path / "b" / "a.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(DataError, match=r"has no a.json"):
        read_bundle(tmp_path / "b")


def test_nothing_is_replaced(bundle: Path) -> None:
    with pytest.raises(RunError, match="is there already"):
        write_bundle(MANIFEST, {"a.json": CONTENT}, bundle)
