"""The sections on steps and on harmonisation: their tables hold what the run told, in words that do not promise too much."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import batch_study
import report_fixtures
from hepar.report.batches import CAUTION, harmonisation_section
from hepar.report.blocks import Block, Figure, Section, Table, Text
from hepar.report.document import render
from hepar.report.sections import arm_sections
from hepar.report.steps import over_parts, steps_section, terms_of_steps
from hepar.study.protocol import read_protocol
from hepar.study.result import ArmResult, Result
from hepar.study.run import run
from hepar.study.steps import Steps


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    study, place = read_protocol(batch_study.write(tmp_path_factory.mktemp("report")))
    return run(study, place)


@pytest.fixture
def arm(result: Result) -> ArmResult:
    return result.arms["main"]


def with_model(folder: Path, model: Any) -> ArmResult:
    study, place = read_protocol(batch_study.write(folder, batch_study.protocol(model)))
    return run(study, place).arms["main"]


def tables(of: Section) -> list[Table]:
    return [block for block in of.blocks if isinstance(block, Table)]


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Text)]


def body(of: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in of.body]


def unseen(arm: ArmResult) -> Text:
    last = harmonisation_section("main", arm).blocks[-1]
    assert isinstance(last, Text)
    return last


class TestSteps:
    def test_the_smallest_z_of_the_best_is_called_no_test(self, arm: ArmResult) -> None:
        notes = " ".join(tables(steps_section("main", arm))[0].notes)
        assert "chosen as the best of many on the same cases, hence no test of a feature" in notes

    def test_a_model_without_steps_has_no_section(self) -> None:
        plain = report_fixtures.result().arms["main"]
        assert not steps_section("main", plain)
        assert not harmonisation_section("main", plain)
        assert not terms_of_steps(plain).any()

    def test_every_step_stands_with_its_settings_and_the_features_before_and_after(
        self, arm: ArmResult
    ) -> None:
        rows = body(tables(steps_section("main", arm))[0])
        assert [row[0] for row in rows] == ["varying", "combat", "best"]
        assert [row[2:4] for row in rows] == [["14", "14"], ["14", "13"], ["13", "4"]]
        assert rows[0][1] == "commonest: 0.95, missing: 0.5"
        assert "batch: scanner, parametric: yes, mean_only: no, unseen: pass" in rows[1][1]
        assert "features harmonised 12" in rows[1][4]
        assert "shift of" not in rows[1][4]
        assert re.fullmatch(r"smallest z kept \d\.\d+ \(\d\.\d+ to \d\.\d+\)", rows[2][4])

    def test_a_setting_that_is_tuned_is_called_so(self, tmp_path: Path) -> None:
        tuned = {"kind": "tuned", "model": batch_study.piped(), "grid": {"best.k": [1, 3]}, "folds": 2}
        rows = body(tables(steps_section("main", with_model(tmp_path, tuned)))[0])
        assert rows[2][:2] == ["best", "k: tuned, redundancy: 0"]

    def test_features_are_ranked_by_the_parts_that_chose_them_and_spared_ones_named(
        self, arm: ArmResult
    ) -> None:
        chosen = tables(steps_section("main", arm))[1]
        often = arm.steps.selected["feature"].value_counts().drop("age_y")
        shown = {name: int(n.split(" ")[0]) for name, n in body(chosen)}
        assert shown == often.to_dict()
        assert list(shown.values()) == sorted(shown.values(), reverse=True)
        assert body(chosen)[0][1] == "4 (100.0%)"
        assert chosen.notes == ("Spared by every step, hence always there: Age.",)

    def test_how_many_are_chosen_in_every_part_is_said(self, arm: ArmResult) -> None:
        said = " ".join(texts(steps_section("main", arm).blocks))
        every = int((arm.steps.selected["feature"].value_counts().drop("age_y") == 4).sum())
        assert f"{every} features of Harmonised reach the model in every part" in said

    def test_long_lists_of_features_end_in_a_count(self, arm: ArmResult) -> None:
        many = pd.DataFrame({"test": "radiomics", "fold": "part 1", "feature": [f"g{k}" for k in range(45)]})
        steps = Steps(arm.steps.counts, many, arm.steps.unseen)
        chosen = tables(steps_section("main", replace(arm, steps=steps)))[1]
        assert len(chosen.body) == 30
        assert chosen.notes[0] == "Not shown: 15 features chosen as often or less."

    def test_where_nothing_chooses_no_feature_is_listed(self, tmp_path: Path) -> None:
        steps = [{"kind": "combat", "batch": "scanner", "unseen": "pass"}]
        section = steps_section("main", with_model(tmp_path, batch_study.piped(steps=steps)))
        assert len(tables(section)) == 1

    def test_what_steps_say_is_no_term_of_the_model(self, result: Result, arm: ArmResult) -> None:
        said = arm.models[terms_of_steps(arm)]["term"]
        assert {"best: features kept", "combat: shift of Alpha"} <= set(said)
        page = arm_sections("main", arm, rows=result.estimates, study=result.study)
        (models,) = [part for part in page.parts if part.anchor == "main-models"]
        shown = {row[0] for one in tables(models) for row in body(one)}
        assert {"f0", "f1", "age_y"} <= shown
        assert not any(":" in name for name in shown)

    def test_numbers_over_parts_show_a_range_only_where_they_differ(self) -> None:
        assert over_parts([-0.5, -0.25]) == "−0.375 (−0.5 to −0.25)"


class TestHarmonisation:
    def test_the_caution_comes_first(self, arm: ArmResult) -> None:
        assert harmonisation_section("main", arm).blocks[0] == Text(CAUTION, "caution")
        assert "not that the model transports" in CAUTION
        assert "may remove disease" in CAUTION

    def test_the_aucs_before_and_after_stand_in_a_table_and_in_the_figure(self, arm: ArmResult) -> None:
        section = harmonisation_section("main", arm)
        first = tables(section)[0]
        assert arm.harmonised[0].predictability is not None
        for row, auc in zip(body(first), arm.harmonised[0].predictability, strict=True):
            assert row[1].startswith(f"{auc.value:.3f} (")
            assert row[2] == "117"
        (figure,) = [block for block in section.blocks if isinstance(block, Figure)]
        assert f"AUC of predicting Scanner {body(first)[1][1]}" in figure.svg

    def test_no_case_is_named(self, result: Result, arm: ArmResult) -> None:
        page = render(result, estimates=result.estimates)
        assert "Harmonisation" in page
        assert not any(case in page for case in arm.prepared.reference.table.index)

    def test_the_same_result_gives_the_same_page(self, arm: ArmResult) -> None:
        assert harmonisation_section("main", arm) == harmonisation_section("main", arm)

    def test_cases_that_are_not_judged_are_counted(self, arm: ArmResult) -> None:
        said = " ".join(texts(harmonisation_section("main", arm).blocks))
        assert "among 117 cases" in said
        assert "3 cases of a batch with fewer than 5 cases, or of an unknown one, are left out here" in said

    def test_each_batch_stands_with_its_outcome_shift_and_spread(self, arm: ArmResult) -> None:
        by_batch = tables(harmonisation_section("main", arm))[1]
        assert by_batch.head == ("Scanner", "Cases", "With the outcome", "Shift", "Spread")
        rows = {row[0]: row[1:] for row in body(by_batch)}
        clinical = arm.prepared.clinical
        for name, (n, diseased, shift, _) in rows.items():
            mine = clinical[clinical["scanner"] == name]
            assert n == f"{len(mine)}"
            assert diseased.startswith(f"{int(mine['disease'].sum())} (")
            said = arm.models[arm.models["term"] == f"combat: shift of {name}"]["value"]
            assert shift == over_parts(said)
        assert "1 case of an unknown batch." in by_batch.notes

    def test_cases_of_an_unseen_batch_that_passed_are_told_of(self, arm: ArmResult) -> None:
        told = unseen(arm)
        assert told.tone == "caution"
        assert "3 of the 120 held-out cases are of a batch (Scanner)" in told.text
        assert "(Rare: 2, (missing): 1)" in told.text
        assert "for them nothing was harmonised" in told.text

    def test_that_there_were_none_is_told_too(self, arm: ArmResult) -> None:
        none = Steps(arm.steps.counts, arm.steps.selected)
        passed = replace(arm, steps=none)
        refused = replace(passed, harmonised=(replace(arm.harmonised[0], unseen="refuse"),))
        assert unseen(passed).text.endswith("whose effect their training part had not learnt.")
        assert "none of the 120 held-out cases" in unseen(passed).text
        assert unseen(refused).text.endswith("One would have stopped the run (unseen: refuse).")

    def test_an_estimated_effect_says_that_predictions_depend_on_each_other(self, arm: ArmResult) -> None:
        estimated = replace(arm, harmonised=(replace(arm.harmonised[0], unseen="estimate"),))
        assert "depends on the others of its batch" in unseen(estimated).text

    def test_what_could_not_be_judged_says_why(self, arm: ArmResult) -> None:
        none = replace(arm.harmonised[0], predictability=None, places=None, trouble="1 sites have 5 cases")
        section = harmonisation_section("main", replace(arm, harmonised=(none,)))
        assert not any(isinstance(block, Figure) for block in section.blocks)
        assert "could not be judged: 1 sites have 5 cases." in " ".join(texts(section.blocks))
        assert len(tables(section)) == 1
