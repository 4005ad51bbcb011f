"""The participant flow adds up, and is drawn whole."""

import re
from dataclasses import replace
from html import unescape

import report_fixtures as made
from hepar.data.cohort import Failure, Step
from hepar.report.flow import draw, flow


def test_the_numbers_add_up_from_assessed_to_outcome() -> None:
    numbers = flow(made.result().arms["main"])
    assert numbers.assessed == made.CASES
    assert numbers.assessed - sum(len(step.excluded) for step in numbers.steps) == numbers.included
    assert sum(n for _, n in numbers.outcome) == numbers.included
    for test in numbers.tests:
        assert test.available + test.missing == numbers.included
        assert sum(n for _, n in test.outcome) == test.available


def test_each_step_enters_what_the_last_one_left() -> None:
    steps = flow(made.result().arms["main"]).steps
    assert [s.entered for s in steps[1:]] == [s.remained for s in steps[:-1]]


def test_every_exclusion_is_drawn_with_its_reason_and_count() -> None:
    numbers = flow(made.result().arms["main"])
    svg = draw(numbers, key="k")
    assert "not met: Adult" in svg
    for step in numbers.steps:
        assert f"Excluded: {len(step.excluded)} case" in svg
    assert f"Included: {numbers.included} cases" in svg


def test_a_test_that_lacks_results_shows_how_many() -> None:
    result = made.result()
    table = result.arms["main"].predictions.table
    lost = (table["test"] == "field") & table["score"].isna()
    assert lost.sum() == 4


def test_long_reasons_are_wrapped_within_their_box() -> None:
    study = made.study()
    arm = study.arms["main"]
    long = arm.eligibility[0].model_copy(update={"name": "A very long reason " * 12})
    changed = study.model_copy(update={"arms": {"main": arm.model_copy(update={"eligibility": (long,)})}})
    svg = draw(flow(made.result(changed).arms["main"]), key="k")
    lines = [unescape(line) for line in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
    assert max(len(line) for line in lines) <= 42


def test_names_are_escaped() -> None:
    assert "<model>" not in draw(flow(made.result().arms["main"]), key="k")


def test_failures_are_drawn_the_commonest_first_and_no_longer_than_a_box_allows() -> None:
    reasons = ["rare", *["slices are missing " * 20] * 3, *["empty region"] * 2, "odd", "unreadable"]
    failures = tuple(Failure(f"secret-{k}", f"secret-{k}: {why}", why) for k, why in enumerate(reasons))
    step = Step("features could not be extracted: A", 50, tuple(f.case_id for f in failures), 0, failures)
    numbers = replace(flow(made.result().arms["main"]), steps=(step,))
    lines = [unescape(line) for line in re.findall(r"<text[^>]*>([^<]*)</text>", draw(numbers, key="k"))]
    assert "Excluded: 8 cases" in lines
    assert max(len(line) for line in lines) <= 42
    found = " ".join(lines)
    assert found.index("3: slices are missing") < found.index("2: empty region") < found.index("1: rare")
    assert "2: other reasons, in the table below" in found
    assert "secret" not in found
    assert numbers.failures()[0] == (step.criterion, reasons[1], 3)
