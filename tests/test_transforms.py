"""What every transform promises, and what each one does, on SIMULATED features."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import mannwhitneyu, spearmanr

from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.data.eligibility import Condition
from hepar.data.outcome import Binary, Continuous, Outcome, TimeToEvent
from hepar.data.reference import Reference
from hepar.stats.combat import fit_combat
from hepar.stats.intraclass import icc
from hepar.transforms.base import Transform
from hepar.transforms.combat import labels_of
from hepar.transforms.relevance import relevance
from hepar.transforms.stability import feature_stability

N = 90
BINARY = Binary(label="x", field="x", at_least=1)
CONTINUOUS = Continuous(label="x", field="x", unit="kPa")
TIMED = TimeToEvent(label="x", time="t_y", event=Condition(field="s", value=1), horizons_y=(2.0,))


def reference_of(outcome: Outcome, **columns: Any) -> Reference:
    index = pd.Index([f"C{number}" for number in range(len(next(iter(columns.values()))))], name="case_id")
    identity = {"participant_id": index, "site": "S", "unit": "case"}
    return Reference(outcome, pd.DataFrame({**identity, **columns}, index=index))


def simulated(n: int = N, *, features: int = 12, seed: int = 0) -> tuple[pd.DataFrame, Reference]:
    """SIMULATED: scanners shift all features, the first three go with the outcome, a few values are missing."""
    rng = np.random.default_rng(seed)
    scanner, positive = rng.integers(0, 3, n), np.arange(n) % 2
    values = (
        rng.normal(0, 1, (n, features)) + scanner[:, None] + rng.normal(0, 0.4, features) * scanner[:, None]
    )
    values[:, :3] += 1.2 * positive[:, None]
    values[rng.random((n, features)) < 0.03] = np.nan
    table = pd.DataFrame(values, columns=[f"f{number}" for number in range(features)])
    table = table.assign(
        age_y=rng.normal(50, 10, n), scanner=np.array(["A", "B", "C"], dtype=object)[scanner]
    )
    table.index = pd.Index([f"C{number}" for number in range(n)], name="case_id")
    return table, reference_of(BINARY, positive=positive.astype(float))


def repeated(reliability: dict[str, float], *, n: int = N, repeats: int = 4) -> pd.DataFrame:
    """SIMULATED features with repeats, of a given intraclass correlation."""
    rng = np.random.default_rng(5)
    columns = {}
    for name, share in reliability.items():
        true = rng.normal(0, share**0.5, n)
        for repeat in range(repeats + 1):
            key = f"{name}@{repeat}" if repeat else name
            columns[key] = true + rng.normal(0, (1 - share) ** 0.5, n)
    return pd.DataFrame(columns)


EXAMPLES: dict[str, dict[str, Any]] = {
    "best": {"k": 4},
    "combat": {"batch": "scanner", "covariates": ["age_y"]},
    "recurring": {"q": 4, "pairs": 10},
    "stable": {},
    "uncorrelated": {"above": 0.6},
    "varying": {},
}


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(Transform.places())


@pytest.mark.parametrize("kind", EXAMPLES)
class TestEveryTransform:
    def given(self, kind: str) -> tuple[pd.DataFrame, Reference]:
        table, known = simulated()
        if kind == "stable":
            more = repeated({"g": 0.95, "h": 0.3}).set_index(table.index)
            table = pd.concat([table, more], axis=1)
        return table, known

    def test_learns_applies_and_says_what_it_did(self, kind: str) -> None:
        table, known = self.given(kind)
        before = table.copy()
        fitted = Transform.parse({"kind": kind, **EXAMPLES[kind]}).fit(table, known, seed=0)
        found = fitted.apply(table)
        pd.testing.assert_frame_equal(table, before)
        pd.testing.assert_index_equal(found.index, table.index)
        assert set(found.columns) <= set(table.columns)
        assert [name for name in table.columns if name in set(found.columns)] == list(found.columns)
        assert all(np.isfinite(value) for value in fitted.describe().values())

    def test_a_new_patient_alone_is_as_among_others(self, kind: str) -> None:
        table, known = self.given(kind)
        train = np.arange(60)
        fitted = Transform.parse({"kind": kind, **EXAMPLES[kind]}).fit(
            table.iloc[train], known.take(train), seed=0
        )
        together = fitted.apply(table.iloc[60:])
        alone = pd.concat([fitted.apply(table.iloc[[row]]) for row in range(60, len(table))])
        pd.testing.assert_frame_equal(alone, together)

    def test_held_out_rows_change_nothing_that_is_learnt(self, kind: str) -> None:
        table, known = self.given(kind)
        train = np.arange(60)
        numbers = table.select_dtypes("number")
        other = table.assign(
            **{str(name): np.where(np.arange(N) < 60, numbers[name], 1e6) for name in numbers}
        )
        transform = Transform.parse({"kind": kind, **EXAMPLES[kind]})
        one, two = (transform.fit(t.iloc[train], known.take(train), seed=0) for t in (table, other))
        assert one.describe() == two.describe()
        pd.testing.assert_frame_equal(one.apply(table.iloc[60:]), two.apply(table.iloc[60:]))

    def test_the_order_of_training_rows_does_not_matter(self, kind: str) -> None:
        table, known = self.given(kind)
        order = np.random.default_rng(1).permutation(len(table))
        transform = Transform.parse({"kind": kind, **EXAMPLES[kind]})
        one = transform.fit(table, known, seed=0)
        two = transform.fit(table.iloc[order], known.take(order), seed=0)
        pd.testing.assert_frame_equal(one.apply(table), two.apply(table))

    def test_spared_features_stay_as_they_are(self, kind: str) -> None:
        table, known = self.given(kind)
        table = table.assign(lab_constant=1.0, lab_copy=table["f0"])
        spare = ["lab_*", "age_y", "f1", "h"]
        fitted = Transform.parse({"kind": kind, **EXAMPLES[kind], "spare": spare}).fit(table, known, seed=0)
        names = ["lab_constant", "lab_copy", "age_y", "f1"]
        pd.testing.assert_frame_equal(fitted.apply(table)[names], table[names])

    def test_repeats_are_refused_by_all_but_stable(self, kind: str) -> None:
        table, known = self.given(kind)
        table = table.assign(**{"f0@1": table["f0"]})
        transform = Transform.parse({"kind": kind, **EXAMPLES[kind]})
        if kind == "stable":
            assert "f0@1" not in transform.fit(table, known, seed=0).apply(table)
            return
        with pytest.raises(
            RunError, match=r"1 features are perturbed repeats .*'f0@1'.*put the transform 'stable'"
        ):
            transform.fit(table, known, seed=0)


class TestCombat:
    def fit(self, table: pd.DataFrame, known: Reference, **parameters: Any) -> Any:
        return Transform.parse({"kind": "combat", "batch": "scanner", **parameters}).fit(table, known, seed=0)

    def test_is_the_statistic_on_the_columns(self) -> None:
        table, known = simulated()
        found = self.fit(table, known, covariates=["age_y"]).apply(table)
        names = [f"f{number}" for number in range(12)]
        learnt = fit_combat(table[names].to_numpy(), table["scanner"].to_numpy(), table[["age_y"]].to_numpy())
        expected = learnt.apply(
            table[names].to_numpy(), table["scanner"].to_numpy(), table[["age_y"]].to_numpy()
        )
        np.testing.assert_allclose(found[names].to_numpy(), expected)
        pd.testing.assert_series_equal(found["age_y"], table["age_y"])

    def test_drops_the_batch_unless_told_to_keep_it(self) -> None:
        table, known = simulated()
        assert "scanner" not in self.fit(table, known).apply(table)
        kept = self.fit(table, known, keep_batch=True).apply(table)
        assert list(kept.columns) == list(table.columns)

    def test_says_how_far_each_batch_was_moved(self) -> None:
        table, known = simulated()
        told = self.fit(table, known, reference="B", spare=["age_y"]).describe()
        assert told["features harmonised"] == 12
        assert (told["shift of B"], told["spread of B"]) == (0, 1)
        assert told["shift of A"] > 0.5

    def test_a_batch_given_as_a_number_is_told_by_it(self) -> None:
        table, known = simulated()
        coded = table.assign(scanner=table["scanner"].map({"A": 1.0, "B": 2.0, "C": 3.0}))
        fitted = self.fit(coded, known, reference="2")
        assert "shift of 3" in fitted.describe()

    def test_batches_with_long_numbers_stay_apart(self) -> None:
        """Serial numbers and dates: six digits alone made one batch of 20231101 and 20231102."""
        labels = labels_of(pd.Series([20231101.0, 20231102.0, 1234567, 1.5, True, "A", None]))
        assert labels.tolist() == ["20231101", "20231102", "1234567", "1.5", "1", "A", None]

    def test_an_unseen_scanner_is_refused_with_the_ways_out(self) -> None:
        table, known = simulated()
        new = table.assign(scanner="D")
        with pytest.raises(RunError, match=r"combat, batch 'scanner': batch 'D' was not there in training"):
            self.fit(table, known).apply(new)
        passed = self.fit(table, known, unseen="pass").apply(new)
        pd.testing.assert_frame_equal(passed, new.drop(columns="scanner"))
        assert not self.fit(table, known, unseen="estimate").apply(new)["f5"].equals(new["f5"])

    def test_a_scanner_of_one_training_case_counts_as_unseen(self) -> None:
        table, known = simulated()
        table.loc["C4", "scanner"] = "D"
        table.loc["C5", "scanner"] = None
        with pytest.raises(RunError, match="batch is missing at position 5"):
            self.fit(table, known)
        with pytest.raises(RunError, match="90 training cases: batch 'D' has 1 case"):
            self.fit(table.fillna({"scanner": "A"}), known)
        found = self.fit(table, known, unseen="pass", spare=["age_y"]).apply(table)
        for case in ("C4", "C5"):
            assert found.loc[[case]].equals(table.loc[[case]].drop(columns="scanner"))

    def test_a_covariate_that_the_scanner_determines_is_refused_by_name(self) -> None:
        table, known = simulated()
        table = table.assign(field_t=(table["scanner"] == "A") * 1.5 + 1.5)
        with pytest.raises(RunError, match=r"covariate 1 is determined.*covariates: 0 age_y, 1 field_t"):
            self.fit(table, known, covariates=["age_y", "field_t"])

    def test_covariates_may_be_categories_with_gaps(self) -> None:
        table, known = simulated()
        rng = np.random.default_rng(2)
        table = table.assign(sex=rng.choice(np.array(["f", "m"], dtype=object), N))
        table.loc["C3", "sex"] = None
        table.loc["C6", "age_y"] = np.nan
        fitted = self.fit(table, known, covariates=["age_y", "sex"])
        found = fitted.apply(table.assign(sex="never seen"))
        assert np.isfinite(found.loc[["C3", "C6"], "f5"]).all()

    def test_columns_that_are_not_there_are_named(self) -> None:
        table, known = simulated()
        with pytest.raises(RunError, match="combat needs the feature 'scaner'; did you mean 'scanner'"):
            Transform.parse({"kind": "combat", "batch": "scaner"}).fit(table, known, seed=0)
        with pytest.raises(RunError, match="covariate 'age_y' is missing in all 90"):
            self.fit(table.assign(age_y=np.nan), known, covariates=["age_y"])


class TestStable:
    def test_keeps_what_is_stable_and_never_a_repeat(self) -> None:
        table = repeated({"good": 0.9, "bad": 0.4, "fair": 0.8}).assign(age_y=1.0)
        known = simulated()[1]
        fitted = Transform.parse("stable").fit(table, known, seed=0)
        assert list(fitted.apply(table).columns) == ["good", "fair", "age_y"]
        assert fitted.describe()["features judged"] == 3
        assert fitted.describe()["features kept"] == 2

    def test_the_lower_limit_is_the_stricter_rule(self) -> None:
        table, known = repeated({"good": 0.95, "fair": 0.78}), simulated()[1]
        strict = Transform.parse({"kind": "stable", "lower_limit": True}).fit(table, known, seed=0)
        assert list(strict.apply(table).columns) == ["good"]

    def test_within_scanners_what_tells_only_these_apart_is_not_stable(self) -> None:
        """SIMULATED: two scanners far apart lend a feature that is noise an ICC of 0.9."""
        scanner = np.array(["A", "B"], dtype=object)[np.arange(N) % 2]
        table = repeated({"good": 0.9, "noise": 0.01})
        apart = table + 4.0 * (scanner == "B")[:, None]
        table = apart.assign(scanner=scanner)
        known = simulated()[1]
        assert "noise" in Transform.parse("stable").fit(table, known, seed=0).apply(table)
        within = Transform.parse({"kind": "stable", "within": "scanner"}).fit(table, known, seed=0)
        assert list(within.apply(table).columns) == ["good", "scanner"]
        with pytest.raises(RunError, match="stable needs the feature 'scaner'; did you mean 'scanner'"):
            Transform.parse({"kind": "stable", "within": "scaner"}).fit(table, known, seed=0)

    def test_new_patients_need_no_repeats(self) -> None:
        table, known = repeated({"good": 0.9, "bad": 0.4}), simulated()[1]
        fitted = Transform.parse("stable").fit(table, known, seed=0)
        assert list(fitted.apply(table[["good", "bad"]]).columns) == ["good"]

    def test_a_table_without_repeats_or_stability_is_refused(self) -> None:
        table, known = repeated({"bad": 0.2}), simulated()[1]
        with pytest.raises(
            RunError, match=r"none of 1 features reaches an ICC of 0.75 over 90 training cases"
        ):
            Transform.parse("stable").fit(table, known, seed=0)
        with pytest.raises(DataError, match="none of the 1 features has a repeat"):
            Transform.parse("stable").fit(table[["bad"]], known, seed=0)
        with pytest.raises(DataError, match="'bad@1' repeats a feature that is not there"):
            Transform.parse("stable").fit(table[["bad@1"]], known, seed=0)


class TestFeatureStability:
    def test_each_row_is_the_correlation_of_its_feature(self) -> None:
        table = repeated({"a": 0.9, "b": 0.5})
        table["c"], table["c@1"] = table["a"], table["a@1"]
        found = feature_stability(table).set_index("feature")
        assert list(found.index) == ["a", "b", "c"]
        for name, repeats in (("a", 4), ("b", 4), ("c", 1)):
            one = icc(table[[name, *(f"{name}@{k + 1}" for k in range(repeats))]].to_numpy(), form="1")
            assert [found.at[name, part] for part in ("icc", "low", "high")] == pytest.approx(
                [one.value, one.low, one.high]
            )
        assert found["n"].tolist() == [N, N, N]

    def test_within_batches_neither_location_nor_scale_of_a_batch_counts(self) -> None:
        table = repeated({"a": 0.8, "b": 0.5})
        batch = pd.Series([None, "lone", *(["x", "y"] * 44)], dtype=object)
        moved = table.mul(np.where(batch == "y", 5, 1), axis=0).add(np.where(batch == "y", 30, 0), axis=0)
        found = feature_stability(moved, batch=batch)
        pd.testing.assert_frame_equal(found, feature_stability(table, batch=batch))
        assert found["n"].tolist() == [88, 88]
        assert found["icc"].tolist() == pytest.approx([0.8, 0.5], abs=0.1)

    def test_a_case_with_a_gap_does_not_count_within_its_batch_either(self) -> None:
        table = repeated({"a": 0.8})
        batch = pd.Series(["x", "y"] * (N // 2))
        gap = table.copy()
        gap.iloc[7, 2] = np.nan
        rows = np.arange(N) != 7
        pd.testing.assert_frame_equal(
            feature_stability(gap, batch=batch), feature_stability(table[rows], batch=batch[rows])
        )

    def test_two_tables_of_test_and_retest_are_matched_by_case(self) -> None:
        table = repeated({"a": 0.9, "b": 0.5}, repeats=1)
        retest = pd.DataFrame({"b": table["b@1"], "a": table["a@1"]}).iloc[:-51:-1]
        found = feature_stability(table[["a", "b"]], retest, form="A,1").set_index("feature")
        pairs = table[["a", "a@1"]].iloc[:-51:-1].to_numpy()
        assert found.loc["a", "icc"] == pytest.approx(icc(pairs).value)
        assert found.loc["a", "n"] == 50
        with pytest.raises(DataError, match="share 0 features and 90 cases"):
            feature_stability(table[["a"]], table[["b"]])


class TestFilters:
    known = simulated()[1]

    def kept(self, table: pd.DataFrame, kind: str, **parameters: Any) -> list[str]:
        fitted = Transform.parse({"kind": kind, **parameters}).fit(table, self.known, seed=0)
        return list(fitted.apply(table).columns)

    def test_of_correlated_features_the_first_stays(self) -> None:
        rng = np.random.default_rng(1)
        x, y = rng.normal(size=(2, N))
        table = pd.DataFrame({"x": x, "-x": -np.exp(x), "near": x + 0.1 * y, "y": y, "flat": 1.0})
        assert self.kept(table, "uncorrelated") == ["x", "y", "flat"]
        assert self.kept(table[["near", "x", "y"]], "uncorrelated") == ["near", "y"]
        assert self.kept(table, "uncorrelated", spare=["near"]) == ["x", "near", "y", "flat"]

    def test_no_two_features_kept_are_correlated_beyond_the_limit(self) -> None:
        rng = np.random.default_rng(3)
        values = rng.normal(size=(N, 6)) @ rng.normal(size=(6, 60)) + 0.3 * rng.normal(size=(N, 60))
        table = pd.DataFrame(values, columns=[f"f{number}" for number in range(60)])
        kept = self.kept(table, "uncorrelated", above=0.7)
        found = np.abs(spearmanr(table[kept]).statistic) - np.eye(len(kept))
        assert found.max() <= 0.7
        for name in set(table.columns) - set(kept):
            before = [other for other in kept if int(other[1:]) < int(name[1:])]
            assert max(abs(spearmanr(table[name], table[other]).statistic) for other in before) > 0.7

    def test_what_hardly_varies_or_is_hardly_there_is_dropped(self) -> None:
        x = np.random.default_rng(1).normal(size=N)
        table = pd.DataFrame(
            {
                "x": x,
                "constant": 3.0,
                "rounding": 1e6 + 1e-6 * x,
                "almost": np.where(np.arange(N) < 3, x, 0.0),
                "half": np.where(np.arange(N) % 2, x, np.nan),
                "rare": np.where(np.arange(N) < 40, x, np.nan),
                "empty": np.nan,
            }
        )
        assert self.kept(table, "varying") == ["x", "half"]
        assert self.kept(table, "varying", missing=0.6, commonest=0.97) == ["x", "almost", "half", "rare"]

    def test_the_best_features_are_those_that_go_with_the_outcome(self) -> None:
        table, _ = simulated(features=30)
        kept = self.kept(table, "best", k=3)
        assert kept == ["f0", "f1", "f2", "scanner"]

    def test_complementary_features_are_preferred_to_copies(self) -> None:
        rng = np.random.default_rng(4)
        positive = self.known.positive
        x, y = (1.5 * positive + rng.normal(size=N), 0.9 * positive + rng.normal(size=N))
        table = pd.DataFrame({"x": x, "copy": x + 0.01 * rng.normal(size=N), "y": y})
        assert self.kept(table, "best", k=2) == ["x", "copy"]
        assert self.kept(table, "best", k=2, redundancy=1) == ["x", "y"]

    def test_halves_keep_participants_whole(self) -> None:
        """SIMULATED: each participant three times over, which must not make chance recur."""
        table, known = simulated(60, features=40)
        thrice = np.repeat(np.arange(60), 3)
        many = table.iloc[thrice].set_axis([f"R{row:03}" for row in range(180)])
        rows = known.table.iloc[thrice].set_axis(many.index)
        step = Transform.parse({"kind": "recurring", "q": 4, "pairs": 20})
        once = step.fit(table, known, seed=0)
        again = step.fit(many, replace(known, table=rows), seed=0)
        assert list(again.apply(table).columns) == list(once.apply(table).columns)

    def test_features_that_recur_are_those_that_go_with_the_outcome(self) -> None:
        table, known = simulated(150, features=200)
        fitted = Transform.parse({"kind": "recurring", "q": 8}).fit(table, known, seed=0)
        kept = list(fitted.apply(table).columns)
        assert len({"f0", "f1", "f2"} & set(kept)) >= 2
        assert fitted.describe()["false at most"] == pytest.approx(64 / (0.2 * 201))
        assert len(set(kept) - {"f0", "f1", "f2", "scanner"}) <= 1

    def test_in_noise_hardly_any_feature_recurs_and_one_stays(self) -> None:
        rng = np.random.default_rng(6)
        table = pd.DataFrame(rng.normal(size=(N, 300))).add_prefix("f").set_index(self.known.table.index)
        fitted = Transform.parse({"kind": "recurring", "q": 5, "share": 0.9}).fit(table, self.known, seed=0)
        assert fitted.describe()["features that recur"] == 0
        assert fitted.apply(table).shape == (N, 1)

    @pytest.mark.parametrize("outcome", ["continuous", "time"])
    def test_features_recur_for_quantities_and_times_too(self, outcome: str) -> None:
        rng = np.random.default_rng(7)
        values = rng.normal(size=(150, 50))
        index = pd.Index([f"C{number}" for number in range(150)], name="case_id")
        table = pd.DataFrame(values, index=index).add_prefix("f")
        risk = values[:, 4] + values[:, 9]
        known = {
            "continuous": reference_of(CONTINUOUS, value=risk + rng.normal(size=150)),
            "time": reference_of(TIMED, time_y=rng.exponential(np.exp(-risk)), status=np.arange(150) % 4 > 0),
        }[outcome]
        fitted = Transform.parse({"kind": "recurring", "q": 5}).fit(table, known, seed=0)
        assert {"f4", "f9"} <= set(fitted.apply(table).columns)

    def test_more_features_than_there_are_cannot_be_kept(self) -> None:
        table, _ = simulated(features=4)
        assert self.kept(table, "best", k=99) == list(table.columns)


class TestRelevance:
    def test_of_classes_is_the_mann_whitney_statistic(self) -> None:
        rng = np.random.default_rng(1)
        positive = np.arange(60) < 25
        x = np.round(rng.normal(0.4 * positive, 1), 1)
        found = relevance(x[:, None], reference_of(BINARY, positive=positive.astype(float)))
        p = mannwhitneyu(x[positive], x[~positive], use_continuity=False, method="asymptotic").pvalue
        assert found.z[0] == pytest.approx(-ndtri(p / 2), rel=1e-9)

    def test_of_a_quantity_is_spearmans_correlation(self) -> None:
        rng = np.random.default_rng(2)
        x, y = rng.normal(size=(2, 50))
        found = relevance(np.exp(x)[:, None], reference_of(CONTINUOUS, value=x + y))
        assert found.r[0] == pytest.approx(abs(spearmanr(x, x + y).statistic))

    def test_of_a_time_is_the_score_test_of_cox(self) -> None:
        """Without ties in time the score test of a two-level feature is the log-rank test."""
        rng = np.random.default_rng(3)
        group = np.arange(80) % 2
        time, status = rng.exponential(2 - group), rng.integers(0, 2, 80)
        found = relevance(group[:, None].astype(float), reference_of(TIMED, time_y=time, status=status))
        logrank_test = pytest.importorskip("lifelines.statistics").logrank_test
        chi2 = logrank_test(
            time[group == 0], time[group == 1], status[group == 0], status[group == 1]
        ).test_statistic
        assert found.z[0] ** 2 == pytest.approx(chi2, rel=1e-9)

    def test_of_a_time_is_a_correlation_below_one_at_best(self) -> None:
        rng = np.random.default_rng(6)
        time = np.arange(1.0, 101)
        x = np.column_stack([-time, rng.normal(size=100)])
        found = relevance(x, reference_of(TIMED, time_y=time, status=np.ones(100, dtype=int)))
        assert 0.9 < found.r[0] < 1
        assert found.r[1] == pytest.approx(found.z[1] / 10, rel=0.01)

    def test_of_a_time_ranks_features_as_cox_models_do(self) -> None:
        rng = np.random.default_rng(4)
        x = rng.normal(size=(300, 5))
        time = rng.exponential(np.exp(-x @ np.array([0.8, 0.5, 0.2, 0.0, -0.6])))
        known = reference_of(
            TIMED, time_y=np.round(time, 1) + 0.1, status=(rng.random(300) < 0.7).astype(int)
        )
        found = relevance(x, known)
        cox, walds = pytest.importorskip("lifelines").CoxPHFitter, []
        for column in range(5):
            frame = pd.DataFrame({"x": x[:, column], "t": known.time_y, "e": known.status})
            walds.append(abs(cox().fit(frame, "t", "e").summary["z"].iloc[0]))
        assert list(np.argsort(found.z)) == list(np.argsort(walds))
        assert found.z == pytest.approx(walds, rel=0.25, abs=0.4)

    @pytest.mark.parametrize("outcome", ["binary", "continuous", "time"])
    def test_a_missing_value_leaves_its_case_out_of_that_feature(self, outcome: str) -> None:
        rng = np.random.default_rng(5)
        x = rng.normal(size=(40, 2))
        x[[3, 9, 20], 1] = np.nan
        known = {
            "binary": reference_of(BINARY, positive=(np.arange(40) % 2).astype(float)),
            "continuous": reference_of(CONTINUOUS, value=rng.normal(size=40)),
            "time": reference_of(TIMED, time_y=rng.exponential(size=40), status=np.arange(40) % 2),
        }[outcome]
        rows = np.flatnonzero(~np.isnan(x[:, 1]))
        assert relevance(x, known).z[1] == pytest.approx(relevance(x[rows, 1:], known.take(rows)).z[0])

    def test_a_constant_feature_has_none(self) -> None:
        for known in (simulated()[1], reference_of(TIMED, time_y=np.arange(1.0, N + 1), status=np.ones(N))):
            assert relevance(np.ones((N, 1)), known).z[0] == 0


def test_a_parameter_out_of_range_is_refused() -> None:
    for wrong in ({"kind": "stable", "icc": 1.2}, {"kind": "best", "k": 0}, {"kind": "combat"}):
        with pytest.raises(ProtocolError):
            Transform.parse(wrong)
