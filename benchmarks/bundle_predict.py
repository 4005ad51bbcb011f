"""A bundle in a hospital: processor time from a cold start and peak memory, `python -m benchmarks.bundle_predict`.

The diffuse arm of the bundled protocol rf-spectrum on its first 40 SIMULATED patients, networks of two epochs (time
depends on their size alone), is made into a bundle; then each test judges an examination of two views of one frame in a
process of its own, on one thread. Beside it the same network by torch, from its import to the same answer.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

PATIENTS = 40
CASE = 0


def written(folder: Path) -> Path:
    """Table, dictionary and protocol of a small study; gives the protocol's path."""
    held = Path(str(resources.files("hepar"))) / "studies"
    data = held / "data" / "simulated_rf"
    rows = (data / "simulated_rf.csv").read_text().splitlines()
    (folder / "simulated_rf.csv").write_text("\n".join(rows[: PATIENTS + 1]) + "\n")
    (folder / "dictionary.yaml").write_bytes((data / "dictionary.yaml").read_bytes())
    document: dict[str, Any] = yaml.safe_load((held / "rf-spectrum.yaml").read_text())
    arm = document["arms"]["diffuse"] | {"data": "dictionary.yaml", "eligibility": [], "analyses": []}
    for test in arm["index_tests"].values():
        test.pop("refits", None)
        if isinstance(test["model"], dict) and test["model"]["kind"].endswith("_net"):
            test["model"]["training"] = {"epochs": 2}
    document["arms"] = {"diffuse": arm}
    (folder / "protocol.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder / "protocol.yaml"


def make(folder: Path) -> None:
    """The bundle, the recordings of one case, and its features and the fitted network for torch."""
    from hepar.analyses.base import Findings
    from hepar.io.rf_file import write_rf
    from hepar.study.bundle import bundle_arm
    from hepar.study.extract import extract
    from hepar.study.prepare import prepare
    from hepar.study.protocol import read_protocol

    study, place = read_protocol(written(folder))
    arm = extract(prepare(study, place)[0])
    bundle_arm(study, arm, rows=Findings.of([]).rows, out=folder / "bundle")
    for name in ("rf", "phantom"):
        for k, view in enumerate(arm.cohort.cases[CASE].acquisition(name).load()):
            write_rf(view, folder / name / f"{k}.h5")


def judged(folder: Path, test: str) -> dict[str, float]:
    """Processor seconds of each part and peak memory (MB), in this process."""
    start = time.process_time()
    from hepar.deploy import open_bundle, predict

    loaded = time.process_time()
    bundle = open_bundle(folder / "bundle", tests=[test])
    opened = time.process_time()
    further = {name for ready in bundle.tests for name in ready.acquisitions[1:]}
    beside = {name: folder / name for name in further}
    seconds = []
    for _ in range(5):
        before = time.process_time()
        (answer,) = predict(bundle, folder / "rf", beside=beside)
        seconds.append(time.process_time() - before)
    assert answer.score is not None, answer.refused
    return {
        "load": loaded - start,
        "open": opened - loaded,
        "first": seconds[0],
        "next": sorted(seconds[1:])[1],
        "peak_mb": _peak_mb(),
    }


def by_torch() -> dict[str, float]:
    """The same of what loads torch alone."""
    start = time.process_time()
    import torch

    assert torch.__version__
    return {"load": time.process_time() - start, "peak_mb": _peak_mb()}


def main() -> None:
    """Make the bundle and print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)
        tests = json.loads((folder / "bundle" / "manifest.json").read_text())["tests"]
        print(
            "| test | largest difference from the fit | load, s | open, s | first, s | next, s | peak memory, MB |"
        )
        print("|:--|--:|--:|--:|--:|--:|--:|")
        for test, part in tests.items():
            found = _alone("--judge", name, test)
            times = " | ".join(f"{found[key]:.2f}" for key in ("load", "open", "first", "next"))
            print(
                f"| {test} | {part['parity']['largest']:.1e} | {times} | {found['peak_mb']:.0f} |", flush=True
            )
        found = _alone("--torch")
        print(f"| torch alone | | {found['load']:.2f} | | | | {found['peak_mb']:.0f} |")


def _alone(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.bundle_predict", *arguments]
    one = os.environ | {"OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=one)
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def _peak_mb() -> float:
    """Of this process, without the one that started it."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1e3


if __name__ == "__main__":
    if sys.argv[1:2] == ["--judge"]:
        print(json.dumps(judged(Path(sys.argv[2]), sys.argv[3])))
    elif sys.argv[1:2] == ["--torch"]:
        print(json.dumps(by_torch()))
    else:
        main()
