"""Descriptions word by word, terms of image types, codes, and what a scanner writes of itself."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from hepar.io.deidentification.codes import concept_of
from hepar.io.deidentification.table import packaged_table
from hepar.io.deidentification.text import (
    clean,
    is_code_string,
    is_setting,
    is_technical,
    settings,
    terms,
    words,
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Liver_portal venous 2.5mm", "Liver portal venous 2.5mm"),
        ("t1_vibe_fs_tra_bh b800", "t1 vibe fs tra bh b800"),
        ("MUELLER, JOHN *1961-11-11 art", ""),
        ("Dr. Smith: liver 12345678", "liver"),
        ("venous 45y male room 12", "venous"),
        ("刘 肝 portal", "portal"),
        ("portal^venous", "portal venous"),
        ("", ""),
    ],
)
def test_only_words_of_the_list_and_measures_stay(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_a_description_is_cut_to_what_its_attribute_holds() -> None:
    assert len(clean("portal venous " * 20)) <= 64


def test_no_word_of_the_list_is_a_common_name() -> None:
    names = (
        "smith long dixon art may power sharp young rose mark grace summer blade li wang zhang john jan ann"
    )
    assert not words() & set(names.split())


def test_the_list_of_words_is_in_lower_case_and_has_no_numbers() -> None:
    lines = packaged_table("words.csv")
    listed = [line["word"] for line in lines if line["kind"] == "word"]
    assert [(line["kind"], line["word"]) for line in lines] == sorted(
        {(line["kind"], line["word"]) for line in lines}
    )
    assert all(word == word.lower() and not word.isdigit() for word in listed)


def test_an_unknown_term_gives_way_without_moving_the_others() -> None:
    assert terms(["DERIVED", "SECONDARY", "SMITH^J", "ADC"]) == ["DERIVED", "SECONDARY", "OTHER", "ADC"]


def test_technical_text_holds_no_names_of_persons_and_no_formula() -> None:
    assert all(map(is_technical, ("Br38f", "*tfl2d1_15", "STANDARD", "B30f/2", "LARGE BOWTIE FIL")))
    assert not any(map(is_technical, ("Smith^John", "a@b.c", "=1+1", "a\\b", "Müller", "x" * 65, "a\nb", "")))


def test_code_strings_keep_to_their_repertoire() -> None:
    assert is_code_string("HELICAL MODE")
    assert not any(map(is_code_string, ("helical", "A" * 17, "", "A-B", "A^B")))


def test_a_public_code_brings_its_own_meaning() -> None:
    item: Any = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "T-62000", "SRT", "liver of John Smith"
    concept = concept_of(item)
    assert concept is not None
    assert concept.attributes["CodeMeaning"].startswith("Liver")
    assert "Smith" not in str(concept)


@pytest.mark.parametrize(
    ("value", "scheme"), [("T-62000", "99HOSPITAL"), ("SMITH", "SCT"), ("", "SCT"), ("10200004", "")]
)
def test_a_code_that_is_not_public_is_none(value: str, scheme: str) -> None:
    item: Any = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "Liver"
    assert concept_of(item) is None


@pytest.mark.parametrize(
    "text",
    [
        "Br38f",
        "*tfl2d1_15",
        "*ep_b1000t",
        "fl3d_vibe",
        "LARGE BOWTIE FIL",
        "HE1-4;NE1,2",
        "OSEM3D 3i24s",
        "1H",
        "IV",
        "HU",
        "HELICAL MODE",
        "CT_SOM5 SPI",
        "XYZ_EC",
        "measured,, 0.096000 cm-1,",
        "ISO_10918_1",
        "FFDR",
        "PHASE_ENCODE",
        "OM",
    ],
)
def test_settings_of_scanners_stay(text: str) -> None:
    assert is_setting(text)


@pytest.mark.parametrize(
    "text",
    [
        "SMITH",
        "KOWALCZYK 1961",
        "IV Dr Smith",
        "Kim",
        "Nguyen",
        "1961",
        "19610203",
        "12 03 61",
        "12.03.61",
        "MRN 123456",
        "AB1234567",
        "123-45-6789",
        "PATIENT SMITH",
        "WILLIAM",
        "",
        "M\u00fcller",
    ],
)
def test_a_name_a_day_and_a_number_of_a_person_are_no_settings(text: str) -> None:
    assert not is_setting(text)


def test_no_setting_is_a_common_name() -> None:
    names = (
        "smith johnson jones brown davis miller wilson moore anderson jackson white harris martin thompson garcia"
        " martinez robinson lewis lee walker king wright hill scott baker adams nelson carter mitchell roberts turner"
        " phillips campbell parker evans edwards collins stewart cook morgan bell murphy bailey cooper kelly howard ward"
        " james john robert michael william david mary anna susan maria li wang zhang liu chen yang zhao huang wu zhou"
        " kim park nguyen tran singh kumar khan ali ahmed mueller schmidt fischer weber he lin"
    )
    assert (settings() | words()) & set(names.split()) <= {"lin"}  # LIN, of linear corrections
