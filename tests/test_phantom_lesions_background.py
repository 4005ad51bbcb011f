"""Which lesions SIMULATED patients have: probabilities, and that draws follow them."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.phantom.lesions import LESIONS, Background, draw_lesions
from hepar.phantom.lesions.background import (
    COUNTS,
    LARGEST_TOGETHER_MM,
    expected_lesions,
    expected_mimics,
    is_malignant,
    kind_probabilities,
    story_probabilities,
)
from hepar.phantom.patient import Liver, Person

MAN = Background(sex="m", age_y=62, aetiology="HBV", advanced=1.5, fat=0.03)
WOMAN = Background(sex="f", age_y=32, aetiology="healthy", advanced=-1.0, fat=0.02)


@pytest.mark.parametrize("background", [MAN, WOMAN, replace(MAN, fat=0.4, aetiology="MASLD")])
def test_probabilities_add_up(background: Background) -> None:
    assert story_probabilities(background).sum() == pytest.approx(1)
    assert kind_probabilities(background).sum(1) == pytest.approx(np.ones(4))
    assert all(sum(counts) == pytest.approx(1) for counts in COUNTS.values())


def share(background: Background, kind: str) -> float:
    found = expected_lesions(background)
    return float(found[LESIONS.index(kind)] / found.sum())


def test_kinds_go_with_who_the_patient_is() -> None:
    assert share(MAN, "hcc") > 0.3 > 0.1 > share(WOMAN, "hcc")
    assert share(WOMAN, "fnh") > 1.5 * share(replace(WOMAN, sex="m"), "fnh")
    assert share(replace(MAN, advanced=-1.0), "metastasis") > 2 * share(MAN, "metastasis")
    assert share(replace(WOMAN, age_y=75), "cyst") > share(WOMAN, "cyst")
    assert expected_mimics(MAN).sum() > 3 * expected_mimics(WOMAN).sum()
    malignant = is_malignant()
    assert expected_lesions(MAN) @ malignant / expected_lesions(MAN).sum() > 0.6
    assert expected_lesions(WOMAN) @ malignant / expected_lesions(WOMAN).sum() < 0.3


def test_draws_are_what_was_expected_and_the_same_for_the_same_random_numbers() -> None:
    person = Person(sex="m", age_y=62, height_m=1.7, weight_kg=70, site="A")
    liver = Liver("HBV", fibrosis=1.5, collagen=0.2, stage=4, fat=0.03, inflammation=1, iron_mg_g=1)
    rng = np.random.default_rng(1)
    drawn = [draw_lesions(rng, person=person, liver=liver, advanced=1.5) for _ in range(1500)]
    numbers = [[lesion.kind for lesion in lesions if not lesion.mimic] for lesions in drawn]
    found = np.array([sum(kinds.count(name) for kinds in numbers) for name in LESIONS]) / len(drawn)
    # counts are more than Poisson: the number per patient varies with the story
    assert found == pytest.approx(
        expected_lesions(MAN), abs=4 * np.sqrt(1.5 * expected_lesions(MAN).max() / 1500)
    )
    mimics = np.mean([sum(lesion.mimic for lesion in lesions) for lesions in drawn])
    assert mimics == pytest.approx(expected_mimics(MAN).sum(), rel=0.12)
    assert max(sum(one.diameter_mm**3 for one in lesions if not one.mimic) for lesions in drawn) <= (
        LARGEST_TOGETHER_MM**3 * 1.0001
    )
    one, again = (
        draw_lesions(np.random.default_rng(4), person=person, liver=liver, advanced=1.5) for _ in range(2)
    )
    assert one == again


def test_an_extreme_liver_is_cut_at_three_standard_deviations() -> None:
    person = Person(sex="f", age_y=30, height_m=1.6, weight_kg=60, site="A")
    liver = Liver("HBV", fibrosis=0, collagen=0.1, stage=1, fat=0.03, inflammation=1, iron_mg_g=1)
    assert Background.of(person, liver, advanced=9.0).advanced == 3
