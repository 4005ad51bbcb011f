"""The bundled protocols, end to end on real patients. The negative control runs always; the others are slow."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import hepar
from hepar.study.protocol import bundled

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the negative control's report."""
    out = tmp_path_factory.mktemp("noise")
    hepar.run("noise-alarm", out=out, jobs=2)
    return out


def test_noise_is_not_learnt(noise: Path) -> None:
    """If this fails, something leaks: no test chose, imputed, scaled or tuned on what it was judged by."""
    rows = json.loads((noise / "estimates.json").read_text())["estimates"]
    auc = [
        r for r in rows if r["analysis"] == "discrimination" and r["quantity"] == "auc" and r["group"] == ""
    ]
    assert {r["test"] for r in auc} == {"logistic", "boosting", "fib4", "apri"}
    assert all(r["low"] < 0.5 < r["high"] for r in auc)


def test_the_report_on_noise_says_that_nothing_was_learnt(noise: Path) -> None:
    assert "Nothing was learnt" in (noise / "report.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(bundled()) - {"noise-alarm"}))
def test_a_bundled_protocol_gives_a_report_of_its_own(name: str, tmp_path: Path) -> None:
    done = hepar.run(name, out=tmp_path, jobs=2)
    page = done.report.path.read_text()
    assert len(page.encode()) < 1_000_000
    assert "<script" not in page
    for arm in done.result.arms.values():
        ids = arm.prepared.reference.table.index
        assert not [case for case in ids if len(case) > 6 and case in page]


@pytest.mark.slow
def test_the_page_of_results_is_what_the_protocols_give() -> None:
    command = [sys.executable, "-m", "benchmarks.bundled_results"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert printed.strip() == (ROOT / "docs" / "results.md").read_text().strip()
