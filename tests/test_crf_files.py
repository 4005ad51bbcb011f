"""A SIMULATED project on disk: read back, checked, told apart from the truth."""

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest

from hepar.core.errors import DataError, RunError
from hepar.data.crf.check import check
from hepar.data.crf.completeness import is_simulated
from hepar.data.crf.double_entry import compare
from hepar.io.redcap import bundled_dictionaries, read_dictionary, read_export
from hepar.simulation.crf import example_export, export_text, write_example

TODAY = dt.date(2026, 1, 31)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", bundled_dictionaries())
def test_what_is_written_is_read_and_every_error_of_the_truth_is_found(tmp_path: Path, name: str) -> None:
    folder = write_example(name, tmp_path / "example", participants=60, seed=1)
    forms = read_dictionary(folder / "dictionary.csv")
    assert forms.fields == read_dictionary(name).fields
    first, second = (
        read_export(folder / file, forms) for file in ("records.csv", "records_second_entry.csv")
    )
    queries = check(forms, first, today=TODAY)
    found = {(q.participant, q.event, q.instance, q.field, q.rule) for q in queries}
    truth = rows(folder / "truth.csv")
    assert len(truth) >= 39
    for one in truth:
        place = tuple(one[key] for key in ("participant", "event", "instance", "field"))
        if one["rule"]:
            assert (*place, one["rule"]) in found
        else:  # blanks around a value: reading takes them off
            assert not any(other[:4] == place and other[4] == "characters" for other in found)
    differing = {(q.participant, q.instance, q.field) for q in compare(forms, first, second).queries}
    slips = {(s["participant"], s["instance"], s["field"]) for s in rows(folder / "truth_second_entry.csv")}
    assert slips == differing
    assert check(forms, read_export(folder / "records_corrected.csv", forms), today=TODAY) == ()
    assert is_simulated(forms, first)
    assert "SIMULATED" in (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "instructions.md").stat().st_size > 1000


def test_a_clean_export_reads_back_as_it_was(tmp_path: Path) -> None:
    forms = read_dictionary("lesion-screening")
    clean = example_export(forms, participants=20, seed=3, events=True)
    path = tmp_path / "records.csv"
    path.write_text(export_text(clean, forms), encoding="utf-8")
    back = read_export(path, forms)
    assert [(r.place, r.group, dict(r.values)) for r in back.records] == [
        (r.place, r.group, dict(r.values)) for r in clean.records
    ]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write_example("radiomics", tmp_path / name, participants=5, seed=4) for name in "ab")
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


def test_a_dictionary_of_one_s_own_gets_an_example_too(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "field_name,form_name,field_type,field_label,text_validation_type_or_show_slider_number\n"
        "id,f,text,Who,\nx,f,text,X,number\n"
    )
    folder = write_example(path, tmp_path / "example", participants=5)
    assert sorted(one.name for one in folder.iterdir()) == [
        "README.md", "dictionary.csv", "records.csv", "records_corrected.csv", "records_second_entry.csv", "truth.csv", "truth_second_entry.csv",
    ]  # fmt: skip
    read_export(folder / "records.csv", read_dictionary(folder / "dictionary.csv"))


def test_a_changed_copy_of_a_bundled_form_stays_changed(tmp_path: Path) -> None:
    path = tmp_path / "radiomics.csv"
    path.write_text("field_name,form_name,field_type,field_label\nid,f,text,Who\nx,f,text,X\n")
    folder = write_example(path, tmp_path / "example", participants=2)
    assert [field.name for field in read_dictionary(folder / "dictionary.csv").fields] == ["id", "x"]


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(RunError, match="is there already"):
        write_example("radiomics", tmp_path / "there", participants=2)
    with pytest.raises(DataError, match="no bundled dictionary"):
        write_example("radiomcs", tmp_path / "new", participants=2)
    shutil.rmtree(tmp_path / "there")
    monkeypatch.setattr("hepar.simulation.crf.files._readme", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_example("radiomics", tmp_path / "new", participants=2)
    assert list(tmp_path.iterdir()) == []
