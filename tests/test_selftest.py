"""The self-test of raw ultrasound: its rule on scores made by hand, what it tells, and one small real run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hepar.cli import main
from hepar.core.errors import ProtocolError, RunError, SimulationError
from hepar.selftest.bar import Bar
from hepar.selftest.cohort import Size, cohort
from hepar.selftest.contest import Null
from hepar.selftest.estimators import ATTENUATION, Found, Measured, bars, bias, cover, error
from hepar.selftest.outcome import SelfTest
from hepar.selftest.rf import selftest_rf
from hepar.selftest.rule import EXPECTED, NAMES, Scores, Test, Verdict, judged, needed
from hepar.selftest.told import write_told

N = 120
TRUTH = tuple(bool(k % 2) for k in range(N))


def scores(strength: float, seed: int) -> tuple[float, ...]:
    noise = np.random.default_rng(seed).standard_normal(N)
    return tuple((np.array(TRUTH) * strength + noise).tolist())


def verdict(arm: str, *, rf: float, bmode: float, spectral: float = 0.0) -> Verdict:
    """Of scores whose two groups lie so many standard deviations apart."""
    strengths: dict[Test, float] = {"rf_net": rf, "bmode_net": bmode, "spectral": spectral}
    made = {test: scores(strength, k) for k, (test, strength) in enumerate(strengths.items())}
    return judged(Scores(arm, 1, TRUTH, tuple(range(N)), made))


@pytest.mark.parametrize(
    ("arm", "rf", "bmode", "wrong"),
    [
        ("spectrum", 2.0, 0.0, ()),
        (
            "spectrum",
            0.0,
            0.0,
            ("the RF network does no better than chance", "RF is not found"),
        ),
        ("spectrum", 2.0, 2.0, ("RF is not found to be better",)),
        ("brightness", 0.0, 2.0, ()),
        ("brightness", 2.0, 2.0, ()),
        ("brightness", 2.0, 0.0, ("the B-mode network does no better", "RF is found to be better")),
        ("brightness", 0.0, 0.0, ("the B-mode network does no better than chance",)),
        ("nothing", 0.0, 0.0, ()),
        ("nothing", 0.0, 2.0, ("the B-mode network finds what is not there",)),
        ("shortcut", 2.0, 0.0, ("the RF network finds what is not there", "RF is found to be better")),
    ],
)
def test_an_arm_is_right_where_its_expected_winner_wins(
    arm: str, rf: float, bmode: float, wrong: tuple[str, ...]
) -> None:
    found = verdict(arm, rf=rf, bmode=bmode).wrong
    assert len(found) == len(wrong)
    assert all(said.startswith(start) for said, start in zip(found, wrong, strict=True))


def test_networks_that_know_nothing_seldom_make_an_arm_wrong() -> None:
    strengths: dict[Test, float] = {"rf_net": 0.0, "bmode_net": 0.0, "spectral": 0.0}
    wrong = 0
    for seed in range(60):
        made = {test: scores(0.0, 10 * seed + k) for k, test in enumerate(strengths)}
        wrong += bool(judged(Scores("nothing", seed, TRUTH, tuple(range(N)), made)).wrong)
    assert wrong <= 4  # one in a hundred each: more than four of sixty comes once in four hundred times


def outcome(*verdicts: Verdict, null: Null | None = None) -> SelfTest:
    bars = (Bar.at_most("attenuation, bias", 0.001, limit=0.01, unit="dB/cm/MHz"),)
    return SelfTest(1, 1, Size(), bars, verdicts, null)


RIGHT = (
    verdict("spectrum", rf=2.0, bmode=0.0, spectral=2.0),
    verdict("brightness", rf=1.0, bmode=2.0),
    verdict("nothing", rf=0.0, bmode=0.0),
    verdict("shortcut", rf=0.0, bmode=0.0),
)


def test_all_right_passes_and_any_arm_bar_or_null_that_is_wrong_fails() -> None:
    good = outcome(*RIGHT)
    assert good.passed
    assert not outcome(*RIGHT[:3], verdict("shortcut", rf=2.0, bmode=0.0)).passed
    assert not replace(good, bars=(replace(good.bars[0], passed=False),)).passed
    assert not outcome(*RIGHT, null=Null(1, 0.9, (0.5,) * 120)).passed
    assert outcome(*RIGHT, null=Null(1, 0.5, tuple(np.linspace(0.4, 0.6, 20)))).passed


def test_refits_on_dealt_labels_that_find_them_give_a_leak_away() -> None:
    assert not outcome(*RIGHT, null=Null(1, 0.6, tuple(np.linspace(0.5, 0.7, 20)))).fair


def test_what_is_no_number_fails_its_bar_and_is_no_number_in_the_document(tmp_path: Path) -> None:
    bar = Bar.at_most("attenuation, error", float("nan"), limit=0.02, unit="dB/cm/MHz")
    wide = Bar.at_least("interval", float("inf"), limit=1.0, unit="")
    found = replace(outcome(*RIGHT), bars=(bar, wide))
    assert (bar.passed, wide.passed, found.passed) == (False, True, False)
    write_told(found, tmp_path)
    document = json.loads(
        (tmp_path / "selftest.json").read_text(encoding="utf-8"), parse_constant=pytest.fail
    )
    assert [one["value"] for one in document["bars"]] == [None, None]


def test_errors_and_cover_are_those_of_what_was_found() -> None:
    near, far = Found(0.5, 0.51, 0.45, 0.55), Found(0.5, 0.57, 0.52, 0.62)
    made = [{ATTENUATION: near}, {ATTENUATION: far}]
    assert bias(made, ATTENUATION) == pytest.approx(0.04)
    assert error(made, ATTENUATION) == pytest.approx(0.05)
    assert cover(made) == 0.5
    assert np.isnan(error([*made, {}], ATTENUATION))  # one phantom was refused


def test_bars_catch_a_bias_and_a_narrow_band_that_tells_too_much() -> None:
    good = {name: Found(1.0, 1.0, 0.9, 1.1) for name in (ATTENUATION, "backscatter_db", "diameter_um")}
    off = {**good, ATTENUATION: Found(1.0, 1.015, 0.9, 1.1)}
    sound = Measured((good,), ({ATTENUATION: Found(1.0, 1.0, 0.7, 1.3)},), ({},), {"1": 0.5})
    assert all(bar.passed for bar in bars([sound]))
    failed = {bar.name for bar in bars([replace(sound, wide=(off,))]) if not bar.passed}
    assert failed == {"attenuation, bias"}
    told = {bar.name for bar in bars([replace(sound, small=(good,), narrow=(good,))]) if not bar.passed}
    assert told == {"narrow band, 24 lines by 16 mm: attenuation told, though it cannot be measured"}


def test_nine_of_ten_seeds_are_asked() -> None:
    assert [needed(seeds) for seeds in (1, 2, 10, 20)] == [1, 2, 9, 18]


def test_the_outcome_is_told_in_words_and_as_a_document(tmp_path: Path) -> None:
    found = outcome(*RIGHT, null=Null(1, 0.5, tuple(np.linspace(0.4, 0.6, 20))))
    write_told(found, tmp_path)
    words = (tmp_path / "selftest.txt").read_text(encoding="utf-8")
    assert words.startswith("SIMULATED")
    assert words.rstrip().endswith("PASSED")
    assert all(arm in words and expected.winner in words for arm, expected in EXPECTED.items())
    assert all(name in words for name in NAMES.values())
    document = json.loads((tmp_path / "selftest.json").read_text(encoding="utf-8"))
    assert (document["simulated"], document["passed"], document["right"]) == (True, True, 1)


@pytest.mark.parametrize(("seeds", "first", "permutations"), [(0, 1, 0), (1, -1, 0), (1, 1, 5)])
def test_what_cannot_be_tried_is_refused(seeds: int, first: int, permutations: int) -> None:
    with pytest.raises(ProtocolError, match=r"cannot be run|say nothing"):
        selftest_rf(seeds=seeds, first_seed=first, permutations=permutations)


def test_an_unknown_self_test_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hepar", "selftest", "ct"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "there is no self-test 'ct'; Allowed: rf" in capsys.readouterr().err


def test_too_few_patients_are_refused() -> None:
    with pytest.raises(SimulationError, match="give 20 patients or more"):
        Size(train=5)


def test_patients_who_train_and_who_test_are_others_and_their_disease_shows_in_the_spectrum() -> None:
    made = cohort("spectrum", seed=1000, size=Size(train=20, test=20, views=1))
    assert len(made.features) == 40
    assert made.features.index.is_unique
    size = made.features["attenuation_db_cm_mhz"].astype(float)
    assert size[made.cirrhosis].mean() > size[~made.cirrhosis].mean()


@pytest.mark.slow
def test_one_seed_of_the_real_thing_keeps_to_its_bars_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    size = Size(train=40, test=40, views=1)
    found = selftest_rf(first_seed=1000, patients=size, permutations=0, out=tmp_path)
    assert all(bar.passed for bar in found.bars), [bar.line for bar in found.bars if not bar.passed]
    assert {one.arm for one in found.verdicts} == set(EXPECTED)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*.json")}
    again = selftest_rf(first_seed=1000, patients=size, permutations=0, out=tmp_path)
    assert list(again.lines()) == list(found.lines())
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*.json")} == kept


def test_a_folder_that_takes_no_file_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="cannot be written"):
        selftest_rf(out=tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
