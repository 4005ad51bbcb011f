"""The page of comparators is the one that the comparators give."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "comparators.md").read_text(encoding="utf-8")


def test_the_page_of_comparators_is_as_its_generator_writes_it() -> None:
    command = [sys.executable, "-m", "benchmarks.comparator_table"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == PAGE.strip(), "run: python -m benchmarks.comparator_table --write"


def test_each_aetiology_of_stiffness_has_a_line_of_its_own() -> None:
    said = [word for word in ("hbv", "hcv", "masld") if f"| `aetiology: {word}` |" in PAGE]
    assert said == ["hbv", "hcv", "masld"]
