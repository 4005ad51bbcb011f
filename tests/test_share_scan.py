"""Identifiers are found wherever they stand, and numbers that look like them are not taken for them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from hepar.imaging.ultrasound.frames import RfFrames
from hepar.io.identifier import Identifier, dates_of
from hepar.io.rf_file import write_rf
from hepar.study.share_scan import find_identifiers

CASE = Identifier("LIV-0001", "case")


def frames() -> RfFrames:
    return RfFrames(
        rf=np.random.default_rng(0).integers(-2000, 2000, (1, 4, 64)).astype(np.int16),
        fs_mhz=20.0,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="linear",
        line_angle_deg=np.zeros(4, dtype=np.float32),
        line_origin_mm=np.zeros((4, 2), dtype=np.float32),
        start_mm=0.0,
        tgc_db=None,
    )


def hits(folder: Path, *texts: str, what: str = "case") -> list[tuple[str, str]]:
    found = find_identifiers(folder, [Identifier(text, what) for text in texts])
    return [(one.file, one.identifier.text) for one in found]


@pytest.mark.parametrize(
    "text", ["see LIV-0001.", "liv-0001", "LIV_0001", "LIV 0001", "xliv-0001x", '{"case":"LIV-0001"}']
)
def test_an_identifier_is_found_in_any_writing(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert hits(tmp_path, "LIV-0001") == [("a.txt", "LIV-0001")]


@pytest.mark.parametrize("text", ["LIV-0002", "LIV-00012", "0001", "liver 0001"])
def test_what_only_resembles_it_is_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert hits(tmp_path, "LIV-001") == []


def test_an_identifier_of_digits_is_no_part_of_a_number(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0.1234567 91234567 1234567.5")
    assert hits(tmp_path, "1234567") == []
    (tmp_path / "a.txt").write_text("0.5 1234567 2")
    assert hits(tmp_path, "1234567") == [("a.txt", "1234567")]


def test_a_short_identifier_is_found_as_a_cell_or_a_name_and_not_in_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("17 patients, 17 of them ill")
    (tmp_path / "b.csv").write_text("case,value\nC-1,170\n")
    assert hits(tmp_path, "17") == []
    (tmp_path / "b.csv").write_text('case,value\nC-1,"17"\n')
    (tmp_path / "17.h5").parent.joinpath("17").mkdir()
    (tmp_path / "17" / "c.txt").write_text("")
    assert hits(tmp_path, "17") == [("17/c.txt", "17"), ("b.csv", "17")]


@pytest.mark.parametrize(
    "text", ["2015-06-01", "2015/06/01", "20150601", "01.06.2015", "06/01/2015", "01-06-2015"]
)
def test_a_date_is_found_in_the_usual_writings(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.html").write_text(f"<td>{text}</td>")
    assert find_identifiers(tmp_path, dates_of(date(2015, 6, 1), what="date"))


@pytest.mark.parametrize(
    "view",
    [
        replace(frames(), device="of liv-0001"),
        replace(frames(), preset="of liv-0001"),
        replace(frames(), view="of liv-0001"),
        replace(frames(), remark="of liv-0001"),
        replace(frames(), site="of liv-0001"),
    ],
    ids=["device", "preset", "view", "remark", "site"],
)
def test_a_string_of_a_recording_is_read(tmp_path: Path, view: RfFrames) -> None:
    write_rf(view, tmp_path / "1.h5")
    assert hits(tmp_path, "LIV-0001") == [("1.h5", "LIV-0001")]


def test_the_name_of_a_region_is_read(tmp_path: Path) -> None:
    view = frames()
    write_rf(replace(view, regions={"liv-0001": view.whole()}), tmp_path / "1.h5")
    assert hits(tmp_path, "LIV-0001") == [("1.h5", "LIV-0001")]


def test_echoes_are_numbers_and_never_taken_for_an_identifier(tmp_path: Path) -> None:
    write_rf(frames(), tmp_path / "1.h5")
    content = (tmp_path / "1.h5").read_bytes()
    assert hits(tmp_path, *(f"{k:02}" for k in range(100)), *"abcdefghij") == []
    assert len(content) > 500


def test_the_name_of_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "LIV-0001.txt").write_text("")
    assert hits(tmp_path, "LIV-0001") == [("LIV-0001.txt", "LIV-0001")]


def test_an_empty_identifier_is_no_find(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,,b")
    assert hits(tmp_path, "", " ") == []
