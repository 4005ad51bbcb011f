"""SIMULATED patients on disk, and an installation tried on known truth, in one call."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ProtocolError, choices
from ..engine.parallel import Progress, silent

if TYPE_CHECKING:
    from ..selftest.outcome import SelfTest
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


def selftest(
    what: str = "rf",
    *,
    seeds: int = 1,
    first_seed: int = 1,
    permutations: int = 20,
    out: str | Path | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> "SelfTest":
    """Try this installation on SIMULATED phantoms and patients of known truth; `what` is "rf", raw ultrasound.

    With `out` the outcome is written there, and an interrupted run goes on where it stopped.
    """
    if what != "rf":
        raise ProtocolError(f"there is no self-test {what!r}; {choices(what, ('rf',))}")
    from ..selftest.rf import selftest_rf

    return selftest_rf(
        seeds=seeds,
        first_seed=first_seed,
        permutations=permutations,
        out=None if out is None else Path(out),
        jobs=jobs,
        progress=progress,
    )
