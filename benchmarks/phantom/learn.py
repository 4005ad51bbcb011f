"""What can be learnt from SIMULATED patients: trained on one cohort, tried on another, beside the bound.

    python -m benchmarks.phantom.learn [--patients 150] [--tasks ct,rf,...]

Plain features, and a regularised logistic regression (of lesions boosted trees): no model of ours is tuned on these
patients. Each of two cohorts serves once to train and once to test. In null mode the same features and labels give
chance; the images are those that null patients have in common with the others. All of it is SIMULATED and says
nothing of any clinical accuracy.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hepar.phantom.observers.bounds import staging_bounds
from hepar.phantom.observers.lesion_sample import backgrounds_of
from hepar.phantom.observers.lesions import malignancy_bound
from hepar.phantom.observers.normal import auc_of_correlation, clustered_auc
from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario

from .rows import body_rows, laboratory_row, lesion_features, slide_row
from .ultrasound_rows import ultrasound_rows

SEEDS = (101, 202)
"""Of the two cohorts."""
LONGEST_MM = 15.0
"""Needle cores from this length on are asked about."""
IMAGED = ("ct", "ct_risk", "mri", "bmode", "rf", "gain", "slide")
"""Sources that images show."""

Features = Mapping[str, Sequence[Sequence[float]]]
"""By task: features of each case of a patient."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks on the same data of the patients of `study`.

    `features` makes those of the tasks asked for, `labels` gives what is to be told of each case of a patient (none:
    the patient is not asked about), `bounds` by task what nobody surpasses. `images`: features come from images only.
    """

    study: str
    features: Callable[[Patient, Collection[str]], Features]
    labels: Callable[[Patient], Sequence[bool]]
    bounds: Mapping[str, Callable[[], float]]
    images: bool = True
    boosted: bool = False


def _significant(patient: Patient) -> list[bool]:
    """F2 or more by a biopsy of sufficient length."""
    biopsy = patient.liver.biopsy
    return [] if biopsy is None or biopsy.length_mm < LONGEST_MM else [biopsy.stage >= 2]


def _at_risk(patient: Patient) -> list[bool]:
    """Whether the liability of metastasis is above the middle."""
    return [] if patient.tumour is None else [patient.tumour.risk > 0]


def _malignant(patient: Patient) -> list[bool]:
    return [lesion.malignant for lesion in patient.lesions if not lesion.mimic]


def _staging(study: str, test: str) -> Callable[[], float]:
    return lambda: next(b.value for b in staging_bounds(Scenario.of(study)) if b.test == test)


def _lesion_bound() -> float:
    patients = [draw_patient(Scenario.of("D"), seed=SEEDS[1], number=k) for k in range(1, 1001)]
    return malignancy_bound(backgrounds_of(patients), seed=1).without_noise.auc


def _slide_bound() -> float:
    return auc_of_correlation(Scenario.of("E").shown.best("course", ["slide"]), positive=0.5)


def _once(rows: Mapping[str, Sequence[float]]) -> Features:
    """Features of patients who are one case each."""
    return {name: [row] for name, row in rows.items()}


_ULTRASOUND = _staging("B", "B-mode or RF, whatever it carries")
GROUPS: tuple[Group, ...] = (
    Group(
        "A",
        lambda patient, _: {"laboratory": [laboratory_row(patient)]},
        _significant,
        {"laboratory": _staging("A", "laboratory")},
        images=False,
    ),
    Group(
        "B",
        lambda patient, wanted: _once(ultrasound_rows(patient, wanted)),
        _significant,
        {"rf": _ULTRASOUND, "b_mode": _ULTRASOUND},
    ),
    Group(
        "C",
        lambda patient, wanted: _once(body_rows(patient, wanted)),
        _significant,
        {"ct": _staging("C", "CT"), "mr": _staging("C", "MR")},
    ),
    Group("D", lambda patient, _: {"lesions": lesion_features(patient)}, _malignant, {"lesions": _lesion_bound}, boosted=True),
    Group("E", lambda patient, _: {"slide": [slide_row(patient)]}, _at_risk, {"slide": _slide_bound}),
)  # fmt: skip
TASKS = tuple(task for group in GROUPS for task in group.bounds)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Features (case, feature) by task, labels (case,) and the patient of each case (case,)."""

    features: Mapping[str, NDArray[np.float64]]
    label: NDArray[np.bool_]
    patient: NDArray[np.int_]


Kept = dict[tuple[int, int], tuple[str, Features]]
"""Features by seed and number, with what the images were made from."""


def cohort_of(group: Group, wanted: Collection[str], *, seed: int, null: bool, n: int, kept: Kept) -> Cohort:
    """One cohort of `n` patients; `kept` gets features of images, or, in null mode, has them.

    In null mode patients whose images are not those of the other mode (another scanner, because sites then see the same
    patients) are left out: that says nothing of a label that nothing predicts, and saves making images.
    """
    scenario = Scenario.of(group.study, null=null)
    found: dict[str, list[Sequence[float]]] = {name: [] for name in wanted}
    label: list[bool] = []
    owner: list[int] = []
    for number in range(1, n + 1):
        patient = draw_patient(scenario, seed=seed, number=number)
        labels = group.labels(patient)
        made = _features(group, wanted, patient=patient, kept=kept, null=null) if labels else None
        if made is None:
            continue
        for name in wanted:
            found[name] += made[name]
        label += labels
        owner += [number] * len(labels)
    features = {name: np.array(rows, float) for name, rows in found.items()}
    return Cohort(features, np.array(label), np.array(owner))


def _features(
    group: Group, wanted: Collection[str], *, patient: Patient, kept: Kept, null: bool
) -> Features | None:
    if not group.images:
        return group.features(patient, wanted)
    key, what = (patient.seed, patient.number), imaged(patient)
    if not null:
        kept[key] = (what, group.features(patient, wanted))
    return kept[key][1] if key in kept and kept[key][0] == what else None


def imaged(patient: Patient) -> str:
    """All that images of `patient` depend on: patients alike in it have the same images, as the tests hold."""
    liver = replace(patient.liver, fibrosis=0.0, collagen=0.0, stage=0, biopsy=None)
    person = replace(patient.person, site="A")
    tumour = None if patient.tumour is None else replace(patient.tumour, risk=0.0)
    lesions = tuple(replace(lesion, malignant=False) for lesion in patient.lesions)
    shown = {name: value for name, value in patient.shown.items() if name in IMAGED}
    same = replace(patient, liver=liver, person=person, tumour=tumour, lesions=lesions, shown=shown)
    return repr(replace(same, course=None, has=frozenset()))


def scored(first: Cohort, second: Cohort, *, task: str, boosted: bool) -> tuple[float, float]:
    """AUC and its standard error, trained on either cohort and tested on the other, cases clustered in patients.

    The two areas count as one witness: where nothing is to be learnt, what is alike by chance in the two cohorts lifts
    (or lowers) both.
    """
    values, errors = [], []
    for train, test in ((first, second), (second, first)):
        model = _model(boosted).fit(train.features[task], train.label)
        score = model.predict_proba(test.features[task])[:, 1]
        value, error = clustered_auc(test.label, score, test.patient)
        values.append(value)
        errors.append(error)
    return float(np.mean(values)), float(np.mean(errors))


def _model(boosted: bool) -> Any:
    if boosted:
        return HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, min_samples_leaf=10, random_state=0
        )
    return make_pipeline(
        StandardScaler(),
        LogisticRegressionCV(Cs=8, l1_ratios=(0,), scoring="neg_log_loss", use_legacy_attributes=False),
    )


def report(group: Group, wanted: Sequence[str], *, n: int) -> list[str]:
    """A line for each task: learnt, bound, null."""
    kept: Kept = {}
    pairs = [
        [cohort_of(group, wanted, seed=seed, null=null, n=n, kept=kept) for seed in SEEDS]
        for null in (False, True)
    ]
    lines = []
    for task in wanted:
        learnt, null = (_text(*scored(*pair, task=task, boosted=group.boosted)) for pair in pairs)
        cases = sum(len(one.label) for one in pairs[0])
        lines.append(f"| {task} | {cases} | {learnt} | {group.bounds[task]():.3f} | {null} |")
    return lines


def _text(value: float, error: float) -> str:
    return f"{value:.3f} ({value - 1.96 * error:.3f} to {min(1.0, value + 1.96 * error):.3f})"


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=150, help="in each of the two cohorts")
    parser.add_argument("--tasks", default=",".join(TASKS), help="of them, separated by commas")
    asked = parser.parse_args(arguments)
    names = asked.tasks.split(",")
    unknown = sorted(set(names) - set(TASKS))
    if unknown:
        parser.error(f"there is no task {unknown[0]!r}; allowed: {', '.join(TASKS)}")
    print("| task | tested on | learnt, AUC (95 % CI) | bound | in null mode |\n|:--|--:|--:|--:|--:|")
    for group in GROUPS:
        wanted = [task for task in group.bounds if task in names]
        for line in report(group, wanted, n=asked.patients) if wanted else ():
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
