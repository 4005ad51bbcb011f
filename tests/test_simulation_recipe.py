"""A folder of SIMULATED patients is of one recipe, and says so."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hepar.core.errors import RunError, SimulationError
from hepar.simulation.recipe import FILE, Recipe, claim

RECIPE = Recipe("D", seed=3)


def test_a_folder_is_claimed_once_and_again_by_the_same_recipe(tmp_path: Path) -> None:
    claim(RECIPE, tmp_path / "new")
    written = (tmp_path / "new" / FILE).read_bytes()
    claim(RECIPE, tmp_path / "new")
    assert (tmp_path / "new" / FILE).read_bytes() == written
    assert json.loads(written)["seed"] == 3
    assert b"SIMULATED" in written


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (replace(RECIPE, seed=4), "seed is 3 there, 4 here"),
        (replace(RECIPE, study="B"), "study is 'D' there, 'B' here"),
        (replace(RECIPE, null=True), "null is False there, True here"),
        (replace(RECIPE, form="nifti"), "form is 'dicom' there, 'nifti' here"),
        (replace(RECIPE, difficulty=2.0), "difficulty is 1.0 there, 2.0 here"),
    ],
)
def test_a_folder_made_otherwise_is_refused_by_what_differs(other: Recipe, told: str, tmp_path: Path) -> None:
    claim(RECIPE, tmp_path)
    with pytest.raises(RunError, match=told):
        claim(other, tmp_path)


def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    claim(RECIPE, tmp_path)
    record = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps({**record, "simulator": "0.9"}))
    with pytest.raises(RunError, match=r"simulator is '0\.9' there"):
        claim(RECIPE, tmp_path)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match=r"is not empty \(thesis\.txt\)"):
        claim(RECIPE, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(RunError, match="is a file"):
        claim(RECIPE, tmp_path / "thesis.txt")


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(RunError, match="is damaged"):
        claim(RECIPE, tmp_path)


def test_impossible_recipes_are_refused() -> None:
    with pytest.raises(SimulationError, match="there is no study 'F'"):
        Recipe("F")
    with pytest.raises(SimulationError, match="there is no size 'big'"):
        Recipe("A", size="big")
    with pytest.raises(SimulationError, match="there is no format 'png'"):
        Recipe("A", form="png")
    with pytest.raises(SimulationError, match="the seed is -1"):
        Recipe("A", seed=-1)
    for difficulty in (0.0, -1.0, 1e-300, 1e300, float("nan"), float("inf")):
        with pytest.raises(SimulationError, match=r"difficulty is .*; give a number from 0\.01 to 100"):
            Recipe("A", difficulty=difficulty)
    with pytest.raises(SimulationError, match="has no arm"):
        Recipe("A", arm="spectrum")
    with pytest.raises(SimulationError, match="private"):
        Recipe("A", private=3.0)


def test_uids_are_made_of_every_setting() -> None:
    others = (replace(RECIPE, seed=4), replace(RECIPE, null=True), replace(RECIPE, size="full"))
    assert len({RECIPE.cohort, *(other.cohort for other in others)}) == 4
