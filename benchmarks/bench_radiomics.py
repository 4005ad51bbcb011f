"""Radiomics side by side: hepar, pictologics and PyRadiomics on the same SIMULATED scenes, in one run.

Run as `python -m benchmarks.bench_radiomics --peer pictologics=PYTHON --peer pyradiomics=PYTHON`, where PYTHON is the
interpreter of an environment that has that package. Contenders alternate within each round, each in a process of its
own; a ratio is formed within each round, so that a slow moment of the machine falls on all. Time is that of the
processor, without reading the files; the first call is kept apart, because it compiles or loads what was compiled.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .radiomics.scenes import write_scenes

HERE = Path(__file__).parent / "radiomics"
TASKS = [
    ("texture", "liver", 3),
    ("all", "liver", 3),
    ("12 images", "liver", 1),
    ("all", "lesion", 10),
    ("all", "20 lesions", 2),
    ("all", "ultrasound, 2-D", 5),
]
"""What is computed, in which scene, how often in each process."""

Results = Mapping[str, Sequence[Mapping[str, Any]]]


def main() -> None:
    """Print one table a task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="a part of a task's name")
    arguments = parser.parse_args()
    contenders = {
        "hepar": sys.executable,
        "compat": sys.executable,
        **dict(peer.split("=", 1) for peer in arguments.peer),
    }
    with tempfile.TemporaryDirectory() as folder:
        scenes = write_scenes(Path(folder))
        for what, scene, repeats in TASKS:
            title = f"{what}, {scene}"
            if arguments.only not in title:
                continue
            image, masks = scenes[scene]
            results = race(
                contenders, [what, str(repeats), str(image), *map(str, masks)], rounds=arguments.rounds
            )
            print(table(title, results), flush=True)


def race(contenders: Mapping[str, str], arguments: Sequence[str], *, rounds: int) -> Results:
    """What each contender says in each round."""
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, python in contenders.items():
            command = [python, str(HERE / f"run_{name}.py"), *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{name}: {done.stderr[-2000:]}")
            found[name].append(json.loads(done.stdout.strip().splitlines()[-1]))
    return found


def table(title: str, results: Results) -> str:
    """One row a contender; the ratio is that contender's time over hepar's, round by round."""
    ours = [np.median([cpu for cpu, _ in one["times"]]) for one in results["hepar"]]
    lines = [
        f"\n### {title}\n",
        "| | features | CPU s | wall s | CPU / hepar | first call, CPU s | import, CPU s | peak MB |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, rounds in results.items():
        cpu = [np.median([c for c, _ in one["times"]]) for one in rounds]
        wall = [np.median([w for _, w in one["times"]]) for one in rounds]
        ratio = [theirs / own for theirs, own in zip(cpu, ours, strict=True)]
        first = [one["first"][0] for one in rounds]
        ready = [one["ready"] for one in rounds]
        peak = [one["peak_mb"] for one in rounds]
        cells = [f"{rounds[0]['features']}", *map(spread, (cpu, wall, ratio, first, ready, peak))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(values: Sequence[float]) -> str:
    """Median (range)."""
    return f"{np.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


if __name__ == "__main__":
    main()
