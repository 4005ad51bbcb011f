"""Whether the site can be told, before and after, and the picture of it. SIMULATED sites."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from hepar.core.errors import DataError, ProtocolError
from hepar.data.outcome import Binary
from hepar.data.reference import Reference
from hepar.report.harmonisation import harmonisation_figure
from hepar.report.svg import render, style
from hepar.stats.discrimination import auc
from hepar.transforms.base import Transform
from hepar.transforms.predictability import site_predictability
from hepar.transforms.projection import project


def simulated(
    n: int = 150, *, sites: int = 3, shift: float = 1.0, seed: int = 0
) -> tuple[pd.DataFrame, Reference]:
    """SIMULATED: sites that shift twenty features, none in the outcome."""
    rng = np.random.default_rng(seed)
    site = np.arange(n) % sites
    values = rng.normal(0, 1, (n, 20)) + shift * rng.normal(0, 1, (sites, 20))[site]
    index = pd.Index([f"C{number}" for number in range(n)], name="case_id")
    table = pd.DataFrame(values, index=index, columns=[f"f{number}" for number in range(20)])
    identity = {"participant_id": index, "site": "S", "unit": "case", "positive": (site > 0).astype(float)}
    known = Reference(Binary(label="x", field="x", at_least=1), pd.DataFrame(identity, index=index))
    return table.assign(
        site=np.array(["A", "B", "C", "D", "E", "F", "G", "H", "I"], dtype=object)[site]
    ), known


def test_sites_that_shift_features_are_told_and_after_combat_hardly() -> None:
    table, known = simulated()
    combat = Transform.parse({"kind": "combat", "batch": "site"})
    before = site_predictability(table, table["site"].to_numpy(), seed=0)
    after = site_predictability(table, table["site"].to_numpy(), seed=0, step=combat, reference=known)
    assert before.low > 0.95
    assert after.value < 0.7
    assert before.n == 150
    assert "3 sites" in before.method


def test_sites_that_do_nothing_are_not_told() -> None:
    found = [
        site_predictability(table, table["site"].to_numpy(), seed=seed, draws=20).value
        for seed in range(10)
        for table, _ in [simulated(shift=0, seed=seed)]
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_with_two_sites_it_is_the_auc_of_one_against_the_other() -> None:
    table, _ = simulated(100, sites=2, shift=0.15)
    found = site_predictability(table, table["site"].to_numpy(), seed=1)
    flipped = site_predictability(table, table["site"].map({"A": "B", "B": "A"}).to_numpy(), seed=1)
    assert found.value == pytest.approx(flipped.value, abs=1e-6)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(4 * auc(np.arange(100) % 2, np.arange(100.0)).se, rel=0.4)


def test_missing_values_and_empty_columns_do_no_harm() -> None:
    table, _ = simulated()
    table.iloc[::7, 0] = np.nan
    table = table.assign(empty=np.nan)
    assert site_predictability(table, table["site"].to_numpy(), seed=0).low > 0.9


def test_small_sites_are_left_out_and_one_site_is_refused() -> None:
    table, _ = simulated(62)
    site = table["site"].to_numpy().copy()
    site[:4] = "Z"
    assert site_predictability(table, site, seed=0).n == 58
    with pytest.raises(DataError, match="1 sites have 5 participants or more, of 2; two are needed"):
        site_predictability(table, np.array(["A"] * 58 + ["Z"] * 4), seed=0)


def test_a_site_is_not_known_by_a_participant_s_other_cases() -> None:
    """SIMULATED: features know participants, not sites; four cases each would tell the site in folds of cases."""
    table, known = simulated(60, sites=2, shift=0.0)
    often = np.repeat(np.arange(60), 4)
    many = table.iloc[often].set_axis([f"R{row}" for row in range(240)])
    rows = known.table.iloc[often].set_axis(many.index)
    site = many["site"].to_numpy()
    alone = site_predictability(many, site, seed=0, draws=200)
    whole = site_predictability(many, site, seed=0, reference=replace(known, table=rows), draws=200)
    once = site_predictability(table, table["site"].to_numpy(), seed=0, draws=200)
    assert alone.low > 0.6
    assert whole.low < 0.5 < whole.high
    assert whole.high - whole.low > 0.8 * (once.high - once.low)


def test_a_step_needs_the_reference_it_learns_from() -> None:
    table, _ = simulated()
    combat = Transform.parse({"kind": "combat", "batch": "site"})
    with pytest.raises(ProtocolError, match="after 'combat' needs the cases' reference"):
        site_predictability(table, table["site"].to_numpy(), seed=0, step=combat)


class TestFigure:
    table, known = simulated()
    after = Transform.parse({"kind": "combat", "batch": "site"}).fit(table, known, seed=0).apply(table)

    def means(self, axes: Any) -> np.ndarray:
        """Centres of the batches: the markers of one point each."""
        return np.array([line.get_xydata()[0] for line in axes.lines if line.get_xydata().shape == (1, 2)])

    def test_shows_the_batches_apart_before_and_together_after(self) -> None:
        figure = harmonisation_figure(project(self.table, self.after), self.table["site"].to_numpy())
        before, after = (self.means(axes).std(axis=0).sum() for axes in figure.axes)
        assert after < 0.1 * before
        assert [axes.get_title() for axes in figure.axes] == ["Before", "After"]
        assert not pyplot.get_fignums()

    def test_prints_the_predictability_above_each_panel(self) -> None:
        one = site_predictability(self.table, self.table["site"].to_numpy(), seed=0, draws=50)
        figure = harmonisation_figure(
            project(self.table, self.after),
            self.table["site"].to_numpy(),
            predictability=(one, one),
            batch_name="scanner",
        )
        assert figure.axes[0].get_title().startswith("Before\nAUC of predicting scanner 1.000 (")
        with style():
            assert "AUC of predicting scanner" in render(figure, key="h", label="Harmonisation")

    def test_draws_more_batches_than_there_are_colours(self) -> None:
        table, _ = simulated(90, sites=9)
        figure = harmonisation_figure(project(table, table), table["site"].to_numpy())
        handles, names = figure.axes[0].get_legend_handles_labels()
        assert names == list("ABCDEFGHI")
        lines: Any = handles
        looks = {(line.get_color(), line.get_marker()) for line in lines}
        assert len(looks) == 9

    def test_tables_that_do_not_match_are_refused(self) -> None:
        with pytest.raises(DataError, match="before has 150 cases, after 10"):
            project(self.table, self.after.iloc[:10])
        with pytest.raises(DataError, match="with 1 varying features in common"):
            project(self.table, self.after[["f0"]])
