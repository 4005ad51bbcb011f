"""SIMULATED patients on disk, in one call."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.parallel import Progress, silent

if TYPE_CHECKING:
    from ..simulation.cohort import Simulated


def simulate(
    study: str,
    *,
    patients: int,
    out: str | Path,
    seed: int = 1,
    size: str = "reduced",
    form: str = "dicom",
    difficulty: float = 1.0,
    private: float | None = None,
    null: bool = False,
    arm: str = "natural",
    jobs: int = 1,
    progress: Progress = silent,
) -> "Simulated":
    """Write `patients` SIMULATED patients of `study` ("A" to "E") with known truth into the folder `out`.

    `size` is "reduced", "full" or "tables" (no images), `form` "dicom" or "nifti"; see `hepar phantom --help`. The
    same settings give the same bytes, whatever `jobs`; an interrupted run goes on where it stopped.
    """
    from ..simulation import cohort
    from ..simulation.recipe import Recipe

    recipe = Recipe(
        study, seed=seed, size=size, form=form, difficulty=difficulty, private=private, null=null, arm=arm
    )
    return cohort.simulate(recipe, patients, out=Path(out), jobs=jobs, progress=progress)
