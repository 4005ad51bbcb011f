"""The best score that anyone can reach in a SIMULATED cohort, as rows of a table: exact bounds and ideal observers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..phantom.observers.bounds import Bound, staging_bounds, stiffness_bounds
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

    `kind`: "bound" (nobody does better with what the test sees), "naive" (a simple observer) or "comparator" (what
    doctors use). `low` and `high` are a 95 % interval, of the simulation for a bound (a formula has none), of the
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
    """Malignancy and detection by ideal observers, on lesions drawn for patients of the scenario."""
    if scenario.null:
        why = "null mode: a coin decides what is malignant"
        return [
            Row(scenario.study, q, "AUC", "anything", "bound", 0.5, argument=why)
            for q in (MALIGNANT, WITH_MALIGNANT)
        ]
    patients = [draw_patient(scenario, seed=0, number=k) for k in range(1, BACKGROUNDS + 1)]
    backgrounds = backgrounds_of(patients)
    malignancy = malignancy_bound(backgrounds, seed=0, difficulty=scenario.difficulty)
    detection = detection_bound(backgrounds, seed=0, difficulty=scenario.difficulty)
    return [*_malignancy(scenario.study, malignancy), *_detection(scenario.study, detection)]


_LIKELIHOOD = "exact likelihood of the look by kind of lesion (Neyman and Pearson, 1933)"
_NOISY = f"{_LIKELIHOOD}, looks measured with the noise of a usual scan"


def _malignancy(study: str, found: MalignancyBound) -> list[Row]:
    tests: Mapping[str, tuple[Area, str, str]] = {
        "all of the look, four phases and MR": (found.look, "bound", _LIKELIHOOD),
        "arterial and portal look without noise": (found.two_phases, "bound", _LIKELIHOOD),
        "arterial and portal CT": (found.measured, "bound", _NOISY),
        "arterial and portal CT, who the patient is": (found.with_background, "bound", _NOISY),
        "all of the patient's CT": (
            found.with_others,
            "bound",
            f"{_NOISY}, with the patient's other lesions",
        ),
        "arterial CT": (found.by_phase["arterial"], "bound", _NOISY),
        "portal CT": (found.by_phase["portal"], "bound", _NOISY),
        "ideal use of age, sex, aetiology": (
            found.demographics,
            "bound",
            "probabilities that drew the lesions",
        ),
        "ideal use of size": (found.size, "bound", "density of sizes by kind of lesion"),
        **{
            f"mean HU, {name}, without noise of contours": (
                area,
                "naive",
                "threshold, direction from half of the lesions",
            )
            for name, area in found.naive.items()
        },
    }
    rows = [
        _area(study, MALIGNANT, test, area=area, kind=kind, n=found.lesions, argument=argument)
        for test, (area, kind, argument) in tests.items()
    ]
    return [
        *rows,
        *(
            _area(
                study,
                f"{MALIGNANT}, {size}",
                "arterial and portal CT",
                area=area,
                n=found.lesions,
                argument=_NOISY,
            )
            for size, area in found.by_size.items()
        ),
        _area(
            study,
            WITH_MALIGNANT,
            "all of the patient's CT",
            area=found.patient,
            n=BACKGROUNDS,
            argument=_NOISY,
        ),
    ]


def _area(
    study: str, question: str, test: str, *, area: Area, n: int, argument: str, kind: str = "bound"
) -> Row:
    low, high = area.auc - _Z * area.error, min(1.0, area.auc + _Z * area.error)
    published = (
        "0.97 aimed at; 0.94-0.99" if kind == "bound" and test.startswith("all of the patient's") else ""
    )
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
    ideal = "ideal linear observer against noise and texture; no linear observer finds more"
    mimics = "the same, with vessels and mimics counted as false: what judges by contrast alone"
    tests = (
        ("ideal observer", "bound", ideal, found.ideal),
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
