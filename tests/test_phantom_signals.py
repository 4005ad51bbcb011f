"""The joint normal of disease and sources: what was set is what is drawn, and the best observer is the best."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.core.errors import SimulationError
from hepar.phantom.signals import Signals

SIGNALS = Signals(
    targets={"disease": {"shared": 0.8}},
    sources={
        "ct": {"shared": 0.7, "coarse": 0.4},
        "mri": {"shared": 0.6, "coarse": 0.5},
        "age": {},
        "coarse": {"coarse": 1.0},
    },
)


def test_every_target_and_source_is_standard_normal_with_the_stated_correlations() -> None:
    drawn = SIGNALS.draws(np.random.default_rng(1), 200_000)
    for name, values in drawn.items():
        assert abs(values.mean()) < 0.01, name
        assert abs(values.std() - 1) < 0.01, name
        for other, others in drawn.items():
            expected = SIGNALS.correlation(name, other)
            assert abs(np.corrcoef(values, others)[0, 1] - expected) < 0.01, (name, other)


def test_one_patient_at_a_time_has_the_same_distribution_as_many_at_once() -> None:
    rng = np.random.default_rng(2)
    one_by_one = [SIGNALS.draw(rng) for _ in range(20_000)]
    ct, disease = (np.array([d[name] for d in one_by_one]) for name in ("ct", "disease"))
    assert abs(np.corrcoef(ct, disease)[0, 1] - 0.56) < 0.02
    assert abs(ct.std() - 1) < 0.02


def test_the_best_of_sources_is_what_least_squares_finds_in_many_patients() -> None:
    drawn = SIGNALS.draws(np.random.default_rng(3), 200_000)
    names = ("ct", "mri", "coarse")
    table = np.stack([drawn[name] for name in names], axis=1)
    fitted = np.linalg.lstsq(table, drawn["disease"], rcond=None)[0]
    assert np.allclose(list(SIGNALS.weights("disease", names).values()), fitted, atol=0.02)
    assert np.corrcoef(table @ fitted, drawn["disease"])[0, 1] == pytest.approx(
        SIGNALS.best("disease", names), abs=0.01
    )


def test_a_known_error_that_sources_share_makes_them_better() -> None:
    assert SIGNALS.best("disease", ["ct", "coarse"]) > SIGNALS.best("disease", ["ct"]) + 0.03


@given(by=st.floats(0.2, 5))
@settings(max_examples=30, deadline=None)
def test_difficulty_moves_every_source_and_leaves_its_variance_at_one(by: float) -> None:
    harder = SIGNALS.harder(by)
    for name in ("ct", "mri"):
        assert (harder.correlation(name, "disease") <= SIGNALS.correlation(name, "disease") + 1e-12) == (
            by >= 1
        )
    drawn = harder.draws(np.random.default_rng(4), 20_000)
    assert abs(drawn["ct"].std() - 1) < 0.03


def test_difficulty_multiplies_the_noise_beside_the_signal() -> None:
    before, after = (s.sources["ct"]["shared"] ** 2 for s in (SIGNALS, SIGNALS.harder(2)))
    assert (1 - after) / after == pytest.approx(4 * (1 - before) / before)


def test_private_signal_leaves_each_source_as_good_and_the_two_together_better() -> None:
    apart = SIGNALS.private(0.4)
    for name in ("ct", "mri"):
        assert apart.correlation(name, "disease") == pytest.approx(SIGNALS.correlation(name, "disease"))
    assert apart.best("disease", ["ct", "mri"]) > SIGNALS.best("disease", ["ct", "mri"]) + 0.02


def test_more_private_signal_than_there_is_room_for_is_refused_with_the_limit() -> None:
    with pytest.raises(SimulationError, match=r"at most 0\.562"):
        SIGNALS.private(0.6)


def test_in_null_mode_nothing_shows_the_disease() -> None:
    null = SIGNALS.null()
    assert null.best("disease", ["ct", "mri", "coarse", "age"]) == 0
    assert null.sources == SIGNALS.sources


@pytest.mark.parametrize("loading", [1.2, float("nan"), float("inf")])
def test_a_row_that_explains_more_than_everything_is_refused(loading: float) -> None:
    with pytest.raises(SimulationError, match="loadings of 'ct'"):
        Signals(targets={"disease": {}}, sources={"ct": {"shared": loading}})


@pytest.mark.parametrize("by", [0, -1, float("inf"), float("nan")])
def test_an_impossible_difficulty_is_refused(by: float) -> None:
    with pytest.raises(SimulationError, match="difficulty"):
        SIGNALS.harder(by)


def test_an_unknown_signal_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SimulationError, match="did you mean 'mri'"):
        SIGNALS.best("disease", ["mrii"])
