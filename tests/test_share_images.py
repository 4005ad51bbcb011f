"""Images and masks leave a study as voxels and their place; nothing of a header goes with them."""

import gzip
from pathlib import Path

import numpy as np
import pydicom
import pytest
import yaml

from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.io.dicom_images import CtSettings, write_ct
from hepar.io.dicom_instance import Series, Subject
from hepar.io.nifti import write_nifti
from hepar.io.tables import read_cohort
from hepar.study.protocol import Study, read_protocol
from hepar.study.share import Asked, Package, share
from shared_study import KEY, dictionary, write_study

NAMES = ("LIV-0001", "LIV-0002", "LIV-0003")
"""Those who have images, of four who consented."""


def volume(seed: int) -> Volume:
    rng = np.random.default_rng(seed)
    affine = np.array([[0, 0, 1.5, -20.5], [0, 1.25, 0, -31.0], [4.0, 0, 0, 77.0], [0, 0, 0, 1]], float)
    return Volume(rng.integers(-100, 200, (5, 8, 9)).astype(np.int16), affine, "CT", "HU")


def write_images(folder: Path) -> None:
    for number, case in enumerate(NAMES, 1):
        subject = Subject("shared", case, sex="f", age_y=50, height_m=1.6, weight_kg=60, site="Dresden")
        series = Series(subject, "exam", "portal", 1, "portal", "A", 36_000, 36_000)
        write_ct(volume(number), folder / "ct" / case, series=series, settings=CtSettings(120, "B30f", 4.0))
        for path in (folder / "ct" / case).rglob("*.dcm"):
            dataset = pydicom.dcmread(path)
            dataset.PatientName, dataset.PatientID, dataset.InstitutionName = (
                "Doe^Jane",
                f"PAT-7700{number}",
                "Dresden",
            )
            dataset.save_as(path)
        mask = np.zeros((5, 8, 9), np.uint8)
        mask[1:3, 2:5, 3:6] = 1
        write_nifti(volume(number).like(mask), folder / "masks" / f"{case}.nii.gz")


@pytest.fixture
def study(tmp_path: Path) -> tuple[Study, Path]:
    path = write_study(tmp_path / "study", recordings=False)
    write_images(path.parent)
    document = dictionary(recordings=False)
    document["acquisitions"] = {
        "ct": {"kind": "image", "files": "ct/{id}"},
        "liver": {"kind": "mask", "of": "ct", "files": "masks/{id}.nii.gz", "label": 1},
    }
    (path.parent / "dictionary.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return read_protocol(path)


def shared(study: tuple[Study, Path], tmp_path: Path, asked: Asked | None = None) -> Package:
    return share(*study, tmp_path / "package", key=KEY, asked=asked or Asked())


def test_whoever_receives_them_reads_the_same_voxels_at_the_same_place(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    made = shared(study, tmp_path)
    assert made.images == 2 * len(NAMES)
    (document,) = (made.folder / "data").rglob("dictionary.yaml")
    cases = [case for case in read_cohort(document) if "ct" in case.acquisitions]
    found = sorted((case.acquisition("ct").load() for case in cases), key=lambda v: int(v.array[0, 0, 0]))
    known = sorted((volume(number) for number in (1, 2, 3)), key=lambda v: int(v.array[0, 0, 0]))
    for one, other in zip(found, known, strict=True):
        np.testing.assert_array_equal(one.array, other.array)
        np.testing.assert_allclose(one.affine, other.affine, atol=1e-5)
        assert (one.modality, one.unit) == ("CT", "HU")
    assert [int(case.acquisition("liver").load().array.sum()) for case in cases] == [18] * len(NAMES)


def test_no_byte_of_a_header_is_passed_on(study: tuple[Study, Path], tmp_path: Path) -> None:
    made = shared(study, tmp_path)
    images = list(made.folder.rglob("*.nii.gz"))
    assert len(images) == 2 * len(NAMES)
    for path in made.folder.rglob("*"):
        assert not any(
            word in str(path.relative_to(made.folder)) for word in ("LIV-", "PAT-", "Doe", "Dresden")
        )
    for path in images:
        content = gzip.decompress(path.read_bytes())
        assert not any(word in content for word in (b"Doe", b"PAT-7700", b"Dresden", b"LIV-000", b"2099"))


def test_without_images_neither_files_nor_columns_are_there(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    made = shared(study, tmp_path, Asked(images=False))
    assert made.images == 0
    assert not list(made.folder.rglob("*.nii.gz"))
    (table,) = made.folder.rglob("table.csv")
    assert "ct_file" not in table.read_text()
    assert "acquisition ct of diffuse is not shared" in (made.folder / "README.md").read_text()


def test_a_picture_that_may_show_names_is_left_out_and_told(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    for path in (study[1] / "ct").rglob("*.dcm"):
        dataset = pydicom.dcmread(path)
        dataset.Modality = "US"
        dataset.save_as(path)
    made = shared(study, tmp_path)
    assert not list(made.folder.rglob("*.nii.gz"))
    assert any("acquisition ct of 3 cases is not shared: pictures" in note for note in made.notes)


def test_a_damaged_image_is_named_by_case_and_nothing_is_written(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    path = next((study[1] / "ct" / "LIV-0002").rglob("*.dcm"))
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(DataError, match="case LIV-0002, acquisition 'ct'"):
        shared(study, tmp_path)
    assert not (tmp_path / "package").exists()


def test_a_name_that_somebody_wrote_into_a_nifti_header_does_not_come_along(
    study: tuple[Study, Path], tmp_path: Path
) -> None:
    for case in NAMES:
        path = study[1] / "masks" / f"{case}.nii.gz"
        mask = np.zeros((5, 8, 9), np.uint8)
        mask[1:3, 2:5, 3:6] = 1
        write_nifti(volume(1).like(mask), path, about=f"{case} Doe")
    assert shared(study, tmp_path).images == 2 * len(NAMES)
