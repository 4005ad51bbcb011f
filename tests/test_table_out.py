"""Tables onto disk."""

from pathlib import Path

import pandas as pd
import pytest

from hepar.core.errors import ProtocolError, RunError
from hepar.study.table_out import refuse_unwritable, write_table

TABLE = pd.DataFrame({"case": ["a", "b"], "value": [0.1 + 0.2, float("nan")]})


@pytest.mark.parametrize(
    ("name", "read"),
    [("t.csv", pd.read_csv), ("t.parquet", pd.read_parquet), ("t.xlsx", pd.read_excel)],
)
def test_a_table_comes_back_as_it_was(tmp_path: Path, name: str, read: object) -> None:
    assert callable(read)
    pd.testing.assert_frame_equal(read(write_table(TABLE, tmp_path / "new" / name)), TABLE)


def test_an_ending_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"cannot be written so; .*\.csv"):
        write_table(TABLE, tmp_path / "features.json")
    assert not list(tmp_path.iterdir())


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(ProtocolError, match="is a folder"):
        write_table(TABLE, tmp_path / "t.csv")


def test_a_place_that_takes_no_file_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="no file can be written there"):
        refuse_unwritable(tmp_path / "file" / "t.csv")
