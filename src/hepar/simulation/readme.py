"""The README of a SIMULATED cohort: what its files are, and what they are not."""

from collections.abc import Iterator

from .plan import PLANS, SIZES
from .recipe import FILE, Recipe
from .tables_files import TITLES


def readme(recipe: Recipe, n: int) -> str:
    """The text for a cohort of `n` patients."""
    return "\n".join([*_head(recipe, n), *_of_cohort(recipe), *_of_patient(recipe), *_tail()]) + "\n"


def _head(recipe: Recipe, n: int) -> Iterator[str]:
    yield f"# SIMULATED patients: {TITLES[recipe.study]} (study {recipe.study})"
    yield ""
    yield (
        f"{n} SIMULATED patients. Nobody stands behind them: every image, number and date here was computed from a"
        " latent state that is known. They test software and study designs; they are no evidence about patients and"
        " none of clinical accuracy. All dates lie from 2099 on, every image says SIMULATED in its header, and every"
        " patient's number begins with SIM."
    )
    yield ""
    settings = ", ".join(
        f"{name} {value}"
        for name, value in recipe.record.items()
        if name != "simulated" and value is not None
    )
    yield (
        f"Made with: {settings}. The same settings and software give the same bytes on the same kind of processor;"
        " another kind (or other versions of packages that only pack the files) differs by a unit in few values."
    )
    if recipe.null:
        yield ""
        yield "**Null mode: nothing here predicts anything.** A test that scores above chance has found a leak."
    yield ""


def _of_cohort(recipe: Recipe) -> Iterator[str]:
    yield "## Files of the cohort"
    yield ""
    yield f"- `{FILE}`: the settings; a run with others refuses this folder."
    yield "- `table.csv`, `dictionary.yaml`: the clinical table without errors, in the units of each site; read it with"
    yield "  `hepar.read_cohort` on this folder, or name `dictionary.yaml` as the `data` of a protocol, which then says"
    yield "  `simulated: true`, so that every page of its report does."
    yield "- `hospital/`: the same table as people enter it, with `planted_errors.csv`, the list of every error in it."
    yield "- `redcap/`: that table as a REDCap project exports it."
    yield "- `truth.csv`: the latent state of each patient. No test may read it."
    yield from _lesions(recipe)
    if recipe.size in SIZES:
        yield "- `summaries.csv`: means, SD and histograms of the liver, which the naive observers use."
    yield "- `attainable.csv`: the best attainable score by what is seen (`bound`), what an observer that"
    yield "  knows how patients are made reaches on a usual scan (`ideal`), naive observers and what doctors"
    yield "  use as measured on these patients (`naive`, `comparator`), and published figures. Judge a model"
    yield "  by the bound of what it sees, not by 1."
    if PLANS[recipe.study].reference and recipe.size in SIZES:
        yield "- `reference/`: recordings of a phantom of known acoustics, one for each scanner's usual preset."
    yield ""


def _lesions(recipe: Recipe) -> Iterator[str]:
    if recipe.size not in SIZES or not PLANS[recipe.study].ct_phases:
        yield "- `lesions.csv`: each focal lesion, and what only looks like one (`mimic`)."
        return
    yield "- `lesions.csv`: each focal lesion, and what only looks like one (`mimic`), with its place in millimetres"
    yield "  (x to the left, y to the back, z to the head) and its box on the portal phase."


def _of_patient(recipe: Recipe) -> Iterator[str]:
    plan, images = PLANS[recipe.study], recipe.size in SIZES
    yield "## Files of a patient (`patients/SIM-...`)"
    yield ""
    yield "A patient lacks the files of a modality that he or she lacks; a folder that is there is complete."
    yield ""
    yield "- `truth.json`: the whole latent state, the settings of each scan and what was put into it."
    yield "- `files.json`: the size of each file, by which a later run sees that none is gone."
    if not images:
        return
    end = ".nii.gz" if recipe.form == "nifti" else "/*.dcm"
    if plan.ct_phases:
        yield f"- `ct/PHASE{end}`: CT in HU ({', '.join(plan.ct_phases)}). Phases differ by their breath-holds."
    if plan.mr_sequences:
        yield f"- `mr/SEQUENCE{end}`: MR ({', '.join(plan.mr_sequences)}); `adc` in 1e-6 mm2/s, others arbitrary."
    if plan.ct_phases or plan.mr_sequences:
        yield "- `masks/IMAGE_liver.nii.gz`, `masks/IMAGE_lesions.nii.gz`: the liver, and lesion k of `lesions.json` as"
        yield "  k, where that image (a PHASE or a SEQUENCE) shows them. Radiomics of one patient:"
        yield "  `hepar extract patients/SIM-.../ct patients/SIM-.../masks -o features.csv`"
        yield "- `lesions.json`: the patient's part of `lesions.csv`, where there are lesions."
    if plan.views:
        yield "- `ultrasound/view_K_bmode.dcm`: B-mode of each view, multi-frame, calibrated in mm."
    if plan.rf:
        yield "- `ultrasound/view_K_rf.h5`: the radio frequency that the B-mode was made of, with every setting."
    if plan.slide:
        yield "- `slide/slide.svs`: the H&E slide; `tissue.png`, `regions.png`, `artefacts.png`: what lies where, as"
        yield "  grey values from 0 (`region_numbers` in `truth.json`); they look black until they are stretched."
    yield "- `summaries.json`: the patient's part of `summaries.csv`."


def _tail() -> Iterator[str]:
    yield ""
    yield "## More patients, or an interrupted run"
    yield ""
    yield "The same command with a larger number adds patients and leaves those that are there as they are; after an"
    yield "interruption it goes on where it stopped."
