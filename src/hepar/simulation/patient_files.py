"""One SIMULATED patient onto disk: a folder that is there whole or not at all."""

import shutil
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

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
TRUTH, SUMMARIES, LESIONS = "truth.json", "summaries.json", "lesions.json"
LEFTOVER = ".making-"
"""How the name of a folder begins in which a patient is being made."""

Maker = Callable[[Job], Made]
_MAKERS: Mapping[str, str] = {
    "ct": "ct_files:ct_files",
    "mri": "mr_files:mr_files",
    "ultrasound": "ultrasound_files:ultrasound_files",
    "slide": "slide_files:slide_files",
}


def write_patient(number: int, *, recipe: Recipe, folder: Path) -> str:
    """Write patient `number` of the cohort in `folder`, if it is not there; gives its name.

    The folder is made beside its place under another name and moved there when it is complete, so that a run killed
    at any moment leaves no patient that is half there.
    """
    patient = draw_patient(recipe.scenario, seed=recipe.seed, number=number)
    final = folder / PATIENTS / patient.case_id
    if final.is_dir():
        return patient.case_id
    making = final.with_name(f"{LEFTOVER}{patient.case_id}")
    try:
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        _fill(making, patient, recipe)
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


def clear_leftovers(folder: Path) -> int:
    """Remove what a killed run left of patients that it was making; gives how many."""
    found = sorted((folder / PATIENTS).glob(f"{LEFTOVER}*"))
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


def finished(folder: Path) -> tuple[str, ...]:
    """Names of the patients that are there."""
    root = folder / PATIENTS
    return (
        tuple(sorted(p.name for p in root.iterdir() if not p.name.startswith("."))) if root.is_dir() else ()
    )


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
