"""Forms held against images: each contradiction is one query, and none where both agree."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.data.crf.form import FormDictionary, FormField
from hepar.data.crf.record import Export, Record
from hepar.imaging.geometry import Volume
from hepar.io.dicom_images import CtSettings, write_ct
from hepar.io.dicom_instance import Series, Subject
from hepar.io.nifti import write_nifti
from hepar.io.redcap import read_dictionary
from hepar.study.form_images import image_queries
from hepar.study.form_images.entered import parts_of
from hepar.study.form_images.facts import phase_of
from hepar.study.form_images.headers import sex_of

WHO = Subject("cohort", "01-0001", sex="f", age_y=54, height_m=1.6, weight_kg=60, site="01")
SHAPE, SPACING = (12, 40, 40), (5.0, 2.0, 2.0)
LESION = (slice(4, 7), slice(10, 16), slice(5, 13))
"""In voxels (z, y, x): 15 by 12 by 16 mm, at the patient's right."""
FORM = {
    "age_y": "54", "sex": "2", "inclusion_date": "2099-01-01", "ct_done": "1", "ct_date": "2099-01-01",
    "ct_slice_thickness_mm": "5", "plain_phase": "0", "arterial_phase": "1", "portal_phase": "1",
    "delayed_phase": "0", "arterial_series_uid_suffix": "", "portal_series_uid_suffix": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def dictionary() -> FormDictionary:
    return read_dictionary("lesion-screening")


def grid() -> Volume:
    z, y, x = SPACING
    affine = np.array([[0, 0, x, -39.0], [0, y, 0, -39.0], [z, 0, 0, 100.0], [0, 0, 0, 1]], float)
    return Volume(np.zeros(SHAPE, np.int16), affine, "CT", "HU")


def box_cells() -> dict[str, str]:
    """The box of the lesion, face to face, and where it lies."""
    low, high = (np.array([getattr(part, end) for part in LESION], float) for end in ("start", "stop"))
    faces = grid().world_mm(np.stack([low - 0.5, high - 0.5]))
    centre, size = faces.mean(axis=0), faces[1] - faces[0]
    cells = {f"box_centre_{axis}_mm": f"{value:g}" for axis, value in zip("xyz", centre, strict=True)}
    cells |= {f"box_size_{axis}_mm": f"{value:g}" for axis, value in zip("xyz", size, strict=True)}
    return {**cells, "box_series": "2", "lesion_segment": "6", "lesion_mask_file": "lesion-1.nii.gz"}


@pytest.fixture
def images(original: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return shutil.copytree(original, tmp_path / "images")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images") / "01-0001"
    for number, phase in enumerate(("Late arterial", "Portal venous 5.0"), 1):
        series = Series(WHO, "exam", phase, number, phase, "A", 36_000, 36_000 + 40 * number)
        write_ct(grid(), folder / str(number), series=series, settings=CtSettings(120, "B30f", 5.0, "agent"))
    mask = np.zeros(SHAPE, np.uint8)
    mask[LESION] = 1
    write_nifti(grid().like(mask), folder / "lesion-1.nii.gz")
    return folder.parent


def an_export(form: Mapping[str, str], lesion: Mapping[str, str] | None = None) -> Export:
    records = [Record(2, "01-0001", form, group="north")]
    if lesion is not None:
        records.append(Record(3, "01-0001", lesion, instrument="lesion", instance="1", group="north"))
    columns = tuple(dict.fromkeys([*form, *(lesion or {})]))
    return Export(
        columns, tuple(replace(one, values={**dict.fromkeys(columns, ""), **one.values}) for one in records)
    )


def rules(dictionary: FormDictionary, export: Export, images: Path) -> list[tuple[str, str]]:
    return [(query.rule, query.field) for query in image_queries(dictionary, export, images)]


def retouch(images: Path, **values: object) -> None:
    """Change the headers of every image of the participant."""
    for path in images.rglob("*.dcm"):
        dataset = pydicom.dcmread(path)
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
        dataset.save_as(path)


def test_a_form_that_agrees_with_its_images_gives_no_query(dictionary: FormDictionary, images: Path) -> None:
    ends = {
        f"{phase}_series_uid_suffix": last_eight(images, number)
        for phase, number in (("arterial", 1), ("portal", 2))
    }
    assert rules(dictionary, an_export(FORM | ends, box_cells()), images) == []


def last_eight(images: Path, number: int) -> str:
    first = next((images / "01-0001" / str(number)).rglob("*.dcm"))
    return str(pydicom.dcmread(first, stop_before_pixels=True).SeriesInstanceUID)[-8:]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("age_y", "45", "image: age"),
        ("sex", "1", "image: sex"),
        ("ct_date", "2098-12-30", "image: date"),
        ("ct_slice_thickness_mm", "1.25", "image: slice thickness"),
        ("arterial_phase", "0", "image: phase not on the form"),
        ("delayed_phase", "1", "image: phase missing"),
        ("ct_done", "0", "image: not on the form"),
        ("mri_done", "1", "image: missing"),
        ("portal_series_uid_suffix", "00000000", "image: series"),
    ],
)  # fmt: skip
def test_each_contradiction_is_one_query(
    dictionary: FormDictionary, images: Path, field: str, value: str, rule: str
) -> None:
    if field == "mri_done":
        dictionary = read_dictionary("fibrosis-fusion")
    assert rules(dictionary, an_export(FORM | {field: value}), images) == [(rule, field)]


@pytest.mark.parametrize(
    "field", ["arterial_series_uid_suffix", "ct_slice_thickness_mm", "age_y", "ct_date", "lesion_mask_file"]
)
def test_a_code_for_missing_is_held_against_nothing(
    dictionary: FormDictionary, images: Path, field: str
) -> None:
    marked = {field: "UNK"}
    of_lesion = field.startswith("lesion_")
    export = an_export(FORM if of_lesion else FORM | marked, box_cells() | (marked if of_lesion else {}))
    assert rules(dictionary, replace(export, missing_codes=frozenset({"UNK"})), images) == []


@pytest.mark.parametrize("size", ["nan", "inf", "1_0"])
def test_a_size_that_is_no_number_is_left_to_the_check_of_the_form(
    dictionary: FormDictionary, images: Path, size: str
) -> None:
    assert rules(dictionary, an_export(FORM, {**box_cells(), "box_size_x_mm": size}), images) == []


def test_a_suffix_that_names_the_series_of_another_phase_is_a_query(
    dictionary: FormDictionary, images: Path
) -> None:
    form = FORM | {"arterial_series_uid_suffix": last_eight(images, 2)}
    assert rules(dictionary, an_export(form), images) == [("image: series", "arterial_series_uid_suffix")]


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        ({"box_centre_x_mm": "60"}, "image: box", "box_centre_x_mm"),
        ({"box_centre_z_mm": "140"}, "image: box", "box_centre_x_mm"),
        ({"box_size_x_mm": "60", "box_size_y_mm": "40"}, "image: box", "box_centre_x_mm"),
        ({"lesion_mask_file": "lesion-2.nii.gz"}, "image: mask missing", "lesion_mask_file"),
        ({"lesion_mask_file": "../01-0001/lesion-1.nii.gz"}, "image: mask missing", "lesion_mask_file"),
    ],
)
def test_a_box_or_mask_that_does_not_fit_is_a_query(
    dictionary: FormDictionary, images: Path, change: dict[str, str], rule: str, field: str
) -> None:
    assert rules(dictionary, an_export(FORM, box_cells() | change), images) == [(rule, field)]


def test_a_box_in_ras_is_told_as_such(dictionary: FormDictionary, images: Path) -> None:
    cells = box_cells()
    turned = {name: f"{-float(cells[name]):g}" for name in ("box_centre_x_mm", "box_centre_y_mm")}
    found = image_queries(dictionary, an_export(FORM, cells | turned), images)
    assert [query.rule for query in found] == ["image: box"]
    assert "RAS in place of LPS" in found[0].problem


def test_a_right_segment_far_on_the_left_is_told(dictionary: FormDictionary, images: Path) -> None:
    moved = grid().affine + np.eye(4, k=3) * -80  # to the right, so that the middle stays where it was
    wide = Volume(np.zeros((12, 40, 120), np.int16), moved, "CT", "HU")
    folder = images / "01-0001"
    series = Series(WHO, "exam", "portal", 2, "Portal venous 5.0", "A", 36_000, 36_080)
    for path in (folder / "2").rglob("*.dcm"):
        path.unlink()
    write_ct(wide, folder / "2", series=series, settings=CtSettings(120, "B30f", 5.0, "agent"))
    cells = {**box_cells(), "box_centre_x_mm": "90", "lesion_mask_file": ""}
    assert rules(dictionary, an_export(FORM, cells), images) == [("image: laterality", "lesion_segment")]


def test_a_header_of_a_paired_organ_is_told(dictionary: FormDictionary, images: Path) -> None:
    retouch(images, Laterality="L")
    assert rules(dictionary, an_export(FORM), images) == [("image: laterality", "ct_done")]


def test_dates_that_a_de_identification_moved_say_nothing(dictionary: FormDictionary, images: Path) -> None:
    retouch(
        images,
        StudyDate="20500101",
        AcquisitionDate="20500101",
        LongitudinalTemporalInformationModified="MODIFIED",
    )
    assert rules(dictionary, an_export(FORM), images) == []


def test_a_ct_after_the_surgery_is_told(images: Path) -> None:
    form = FORM | {"surgery_date": "2098-12-01"}
    found = image_queries(read_dictionary("crc-metastasis"), an_export(form), images)
    assert [(query.rule, query.field) for query in found] == [("image: after surgery", "surgery_date")]
    assert "31 days after" in found[0].problem


def test_missing_images_and_images_without_a_form_are_told(dictionary: FormDictionary, images: Path) -> None:
    (images / "01-0001").rename(images / "01-0002")
    found = image_queries(dictionary, an_export(FORM), images)
    assert [(query.participant, query.rule) for query in found] == [
        ("01-0001", "image: missing"),
        ("01-0002", "image: no form"),
    ]


def test_a_damaged_image_is_told_and_stops_nothing(dictionary: FormDictionary, images: Path) -> None:
    path = next((images / "01-0001" / "1").rglob("*.dcm"))
    path.write_bytes(path.read_bytes()[:900])
    assert rules(dictionary, an_export(FORM), images) == [("image: unreadable", "ct_done")]


def test_no_folder_of_images_is_refused(dictionary: FormDictionary, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        image_queries(dictionary, an_export(FORM), tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("description", "phase"),
    [
        ("Late arterial", "arterial"), ("ABD_AP 1.25", "arterial"), ("动脉期", "arterial"), ("PVP 5mm", "portal"),
        ("portal-venous", "portal"), ("门静脉期", "portal"), ("Plain", "plain"), ("平扫", "plain"),
        ("equilibrium", "delayed"), ("Abdomen 5.0 B30f", None), ("arterial and portal", None), ("", None),
    ],
)  # fmt: skip
def test_a_phase_is_told_by_the_words_of_the_description(description: str, phase: str | None) -> None:
    assert phase_of(description) == phase


def test_one_mask_file_below_the_folder_may_hold_every_lesion(
    dictionary: FormDictionary, images: Path
) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[LESION], mask[9:11, 25:30, 25:30] = 2, 1
    (images / "01-0001" / "masks").mkdir()
    write_nifti(grid().like(mask), images / "01-0001" / "masks" / "all.nii.gz")
    cells = box_cells() | {"lesion_mask_file": "masks/all.nii.gz"}
    assert rules(dictionary, an_export(FORM, cells), images) == []
    elsewhere = cells | {"box_centre_y_mm": f"{float(cells['box_centre_y_mm']) + 14:g}"}
    assert rules(dictionary, an_export(FORM, elsewhere), images) == [("image: box", "box_centre_x_mm")]


@pytest.mark.parametrize("name", ["../01-0001/lesion-1.nii.gz", "/etc/hostname", "masks", "x" * 300])
def test_a_mask_outside_the_folder_is_no_such_file(
    dictionary: FormDictionary, images: Path, name: str
) -> None:
    found = rules(dictionary, an_export(FORM, box_cells() | {"lesion_mask_file": name}), images)
    assert found == [("image: mask missing", "lesion_mask_file")]


@pytest.mark.parametrize(
    ("words", "sex"),
    [
        ("Male / 男", "M"), ("Female", "F"), ("女", "F"), ("M", "M"), ("f", "F"), ("Woman", "F"),
        ("Männlich", ""), ("Femme", ""), ("Mujer", ""), ("男性", "M"), ("unknown", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_sex_is_compared_only_where_its_word_is_known(words: str, sex: str) -> None:
    assert sex_of(words) == sex


@pytest.mark.parametrize(
    ("part", "known"), [("ct_dat", False), ("ct_date", True), ("hbp_series_uid_suffix", True)]
)
def test_an_annotation_that_names_no_part_is_refused(part: str, known: bool) -> None:
    made = FormDictionary("m", (FormField("id", "a", "text", "Id"), annotated(part)))
    if known:
        assert parts_of(made)[part].name == "day"
        return
    with pytest.raises(ProtocolError, match=r"field 'day': @HEPAR-IMAGE=ct_dat: .*did you mean 'ct_date'"):
        parts_of(made)


def annotated(part: str) -> FormField:
    return FormField("day", "a", "text", "Day", validation="date_ymd", annotation=f"@HEPAR-IMAGE={part}")
