"""Files at the edge: what is refused before it is opened, and what is left when writing fails."""

from pathlib import Path

import pytest

from hepar.core.atomic import write_bytes_atomically
from hepar.core.errors import DataError, RunError
from hepar.io.files import LARGEST_RATIO, is_beside, refuse_more_than_held, refuse_unreadable


def test_what_is_absent_empty_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file or folder"):
        refuse_unreadable(tmp_path / "absent")
    (tmp_path / "empty").touch()
    with pytest.raises(DataError, match="the file is empty"):
        refuse_unreadable(tmp_path / "empty")
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)"):
        refuse_unreadable(tmp_path)
    with pytest.raises(DataError, match="there is no such file"):
        refuse_unreadable(tmp_path / "a\0b")


def test_a_header_may_not_declare_more_than_the_file_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10)
    refuse_more_than_held(path, 10, compressed=False)
    refuse_more_than_held(path, 10 * LARGEST_RATIO, compressed=True)
    for declared, compressed, offset in (
        (11, False, 0),
        (9, False, 2),
        (10 * LARGEST_RATIO + 1, True, 0),
        (1, True, 99),
    ):
        with pytest.raises(DataError, match=r"the header declares .* bytes of voxels, the file holds"):
            refuse_more_than_held(path, declared, compressed=compressed, offset=offset)


def test_a_file_is_replaced_whole_and_its_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.bin"
    write_bytes_atomically(path, b"old")
    write_bytes_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(RunError, match="cannot be written"):
        write_bytes_atomically(path / "below-a-file", b"x")


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("a.raw", True),
        ("..", False),
        ("", False),
        ("../a.raw", False),
        ("/etc/a.raw", False),
        ("b\\a.raw", False),
    ],
)
def test_a_header_may_only_name_a_file_in_its_own_folder(name: str, beside: bool) -> None:
    assert is_beside(name) is beside
