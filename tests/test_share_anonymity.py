"""A package says how easily somebody could be found in it, or is not made."""

import csv
from pathlib import Path

import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.study.protocol import Study, read_protocol
from hepar.study.share import Asked, share
from shared_study import KEY, write_study


@pytest.fixture
def study(tmp_path: Path) -> tuple[Study, Path]:
    return read_protocol(write_study(tmp_path / "study", recordings=False))


def rows(package: Path) -> list[dict[str, str]]:
    (table,) = package.rglob("anonymity.csv")
    return list(csv.DictReader(table.read_text().splitlines()))


def test_the_classes_are_those_of_the_shared_table(study: tuple[Study, Path], tmp_path: Path) -> None:
    made = share(*study, tmp_path / "package", key=KEY, asked=Asked(quasi=("site",)))
    (table,) = made.folder.rglob("table.csv")
    people = {line["participant"]: line["site"] for line in csv.DictReader(table.read_text().splitlines())}
    counts = {site: list(people.values()).count(site) for site in people.values()}
    whole, without = rows(made.folder)
    assert (whole["quasi_identifiers"], int(whole["k"])) == ("site", min(counts.values()))
    assert int(whole["below_5"]) == sum(count for count in counts.values() if count < 5)
    assert (without["left_out"], int(without["k"])) == ("site", len(people))


def test_site_and_age_are_looked_at_where_nothing_is_named_and_the_readme_says_it(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    made = share(*study, tmp_path / "package", key=KEY, asked=Asked())
    whole = rows(made.folder)[0]
    assert whole["quasi_identifiers"].split()[0] == "site"
    assert "age_y" in whole["quasi_identifiers"].split()
    text = (made.folder / "README.md").read_text()
    assert f"k = {whole['k']} by {', '.join(whole['quasi_identifiers'].split())}" in text


def test_a_table_in_which_somebody_is_like_too_few_is_not_shared(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    with pytest.raises(
        DataError, match=r"k = 1 by site, age_y.*asked for is 5: .*without (age_y|site) it would be"
    ):
        share(*study, tmp_path / "package", key=KEY, asked=Asked(least_k=5))
    assert not (tmp_path / "package").exists()


def test_a_quasi_identifier_that_is_not_shared_is_refused(study: tuple[Study, Path], tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="'weight' is not in the shared table"):
        share(*study, tmp_path / "package", key=KEY, asked=Asked(quasi=("weight",)))
