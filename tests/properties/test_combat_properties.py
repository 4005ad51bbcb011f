"""Laws of ComBat that hold for any batches. SIMULATED data."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.stats.combat import fit_combat

Data = tuple[np.ndarray, np.ndarray, np.ndarray]
few = settings(max_examples=30, deadline=None)
OPTIONS = st.sampled_from(
    [{}, {"parametric": False}, {"mean_only": True}, {"parametric": False, "mean_only": True}]
)


@st.composite
def batches(draw: st.DrawFn, least: int = 4, most: int = 30, features: int = 15) -> Data:
    """Features of cases in two to four batches that each shift and stretch them, and a covariate with an effect."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(least, most), min_size=2, max_size=4))
    batch = np.repeat(np.arange(len(sizes)), sizes)
    shift = rng.normal(0, 2, (len(sizes), 1)) + rng.normal(0, 0.5, (len(sizes), features))
    spread = rng.uniform(0.5, 2, (len(sizes), 1)) * rng.uniform(0.8, 1.2, (len(sizes), features))
    age = rng.normal(0, 1, batch.size)
    error = rng.normal(0, 1, (batch.size, features))
    return (
        rng.normal(2, 1, features) * age[:, None] + shift[batch] + spread[batch] * error,
        batch,
        age[:, None],
    )


@few
@given(batches(), OPTIONS)
def test_the_reference_batch_is_untouched(data: Data, options: Any) -> None:
    table, batch, age = data
    after = fit_combat(table, batch, age, reference=1, **options).apply(table, batch, age)
    np.testing.assert_array_equal(after[batch == 1], table[batch == 1])


@few
@given(batches(), OPTIONS, st.randoms(use_true_random=False))
def test_the_order_of_cases_and_features_does_not_matter(data: Data, options: Any, random: Any) -> None:
    table, batch, age = data
    rows = random.sample(range(batch.size), batch.size)
    columns = random.sample(range(table.shape[1]), table.shape[1])
    after = fit_combat(table, batch, age, **options).apply(table, batch, age)
    moved = table[np.ix_(rows, columns)]
    again = fit_combat(moved, batch[rows], age[rows], **options).apply(moved, batch[rows], age[rows])
    np.testing.assert_allclose(again, after[np.ix_(rows, columns)], rtol=1e-6, atol=1e-6)


@few
@given(batches(), OPTIONS)
def test_neither_units_nor_names_of_batches_matter(data: Data, options: Any) -> None:
    table, batch, age = data
    unit, origin = np.geomspace(0.01, 100, table.shape[1]), np.linspace(-5, 5, table.shape[1])
    after = fit_combat(table, batch, age, **options).apply(table, batch, age)
    names = np.array(["z", "y", "x", "w"], dtype=object)[batch]
    years = 40 + 10 * age
    other = fit_combat(unit * table + origin, names, years, **options)
    np.testing.assert_allclose(
        other.apply(unit * table + origin, names, years), unit * after + origin, rtol=1e-6, atol=1e-6
    )


@few
@given(batches(least=40, most=80, features=60), st.booleans())
def test_batches_have_nearly_equal_means_and_variances_afterwards(data: Data, parametric: bool) -> None:
    table, batch, age = data
    residual = table - age * np.linalg.lstsq(
        np.hstack([age, np.eye(batch.max() + 1)[batch]]), table
    )[0][0]  # fmt: skip
    after = fit_combat(residual, batch, parametric=parametric).apply(residual, batch)
    means, spreads = (
        [[measure(t[batch == b], axis=0) for b in range(batch.max() + 1)] for t in (residual, after)]
        for measure in (np.mean, np.std)
    )
    between = [np.mean(np.var(m, axis=0)) for m in means]
    assert between[1] < max(0.06 * between[0], 0.05)  # a mean of 60 such cases has a variance of about 0.03
    ratios = [np.mean(np.var(np.log(s), axis=0)) for s in spreads]
    assert ratios[1] < max(0.25 * ratios[0], 0.01)


@few
@given(batches(), OPTIONS)
def test_the_effect_of_a_covariate_is_kept_even_where_it_differs_between_batches(
    data: Data, options: Any
) -> None:
    table, batch, age = data
    effect = np.linspace(-2, 2, table.shape[1])
    older = age + batch[:, None]
    table = 0.002 * table + effect * older  # nearly nothing but batches and the covariate
    after = fit_combat(table, batch, older, **options).apply(table, batch, older)
    slopes = np.polyfit(older[:, 0], after, 1)[0]
    np.testing.assert_allclose(slopes, effect, atol=0.03)


@few
@given(batches())
def test_without_scales_slopes_within_batches_are_kept_exactly(data: Data) -> None:
    table, batch, age = data
    after = fit_combat(table, batch, age, mean_only=True).apply(table, batch, age)
    within = np.hstack([age, np.eye(batch.max() + 1)[batch]])
    before, now = (np.linalg.lstsq(within, t)[0][0] for t in (table, after))
    np.testing.assert_allclose(now, before, atol=1e-8)


@few
@given(batches(), OPTIONS)
def test_a_case_is_adjusted_alike_alone_and_among_others(data: Data, options: Any) -> None:
    table, batch, age = data
    learnt = fit_combat(table, batch, age, **options)
    alone = learnt.apply(table[[2]], batch[[2]], age[[2]])
    np.testing.assert_allclose(alone[0], learnt.apply(table, batch, age)[2])


@few
@given(batches(least=6), OPTIONS, st.integers(0, 14))
def test_a_missing_value_touches_its_own_feature_most(data: Data, options: Any, column: int) -> None:
    table, batch, age = data
    holes = table.copy()
    holes[0, column] = np.nan
    after = fit_combat(holes, batch, age, **options).apply(holes, batch, age)
    assert np.isnan(after).sum() == 1
    assert np.isnan(after[0, column])
