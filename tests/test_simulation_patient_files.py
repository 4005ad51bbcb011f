"""What is written of a SIMULATED patient is read back by hepar's own readers, and is what was simulated."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from threadpoolctl import threadpool_limits

from hepar.core.errors import RunError, SimulationError
from hepar.io.images import read_image
from hepar.io.masks import read_masks
from hepar.io.rf_file import read_rf
from hepar.phantom.anatomy import abdomen
from hepar.phantom.ct import ct_scan
from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.ultrasound import rf_frames
from hepar.simulation.patient_files import WORKSHOP, damage, finished, workshop, write_patient
from hepar.simulation.plan import SIZES, grid_of
from hepar.simulation.recipe import Recipe
from hepar.study.pairs import find_pairs
from small_simulation import make, shrink, tree


def written(recipe: Recipe, folder: Path, *, needs: str = "", lesions: bool = False) -> tuple[Patient, Path]:
    """The first patient who has what is needed, and its folder."""
    for number in range(1, 30):
        patient = draw_patient(recipe.scenario, seed=recipe.seed, number=number)
        if (not needs or needs in patient.has) and (not lesions or any(not k.mimic for k in patient.lesions)):
            make(number, recipe, folder)
            return patient, folder / "patients" / patient.case_id
    raise AssertionError("no such patient among the first")


def truth(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return found


@pytest.mark.parametrize("form", ["dicom", "nifti"])
def test_a_ct_comes_back_as_it_was_simulated_with_its_liver_and_lesions(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch)
    patient, folder = written(Recipe("D", form=form), tmp_path, lesions=True)
    grid = grid_of(patient.person, SIZES["reduced"].ct)
    anatomy = abdomen(patient, grid)
    for phase in ("arterial", "portal"):
        path = folder / "ct" / (phase if form == "dicom" else f"{phase}.nii.gz")
        image = read_image(path, modality="CT")
        scan = ct_scan(patient, phase, grid=grid, anatomy=anatomy)
        np.testing.assert_array_equal(image.array, scan.hu)
        np.testing.assert_allclose(image.affine, grid.affine, atol=1e-4)  # NIfTI holds float32
        assert (image.modality, image.unit) == ("CT", "HU")
        liver = read_masks(folder / "masks" / f"{phase}_liver.nii.gz", like=image)["1"]
        np.testing.assert_array_equal(liver.array, scan.moved(anatomy.liver))
        expected = truth(folder)["ct"][phase]["hu_truth"]["liver"]
        assert np.median(image.array[liver.array]) == pytest.approx(expected, abs=25)  # lesions, fat, vessels
    found = json.loads((folder / "lesions.json").read_text())
    assert [row["lesion"] for row in found] == list(range(1, len(patient.lesions) + 1))
    image = read_image(folder / "ct" / ("portal" if form == "dicom" else "portal.nii.gz"))
    labels = read_masks(folder / "masks" / "portal_lesions.nii.gz", like=image)
    for row, lesion in zip(found, patient.lesions, strict=True):
        assert (row["kind"], row["malignant"]) == (lesion.kind, lesion.malignant)
        assert (str(row["lesion"]) in labels) == (not lesion.mimic) == (row["voxels"] > 0)
        if not lesion.mimic:
            assert row["voxels"] == labels[str(row["lesion"])].array.sum()
            for axis, mm in zip("xyz", image.spacing_mm[::-1], strict=True):  # the centre lies in the box
                assert row[f"{axis}_low_mm"] - mm < row[f"{axis}_mm"] < row[f"{axis}_high_mm"] + mm


def test_an_mr_comes_back_with_the_liver_where_it_lay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch)
    patient, folder = written(Recipe("C"), tmp_path, needs="mri")
    for sequence in ("t1", "t2", "dwi", "adc", "hepatobiliary"):
        image = read_image(folder / "mr" / sequence)
        mask = read_masks(folder / "masks" / f"{sequence}_liver.nii.gz", like=image)["1"]
        assert image.modality == "MR"
        assert image.array[mask.array].mean() > 2 * np.median(image.array)  # half of the image is air
    header = dcmread(folder / "mr" / "hepatobiliary" / "0001.dcm", stop_before_pixels=True)
    assert "gadoxetate" in header.ContrastBolusAgent
    assert truth(folder)["patient"]["liver"]["stage"] == patient.liver.stage


def test_the_number_of_threads_of_linear_algebra_changes_no_byte(tmp_path: Path) -> None:
    recipe = Recipe("A", form="nifti")
    number = next(
        k
        for k in range(1, 30)
        if "mri" in draw_patient(recipe.scenario, seed=1, number=k).has
        and "ct" not in draw_patient(recipe.scenario, seed=1, number=k).has
    )
    for threads in (1, 2):
        with threadpool_limits(threads):
            make(number, recipe, tmp_path / str(threads))
    assert tree(tmp_path / "1") == tree(tmp_path / "2")


def test_radio_frequency_and_b_mode_come_back_as_they_were_simulated(tmp_path: Path) -> None:
    patient, folder = written(Recipe("B"), tmp_path)
    for view in range(3):
        recording = rf_frames(patient, view=view)
        data = read_rf(folder / "ultrasound" / f"view_{view}_rf.h5")
        np.testing.assert_array_equal(data.rf, np.rint(recording.rf))
        np.testing.assert_array_equal(data.tgc_db, recording.tgc_db)
        assert (data.fs_mhz, data.gain_db, data.subject) == (
            recording.fs_mhz, recording.gain_db, patient.case_id,
        )  # fmt: skip
        line = np.arange(data.rf.shape[1], dtype=np.float32)
        depth = np.full_like(line, 50)
        x, z = recording.probe.place_mm(line, depth)
        angle = np.radians(data.line_angle_deg)
        np.testing.assert_allclose(data.line_origin_mm[:, 0] + depth * np.sin(angle), x, atol=1e-3)
        np.testing.assert_allclose(data.line_origin_mm[:, 1] + depth * np.cos(angle), z, atol=1e-3)
        shown = dcmread(folder / "ultrasound" / f"view_{view}_bmode.dcm")
        assert shown.pixel_array.max() > 50
        told = truth(folder)["ultrasound"][f"view_{view}"]
        assert told["truth"] == dict(recording.truth)
        assert shown.SequenceOfUltrasoundRegions[0].PhysicalDeltaX * 10 == told["b_mode"]["mm_per_px"]


def test_a_slide_comes_with_its_tissue_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch)
    _, folder = written(Recipe("E"), tmp_path, needs="slide")
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffFile(folder / "slide" / "slide.svs") as file:
        assert file.pages[0].shape == (512, 512, 3)
        assert "SIMULATED" in file.pages[0].description
    tissue = np.asarray(Image.open(folder / "slide" / "tissue.png"))
    told = truth(folder)["slide"]
    assert set(np.unique(tissue)) == {0, 1}
    assert 1 - told["shares"]["GLASS"] == pytest.approx(tissue.mean(), abs=0.02)
    assert told["counts"]["TUMOUR"] > 0


def test_only_what_the_patient_has_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch)
    recipe = Recipe("E")
    without = next(
        k for k in range(1, 60) if "slide" not in draw_patient(recipe.scenario, seed=1, number=k).has
    )
    name = make(without, recipe, tmp_path)
    assert not (tmp_path / "patients" / name / "slide").exists()
    assert "slide" not in truth(tmp_path / "patients" / name)


def test_the_truth_holds_the_whole_latent_state(tmp_path: Path) -> None:
    patient, folder = written(Recipe("A", size="tables"), tmp_path, needs="elastography")
    told = truth(folder)
    assert told["case_id"] == patient.case_id
    assert told["patient"]["shown"] == dict(patient.shown)
    assert told["patient"]["person"]["age_y"] == patient.person.age_y
    assert told["patient"]["has"] == sorted(patient.has)
    assert told["elastography"]["true_kpa"] > 0
    assert (told["hepar"], told["seed"], told["study"]) == (truth(folder)["hepar"], 1, "A")
    assert {p.name for p in folder.iterdir()} == {"truth.json", "files.json"}


def test_a_patient_that_cannot_be_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe("B")

    def breaks(patient: Patient, *, frames: int, view: int) -> Any:
        if view == 1:
            raise SimulationError("the probe was dropped")
        return rf_frames(patient, frames=frames, view=view)

    monkeypatch.setattr("hepar.simulation.ultrasound_files.rf_frames", breaks)
    with pytest.raises(SimulationError, match="SIM-B-0002: the probe was dropped"):
        make(2, recipe, tmp_path)
    assert list((tmp_path / "patients").iterdir()) == []
    monkeypatch.undo()
    make(2, recipe, tmp_path)
    assert finished(tmp_path) == ("SIM-B-0002",)


def test_a_process_that_outlived_its_run_finishes_no_patient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run was killed, its process lives on; the next run begins while that process is writing."""
    recipe = Recipe("B", size="tables")
    with workshop(tmp_path) as old:

        def next_run_begins(patient: Patient, recipe: Recipe) -> dict[str, Any]:
            with workshop(tmp_path):
                assert not old.exists()
            (old / patient.case_id).mkdir(parents=True)  # as writing a further file does
            return {"case_id": patient.case_id, "seed": recipe.seed}

        monkeypatch.setattr("hepar.simulation.patient_files.truth_of", next_run_begins)
        with pytest.raises(RunError, match="SIM-B-0001: cannot be written"):
            write_patient(1, recipe=recipe, workshop=old)
    assert list((tmp_path / "patients").iterdir()) == []


def test_what_runs_left_behind_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "patients" / f"{WORKSHOP}of a run that was killed" / "SIM-B-0001"
    left.mkdir(parents=True)
    (left / "truth.json").write_text('{"half": ')
    assert finished(tmp_path) == ()
    make(1, Recipe("B", size="tables"), tmp_path)
    assert [p.name for p in (tmp_path / "patients").iterdir()] == ["SIM-B-0001"]


def test_a_patient_who_lost_a_file_is_not_whole(tmp_path: Path) -> None:
    make(1, Recipe("B", size="tables"), tmp_path)
    own = tmp_path / "patients" / "SIM-B-0001"
    (own / "note.txt").write_text("further files are no harm")
    assert damage(own) == ""
    whole = (own / "truth.json").read_bytes()
    (own / "truth.json").write_bytes(whole[:-1])
    assert damage(own) == "truth.json is missing or was changed"
    (own / "truth.json").unlink()
    assert damage(own) == "truth.json is missing or was changed"
    (own / "truth.json").write_bytes(whole)
    for text in ("", "{", "[1]", "7"):
        (own / "files.json").write_text(text)
        assert damage(own) == "files.json is missing or damaged"
    (own / "files.json").unlink()
    assert damage(own) == "files.json is missing or damaged"


@pytest.mark.parametrize(
    "recipe", [Recipe("D", form="nifti"), Recipe("B"), Recipe("E")], ids=lambda r: r.study
)
def test_every_image_says_that_it_is_simulated(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch)
    _, folder = written(recipe, tmp_path, needs="slide" if recipe.study == "E" else "")
    images = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert images
    for path in images:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert b"SIMULATED" in content, path.name


@pytest.mark.parametrize("form", ["dicom", "nifti"])
def test_extraction_finds_the_masks_of_each_image_by_their_names(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch)
    _, folder = written(Recipe("D", form=form), tmp_path, lesions=True)
    found = find_pairs(folder / "ct", folder / "masks").pairs
    assert {pair.name: [name for name, _ in pair.masks] for pair in found} == {
        "arterial": ["lesions", "liver"], "portal": ["lesions", "liver"],
    }  # fmt: skip


def test_a_patient_who_is_there_is_not_made_again(tmp_path: Path) -> None:
    recipe = Recipe("B", size="tables")
    make(1, recipe, tmp_path)
    (tmp_path / "patients" / "SIM-B-0001" / "note").write_text("kept")
    before = tree(tmp_path)
    make(1, recipe, tmp_path)
    assert tree(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "patients").write_text("a file in the way")
    with pytest.raises(RunError, match=r"patients: cannot be written"):
        make(1, Recipe("B", size="tables"), tmp_path)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
def test_an_independent_validator_finds_no_error_in_a_patients_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch)
    _, folder = written(Recipe("C"), tmp_path, needs="ct")
    files = [next(part.glob("*.dcm")) for part in (*folder.glob("ct/*"), *folder.glob("mr/*"))]
    for file in [*files, *folder.glob("ultrasound/*.dcm")]:
        found = subprocess.run(["dciodvfy", str(file)], capture_output=True, text=True, check=False)
        assert "Error" not in found.stdout + found.stderr, found.stderr
