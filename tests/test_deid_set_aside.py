"""What the scan finds is set aside with its subject, what stays is searched again, and nothing else is believed."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from deid_samples import KEY, MARKS, NAME, PATIENT, ct, everything_below, run, save
from hepar.core.errors import DataError
from hepar.io.deidentification import contact_sheet, deidentify
from hepar.io.deidentification.linkage import read_links
from hepar.io.deidentification.proof import find_left
from hepar.io.deidentification.scan import Found
from test_deid_slides import svs

OTHER = "OTHER-77120"


@pytest.fixture(autouse=True)
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contact sheets are drawn, small."""
    monkeypatch.setattr(contact_sheet, "DPI", 20)


def of_another(dataset: Any) -> None:
    """A slice of a second SIMULATED patient."""
    dataset.PatientName, dataset.PatientID, dataset.AccessionNumber = "Quillfeather^Ada", OTHER, "ACC-5512345"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        dataset[keyword].value = f"1.2.7{dataset[keyword].value[-20:]}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three slices of one SIMULATED patient and two of another."""
    for k in range(3):
        save(ct(k), tmp_path / "in" / f"a{k}.dcm")
    for k in range(3, 5):
        save(ct(k, of_another), tmp_path / "in" / f"b{k}.dcm")
    return tmp_path / "in"


def leaking(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """A de-identification that forgets one attribute of the first patient's first slice."""

    def leaky(dataset: Dataset, **how: Any) -> Any:
        made = deidentify(dataset, **how)
        if dataset.SOPInstanceUID == ct(0).SOPInstanceUID:
            for keyword, value in values.items():
                setattr(made.dataset, keyword, value)
        return made

    monkeypatch.setattr("hepar.io.deidentification.twins.deidentify", leaky)


def left_out(folder: Path) -> str:
    return (folder / "out.left-out.csv").read_text(encoding="utf-8")


def test_a_name_that_is_left_sets_its_subject_aside_and_the_others_are_passed_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaking(monkeypatch, StudyDescription=f"CT of {NAME}")
    made = run(source, tmp_path / "out")
    assert (made.images, made.subjects) == (2, 1)
    assert made.set_aside == {"subject of an identifier left": 2, "identifier left": 1}
    content = everything_below(tmp_path / "out")
    assert not [mark for mark in MARKS if mark.encode() in content]
    assert {dcmread(path).PatientID for path in (tmp_path / "out").rglob("*.dcm")} == {
        folder.name for folder in (tmp_path / "out").iterdir() if folder.is_dir()
    }
    assert {one.original for one in read_links(tmp_path / "out.linkage", secret=KEY)} >= {OTHER}
    assert PATIENT not in {one.original for one in read_links(tmp_path / "out.linkage", secret=KEY)}


def test_what_was_found_is_told_by_new_name_and_attribute_and_never_by_value(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaking(monkeypatch, StudyDescription=f"CT of {NAME}")
    (found, *more) = run(source, tmp_path / "out").found
    report = json.loads((tmp_path / "out" / "deid-report.json").read_text())
    assert report["summary"]["found"][0] == {
        "file": found.file,
        "attribute": "StudyDescription",
        "what": "name",
    }
    assert not [one for one in more if one.file != found.file]
    assert not (tmp_path / "out" / found.file).exists()
    assert (
        f"a0.dcm,image,identifier left,StudyDescription holds a name; would have been {found.file}"
        in left_out(tmp_path)
    )
    assert "a1.dcm,image,subject of an identifier left" in left_out(tmp_path)
    assert not [mark for mark in MARKS if mark in left_out(tmp_path).lower()]


@pytest.mark.parametrize("keyword", ["StationName", "InstitutionName"])
def test_what_names_a_house_or_a_device_sets_aside_the_file_alone(
    keyword: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaking(monkeypatch, **{keyword: str(ct()[keyword].value)})
    made = run(source, tmp_path / "out")
    assert (made.images, made.subjects, made.set_aside) == (4, 2, {"identifier left": 1})


def test_the_number_of_another_patient_sets_aside_the_subject_in_whose_file_it_is(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaking(monkeypatch, ImageComments=f"see {OTHER}")
    made = run(source, tmp_path / "out")
    assert (made.images, made.subjects) == (2, 1)
    assert OTHER.lower().encode() not in everything_below(tmp_path / "out")


def test_a_slide_is_set_aside_by_itself(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    svs(source / "s.svs")

    def found(*_: Any, todo: Any, **__: Any) -> list[Found]:
        return [Found(name, "bytes", "name") for name, _ in todo if name.endswith(".svs")]

    monkeypatch.setattr("hepar.io.deidentification.folder.find_left", found)
    made = run(source, tmp_path / "out")
    assert (made.images, made.slides, made.set_aside) == (5, 0, {"identifier left": 1})
    assert "s.svs,image,identifier left,bytes holds a name" in left_out(tmp_path)
    assert not list((tmp_path / "out").rglob("*.svs"))


def test_what_stays_is_searched_again_and_a_clean_run_searches_nothing_twice(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[list[str]] = []

    def counted(*places: Any, todo: Any, **how: Any) -> list[Found]:
        searched.append([name for name, _ in todo if name.endswith(".dcm")])
        return find_left(*places, todo=todo, **how)

    monkeypatch.setattr("hepar.io.deidentification.folder.find_left", counted)
    run(source, tmp_path / "clean")
    assert [len(names) for names in searched] == [5, 0]
    leaking(monkeypatch, StudyDescription=f"CT of {NAME}")
    run(source, tmp_path / "out")
    assert [len(names) for names in searched[2:]] == [5, 2]


@pytest.mark.parametrize("place", ["deid-report.json", "sign-off.csv", "0001.dcm"])
def test_a_find_that_no_file_can_be_set_aside_for_refuses_the_run(
    place: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def again(*places: Any, todo: Any, **how: Any) -> list[Found]:
        calls.append(todo)
        found = find_left(*places, todo=todo, **how)
        more = [Found(name, "bytes", "name") for name, _ in todo if name.endswith(place)]
        return found + (more if len(calls) == 2 else [])

    leaking(monkeypatch, StudyDescription=f"CT of {NAME}")
    monkeypatch.setattr("hepar.io.deidentification.folder.find_left", again)
    with pytest.raises(DataError, match="nothing is written") as caught:
        run(source, tmp_path / "out")
    assert place in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out.left-out.csv"]


def test_a_run_of_which_nothing_stays_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(2):
        save(ct(k), tmp_path / "in" / f"{k}.dcm")
    leaking(monkeypatch, StudyDescription=f"CT of {NAME}")
    with pytest.raises(DataError, match="StudyDescription holds a name"):
        run(tmp_path / "in", tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out.left-out.csv"]


def test_a_run_that_is_killed_while_files_are_taken_out_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    leaking(monkeypatch, StudyDescription=f"CT of {NAME}")
    monkeypatch.setattr("hepar.io.deidentification.folder.take_out", killed)
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]
