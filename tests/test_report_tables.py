"""Tables of estimates say every number once, whole, and beside what it must be read with."""

from typing import Any

import pandas as pd

from hepar.analyses.base import Findings, row
from hepar.report.blocks import Table
from hepar.report.names import group_name
from hepar.report.tables import estimate_tables, shown
from hepar.stats.estimate import Estimate

NAN = float("nan")
MODEL: dict[str, Any] = {"test": "model", "role": "cross-validated"}
OTHER: dict[str, Any] = {"test": "other", "role": "cross-validated"}


def one(value: float, *, n: int = 100, events: int = 40, method: str = "made up", p: float = NAN) -> Estimate:
    return Estimate(value, value - 0.1, value + 0.1, n, method, p=p, events=events)


def tables(*rows: dict[str, Any]) -> list[Table]:
    return estimate_tables(Findings.of(rows).rows, labels={"model": "Model"}, caption="A")


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in line] for line in table.body]


def accuracy(quantity: str, estimate: Estimate, group: str = "cut-off=≥ 1.45: advanced") -> dict[str, Any]:
    return row(estimate, analysis="accuracy", quantity=quantity, group=group, threshold=1.45, **MODEL)


def test_a_share_is_printed_with_its_numerator_and_denominator() -> None:
    (table,) = tables(accuracy("sensitivity", one(273 / 299, n=299, events=273)))
    assert "0.913, 273/299\n(0.813 to 1.013)" in cells(table)[0]
    assert any("a of the b cases" in note for note in table.notes)


def test_a_share_whose_events_are_no_numerator_is_printed_without() -> None:
    assert "/" not in shown(pd.Series(accuracy("sensitivity", one(0.7, n=299, events=273))))


def test_accuracy_fits_in_two_tables_and_repeats_no_threshold() -> None:
    shares = [
        accuracy(q, one(0.5, n=2, events=1)) for q in ("sensitivity", "specificity", "ppv", "npv", "accuracy")
    ]
    ratios = [accuracy(q, one(2.0)) for q in ("lr+", "lr-")]
    counts = [
        accuracy(q, Estimate(31.0, NAN, NAN, 100, "count", events=40)) for q in ("tp", "fp", "fn", "tn")
    ]
    first, second = tables(*shares, *ratios, *counts)
    assert first.head[:2] == ("Test", "Cut-off")
    assert "Threshold" not in first.head + second.head
    assert cells(first)[0][1] == "≥ 1.45: advanced"
    assert second.head[-6:] == ("TP", "FP", "FN", "TN", "n", "Events")
    assert cells(second)[0][-6:] == ["31", "31", "31", "31", "100", "40"]


def test_a_threshold_that_no_group_says_keeps_its_column() -> None:
    (table,) = tables(accuracy("sensitivity", one(0.7), group="cut-off=advanced"))
    assert "Threshold" in table.head
    (table,) = tables(accuracy("sensitivity", one(0.7), group="cut-off=> 2.67: advanced"))
    assert "Threshold" in table.head


def test_counts_are_whole_numbers() -> None:
    place = {"analysis": "sample_size", **MODEL}
    needed = Estimate(1201.0, NAN, NAN, 497, "Riley")
    for quantity in ("minimum n", "minimum n, shrinkage", "minimum events", "available n"):
        assert shown(pd.Series(row(needed, quantity=quantity, **place))) == "1201"
    a_parameter = row(
        Estimate(38.26, NAN, NAN, 497, "Riley"), quantity="minimum events per parameter", **place
    )
    assert shown(pd.Series(a_parameter)) == "38.26"


def test_the_estimate_within_folds_stands_beside_the_pooled_one_with_the_sizes_of_the_pooled() -> None:
    place = {"analysis": "discrimination"}
    (table,) = tables(
        row(one(0.8), quantity="auc", **place, **MODEL),
        row(one(0.6), quantity="auc", **place, **OTHER),
        row(one(0.7), quantity="odd", **place, **MODEL),
        row(one(0.7), quantity="odd", **place, **OTHER),
        row(one(0.75, n=90, events=30), quantity="auc, within folds", **place, **MODEL),
    )
    assert table.head[1:3] == ("AUC (95% CI)", "AUC, within folds (95% CI)")
    assert cells(table)[0][:3] == ["Model", "0.800 (0.700 to 0.900)", "0.750 (0.650 to 0.850)"]
    assert cells(table)[0][-2:] == ["100", "40"]
    assert cells(table)[1][2] == ""


def test_an_estimate_within_folds_without_a_pooled_one_is_shown_too() -> None:
    (table,) = tables(row(one(0.75), analysis="discrimination", quantity="auc, within folds", **MODEL))
    assert cells(table)[0][1] == "0.750 (0.650 to 0.850)"


def test_heterogeneity_shows_its_adjusted_p_beside_its_own() -> None:
    place = {"analysis": "subgroups", "group": "Sex", **MODEL}
    (table,) = tables(
        row(one(3.0, p=0.04), quantity="heterogeneity", **place),
        row(one(3.0, p=0.12), quantity="heterogeneity, Holm", **place),
    )
    assert table.head[-4:-2] == ("p", "p, Holm")
    assert cells(table)[0][-4:-2] == ["0.040", "0.12"]


def test_a_risk_group_is_called_as_in_the_estimates_file() -> None:
    assert group_name("risk_group=0") == "risk group 0"
    assert group_name("risk group=2") == "risk group 2"
