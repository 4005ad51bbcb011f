"""The section on what drives the predictions: its figures and tables hold what the run told, and it says how."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import report_fixtures as made
from hepar.report.attributions import stacked
from hepar.report.blocks import Figure, Section, Table, Text
from hepar.report.document import render, write_report
from hepar.report.explanation import CAUTION, explained, explanation_section, levels
from hepar.study.explanation import COLUMNS
from hepar.study.result import ArmResult, Result

EXPLAINED = {**made.INDEX, "explain": {"cases": 10, "draws": 3, "groups": {"person": ""}}}
SURVIVAL = {
    "kind": "time_to_event", "label": "death", "time": "followed_y", "event": {"field": "event", "value": True}, "horizons_y": [3],
}  # fmt: skip


def told(arm: ArmResult, *, error: float = 0.0) -> pd.DataFrame:
    """SIMULATED Shapley values: age pulls up with age, sex by its level; the second part does not use sex."""
    clinical = arm.prepared.clinical.iloc[:20]
    rows = []
    for at, (case, record) in enumerate(clinical.iterrows()):
        part = "part 1" if at < 10 else "part 2"
        same = {"test": "model", "role": "cross-validated", "fold": part, "case_id": case, "base": 0.1}
        age = {
            "level": "feature",
            "feature": "age_y",
            "value": record["age_y"],
            "shapley": (record["age_y"] - 50) / 10,
            "error": error,
        }
        sex = {
            "level": "feature",
            "feature": "sex",
            "value": record["sex"],
            "shapley": 0.2 if record["sex"] == "male" else -0.1,
        }
        rows.append({**same, **age})
        if part == "part 1":
            rows.append({**same, **sex, "error": 0.0})
        both = {"level": "group", "feature": "person", "value": None, "shapley": age["shapley"], "error": 0.0}
        rows.append({**same, **both})
    return pd.DataFrame(rows)[list(COLUMNS)]


def result(*, error: float = 0.0, outcome: dict[str, Any] | None = None) -> Result:
    base = made.study_of(outcome, model="cox") if outcome else made.study()
    document = base.model_dump(mode="json", by_alias=True)
    document["arms"]["main"]["index_tests"]["model"]["explain"] = EXPLAINED["explain"]
    given = made.result(made.study(**{"arms": document["arms"]}))
    arm = given.arms["main"]
    return replace(given, arms={"main": replace(arm, explanations=told(arm, error=error))})


def section(**how: Any) -> Section:
    return explanation_section("main", result(**how).arms["main"])


def tables(of: Section) -> list[Table]:
    return [block for block in of.blocks if isinstance(block, Table)]


def test_without_explanations_there_is_no_section() -> None:
    assert not explanation_section("main", made.result().arms["main"])


def test_the_caution_comes_first_and_the_method_is_stated() -> None:
    first, method, *_ = (block for block in section().blocks if isinstance(block, Text))
    assert first == Text(CAUTION, "caution")
    for said in (
        "20 held-out cases",
        "at most 10 of each part",
        "at most 30 training cases",
        "drawn by seed",
        "Shapley 1953",
    ):
        assert said in method.text
    assert "without Monte-Carlo error" in method.text


def test_a_time_to_event_is_explained_by_its_first_horizon() -> None:
    timed, plain = (
        " ".join(block.text for block in one.blocks if isinstance(block, Text))
        for one in (section(outcome=SURVIVAL), section())
    )
    assert "The score is that by 3 years, log(−log(1 − risk)), which ranks the cases." in timed
    assert "by 3 years" not in plain


def test_a_monte_carlo_error_is_stated() -> None:
    _, method, *_ = (block for block in section(error=0.0123).blocks if isinstance(block, Text))
    assert "3 for each case and background case" in method.text
    assert "standard error of a value is 0.0123" in method.text


def test_a_feature_that_a_part_does_not_use_counts_as_nothing_there() -> None:
    arm = result().arms["main"]
    rows = arm.explanations[arm.explanations["level"] == "feature"]
    found = explained(rows)
    assert (found.values.loc[found.part == "part 2", "sex"] == 0).all()
    ages = rows[rows["feature"] == "age_y"]["shapley"].abs()
    assert found.size["age_y"] == pytest.approx(ages.mean())
    assert found.by_part.loc["part 2", "sex"] == 0
    assert found.by_part.loc["part 1", "age_y"] == pytest.approx(ages.iloc[:10].mean())


def test_the_table_tells_size_share_and_direction() -> None:
    (drives, groups) = tables(section())
    first, second = ([cell.text for cell in line] for line in drives.body)
    assert first[0] == "Age"
    assert first[4] == "ρ +1.00"
    assert second[0] == "Sex"
    assert "female −0.100" in second[4]
    assert "male 0.200" in second[4]
    assert float(first[3].rstrip("%")) + float(second[3].rstrip("%")) == pytest.approx(100, abs=0.11)
    assert groups.body[0][0].text == "person"


def test_two_figures_show_the_same_features_and_no_case() -> None:
    drawn = [block for block in section().blocks if isinstance(block, Figure)]
    assert len(drawn) == 2
    for figure in drawn:
        assert ">Age<" in figure.svg
        assert ">Sex<" in figure.svg
        assert "secret" not in figure.svg


def test_a_prognosis_tells_what_sets_its_risk_groups_apart() -> None:
    given = result(outcome=SURVIVAL)
    arm = given.arms["main"]
    table = arm.predictions.table.assign(risk_group=np.arange(len(arm.predictions.table)) % 2)
    arm = replace(arm, predictions=replace(arm.predictions, table=table))
    groups = tables(explanation_section("main", arm))[-1]
    assert groups.head == ("Feature", "Group 0 (n = 10)", "Group 1 (n = 10)")
    assert len(groups.body) == 2


def test_the_page_holds_the_section_and_the_folder_its_numbers(tmp_path: Path) -> None:
    given = result()
    page = render(given, estimates=given.estimates)
    assert "What drives the predictions" in page
    assert "secret-case" not in page
    write_report(given, tmp_path)
    kept = pd.read_csv(tmp_path / "explanations.csv")
    assert list(kept.columns) == [*COLUMNS, "arm"]
    assert len(kept) == len(given.explanations)
    write_report(made.result(), tmp_path)
    assert not (tmp_path / "explanations.csv").exists()


def test_the_colour_is_the_rank_among_distinct_values() -> None:
    assert levels(pd.Series([3.0, 1.0, 1.0, 2.0, None])).tolist()[:4] == [1.0, 0.0, 0.0, 0.5]
    assert np.isnan(levels(pd.Series(["a", "b"]))).all()
    assert levels(pd.Series([2.0, 2.0])).tolist() == [0.5, 0.5]


def test_points_stay_within_their_strip_and_no_two_of_a_bin_coincide() -> None:
    values = np.random.default_rng(0).normal(size=150).round(1)
    offset = stacked(values, (float(values.min()), float(values.max())))
    assert np.max(np.abs(offset)) < 0.4 + 1e-12
    assert len({(v, o) for v, o in zip(values, offset, strict=True)}) == 150
    assert stacked(np.zeros(3), (0.0, 0.0)).tolist() == pytest.approx([0.0, -0.1, 0.1])
