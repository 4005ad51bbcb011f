"""One search for identifiers, in what is shared and in what was de-identified: what it finds, and what it leaves."""

import gzip
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepar.imaging.geometry import Volume
from hepar.io.deidentification.scan import scan
from hepar.io.identifier import Identifier, dates_of
from hepar.io.identifier_search import ENCODINGS, Piece, Searched
from hepar.io.nifti import write_nifti
from hepar.io.rf_file import write_rf
from hepar.study.share_scan import find_identifiers
from test_share_scan import frames

Search = Callable[[Path, list[Identifier]], int]


def shared(folder: Path, identifiers: list[Identifier]) -> int:
    return len(find_identifiers(folder, identifiers))


def de_identified(folder: Path, identifiers: list[Identifier]) -> int:
    return len(scan(folder, identifiers))


BOTH = pytest.mark.parametrize("search", [shared, de_identified])


def finds(search: Search, folder: Path, identifier: str, text: str) -> bool:
    (folder / "a.csv").write_text(f"before {text} after\n", encoding="utf-8")
    return search(folder, [Identifier(identifier, "case")]) > 0


@BOTH
@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("LIV-0001", "liv_0001"),
        ("LIV-0001", "xliv-0001x"),
        ("AB-1", "ab 1"),
        ("A-1-2", "A_1_2"),
        ("12-34", "12_34"),
        ("12/34", "no. 12-34."),
        ("1234567", "1234567"),
        ("STRASSE-7", "Stra\u00dfe 7"),
        ("M\u00fcller-7", "Mu\u0308ller 7"),
        ("Mu\u0308ller-7", "M\u00fcller 7"),
        ("123456", "\uff11\uff12\uff13\uff14\uff15\uff16"),
        ("\u5f20\u4f1f7", "of\u5f20\u4f1f7"),
    ],
)
def test_what_one_search_found_the_other_finds(
    identifier: str, text: str, search: Search, tmp_path: Path
) -> None:
    assert finds(search, tmp_path, identifier, text)


@BOTH
@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("12-34", "12 34"),
        ("12-34", "12,34"),
        ("12-34", "2012-34"),
        ("12-34", "12-34-5"),
        ("12-34", "x12-34"),
        ("#-7-#", "B 7"),
        ("A1", "A1"),
        ("12345", "12345"),
        ("1234567", "0.1234567"),
        ("LIV-001", "LIV-0001"),
    ],
)
def test_what_only_looks_like_an_identifier_is_none_in_either(
    identifier: str, text: str, search: Search, tmp_path: Path
) -> None:
    assert not finds(search, tmp_path, identifier, text)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "2015-06-01",
        "2015/06/01",
        "2015.06.01",
        "20150601",
        "01.06.2015",
        "06.01.2015",
        "06/01/2015",
        "01/06/2015",
        "01-06-2015",
        "1.6.2015",
        "1 June 2015",
        "01-JUN-2015",
        "Jun 1, 2015",
        "\u65e5\u671f2015\u5e746\u67081\u65e5",
        "2015\u5e7406\u670801\u65e5",
    ],
)
def test_a_day_is_found_however_it_is_written(text: str, search: Search, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"on {text},1\n")
    assert search(tmp_path, list(dates_of(date(2015, 6, 1))))
    assert not search(tmp_path, list(dates_of(date(2015, 6, 2))))


@pytest.mark.parametrize("encoding", ENCODINGS[1:])
def test_a_name_that_is_not_ascii_is_found_in_the_bytes_of_a_recording(encoding: str, tmp_path: Path) -> None:
    write_rf(frames(), tmp_path / "1.h5")
    assert not shared(tmp_path, [Identifier("\u738b\u4f1f", "case")])
    with (tmp_path / "1.h5").open("ab") as file:
        file.write(" \u738b\u4f1f ".encode(encoding))
    assert shared(tmp_path, [Identifier("\u738b\u4f1f", "case")]) == 1


def test_text_of_two_bytes_a_letter_is_found_between_header_and_voxels(tmp_path: Path) -> None:
    volume = Volume(np.zeros((2, 2, 2), np.int16), affine=np.eye(4))
    write_nifti(volume, tmp_path / "a.nii.gz")
    assert not shared(tmp_path, [Identifier("LIV-0001", "case")])
    content = bytearray(gzip.decompress((tmp_path / "a.nii.gz").read_bytes()))
    content[148 : 148 + 16] = "LIV-0001".encode("utf-16-le")
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(bytes(content)))
    assert shared(tmp_path, [Identifier("LIV-0001", "case")]) == 1


@pytest.mark.parametrize("content", ["M\u00fcller".encode("latin-1"), "M\u00fcller".encode("utf-16")])
def test_a_text_in_another_encoding_than_utf_8_is_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert shared(tmp_path, [Identifier("M\u00fcller", "case")]) == 1


@pytest.mark.parametrize("cell", ["17", " 17 ", '"17"', "'17", "17\0", "\t17\r\n"])
def test_a_short_identifier_is_a_cell_whatever_stands_around_it(cell: str) -> None:
    searched = Searched.of([Identifier("17", "case")])
    assert {one.text for one in searched.as_cell(cell)} == {"17"}
    assert not searched.as_cell("170")


def test_a_cell_that_is_kept_from_being_a_formula_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,'@17\n")
    assert shared(tmp_path, [Identifier("@17", "case")]) == 1


def test_the_first_part_of_a_file_name_is_a_whole_name(tmp_path: Path) -> None:
    write_rf(frames(), tmp_path / "17.raw.h5")
    assert shared(tmp_path, [Identifier("17", "case")]) == 1


def test_one_text_may_be_several_things() -> None:
    several = {Identifier("HOSP-0471193", what) for what in ("case", "participant")}
    assert Searched.of(several).in_text("see hosp-0471193") == several


def test_a_day_of_another_attribute_is_none() -> None:
    searched = Searched.of(dates_of(date(2019, 5, 23), attribute="StudyDate"))
    assert searched.as_date("StudyDate", "20190523101112")
    assert not searched.as_date("SeriesDate", "20190523")
    assert not searched.as_date("", "20190523")


@given(
    st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12),
    st.sampled_from(["NFC", "NFD"]),
)
def test_a_text_is_found_as_a_cell_in_any_case_and_form(text: str, form: Literal["NFC", "NFD"]) -> None:
    if text.strip("\"'"):
        searched = Searched.of([Identifier(text, "case")])
        assert searched.as_cell(f' "{unicodedata.normalize(form, text.casefold())}" ')


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_text_that_is_utf_8_is_read_as_that(text: str) -> None:
    first = Piece.of_text(text.encode("utf-8")).texts
    assert text in first
    assert len(first) == 1 or "\0" in text
