"""`hepar extract`: images and masks in, a table out; what fails is told, what was computed is kept."""

import json
import shutil
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import hepar.api
from hepar.cli import app
from hepar.core.errors import DataError, RunError
from hepar.imaging.geometry import Volume
from hepar.io.images import read_image
from hepar.io.nifti import write_nifti
from radiomics_cases import ball, image

SAMPLES = Path(__file__).parent / "golden" / "images"
FEW = "families: [statistics, morphology]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three SIMULATED images, each with the masks of a liver and a lesion."""
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for k in range(3):
        ct = image(seed=k)
        write_nifti(ct, tmp_path / "images" / f"P{k}.nii.gz")
        write_nifti(mask(ct, 12), tmp_path / "masks" / f"P{k}_liver.nii.gz")
        write_nifti(mask(ct, 6), tmp_path / "masks" / f"P{k}_lesion.nii.gz")
    (tmp_path / "few.yaml").write_text(FEW)
    return tmp_path


def mask(ct: Volume, radius_mm: float) -> Volume:
    found = ball(ct, centre=(7, 15, 16), radius_mm=radius_mm)
    return found.like(found.array.astype(np.uint8))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["extract", *map(str, arguments)])


def few(folder: Path, *arguments: str | Path, out: str = "f.csv") -> Result:
    return run(folder / "images", folder / "masks", "-s", folder / "few.yaml", "-o", folder / out, *arguments)


def test_each_region_of_each_image_is_a_row(folder: Path) -> None:
    done = few(folder)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(folder / "f.csv")
    assert table[["case", "region"]].to_numpy().tolist() == [
        [f"P{k}", region] for k in range(3) for region in ("lesion", "liver")
    ]
    assert table.filter(like="original_").notna().all(axis=None)
    assert "6 regions" in done.output


def test_what_the_ibsi_asks_to_be_reported_stands_beside_the_table(folder: Path) -> None:
    few(folder)
    told = (folder / "f.reporting.txt").read_text()
    measured = len(pd.read_csv(folder / "f.csv").filter(like="original_").columns)
    assert " 56b  32 bins." in told
    assert f" 58  {measured} features of statistics, morphology." in told
    run(folder / "images", folder / "masks", "--compat", "-o", folder / "c.csv")
    assert '"binWidth"' in (folder / "c.reporting.txt").read_text()


def test_one_and_two_workers_cold_and_warm_stores_give_the_same_bytes(folder: Path) -> None:
    few(folder)
    first = (folder / "f.csv").read_bytes()
    few(folder)
    assert (folder / "f.csv").read_bytes() == first
    few(folder, "-j", "2", out="g.csv")
    assert (folder / "g.csv").read_bytes() == first


def test_an_interrupted_extraction_goes_on_where_it_stopped(folder: Path) -> None:
    few(folder)
    kept = sorted((folder / "f.store").rglob("*.json"))
    assert len(kept) == 3
    spoilt = json.loads(kept[0].read_text())
    region = next(iter(spoilt))
    spoilt[region]["original_stat_mean"] = -4711.0
    kept[0].write_text(json.dumps(spoilt))
    few(folder)
    assert (pd.read_csv(folder / "f.csv")["original_stat_mean"] == -4711).sum() == 1


def test_a_changed_mask_or_setting_is_computed_anew(folder: Path) -> None:
    few(folder)
    before = pd.read_csv(folder / "f.csv")
    write_nifti(mask(image(seed=0), 8), folder / "masks" / "P0_lesion.nii.gz")
    few(folder)
    after = pd.read_csv(folder / "f.csv")
    changed = (before["original_morph_volume"] != after["original_morph_volume"]).tolist()
    assert changed == [True, False, False, False, False, False]


def test_a_case_that_fails_is_told_and_the_others_go_on(folder: Path) -> None:
    whole = (folder / "images" / "P1.nii.gz").read_bytes()
    (folder / "images" / "P1.nii.gz").write_bytes(whole[:400])
    done = few(folder)
    assert done.exit_code == 1
    assert "failed: P1: " in done.stderr
    assert set(pd.read_csv(folder / "f.csv")["case"]) == {"P0", "P2"}
    listed = pd.read_csv(folder / "f.failures.csv")
    assert listed["case"].tolist() == ["P1"]
    (folder / "images" / "P1.nii.gz").write_bytes(whole)
    assert few(folder).exit_code == 0
    assert not (folder / "f.failures.csv").exists()


def test_a_region_that_fails_costs_neither_the_others_of_its_image_nor_the_store(folder: Path) -> None:
    one = mask(image(seed=1), 6)
    single = np.zeros_like(one.array)
    single[7, 15, 16] = 1
    write_nifti(one.like(single), folder / "masks" / "P1_lesion.nii.gz")
    done = few(folder)
    assert done.exit_code == 1
    assert "failed: P1: region 'lesion' has 1 voxels" in done.stderr
    rows = pd.read_csv(folder / "f.csv")[["case", "region"]].to_numpy().tolist()
    assert rows == [["P0", "lesion"], ["P0", "liver"], ["P1", "liver"], ["P2", "lesion"], ["P2", "liver"]]
    few(folder, out="f.csv")
    assert pd.read_csv(folder / "f.csv")[["case", "region"]].to_numpy().tolist() == rows


def test_where_every_case_fails_no_table_is_written(folder: Path) -> None:
    (folder / "few.yaml").write_text(FEW + "minimum_voxels: 100000\n")
    with pytest.raises(RunError, match=r"no region .*; the first 5 of 6 reasons:\n  P0: region 'lesion' has"):
        hepar.api.extract(
            folder / "images", folder / "masks", settings=folder / "few.yaml", out=folder / "f.csv"
        )
    assert not (folder / "f.csv").exists()
    assert pd.read_csv(folder / "f.failures.csv")["case"].unique().tolist() == ["P0", "P1", "P2"]


def test_a_full_disk_stops_the_extraction_and_is_no_cases_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise RunError("no space left on device")

    monkeypatch.setattr("hepar.engine.store.write_atomically", full)
    with pytest.raises(RunError, match=r"^no space left on device$"):
        hepar.api.extract(
            folder / "images", folder / "masks", settings=folder / "few.yaml", out=folder / "f.csv"
        )
    assert not (folder / "f.failures.csv").exists()


@pytest.mark.parametrize("error", [MemoryError(), OSError(5, "Input/output error")])
def test_a_case_that_the_machine_cannot_hold_or_read_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:

    def read(path: Path) -> Volume:
        if path.name == "P1.nii.gz":
            raise error
        return read_image(path)

    monkeypatch.setattr("hepar.study.batch.read_image", read)
    done = few(folder, "--pictures", folder / "pages")
    assert done.exit_code == 1
    assert "failed: P1: " in done.stderr
    assert pd.read_csv(folder / "f.csv")["case"].unique().tolist() == ["P0", "P2"]


def test_a_page_that_cannot_be_drawn_stands_among_the_failures(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DataError("no page")

    monkeypatch.setattr("hepar.report.pages.case_page", refuse)
    assert few(folder, "--pictures", folder / "pages").exit_code == 1
    assert pd.read_csv(folder / "f.failures.csv")["reason"].tolist() == ["no page"] * 3


def test_a_case_named_like_a_path_draws_its_page_in_the_folder(folder: Path) -> None:
    (folder / "l.csv").write_text("Case,Image,Mask\n../../P0,images/P0.nii.gz,masks/P0_liver.nii.gz\n")
    done = run(
        folder / "l.csv", "-s", folder / "few.yaml", "-o", folder / "f.csv", "--pictures", folder / "a" / "b"
    )
    assert done.exit_code == 0, done.output
    (page,) = (folder / "a" / "b").iterdir()
    assert page.name.startswith(".._.._P0-")


def test_labels_of_a_label_image_can_be_named(folder: Path) -> None:
    ct = image(seed=0)
    both = mask(ct, 12)
    labels = folder / "labels.nii.gz"
    write_nifti(both.like(both.array + 4 * mask(ct, 6).array), labels)
    arguments = (folder / "images" / "P0.nii.gz", labels, "-s", folder / "few.yaml", "-o", folder / "l.csv")
    assert run(*arguments).exit_code == 0
    assert pd.read_csv(folder / "l.csv")["region"].astype(str).tolist() == ["1", "5"]
    assert run(*arguments, "--label", "lesion=5").exit_code == 0
    assert pd.read_csv(folder / "l.csv")["region"].tolist() == ["lesion"]


@pytest.mark.parametrize("text", ["lesion", "lesion=", "=5", "lesion=0", "lesion=five"])
def test_a_label_that_is_no_name_and_number_is_refused(folder: Path, text: str) -> None:
    done = few(folder, "--label", text)
    assert "write NAME=NUMBER" in str(done.exception)


def test_a_region_named_twice_is_refused(folder: Path) -> None:
    assert "'lesion' is named twice" in str(
        few(folder, "--label", "lesion=1", "--label", "lesion=2").exception
    )


def test_a_label_that_the_parameter_file_names_and_the_mask_lacks_is_refused(folder: Path) -> None:
    (folder / "params.yaml").write_text("setting: {label: 7}\nfeatureClass: {firstorder: [Mean]}\n")
    pair = (folder / "images" / "P0.nii.gz", folder / "masks" / "P0_liver.nii.gz")
    with pytest.raises(RunError, match="the mask has no label 7, which the parameter file names; Allowed: 1"):
        hepar.api.extract(*pair, settings=folder / "params.yaml")


def test_a_unit_means_nothing_to_pyradiomics(folder: Path) -> None:
    done = run(folder / "images", folder / "masks", "--compat", "--unit", "HU", "-o", folder / "f.csv")
    assert "PyRadiomics knows no unit" in str(done.exception)


def test_a_unit_in_other_letters_is_the_same_unit(folder: Path) -> None:
    (folder / "few.yaml").write_text(FEW + "spacing_mm: 2\n")
    few(folder, "--unit", "hu", out="a.csv")
    few(folder, "--unit", "HU", out="b.csv")
    few(folder, out="c.csv")
    first, second, without = ((folder / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv"))
    assert first == second != without


def test_a_pyradiomics_parameter_file_gives_its_names(folder: Path) -> None:
    (folder / "params.yaml").write_text(
        "setting:\n  binWidth: 25\nimageType:\n  Original: {}\nfeatureClass:\n  firstorder: [Mean, Kurtosis]\n"
    )
    done = run(folder / "images", folder / "masks", "-s", folder / "params.yaml", "-o", folder / "p.parquet")
    assert done.exit_code == 0, done.output
    table = pd.read_parquet(folder / "p.parquet")
    assert {"original_firstorder_Mean", "original_firstorder_Kurtosis"} < set(table.columns)
    assert "note: firstorder Kurtosis: IBSI's is 3 less" in done.stderr


def test_compat_gives_the_107_features_of_pyradiomics(folder: Path) -> None:
    found = hepar.api.extract(
        folder / "images" / "P0.nii.gz", folder / "masks" / "P0_liver.nii.gz", compat=True
    )
    assert len(found.table.filter(like="original_").filter(regex="^(?!diagnostics)").columns) == 107


def test_compat_with_a_settings_file_of_our_own_is_refused(folder: Path) -> None:
    done = few(folder, "--compat")
    assert "is no PyRadiomics parameter file" in str(done.exception)


def test_an_unknown_setting_lists_what_is_allowed(folder: Path) -> None:
    (folder / "few.yaml").write_text("bin_widht: 25\n")
    assert "did you mean 'bin_width'?" in str(few(folder).exception)


def test_a_format_that_cannot_be_written_is_refused_before_any_work(folder: Path) -> None:
    assert "cannot be written so" in str(few(folder, out="f.json").exception)
    assert not (folder / "f.store").exists()


def test_pages_and_maps_are_drawn_beside_the_table(folder: Path) -> None:
    pages = folder / "pages"
    done = few(folder, "--pictures", pages, "--map", "cm_contrast")
    assert done.exit_code == 0, done.output
    drawn = {path.name for path in pages.iterdir()}
    assert {f"P{k}.png" for k in range(3)} < drawn
    for region in ("liver", "lesion"):
        assert {f"P0.{region}.maps.png", f"P0.{region}.cm_contrast.nii.gz"} < drawn
    contrast = np.asarray(nibabel.Nifti1Image.from_filename(pages / "P0.liver.cm_contrast.nii.gz").dataobj)
    inside = contrast[np.isfinite(contrast)]
    assert inside.size == np.count_nonzero(mask(image(seed=0), 12).array)
    assert inside.min() >= 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--map", "cm_contrast"], "name a folder for them"),
        (["--map", "cm_contrst", "--pictures", "pages"], "no map of 'cm_contrst' can be made; did you mean"),
    ],
)
def test_maps_without_a_folder_or_of_nothing_are_refused(
    folder: Path, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert message in str(few(folder, *arguments).exception)
    assert not (folder / "f.store").exists()


def test_maps_of_pyradiomics_are_refused(folder: Path) -> None:
    done = run(
        folder / "images", folder / "masks", "--compat", "--map", "cm_contrast", "--pictures", folder / "p"
    )
    assert "leave out compat, or maps" in str(done.exception)


def test_a_real_dicom_series_with_a_dicom_seg_gives_features(tmp_path: Path) -> None:
    series = tmp_path / "series"
    series.mkdir()
    for path in (SAMPLES / "dcmqi_liver").glob("0*.dcm"):
        shutil.copy(path, series)
    done = run(series, SAMPLES / "dcmqi_liver" / "liver_seg.dcm", "-o", tmp_path / "f.csv")
    assert done.exit_code == 0, done.output
    (row,) = pd.read_csv(tmp_path / "f.csv").to_dict("records")
    assert 20 < row["original_stat_mean"] < 60
    assert row["case"] == "series"


def test_files_that_were_set_aside_are_told(tmp_path: Path) -> None:
    series = tmp_path / "series"
    shutil.copytree(SAMPLES / "dcmqi_liver", series)
    for path in (*series.glob("*seg*"), *series.glob("*.txt")):
        path.unlink()
    (series / "DICOMDIR").write_text("no image")
    shutil.copy(series / "01.dcm", series / "again.dcm")
    done = run(series, SAMPLES / "dcmqi_liver" / "liver_seg.dcm", "-o", tmp_path / "f.csv")
    assert done.exit_code == 0, done.output
    assert "note: set aside, not a DICOM file: 1 file, the first series: DICOMDIR" in done.stderr
    assert "note: set aside, a repeated image: 1 file, the first series: again.dcm" in done.stderr


def test_features_that_are_not_defined_are_told(folder: Path) -> None:
    ct = image(seed=1)
    flat = np.zeros(ct.array.shape, np.uint8)
    flat[7, 8:20, 8:20] = 1
    write_nifti(ct.like(flat), folder / "masks" / "P1_liver.nii.gz")
    done = few(folder)
    assert done.exit_code == 0, done.output
    assert "1 feature in 1 of 6 regions, e.g. original_morph_vol_dens_aee in P1" in done.stderr
