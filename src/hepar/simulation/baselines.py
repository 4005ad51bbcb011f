"""Naive observers of a SIMULATED cohort and what doctors use, each scored on the cohort: what a model has to beat.

Naive tests are fitted in five folds that keep patients whole and scored within each fold, because the scores of five
models have five scales; comparators are taken as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..comparators.fibrosis import Apri, Fib4
from ..phantom.observers.normal import clustered_auc
from ..stats.concordance import harrell_c
from ..stats.discrimination import auc
from ..stats.estimate import Estimate, StatisticError
from ..stats.within import auc_within, c_within
from .attainable import MALIGNANT, WITH_MALIGNANT, Row
from .collected import KEY, Collected
from .job import BINS

FOLDS = 5
FEWEST = 10
"""Cases with and without the condition below which nothing is fitted."""
DEMOGRAPHICS = ("age_y", "male", "bmi_kg_m2")

Floats = np.ndarray[Any, np.dtype[np.float64]]
Truth = np.ndarray[Any, np.dtype[Any]]
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Observer:
    """A test and the columns that it reads: a comparator has one, its score."""

    name: str
    kind: str
    columns: tuple[str, ...]
    published: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the cases of `table`, by which tests.

    `measure` is AUC or correlation with the column `target`, or the C-index of `time` and `target` (a status: 1 event,
    2 competing death). Cases may be lesions, several of a patient: intervals of an AUC take patients as what was drawn.
    """

    name: str
    measure: str
    table: pd.DataFrame
    target: str
    tests: tuple[Observer, ...]
    time: str = ""


def baseline_rows(cohort: Collected, *, study: str) -> list[Row]:
    """Every naive test and comparator of the study, as measured on `cohort`."""
    return [_row(study, question, test) for question in _QUESTIONS[study](cohort) for test in question.tests]


def _patients(cohort: Collected) -> pd.DataFrame:
    """One line a patient: clean clinical values, serum scores, image summaries."""
    table = cohort.clinical.merge(cohort.summaries, on=KEY, how="left", validate="one_to_one")
    return table.assign(
        male=(table["sex"] == "male").astype(float),
        fib4=Fib4().score(table),
        apri=Apri().score(table),
    )


def _images(table: pd.DataFrame, names: Mapping[str, str]) -> list[Observer]:
    """Mean, and histogram with mean and SD, of each image of `names` (summary -> words) that the cohort has."""
    tests = []
    for name, words in names.items():
        bins = tuple(f"{name}_bin{k:02}" for k in range(BINS))
        if f"{name}_mean" in table:
            tests.append(Observer(f"mean {words}", "naive", (f"{name}_mean",)))
            tests.append(
                Observer(
                    f"histogram of {words}, logistic regression",
                    "naive",
                    (f"{name}_mean", f"{name}_sd", *bins),
                )
            )
    return tests


_DEMOGRAPHICS = Observer("age, sex, body-mass index", "naive", DEMOGRAPHICS)
_SERUM = (
    Observer("FIB-4", "comparator", ("fib4",), "0.70-0.75 (aim)"),
    Observer("APRI", "comparator", ("apri",), "0.70-0.75 (aim); 0.73 (PBC)"),
)
_STIFFNESS = Observer("stiffness", "comparator", ("stiffness_kpa",), "0.83-0.87 (aim); 0.859 (Chon 2012)")
_CT, _GREY = {"ct_portal_liver": "HU of the liver, portal CT"}, {"bmode_liver": "grey of the liver, B-mode"}
_MR = {
    "mr_t1_liver": "brightness of the liver, T1",
    "mr_t2_liver": "brightness of the liver, T2",
    "mr_hepatobiliary_liver": "brightness of the liver, hepatobiliary",
}


def _staging(cohort: Collected, comparators: Iterable[Observer]) -> Question:
    table = _patients(cohort)
    table["target"] = (table["fibrosis_stage"] >= 2).where(table["fibrosis_stage"].notna()).astype(float)
    tests = (*_images(table, {**_GREY, **_CT, **_MR}), _DEMOGRAPHICS, *comparators)
    return Question("F2 or more by biopsy", "AUC", table, "target", tests)


def _fusion(cohort: Collected) -> list[Question]:
    return [_staging(cohort, (*_SERUM, _STIFFNESS))]


def _spectrum(cohort: Collected) -> list[Question]:
    table = _patients(cohort)
    table["target"] = np.log(table["stiffness_kpa"].astype(float))
    tests = tuple(
        Observer(test.name.replace("logistic", "ridge"), test.kind, test.columns)
        for test in (*_images(table, _GREY), _DEMOGRAPHICS)
    )
    return [Question("log stiffness", "correlation", table, "target", tests)]


def _events(cohort: Collected) -> list[Question]:
    table = _patients(cohort)
    tests = (*_images(table, {**_MR, **_CT}), _DEMOGRAPHICS, Observer("FIB-4", "comparator", ("fib4",)))
    course = Question("event", "C-index", table, "event_status", tests, time="event_time_y")
    return [_staging(cohort, _SERUM), course]


def _focal(cohort: Collected) -> list[Question]:
    """Malignancy of lesions, and of patients who have lesions: who has none needs no test to be told."""
    patients = _patients(cohort)
    real = cohort.lesions.query("not mimic") if "mimic" in cohort.lesions else cohort.lesions
    known = patients[[KEY, *DEMOGRAPHICS, "afp_ng_ml", "lesion_count"]]
    lesions = real.merge(known, on=KEY).assign(
        target=lambda t: t.get("malignant", pd.Series(dtype=float)).astype(float)
    )
    with_any = set(real.loc[real["malignant"].astype(bool), KEY]) if "malignant" in real else set()
    some = patients[patients[KEY].isin(set(real[KEY]))]
    some = some.assign(target=some[KEY].isin(with_any).astype(float))
    shared = (_DEMOGRAPHICS, Observer("number of lesions", "naive", ("lesion_count",)), _AFP)
    of_lesion = (*shared, Observer("diameter", "naive", ("diameter_mm",)), *_readings(lesions))
    return [
        Question(MALIGNANT, "AUC", lesions, "target", of_lesion),
        Question(WITH_MALIGNANT, "AUC", some, "target", (*_images(some, _CT), *shared)),
    ]


_AFP = Observer("alpha-fetoprotein", "comparator", ("afp_ng_ml",))


def _readings(lesions: pd.DataFrame) -> list[Observer]:
    """Mean and histogram of HU of the lesion in the phases that the cohort has."""
    tests = []
    for phase in ("arterial", "portal"):
        bins = tuple(f"hu_{phase}_bin{k:02}" for k in range(BINS))
        if bins[0] in lesions:
            tests.append(Observer(f"mean HU of the lesion, {phase}", "naive", (f"hu_{phase}",)))
            name = f"histogram of HU of the lesion, {phase}, logistic regression"
            tests.append(Observer(name, "naive", bins))
    return tests


def _colorectal(cohort: Collected) -> list[Question]:
    table = _patients(cohort)
    table["tnm"] = 10 * table["n_stage"].astype(float) + table["t_stage"].astype(float)
    slide = {"slide_tissue": "brightness of the tissue, slide"}
    doctors = (
        Observer("TNM", "comparator", ("tnm",), "0.60-0.64 (aim); 0.605 (TCGA)"),
        Observer("CEA", "comparator", ("cea_ng_ml",), "0.60 (aim); 0.611 (TCGA)"),
    )
    tests = (*_images(table, {**_CT, **slide}), _DEMOGRAPHICS, *doctors)
    return [Question("event", "C-index", table, "event_status", tests, time="event_time_y")]


_QUESTIONS: Mapping[str, Callable[[Collected], list[Question]]] = {
    "A": _fusion,
    "B": _spectrum,
    "C": _events,
    "D": _focal,
    "E": _colorectal,
}


def _row(study: str, question: Question, test: Observer) -> Row:
    """The test on the cases that have all it reads; no value where they are too few."""
    needed = [question.target, *test.columns, *([question.time] if question.time else [])]
    table = question.table.dropna(subset=needed)
    argument = "as measured in the cohort's clean table"
    if test.kind == "naive":
        argument = f"{FOLDS}-fold cross-validation by patient, scored within folds"
    try:
        found = _scored(question, test, table)
    except StatisticError as error:
        nan = float("nan")
        found, argument = Estimate(nan, nan, nan, len(table), ""), f"not scored: {error}"
    return Row(
        study,
        question.name,
        question.measure,
        test.name,
        test.kind,
        found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        published=test.published,
        argument=argument,
    )


def _scored(question: Question, test: Observer, table: pd.DataFrame) -> Estimate:
    target = table[question.target].to_numpy(float)
    _refuse_few(question, target)
    if test.kind == "comparator":
        score, fold = table[test.columns[0]].to_numpy(float), np.zeros(len(table), int)
    else:
        score, fold = _cross_validated(question, table, test.columns)
    if question.measure == "correlation":
        return _correlation(target, score)
    if question.measure == "AUC":
        patient = table[KEY].to_numpy()
        if len(set(patient)) < len(patient):
            return _of_clusters(target == 1, score, fold=fold, patient=patient)
        whole = test.kind == "comparator"
        return auc(target == 1, score) if whole else auc_within(target == 1, score, fold)
    time = table[question.time].to_numpy(float)
    if test.kind == "comparator":
        return harrell_c(time, target.astype(int), score)
    return c_within(time, target.astype(int), score, stratum=fold)


def _of_clusters(truth: Truth, score: Floats, *, fold: Floats, patient: Truth) -> Estimate:
    """AUC within folds where patients have several cases, folds weighted by their pairs (Obuchowski, 1997)."""
    weights, found = [], []
    for number in np.unique(fold):
        rows = fold == number
        positive = int(truth[rows].sum())
        pairs = positive * (int(rows.sum()) - positive)
        if pairs:
            weights.append(pairs)
            found.append(clustered_auc(truth[rows], score[rows], patient[rows]))
    share = np.array(weights) / sum(weights)
    value, se = float(share @ [v for v, _ in found]), float(np.sqrt(share**2 @ [e**2 for _, e in found]))
    low, high = max(0.0, value - _Z * se), min(1.0, value + _Z * se)
    return Estimate(value, low, high, len(truth), "clustered by patient", se=se, events=int(truth.sum()))


def _refuse_few(question: Question, target: Floats) -> None:
    if question.measure == "correlation":
        counts: tuple[int, ...] = (len(target) // 2,)
    else:
        counts = (int((target == 1).sum()), int((target != 1).sum()))
    if min(counts) < FEWEST:
        raise StatisticError(
            f"{' and '.join(map(str, counts))} cases are too few, {FEWEST} of each are needed"
        )


def _cross_validated(
    question: Question, table: pd.DataFrame, columns: Sequence[str]
) -> tuple[Floats, Floats]:
    """Scores (cases,) by models fitted to the other folds, and the fold of each case."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    seen, groups = table[list(columns)].to_numpy(float), table[KEY].to_numpy()
    target = table[question.target].to_numpy(float)
    numeric = question.measure == "correlation"
    wanted = target if numeric else target == 1
    split = GroupKFold(FOLDS) if numeric else StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    score, fold = np.zeros(len(table)), np.zeros(len(table))
    for number, (train, test) in enumerate(split.split(seen, wanted, groups)):
        model = make_pipeline(StandardScaler(), Ridge(10.0) if numeric else LogisticRegression(max_iter=1000))
        model.fit(seen[train], wanted[train])
        score[test] = model.predict(seen[test]) if numeric else model.decision_function(seen[test])
        fold[test] = number
    return score, fold


def _correlation(target: Floats, score: Floats) -> Estimate:
    """Pearson's correlation with Fisher's interval (1921)."""
    if not np.ptp(score) > 0:
        raise StatisticError("the test gives every case the same score")
    r, n = float(np.corrcoef(target, score)[0, 1]), len(target)
    z, half = np.arctanh(r), _Z / np.sqrt(n - 3)
    return Estimate(r, float(np.tanh(z - half)), float(np.tanh(z + half)), n, "Pearson, Fisher interval")
