"""The best score that anyone can reach in a SIMULATED cohort, as rows of a table: exact bounds and ideal observers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..phantom.observers.bounds import BATCHES, PATIENTS, Bound, staging_bounds, stiffness_bounds
from ..phantom.observers.course import course_bounds
from ..phantom.observers.detection import DetectionBound, detection_bound
from ..phantom.observers.lesion_sample import backgrounds_of
from ..phantom.observers.lesions import Area, MalignancyBound, malignancy_bound
from ..phantom.population import draw_patient
from ..phantom.scenario import Scenario
from .recipe import Recipe

MALIGNANT, WITH_MALIGNANT, FOUND = "malignant lesion", "patient with a malignant lesion", "lesion found"
"""Questions about focal lesions."""
BACKGROUNDS = 1000
"""Patients whose lesions are drawn for the bounds of study D; the standard errors are about 0.005."""
_Z = 1.959964
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of attainable.csv.

    `kind`: "bound" (nobody does better with what the test sees), "ideal" (an observer that knows how patients are made,
    on a scan of usual noise: better scans allow more), "naive" (a simple observer) or "comparator" (what doctors use).
    `low` and `high` are a 95 % interval, of the simulation for a bound (a formula has none), of the
    cohort for the others; `n` counts what it was measured on, 0 for a formula. `published` is what tests of this kind
    reach.
    """

    study: str
    question: str
    measure: str
    test: str
    kind: str
    value: float
    low: float = NAN
    high: float = NAN
    n: int = 0
    published: str = ""
    argument: str = ""


def bound_rows(recipe: Recipe) -> list[Row]:
    """The bounds of the recipe's study; they hang on the scenario alone, not on the patients that were drawn."""
    scenario = recipe.scenario
    return [row for make in _BOUNDS[recipe.study] for row in make(scenario)]


def _of_bounds(study: str, bounds: Iterable[Bound]) -> list[Row]:
    return [
        Row(
            study,
            bound.question,
            bound.measure,
            bound.test,
            "bound",
            bound.value,
            low=bound.value - _Z * bound.error if bound.error else NAN,
            high=bound.value + _Z * bound.error if bound.error else NAN,
            n=BATCHES * PATIENTS if bound.error else 0,
            published=bound.published,
            argument=bound.argument,
        )
        for bound in bounds
    ]


def _staging(scenario: Scenario) -> list[Row]:
    return _of_bounds(scenario.study, staging_bounds(scenario))


def _stiffness(scenario: Scenario) -> list[Row]:
    return _of_bounds(scenario.study, stiffness_bounds(scenario))


def _course(scenario: Scenario) -> list[Row]:
    return _of_bounds(scenario.study, course_bounds(scenario))


def _lesions(scenario: Scenario) -> list[Row]:
    """Malignancy and detection by ideal observers, on lesions drawn for patients of the scenario.

    In null mode lesions are there to be found as ever; a coin decides what they are.
    """
    patients = [draw_patient(scenario, seed=0, number=k) for k in range(1, BACKGROUNDS + 1)]
    backgrounds = backgrounds_of(patients)
    detection = _detection(
        scenario.study, detection_bound(backgrounds, seed=0, difficulty=scenario.difficulty)
    )
    if scenario.null:
        return [*(_coin(scenario.study, q) for q in (MALIGNANT, WITH_MALIGNANT)), *detection]
    malignancy = malignancy_bound(backgrounds, seed=0, difficulty=scenario.difficulty)
    return [*_malignancy(scenario.study, malignancy), *detection]


def _coin(study: str, question: str) -> Row:
    why = "null mode: a coin for each patient decides whether the lesions are malignant"
    return Row(study, question, "AUC", "anything", "bound", 0.5, argument=why)


_LIKELIHOOD = (
    "exact likelihood of looks by kind of lesion (Neyman and Pearson, 1933); nothing shows more than the look"
)
_NOISY = (
    "exact likelihood of looks measured with the noise of a usual scan (scanner A, a body of middle size)"
)
_SHARED = "probabilities that drew the lesions"
_PUBLISHED = "0.97 (aim); LiLNet 2024: 0.973 test, 0.953 external"


def _malignancy(study: str, found: MalignancyBound) -> list[Row]:
    one, two = "arterial and portal CT", "arterial and portal look without noise"
    tests: tuple[tuple[str, Area, str, str], ...] = (
        ("all of the look on four phases, without noise", found.look, "bound", _LIKELIHOOD),
        (two, found.two_phases, "bound", _LIKELIHOOD),
        (f"{two}, all lesions, who the patient is", found.without_noise, "bound", _LIKELIHOOD),
        (f"{two}, all lesions, who the patient is, AFP", found.everything, "bound", _LIKELIHOOD),
        (one, found.measured, "ideal", _NOISY),
        (f"{one}, who the patient is", found.with_background, "ideal", _NOISY),
        ("all of the patient's CT", found.with_others, "ideal", f"{_NOISY}, with the patient's other lesions"),
        ("all of the patient's CT, AFP", found.with_blood, "ideal", f"{_NOISY}, with the patient's other lesions"),
        ("arterial CT", found.by_phase["arterial"], "ideal", _NOISY),
        ("portal CT", found.by_phase["portal"], "ideal", _NOISY),
        ("ideal use of age, sex, aetiology", found.demographics, "ideal", f"{_SHARED}, however the liver looks"),
        ("ideal use of size", found.size, "bound", "density of sizes by kind of lesion"),
    )  # fmt: skip
    rows = [_area(study, MALIGNANT, t, area=a, kind=k, n=found.lesions, argument=w) for t, a, k, w in tests]
    rows += [
        _area(
            study,
            MALIGNANT,
            f"mean HU, {name}, without noise of contours",
            area=area,
            kind="naive",
            n=found.lesions // 2,
            argument="threshold, its direction from the first half of the patients, scored on the others",
        )
        for name, area in found.naive.items()
    ]
    rows += [
        _area(study, f"{MALIGNANT}, {size}", one, area=area, kind="ideal", n=found.lesions, argument=_NOISY)
        for size, area in found.by_size.items()
    ]
    return [*rows, *_patients(study, found)]


def _patients(study: str, found: MalignancyBound) -> list[Row]:
    tests = (
        ("arterial and portal look without noise", found.patient_without_noise, "bound", _LIKELIHOOD),
        ("arterial and portal look without noise, AFP", found.patient_everything, "bound", _LIKELIHOOD),
        ("all of the patient's CT", found.patient, "ideal", _NOISY),
        ("all of the patient's CT, AFP", found.patient_with_blood, "ideal", _NOISY),
    )
    return [
        _area(study, WITH_MALIGNANT, t, area=a, kind=k, n=BACKGROUNDS, argument=f"{w}; of those with lesions")
        for t, a, k, w in tests
    ]


_OF_LESION = ("arterial and portal CT", "arterial and portal CT, who the patient is")


def _area(study: str, question: str, test: str, *, area: Area, n: int, argument: str, kind: str) -> Row:
    low, high = area.auc - _Z * area.error, min(1.0, area.auc + _Z * area.error)
    published = _PUBLISHED if kind == "ideal" and test in (*_OF_LESION, "all of the patient's CT") else ""
    return Row(
        study,
        question,
        "AUC",
        test,
        kind,
        area.auc,
        low=low,
        high=high,
        n=n,
        published=published,
        argument=argument,
    )


def _detection(study: str, found: DetectionBound) -> list[Row]:
    measure = f"sensitivity at {found.false_per_scan:g} false alarm a scan"
    ideal = "linear observer that knows form, contrast and power of noise and texture of a usual scan"
    mimics = "the same, with vessels and mimics counted as false: what judges by contrast alone"
    tests = (
        ("ideal linear observer", "ideal", ideal, found.ideal),
        ("contrast alone", "naive", mimics, found.with_mimics),
    )
    return [
        Row(
            study,
            f"{FOUND}, {size}",
            measure,
            test,
            kind,
            share.share,
            low=max(0.0, share.share - _Z * share.error),
            high=min(1.0, share.share + _Z * share.error),
            n=share.lesions,
            argument=argument,
        )
        for test, kind, argument, by_size in tests
        for size, share in by_size.items()
    ]


_BOUNDS: Mapping[str, tuple[Callable[[Scenario], list[Row]], ...]] = {
    "A": (_staging,),
    "B": (_stiffness, _staging),
    "C": (_staging, _course),
    "D": (_lesions,),
    "E": (_course,),
}
