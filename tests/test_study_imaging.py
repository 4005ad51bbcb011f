"""What the headers of an arm's images say, over its cases."""

from pathlib import Path

import pytest

from hepar.core.errors import DataError
from hepar.data.case import Acquisition
from hepar.engine.store import NOTHING
from hepar.io.acquisitions import ImageFile
from hepar.study import imaging
from hepar.study.imaging import summarised


def test_numbers_become_a_range_and_texts_their_commonest_values() -> None:
    cases = [{"kvp": "100"}, {"kvp": "80 to 120"}, *({"model": name} for name in "AABCDEFG")]
    told = summarised(cases)
    assert told["kvp"] == "80 to 120"
    assert told["model"] == "A (2), B (1), C (1), D (1), E (1) and 2 more"


def test_what_all_cases_share_is_told_once() -> None:
    assert summarised([{"unit": "HU"}, {"unit": "HU"}]) == {"unit": "HU"}
    assert summarised([{"mm": "1.0"}, {"mm": "1.0 to 1.0"}]) == {"mm": "1.0"}


def test_an_image_without_dicom_headers_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "image.nii").write_bytes(b"no header")
    image = Acquisition("mr", (tmp_path / "image.nii",), ImageFile())

    def refuse(path: Path, *, series: str | None) -> dict[str, str]:
        raise DataError(f"{path}: no DICOM, {series}")

    monkeypatch.setattr("hepar.io.dicom_parameters.acquisition_parameters", refuse)
    assert imaging._parameters(NOTHING, image) == {}


def test_the_series_chosen_is_the_series_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Acquisition("mr", (tmp_path,), ImageFile((("series", "portal"),)))
    monkeypatch.setattr(
        "hepar.io.dicom_parameters.acquisition_parameters",
        lambda path, *, series: {"of": f"{path.name} {series}"},
    )
    assert imaging._parameters(NOTHING, image) == {"of": f"{tmp_path.name} portal"}
