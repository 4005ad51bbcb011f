"""A folder appears whole, or not at all."""

from pathlib import Path

import pytest

from hepar.core.errors import RunError
from hepar.io.whole_folder import whole_folder


def test_it_appears_with_everything_in_it(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "a" / "b") as made:
        (made / "x").write_text("1")
        assert not (tmp_path / "a" / "b").exists()
    assert (tmp_path / "a" / "b" / "x").read_text() == "1"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b"]


def test_after_an_error_nothing_is_left(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "b") as made:
            (made / "x").write_text("1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("link", "."):
        with pytest.raises(RunError, match="is there already"), whole_folder(tmp_path / name):
            raise AssertionError


def test_a_place_that_takes_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"), whole_folder(tmp_path / "file" / "b"):
        raise AssertionError
