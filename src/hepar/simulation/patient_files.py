"""One SIMULATED patient onto disk: a folder that is there whole or not at all."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..core.errors import HeparError, RunError
from ..phantom.patient import Patient
from ..phantom.population import draw_patient
from .describe import as_json, plain
from .job import Job, Made
from .lesion_files import merged
from .plan import NOTHING, SIZES, Plan, plan_of
from .recipe import Recipe
from .threads import one_thread

PATIENTS = "patients"
TRUTH, SUMMARIES, LESIONS, FILES = "truth.json", "summaries.json", "lesions.json", "files.json"
WORKSHOP, CLOSED = ".making-", ".closed-"
"""How the name of a folder begins in which patients are made, and of one that is being removed."""
_OPEN = "open"
"""A workshop without this file is closed."""

Maker = Callable[[Job], Made]
_MAKERS: Mapping[str, str] = {
    "ct": "ct_files:ct_files",
    "mri": "mr_files:mr_files",
    "ultrasound": "ultrasound_files:ultrasound_files",
    "slide": "slide_files:slide_files",
}


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A hidden folder for patients that are being made, beside those of the cohort in `folder` that are whole.

    What earlier runs left behind is closed first: a process that outlived its run, whose parent was killed, cannot
    finish a patient any more, nor disturb those of this run.
    """
    root = folder / PATIENTS
    own = root / f"{WORKSHOP}{uuid4().hex}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        for left in (*root.glob(f"{WORKSHOP}*"), *root.glob(f"{CLOSED}*")):
            _close(left)
        own.mkdir()
        (own / _OPEN).touch()
    except OSError as error:
        raise RunError(
            f"{root}: cannot be written ({error.strerror or error}); make room or choose another folder"
        ) from None
    try:
        yield own
    finally:
        _close(own)


def _close(path: Path) -> None:
    """Remove a workshop, all at once for those who may still work in it: by another name first."""
    aside = path.with_name(f"{CLOSED}{uuid4().hex}")
    if path.exists():
        path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def write_patient(number: int, *, recipe: Recipe, workshop: Path) -> str:
    """Write patient `number` of the cohort to which `workshop` belongs, if it is not there; gives its name.

    The patient's folder is made in the workshop and moved to its place when it is complete, so that a run killed at
    any moment leaves no patient that is half there.
    """
    patient = draw_patient(recipe.scenario, seed=recipe.seed, number=number)
    final = workshop.parent / patient.case_id
    if final.is_dir():
        return patient.case_id
    making = workshop / patient.case_id
    try:
        making.mkdir()
        _fill(making, patient, recipe)
        (workshop / _OPEN).stat()
        making.rename(final)
    except OSError as error:
        raise RunError(
            f"{final}: cannot be written ({error.strerror or error}); make room or choose another folder"
        ) from None
    except HeparError as error:
        raise type(error)(f"{patient.case_id}: {error}") from None
    except Exception as error:
        error.add_note(f"while SIMULATED patient {patient.case_id} was made")
        raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return patient.case_id


def finished(folder: Path) -> tuple[str, ...]:
    """Names of the patients that are there; what else lies among them is left alone."""
    return tuple(sorted(path.name for path in (folder / PATIENTS).glob("SIM-*") if path.is_dir()))


def damage(own: Path) -> str:
    """What a patient's folder lacks of the files that were written, in words; empty where it is whole."""
    try:
        sizes = json.loads((own / FILES).read_text(encoding="utf-8"))
        wrong = [name for name, size in sizes.items() if _size(own / name) != size]
    except (OSError, ValueError, AttributeError):
        return f"{FILES} is missing or damaged"
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return f"{wrong[0]} is missing or was changed{more}" if wrong else ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def truth_of(patient: Patient, recipe: Recipe) -> dict[str, Any]:
    """The complete latent state of `patient`, and what simulated it."""
    return {"case_id": patient.case_id, **recipe.record, "patient": plain(patient)}


def _fill(folder: Path, patient: Patient, recipe: Recipe) -> None:
    todo = [(_maker(name), job) for name, job in _jobs(folder, patient, recipe)]
    with one_thread():
        made = [maker(job) for maker, job in todo]
    truth = truth_of(patient, recipe)
    for part in made:
        truth |= part.truth
    if "elastography" in patient.has:
        from ..phantom.ultrasound import elastography

        truth["elastography"] = elastography(patient)
    (folder / TRUTH).write_text(as_json(truth), encoding="utf-8")
    if made:
        summaries = {name: value for part in made for name, value in part.summaries.items()}
        (folder / SUMMARIES).write_text(as_json(summaries), encoding="utf-8")
    rows = merged(*(part.lesions for part in made))
    if rows:
        lesions = [{"lesion": k, **row} for k, row in rows.items()]
        (folder / LESIONS).write_text(as_json(lesions), encoding="utf-8")
    sizes = {p.relative_to(folder).as_posix(): _size(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    (folder / FILES).write_text(as_json(sizes), encoding="utf-8")


def _jobs(folder: Path, patient: Patient, recipe: Recipe) -> list[tuple[str, Job]]:
    """The makers that the patient's plan asks for, each with its job."""
    plan = plan_of(patient, recipe.size)
    if plan == NOTHING:
        return []
    job = Job(recipe, patient, plan, SIZES[recipe.size], folder)
    return [(name, job) for name, wanted in _wanted(plan).items() if wanted]


def _wanted(plan: Plan) -> Mapping[str, bool]:
    return {
        "ct": bool(plan.ct_phases),
        "mri": bool(plan.mr_sequences),
        "ultrasound": plan.views > 0,
        "slide": plan.slide,
    }


def _maker(name: str) -> Maker:
    """The maker of a modality, imported when it is first needed."""
    module, _, function = _MAKERS[name].partition(":")
    maker: Maker = getattr(import_module(f".{module}", __package__), function)
    return maker
