"""How hard the SIMULATED studies are: `python -m benchmarks.phantom.difficulty COHORT...`.

Each cohort is a folder of `hepar phantom`; its `attainable.csv` becomes a table: the best attainable score, naive
observers and what doctors use, beside what is published.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

KINDS = {
    "bound": "best attainable",
    "ideal": "ideal observer",
    "comparator": "what doctors use",
    "naive": "naive",
}


def table(folder: Path) -> str:
    """The rows of one cohort that were scored, as Markdown."""
    rows = pd.read_csv(folder / "attainable.csv", dtype=str, keep_default_na=False)
    scored = rows[rows["value"] != ""]
    head = ["| question | test | | value (95 % interval) | published |", "|:--|:--|:--|--:|:--|"]
    return "\n".join(
        [*head, *(_line({str(k): str(v) for k, v in row.items()}) for row in scored.to_dict("records"))]
    )


def _line(row: dict[str, str]) -> str:
    asked = f"{row['question']}, {row['measure']}"
    return f"| {asked} | {row['test']} | {KINDS[row['kind']]} | {_value(row)} | {row['published']} |"


def _value(row: dict[str, str]) -> str:
    interval = f" ({float(row['low']):.2f} to {float(row['high']):.2f})" if row["low"] else ""
    return f"{float(row['value']):.3f}{interval}"


def main(arguments: Sequence[str]) -> None:
    """Print a table for each cohort."""
    for name in arguments:
        print(f"### {Path(name).name}\n\n{table(Path(name))}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
