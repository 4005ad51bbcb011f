"""A cohort of SIMULATED patients onto disk: resumable, by several processes, the same bytes in the end."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from ..core.atomic import write_atomically
from ..core.errors import ProtocolError, RunError, SimulationError
from ..core.packages import EXTRAS
from ..engine.parallel import Progress, ordered_map, silent
from ..phantom.population import draw_patient
from .collected import collect
from .patient_files import PATIENTS, damage, finished, workshop, write_patient
from .plan import PLANS, SIZES
from .readme import readme
from .recipe import MOST, Recipe, claim
from .tables_files import write_tables
from .threads import one_thread

NEEDED = ("pydicom", "nibabel")
"""Packages that every cohort with images needs; radio frequency and slides need one more each."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A cohort on disk: its folder, its patients, and how many of them this run made."""

    folder: Path
    patients: int
    made: int


def simulate(recipe: Recipe, n: int, *, out: Path, jobs: int = 1, progress: Progress = silent) -> Simulated:
    """Write `n` patients of `recipe` and the tables of the cohort into the folder `out`.

    Patients that are there are kept; what a killed run left half-done is removed. Raises RunError for a folder that
    cannot be written, that holds something else, a cohort made otherwise or with more patients, or a patient of whom
    files are gone; SimulationError for an impossible number; ProtocolError where packages are absent.
    """
    if not 1 <= n <= MOST:
        raise SimulationError(f"{n} patients cannot be made; give 1 to {MOST:,}")
    ordered_map(str, (), jobs=jobs)  # refuses an impossible number of processes before the folder is touched
    _refuse_absent(_needed(recipe))
    with _alone(out):
        claim(recipe, out)
        made = _make(recipe, n, out, jobs=jobs, progress=progress)
        progress("tables", 0, 1)
        with one_thread():
            _write_reference(recipe, out)
            write_tables(recipe, collect(recipe, range(1, n + 1), out), out)
        write_atomically(out / "README.md", readme(recipe, n))
        progress("tables", 1, 1)
    return Simulated(out, n, made)


def _make(recipe: Recipe, n: int, folder: Path, *, jobs: int, progress: Progress) -> int:
    """Make the patients that are not there; gives how many they were."""
    with workshop(folder) as shop:
        todo = _todo(recipe, n, folder)
        write = partial(write_patient, recipe=recipe, workshop=shop)
        try:
            return len(ordered_map(write, todo, jobs=jobs, what="patients", progress=progress))
        except BrokenProcessPool:
            raise RunError(
                f"{folder}: a process that made patients was killed, as a rule because memory ran out; the same command"
                " goes on where it stopped, and fewer processes (-j) need less memory"
            ) from None


def _refuse_absent(packages: Sequence[str]) -> None:
    """Refuse, before any work, images that need packages which are not installed; names all of them at once."""
    absent = [package for package in packages if find_spec(package) is None]
    if absent:
        extras = ",".join(dict.fromkeys(EXTRAS[package] for package in absent))
        raise ProtocolError(
            f"images of SIMULATED patients need packages that are not installed ({', '.join(absent)}); run: pip install"
            f" 'hepar[{extras}]', or ask for the tables alone: --size tables"
        )


def _needed(recipe: Recipe) -> tuple[str, ...]:
    """Packages that the images of the recipe need."""
    if recipe.size not in SIZES:
        return ()
    plan = PLANS[recipe.study]
    return (*NEEDED, *(["h5py"] if plan.rf else []), *(["PIL"] if plan.slide else []))


def _todo(recipe: Recipe, n: int, folder: Path) -> list[int]:
    """Numbers of the patients that are not there; refuses a folder with damaged patients, or with some beyond `n`."""
    scenario, there = recipe.scenario, set(finished(folder))
    names = {draw_patient(scenario, seed=recipe.seed, number=k).case_id: k for k in range(1, n + 1)}
    beyond = sorted(there - set(names))
    if beyond:
        raise RunError(
            f"{folder / PATIENTS}: holds {len(there)} patients, {beyond[-1]} among them, and {n} were asked for; ask"
            " for more, or name another folder"
        )
    _refuse_damaged(folder / PATIENTS, sorted(there))
    return [number for name, number in names.items() if name not in there]


def _refuse_damaged(root: Path, names: Sequence[str]) -> None:
    found = {name: what for name in names if (what := damage(root / name))}
    if found:
        name, what = next(iter(found.items()))
        others = (
            f", as are {len(found) - 1} others ({', '.join(list(found)[1:4])} ...)" if len(found) > 1 else ""
        )
        raise RunError(
            f"{root / name}: is not whole, {what}{others}; remove the folder of such a patient and run again, which"
            " makes it anew"
        )


def _write_reference(recipe: Recipe, folder: Path) -> None:
    if recipe.size in SIZES and PLANS[recipe.study].reference:
        from .ultrasound_files import write_reference

        write_reference(recipe, folder / "reference")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder, made if needed, kept from other runs of this simulator until this one ends, however it ends."""
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder}: is a file; name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY) if find_spec("fcntl") else None
    except OSError as error:
        raise RunError(
            f"{folder}: cannot be made or written ({error.strerror}); check the path and its permissions"
        ) from None
    try:
        if handle is not None:
            _lock(handle, folder)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    """Lock an open folder; the system lets go of it when the process ends."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RunError(
            f"{folder}: another run is writing there; wait for it, or name another folder"
        ) from None
    except OSError:
        return  # a file system without locks
