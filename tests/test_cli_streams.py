"""Text that a terminal's code page lacks is spelt, on every command and on both streams."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import small_study


def printed(*arguments: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "hepar", *arguments]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(command, capture_output=True, env=environment, check=False)


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("cp1252", "\\u809d -5 >= \N{MICRO SIGN}"),
        ("latin2", r"\u809d -5 >= u"),
        ("utf-8", "肝 \N{MINUS SIGN}5 ≥ \N{MICRO SIGN}"),
    ],
)
def test_a_title_that_the_terminal_cannot_show_is_spelt(encoding: str, title: str, tmp_path: Path) -> None:
    study = {**small_study.protocol(), "title": "肝 \N{MINUS SIGN}5 ≥ \N{MICRO SIGN}"}
    done = printed("check", str(small_study.write_study(tmp_path, study=study)), encoding=encoding)
    assert done.returncode == 0
    assert f"small-study: {title}" in done.stdout.decode(encoding).splitlines()


def test_an_error_is_spelt_too(tmp_path: Path) -> None:
    done = printed("check", "肝.yaml", encoding="cp1252")
    assert done.returncode == 2
    assert rb"error: no protocol '\u809d.yaml'" in done.stderr
