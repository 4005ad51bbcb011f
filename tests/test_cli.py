"""The command line, as a person types it, on a small SIMULATED study."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import hepar
import small_study
from hepar.cli import main


def typed(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """What a command that must succeed prints on its two streams."""
    monkeypatch.setattr("sys.argv", ["hepar", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    printed = capsys.readouterr()
    return printed.out, printed.err


def test_run_writes_the_report_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path)
    out, err = typed(["run", str(path), "-o", str(tmp_path / "out")], capsys, monkeypatch)
    assert f"report: {tmp_path / 'out' / 'report.html'}" in out
    assert "main: fitting models: 4 of 4" in err
    assert {p.name for p in (tmp_path / "out").iterdir() if p.is_file()} == {
        "report.html", "estimates.csv", "estimates.json", "predictions.csv", "curves.csv",
    }  # fmt: skip


def test_two_runs_give_the_same_numbers_to_the_last_byte(tmp_path: Path) -> None:
    path = small_study.write_study(tmp_path)
    for name, jobs in (("one", 1), ("two", 2)):
        hepar.run(path, out=tmp_path / name, jobs=jobs)
    for file in ("estimates.csv", "predictions.csv", "curves.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_check_shows_flow_and_partition_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    out, _ = typed(["check", str(path)], capsys, monkeypatch)
    assert "120 entered,     0 left: adult" in out
    assert "part 4: 90 train, 30 held out" in out
    assert [p.name for p in tmp_path.iterdir()] == ["study"]


def test_a_lock_beside_the_run_is_found_and_held_against_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    out, _ = typed(["lock", str(path)], capsys, monkeypatch)
    assert "locked: small-study.lock.json" in out
    changed = small_study.protocol()
    changed["arms"]["main"]["design"]["seed"] = 9
    small_study.write_study(tmp_path / "study", study=changed)
    _, err = typed(["run", str(path), "-o", "out"], capsys, monkeypatch)
    assert "PROTOCOL DEVIATION: protocol, arms.main.design.seed is 9; it was locked as 3" in err
    assert "PROTOCOL DEVIATION" in (tmp_path / "out" / "report.html").read_text().upper()


def test_a_lock_beside_the_protocol_is_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path / "study")
    hepar.lock(path, out=tmp_path / "study" / "small-study.lock.json")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = hepar.run(path, out="out")
    assert done.result.provenance.lock.startswith("locked 20")


def test_what_a_notebook_prints_names_no_case(tmp_path: Path) -> None:
    done = hepar.run(small_study.write_study(tmp_path), out=tmp_path / "out")
    for value in (done, done.result, done.result.arms["main"].prepared.cohort):
        assert "P003" not in repr(value)
        assert len(repr(value)) < 200


def test_list_and_info_speak_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = json.loads(typed(["list", "--json"], capsys, monkeypatch)[0])
    assert "crc-recurrence" in found["protocols"]
    assert "fib4" in found["comparators"]
    assert json.loads(typed(["info", "--json"], capsys, monkeypatch)[0])["hepar"] == hepar.__version__


def test_list_and_info_speak_to_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "noise-alarm" in typed(["list"], capsys, monkeypatch)[0]
    assert f"hepar: {hepar.__version__}" in typed(["info"], capsys, monkeypatch)[0]


def test_the_module_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hepar", "--help"], capture_output=True, text=True, check=True
    )
    assert "not a medical device" in " ".join(done.stdout.split())


def test_an_unknown_option_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hepar", "run", "--fast"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_output_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path)
    (tmp_path / "out").write_text("a file, not a folder")
    monkeypatch.setattr("sys.argv", ["hepar", "run", str(path), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_study_built_in_python_runs_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, _ = hepar.read_protocol(small_study.write_study(tmp_path))
    monkeypatch.chdir(tmp_path)
    done = hepar.run(study, out="out")
    assert set(done.estimates["arm"]) == set(done.predictions["arm"]) == set(done.curves["arm"]) == {"main"}


def test_a_lock_that_is_itself_committed_is_no_deviation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hepar.study.provenance.git_commit", lambda folder: "before")
    hepar.lock(path)
    monkeypatch.setattr("hepar.study.provenance.git_commit", lambda folder: "after")
    assert hepar.run(path, out="out").result.provenance.deviations == ()


def test_stability_compares_two_tables_and_says_how_many_features_are_stable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"P{k},liver,{k},{k % 2}" for k in range(8)]
    again = [f"P{k},liver,{k + 0.1 * (k % 3)},{(k + 1) % 2}" for k in range(8)]
    for name, lines in (("features.csv", rows), ("retest.csv", again)):
        (tmp_path / name).write_text("\n".join(["case,region,steady,flips", *lines]))
    monkeypatch.chdir(tmp_path)
    out, _ = typed(["stability", "features.csv", "retest.csv"], capsys, monkeypatch)
    assert out.startswith("stability: stability.csv (8 cases): of 2 features, 1 have an ICC of 0.75 or more")
    assert (tmp_path / "stability.csv").read_text().splitlines()[0] == "region,feature,icc,low,high,n"
