"""Oracle: neuroCombat 0.2.12 on SIMULATED scanners (golden/combat)."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hepar.stats.combat import Combat, fit_combat
from hepar.stats.estimate import StatisticError

GOLDEN = Path(__file__).parent / "golden" / "combat"
GIVEN = pd.read_csv(GOLDEN / "features.csv")
NAMES = [f"f{number}" for number in range(8)]
EXPECTED = pd.read_csv(GOLDEN / "harmonised.csv")
BATCH = GIVEN["scanner"].to_numpy()
TABLE = GIVEN[NAMES].to_numpy()
COVARIATES = GIVEN[["age", "female"]].to_numpy()
OPTIONS: dict[str, dict[str, Any]] = {
    "parametric": {},
    "nonparametric": {"parametric": False},
    "reference": {"reference": "B"},
    "mean_only": {"mean_only": True},
    "nonparametric_reference": {"parametric": False, "reference": "C"},
}


def simulated(n: int, *, batches: int, features: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """SIMULATED cases, each batch with a shift and a spread of its own that its features share in part."""
    rng = np.random.default_rng(seed)
    batch = np.arange(n) % batches
    shift = rng.normal(0, 1, (batches, 1)) + rng.normal(0, 0.5, (batches, features))
    scale = rng.uniform(0.6, 1.6, (batches, 1)) * rng.uniform(0.9, 1.1, (batches, features))
    return shift[batch] + scale[batch] * rng.normal(0, 1, (n, features)), batch


@pytest.mark.parametrize("covariates", [0, 1])
@pytest.mark.parametrize("variant", OPTIONS)
def test_training_cases_are_harmonised_as_by_neurocombat(variant: str, covariates: int) -> None:
    rows = EXPECTED[(EXPECTED["variant"] == variant) & (EXPECTED["covariates"] == covariates)]
    kept = COVARIATES if covariates else None
    found = fit_combat(TABLE, BATCH, kept, **OPTIONS[variant]).apply(TABLE, BATCH, kept)
    spread = TABLE.std(axis=0)
    np.testing.assert_allclose(found / spread, rows[NAMES].to_numpy() / spread, rtol=0, atol=1e-8)


def test_a_new_case_is_adjusted_as_it_would_be_in_training() -> None:
    learnt = fit_combat(TABLE, BATCH, COVARIATES)
    together = learnt.apply(TABLE, BATCH, COVARIATES)
    alone = learnt.apply(TABLE[[20]], BATCH[[20]], COVARIATES[[20]])
    np.testing.assert_allclose(alone[0], together[20], rtol=1e-12)


def test_large_batches_are_harmonised_without_parametric_priors() -> None:
    """Multiplied out, the likelihood of 900 cases is zero for every feature."""
    table, batch = simulated(1800, batches=2, features=500, seed=3)
    after = fit_combat(table, batch, parametric=False).apply(table, batch)
    assert np.isfinite(after).all()
    before, now = (
        np.abs(t[batch == 0].mean(axis=0) - t[batch == 1].mean(axis=0)).mean() for t in (table, after)
    )
    assert now < 0.1 * before


def test_missing_values_stay_missing_and_count_for_nothing() -> None:
    table, batch = simulated(90, batches=3, features=20, seed=4)
    holes = table.copy()
    holes[[3, 7, 50], 5] = np.nan
    whole, without = fit_combat(table, batch), fit_combat(holes, batch)
    after = without.apply(holes, batch)
    assert np.array_equal(np.isnan(after), np.isnan(holes))
    np.testing.assert_allclose(
        np.delete(after, 5, axis=1), np.delete(whole.apply(table, batch), 5, axis=1), atol=0.05
    )
    rows = np.isfinite(holes[:, 5])
    assert without.mean[5] == pytest.approx(fit_combat(table[rows], batch[rows]).mean[5])


def test_a_feature_constant_or_missing_within_a_batch_is_returned_as_it_is() -> None:
    table, batch = simulated(60, batches=3, features=6, seed=5)
    table[:, 0] = 4.0
    table[batch == 1, 1] = 2.0
    table[batch == 2, 2] = np.nan
    learnt = fit_combat(table, batch)
    assert learnt.adjusted.tolist() == [False, False, False, True, True, True]
    np.testing.assert_array_equal(learnt.apply(table, batch)[:, :3], table[:, :3])


def test_a_batch_of_one_case_has_a_mean_but_no_spread() -> None:
    table, batch = simulated(31, batches=2, features=6, seed=6)
    batch[30] = 7
    with pytest.raises(StatisticError, match="batch 7 has 1 case, whose spread is unknown"):
        fit_combat(table, batch)
    assert np.isfinite(fit_combat(table, batch, mean_only=True).apply(table, batch)).all()


def test_a_covariate_that_the_batches_determine_is_refused() -> None:
    table, batch = simulated(30, batches=3, features=6, seed=7)
    age = np.random.default_rng(0).normal(50, 10, 30)
    with pytest.raises(StatisticError, match="covariate 1 is determined by the batches"):
        fit_combat(table, batch, np.column_stack([age, batch == 1]))
    with pytest.raises(StatisticError, match="covariate 1 is determined by the batches"):
        fit_combat(table, batch, np.column_stack([age, 3 * age + batch]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.full((30, 6), np.inf)}, "feature 0 of case 0 is infinite"),
        ({"features": np.ones(30)}, "cases by features"),
        ({"features": np.ones((30, 6))}, "0 of 6 features vary within every batch"),
        ({"batch": np.zeros(30)}, "1 batch; at least two"),
        ({"batch": np.array([None, *"ab" * 14, "a"], dtype=object)}, "batch is missing at position 0"),
        ({"batch": np.zeros(29)}, "give one label a case"),
        ({"reference": "Z"}, "reference batch 'Z' is not there; there are 0, 1, 2"),
        ({"covariates": np.full((30, 1), np.nan)}, "covariate 0 of case 0 is nan"),
        ({"covariates": np.ones((29, 1))}, "give one row a case"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(change: dict[str, Any], message: str) -> None:
    table, batch = simulated(30, batches=3, features=6, seed=8)
    given = {"features": table, "batch": batch, **change}
    with pytest.raises(StatisticError, match=message):
        fit_combat(given.pop("features"), given.pop("batch"), **given)


class TestABatchNotSeenInTraining:
    table, batch = simulated(160, batches=8, features=60, seed=9)
    new = batch == 7

    @property
    def learnt(self) -> Combat:
        return fit_combat(self.table[~self.new], self.batch[~self.new])

    def test_is_refused_unless_told_otherwise(self) -> None:
        with pytest.raises(
            StatisticError, match="batch 7 was not there in training, in 20 cases; known are 0, 1"
        ):
            self.learnt.apply(self.table, self.batch)

    def test_can_pass_as_it_is(self) -> None:
        after = self.learnt.apply(self.table, self.batch, unseen="pass")
        np.testing.assert_array_equal(after[self.new], self.table[self.new])

    def test_can_pass_where_its_label_is_missing(self) -> None:
        labels = np.array([None, "nan"], dtype=object)
        np.testing.assert_array_equal(
            self.learnt.apply(self.table[:2], labels, unseen="pass"), self.table[:2]
        )

    @pytest.mark.parametrize("parametric", [True, False])
    def test_can_be_estimated_from_its_own_cases(self, parametric: bool) -> None:
        learnt = fit_combat(self.table[~self.new], self.batch[~self.new], parametric=parametric)
        after = learnt.apply(self.table[self.new], self.batch[self.new], unseen="estimate")
        known = learnt.apply(self.table[~self.new], self.batch[~self.new])
        before = np.abs(self.table[self.new].mean(axis=0) - known.mean(axis=0)).mean()
        assert np.abs(after.mean(axis=0) - known.mean(axis=0)).mean() < 0.4 * before
        assert after.std(axis=0).mean() == pytest.approx(known.std(axis=0).mean(), rel=0.1)

    def test_is_estimated_better_from_few_cases_than_by_its_own_moments(self) -> None:
        """The true effects are known here; the learnt priors pull the raw ones towards them."""
        learnt, few = self.learnt, np.flatnonzero(self.new)[:6]
        whole = self.table[self.new]
        after = learnt.apply(self.table[few], self.batch[few], unseen="estimate")
        raw = (self.table[few] - self.table[few].mean(axis=0)) / self.table[few].std(axis=0, ddof=1)
        truth = (self.table[few] - whole.mean(axis=0)) / whole.std(axis=0, ddof=1)
        error = [np.abs(found - truth).mean() for found in ((after - learnt.mean) / learnt.sd, raw)]
        assert error[0] < error[1]

    def test_is_not_estimated_from_too_few_or_nameless_cases(self) -> None:
        few = np.flatnonzero(self.new)[:4]
        with pytest.raises(
            StatisticError, match=r"has 4 cases; to estimate its effect it needs .* at least 5"
        ):
            self.learnt.apply(self.table[few], self.batch[few], unseen="estimate")
        with pytest.raises(StatisticError, match="the batch is missing and has 8 cases"):
            self.learnt.apply(self.table[:8], np.array([None] * 8), unseen="estimate")

    def test_can_have_its_mean_alone_estimated(self) -> None:
        learnt = fit_combat(self.table[~self.new], self.batch[~self.new], mean_only=True)
        after = learnt.apply(self.table[self.new], self.batch[self.new], unseen="estimate")
        np.testing.assert_allclose(after.std(axis=0), self.table[self.new].std(axis=0))


def test_what_is_applied_must_look_like_what_was_learnt_from() -> None:
    learnt = fit_combat(TABLE, BATCH, COVARIATES)
    with pytest.raises(StatisticError, match="7 features given; 8 were learnt from"):
        learnt.apply(TABLE[:, :7], BATCH, COVARIATES)
    with pytest.raises(StatisticError, match="0 covariates given; 2 were learnt from"):
        learnt.apply(TABLE, BATCH)
