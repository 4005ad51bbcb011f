"""What the headers of an arm's images say, over its cases."""

from dataclasses import replace
from pathlib import Path

import pytest

import report_fixtures as made
from dicom_samples import write_ct
from hepar.core.errors import DataError
from hepar.data.case import Acquisition
from hepar.engine.store import NOTHING, Store
from hepar.io.acquisitions import ImageFile
from hepar.study import imaging
from hepar.study.imaging import acquired, summarised
from hepar.study.result import Prepared


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


def prepared(folder: Path) -> Prepared:
    """The SIMULATED arm with a radiomic test; its first two cases have a CT series, the others none."""
    part = made.result().arms["main"].prepared
    document = made.study().model_dump(mode="json", by_alias=True)
    radiomics = {"kind": "radiomics", "image": "ct", "regions": {"liver": "liver"}}
    document["arms"]["main"]["index_tests"]["model"]["features"] = [radiomics]
    cases = []
    for at, case in enumerate(part.cohort):
        image = Acquisition("ct", (folder / f"{at}",), ImageFile())
        cases.append(replace(case, acquisitions={"ct": image} if at < 2 else {}))
    cohort = replace(part.cohort, cases=tuple(cases))
    return replace(part, arm=made.study(**{"arms": document["arms"]}).arms["main"], cohort=cohort)


def test_the_headers_of_the_images_that_tests_read_are_told_once_kept(tmp_path: Path) -> None:
    for at in range(2):
        write_ct(tmp_path / f"{at}")
    store = Store(tmp_path / "store")
    told = acquired(prepared(tmp_path), store=store)
    assert told["ct"]["modality"] == "CT"
    assert acquired(prepared(tmp_path), store=store, jobs=2) == told
    assert len(list((tmp_path / "store").rglob("*.json"))) >= 1


def test_a_study_of_tables_tells_nothing() -> None:
    assert acquired(made.result().arms["main"].prepared) == {}
