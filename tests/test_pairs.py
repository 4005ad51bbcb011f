"""Which mask belongs to which image."""

from pathlib import Path

import pytest

from hepar.core.errors import DataError
from hepar.study.pairs import find_pairs, is_series, stem


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_a_name_loses_only_the_endings_of_image_files() -> None:
    assert [stem(Path(name)) for name in ("a.b.nii.gz", "A.NRRD", "P1", "x.mha")] == ["a.b", "A", "P1", "x"]


def test_two_files_are_one_pair(tmp_path: Path) -> None:
    touch(tmp_path, "ct.nii.gz", "other.nrrd")
    (pair,) = find_pairs(tmp_path / "ct.nii.gz", tmp_path / "other.nrrd").pairs
    assert (pair.name, pair.masks) == ("ct", (("", tmp_path / "other.nrrd"),))


def test_folders_are_matched_by_the_beginning_of_the_name(tmp_path: Path) -> None:
    images = touch(tmp_path / "images", "P1.nii.gz", "P10.nii.gz", "P2.nii")
    masks = touch(
        tmp_path / "masks", "P1_liver.nii.gz", "P1_lesion.nii.gz", "P10-mask.nii.gz", "P2.nrrd", "notes.txt"
    )
    found = {pair.name: [name for name, _ in pair.masks] for pair in find_pairs(images, masks).pairs}
    assert found == {"P1": ["lesion", "liver"], "P10": [""], "P2": [""]}


def test_a_folder_of_masks_belongs_to_the_image_of_its_name(tmp_path: Path) -> None:
    images = touch(tmp_path / "images", "P1.nii.gz")
    touch(tmp_path / "masks" / "P1", "liver.nii.gz", "spleen.nii.gz")
    (pair,) = find_pairs(images, tmp_path / "masks").pairs
    assert [name for name, _ in pair.masks] == ["liver", "spleen"]


def test_an_image_without_a_mask_and_a_mask_without_an_image_are_told_beside_the_pairs(
    tmp_path: Path,
) -> None:
    images = touch(tmp_path / "images", "P1.nii.gz", "P2.nii.gz")
    masks = touch(tmp_path / "masks", "P1.nii.gz", "Q7.nii.gz")
    found = find_pairs(images, masks)
    assert [pair.name for pair in found.pairs] == ["P1"]
    assert {failure.name for failure in found.failures} == {"P2", "Q7"}
    reasons = {failure.name: failure.reason for failure in found.failures}
    assert "has no mask in" in reasons["P2"]
    assert "no image is called as the beginning of its name" in reasons["Q7"]


def test_an_absent_file_of_a_listing_is_its_case_s_failure(tmp_path: Path) -> None:
    text = "Case,Image,Mask\nP1,a.nii.gz,m.nii.gz\nP2,b.nii.gz,gone.nii.gz\n"
    found = find_pairs(listing(tmp_path, text), None)
    assert [pair.name for pair in found.pairs] == ["P1"]
    (failure,) = found.failures
    assert failure.name == "P2"
    assert "row 3: names 'gone.nii.gz', which is not there" in failure.reason


@pytest.mark.parametrize("column", ["case", "ID", "Patient"])
def test_a_listing_names_images_masks_and_cases(tmp_path: Path, column: str) -> None:
    touch(tmp_path, "a.nii.gz", "m1.nii.gz", "m2.nii.gz")
    (tmp_path / "list.csv").write_text(f"{column},Image,Mask\nX,a.nii.gz,m1.nii.gz\nX,a.nii.gz,m2.nii.gz\n")
    (pair,) = find_pairs(tmp_path / "list.csv", None).pairs
    assert (pair.name, [name for name, _ in pair.masks]) == ("X", ["m1", "m2"])


def test_a_listing_without_a_mask_column_says_which_columns_it_has(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Image,Segmentation\na,b\n")
    with pytest.raises(DataError, match=r"has no column 'mask'; .*Segmentation"):
        find_pairs(tmp_path / "list.csv", None)


def test_a_listing_of_absent_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Image,Mask\na.nii.gz,b.nii.gz\n")
    with pytest.raises(DataError, match=r"names 'a.nii.gz', which is not there"):
        find_pairs(tmp_path / "list.csv", None)


def test_one_name_for_two_images_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii.gz", "b.nii.gz", "m.nii.gz")
    (tmp_path / "list.csv").write_text("Case,Image,Mask\nX,a.nii.gz,m.nii.gz\nX,b.nii.gz,m.nii.gz\n")
    with pytest.raises(DataError, match="'X' stands for two images"):
        find_pairs(tmp_path / "list.csv", None)


@pytest.mark.parametrize("which", ["images", "masks"])
def test_what_is_not_there_is_refused(tmp_path: Path, which: str) -> None:
    touch(tmp_path, "a.nii.gz")
    there, gone = tmp_path / "a.nii.gz", tmp_path / "gone"
    with pytest.raises(DataError, match=r"gone: there is no such file"):
        find_pairs(gone if which == "images" else there, gone if which == "masks" else there)


def test_a_folder_of_images_without_masks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="name the folder of the masks too"):
        find_pairs(touch(tmp_path / "images", "P1.nii.gz"), None)


def test_empty_folders_are_refused(tmp_path: Path) -> None:
    empty, full = touch(tmp_path / "empty"), touch(tmp_path / "full", "P1.nii.gz")
    with pytest.raises(DataError, match="holds no image"):
        find_pairs(empty, full)
    with pytest.raises(DataError, match="none of its 1 images has a mask"):
        find_pairs(full, empty)


def test_a_folder_of_dicom_files_is_one_series(tmp_path: Path) -> None:
    folder = touch(tmp_path / "series")
    (folder / "IM0001").write_bytes(b"\0" * 128 + b"DICM")
    assert is_series(folder)
    assert not is_series(touch(tmp_path / "images", "P1.nii.gz"))
    masks = touch(tmp_path / "masks", "liver.nii.gz", "spleen.nii.gz")
    (pair,) = find_pairs(folder, masks).pairs
    assert (pair.name, [name for name, _ in pair.masks]) == ("series", ["liver", "spleen"])


def test_a_structure_set_alone_in_a_folder_names_its_own_regions(tmp_path: Path) -> None:
    series = touch(tmp_path / "series", "1.dcm")
    (pair,) = find_pairs(series, touch(tmp_path / "mask", "RS.dcm")).pairs
    assert pair.masks == (("", tmp_path / "mask" / "RS.dcm"),)


def listing(folder: Path, text: str) -> Path:
    touch(folder, "a.nii.gz", "b.nii.gz", "m.nii.gz")
    (folder / "list.csv").write_text(text)
    return folder / "list.csv"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Image,Mask\na.nii.gz,m.nii.gz\na.nii.gz,m.nii.gz\n",
            "'a' stands twice with the same image and mask",
        ),
        (
            "Case,Image,Mask\nP1,a.nii.gz,m.nii.gz\n,b.nii.gz,m.nii.gz\n",
            "row 3: names no case in the column 'Case'",
        ),
        ("Image,Mask,Label\na.nii.gz,m.nii.gz,7\n", "labels are not read from its column 'Label'"),
        ("Image,Mask\n", "has no row below its header"),
    ],
)
def test_a_listing_that_would_be_misread_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        find_pairs(listing(tmp_path, text), None)


def test_a_listing_of_a_european_spreadsheet_is_read(tmp_path: Path) -> None:
    (pair,) = find_pairs(listing(tmp_path, "\ufeffCase;Image;Mask\r\nP1;a.nii.gz;m.nii.gz\r\n"), None).pairs
    assert (pair.name, pair.image.name) == ("P1", "a.nii.gz")


def test_an_image_alone_is_told_to_need_a_mask(tmp_path: Path) -> None:
    touch(tmp_path, "ct.nii.gz")
    with pytest.raises(DataError, match="is an image; name the file or the folder of its masks too"):
        find_pairs(tmp_path / "ct.nii.gz", None)


def test_a_dicom_file_beside_volumes_makes_no_series_of_them(tmp_path: Path) -> None:
    images = touch(tmp_path / "images", "P1.nii.gz", "P0.dcm")
    masks = touch(tmp_path / "masks", "P0.nii.gz", "P1.nii.gz")
    assert not is_series(images)
    assert [pair.name for pair in find_pairs(images, masks).pairs] == ["P0", "P1"]
