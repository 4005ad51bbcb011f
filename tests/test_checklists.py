"""Checklists are filled from what is there, and gaps are marked and counted."""

import json
from importlib.resources import files

import pytest

import report_fixtures as made
from hepar.report.blocks import Table
from hepar.report.checklists import checklists, section
from hepar.report.scores import Checklist, Item


def items(**changes: object) -> dict[str, Item]:
    filled = checklists(made.result(made.study(**changes)))
    return {f"{one.name.split()[0]} {item.number}": item for one in filled for item in one.items}


def test_the_bundled_lists_hold_every_item_once() -> None:
    published = json.loads(
        (files("hepar.report") / "templates" / "checklists.json").read_text(encoding="utf-8")
    )
    for one in published.values():
        numbers = [item["id"] for item in one["items"]]
        assert len(numbers) == len(set(numbers))
    assert [len(one["items"]) for one in published.values()] == [52, 48, 44, 30, 58, 16, 101]


@pytest.fixture(scope="module")
def filled() -> tuple[Checklist, ...]:
    return checklists(made.result())


def test_gaps_are_marked_and_counted_on_the_page(filled: tuple[Checklist, ...]) -> None:
    for one, part in zip(filled, section(filled).parts, strict=True):
        cells = [
            cell for block in part.blocks if isinstance(block, Table) for line in block.body for cell in line
        ]
        marked = sum(cell.text.startswith("GAP: ") for cell in cells)
        assert marked == one.gaps > 0
        assert one.gaps == sum(item.answer is None for item in one.items)


def test_a_statement_answers_the_same_question_in_every_list() -> None:
    assert items()["TRIPOD+AI 18a"].answer is None
    found = items(statements={"admin.funding": "A grant."})
    for number in ("TRIPOD+AI 18a", "STARD-AI 38"):
        answer = found[number].answer
        assert answer is not None
        assert "A grant." in answer.text


def test_an_analysis_that_was_not_run_or_not_defined_answers_nothing() -> None:
    found = items()
    assert found["TRIPOD+AI 10"].answer is None  # no sample size was made
    assert found["STARD-AI 21"].answer is None  # no subgroup was analysed
    assert found["TRIPOD+AI 23a"].answer is not None


def test_an_unregistered_study_is_a_gap() -> None:
    assert items()["TRIPOD+AI 18d"].answer is None
    answer = items(registration="NCT00000000")["TRIPOD+AI 18d"].answer
    assert answer is not None
    assert "NCT00000000" in answer.text


def test_the_flow_is_answered_with_its_numbers_and_place() -> None:
    answer = items()["TRIPOD+AI 20a"].answer
    assert answer is not None
    assert f"{made.CASES} assessed" in answer.text
    assert answer.anchor == "main-flow"


def test_one_site_answers_nothing_about_heterogeneity() -> None:
    assert items()["TRIPOD+AI 12d"].answer is not None
    unpooled = [one for one in made.estimates() if "pooled" not in one["quantity"]]
    (tripod, _) = checklists(made.result(rows=unpooled))
    assert [item.answer for item in tripod.items if item.number == "12d"] == [None]


LOCKED = "locked 2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("lock", "deviations", "text"),
    [
        ("not locked before this run", (), "not locked before this run"),
        (LOCKED, ("git commit is new",), "deviates from the locked protocol"),
        (LOCKED, (), "Pre-specified"),
    ],
)
def test_only_a_run_held_to_its_lock_answers_pre_specified(
    lock: str, deviations: tuple[str, ...], text: str
) -> None:
    (_, stard) = checklists(made.changed(made.result(), lock=lock, deviations=deviations))
    answers = {item.number: item.answer for item in stard.items}
    for number in ("15c", "30"):
        answer = answers[number]
        assert answer is not None
        assert text in answer.text
        assert ("Pre-specified" in answer.text) == (text == "Pre-specified")


def test_the_plan_lists_analyses_that_gave_curves_only() -> None:
    answer = items()["TRIPOD+AI 12e"].answer
    assert answer is not None
    assert "clinical utility (decision curves)" in answer.text
