"""How long a SIMULATED patient takes and how much memory: `python -m benchmarks.phantom.speed [--repeats 5]`.

Every piece is made in a process of its own, on one thread: CPU seconds of the piece without imports (median and range of
the repeats), and the peak resident memory of the process with everything imported.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hepar.phantom.patient import Patient

LARGE_REPEATS = 1


def two_phases() -> None:
    """Abdomen and two phases at 256 x 256 x 100."""
    _phases((100, 256, 256), (2.5, 1.5, 1.5), ("arterial", "portal"))


def large_phase() -> None:
    """Abdomen and one phase at 512 x 512 x 300."""
    _phases((300, 512, 512), (1.0, 0.8, 0.8), ("portal",))


def _phases(shape: tuple[int, int, int], mm: tuple[float, float, float], phases: Sequence[str]) -> None:
    from hepar.phantom.anatomy import abdomen
    from hepar.phantom.ct import ct_scan
    from hepar.phantom.grid import Grid

    grid = Grid(shape, mm)
    anatomy = abdomen(_patient("D"), grid)
    for phase in phases:
        ct_scan(_patient("D"), phase, grid=grid, anatomy=anatomy)


def five_sequences() -> None:
    """Abdomen and five MR sequences at 192 x 192 x 64."""
    from hepar.phantom.anatomy import abdomen
    from hepar.phantom.grid import Grid
    from hepar.phantom.mri import SEQUENCES, mr_scan

    grid = Grid((64, 192, 192), (3.5, 1.9, 1.9))
    anatomy = abdomen(_patient("C"), grid)
    for sequence in SEQUENCES:
        mr_scan(_patient("C"), sequence, grid=grid, anatomy=anatomy)


def rf_frame() -> None:
    """A frame of 96 lines x 2,600 samples."""
    from hepar.phantom.ultrasound import SCANNERS, rf_frames

    rf_frames(_patient("B"), probe=SCANNERS["A"])


def tile() -> None:
    """An H&E tile of 256 pixels."""
    from hepar.phantom.pathology.tiles import tile as made

    made(_patient("E"), size_px=256)


def slide() -> None:
    """A slide of 4,096 x 4,096 pixels."""
    from hepar.phantom.pathology.slides import slide as made

    made(_patient("E"))


def table() -> None:
    """The latent state and the clinical row of 500 patients."""
    from hepar.phantom.population import draw_patient
    from hepar.phantom.scenario import Scenario
    from hepar.phantom.tables import clinical_row

    scenario = Scenario.of("A")
    for number in range(1, 501):
        clinical_row(draw_patient(scenario, seed=1, number=number))


def _patient(study: str) -> "Patient":
    from hepar.phantom.population import draw_patient
    from hepar.phantom.scenario import Scenario

    return draw_patient(Scenario.of(study), seed=1, number=3)


PIECES: Mapping[str, Callable[[], None]] = {
    piece.__name__: piece for piece in (two_phases, five_sequences, rf_frame, tile, slide, table, large_phase)
}


def measure(name: str) -> None:
    """In a process of its own: print CPU seconds and peak memory in MB; a first small run pays for the imports."""
    _phases((8, 32, 32), (20.0, 12.0, 12.0), ("portal",))
    rf_frame()
    tile()
    started = time.process_time()
    PIECES[name]()
    used = time.process_time() - started
    print(f"{used:.4f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--piece", choices=PIECES, help="measure one, in this process")
    asked = parser.parse_args(arguments)
    if asked.piece:
        measure(asked.piece)
        return
    print("| piece | CPU s, median (range) | peak memory, MB |\n|:--|--:|--:|")
    for name, piece in PIECES.items():
        repeats = LARGE_REPEATS if name == "large_phase" else asked.repeats
        found = [_apart(name) for _ in range(repeats)]
        seconds = [s for s, _ in found]
        about = (piece.__doc__ or name).rstrip(".")
        print(
            f"| {about} | {median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f}) | {max(m for _, m in found):.0f} |",
            flush=True,
        )


def _apart(name: str) -> tuple[float, float]:
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.phantom.speed", "--piece", name]
    seconds, megabytes = subprocess.run(
        command, env=one_thread, check=True, capture_output=True, text=True
    ).stdout.split()
    return float(seconds), float(megabytes)


if __name__ == "__main__":
    main(sys.argv[1:])
