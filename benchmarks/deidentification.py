"""What de-identification leaves, and what it costs, side by side with two peers in one run.

    python -m venv P && P/bin/pip install dicom-anonymizer==2.1.0 deid==0.4.13
    python -m benchmarks.deidentification --peers P/bin/python       # a minute

A SIMULATED data set holds a mark in every attribute of DICOM's dictionary, at top level and three sequences deep, also in
sequences that Table E.1-1 does not name, and in private attributes (`hepar.io.deidentification.canary`). Each tool
de-identifies the same file with its own defaults; what still holds a mark is counted. The peers run in an environment of
their own, in a process of their own; time is that of the processor, for reading, cleaning and writing a CT of 512 x 512.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from hepar.io.deidentification import Options, Rules, deidentify, subject_of
from hepar.io.deidentification.canary import canary_dataset, residue
from hepar.io.deidentification.table import basic_profile
from hepar.io.deidentification.values import BYTES
from hepar.io.dicom_header import lenient

KEY = b"a SIMULATED key of 32 bytes ....1"
KINDS = ("text", "date", "uid", "time", "number", "age")
N_REPEATS = 10
N_ROUNDS = 3

PEERS = {
    "dicom-anonymizer 2.1.0, 2026c rules": """
import sys, time
from dicomanonymizer import simpledicomanonymizer as peer
def clean(source, target):
    peer.anonymize_dicom_file(source, target, base_rules_gen=lambda: peer.initialize_actions("dicomfields_2026c"))
""",
    "dicom-anonymizer 2.1.0, default rules": """
import sys, time
from dicomanonymizer import simpledicomanonymizer as peer
def clean(source, target):
    peer.anonymize_dicom_file(source, target)
""",
    "deid 0.4.13, default recipe": """
import os, sys, tempfile, time
from deid.dicom import get_identifiers, replace_identifiers
folder = tempfile.mkdtemp(dir=os.path.dirname(sys.argv[2]))
def clean(source, target):
    made = replace_identifiers([source], ids=get_identifiers([source]), save=True, output_folder=folder, overwrite=True)
    os.replace(made[0], target)
""",
}
"""What each peer runs to clean one file."""
TIMED = """
import warnings
warnings.simplefilter("ignore")
clean(sys.argv[1], sys.argv[2])
clean(sys.argv[3], sys.argv[4])
started = time.process_time()
for _ in range(int(sys.argv[5])):
    clean(sys.argv[3], sys.argv[4])
print((time.process_time() - started) / int(sys.argv[5]) * 1000)
"""


def ours(source: Path, target: Path, *, options: Options) -> None:
    """Read, clean and write one file."""
    dataset = dcmread(source)
    subject = subject_of(KEY, str(dataset.get("PatientID", "")))
    made = deidentify(dataset, rules=Rules(KEY, options), subject=subject).dataset
    made.save_as(target, enforce_file_format=True)


def inputs(folder: Path) -> tuple[Path, Path]:
    """The marked file, and a CT of 512 x 512 whose cost is measured."""
    marked, ct = folder / "marked.dcm", folder / "ct.dcm"
    with lenient():
        dataset: Any = canary_dataset()
        small = dcmread(str(get_testdata_file("CT_small.dcm")))
        for element in small:  # a CT that can be read, with a mark in all else
            if element.tag.group == 0x0028:
                dataset[element.tag] = element
        dataset.PixelData = small.PixelData
        drop_unhandled(dataset)
        dataset.save_as(marked, enforce_file_format=True)
        small.Rows = small.Columns = 512
        small.PixelData = np.random.default_rng(0).integers(0, 2000, (512, 512), dtype=np.int16).tobytes()
        small.save_as(ct)
    return marked, ct


def drop_unhandled(dataset: Dataset) -> None:
    """Delete integers of 64 bits, and bytes that are no pixels, at every level: one of the peers stops at them."""
    for element in list(dataset):
        if element.VR in ("SV", "UV", *BYTES) and element.keyword != "PixelData":
            del dataset[element.tag]
        for item in element.value or () if element.VR == "SQ" else ():
            drop_unhandled(item)


def left(path: Path) -> tuple[Counter[str], Counter[str]]:
    """Marks left by kind, at top level and nested, in attributes that Table E.1-1 names and in all others.

    Numbers that the table does not name are the image's own and are not counted.
    """
    named = {row.keyword for row in basic_profile().values()}
    top: Counter[str] = Counter()
    nested: Counter[str] = Counter()
    with lenient():
        found = residue(dcmread(path, force=True))
    for kind, paths in found.items():
        for place in paths:
            keyword = place.rpartition("/")[2]
            if kind != "number" or keyword in named:
                counter = nested if "/" in place else top
                counter[kind] += 1
                counter["named"] += keyword in named
    return top, nested


def row(name: str, path: Path, *, cost: str) -> str:
    """One line of the table."""
    if not path.exists():
        return f"| {name} | " + " | ".join(["failed"] * (len(KINDS) + 2)) + f" | {cost} |"
    top, nested = left(path)
    with lenient():
        written: Dataset = dcmread(path, force=True)
        private = sum(element.tag.is_private for element in written.iterall())
    told = [f"{top[kind]:,} / {nested[kind]:,}" for kind in (*KINDS, "named")]
    return f"| {name} | " + " | ".join([*told, f"{private:,}"]) + f" | {cost} |"


def timed(ct: Path, folder: Path) -> str:
    """Median (range) of the milliseconds of one CT."""
    costs = []
    for _ in range(N_ROUNDS):
        started = time.process_time()
        for _ in range(N_REPEATS):
            ours(ct, folder / "timed.dcm", options=Options())
        costs.append((time.process_time() - started) / N_REPEATS * 1000)
    return spread(costs)


def spread(costs: list[float]) -> str:
    return f"{statistics.median(costs):.1f} ({min(costs):.1f} to {max(costs):.1f})"


def peer_row(name: str, python: str, *, marked: Path, ct: Path, folder: Path) -> str:
    """The line of a peer, run in its own environment."""
    target, timing = folder / f"{abs(hash(name))}.dcm", folder / "timing.dcm"
    costs = []
    for source, cleaned in [(marked, target), *[(ct, timing)] * (N_ROUNDS - 1)]:
        paths = map(str, (source, cleaned, ct, timing))
        done = subprocess.run(
            [python, "-c", PEERS[name] + TIMED, *paths, str(N_REPEATS)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return row(name, target, cost=(done.stderr.strip().splitlines() or ["?"])[-1][:80])
        costs.append(float(done.stdout.strip().splitlines()[-1]))
    return row(name, target, cost=spread(costs))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", help="the interpreter of an environment that has the peers")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        marked, ct = inputs(folder)
        print(
            "| tool | text | date | UID | time | number | age | of these in Table E.1-1 | private | ms a CT |"
        )
        print("|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        print(row("input", marked, cost="-"))
        for label, options in (("hepar", Options()), ("hepar, modified dates", Options(dates="modified"))):
            ours(marked, folder / "ours.dcm", options=options)
            print(row(label, folder / "ours.dcm", cost=timed(ct, folder) if label == "hepar" else "-"))
        for peer in PEERS if asked.peers else ():
            print(peer_row(peer, asked.peers, marked=marked, ct=ct, folder=folder), flush=True)


if __name__ == "__main__":
    main()
