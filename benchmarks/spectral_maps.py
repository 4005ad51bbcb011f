"""Maps of a frame of 96 lines by 2,600 samples: how long they take, and how far from what was put in.

Run as `OMP_NUM_THREADS=1 python -m benchmarks.spectral_maps`. The phantom is prepared once; a frame then has spectra,
envelope and all maps made of it, nothing of it kept from the frame before. Homogeneous SIMULATED tissue, so that every
cell has the same truth. The fastest of many calls by the clock counts where other work shares the machine.
QuantUS and PyQuantUS come by git alone and without a licence: no table stands beside them.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from hepar.imaging.ultrasound.envelope import envelope
from hepar.imaging.ultrasound.frames import Box
from hepar.imaging.ultrasound.maps import UNITS, prepared, spectral_maps
from hepar.imaging.ultrasound.parameters import parameters
from hepar.imaging.ultrasound.reference import Phantom
from hepar.imaging.ultrasound.spectra import spectra
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, Medium, homogeneous, reference_phantom

PROBE = PROBES["convex"]
TISSUE = Medium(0.8, 3.0, 120.0, 30.0)


def spent(task: Callable[[], object], *, rounds: int) -> tuple[float, float]:
    """Fastest time of one call by the clock, and median processor time, ms."""
    task()
    wall, processor = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        task()
        wall.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - used))
    return min(wall), float(np.median(processor))


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    frames = frames_of(homogeneous(PROBE, TISSUE, rng=np.random.default_rng(0)), scanner="A", site="SIM")
    known = frames_of(reference_phantom(PROBE), scanner="A", site="SIM")
    reference = prepared(Phantom(known, 0.5, 40.0))
    every = prepared(Phantom(known, 0.5, 40.0), lines=4)
    box = Box((30.0, 80.0), (0, PROBE.lines - 1))
    tasks: dict[str, Callable[[], object]] = {
        "all maps, cells of 16 lines every 4": lambda: spectral_maps(frames, reference),
        "all maps, cells of 4 lines at every line": lambda: spectral_maps(frames, every),
        "of that: spectra": lambda: spectra(frames, box=frames.whole(), overlap=0.5),
        "of that: envelope": lambda: envelope(frames.without_gain()),
        "all parameters of a region of 50 mm, 200 draws": lambda: parameters(frames, known, box=box, seed=0),
        "preparing the phantom (8 frames), once": lambda: prepared(Phantom(known, 0.5, 40.0)),
    }
    print("| | fastest by the clock, ms | processor, median, ms |\n|:--|--:|--:|")
    for name, task in tasks.items():
        fastest, processor = spent(task, rounds=rounds)
        print(f"| {name} | {fastest:.1f} | {processor:.1f} |", flush=True)
    maps = spectral_maps(frames, reference, attenuation=TISSUE.attenuation_db_cm_mhz)
    inside = (maps.depth_mm > 30) & (maps.depth_mm < 80)
    print("\n| cells from 30 to 80 mm | mean | SD |\n|:--|--:|--:|")
    for name, unit in UNITS.items():
        values = maps.values[name][inside]
        print(f"| {name} ({unit}) | {np.nanmean(values):.3f} | {np.nanstd(values):.3f} |")
    print(f"\nPut in: {TISSUE.attenuation_db_cm_mhz} dB/cm/MHz")


if __name__ == "__main__":
    main()
