"""The commands that hand a study over, as a person types them: bundle, predict, share."""

from pathlib import Path

import pytest

import bundled_study
import shared_study
from hepar.cli import main

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def typed(arguments: list[str], capsys: Capture, monkeypatch: Patch) -> tuple[int, str, str]:
    """Exit code and the two streams of a command."""
    monkeypatch.setattr("sys.argv", ["hepar", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    printed = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, printed.out, printed.err


def test_a_study_becomes_a_bundle_that_answers_and_refuses(
    tmp_path: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    path = bundled_study.write_study(tmp_path / "study")
    bundle, answers = tmp_path / "bundle.zip", tmp_path / "answers.csv"
    wanted = ["bundle", str(path), "-o", str(bundle), "--test", "rf", "--run", str(tmp_path / "run")]
    code, out, _ = typed(wanted, capsys, monkeypatch)
    assert code == 0
    assert out.startswith("SIMULATED: trained on simulated patients. bundle: ")

    examination = tmp_path / "study" / "recordings" / "P19"
    code, out, _ = typed(["predict", str(bundle), str(examination), "-o", str(answers)], capsys, monkeypatch)
    assert code == 0
    assert "RF network" in out
    assert "Not a medical device" in out
    assert answers.read_text(encoding="utf-8").startswith("recording,test,")

    code, out, _ = typed(["predict", str(bundle), str(path)], capsys, monkeypatch)
    assert code == 1
    assert "REFUSED" in out

    code, _, err = typed(wanted, capsys, monkeypatch)
    assert code == 2
    assert "bundle.zip" in err


def test_a_study_is_shared_without_a_name_and_the_linkage_lies_apart(
    tmp_path: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    path = shared_study.write_study(tmp_path / "study")
    (tmp_path / "share.key").write_bytes(shared_study.KEY)
    wanted = ["share", str(path), "--key", str(tmp_path / "share.key"), "-o", str(tmp_path / "package")]
    code, out, _ = typed([*wanted, "--day-zero", "scan_date"], capsys, monkeypatch)
    assert code == 0
    assert "it stays with the sponsor" in out
    assert (tmp_path / "package" / "SHA256SUMS").is_file()
    assert "PAT-77001" in (tmp_path / "package.linkage.csv").read_text(encoding="utf-8")
    for file in (tmp_path / "package").rglob("*"):
        assert file.is_dir() or b"PAT-77001" not in file.read_bytes()

    (tmp_path / "short.key").write_bytes(b"short")
    code, _, err = typed([*wanted[:3], str(tmp_path / "short.key"), *wanted[4:]], capsys, monkeypatch)
    assert code == 2
    assert "short.key" in err


def test_answers_are_not_written_over_what_is_asked(
    tmp_path: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    (tmp_path / "clip.h5").write_bytes(b"kept")
    clip = str(tmp_path / "clip.h5")
    code, out, err = typed(["predict", "none.zip", clip, "-o", clip], capsys, monkeypatch)
    assert (code, out) == (2, "")
    assert "give a name that ends in .csv" in err
    assert (tmp_path / "clip.h5").read_bytes() == b"kept"
