"""`hepar phantom`, as a person types it."""

import subprocess
import sys
from pathlib import Path

import pytest

from hepar.cli import main


def typed(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["hepar", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    code = stopped.value.code
    assert isinstance(code, int)
    return code


def test_the_command_writes_a_cohort_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "cohort"
    options = ["-n", "3", "-o", str(target), "--seed", "2", "--size", "tables", "--null"]
    assert typed(["phantom", "c", *options], monkeypatch) == 0
    printed = capsys.readouterr()
    assert f"SIMULATED: 3 patients in {target} (3 made now)" in printed.out
    assert "patients: 3 of 3" in printed.err
    assert "Null mode" in (target / "README.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["F"], "there is no study 'F'"),
        (["A", "-n", "0"], "0 patients cannot be made"),
        (["A", "--size", "huge"], "there is no size 'huge'"),
        (["A", "--difficulty", "-1"], "difficulty is -1.0"),
        (["A", "--difficulty", "1e300"], "give a number from 0.01 to 100"),
        (["A", "-j", "0", "--size", "tables"], "jobs is 0"),
    ],
)
def test_the_command_refuses_what_cannot_be_in_a_sentence(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert typed(["phantom", *arguments, "-o", str(tmp_path / "cohort")], monkeypatch) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert told in printed


def test_help_and_list_load_nothing_that_writes_images() -> None:
    code = (
        "import sys; from hepar.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "unwanted = ('pydicom', 'h5py', 'tifffile', 'hepar.simulation', *{modules})\n"
        "print([m for m in unwanted if m in sys.modules])"
    )
    for command, modules in (
        ("--help", ("scipy", "pandas")),
        ("list", ()),
    ):  # list names analyses, which need scipy
        found = subprocess.run(
            [sys.executable, "-c", code.format(modules=modules), command],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.splitlines()[-1] == "[]"
