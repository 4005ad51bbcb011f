"""Headline figures of the bundled protocols, as docs/results.md shows them: `python -m benchmarks.bundled_results` (20 minutes)."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from hepar.study.protocol import bundled, read_protocol
from hepar.study.result import ArmResult
from hepar.study.run import run

PAGE = Path(__file__).parent.parent / "docs" / "results.md"
HEAD = """# What the bundled protocols find

Written by `python -m benchmarks.bundled_results --write`; every figure is also in the report of `hepar run PROTOCOL`.
Cross-validated, by whole sites where there are sites; the interval is 95 %. These are open tables of small cohorts, and where
it says so SIMULATED patients, whose figures tell how hard the simulation was made: nothing here is a claim of clinical accuracy.

Harrell's C keeps those who died without the event among the comparable (Wolbers et al., 2014), which makes it lower than the C
that drops them. Obuchowski's measure of a useless score is not 0.5: see `noise-alarm`, where nothing can be learnt.

| protocol, arm | test | quantity | value | n | events |
|---|---|---|---|---:|---:|
"""
QUANTITIES = {
    "binary": ["auc"],
    "graded": ["auc", "obuchowski"],
    "time_to_event": ["harrell c", "auc"],
    "continuous": ["pearson", "spearman"],
}
ANALYSES = ("discrimination", "prognosis", "staging", "agreement")


def table() -> str:
    """The page as it should be."""
    lines = []
    for name in bundled():
        result = run(*read_protocol(name), jobs=-1)
        mark = "SIMULATED: " if result.study.simulated else ""
        for arm_name, arm in result.arms.items():
            lines += [f"| {mark}{name}, {arm_name} | {line} |" for line in _lines(arm)]
    return HEAD + "\n".join(lines) + "\n"


def _lines(arm: ArmResult) -> Iterator[str]:
    rows = arm.findings.rows
    headline = rows[rows["analysis"].isin(ANALYSES) & (rows["group"] == "")]
    labels = {test.name: test.label for test in arm.predictions.tests}
    for quantity in QUANTITIES[arm.arm.outcome.kind]:
        for _, row in headline[headline["quantity"] == quantity].iterrows():
            when = "" if pd.isna(row["horizon_y"]) else f", {row['horizon_y']:g} years"
            value = f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
            yield f"{labels[row['test']]} | {quantity}{when} | {value} | {row['n']:.0f} | {row['events']:.0f}"


if __name__ == "__main__":
    import sys

    if "--write" in sys.argv:
        PAGE.write_text(table(), encoding="utf-8")
    else:
        print(table(), end="")
