"""What networks find in SIMULATED radio frequency and in its B-mode picture, where the truth is known.

    python -m benchmarks.rf_networks [--frames 600] [--seeds 1] [--device cpu] [--folder DIR]

Frames of a wide-band probe with attenuation, scatterer diameter and scatterer density drawn independently, behind a
wall of random thickness and attenuation, with gain and time gain drawn at random and withheld. The backscatter at
3 MHz is drawn too and knows nothing of the rest. Three quarters train. For every truth: Spearman's correlation with the
truth and the AUC of its upper half, in the last quarter. Gain and the slope of time gain are truths as well: a network
that finds them could learn an operator's habit instead of disease.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from hepar.core.device import Device
from hepar.core.fingerprint import fingerprint
from hepar.imaging.ultrasound import inputs
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.inputs import Grid, log_envelope, picture, raw_lines, spectrogram
from hepar.io.simulated_rf import frames_of
from hepar.models.arrays import Level, learn_scale, levelled, padded
from hepar.nets.build import Architecture, Blueprint, build, capacity
from hepar.nets.device import alone
from hepar.nets.heads import Head
from hepar.nets.training import Budget, Examined, told, train
from hepar.phantom.ultrasound import PROBES, Medium, RfRecording, Settings
from hepar.phantom.ultrasound.rf import record, regions_of
from hepar.phantom.ultrasound.scene import Lattice, Scene

PROBE = replace(PROBES["convex"], lines=64, span=40, samples=2210)
BOX = Box((28.0, 78.0), (0, 63))
GRID = Grid()
TRUTHS = ("attenuation", "diameter", "density", "gain", "time gain")
METHODS: tuple[tuple[str, Architecture, Level, tuple[str, ...]], ...] = (
    ("RF two-stream", "two_stream", "kept", ("spectrogram", "envelope")),
    ("RF raw lines", "raw", "kept", ("lines",)),
    ("B-mode, level and tilt removed", "bmode", "tilt", ("picture",)),
    ("B-mode, level removed", "bmode", "mean", ("picture",)),
    ("B-mode, as displayed", "bmode", "kept", ("picture",)),
)
CHANNELS = {"spectrogram": 24, "envelope": 1, "lines": 1, "picture": 1}
Arrays = dict[str, np.ndarray]


def main() -> None:
    """Simulate once, train every network on the same frames, print the table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--frames", type=int, default=600)
    asked.add_argument("--seeds", type=int, default=1)
    asked.add_argument("--epochs", type=int, default=30)
    asked.add_argument("--device", choices=get_args(Device), default="cpu")
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    given = asked.parse_args()
    arrays = simulated(given.frames, given.folder)
    print(f"{given.frames} SIMULATED frames, 3/4 train; rho/AUC in the rest, mean of {given.seeds} seed(s)")
    print(f"| network | parameters | {given.device}, s | " + " | ".join(TRUTHS) + " |")
    budget = Budget(epochs=given.epochs, device=given.device)
    for method in METHODS:
        found = [trial(arrays, method, seed=seed, budget=budget) for seed in range(given.seeds)]
        mean = np.mean([one for one, _ in found], axis=0)
        cells = " | ".join(f"{rho:.3f}/{auc:.3f}" for rho, auc in mean)
        print(
            f"| {method[0]} | {size(method)} | {np.mean([s for _, s in found]):.0f} | {cells} |", flush=True
        )


def trial(
    arrays: Arrays, method: tuple[str, Architecture, Level, tuple[str, ...]], *, seed: int, budget: Budget
) -> tuple[np.ndarray, float]:
    """Correlation and AUC (truths, 2), and seconds of training: of processor time, or on a GPU by the clock."""
    level, names = method[2:]
    truth, cut = arrays["truth"], 3 * len(arrays["truth"]) // 4
    streams = [_standardised(arrays[name], level, cut) for name in names]
    seen = [Examined(tuple(s[part] for s in streams), np.ones((n, 1), dtype=np.float32))
            for part, n in ((slice(cut), cut), (slice(cut, None), len(truth) - cut))]  # fmt: skip
    mean, spread = truth[:cut].mean(axis=0), truth[:cut].std(axis=0)
    targets = {name: ((truth - mean) / spread)[:cut, k] for k, name in enumerate(TRUTHS)}
    plan = blueprint(method)
    clock = time.process_time if budget.device == "cpu" else time.perf_counter
    began = clock()
    trained = train(plan, seen[0], targets, budget=budget, seed=seed)
    spent = clock() - began
    said, known = told(plan, trained.weights, seen[1]).answers, truth[cut:]
    scores = [
        (spearmanr(said[:, k], known[:, k]).statistic,
         roc_auc_score(known[:, k] > np.median(known[:, k]), said[:, k]))
        for k in range(len(TRUTHS))
    ]  # fmt: skip
    return np.array(scores), spent


def blueprint(method: tuple[str, Architecture, Level, tuple[str, ...]]) -> Blueprint:
    heads = tuple(Head(name, "regression") for name in TRUTHS)
    return Blueprint(method[1], tuple(CHANNELS[name] for name in method[3]), heads)


def size(method: tuple[str, Architecture, Level, tuple[str, ...]]) -> int:
    with alone(0):
        return capacity(build(blueprint(method)))


def _standardised(stored: np.ndarray, level: Level, cut: int) -> np.ndarray:
    arrays = [levelled(one[None].astype(np.float32), level) for one in stored]
    scale = learn_scale(arrays[:cut])
    return padded([scale(array) for array in arrays])[0]


def simulated(count: int, folder: Path) -> Arrays:
    """The inputs of all networks and the truths, kept in `folder` for the next run."""
    made_by = fingerprint(Path(__file__), Path(inputs.__file__), count)
    kept = folder / f"hepar_rf_networks_{made_by}.npz"
    if kept.exists():
        return dict(np.load(kept))
    rng = np.random.default_rng(1)
    made: dict[str, list[np.ndarray]] = {name: [] for name in (*CHANNELS, "truth")}
    for number in range(count):
        frames, truth = one_frame(np.random.default_rng([1, number]), rng)
        made["spectrogram"].append(spectrogram(frames, BOX, grid=GRID)[0])
        made["envelope"].append(log_envelope(frames, BOX, grid=GRID)[0])
        made["lines"].append(raw_lines(frames, BOX, grid=GRID)[0])
        made["picture"].append(picture(frames, BOX, grid=GRID)[0])
        made["truth"].append(truth)
    arrays = {name: np.array(of) for name, of in made.items()}
    np.savez(kept, allow_pickle=False, **arrays)
    return arrays


def one_frame(rng: np.random.Generator, draw: np.random.Generator) -> tuple[RfFrames, np.ndarray]:
    """A frame whose gain nobody knows, and the truths."""
    attenuation, diameter = draw.uniform(0.4, 1.0), draw.uniform(50, 220)
    density, backscatter = 10 ** draw.uniform(-0.2, 1.3), draw.normal(0, 2)
    gain, slope = draw.uniform(-10, 10), 3.5 * 2 * draw.uniform(0.35, 0.75)
    wall_mm, wall = draw.uniform(12, 25), draw.uniform(0.4, 1.0)
    liver = Medium(attenuation, backscatter, diameter, density / PROBE.cell_mm2)
    lattice = Lattice(PROBE)
    regions = np.repeat((lattice.depth_mm < wall_mm)[:, None], lattice.columns, axis=1).astype(np.uint8)
    scene = Scene((liver, Medium(wall, 0.0, 60.0, 30.0)), regions)
    knobs = Settings(gain, slope)
    rf = record(PROBE, scene, settings=knobs, rng=rng, frames=1)
    made = RfRecording("SIM", 0, PROBE, rf, gain, knobs.tgc_db(PROBE), regions_of(PROBE, scene), (), {})
    frames = replace(frames_of(made, scanner="A", site=""), gain_db=None, tgc_db=None, regions={})
    return frames, np.array([attenuation, diameter, np.log10(density), gain, slope], dtype=np.float32)


if __name__ == "__main__":
    main()
