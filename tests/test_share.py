"""A shared package: complete, the same each time, without identifiers, or not there at all."""

import hashlib
import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.io.rf_file import read_rf
from hepar.study.prepare import prepare
from hepar.study.protocol import Study, read_protocol
from hepar.study.share import Asked, Package, share
from shared_study import KEY, protocol, write_study

EVERYTHING = Asked(day_zero="scan_date", extra=("visit_date", "birth_date", "note", "centre"))
SECRETS = ("LIV-000", "PAT-7700", "Dresden", "Leipzig", "2100-", "2060-", "said much", "SIM-B")


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def run_folder(folder: Path, study: Study, *, said: str = "all is well", protocol: str | None = None) -> Path:
    folder.mkdir()
    numbers = {"provenance": {"protocol": protocol or study.fingerprint}}
    (folder / "estimates.json").write_text(json.dumps(numbers))
    (folder / "report.html").write_text(f"<p>{said}</p>")
    for name in ("estimates.csv", "curves.csv", "predictions.csv"):
        (folder / name).write_text("case_id\nLIV-0001\n" if name == "predictions.csv" else "value\n1\n")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("shared")
    study, data = read_protocol(write_study(folder / "study"))
    asked = replace(EVERYTHING, run=run_folder(folder / "run", study))
    return share(study, data, folder / "package", key=KEY, asked=asked)


@pytest.fixture
def tables_only(tmp_path: Path) -> Iterator[tuple[Study, Path]]:
    """A study without recordings, so that a refusal costs nothing; nothing but it may be left behind."""
    study, folder = read_protocol(write_study(tmp_path / "study", recordings=False))
    yield study, folder
    left = {path.name for path in tmp_path.iterdir()}
    assert not any(name.startswith(("package", ".writing")) for name in left), left


def test_it_holds_recordings_table_dictionary_protocol_plan_and_report(made: Package) -> None:
    names = set(files_of(made.folder))
    assert {"README.md", "SHA256SUMS", "protocol.yaml", "reanalysis.yaml", "analysis-plan.md"} <= names
    assert {f"data/diffuse/{n}" for n in ("table.csv", "dictionary.yaml", "dictionary.csv")} <= names
    assert {f"report/{n}" for n in ("report.html", "estimates.csv", "estimates.json", "curves.csv")} <= names
    assert "report/predictions.csv" not in names
    assert sum("/rf/" in name for name in names) == 4
    assert made.cases == 4


def test_no_identifier_site_date_or_remark_of_the_originals_is_in_any_byte_of_it(made: Package) -> None:
    for name, content in files_of(made.folder).items():
        for secret in SECRETS:
            assert secret.encode() not in content, (name, secret)
            assert secret not in name


def test_who_did_not_consent_is_not_in_it(made: Package) -> None:
    table = pd.read_csv(made.folder / "data/diffuse/table.csv")
    assert len(table) == 4
    assert 6.5 not in set(table["stiffness_kpa"])
    assert "LIV-0005" not in made.linkage.read_text()


def test_dates_are_days_ages_are_capped_and_texts_and_births_are_gone(made: Package) -> None:
    table = pd.read_csv(made.folder / "data/diffuse/table.csv").sort_values("stiffness_kpa")
    assert table["age_y"].tolist() == [40, 51, 62, 90]
    assert table["scan_date_day"].tolist() == [0, 0, 0, 0]
    assert table["visit_date_day"].fillna(-1).tolist() == [30, 0, -1, 2]
    assert not {"note", "birth_date", "birth_date_day", "visit_date"} & set(table)
    assert any("birth_date" in note for note in made.notes)
    assert any("note" in note and "free text" in note for note in made.notes)


def test_a_field_that_names_the_site_holds_its_pseudonym(made: Package) -> None:
    table = pd.read_csv(made.folder / "data/diffuse/table.csv")
    assert (table["centre"] == table["site"]).all()


def test_recordings_bear_pseudonyms_and_the_phantom_belongs_to_nobody(made: Package) -> None:
    table = pd.read_csv(made.folder / "data/diffuse/table.csv")
    root = made.folder / "data/diffuse/recordings"
    for row in table.to_dict("records"):
        view = read_rf(root / str(row["rf_files"]) / "1.h5")
        assert (view.subject, view.site) == (row["participant"], row["site"])
        assert view.remark.startswith("SIMULATED")
        assert view.frame_times_ms is not None
        assert view.frame_times_ms[0] == 0
        phantom = read_rf(root / str(row["phantom_files"]) / "1.h5")
        assert (phantom.subject, phantom.site) == ("", "")
        assert phantom.preset == view.preset


def test_its_checksums_are_those_of_every_other_file(made: Package) -> None:
    content = files_of(made.folder)
    lines = [line.split("  ") for line in content.pop("SHA256SUMS").decode().splitlines()]
    assert {name: told for told, name in lines} == {
        name: hashlib.sha256(data).hexdigest() for name, data in content.items()
    }


def test_the_table_of_who_is_who_lies_apart_for_its_owner_alone(made: Package) -> None:
    linkage = pd.read_csv(made.linkage)
    assert made.linkage.parent == made.folder.parent
    assert set(linkage["case"]) == {f"LIV-000{k}" for k in (1, 2, 3, 4)}
    assert stat.S_IMODE(made.linkage.stat().st_mode) == 0o600


def test_whoever_receives_it_can_prepare_the_same_study_again(made: Package) -> None:
    study, folder = read_protocol(made.folder / "reanalysis.yaml")
    (again,) = prepare(study, folder)
    assert again.reference.counts()["cases"] == 4
    assert not any("reanalysis" in note for note in made.notes)


def test_each_arm_on_shared_data_keeps_its_own_cases(tmp_path: Path) -> None:
    document = protocol()
    older = {"name": "older", "include": {"field": "age_y", "op": ">", "value": 40}}
    arm = document["arms"]["diffuse"]
    outcome = {**arm["outcome"], "at_least": 7}
    second = {**arm, "outcome": outcome, "eligibility": [*arm["eligibility"], older]}
    document["arms"] = {"diffuse": arm, "older": second}
    study, data = read_protocol(write_study(tmp_path / "study", recordings=False, study=document))
    made = share(study, data, tmp_path / "package", key=KEY)
    again, folder = read_protocol(made.folder / "reanalysis.yaml")
    assert [part.reference.counts()["cases"] for part in prepare(again, folder)] == [4, 3]
    assert [p.name for p in (made.folder / "data").iterdir()] == ["diffuse"]


def test_its_protocol_is_the_protocol_that_was_run(made: Package, tmp_path: Path) -> None:
    shared, _ = read_protocol(made.folder / "protocol.yaml")
    original, _ = read_protocol(write_study(tmp_path / "study"))
    assert shared.fingerprint == original.fingerprint
    plan = (made.folder / "analysis-plan.md").read_text()
    assert "Seed 3" in plan
    assert "k_fold" in plan
    assert "consent signed" in plan


def test_the_same_study_and_key_give_the_same_bytes_and_another_key_other_names(tmp_path: Path) -> None:
    study, data = read_protocol(write_study(tmp_path / "study", recordings=False))
    first, again = (share(study, data, tmp_path / n, key=KEY, asked=EVERYTHING).folder for n in "ab")
    other = share(study, data, tmp_path / "c", key=KEY[::-1], asked=EVERYTHING).folder
    assert files_of(first) == files_of(again)
    cases = [set(pd.read_csv(f / "data/diffuse/table.csv")["case"]) for f in (first, other)]
    assert not cases[0] & cases[1]


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    study, data = read_protocol(write_study(tmp_path / "study", recordings=False))
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="is there already"):
        share(study, data, tmp_path / "there", key=KEY)
    assert [p.name for p in (tmp_path / "there").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("inside", ["package/linkage.csv", "package/../package/a/b.csv", "package"])
def test_a_table_of_who_is_who_inside_the_package_is_refused(
    tables_only: tuple[Study, Path], tmp_path: Path, inside: str
) -> None:
    study, data = tables_only
    with pytest.raises(ProtocolError, match="inside the package"):
        share(study, data, tmp_path / "package", key=KEY, linkage=tmp_path / inside)


def test_an_identifier_in_the_report_is_found_and_nothing_is_left(
    tables_only: tuple[Study, Path], tmp_path: Path
) -> None:
    study, data = tables_only
    run = run_folder(tmp_path / "run", study, said="the outlier is liv-0003")
    with pytest.raises(DataError, match=r"report/report.html, line \d+, holds a case") as caught:
        share(study, data, tmp_path / "package", key=KEY, asked=Asked(run=run))
    assert "liv-0003" not in str(caught.value).lower()


def test_a_patients_date_in_the_protocol_is_found_and_nothing_is_left(tmp_path: Path) -> None:
    document = {**protocol(), "limits": ["recruited from 2100-05-18"]}
    study, data = read_protocol(write_study(tmp_path / "study", recordings=False, study=document))
    with pytest.raises(DataError, match=r"protocol.yaml, line \d+, holds a date \(scan_date\)") as caught:
        share(study, data, tmp_path / "package", key=KEY)
    assert "2100-05-18" not in str(caught.value)
    assert not (tmp_path / "package").exists()
    assert not (tmp_path / "package.linkage.csv").exists()


def test_a_report_of_another_protocol_is_refused(tables_only: tuple[Study, Path], tmp_path: Path) -> None:
    study, data = tables_only
    run = run_folder(tmp_path / "run", study, protocol="0123")
    with pytest.raises(ProtocolError, match="of protocol 0123, not of this one"):
        share(study, data, tmp_path / "package", key=KEY, asked=Asked(run=run))


def test_a_report_that_is_a_link_to_elsewhere_is_refused(
    tables_only: tuple[Study, Path], tmp_path: Path
) -> None:
    study, data = tables_only
    run = run_folder(tmp_path / "run", study)
    (run / "report.html").unlink()
    (run / "report.html").symlink_to(tmp_path / "study" / "table.csv")
    with pytest.raises(ProtocolError, match="is a link"):
        share(study, data, tmp_path / "package", key=KEY, asked=Asked(run=run))


def test_a_folder_without_a_report_is_refused(tables_only: tuple[Study, Path], tmp_path: Path) -> None:
    study, data = tables_only
    with pytest.raises(ProtocolError, match=r"has no report.html"):
        share(study, data, tmp_path / "package", key=KEY, asked=Asked(run=tmp_path / "study"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(day_zero="sex"), "is no date of the dictionary"),
        (Asked(extra=("weight",)), "is not in the dictionary"),
    ],
)
def test_a_field_that_is_none_is_refused(
    tables_only: tuple[Study, Path], tmp_path: Path, asked: Asked, told: str
) -> None:
    study, data = tables_only
    with pytest.raises(ProtocolError, match=told):
        share(study, data, tmp_path / "package", key=KEY, asked=asked)


@pytest.mark.parametrize("column", ["surname", "patient_name", "MRN", "Name", "phone", "record_id"])
def test_a_field_that_is_called_a_name_or_a_number_of_a_person_is_left_out(
    column: str, tables_only: tuple[Study, Path], tmp_path: Path
) -> None:
    study, data = tables_only
    table = data / "table.csv"
    head, *rows = table.read_text().splitlines()
    named = [f"{row},{'Huber' if k % 2 else 'Meier'}" for k, row in enumerate(rows)]
    table.write_text("\n".join([f"{head},{column}", *named]) + "\n")
    path = data / "dictionary.yaml"
    document = yaml.safe_load(path.read_text())
    document["fields"]["grouping"] = {"column": column, "kind": "category", "levels": ["Huber", "Meier"]}
    path.write_text(yaml.safe_dump(document))
    made = share(study, data, tmp_path / "given", key=KEY, asked=Asked(extra=("grouping",)))
    assert any("grouping" in note and "names a person" in note for note in made.notes)
    assert not any(b"Huber" in content for content in files_of(made.folder).values())
