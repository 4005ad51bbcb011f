"""Headings claim no more than the run can prove."""

import pytest

import report_fixtures as made
from hepar.report import document
from hepar.report.headings import ANALYSES, NAMED_IN_PROTOCOL, heading_of, reserve

LOCKED = {"lock": "locked 2026-01-01T00:00:00+00:00"}


def page(**provenance: object) -> str:
    result = made.changed(made.result(drawn=False), **provenance)
    return document.render(result, estimates=result.estimates)


def test_pre_specified_stands_only_on_the_page_of_a_run_held_to_its_lock() -> None:
    claim = "Accuracy at pre-specified cut-offs"
    assert claim in page(**LOCKED)
    unlocked = page()
    assert claim not in unlocked
    assert "<h3>Accuracy at the protocol&#39;s cut-offs</h3>" in unlocked
    assert "The protocol was not locked before this run, so nothing proves" in unlocked
    deviating = page(**LOCKED, deviations=("git commit is new",))
    assert claim not in deviating
    assert "The run deviates from the locked protocol." in deviating


@pytest.mark.parametrize("kind", sorted(ANALYSES))
def test_no_heading_of_an_unlocked_run_says_pre_specified(kind: str) -> None:
    found = heading_of(kind, unproven=reserve(made.PROVENANCE))
    assert found is not None
    assert "pre-specified" not in f"{found.title} {found.intro}".lower()
    assert (kind in NAMED_IN_PROTOCOL) == ("not locked" in found.intro)


def test_multiplicity_is_claimed_within_a_family_only() -> None:
    intro = ANALYSES["comparison"].intro
    assert "one role (cross-validated or external), one quantity and one horizon" in intro
    assert "Nothing is adjusted across quantities, horizons, arms or subgroups" in intro
    assert "covers all" not in intro


def test_the_obuchowski_measure_is_not_read_against_one_half() -> None:
    assert "no AUC with chance at 0.5" in ANALYSES["staging"].intro


def test_the_glossary_says_what_an_interval_leaves_out_and_what_holm_covers() -> None:
    text = page()
    assert "under cross-validation it is too narrow" in text
    assert "across families, i.e. across horizons, measures and arms, nothing is adjusted" in text
