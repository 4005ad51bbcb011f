"""Images and masks that a dictionary declares: found, counted, and refused where a path or a name is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import image_study
from hepar.core.errors import DataError, HeparError
from hepar.data.acquisitions import Declaration
from hepar.data.case import Acquisition
from hepar.data.cohort import Cohort
from hepar.data.dictionary import Dataset
from hepar.io.tables import cohort_from_frame, read_cohort

CT = {"kind": "image", "files": "images/{case}/{scan}"}
LIVER = {"kind": "mask", "of": "ct", "files": "masks/{participant}.nii.gz", "label": 5}
HEADER = {"name": "d", "title": "t", "source": "s", "licence": "l", "citation": "c", "table": "d.csv"}


def dataset(**acquisitions: Any) -> Dataset:
    fields = {"age": {"kind": "number"}}
    keys = {"case": "id", "site": "site", "participant": "person", "missing": ["NA"]}
    return Dataset.model_validate({**HEADER, **keys, "fields": fields, "acquisitions": acquisitions})


def frame(**columns: list[str]) -> pd.DataFrame:
    n = 4
    plain = {"id": [f"C{k}" for k in range(n)], "person": [f"Q{k}" for k in range(n)], "site": ["S"] * n}
    return pd.DataFrame({**plain, "age": ["50"] * n, "scan": [f"{k}.nii" for k in range(n)], **columns})


def cohort(folder: Path, found: Dataset | None = None, **columns: list[str]) -> Cohort:
    return cohort_from_frame(
        frame(**columns), found or dataset(ct=CT, liver=LIVER), source="d.csv", folder=folder
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Scans of C0 (a folder), C1 and C2, none of C3; masks of C0, C2 and C3."""
    for name in ("images/C0/0.nii/2.dcm", "images/C0/0.nii/1.dcm", "images/C1/1.nii", "images/C2/2.nii"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "masks").mkdir()
    for number in (0, 2, 3):
        (tmp_path / f"masks/Q{number}.nii.gz").write_text("mask")
    return tmp_path


def have(found: Cohort) -> list[list[str]]:
    return [sorted(case.acquisitions) for case in found]


def test_what_lies_there_is_found_and_what_is_lacking_is_counted(folder: Path) -> None:
    found = cohort(folder)
    assert have(found) == [["ct", "liver"], ["ct"], ["ct", "liver"], []]
    assert [(note.field, note.n) for note in found.notes] == [("ct", 1), ("liver", 2)]
    assert "without its image ct" in found.notes[1].what


def test_a_mask_is_read_on_its_image(folder: Path) -> None:
    mask = cohort(folder).cases[0].acquisition("liver")
    assert [path.name for path in mask.files] == ["Q0.nii.gz", "0.nii"]
    assert [path.name for path in mask.every_file] == ["Q0.nii.gz", "1.dcm", "2.dcm"]


def test_an_empty_or_missing_cell_and_an_empty_folder_are_no_acquisition(folder: Path) -> None:
    (folder / "images/C3/3.nii").mkdir(parents=True)
    (folder / "images/C3/3.nii/.DS_Store").write_text("x")
    found = cohort(folder, scan=["0.nii", "", "NA", "3.nii"])
    assert have(found) == [["ct", "liver"], [], [], []]


def test_files_in_subfolders_may_be_named_by_a_column(folder: Path) -> None:
    anywhere = dataset(ct={"kind": "image", "files": "{scan}"})
    assert have(cohort(folder, anywhere, scan=["images/C1/1.nii", "images/C2/2.nii", "", ""])) == [
        ["ct"],
        ["ct"],
        [],
        [],
    ]


def test_the_fingerprint_tells_any_changed_byte_and_label(folder: Path) -> None:
    before = cohort(folder)
    (folder / "images/C0/0.nii/2.dcm").write_text("other, longer")
    after = cohort(folder)
    assert before.cases[1].acquisition("ct").fingerprint == after.cases[1].acquisition("ct").fingerprint
    changed = after.cases[0].acquisition("ct").fingerprint
    (folder / "images/C0/0.nii/3.dcm").write_text("one more")
    assert after.cases[0].acquisition("ct").fingerprint != changed
    other = cohort(folder, dataset(ct=CT, liver={**LIVER, "label": 6}))
    two = other.cases[2].acquisition("liver").fingerprint
    assert two != after.cases[2].acquisition("liver").fingerprint
    assert other.fingerprint != after.fingerprint


def test_a_file_of_the_same_size_changed_later_has_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one")
    one = Acquisition("ct", (path,), lambda _: None)
    first = one.fingerprint
    path.write_text("two")
    import os

    os.utime(path, ns=(1, 1))
    assert one.fingerprint != first


HEADER_OF_A_RAW_FILE = """ObjectType = Image
NDims = 3
DimSize = 2 2 2
ElementType = MET_UCHAR
ElementSpacing = 1 1 1
ElementDataFile = voxels.raw
"""


def test_the_voxels_that_a_header_points_to_are_in_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a.mhd").write_text(HEADER_OF_A_RAW_FILE)
    prints = []
    for voxels in (bytes(8), bytes([1] * 8)):
        (tmp_path / "voxels.raw").write_bytes(voxels)
        (image,) = {
            case.acquisition("ct")
            for case in cohort(tmp_path, dataset(ct={"kind": "image", "files": "a.mhd"}))
        }
        prints.append(image.fingerprint)
    assert prints[0] != prints[1]
    (tmp_path / "a.mhd").write_text("no header")
    broken = cohort(tmp_path, dataset(ct={"kind": "image", "files": "a.mhd"})).cases[0].acquisition("ct")
    assert [path.name for path in broken.files] == ["a.mhd"]
    with pytest.raises(DataError, match=r"a\.mhd"):
        broken.load()


@pytest.mark.parametrize(
    ("acquisitions", "message"),
    [
        ({"ct": {**CT, "files": "/data/{case}"}}, "'/data/{case}' is absolute"),
        ({"ct": {**CT, "files": "C:\\data\\{case}"}}, "is absolute"),
        ({"ct": {**CT, "files": "../{case}"}}, r"steps out of its folder by '\.\.'"),
        ({"ct": {**CT, "files": "a/..\\{case}"}}, r"steps out of its folder by '\.\.'"),
        ({"ct": {**CT, "files": " "}}, "names no file"),
        ({"ct": {**CT, "files": "{case"}}, "braces hold the name of a column"),
        ({"ct": {**CT, "files": "{}/x"}}, "braces hold the name of a column"),
        ({"ct": {"kind": "image"}}, "an image needs `files`, or `simulated`"),
        ({"ct": {**CT, "label": 1}}, "`of` and `label` belong to a mask"),
        ({"liver": {"kind": "mask", "files": "x"}}, "a mask needs `of`"),
        ({"liver": LIVER}, "is of 'ct', which is no image here; Allowed: nothing"),
        ({"ct": CT, "liver": LIVER, "seg": {**LIVER, "of": "liver"}}, "is of 'liver', which is no image here.*ct"),
        ({"ct": CT, "liver": {"kind": "mask", "of": "ct"}}, "a mask needs `files`, unless its image is simulated"),
        ({"ct": CT, "liver": {**LIVER, "series": "x"}}, "`series` belongs to an image in files"),
        ({"CT": CT}, "pattern"),
        ({"ct": {**CT, "label": True}}, "valid integer"),
        ({"ct": {**CT, "sort": "image"}}, "sort"),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_meant_is_refused(acquisitions: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        dataset(**acquisitions)


@pytest.mark.parametrize("cell", ["../secret", "/etc/passwd", "C:/x", "a/../../b", "\\\\server\\x"])
def test_a_cell_that_leads_out_of_the_folder_is_refused_with_its_row(folder: Path, cell: str) -> None:
    anywhere = dataset(ct={"kind": "image", "files": "{scan}"})
    with pytest.raises(DataError, match=r"d.csv, row 1 \(case C1\): acquisition 'ct': path "):
        cohort(folder, anywhere, scan=["images/C1/1.nii", cell, "", ""])


def test_a_column_that_the_table_lacks_is_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(DataError, match=r"no column 'scann' \(acquisition ct\); did you mean 'scan'"):
        cohort(folder, dataset(ct={**CT, "files": "images/{case}/{scann}"}))


def test_an_acquisition_of_nobody_is_refused_with_where_it_was_looked_for(folder: Path) -> None:
    with pytest.raises(DataError, match=r"'ct': no row has a file of it \(looked first for .*ct/C0.nii"):
        cohort(folder, dataset(ct={**CT, "files": "ct/{case}.nii"}))
    with pytest.raises(DataError, match=r"its columns are empty"):
        cohort(folder, dataset(ct={**CT, "files": "ct/{scan}"}), scan=["", "", "NA", ""])


def test_masks_whose_images_are_all_absent_are_refused(folder: Path) -> None:
    elsewhere = {**LIVER, "files": "masks/Q3.nii.gz"}
    found = dataset(ct={**CT, "files": "images/{scan}"}, liver=elsewhere)
    with pytest.raises(DataError, match="'ct': no row has a file"):
        cohort(folder, found)


def test_a_dictionary_with_acquisitions_survives_the_round_trip() -> None:
    once = dataset(ct=CT, liver=LIVER)
    assert once.acquisitions["liver"].label == 5
    assert dataset(ct=CT, liver={**LIVER, "label": "5"}).acquisitions["liver"].label == "5"
    assert Dataset.model_validate(once.model_dump(mode="json")) == once
    assert Declaration.model_validate(CT).columns == ("scan",)


class TestSimulated:
    """Images made from the row when they are read."""

    def read(self, tmp_path: Path, **columns: Any) -> Cohort:
        image_study.write(tmp_path, data=image_study.table(4).assign(**columns))
        return read_cohort(tmp_path)

    def test_the_same_row_gives_the_same_image_in_any_order(self, tmp_path: Path) -> None:
        cases = self.read(tmp_path).cases
        first = cases[0].acquisition("mr").load()
        liver = cases[0].acquisition("liver").load()
        assert first.array.shape == liver.array.shape
        assert (first.modality, liver.array.dtype) == ("MR", bool)
        cases[1].acquisition("mr").load()
        assert (cases[0].acquisition("mr").load().array == first.array).all()

    def test_every_case_has_its_own_fingerprint(self, tmp_path: Path) -> None:
        cases = self.read(tmp_path).cases
        prints = {c.acquisition(name).fingerprint for c in cases for name in ("mr", "liver")}
        assert len(prints) == 8

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"seed": "x"}, r"row 2 \(case P000\): acquisition 'mr': the seed 'x' is not a whole number"),
            ({"truth": 1.5}, "column 'truth': fibrosis is 1.5; a proportion lies between 0 and 1"),
            ({"scanner": "E"}, "there is no simulated scanner 'E'; Allowed: A, B, C, D"),
            ({"seed": ""}, "acquisition 'mr': no row says what it is simulated from"),
        ],
    )
    def test_a_row_that_cannot_be_simulated_is_refused(
        self, tmp_path: Path, columns: Any, message: str
    ) -> None:
        with pytest.raises(HeparError, match=message):
            self.read(tmp_path, **columns)

    def test_a_mask_that_the_simulator_does_not_draw_is_refused(self, tmp_path: Path) -> None:
        fields = image_study.dictionary()
        fields["acquisitions"]["liver"]["label"] = "kidney"
        image_study.write(tmp_path, data=image_study.table(4), fields=fields)
        with pytest.raises(DataError, match="a simulated liver has no 'kidney'; Allowed: liver, spleen"):
            read_cohort(tmp_path)


def of_patient(image: str) -> dict[str, Any]:
    simulated = {"kind": "patient", "study": "D", "cohort": 3, "number": "scan", "image": image}
    return {"kind": "image", "simulated": simulated}


class TestSimulatedPatients:
    """CT and MR of simulated patients, made from the cohort's seed and the patient's number."""

    def read(self, image: str, **columns: list[str]) -> Cohort:
        found = dataset(
            scan_of={**of_patient(image)}, liver={"kind": "mask", "of": "scan_of", "label": "liver"}
        )
        numbers = {"scan": ["1", "2", "3", "1"], **columns}
        return cohort(Path(), found, **numbers)

    def test_the_number_says_which_patient_it_is(self) -> None:
        cases = self.read("ct_portal").cases
        first, second, same = (cases[k].acquisition("scan_of").load() for k in (0, 1, 3))
        assert (first.modality, first.unit, first.orientation) == ("CT", "HU", "SPL")
        assert (first.array == same.array).all()
        assert (first.array != second.array).any()
        assert len({c.acquisition("scan_of").fingerprint for c in cases}) == 3

    @pytest.mark.parametrize("image", ["ct_arterial", "mr_t1"])
    def test_the_liver_is_marked_on_the_image_it_belongs_to(self, image: str) -> None:
        case = self.read(image).cases[0]
        scan, liver = case.acquisition("scan_of").load(), case.acquisition("liver").load()
        assert 0.8 < liver.array.sum() * np.prod(liver.spacing_mm) / 1e6 < 3  # litres
        inside, outside = scan.array[liver.array], scan.array[~liver.array]
        assert np.median(inside) > np.median(outside)

    @pytest.mark.parametrize(
        ("number", "message"),
        [("0", "numbered from 1"), ("one", "the number of the patient 'one' is not a whole")],
    )
    def test_a_number_that_is_none_is_refused(self, number: str, message: str) -> None:
        with pytest.raises(HeparError, match=message):
            self.read("ct_portal", scan=[number] * 4).cases[0].acquisition("scan_of").load()

    def test_an_image_that_is_not_made_is_refused_with_those_that_are(self) -> None:
        with pytest.raises(ValidationError, match="ct_portal"):
            dataset(scan_of=of_patient("ct_venous"))
