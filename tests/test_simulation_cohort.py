"""Cohorts of SIMULATED patients: the same bytes however they were made, and never half of one."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hepar
from hepar.core.errors import ProtocolError, RunError, SimulationError
from hepar.imaging.geometry import same_grid
from hepar.phantom.population import draw_patient
from hepar.simulation.cohort import simulate
from hepar.simulation.patient_files import WORKSHOP
from hepar.simulation.recipe import Recipe
from small_simulation import shrink, tree

ULTRASOUND = Recipe("B", seed=5)
TABLES = Recipe("A", size="tables")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three patients of study B, made in one go by one process."""
    folder = tmp_path_factory.mktemp("fresh") / "cohort"
    simulate(ULTRASOUND, 3, out=folder)
    return folder


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_two_processes_give_the_same_bytes_as_one(fresh: Path, tmp_path: Path) -> None:
    simulate(ULTRASOUND, 3, out=tmp_path / "by two", jobs=2)
    assert tree(tmp_path / "by two") == tree(fresh)


def test_a_cohort_that_grew_is_the_one_made_at_once(fresh: Path, tmp_path: Path) -> None:
    simulate(ULTRASOUND, 1, out=tmp_path)
    done = simulate(ULTRASOUND, 3, out=tmp_path)
    assert (done.patients, done.made) == (3, 2)
    assert tree(tmp_path) == tree(fresh)
    assert simulate(ULTRASOUND, 3, out=tmp_path).made == 0
    assert tree(tmp_path) == tree(fresh)


def test_an_error_in_a_patient_leaves_the_others_whole_and_is_made_good_later(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise SimulationError("out of gel")

    simulate(ULTRASOUND, 1, out=tmp_path)
    monkeypatch.setattr("hepar.simulation.ultrasound_files.b_mode", breaks)
    with pytest.raises(SimulationError, match="SIM-B-0002: out of gel"):
        simulate(ULTRASOUND, 3, out=tmp_path)
    assert [p.name for p in (tmp_path / "patients").iterdir()] == ["SIM-B-0001"]
    monkeypatch.undo()
    simulate(ULTRASOUND, 3, out=tmp_path)
    assert tree(tmp_path) == tree(fresh)


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(fresh: Path, tmp_path: Path) -> None:
    code = (
        "import hepar.simulation.cohort as c, hepar.simulation.recipe as r, pathlib, sys\n"
        "c.simulate(r.Recipe('B', seed=5), 3, out=pathlib.Path(sys.argv[1]))"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    patients = tmp_path / "patients"
    try:
        while run.poll() is None and not any(patients.glob(f"{WORKSHOP}*/SIM-B-0002")):
            time.sleep(0.001)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    there = {p.name for p in patients.iterdir() if not p.name.startswith(WORKSHOP)}
    assert len(there) < 3
    expected = tree(fresh / "patients")
    for name in there:
        assert tree(patients / name) == tree(fresh / "patients" / name)
    simulate(ULTRASOUND, 3, out=tmp_path)
    assert tree(patients) == expected
    assert tree(tmp_path) == tree(fresh)


def test_a_cohort_made_otherwise_or_larger_is_refused(fresh: Path) -> None:
    before = tree(fresh)
    with pytest.raises(RunError, match="seed is 5 there, 6 here"):
        simulate(Recipe("B", seed=6), 3, out=fresh)
    with pytest.raises(RunError, match="size is 'reduced' there, 'tables' here"):
        simulate(Recipe("B", seed=5, size="tables"), 3, out=fresh)
    with pytest.raises(RunError, match="holds 3 patients, SIM-B-0003 among them, and 2 were asked for"):
        simulate(ULTRASOUND, 2, out=fresh)
    assert tree(fresh) == before


def test_a_patient_who_lost_a_file_is_told_and_made_anew_once_the_folder_is_gone(
    fresh: Path, tmp_path: Path
) -> None:
    cohort = tmp_path / "cohort"
    shutil.copytree(fresh, cohort)
    lost = cohort / "patients" / "SIM-B-0002" / "ultrasound" / "view_1_rf.h5"
    lost.write_bytes(lost.read_bytes()[:-1])
    (cohort / "patients" / "SIM-B-0003" / "truth.json").unlink()
    with pytest.raises(
        RunError, match=r"SIM-B-0002: is not whole, .*view_1_rf\.h5 .*as are 1 others \(SIM-B-0003"
    ):
        simulate(ULTRASOUND, 3, out=cohort)
    for name in ("SIM-B-0002", "SIM-B-0003"):
        shutil.rmtree(cohort / "patients" / name)
    assert simulate(ULTRASOUND, 3, out=cohort).made == 2
    assert tree(cohort) == tree(fresh)


def test_what_lies_beside_the_patients_is_left_alone(tmp_path: Path) -> None:
    simulate(TABLES, 2, out=tmp_path)
    (tmp_path / "patients" / "Thumbs.db").write_text("")
    (tmp_path / "patients" / "notes").mkdir()
    assert simulate(TABLES, 3, out=tmp_path).made == 1
    assert (tmp_path / "patients" / "notes").is_dir()


def test_measurements_that_were_edited_are_refused(tmp_path: Path) -> None:
    simulate(TABLES, 1, out=tmp_path)
    (tmp_path / "patients" / "SIM-A-0001" / "summaries.json").write_text("[1]")
    with pytest.raises(RunError, match=r"summaries\.json: is damaged"):
        simulate(TABLES, 1, out=tmp_path)


def test_a_process_that_the_system_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, what: str = "", **__: Any) -> list[str]:
        if what == "patients":
            raise BrokenProcessPool("exit code -9")
        return []

    monkeypatch.setattr("hepar.simulation.cohort.ordered_map", killed)
    with pytest.raises(
        RunError, match="was killed, as a rule because memory ran out; the same command goes on"
    ):
        simulate(TABLES, 2, out=tmp_path)


def test_all_packages_that_are_absent_are_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {"pydicom", "nibabel", "h5py"}
    monkeypatch.setattr(
        "hepar.simulation.cohort.find_spec", lambda name: None if name in absent else find_spec(name)
    )
    with pytest.raises(ProtocolError, match=r"hepar\[images,ultrasound\]'.*--size tables"):
        simulate(ULTRASOUND, 1, out=tmp_path / "images")
    assert not (tmp_path / "images").exists()
    assert simulate(TABLES, 1, out=tmp_path / "tables").made == 1


def test_two_runs_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="another run is writing there"):
            simulate(TABLES, 1, out=tmp_path)
    finally:
        os.close(handle)
    assert simulate(TABLES, 1, out=tmp_path).made == 1


def test_impossible_numbers_and_folders_are_refused(tmp_path: Path) -> None:
    for n in (0, -3, 100_000):
        with pytest.raises(SimulationError, match=f"{n} patients cannot be made; give 1 to 99,999"):
            simulate(TABLES, n, out=tmp_path / "new")
    with pytest.raises(RunError, match="jobs is 0"):
        simulate(TABLES, 1, out=tmp_path / "new", jobs=0)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="file: is a file; name a folder"):
        simulate(TABLES, 1, out=tmp_path / "file")
    with pytest.raises(RunError, match="cannot be made or written"):
        simulate(TABLES, 1, out=tmp_path / "file" / "cohort")
    with pytest.raises(RunError, match="is not empty"):
        simulate(TABLES, 1, out=tmp_path)


def test_the_tables_of_a_cohort_are_read_by_hepar_with_images_and_masks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch)
    simulate(Recipe("D", form="nifti"), 2, out=tmp_path)
    cohort = hepar.read_cohort(tmp_path)
    assert [case.case_id for case in cohort] == ["SIM-D-0001", "SIM-D-0002"]
    for case in cohort:
        portal, liver = (case.acquisitions[name].load() for name in ("ct_portal", "liver_ct_portal"))
        assert portal.unit == "HU"
        assert same_grid(portal, liver)
        assert liver.array.any()
    entered = hepar.read_cohort(tmp_path / "hospital")
    assert len(entered) >= 2
    lesions = lines(tmp_path / "lesions.csv")
    drawn = [draw_patient(Recipe("D").scenario, seed=1, number=k) for k in (1, 2)]
    assert [row["kind"] for row in lesions] == [lesion.kind for p in drawn for lesion in p.lesions]
    real = [row for row in lesions if row["mimic"] == "False"]
    assert all(-200 < float(row["hu_portal"]) < 400 for row in real)
    assert {row["case_id"] for row in lines(tmp_path / "summaries.csv")} == {"SIM-D-0001", "SIM-D-0002"}


def test_the_truth_table_is_the_latent_state_and_no_field_of_the_dictionary(tmp_path: Path) -> None:
    simulate(TABLES, 4, out=tmp_path)
    rows = lines(tmp_path / "truth.csv")
    drawn = [draw_patient(TABLES.scenario, seed=1, number=k) for k in range(1, 5)]
    assert [float(row["liver_fibrosis"]) for row in rows] == [p.liver.fibrosis for p in drawn]
    assert [float(row["shown_rf"]) for row in rows] == [p.shown["rf"] for p in drawn]
    clinical = lines(tmp_path / "table.csv")
    assert [row["record_id"] for row in clinical] == [p.case_id for p in drawn]
    assert not any("shown" in name or name in ("fibrosis", "collagen") for name in clinical[0])
    assert "liver_fibrosis" not in (tmp_path / "dictionary.yaml").read_text()


def test_every_file_for_people_says_simulated(fresh: Path) -> None:
    for name in ("README.md", "dictionary.yaml", "simulation.json", "hospital/dictionary.yaml"):
        assert "SIMULATED" in (fresh / name).read_text(encoding="utf-8")
    assert "no evidence about patients" in (fresh / "README.md").read_text(encoding="utf-8")
    assert {p.name for p in (fresh / "reference").iterdir()} == {
        "phantom_A_convex.h5", "phantom_B_convex_narrow.h5", "phantom_C_convex_middle.h5",
    }  # fmt: skip


def test_the_attainable_table_holds_bounds_beside_naive_observers_and_comparators(tmp_path: Path) -> None:
    simulate(TABLES, 60, out=tmp_path)
    rows = lines(tmp_path / "attainable.csv")
    assert list(rows[0]) == [
        "study", "question", "measure", "test", "kind", "value", "low", "high", "n", "published", "argument",
        "data",
    ]  # fmt: skip
    kinds = {row["test"]: row["kind"] for row in rows}
    assert kinds["everything"] == "bound"
    assert (kinds["FIB-4"], kinds["age, sex, body-mass index"]) == ("comparator", "naive")
    assert all(row["argument"] for row in rows)
    assert {row["data"] for row in rows} == {"SIMULATED"}
    values = np.array([float(row["value"]) for row in rows if row["value"]])
    assert ((values > 0) & (values < 1)).all()
