"""The verdict says what the findings say, and no more."""

from typing import Any

import pytest

import report_fixtures as made
from hepar.analyses.base import row
from hepar.report.limits import found_limits
from hepar.report.verdict import headlines
from hepar.stats.estimate import Estimate

NAN = float("nan")


def said(**changes: Any) -> str:
    return " ".join(headlines(made.result(rows=made.estimates(**changes)).arms["main"]))


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
    assert "Second was not shown to do better than chance" in said(chance=True)


def test_what_could_not_be_tested_against_chance_is_not_refuted() -> None:
    text = said(chance=float("nan"))
    assert "Nothing was learnt" not in text
    assert "does better than chance could not be tested" in text
    assert "miscalibrated" in text


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


MODEL: dict[str, Any] = {"test": "model", "role": "cross-validated"}
TIMED = {
    "kind": "time_to_event",
    "label": "death",
    "time": "followed_y",
    "event": {"field": "event", "value": True},
    "horizons_y": [3],
}


def judged(*more: dict[str, Any], **changes: Any) -> str:
    return " ".join(headlines(made.result(rows=[*made.estimates(**changes), *more]).arms["main"]))


def within(value: float, half: float, quantity: str = "auc difference, within folds") -> dict[str, Any]:
    return row(made.made_up(value, half), analysis="comparison", quantity=quantity, versus="field", **MODEL)


@pytest.mark.parametrize(("value", "half"), [(0.05, 0.1), (-0.2, 0.1), (-0.05, 0.1)])
def test_a_gain_that_does_not_stand_within_folds_is_followed_by_a_caution(value: float, half: float) -> None:
    text = judged(within(value, half))
    after = text[text.index("did better than Age alone") :]
    assert "Caution: among cases of one part" in after
    assert f"was {value:.3f}".replace("-", "−") in after


def test_no_caution_where_the_folds_agree_were_not_asked_or_nothing_was_called() -> None:
    assert "Caution" not in judged(within(0.15, 0.1))
    assert "Caution" not in judged()
    assert "Caution" not in judged(within(float("nan"), 0.1))
    assert "Caution" not in judged(within(0.0, 0.1), p=0.5)


def test_a_loss_that_does_not_stand_within_folds_is_cautioned_too() -> None:
    assert "Caution" in judged(within(0.01, 0.1), difference=-0.2)


def comparator(value: float, half: float) -> dict[str, Any]:
    return row(
        made.made_up(value, half),
        analysis="discrimination",
        quantity="auc",
        test="field",
        role="cross-validated",
    )


def test_a_comparator_that_ranks_the_wrong_way_is_called_so() -> None:
    assert "Age alone had an AUC of 0.300" in judged(comparator(0.3, 0.1))
    assert "beating it means little" in judged(comparator(0.3, 0.1))
    assert "beating it means little" not in judged(comparator(0.45, 0.1))
    assert "beating it means little" not in judged(comparator(0.8, 0.1))


def chance(half: float) -> dict[str, Any]:
    return row(made.made_up(0.5, half), analysis="chance", quantity="auc", **MODEL)


def test_nothing_was_learnt_speaks_of_power_unless_little_could_have_been_missed() -> None:
    assert "may lack the power" in judged(chance=False)
    wide = judged(chance(0.15), chance=False)
    assert "may lack the power to show a modest ability (an interval reaches 0.650)" in wide
    narrow = judged(chance(0.05), chance=False)
    assert "ends below 0.6" in narrow
    assert "power" not in narrow
    assert "did not do better" not in wide + narrow


def timed(outcome: dict[str, Any], *rows: dict[str, Any]) -> Any:
    return made.result(made.study_of(outcome, model="cox"), rows=list(rows), drawn=False).arms["main"]


AT_3: dict[str, Any] = {**MODEL, "horizon_y": 3.0}
AUC = row(made.made_up(0.7, 0.1), analysis="prognosis", quantity="auc", **AT_3)


def test_events_of_a_time_to_event_are_named_with_their_horizon() -> None:
    text = " ".join(headlines(timed(TIMED, AUC)))
    assert "50 cases, 20 with death by 3 years" in text
    assert "with the outcome" not in text


def test_wrong_probabilities_under_competing_events_are_never_called_risks() -> None:
    slope = row(made.made_up(0.4, 0.1), analysis="calibration", quantity="slope", **AT_3)
    assert "before anyone reads them as risks" in " ".join(headlines(timed(TIMED, AUC, slope)))
    competing = {**TIMED, "competing": {"field": "stage", "value": 2}}
    text = " ".join(headlines(timed(competing, AUC, slope)))
    assert "miscalibrated" in text
    assert "risk" not in text
    assert "recalibrated with competing events counted" in text


def known(value: float) -> dict[str, Any]:
    place: dict[str, Any] = {"analysis": "prognosis", "test": "", "role": "cross-validated", "horizon_y": 3.0}
    count = Estimate(round(100 * value), NAN, NAN, 100, "count", events=21)
    return row(count, quantity="status known", **place)


def test_short_follow_up_is_a_limit() -> None:
    assert "whether there was death by 3 years is known of 38 (38.0%) of the 100 cases only" in " ".join(
        found_limits(timed(TIMED, known(0.38)))
    )
    assert "Short follow-up" not in " ".join(found_limits(timed(TIMED, known(0.62))))
    assert "Short follow-up" not in " ".join(found_limits(timed(TIMED)))


def test_cross_validation_leaves_its_limits_and_external_validation_does_not() -> None:
    arm = made.result().arms["main"]
    limits = " ".join(found_limits(arm))
    assert "so they are too narrow, the more so the less the models learnt" in limits
    assert "Home advantage" in limits
    assert "(Age alone) come from elsewhere" in limits
    arm.predictions.table["role"] = "external"
    limits = " ".join(found_limits(arm))
    assert "too narrow" not in limits
    assert "Home advantage" not in limits


def test_a_caution_in_another_measure_gives_that_measure_over_all_parts_too() -> None:
    at_3 = {**AT_3, "analysis": "comparison", "versus": "field"}
    ever = {**at_3, "horizon_y": NAN}
    text = " ".join(
        headlines(
            timed(
                TIMED,
                row(made.made_up(0.2, 0.1, p=0.01), quantity="auc difference", **at_3),
                row(made.made_up(0.11, 0.05), quantity="harrell c difference", **ever),
                row(made.made_up(0.03, 0.05), quantity="harrell c difference, within folds", **ever),
            )
        )
    )
    assert "difference in Harrell's C between" in text
    assert "was 0.030 (95% CI −0.020 to 0.080), and over all parts 0.110" in text
    assert "or to the measure" in text
