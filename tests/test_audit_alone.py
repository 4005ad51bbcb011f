"""Each field alone: shortcuts are flagged, fields that cannot tell anything are not."""

import datetime as dt

import numpy as np
import pytest

from audited import column, subject
from hepar.stats.discrimination import auc
from hepar.study.audit.alone import ORDER, looks_of, shortcut_findings
from hepar.study.audit.subject import Kind

N = 400


def truth(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(N) < 0.4


def test_a_format_that_goes_with_the_stage_is_serious() -> None:
    positive = truth()
    rng = np.random.default_rng(1)
    form = np.where(rng.random(N) < 0.1, ~positive, positive)
    looks = looks_of(subject(positive, column("format", np.where(form, "PNG", "JPEG"))))
    (found,) = shortcut_findings(looks)
    assert (found.rule, found.severity) == ("metadata-tells-outcome", "serious")
    assert found.what.startswith("format alone tells disease: AUC 0.9")


def test_nothing_is_flagged_among_sound_fields_of_eight_sets() -> None:
    flagged = 0
    for seed in range(8):
        rng = np.random.default_rng(100 + seed)
        fields = [column(f"f{k}", rng.choice(list("abc"), N)) for k in range(4)]
        numbers = [column(f"n{k}", rng.normal(size=N), kind="number") for k in range(4)]
        gaps = [
            column(f"g{k}", [None if hidden else "x" for hidden in rng.random(N) < 0.3]) for k in range(4)
        ]
        looks = looks_of(subject(truth(seed), *fields, *numbers, *gaps))
        flagged += len(list(shortcut_findings(looks)))
    assert flagged == 0


def test_a_level_for_each_case_tells_nothing() -> None:
    looks = looks_of(subject(truth(), column("serial", [f"s{k}" for k in range(N)])))
    (found,) = [look for look in looks if look.field == "serial"]
    assert found.auc == 0.5


def test_cases_in_the_order_of_their_classes_give_themselves_away() -> None:
    in_order = np.sort(truth())
    (found,) = shortcut_findings(looks_of(subject(in_order)))
    assert found.what.startswith(f"{ORDER} alone tells")
    assert found.do.startswith("find out what changed along the table")
    assert list(shortcut_findings(looks_of(subject(truth())))) == []


def test_a_number_is_taken_whichever_way_it_points() -> None:
    positive = truth()
    depth = np.random.default_rng(3).normal(-2.0 * positive, 1.0)
    (look,) = [
        one
        for one in looks_of(subject(positive, column("depth", depth, kind="number")))
        if one.field == "depth"
    ]
    assert look.auc == pytest.approx(auc(positive, -depth).value)
    assert look.low < look.auc < look.high


def test_days_and_missing_values_are_looked_at() -> None:
    positive = truth()
    rng = np.random.default_rng(4)
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=int(rng.integers(100) + 200 * p)) for p in positive]
    gaps = [None if hidden else "x" for hidden in rng.random(N) < np.where(positive, 0.6, 0.1)]
    looks = looks_of(
        subject(positive, column("scanned", days, kind="date"), column("marker", gaps, role="feature"))
    )
    found = {one.rule: one for one in shortcut_findings(looks)}
    assert set(found) == {"metadata-tells-outcome", "missing-tells-outcome"}
    assert found["missing-tells-outcome"].n == sum(value is None for value in gaps)


def test_a_feature_that_is_the_outcome_in_disguise_is_told_and_a_good_one_is_not() -> None:
    positive = truth()
    rng = np.random.default_rng(5)
    fields = (
        column("good", rng.normal(2.0 * positive, 1.0), kind="number", role="feature"),
        column("disguised", positive + 0.01 * rng.normal(size=N), kind="number", role="feature"),
    )
    (found,) = shortcut_findings(looks_of(subject(positive, *fields)))
    assert (found.rule, found.what.split()[0]) == ("field-tells-all", "disguised")


def test_few_cases_are_judged_by_permutation() -> None:
    positive = np.arange(24) % 2 == 0
    looks = looks_of(subject(positive, column("form", np.where(positive, "a", "b"))))
    (look,) = [one for one in looks if one.field == "form"]
    assert "permutations" in look.method
    assert look.p == pytest.approx(1 / 2000)


@pytest.mark.parametrize("kind", ["number", "category"])
def test_a_perfect_shortcut_of_few_cases_is_told_among_a_hundred_fields(kind: Kind) -> None:
    rng = np.random.default_rng(8)
    positive = np.arange(60) % 3 == 0
    shortcut = positive + 0.1 * rng.random(60) if kind == "number" else np.where(positive, "a", "b")
    noise = [column(f"n{k}", rng.normal(size=60), kind="number") for k in range(100)]
    found = shortcut_findings(looks_of(subject(positive, *noise, column("depth", shortcut, kind=kind))))
    assert [one.what.split()[0] for one in found] == ["depth"]


def test_few_participants_of_many_cases_are_not_taken_for_many() -> None:
    flagged = 0
    who = np.repeat(np.arange(16), 8)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        fields = [column(f"c{k}", rng.integers(0, 3, 16)[who].astype(str)) for k in range(10)]
        numbers = [column(f"n{k}", rng.normal(size=16)[who], kind="number") for k in range(10)]
        positive = rng.permutation(np.arange(16) % 2 == 0)[who]
        looks = looks_of(subject(positive, *fields, *numbers, participants=who))
        flagged += bool(list(shortcut_findings(looks)))
    assert flagged <= 2  # of twelve at an error rate of 0.05; without care it is every second


def test_a_class_of_four_participants_is_not_looked_at_however_many_cases_they_have() -> None:
    who = np.repeat(np.arange(20), 10)
    looks = looks_of(subject(who < 4, column("depth", who.astype(float), kind="number"), participants=who))
    assert looks == ()


def test_several_cases_of_one_participant_do_not_shine_through_what_is_theirs() -> None:
    rng = np.random.default_rng(6)
    who = np.repeat(np.arange(50), 8)
    positive = (rng.random(50) < 0.5)[who]
    looks = looks_of(subject(positive, column("station", [f"s{k}" for k in who]), participants=who))
    (look,) = [one for one in looks if one.field == "station"]
    assert look.auc == 0.5


def test_every_p_of_metadata_and_missing_values_is_adjusted_and_none_of_features() -> None:
    positive = truth()
    rng = np.random.default_rng(7)
    looks = looks_of(
        subject(
            positive,
            column("a", rng.choice(list("xy"), N)),
            column("b", rng.normal(size=N), kind="number", role="feature"),
        )
    )
    adjusted = {look.field: look.p_adjusted for look in looks}
    assert np.isnan(adjusted["b"])
    assert np.isfinite(adjusted["a"])
    assert np.isfinite(adjusted[ORDER])
