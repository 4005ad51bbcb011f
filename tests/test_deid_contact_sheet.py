"""Contact sheets show what is in the pixels, by pseudonym, and the list to sign has a row for every series."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from deid_samples import ct, noise, save, ultrasound
from hepar.core.errors import DataError
from hepar.io.deidentification import contact_sheet
from hepar.io.deidentification.contact_sheet import COLUMNS, ROWS, Shown, middle_frame, write_contact_sheets


def shown(*files: Path, subject: str = "S-AAAA") -> Shown:
    return Shown(subject, "2.25.1", "2.25.2", "CT", files, masked=False)


def test_every_series_has_a_place_on_a_page_and_a_row_to_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_sheet, "DPI", 15)
    file = save(ct(), tmp_path / "a.dcm")
    series = [shown(file, subject=f"S-{k}") for k in range(ROWS * COLUMNS + 1)]
    (tmp_path / "out").mkdir()
    assert write_contact_sheets(tmp_path / "out", series) == 2
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "contact-sheet-001.png",
        "contact-sheet-002.png",
        "sign-off.csv",
    ]
    rows = list(csv.DictReader((tmp_path / "out" / "sign-off.csv").read_text().splitlines()))
    assert [(row["page"], row["place"], row["subject"]) for row in rows][-2:] == [
        ("1", "12", "S-11"),
        ("2", "1", "S-12"),
    ]
    assert {row["name"] for row in rows} == {""}


def test_grey_is_shown_from_dark_to_bright(tmp_path: Path) -> None:
    dataset = ct()
    picture = middle_frame([save(dataset, tmp_path / "a.dcm")])
    assert picture is not None
    order = np.argsort(dataset.pixel_array.ravel())
    assert (np.diff(picture.ravel()[order].astype(int)) >= 0).all()
    assert (picture.min(), picture.max()) == (0, 255)


def test_low_numbers_that_are_shown_white_are_white(tmp_path: Path) -> None:
    dataset = ct(0, lambda d: setattr(d, "PhotometricInterpretation", "MONOCHROME1"))
    picture = middle_frame([save(dataset, tmp_path / "a.dcm")])
    assert picture is not None
    assert picture.ravel()[dataset.pixel_array.argmin()] == 255


def test_colours_are_shown_as_they_are_and_chroma_is_turned_into_them(tmp_path: Path) -> None:
    pixels = noise(3, 8, 12, 3)
    picture = middle_frame([save(ultrasound(pixels), tmp_path / "a.dcm")])
    np.testing.assert_array_equal(picture, pixels[1])
    black = np.full((1, 8, 12, 3), 128, np.uint8)
    black[..., 0] = 0
    chroma = middle_frame([save(ultrasound(black, "YBR_FULL"), tmp_path / "b.dcm")])
    assert chroma is not None
    assert not chroma.any()


def test_large_pictures_are_made_smaller(tmp_path: Path) -> None:
    picture = middle_frame([save(ultrasound(noise(1, 1500, 2100), "MONOCHROME2"), tmp_path / "a.dcm")])
    assert picture is not None
    assert picture.shape == (500, 700)


def test_a_file_without_pixels_has_no_picture_and_a_damaged_one_says_so(tmp_path: Path) -> None:
    dataset: Any = ct()
    del dataset.PixelData
    assert middle_frame([save(dataset, tmp_path / "a.dcm")]) is None
    video = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    video.PixelData = encapsulate([bytes(64)])
    video["PixelData"].is_undefined_length = True
    video.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    with pytest.raises(DataError):
        middle_frame([save(video, tmp_path / "b.dcm")])
    (tmp_path / "out").mkdir()
    assert write_contact_sheets(tmp_path / "out", [shown(tmp_path / "a.dcm"), shown(tmp_path / "b.dcm")]) == 1


def test_colours_without_their_palette_are_told_and_stop_nothing(tmp_path: Path) -> None:
    file = save(ultrasound(noise(1, 8, 12), "PALETTE COLOR"), tmp_path / "a.dcm")
    with pytest.raises(DataError, match="cannot be shown"):
        middle_frame([file])


def test_a_palette_of_8_bits_in_words_of_16_is_not_shown_black(tmp_path: Path) -> None:
    dataset = ultrasound(noise(1, 8, 12), "PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", np.arange(256, dtype="<u2").tobytes())
    picture = middle_frame([save(dataset, tmp_path / "a.dcm")])
    assert picture is not None
    assert np.array_equal(picture[..., 0], dataset.pixel_array)


def test_a_masked_series_is_shown_with_what_nobody_has_looked_at() -> None:
    def told(**how: bool) -> tuple[str, list[str]]:
        one = Shown("S-AAAA", "1.2", "1.3", "US", (), **how)
        return one.warning, one.row[-3:]

    assert told(masked=False) == ("", ["no", "no", "no"])
    assert told(masked=True) == ("inside its regions nothing was removed", ["yes", "no", "no"])
    assert told(masked=True, approved=True) == ("", ["yes", "no", "yes"])
    assert told(masked=True, typed=True)[0] == "something in it looks like text: read it"
