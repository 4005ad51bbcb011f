"""Delay and sum side by side: hepar and PyMUST on the same SIMULATED channel data and the same grid, in one run.

Run as `python -m benchmarks.beamforming --peer PYTHON`, where PYTHON is the interpreter of an environment that has
PyMUST. Every echo is a Gaussian pulse whose time is exact, so that the exact sum over the elements is known at every
place, and each contender's error beside its time. Contenders alternate within each round, each in a process of its own
on one thread; a ratio is formed within each round. Time is that of the processor from channel data to lines, the
matrix of delays included, imports and files not.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
C, FC, FS, BANDWIDTH = 1.54, 5.0, 20.0, 0.6
ELEMENTS, PITCH, SAMPLES, POINTS, F_NUMBER = 128, 0.3, 1100, 40, 1.5
ACROSS = (np.arange(ELEMENTS) - (ELEMENTS - 1) / 2) * PITCH
DEPTH = 5.0 + np.arange(900) * C / (2 * FS)
FRAMES = (1, 20)
AGREEMENT = 0.98
"""Least correlation of envelopes: PyMUST joins samples at the rate of the record by straight lines."""
OURS = "hepar"
PEERS = ("PyMUST, demodulated", "PyMUST, radio frequency")


def main() -> None:
    """Print how well they agree, then one table for each number of frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "echoes.npz"
        places = drawn()
        np.savez(file, rf=echoes(places))
        exact = envelope_of(exact_sum(places))
        race(arguments.peer, file, frames=1, rounds=1)
        refuse_disagreement({name: np.load(file.with_name(f"{name}.npy")) for name in (OURS, *PEERS)})
        for frames in FRAMES:
            results = race(arguments.peer, file, frames=frames, rounds=arguments.rounds)
            found = {name: np.load(file.with_name(f"{name}.npy")) for name in results}
            print(table(frames, results, found=found, exact=exact), flush=True)


def child(name: str, file: Path, *, frames: int) -> None:
    """Beamform once to warm up what is warmed up once, then once with the clock on."""
    rf = np.load(file)["rf"]
    many = np.stack([rf] * frames)
    run = ours if name == OURS else peer
    run(many[:1], name)
    start = time.process_time()
    lines, demodulated = run(many, name)
    cpu = time.process_time() - start
    np.save(file.with_name(f"{name}.npy"), np.abs(lines) if demodulated else envelope_of(lines))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu, "peak_mb": peak}))


def ours(rf: Array, _: str) -> tuple[Array, bool]:
    """Lines (lines, samples) of the first frame."""
    from hepar.imaging.ultrasound.beamform import beamform
    from hepar.imaging.ultrasound.channels import ChannelData

    data = ChannelData(
        rf=rf[:, None],
        fs_mhz=FS,
        fc_mhz=FC,
        c_mm_us=C,
        element_mm=np.stack([ACROSS, np.zeros(ELEMENTS)], axis=1),
        delays_us=np.zeros((1, ELEMENTS)),
        t0_us=np.zeros(1),
        bandwidth=BANDWIDTH,
    )
    made = beamform(data, depth_mm=(DEPTH[0], DEPTH[-1]), f_number=F_NUMBER, apodisation="box")
    return made.rf[0], False


def peer(rf: Array, name: str) -> tuple[Array, bool]:
    """As its documentation says: the matrix once, then all frames at a time, divided by how many elements it sums."""
    pymust = importlib.import_module("pymust")
    param = pymust.utils.Param()
    param.fs, param.fc, param.c, param.pitch = FS * 1e6, FC * 1e6, C * 1e3, PITCH * 1e-3
    param.Nelements, param.fnumber, param.bandwidth = ELEMENTS, F_NUMBER, BANDWIDTH * 100
    param.t0 = np.zeros(1)
    x, z = np.meshgrid(ACROSS * 1e-3, DEPTH * 1e-3)
    signal = np.moveaxis(rf, 0, 2).swapaxes(0, 1).astype(float)
    demodulated = "demodulated" in name
    size = np.array([SAMPLES, ELEMENTS])
    if demodulated:
        signal = pymust.rf2iq(signal, FS * 1e6, FC * 1e6)
        size = 1j * size
    matrix = pymust.dasmtx(size, x, z, np.zeros((1, ELEMENTS)), param).tocsr()
    columns = signal.reshape(-1, signal.shape[2], order="F")
    lines = matrix @ columns
    summed = np.asarray(abs(matrix).sum(axis=1)).ravel()
    first = lines[:, 0] / np.maximum(summed, 1e-9)
    return first.reshape(x.shape, order="F").T, demodulated


def drawn() -> Array:
    """Places (points, 2) mm."""
    rng = np.random.default_rng(0)
    return np.stack([rng.uniform(-16, 16, POINTS), rng.uniform(8, 36, POINTS)], axis=1)


def pulse(time_us: Array) -> Array:
    """Gaussian in time and frequency."""
    sigma = np.sqrt(2 * np.log(2)) / (np.pi * BANDWIDTH * FC)
    return np.asarray(np.exp(-(time_us**2) / (2 * sigma**2)) * np.cos(2 * np.pi * FC * time_us))


def flight(places: Array) -> Array:
    """Time (points, elements) there and back, us."""
    return np.asarray((places[:, 1:] + np.hypot(places[:, :1] - ACROSS, places[:, 1:])) / C)


def echoes(places: Array) -> Array:
    """SIMULATED plane wave, every point as strong as the next: (elements, samples)."""
    at = np.arange(SAMPLES) / FS
    return np.asarray(sum(pulse(at - one[:, None]) for one in flight(places)), dtype=np.float32)


def exact_sum(places: Array) -> Array:
    """What delay and sum gives (lines, samples) if echoes between samples are known exactly."""
    arrival = flight(places)
    lines = np.zeros((ELEMENTS, DEPTH.size))
    for line, across in enumerate(ACROSS):
        near = np.flatnonzero(np.abs(ACROSS - across) <= DEPTH[-1] / (2 * F_NUMBER))
        offset = np.abs(ACROSS[near] - across)
        asked = (DEPTH[:, None] + np.hypot(offset, DEPTH[:, None])) / C
        half = np.maximum(DEPTH / (2 * F_NUMBER), 1.5 * PITCH)[:, None]
        used = (offset <= half) & (asked <= (SAMPLES - 1) / FS)
        total = sum((pulse(asked - one[near]) * used).sum(axis=1) for one in arrival)
        lines[line] = total / used.sum(axis=1)
    return lines


def envelope_of(lines: Array) -> Array:
    """Magnitude of the analytic signal along the last axis."""
    from scipy.signal import hilbert

    return np.asarray(np.abs(hilbert(lines, axis=-1)))


def race(python: str, file: Path, *, frames: int, rounds: int) -> Mapping[str, Sequence[Mapping[str, float]]]:
    """What each contender says in each round."""
    single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    found: dict[str, list[Mapping[str, float]]] = {name: [] for name in (OURS, *PEERS)}
    for _ in range(rounds):
        for name in found:
            command = [sys.executable if name == OURS else python, __file__, name, str(file), str(frames)]
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=os.environ | single
            )
            if done.returncode:
                raise SystemExit(f"{name}: {done.stderr[-2000:]}")
            found[name].append(json.loads(done.stdout.strip().splitlines()[-1]))
    return found


def table(
    frames: int,
    results: Mapping[str, Sequence[Mapping[str, float]]],
    *,
    found: Mapping[str, Array],
    exact: Array,
) -> str:
    """One row a contender; the ratio is its time over hepar's, round by round. The edges are left to the Hilbert."""
    inner = (slice(None), slice(40, -40))
    ours_cpu = [one["cpu"] for one in results[OURS]]
    rows = [
        f"\n### {frames} frame{'s' if frames > 1 else ''}, {ELEMENTS} lines x {DEPTH.size} samples, {ELEMENTS} elements\n",
        "| | CPU s | CPU / hepar | peak MB | correlation with the exact envelope | error, % of its rms |",
        "|:--|--:|--:|--:|--:|--:|",
    ]
    for name, rounds in results.items():
        a, b = found[name][inner].ravel(), exact[inner].ravel()
        gain = float(a @ b / (a @ a))
        error = 100 * float(np.std(gain * a - b) / np.sqrt(np.mean(b**2)))
        cpu = [one["cpu"] for one in rounds]
        ratio = [theirs / own for theirs, own in zip(cpu, ours_cpu, strict=True)]
        peak = [one["peak_mb"] for one in rounds]
        cells = [*map(spread, (cpu, ratio, peak)), f"{np.corrcoef(a, b)[0, 1]:.5f}", f"{error:.2f}"]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def refuse_disagreement(found: Mapping[str, Array]) -> None:
    """Nothing is timed before each pair of envelopes is seen to be of the same thing."""
    for name in PEERS:
        agreement = float(np.corrcoef(found[OURS].ravel(), found[name].ravel())[0, 1])
        print(f"Correlation of the envelopes of {OURS} and {name}: {agreement:.5f}")
        if agreement < AGREEMENT:
            raise SystemExit(f"{name} and {OURS} do not beamform the same thing; times would mean nothing")


def spread(values: Sequence[float]) -> str:
    """Median (range)."""
    return f"{np.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in (OURS, *PEERS):
        child(sys.argv[1], Path(sys.argv[2]), frames=int(sys.argv[3]))
    else:
        main()
