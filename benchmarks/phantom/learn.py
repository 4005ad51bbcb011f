"""What can be learnt from SIMULATED patients: trained on one cohort, tried on another, beside the bound.

    python -m benchmarks.phantom.learn [--patients 150] [--tasks ct,rf,...]

Plain features and a regularised logistic regression: no model of ours is tuned on these patients. In null mode the same
features and labels give chance. All of it is SIMULATED and says nothing of any clinical accuracy.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hepar.phantom.observers.bounds import staging_bounds
from hepar.phantom.observers.lesion_sample import backgrounds_of
from hepar.phantom.observers.lesions import malignancy_bound
from hepar.phantom.observers.normal import auc_of_correlation
from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.stats.discrimination import auc

from .rows import Row, b_mode_row, ct_row, laboratory_row, lesion_rows_of, mr_row, rf_row, slide_row

TRAIN, TEST = 101, 202
"""Seeds of the two cohorts."""


def biopsied(study: str, seed: int, *, null: bool, n: int) -> list[Patient]:
    """Patients with a biopsy of sufficient length."""
    scenario = Scenario.of(study, null=null)
    drawn = (draw_patient(scenario, seed=seed, number=k) for k in range(1, n + 1))
    return [p for p in drawn if p.liver.biopsy is not None and p.liver.biopsy.length_mm >= 15]


def significant(patient: Patient) -> bool:
    """F2 or more by biopsy."""
    assert patient.liver.biopsy is not None
    return patient.liver.biopsy.stage >= 2


def lesion_rows(seed: int, *, null: bool, n: int) -> list[Row]:
    """Lesions of study D at their known places on two phases: what lies inside, at the rim and around."""
    scenario = Scenario.of("D", null=null)
    rows: list[Row] = []
    for number in range(1, n + 1):
        patient = draw_patient(scenario, seed=seed, number=number)
        if any(not lesion.mimic for lesion in patient.lesions):
            rows += lesion_rows_of(patient)
    return rows


@dataclass(frozen=True, slots=True)
class Task:
    """Features of the patients of a study, what is to be told, and the bound."""

    study: str
    row: Callable[[Patient], list[float]]
    bound: Callable[[], float]
    label: Callable[[Patient], bool] = significant


def _bound(test: str) -> Callable[[], float]:
    return lambda: next(b.value for b in staging_bounds(Scenario.of("A")) if b.test == test)


def _shows(source: str) -> Callable[[Patient], bool]:
    return lambda patient: patient.shown[source] > 0


TASKS: Mapping[str, Task] = {
    "laboratory": Task("A", laboratory_row, _bound("laboratory")),
    "rf": Task("B", rf_row, _bound("B-mode or RF, whatever it carries")),
    "b_mode": Task("B", b_mode_row, _bound("B-mode or RF, whatever it carries")),
    "ct": Task("C", ct_row, _bound("CT")),
    "mr": Task("C", mr_row, _bound("MR")),
}


def _rows(task: Task, seed: int, *, null: bool, n: int) -> list[Row]:
    return [(np.array(task.row(p)), task.label(p)) for p in biopsied(task.study, seed, null=null, n=n)]


def _scored(train: Sequence[Row], test: Sequence[Row], *, boosted: bool) -> Any:
    """AUC on the second cohort of what was trained on the first."""
    model: Any = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.05, random_state=0)
    if not boosted:
        model = make_pipeline(
            StandardScaler(),
            LogisticRegressionCV(Cs=8, l1_ratios=(0,), scoring="neg_log_loss", use_legacy_attributes=False),
        )
    x, y = (np.array(part) for part in zip(*train, strict=True))
    model.fit(x, y)
    x, y = (np.array(part) for part in zip(*test, strict=True))
    return auc(y, model.predict_proba(x)[:, 1])


def report(name: str, *, n: int) -> str:
    """A line: learnt, bound, null."""
    if name == "lesions":
        found = [[lesion_rows(seed, null=null, n=n) for seed in (TRAIN, TEST)] for null in (False, True)]
        backgrounds = backgrounds_of(
            [draw_patient(Scenario.of("D"), seed=TEST, number=k) for k in range(1, 1001)]
        )
        bound = malignancy_bound(backgrounds, seed=1).measured.auc
    elif name == "slide":
        found = [[_slide_rows(seed, null=null, n=n) for seed in (TRAIN, TEST)] for null in (False, True)]
        joint = Scenario.of("E").shown
        bound = auc_of_correlation(joint.best("course", ["slide"]), positive=0.5)
    else:
        found = [
            [_rows(TASKS[name], seed, null=null, n=n) for seed in (TRAIN, TEST)] for null in (False, True)
        ]
        bound = TASKS[name].bound()
    scores = [_scored(*pair, boosted=name == "lesions") for pair in found]
    learnt, null = (f"{s.value:.3f} ({s.low:.3f} to {s.high:.3f})" for s in scores)
    return f"| {name} | {len(found[0][1])} | {learnt} | {bound:.3f} | {null} |"


def _slide_rows(seed: int, *, null: bool, n: int) -> list[Row]:
    scenario = Scenario.of("E", null=null)
    drawn = (draw_patient(scenario, seed=seed, number=k) for k in range(1, n + 1))
    return [(np.array(slide_row(p)), p.tumour is not None and p.tumour.risk > 0) for p in drawn]


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=150)
    parser.add_argument("--tasks", default=",".join([*TASKS, "lesions", "slide"]))
    asked = parser.parse_args(arguments)
    print("| task | tested on | learnt, AUC (95 % CI) | bound | in null mode |\n|:--|--:|--:|--:|--:|")
    for name in asked.tasks.split(","):
        print(report(name, n=asked.patients), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
