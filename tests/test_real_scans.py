"""Real scans from files to a table: DICOM, masks of three kinds, one series damaged; the flow shows who was lost and why."""

import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pandas as pd
import pydicom
import pytest
import yaml

from hepar.core.errors import DataError, RunError
from hepar.data.cohort import Cohort
from hepar.io.tables import read_cohort
from hepar.report.flow import reasons_of
from hepar.study.extract import extract
from hepar.study.prepare import prepare
from hepar.study.protocol import Study
from hepar.study.result import Prepared

SAMPLES = Path(__file__).parent / "golden" / "images"
HEADER = {"name": "scans", "title": "Real scans", "source": "open", "licence": "as each", "citation": "none"}
CASES = {
    "venous": ("venous_liver", "venous_liver/liver.nii.gz", 1),
    "native": ("dcmqi_liver/ct", "dcmqi_liver/liver_seg.dcm", 0),
    "pet": ("sts_002/pet_image.nii.gz", "sts_002/pet_mask.nii.gz", 1),
    "torn": ("torn", "venous_liver/liver.nii.gz", 0),
    "unscanned": ("", "venous_liver/liver.nii.gz", 0),
}
"""Image, mask and a made-up outcome."""


def write(folder: Path, *, acquisitions: Any = None) -> Path:
    """Table and dictionary beside the scans."""
    rows = [(name, scan, mask, ill, 40 + ill) for name, (scan, mask, ill) in CASES.items()]
    pd.DataFrame(rows, columns=["id", "scan", "outline", "ill", "age"]).to_csv(folder / "t.csv", index=False)
    images = {
        "ct": {"kind": "image", "files": "{scan}"},
        "liver": {"kind": "mask", "of": "ct", "files": "{outline}"},
    }
    document = {
        **HEADER,
        "table": "t.csv",
        "case": "id",
        "site": {"constant": "S"},
        "fields": {"ill": {"kind": "boolean"}, "age": {"kind": "number"}},
        "acquisitions": acquisitions or images,
    }
    (folder / "dictionary.yaml").write_text(yaml.safe_dump(document))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, and beside them a series whose second slice is cut off."""
    root = tmp_path_factory.mktemp("scans") / "data"
    shutil.copytree(SAMPLES, root)
    (root / "dcmqi_liver" / "ct").mkdir()
    for number in (1, 2, 3):
        (root / "dcmqi_liver" / f"0{number}.dcm").rename(root / "dcmqi_liver" / "ct" / f"0{number}.dcm")
    labels: Any = nib.load(root / "venous_liver" / "labels.nii.gz")
    liver = (np.asarray(labels.dataobj) == 5).astype(np.uint8)
    nifti: Any = nib.Nifti1Image
    nifti(liver, labels.affine).to_filename(root / "venous_liver" / "liver.nii.gz")
    (root / "torn").mkdir()
    for slice_ in ("09.dcm", "10.dcm"):
        shutil.copy(root / "venous_liver" / slice_, root / "torn" / slice_)
    whole = (root / "torn" / "10.dcm").read_bytes()
    (root / "torn" / "10.dcm").write_bytes(whole[: len(whole) // 2])
    return write(root)


def study(**radiomics: Any) -> Study:
    features = {"kind": "radiomics", "image": "ct", "regions": {"liver": "liver"}, **radiomics}
    settings = {"families": ["morphology", "statistics", "glcm"], "bin_number": 32}
    arm = {
        "title": "Real scans",
        "data": "dictionary.yaml",
        "eligibility": [{"name": "scan there", "needs": "ct"}],
        "outcome": {"kind": "binary", "label": "made up", "field": "ill", "one_of": [True]},
        "index_tests": {
            "model": {
                "label": "Radiomics",
                "features": [{"settings": settings, **features}],
                "model": "logistic",
            }
        },
        "design": {"partition": {"kind": "k_fold", "folds": 2}},
    }
    return Study.model_validate({"name": "scans", "title": "t", "question": "q", "arms": {"main": arm}})


@pytest.fixture(scope="module")
def extracted(folder: Path) -> Prepared:
    (part,) = prepare(study(), folder)
    return extract(part)


def test_the_scans_that_can_be_read_are_a_table(extracted: Prepared) -> None:
    table = extracted.features["model"]
    assert table.index.tolist() == ["venous", "native", "pet"]
    assert table.notna().all(axis=None)
    assert {"liver_original_morph_volume", "liver_original_stat_mean"} <= set(table)


def test_the_mean_is_that_of_the_slices_as_stored(folder: Path, extracted: Prepared) -> None:
    """Straight from the files: slope and intercept by hand, axes turned by hand."""
    slices = [pydicom.dcmread(folder / "venous_liver" / name) for name in ("09.dcm", "10.dcm")]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    hu = np.stack([one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept) for one in slices])
    labels: Any = nib.load(folder / "venous_liver" / "labels.nii.gz")
    liver = np.asarray(labels.dataobj).transpose(2, 1, 0)[:, ::-1] == 5
    row = extracted.features["model"].loc["venous"]
    assert row["liver_original_stat_mean"] == pytest.approx(hu[liver].mean(), rel=1e-12)
    assert 80 < row["liver_original_stat_mean"] < 110


def test_the_flow_shows_the_damaged_series_and_the_missing_scan(extracted: Prepared) -> None:
    needed, _, failed = extracted.cohort.flow
    assert (needed.criterion, needed.excluded) == ("scan there", ("unscanned",))
    assert (failed.criterion, failed.excluded) == ("features could not be extracted: Radiomics", ("torn",))
    ((why, n),) = reasons_of(failed)
    assert n == 1
    assert "10.dcm" in failed.failures[0].reason
    assert "[ct file]" in why
    assert not [name for name in ("torn", "10.dcm", "/") if name in why]


def read(folder: Path, tmp_path: Path, **liver: Any) -> Cohort:
    shutil.copytree(folder, tmp_path / "data")
    ct = {"kind": "image", "files": "{scan}"}
    mask = {"kind": "mask", "of": "ct", "files": "venous_liver/labels.nii.gz", **liver}
    return read_cohort(write(tmp_path / "data", acquisitions={"ct": ct, "liver": mask}))


def test_one_label_of_several_is_read_by_its_number(folder: Path, tmp_path: Path) -> None:
    case = read(folder, tmp_path, label=5).cases[0]
    assert case.acquisition("liver").load().array.any()


@pytest.mark.parametrize(
    ("label", "message"),
    [(7, r"labels\.nii\.gz: has no label 7; .*Allowed: .*5,"), (None, "holds several labels; declare which is meant, label: .*5")],
)  # fmt: skip
def test_a_label_that_is_not_there_or_not_said_is_refused_with_those_that_are(
    label: int | None, message: str, folder: Path, tmp_path: Path
) -> None:
    case = read(folder, tmp_path, **({} if label is None else {"label": label})).cases[0]
    with pytest.raises(DataError, match=message):
        case.acquisition("liver").load()


def test_a_mask_of_another_geometry_is_refused_with_both(folder: Path, tmp_path: Path) -> None:
    native = read(folder, tmp_path, label=5).cases[1]
    with pytest.raises(DataError, match=r"the mask is on another grid than its image\. Mask: .*image: "):
        native.acquisition("liver").load()


def test_a_setting_that_fits_no_scan_stops_the_run_with_the_first_reasons(folder: Path) -> None:
    (part,) = prepare(study(settings={"minimum_voxels": 10_000_000}), folder)
    with pytest.raises(
        RunError, match=r"(?s)from 4 of 4 cases; the first reasons:.*venous: .*minimum_voxels"
    ):
        extract(part)
