"""Sites, time and equipment: what differs where it should not, and what comes too late."""

import datetime as dt

import numpy as np
import pytest

from audited import column, subject
from hepar.study.audit.equipment import equipment_findings
from hepar.study.audit.sites import label_table, site_findings
from hepar.study.audit.timing import timing_findings, timing_notes

N = 300


def site_names(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice(["A", "B", "C"], N)


def test_labels_that_follow_the_site_are_found_and_others_are_not() -> None:
    sites = site_names()
    rng = np.random.default_rng(1)
    by_site = rng.random(N) < np.where(sites == "A", 0.8, 0.2)
    (found,) = site_findings(subject(by_site, sites=sites))
    assert found.rule == "labels-differ-by-site"
    assert list(site_findings(subject(rng.random(N) < 0.4, sites=sites))) == []


def test_a_site_that_reports_in_another_unit_is_named() -> None:
    sites = site_names()
    rng = np.random.default_rng(2)
    bilirubin = rng.lognormal(0, 0.5, N) * np.where(sites == "B", 17.1, 1.0)
    fields = (
        column("bilirubin_mg_dl", bilirubin, kind="number", role="feature"),
        column("ast_u_l", rng.lognormal(3, 0.5, N), kind="number", role="feature"),
    )
    (found,) = site_findings(subject(rng.random(N) < 0.5, *fields, sites=sites))
    assert found.rule == "another-scale-at-a-site"
    assert found.what.startswith("bilirubin_mg_dl: the median at site 'B'")


def test_labels_are_counted_by_participant() -> None:
    counted = label_table(subject([0, 0, 1], sites=["A", "A", "B"], participants=["P", "P", "Q"]))
    assert {site: dict(counts) for site, counts in counted.items()} == {"A": {"no": 1}, "B": {"yes": 1}}


DAY = dt.date(2024, 5, 1)


@pytest.mark.parametrize(("days", "n"), [([-3, 0, -1], 0), ([-3, 4, 40], 2)])
def test_a_scan_after_the_biopsy_is_found(days: list[int], n: int) -> None:
    scans = [DAY + dt.timedelta(days=d) for d in days]
    found = list(
        timing_findings(
            subject(
                [0, 1, 0],
                column("scan_date", scans, kind="date"),
                column("biopsy_date", [DAY] * 3, kind="date"),
                column("birth_date", [DAY] * 3, kind="date"),
            )
        )
    )
    assert [one.n for one in found] == [n] * bool(n)
    assert [one.cases for one in found] == [(("C1",), ("C2",))] * bool(n)


def test_a_scan_after_an_event_is_serious() -> None:
    scan, event = column("scan_date", [DAY, DAY], kind="date"), [DAY - dt.timedelta(days=2), None]
    (found,) = timing_findings(
        subject([0, 1], scan, column("death_date", event, kind="date", role="follow_up"))
    )
    assert (found.rule, found.severity, found.n) == ("measured-after-event", "serious", 1)


def test_an_unknown_reference_date_is_told_and_a_named_one_is_used() -> None:
    late = column("scan_date", [DAY + dt.timedelta(days=9)], kind="date")
    result = column("result_on", [DAY], kind="date", role="other")
    assert any("--reference-date" in note for note in timing_notes(subject([1], late, result)))
    named = subject([1], late, result, reference_date="result_on")
    assert list(timing_notes(named)) == []
    assert [one.n for one in timing_findings(named)] == [1]


def test_two_transducers_are_noted() -> None:
    mixed = subject([0, 1], column("device", ["C5-2", "L7-4"]), column("recording: lines", ["128", "128"]))
    (found,) = equipment_findings(mixed)
    assert (found.severity, found.what) == ("note", "pictures differ in device: C5-2 (1), L7-4 (1)")
