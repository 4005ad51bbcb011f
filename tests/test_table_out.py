"""Tables onto disk."""

from pathlib import Path

import pandas as pd
import pytest

from hepar.core.errors import ProtocolError
from hepar.study.table_out import write_table

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
