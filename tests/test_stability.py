"""Test and retest from two tables of features: SIMULATED numbers, and tables that do not fit together."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hepar
from hepar.core.errors import DataError, ProtocolError
from hepar.stats.intraclass import icc
from hepar.study.stability import Stability, measure_stability

CASES, REGIONS = 20, ("liver", "lesion")
Spoil = Callable[[pd.DataFrame], pd.DataFrame]


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """SIMULATED: `steady` comes out alike, `shaky` does not, `moved` is higher in every retest, `gone` is missing."""
    rng = np.random.default_rng(4)
    rows = [(f"P{k:02}", region) for k in range(CASES) for region in REGIONS]
    n = len(rows)
    truth = rng.normal(size=(n, 3))
    noise = [0.05, 2.0, 0.05]
    both = []
    for scan in (0, 1):
        values = truth + rng.normal(0, noise, (n, 3)) + np.array([0, 0, 2.5 * scan])
        table = pd.DataFrame(rows, columns=["case", "region"])
        table[["steady", "shaky", "moved"]] = values
        both.append(table.assign(gone=np.nan, software="hepar"))
    return both[0], both[1].iloc[::-1]


def written(folder: Path, *, first: Spoil | None = None, second: Spoil | None = None) -> tuple[Path, Path]:
    paths = (folder / "features.csv", folder / "retest.csv")
    for table, spoil, path in zip(tables(), (first, second), paths, strict=True):
        (spoil(table) if spoil else table).to_csv(path, index=False)
    return paths


@pytest.fixture
def found(tmp_path: Path) -> Stability:
    return measure_stability(*written(tmp_path))


def test_each_region_and_feature_has_the_coefficient_of_its_pairs(found: Stability) -> None:
    first, second = (table.set_index(["region", "case"]).sort_index() for table in tables())
    assert len(found.table) == 8
    for row in found.table[found.table["feature"] != "gone"].to_dict("records"):
        key = (row["region"], row["feature"])
        pairs = np.column_stack([table.loc[key[0], key[1]].to_numpy() for table in (first, second)])
        one = icc(pairs, form="A,1")
        assert [row["icc"], row["low"], row["high"]] == pytest.approx([one.value, one.low, one.high])
        assert row["n"] == CASES


def test_a_shift_between_the_scans_counts_against_a_feature(found: Stability) -> None:
    liver = found.table[found.table["region"] == "liver"].set_index("feature")["icc"]
    assert liver["steady"] > 0.95
    assert liver["moved"] < 0.6


def test_what_was_never_measured_has_no_coefficient_and_text_is_left_out(found: Stability) -> None:
    gone = found.table[found.table["feature"] == "gone"]
    assert gone["icc"].isna().all()
    assert (gone["n"] == 0).all()
    assert found.notes == ("1 columns hold text, e.g. 'software': left out",)


def test_the_summary_counts_what_the_table_holds(found: Stability) -> None:
    icc_, low = found.table["icc"], found.table["low"]
    assert found.cases == CASES
    assert found.summary == (
        f"of 8 features, {(icc_ >= 0.75).sum()} have an ICC of 0.75 or more ({(low >= 0.75).sum()} by the lower end of"
        f" the 95 % interval), {(icc_ >= 0.9).sum()} have an ICC of 0.9 or more ({(low >= 0.9).sum()} by the lower end"
        " of the 95 % interval); 2 not defined"
    )


def test_the_order_of_rows_and_columns_does_not_matter(tmp_path: Path, found: Stability) -> None:
    paths = written(tmp_path, second=lambda t: t.sample(frac=1, random_state=0)[t.columns[::-1]])
    pd.testing.assert_frame_equal(measure_stability(*paths).table, found.table)


def test_the_table_is_written_and_comes_back(tmp_path: Path, found: Stability) -> None:
    out = tmp_path / "new" / "stability.csv"
    hepar.stability(*written(tmp_path), out=out)
    pd.testing.assert_frame_equal(pd.read_csv(out), found.table)


def test_features_of_one_table_only_are_told_and_left_out(tmp_path: Path) -> None:
    found = measure_stability(*written(tmp_path, second=lambda t: t.drop(columns="moved").assign(new=1.0)))
    assert set(found.table["feature"]) == {"steady", "shaky", "gone"}
    assert found.notes[0] == "2 columns are in one of the tables only, e.g. 'moved': left out"


def two_cases(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["case"].isin(["P00", "P01"])]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (None, lambda t: t[t["case"] != "P03"], r"retest.csv: lacks 2 of the 40 rows of .*features.csv, the first is case 'P03', region 'liver'"),
        (lambda t: t.iloc[1:], None, r"features.csv: lacks 1 of the 40 rows of .*retest.csv, the first is case 'P00', region 'liver'"),
        (None, lambda t: t.replace({"region": {"liver": "Liver"}}), "lacks 20 of the 40 rows"),
        (None, lambda t: pd.concat([t, t.iloc[:1]]), "retest.csv: holds case 'P19', region 'lesion' twice"),
        (lambda t: t.rename(columns={"case": "id"}), None, r"features.csv: has no column 'case', as tables of hepar extract"),
        (None, lambda t: t.assign(shaky="high"), "feature 'shaky' of case 'P00', region 'liver' is 'high'"),
        (None, lambda t: t.assign(steady=np.inf), "feature 'steady' of case 'P00', region 'liver' is 'inf', which is no finite"),
        (None, lambda t: t[["case", "region", "software"]], "shares no column of numbers"),
        (two_cases, two_cases, "has 2 cases; an intraclass correlation needs 3 or more"),
        (None, lambda _: tables()[0], "holds the values of .*features.csv throughout; give the table of a second"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_together_are_refused(
    tmp_path: Path, first: Spoil | None, second: Spoil | None, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        measure_stability(*written(tmp_path, first=first, second=second), out=tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_not_there_or_cannot_be_written_is_refused(tmp_path: Path) -> None:
    features, retest = written(tmp_path)
    with pytest.raises(DataError, match="there is no such file"):
        measure_stability(features, tmp_path / "none.csv")
    with pytest.raises(ProtocolError, match="a table cannot be written so"):
        measure_stability(features, retest, out=tmp_path / "out.doc")
