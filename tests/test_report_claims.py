"""The verdict on margins, cut-offs and refits says what the estimates say, on SIMULATED results."""

from typing import Any

import pytest

import report_fixtures as made
from hepar.analyses.base import row
from hepar.report import document
from hepar.report.limits import found_limits
from hepar.report.verdict import headlines
from hepar.stats.estimate import Estimate

NAN = float("nan")
PAIR: dict[str, Any] = {"test": "second", "versus": "field", "role": "cross-validated"}


def margin(value: float, *, low: float, high: float, method: str = "made up") -> list[dict[str, Any]]:
    difference = Estimate((low + high) / 2, low, high, 50, "paired", p=0.3)
    verdict = Estimate(value, NAN, NAN, 50, method)
    return [
        row(difference, analysis="noninferiority", quantity="auc difference", **PAIR),
        row(verdict, analysis="noninferiority", quantity="non-inferiority at 0.05", **PAIR),
    ]


def said(rows: list[dict[str, Any]]) -> str:
    return " ".join(headlines(made.result(rows=rows).arms["main"]))


def test_each_verdict_on_a_margin_has_words_of_its_own() -> None:
    good = said(margin(1.0, low=-0.04, high=0.02))
    assert "Second was non-inferior to Age alone in AUC (difference −0.010 (95% CI −0.040 to 0.020)" in good
    assert "margin 0.05, 50 cases with both)" in good
    worse = said(margin(1.0, low=-0.04, high=-0.01, method="non-inferior; the interval lies below 0"))
    assert "though worse by less than the margin" in worse
    assert "was inferior to Age alone by more than the margin in AUC" in said(
        margin(-1.0, low=-0.2, high=-0.1)
    )
    open_ = said(margin(0.0, low=-0.1, high=0.1))
    assert "neither shown nor refuted" in open_
    assert "power" not in open_


def test_an_inconclusive_margin_comes_with_the_power_where_it_was_asked_for() -> None:
    power = Estimate(0.52, NAN, NAN, 50, "made up")
    asked = row(power, analysis="detectable", quantity="power, non-inferior at 0.05", **PAIR)
    assert "the power to show it was 52%, if both are equally good" in said(
        [*margin(0.0, low=-0.1, high=0.1), asked]
    )


def test_what_a_comparison_could_have_shown_is_said_once_for_each_pair() -> None:
    found = [
        row(Estimate(value, NAN, NAN, 50, "made up"), analysis="detectable", quantity=quantity, **PAIR)
        for quantity, value in (
            ("smallest difference, power 80%", 0.07),
            ("power, non-inferior at 0.05", 0.52),
        )
    ]
    assert (
        "Second against Age alone: with this precision, a difference of 0.070 is found with a power of 80%, and"
        " non-inferiority at 0.05 between equals with 52%."
    ) in said(found)


def test_a_margin_that_could_not_be_judged_says_why() -> None:
    rows = margin(NAN, low=NAN, high=NAN, method="not defined: 1 case is too few")
    assert "is non-inferior to Age alone in AUC could not be judged (1 case is too few)" in said(rows)


def test_a_difference_at_a_cutoff_is_told_by_its_holm_p_and_the_limit_stands_by() -> None:
    place = {**PAIR, "group": "reference>=F2", "threshold": 7.9, "analysis": "cutoffs"}
    rows = [
        row(made.made_up(0.1, 0.05, p=0.01), quantity="auc difference", **place),
        row(made.made_up(0.1, p=0.2), quantity="auc difference, Holm", **place),
    ]
    text = said(rows)
    assert "no evidence of a difference between Second and Age alone in AUC at F2" in text
    assert "p = 0.20 after Holm" in text
    arm = made.result(rows=rows).arms["main"]
    assert any("no test can be shown to be better than it" in limit for limit in found_limits(arm))
    assert not any("cut-offs are made of" in limit for limit in found_limits(made.result().arms["main"]))


@pytest.mark.parametrize(("p", "learnt"), [(0.0476, True), (0.3, False)])
def test_refits_on_dealt_labels_judge_the_whole_procedure(p: float, learnt: bool) -> None:
    place = {"analysis": "null_refits", "test": "model", "role": "cross-validated"}
    rows = [
        row(made.made_up(0.8, p=p), quantity="auc", **place),
        row(made.made_up(0.51), quantity="mean over refits", **place),
    ]
    text = said(rows)
    assert "AUC 0.800, 0.510 on average with dealt labels" in text
    assert ("was not shown to learn anything" in text) != learnt


def test_the_page_prints_the_tables_and_their_words() -> None:
    needed = Estimate(393, NAN, NAN, 50, "normal distribution")
    rows = [
        *margin(0.0, low=-0.1, high=0.1),
        row(needed, analysis="detectable", quantity="n needed, non-inferior at 0.05", **PAIR),
        row(made.made_up(0.9), analysis="reference_noise", quantity="highest pearson", test="model", role=""),
    ]
    result = made.result(rows=rows, drawn=False)
    page = document.render(result, estimates=result.estimates)
    for text in (
        "inconclusive",
        ">393<",
        "What this comparison could have shown",
        "Noise of the reference",
        "Piaggio",
        "Hoenig",
    ):
        assert text in page, text


def called(*, low: float, over: tuple[float, float], chance: float = 1.0) -> str:
    """A difference that was called, with that over training sets, and whether both tests beat chance."""
    pair: dict[str, Any] = {"test": "model", "versus": "second", "role": "cross-validated"}
    middle = Estimate(0.2, low, 0.4 - low, 50, "paired DeLong", p=0.01)
    wider = Estimate(0.2, *over, 50, "paired DeLong, wider", p=0.2)
    place: dict[str, Any] = {
        "analysis": "chance",
        "quantity": "better than chance",
        "role": "cross-validated",
    }
    answer = Estimate(chance, NAN, NAN, 50, "made up", p=0.5)
    return said(
        [
            row(middle, analysis="comparison", quantity="auc difference", **pair),
            row(wider, analysis="comparison", quantity="auc difference, over training sets", **pair),
            *(row(answer, test=test, **place) for test in ("model", "second")),
        ]
    )


def test_a_difference_that_does_not_stand_over_training_sets_is_called_with_a_caution() -> None:
    text = called(low=0.05, over=(-0.03, 0.43))
    assert "did better than Second" in text
    assert "that one way of training is better than the other is not shown" in text
    assert "−0.030 to 0.430" in text
    assert "way of training" not in called(low=0.05, over=(0.01, 0.39))


def test_a_difference_between_tests_that_know_nothing_recommends_neither() -> None:
    assert "recommends neither" in called(low=0.05, over=(0.01, 0.39), chance=0.0)
    assert "recommends neither" not in called(low=0.05, over=(0.01, 0.39))


def test_a_verdict_on_a_margin_that_does_not_stand_over_training_sets_says_so() -> None:
    wider = Estimate(-0.01, -0.09, 0.07, 50, "paired, wider")
    over = row(wider, analysis="noninferiority", quantity="auc difference, over training sets", **PAIR)
    assert "this verdict does not stand" in said([*margin(1.0, low=-0.04, high=0.02), over])
    assert "does not stand" not in said([*margin(0.0, low=-0.1, high=0.1), over])


def test_an_area_below_one_half_is_said_to_rank_the_wrong_way() -> None:
    place: dict[str, Any] = {"analysis": "discrimination", "quantity": "auc", "role": "cross-validated"}
    backward = row(Estimate(0.29, 0.14, 0.44, 51, "DeLong", p=0.01), test="model", **place)
    assert "it ranks the wrong way" in said([backward])
