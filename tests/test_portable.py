"""Tabular models as plain numbers score as their equations say, and say what they had to make up."""

import math

import pytest
from pydantic import ValidationError

from hepar.data.portable import Linear, Single, logistic

LINEAR = Linear(
    link="logit",
    intercept=-1.0,
    coefficients={"age_y": 2.0, "sex=male": 0.5},
    medians={"age_y": 50.0},
    means={"age_y": 45.0},
    deviations={"age_y": 10.0},
    levels={"sex": ("female", "male")},
    commonest={"sex": "female"},
)


def test_a_score_is_the_sum_of_standardised_numbers_and_levels() -> None:
    score, probability = LINEAR.answer({"age_y": 55.0, "sex": "male"})
    assert score == pytest.approx(-1.0 + 2.0 * 1.0 + 0.5, rel=1e-12)
    assert probability == pytest.approx(1 / (1 + math.exp(-1.5)), rel=1e-12)


@pytest.mark.parametrize(("link", "score"), [("identity", 1.5), ("log", math.exp(1.5))])
def test_a_quantity_has_no_probability(link: str, score: float) -> None:
    model = LINEAR.model_copy(update={"link": link})
    found, probability = model.answer({"age_y": 55.0, "sex": "male"})
    assert found == pytest.approx(score, rel=1e-12)
    assert probability is None


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_what_is_missing_or_unknown_is_imputed_and_told(missing: float | None) -> None:
    row = {"age_y": missing, "sex": "diverse"}
    assert LINEAR.imputed(row) == ("age_y", "sex")
    assert LINEAR.score(row) == pytest.approx(LINEAR.score({"age_y": 50.0, "sex": "female"}))
    assert LINEAR.imputed({"age_y": 1.0, "sex": "male"}) == ()


def test_a_single_feature_is_its_own_score_with_its_sign() -> None:
    model = Single(feature="attenuation", sign=-1.0, typical=0.6)
    assert model.answer({"attenuation": 0.5}) == (-0.5, None)
    assert model.answer({}) == (-0.6, None)
    assert model.imputed({"attenuation": None}) == ("attenuation",)


def test_a_model_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        Single.model_validate({"feature": "a", "sign": 1, "typical": 0, "code": "import os"})


def test_the_logistic_function_does_not_overflow() -> None:
    assert logistic(-800.0) == 0.0
    assert logistic(800.0) == 1.0
    assert logistic(1.0) + logistic(-1.0) == pytest.approx(1.0, rel=1e-15)
