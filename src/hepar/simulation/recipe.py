"""What a folder of SIMULATED patients is made from: every setting that decides a byte, written down and compared."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from .._version import __version__
from ..core.atomic import write_atomically
from ..core.errors import RunError, SimulationError, choices
from ..core.fingerprint import fingerprint
from ..phantom import seeds
from ..phantom.scenario import Scenario
from .plan import SIZES as IMAGE_SIZES

FILE = "simulation.json"
VERSION = 2
"""Raise it when the same recipe is to give other files."""
SIZES = ("tables", *IMAGE_SIZES)
FORMS = ("dicom", "nifti")
MOST = 99_999
DIFFICULTIES = (0.01, 100.0)
"""Beyond them nothing is left of the noise, or of the signal."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A cohort to be written; the number of patients and of processes is no part of it, because it changes no patient.

    `size` is that of the images ("tables": none), `form` the format of CT and MR. The others are those of
    `hepar.phantom.scenario.Scenario`.
    """

    study: str
    seed: int = 1
    size: str = "reduced"
    form: str = "dicom"
    difficulty: float = 1.0
    private: float | None = None
    null: bool = False
    arm: str = "natural"

    def __post_init__(self) -> None:
        for what, value, allowed in (("size", self.size, SIZES), ("format", self.form, FORMS)):
            if value not in allowed:
                raise SimulationError(f"there is no {what} {value!r}; {choices(value, allowed)}")
        if self.seed < 0:
            raise SimulationError(f"the seed is {self.seed}; give a whole number from 0")
        low, high = DIFFICULTIES
        if not low <= self.difficulty <= high:
            raise SimulationError(
                f"difficulty is {self.difficulty!r}; give a number from {low:g} to {high:g}, 1 being the default"
            )
        _ = self.scenario  # refuses an impossible study, arm or difficulty before any work

    @property
    def scenario(self) -> Scenario:
        """How its patients are drawn."""
        found = Scenario.of(self.study, arm=self.arm, difficulty=self.difficulty, null=self.null)
        return found if self.private is None else replace(found, private=self.private)

    @property
    def record(self) -> dict[str, Any]:
        """All that decides what the files hold.

        How they are packed hangs on further packages, the last bit of some numbers on the kind of processor.
        """
        return {
            "simulated": "SIMULATED patients; nothing here is evidence about patients",
            **asdict(self),
            "hepar": __version__,
            "simulator": f"{VERSION}.{seeds.VERSION}",
            "numpy": np.__version__,
            "scipy": _scipy(),
        }

    @property
    def cohort(self) -> str:
        """What UIDs are made of."""
        return fingerprint(asdict(self))


@cache
def _scipy() -> str:
    return version("scipy")


def claim(recipe: Recipe, folder: Path) -> None:
    """Make `folder` that of `recipe`, or see that it is; refuses the folder of anything else."""
    path = folder / FILE
    if path.exists():
        _refuse_another(recipe, _read(path), folder)
        return
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder}: is a file; name a folder")
    there = (
        sorted(p.name for p in folder.iterdir() if not p.name.startswith(".writing-"))
        if folder.exists()
        else []
    )
    if there:
        raise RunError(
            f"{folder}: is not empty ({', '.join(there[:3])}{' ...' if len(there) > 3 else ''}) and holds no cohort of"
            " this simulator; name a folder that is empty or does not exist"
        )
    write_atomically(path, json.dumps(recipe.record, indent=2) + "\n")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RunError(f"{path}: is damaged, so what the folder holds is unknown; name another folder")
    return found


def _refuse_another(recipe: Recipe, found: Mapping[str, Any], folder: Path) -> None:
    """Refuse a folder that was made otherwise, and say in what."""
    asked = recipe.record
    differing = [
        f"{name} is {found.get(name)!r} there, {asked.get(name)!r} here"
        for name in dict.fromkeys((*asked, *found))
        if found.get(name) != asked.get(name)
    ]
    if differing:
        raise RunError(
            f"{folder}: holds a cohort that was made otherwise: {'; '.join(differing)}. Patients of the two must not be"
            " mixed: name another folder, or ask for what is there"
        )
