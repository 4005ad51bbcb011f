"""The independent search finds what was planted wherever it was planted, and nothing in what is clean."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from deid_samples import MARKS, NAME, PATIENT, ct, run, save
from dicom_samples import ct_slice, values
from hepar.core.errors import DataError
from hepar.io.deidentification import Options, contact_sheet
from hepar.io.deidentification.engine import deidentify
from hepar.io.deidentification.identifiers import identifiers_of, name_parts
from hepar.io.deidentification.scan import Found, scan
from hepar.io.dicom_header import understood
from hepar.io.identifier import Identifier, dates_of

PEOPLE = [
    Identifier("Marigolda", "name"),
    Identifier("HOSP-0471193", "patient id"),
    Identifier("1.2.999.777.1", "uid"),
    Identifier("张伟", "name"),
    Identifier("Ann", "name"),
]


def clean(change: Any = None) -> Any:
    """A SIMULATED slice that names nobody."""
    dataset: Any = ct_slice(values(shape=(64, 64))[0], 0)
    dataset.PatientName = dataset.PatientID = "S-1"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    if change is not None:
        change(dataset)
    return dataset


def found_in(folder: Path, dataset: Any, identifiers: Any = PEOPLE) -> list[Found]:
    save(dataset, folder / "out" / "a.dcm")
    return scan(folder / "out", identifiers)


def test_what_is_clean_gives_no_find(tmp_path: Path) -> None:
    assert found_in(tmp_path, clean()) == []


@pytest.mark.parametrize(
    "text",
    [
        "Marigolda",
        "for MARIGOLDA, please",
        "x_marigolda_x",
        "premarigoldapost",
        "no. HOSP-0471193",
        "张伟",
        "Ann",
    ],
)
def test_a_name_or_number_in_text_is_found_in_its_attribute(text: str, tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, clean(lambda d: setattr(d, "SeriesDescription", text)))
    assert (found.file, found.attribute) == ("a.dcm", "SeriesDescription")


@pytest.mark.parametrize("text", ["Annual", "Ann-Mari", "CT of Ann", "HOSP 0471194"])
def test_what_only_looks_like_an_identifier_is_none(text: str, tmp_path: Path) -> None:
    assert found_in(tmp_path, clean(lambda d: setattr(d, "SeriesDescription", text))) == []


def test_an_identifier_three_sequences_deep_is_found_with_its_path(tmp_path: Path) -> None:
    dataset = clean()
    within = dataset
    for keyword in ("SourceImageSequence", "PurposeOfReferenceCodeSequence", "ContentSequence"):
        item = Dataset()
        setattr(within, keyword, Sequence([item]))
        within = item
    within.TextValue = "of Marigolda"
    (found,) = found_in(tmp_path, dataset)
    assert found.attribute.count(".") == 3
    assert found.attribute.endswith("ContentSequence.TextValue")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-16-le", "utf-16-be"])
def test_text_in_bytes_is_found_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    def plant(dataset: Any) -> None:
        dataset.private_block(0x0009, "MAKER", create=True).add_new(1, "OB", "Marigolda ".encode(encoding))

    assert Found("a.dcm", "bytes", "name") in found_in(tmp_path, clean(plant))


def test_a_chinese_name_in_bytes_is_found(tmp_path: Path) -> None:
    def plant(dataset: Any) -> None:
        dataset.private_block(0x0009, "MAKER", create=True).add_new(1, "OB", "张伟".encode())

    assert Found("a.dcm", "bytes", "name") in found_in(tmp_path, clean(plant))


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_text_between_numbers_of_pixels_is_found(encoding: str, tmp_path: Path) -> None:
    def plant(dataset: Any) -> None:
        pixels = bytearray(dataset.PixelData)
        text = "Marigolda".encode(encoding)
        pixels[500 : 500 + len(text)] = text
        dataset.PixelData = bytes(pixels)

    assert found_in(tmp_path, clean(plant)) == [Found("a.dcm", "bytes", "name")]


def test_random_pixels_hold_no_names_by_chance(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 1 << 21, np.uint8)
    short = [Identifier("Wang", "name"), Identifier("Anna", "name"), Identifier("471193", "patient id")]

    def plant(dataset: Any) -> None:
        dataset.Rows, dataset.Columns, dataset.PixelData = 1024, 1024, noise.tobytes()

    assert found_in(tmp_path, clean(plant), short) == []


def test_the_preamble_and_the_header_of_the_file_are_searched(tmp_path: Path) -> None:
    dataset = clean()
    dataset.preamble = b"Marigolda".ljust(128, b"\0")
    dataset.file_meta.SourceApplicationEntityTitle = "HOSP-0471193"
    found = found_in(tmp_path, dataset)
    assert {(one.attribute, one.what) for one in found} == {
        ("bytes", "name"),
        ("file_meta.SourceApplicationEntityTitle", "patient id"),
    }


def test_names_of_files_and_folders_are_searched(tmp_path: Path) -> None:
    save(clean(), tmp_path / "out" / "Marigolda" / "HOSP-0471193.dcm")
    assert {one.what for one in scan(tmp_path / "out", PEOPLE)} == {"name", "patient id"}


def test_tables_are_searched_for_numbers(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.csv").write_text("a,HOSP-0471193\n")
    assert scan(tmp_path / "out", PEOPLE) == [Found("x.csv", "bytes", "patient id")]


def test_a_uid_is_found_and_one_that_begins_like_it_is_not(tmp_path: Path) -> None:
    assert found_in(tmp_path, clean(lambda d: setattr(d, "FrameOfReferenceUID", "1.2.999.777.1")))
    assert not found_in(tmp_path, clean(lambda d: setattr(d, "FrameOfReferenceUID", "1.2.999.777.12")))


DAY = list(dates_of(date(2019, 5, 23), attribute="StudyDate"))


@pytest.mark.parametrize("text", ["on 2019-05-23", "23.05.2019", "05/23/2019", "at20190523 x 20190523"])
def test_a_day_is_found_in_text_however_it_is_written(text: str, tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, clean(lambda d: setattr(d, "ImageComments", text)), DAY)
    assert found.what == "date"


def test_a_moved_date_that_falls_on_an_original_of_another_attribute_is_no_find(tmp_path: Path) -> None:
    assert found_in(tmp_path, clean(lambda d: setattr(d, "SeriesDate", "20190523")), DAY) == []
    assert found_in(tmp_path, clean(lambda d: setattr(d, "StudyDate", "20190523")), DAY) == [
        Found("a.dcm", "StudyDate", "date")
    ]


def test_a_moment_holds_its_day(tmp_path: Path) -> None:
    moment = list(dates_of(date(2019, 5, 23), attribute="AcquisitionDateTime"))
    dataset = clean(lambda d: setattr(d, "AcquisitionDateTime", "20190523101112.5+0100"))
    assert found_in(tmp_path, dataset, moment) == [Found("a.dcm", "AcquisitionDateTime", "date")]


def test_a_short_number_is_no_time_and_no_setting(tmp_path: Path) -> None:
    def change(dataset: Any) -> None:
        dataset.StudyTime, dataset.Exposure = "101112", "101112"

    assert found_in(tmp_path, clean(change), [Identifier("101112", "patient id")]) == []
    comment = clean(lambda d: setattr(d, "ImageComments", "see 101112"))
    assert found_in(tmp_path, comment, [Identifier("101112", "patient id")])


def test_words_of_the_standard_are_no_names_where_the_standard_puts_them(tmp_path: Path) -> None:
    assert (
        found_in(
            tmp_path, clean(lambda d: setattr(d, "BodyPartExamined", "LIVER")), [Identifier("Liver", "name")]
        )
        == []
    )
    comment = clean(lambda d: setattr(d, "ImageComments", "Mr Liver"))
    assert found_in(tmp_path, comment, [Identifier("Liver", "name")])


def test_identifiers_are_taken_from_any_depth() -> None:
    dataset = ct()
    item: Any = Dataset()
    item.PersonName, item.ContentDate, item.ReferencedSOPInstanceUID = "Deep^Down", "20010203", "1.2.3.4.5"
    dataset.AnatomicRegionSequence = Sequence([item])
    found = {one.text for one in identifiers_of(dataset)}
    assert {"Zyxwonder", "Marigolda", PATIENT, "QQSTATION", "Qq Infirmary", "23.05.2019", "19310817"} <= found
    assert {"Deep", "Down", "2001-02-03", "1.2.3.4.5"} <= found
    assert dataset.SOPClassUID not in found


def test_kinds_that_are_kept_on_purpose_are_not_looked_for() -> None:
    found = {one.what for one in identifiers_of(ct(), without=("station", "date"))}
    assert "station" not in found
    assert "date" not in found
    assert "name" in found


def test_a_name_has_its_parts_and_its_groups() -> None:
    assert set(name_parts("Zhang^Wei=张^伟")) >= {"Zhang", "Wei", "张", "伟"}
    assert list(name_parts("")) == [""]


def leaky(dataset: Dataset, **how: Any) -> Any:
    made = deidentify(dataset, **how)
    made.dataset.StudyDescription = f"CT of {NAME}"
    return made


def test_a_de_identification_that_leaks_passes_nothing_on_and_tells_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.io.deidentification.twins.deidentify", leaky)
    monkeypatch.setattr(contact_sheet, "DPI", 20)
    save(ct(), tmp_path / "in" / "a.dcm")
    with pytest.raises(DataError, match="StudyDescription holds a name") as caught:
        run(tmp_path / "in", tmp_path / "out")
    assert not any(mark in str(caught.value).lower() for mark in MARKS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out.left-out.csv"]
    told = (tmp_path / "out.left-out.csv").read_text()
    assert "a.dcm,image,identifier left,StudyDescription holds a name; would have been S-" in told


def test_a_word_that_is_somebody_elses_name_is_a_word_and_their_number_is_a_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(dataset: Any) -> None:
        dataset.PatientName, dataset.PatientID, dataset.SOPInstanceUID = (
            "Arterial^Venous",
            "OTHER-1",
            "1.2.3.4",
        )
        dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"

    def told(dataset: Dataset, **how: Any) -> Any:
        made = deidentify(dataset, **how)
        if dataset.PatientID == PATIENT:
            made.dataset.ImageComments = text
        return made

    monkeypatch.setattr("hepar.io.deidentification.twins.deidentify", told)
    monkeypatch.setattr(contact_sheet, "DPI", 20)
    save(ct(), tmp_path / "in" / "a.dcm")
    save(ct(1, other), tmp_path / "in" / "b.dcm")
    text = "venous"
    assert run(tmp_path / "in", tmp_path / "words").images == 2
    text = "see OTHER-1"
    made = run(tmp_path / "in", tmp_path / "out")
    assert (made.images, made.set_aside) == (1, {"identifier left": 1})
    assert [(one.attribute, one.what) for one in made.found] == [("ImageComments", "patient id")]


def test_what_options_keep_is_no_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_sheet, "DPI", 20)
    save(ct(), tmp_path / "in" / "a.dcm")
    options = Options(dates="full", retain_device=True, retain_institution=True, retain_uids=True)
    assert run(tmp_path / "in", tmp_path / "out", options=options).images == 1


def test_a_surname_of_one_chinese_character_is_not_found_in_plain_letters(tmp_path: Path) -> None:
    # in UTF-16 the name U+6768 is the letters `gh`
    target = tmp_path / "out" / "a.dcm"
    save(clean(lambda dataset: setattr(dataset, "ConvolutionKernel", "high")), target)
    assert scan(tmp_path / "out", [Identifier("\u6768", "name")]) == []
    save(clean(lambda dataset: setattr(dataset, "ConvolutionKernel", "\u6768")), target)
    assert [one.what for one in scan(tmp_path / "out", [Identifier("\u6768", "name")])] == ["name"]


def test_a_number_that_is_short_without_its_points_is_a_find_as_a_whole_only(tmp_path: Path) -> None:
    target, one = tmp_path / "out" / "a.dcm", Identifier("#-7-#", "patient id")
    save(clean(lambda dataset: setattr(dataset, "ConvolutionKernel", "B 7")), target)
    assert scan(tmp_path / "out", [one]) == []
    save(clean(lambda dataset: setattr(dataset, "ConvolutionKernel", "#-7-#")), target)
    assert [found.what for found in scan(tmp_path / "out", [one])] == ["patient id"]


def test_a_family_that_is_called_like_the_maker_is_no_find_in_its_name_alone(tmp_path: Path) -> None:
    names = [Identifier("Philips", "name"), Identifier("Ann Philips", "name")]
    target = tmp_path / "out" / "a.dcm"
    save(clean(lambda dataset: setattr(dataset, "Manufacturer", "Philips Medical Systems")), target)
    assert scan(tmp_path / "out", names) == []
    save(clean(lambda dataset: setattr(dataset, "Manufacturer", "Ann Philips")), target)
    assert [one.what for one in scan(tmp_path / "out", names)] == ["name"]
    save(clean(lambda dataset: setattr(dataset, "SeriesDescription", "Philips")), target)
    assert [one.attribute for one in scan(tmp_path / "out", names)] == ["SeriesDescription"]


def test_sequences_too_deep_to_be_read_are_damage(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="damaged"), understood(tmp_path / "a.dcm"):
        raise RecursionError
