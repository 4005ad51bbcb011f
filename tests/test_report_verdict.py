"""The verdict says what the findings say, and no more."""

import report_fixtures as made
from hepar.report.verdict import found_limits, headlines


def said(**changes: object) -> str:
    return " ".join(headlines(made.result(rows=made.estimates(**changes)).arms["main"]))  # type: ignore[arg-type]


def test_the_primary_estimate_comes_with_its_interval() -> None:
    assert "AUC of 0.823 (95% CI 0.753 to 0.893)" in said()


def test_an_interval_around_chance_is_called_so() -> None:
    assert "Second had an AUC of 0.600 (95% CI 0.400 to 0.800). The interval includes 0.5" in said()


def test_a_significant_gain_is_called_better_and_a_loss_worse() -> None:
    assert "did better than Age alone" in said(difference=0.2, p=0.01)
    assert "did worse than Age alone" in said(difference=-0.2, p=0.01)


def test_a_difference_that_is_not_significant_is_no_evidence_and_never_equality() -> None:
    text = said(p=0.3)
    assert "no evidence of a difference" in text
    assert "equal" not in text
    assert "better than Age" not in text


def test_holm_rather_than_the_raw_p_decides() -> None:
    rows = made.estimates(p=0.04)
    rows[3] = {**rows[3], "p": 0.12}
    text = " ".join(headlines(made.result(rows=rows).arms["main"]))
    assert "no evidence of a difference" in text
    assert "p = 0.12 after Holm" in text


def test_nothing_was_learnt_when_no_index_test_beats_chance() -> None:
    assert said(chance=False).startswith("Nothing was learnt")
    assert "Nothing was learnt" not in said(chance=True)
    assert "Second did not do better than chance" in said(chance=True)


def test_miscalibrated_probabilities_are_told() -> None:
    assert "miscalibrated (slope 0.400 (0.300 to 0.500), ideal 1)" in said()


def test_limits_that_the_data_show_are_found() -> None:
    limits = " ".join(found_limits(made.result().arms["main"]))
    assert "Small sample" in limits
    assert "No external validation" in limits
    assert "come from 4 sites" in limits
    assert "Age alone could not be had for" in limits


def test_probabilities_of_a_test_that_knows_nothing_are_not_worth_recalibrating() -> None:
    assert "recalibrated" not in said(chance=False)
