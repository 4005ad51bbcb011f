"""Decision curves at a horizon against dcurves 1.1.7 (Apache-2.0) and cmprsk 2.2-11, simulated table of dcurves."""

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.horizon_benefit import HorizonBenefit, net_benefit_at, net_benefit_weighted
from survival_data import column

THRESHOLDS = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.5])


def cancer(*, competing: bool, thresholds: np.ndarray) -> HorizonBenefit:
    event = column("dcurves_df_surv", "cancer_cr")
    status = np.select(
        [event == "diagnosed with cancer", event == "dead other causes"], [1, 2 * competing], 0
    )
    return net_benefit_at(
        column("dcurves_df_surv", "ttcancer"),
        status,
        column("dcurves_df_surv", "cancerpredmarker"),
        thresholds=thresholds,
        horizon_y=1.5,
    )


def test_net_benefit_equals_dcurves() -> None:
    found = cancer(competing=False, thresholds=THRESHOLDS)
    assert found.net_benefit == pytest.approx(
        [0.187685774720, 0.161054378981, 0.143646799041, 0.123606185187, 0.094044391480, 0.057832018674],
        abs=1e-11,
    )
    assert found.treat_all == pytest.approx(
        [0.179066057574, 0.133458616328, 0.082485593760, 0.025140943370, -0.114124636149, -0.559774490609],
        abs=1e-11,
    )
    assert found.true_positive[1] == pytest.approx(0.182282274416, abs=1e-11)
    assert found.false_positive[1] == pytest.approx(0.191051058917, abs=1e-11)
    assert found.n == 750


def test_net_benefit_with_competing_events_equals_its_definition_on_cmprsk_incidences() -> None:
    found = cancer(competing=True, thresholds=np.array([0, 0.1, 0.2, 0.3, 0.5]))
    assert found.net_benefit == pytest.approx(
        [0.205957232031, 0.147002389313, 0.114878459948, 0.0923624962025, 0.0542961561555], abs=1e-11
    )
    assert found.net_benefit[0] == found.treat_all[0]


def test_nobody_above_the_threshold_has_no_benefit() -> None:
    found = net_benefit_at(
        np.arange(1.0, 5),
        np.array([1, 0, 1, 0]),
        np.full(4, 0.2),
        thresholds=np.array([0.2, 0.5]),
        horizon_y=3,
    )
    assert found.net_benefit[1] == 0
    assert found.net_benefit[0] == found.treat_all[0]


def test_treated_participants_not_followed_to_the_horizon_have_no_value_unless_all_had_an_event() -> None:
    time, probability = np.arange(1.0, 5), np.array([0.9, 0.8, 0.1, 0.1])
    for status, expected in (([1, 0, 1, 0], np.nan), ([0, 1, 1, 0], 0.5)):
        found = net_benefit_at(time, np.array(status), probability, thresholds=np.array([0.5]), horizon_y=3)
        assert found.true_positive[0] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("cut", "message"), [(1.0, "threshold is 1"), (-0.1, "threshold is -0.1 at position 0")]
)
def test_impossible_thresholds_are_refused(cut: float, message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        net_benefit_at(
            np.arange(1.0, 5),
            np.array([1, 0, 1, 0]),
            np.full(4, 0.2),
            thresholds=np.array([cut]),
            horizon_y=3,
        )


def cancer_columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    event = column("dcurves_df_surv", "cancer_cr")
    status = np.select([event == "diagnosed with cancer", event == "dead other causes"], [1, 2], 0)
    return column("dcurves_df_surv", "ttcancer"), status, column("dcurves_df_surv", "cancerpredmarker")


def weighted(
    time: np.ndarray, status: np.ndarray, probability: np.ndarray, weights: np.ndarray, cut: float = 0.1
) -> np.ndarray:
    return net_benefit_weighted(time, status, probability, threshold=cut, horizon_y=1.5, weights=weights)


@pytest.mark.parametrize("cut", [0.0, 0.1, 0.3, 0.5])
def test_equal_weights_give_the_net_benefit_itself(cut: float) -> None:
    columns = cancer_columns()
    plain = net_benefit_at(*columns, thresholds=np.array([cut]), horizon_y=1.5).net_benefit
    found = weighted(*columns, np.stack([np.ones(750), np.full(750, 2.5)]), cut)
    assert found == pytest.approx(np.repeat(plain, 2), abs=1e-12)


def test_whole_weights_are_repetitions_of_participants() -> None:
    columns = cancer_columns()
    counts = np.random.default_rng(1).multinomial(750, np.full(750, 1 / 750), size=4)
    repeated = [
        net_benefit_at(
            *(np.repeat(c, row) for c in columns), thresholds=np.array([0.1]), horizon_y=1.5
        ).net_benefit[0]
        for row in counts
    ]
    assert weighted(*columns, counts) == pytest.approx(repeated, abs=1e-12)


def test_a_draw_that_treats_nobody_gains_nothing_and_an_empty_one_is_undefined() -> None:
    time, status, probability = np.arange(1.0, 5), np.array([1, 0, 1, 0]), np.array([0.9, 0.9, 0.1, 0.1])
    weights = np.array([[0, 0, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1]])
    found = weighted(time, status, probability, weights, cut=0.4)
    # the last: of four, one true positive and one false one, which weighs 2/3
    assert found == pytest.approx([0, np.nan, (1 - 2 / 3) / 4], nan_ok=True)
    assert weighted(time, status, probability, weights, cut=0.95) == pytest.approx(
        [0, np.nan, 0], nan_ok=True
    )


def test_draws_whose_treated_were_not_followed_to_the_horizon_are_undefined() -> None:
    time, status, probability = np.array([1.0, 1.2, 2, 3]), np.array([1, 0, 1, 0]), np.full(4, 0.9)
    weights = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [2, 0, 0, 0]])
    found = weighted(time, status, probability, weights)
    # the second: a third has the event at 1, and the one censored at 1.2 is represented by the one followed to 2
    assert found == pytest.approx([np.nan, (1 - 2 / 9) / 3, 1], nan_ok=True)


@pytest.mark.parametrize(
    ("weights", "cut", "message"),
    [
        (np.ones((2, 3)), 0.1, "give non-negative weights"),
        (-np.ones((1, 4)), 0.1, "give non-negative weights"),
        (np.ones((1, 4)), 1.0, "threshold is 1; it lies within 0 and below 1"),
    ],
)
def test_impossible_weights_and_thresholds_are_refused(weights: np.ndarray, cut: float, message: str) -> None:
    columns = np.arange(1.0, 5), np.array([1, 0, 1, 0]), np.full(4, 0.2)
    with pytest.raises(StatisticError, match=message):
        weighted(*columns, weights, cut)
