"""Shapley values against closed forms, the axioms that define them, and the package shap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.core.errors import RunError
from hepar.explain.players import single
from hepar.explain.shapley import Attribution, shapley

NAMES = [f"f{k}" for k in range(6)]


def table(n: int, p: int, *, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, p)), columns=[f"f{k}" for k in range(p)])


def knotted(features: pd.DataFrame) -> np.ndarray:
    """A model with interactions of three, a step and a curve; it ignores every feature after the sixth."""
    x = features.to_numpy(dtype=float)
    step = np.where(x[:, 3] > 0.2, 2 * x[:, 4], -x[:, 0])
    return np.asarray(x[:, 0] * x[:, 1] * x[:, 2] + step + np.exp(0.3 * x[:, 5] * x[:, 1]))


def waves(n: int, shift: float) -> pd.DataFrame:
    row, column = np.arange(n)[:, None], np.arange(6)[None, :]
    return pd.DataFrame(np.round(np.sin(1.7 * row + 0.9 * column**2 + shift) * 1.5, 6), columns=NAMES)


def explained(
    rows: pd.DataFrame, background: pd.DataFrame, *, exact_up_to: int = 8, draws: int = 4, seed: int = 0
) -> Attribution:
    players = single(rows.columns)
    return shapley(
        knotted, rows, background=background, players=players, exact_up_to=exact_up_to, draws=draws, seed=seed
    )


SHAP = [
    [0.620836844292, -0.260506051858, 0.127104692836, 0.5679592, 1.6201938, 0.028456255455],
    [-1.581988750033, -0.115381913996, -0.282791593195, -0.5571374, -0.6192274, 0.023425415256],
    [0.688363309686, 0.579709590771, 0.213127193216, 0.1081028, -0.9103058, -0.091430070034],
    [1.062605641132, 0.201529701115, 0.241618295403, -0.1727636, 0.863946, 0.121569601652],
]
"""shap 0.51.0: `shap.explainers.Exact(f, shap.maskers.Independent(waves(5, 1.0)))(waves(4, 0.0)).values`."""


def test_exact_values_are_those_of_shap() -> None:
    found = explained(waves(4, 0.0), waves(5, 1.0))
    np.testing.assert_allclose(found.shapley, SHAP, atol=1e-11)
    assert found.base == pytest.approx(0.9658402284692986, abs=1e-12)
    assert not found.error.any()


@pytest.mark.parametrize("p", [1, 2, 6, 20])
def test_a_linear_model_owes_each_feature_its_coefficient_times_the_distance_from_the_mean(p: int) -> None:
    rows, background = table(9, p, seed=1), table(11, p, seed=2)
    beta = np.random.default_rng(3).normal(size=p)
    found = shapley(lambda t: t.to_numpy() @ beta, rows, background=background, players=single(rows.columns))
    np.testing.assert_allclose(found.shapley, beta * (rows - background.mean()).to_numpy(), atol=1e-12)
    assert np.max(found.error) < 1e-12


def test_sampled_values_of_a_model_without_interactions_of_three_are_exact() -> None:
    rows, background = table(5, 10, seed=4), table(6, 10, seed=5)
    pairs = np.random.default_rng(6).normal(size=(10, 10))
    players = single(rows.columns)

    def model(t: pd.DataFrame) -> np.ndarray:
        return np.asarray(np.einsum("ij,jk,ik->i", t.to_numpy(), pairs, t.to_numpy()))

    exact = shapley(model, rows, background=background, players=players, exact_up_to=10)
    sampled = shapley(model, rows, background=background, players=players, exact_up_to=3, draws=2)
    np.testing.assert_allclose(sampled.shapley, exact.shapley, atol=1e-10)
    assert np.max(sampled.error) < 1e-12


def test_the_monte_carlo_error_is_as_large_as_it_says() -> None:
    rows, background = table(40, 6, seed=7), table(10, 6, seed=8)
    exact = explained(rows, background).shapley
    claimed, made = {}, {}
    for draws in (2, 8):
        found = [explained(rows, background, exact_up_to=2, draws=draws, seed=seed) for seed in range(12)]
        claimed[draws] = np.sqrt(np.mean([one.error**2 for one in found]))
        made[draws] = np.sqrt(np.mean([(one.shapley - exact) ** 2 for one in found]))
        assert made[draws] == pytest.approx(claimed[draws], rel=0.15)
    assert claimed[8] == pytest.approx(claimed[2] / 2, rel=0.1)


def test_features_that_change_nothing_get_nothing_and_cost_nothing() -> None:
    rows, background = table(8, 40, seed=9), table(7, 40, seed=10)
    found = explained(rows, background)
    assert not found.shapley[:, 6:].any()
    assert not found.error.any()
    few = explained(rows[NAMES], background[NAMES])
    np.testing.assert_allclose(found.shapley[:, :6], few.shapley, atol=1e-12)


def test_a_model_that_says_the_same_of_everyone_owes_nobody_anything() -> None:
    rows = table(4, 12, seed=11)
    found = shapley(lambda t: np.full(len(t), 0.3), rows, background=rows, players=single(rows.columns))
    assert not found.shapley.any()
    assert found.base == pytest.approx(0.3)


def test_categories_and_missing_values_are_explained_as_they_are() -> None:
    rows = pd.DataFrame({"sex": ["female", None], "x": [np.nan, 2.0]})
    background = pd.DataFrame({"sex": ["male", "male"], "x": [0.0, 4.0]})

    def model(t: pd.DataFrame) -> np.ndarray:
        return (t["sex"].map({"female": 1.0, "male": 0.0}).fillna(0.5) + t["x"].fillna(10.0)).to_numpy()

    found = shapley(model, rows, background=background, players=single(["sex", "x"]))
    np.testing.assert_allclose(found.shapley, [[1.0, 8.0], [0.5, 0.0]])


def test_a_group_is_one_player() -> None:
    rows, background = waves(4, 0.0), waves(5, 1.0)
    players = {"images": ("f0", "f1", "f2"), "clinic": ("f3", "f4", "f5")}
    found = shapley(knotted, rows, background=background, players=players)
    exact = explained(rows, background)
    np.testing.assert_allclose(found.shapley.sum(axis=1), exact.shapley.sum(axis=1), atol=1e-12)
    merged = pd.DataFrame(
        {
            **{n: rows[n] for n in players["images"]},
            **{n: [background[n].to_numpy()] * 4 for n in players["clinic"]},
        }
    )
    worth = np.mean(
        [
            knotted(merged.assign(**{n: merged[n].map(lambda v, at=at: v[at]) for n in players["clinic"]}))
            for at in range(5)
        ],
        axis=0,
    )
    only_clinic = np.mean(
        [knotted(rows.assign(**{n: background[n].iloc[at] for n in players["images"]})) for at in range(5)],
        axis=0,
    )
    expected = ((worth - found.base) + (found.predicted - only_clinic)) / 2
    np.testing.assert_allclose(found.shapley[:, 0], expected, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), p=st.integers(2, 11), exact_up_to=st.sampled_from([1, 12]))
def test_the_axioms_hold_for_any_model(seed: int, p: int, exact_up_to: int) -> None:
    """Efficiency, symmetry (two equal features) and the dummy (a feature that the model ignores)."""
    rng = np.random.default_rng(seed)
    rows, background = table(3, p, seed=seed + 1), table(4, p, seed=seed + 2)
    weights = rng.normal(size=p)
    weights[-1] = 0.0
    twins = [0, 1] if p > 2 else [0]

    def model(t: pd.DataFrame) -> np.ndarray:
        x = t.to_numpy()
        return np.asarray(np.tanh(x @ weights) * (1 + x[:, twins].prod(axis=1)))

    for one in (rows, background):
        one["f1"] = one["f0"] if p > 2 else one["f1"]
    weights[:2] = 0.0 if p > 2 else weights[:2]
    found = shapley(
        model,
        rows,
        background=background,
        players=single(rows.columns),
        exact_up_to=exact_up_to,
        draws=2,
        seed=seed,
    )
    np.testing.assert_allclose(found.shapley.sum(axis=1), model(rows) - model(background).mean(), atol=1e-12)
    assert np.max(np.abs(found.shapley[:, -1])) < 1e-15
    if p > 2 and exact_up_to == 12:
        np.testing.assert_allclose(found.shapley[:, 0], found.shapley[:, 1], atol=1e-12)


def test_the_seed_decides_the_orders_and_nothing_else_does() -> None:
    rows, background = table(6, 6, seed=12), table(5, 6, seed=13)
    one, two, other = (explained(rows, background, exact_up_to=2, seed=seed).shapley for seed in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()


def test_the_order_of_the_players_changes_no_exact_value() -> None:
    rows, background = waves(4, 0.0), waves(5, 1.0)
    found = shapley(knotted, rows, background=background, players=single(NAMES[::-1]))
    np.testing.assert_allclose(found.shapley[:, ::-1], SHAP, atol=1e-11)


@pytest.mark.parametrize(
    ("rows", "background", "draws", "message"),
    [
        (table(0, 2, seed=0), table(2, 2, seed=0), 4, "found 0 and 2 rows"),
        (table(2, 2, seed=0), table(2, 3, seed=0), 4, r"different columns: \['f2'\]"),
        (table(2, 2, seed=0), table(2, 2, seed=0)[["f1", "f0"]], 4, "another order"),
        (table(2, 2, seed=0), table(2, 2, seed=0), 1, "draws is 1; give 2 or more"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    rows: pd.DataFrame, background: pd.DataFrame, draws: int, message: str
) -> None:
    with pytest.raises(RunError, match=message):
        shapley(
            lambda t: t.sum(axis=1).to_numpy(),
            rows,
            background=background,
            players=single(rows.columns),
            draws=draws,
        )


def test_predictions_that_are_not_finite_are_refused() -> None:
    rows = table(3, 2, seed=0)
    with pytest.raises(RunError, match="3 of 3 predictions are not finite"):
        shapley(lambda t: np.full(len(t), np.nan), rows, background=rows, players=single(rows.columns))
