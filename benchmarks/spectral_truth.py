"""Quantitative ultrasound against what was put into SIMULATED recordings: bias, scatter, and do intervals hold the truth?

Run as `python -m benchmarks.spectral_truth [--phantoms N] [--patients N] [--peer PYTHON]`. Every phantom has a reference
phantom of its own, so that the reference's chance counts as well. PYTHON is the interpreter of an environment with
fastsimus and jax (SIMUS, Garcia 2022: elements, waves and delay-and-sum); without it that table is left out.

There is no table beside QuantUS or PyQuantUS: they come by git alone and without a licence, so nothing here runs them.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hepar.imaging.ultrasound.backscatter import GAUSSIAN
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.levels import DB
from hepar.imaging.ultrasound.parameters import Parameters, parameters
from hepar.io.simulated_rf import frames_of
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import (
    PROBES,
    Medium,
    Probe,
    RfRecording,
    checks,
    homogeneous,
    reference_phantom,
    rf_frames,
    tissue_of,
)
from hepar.phantom.ultrasound.tissue import FAT, MUSCLE, SKIN

from .phantom_ultrasound import DEPTH, REFERENCE_SLOPE, SLOPES, like, peer, recording

Floats = NDArray[np.float64]
Pair = tuple[Parameters, Mapping[str, float]]
SLOPE_NAMES = tuple(
    f"attenuation{kind}_db_cm_mhz" for kind in ("", "_plain", "_log_difference", "_gain_free", "_shift")
)
NAMES = (*SLOPE_NAMES, "backscatter_db", "diameter_um", "concentration_db", "nakagami_m")


def stored(recorded: RfRecording) -> RfFrames:
    """As a file has it: whole counts."""
    return frames_of(recorded, scanner="A", site="SIM")


def truth_of(medium: Medium) -> dict[str, float]:
    """What each parameter should be."""
    wave = (2 * np.pi * 3.0 / 1.54) ** 2
    squares = (medium.diameter_um / 2000) ** 2 - 0.02**2
    size = 30 * np.log10(medium.diameter_um**2 / 40.0**2)
    return {
        **dict.fromkeys(SLOPE_NAMES, medium.attenuation_db_cm_mhz),
        "backscatter_db": medium.backscatter_db,
        "diameter_um": medium.diameter_um,
        "concentration_db": medium.backscatter_db + DB * GAUSSIAN * wave * squares - size,
    }


def phantoms(probe: Probe, *, count: int, box: Box) -> Iterator[Pair]:
    """Homogeneous tissue: attenuation 0.4 to 1.1 dB/cm/MHz, diameter 60 to 200 um, backscatter -6 to 6 dB."""
    rng = np.random.default_rng(11)
    for seed in range(count):
        medium = Medium(rng.uniform(0.4, 1.1), rng.uniform(-6, 6), rng.uniform(60, 200), rng.uniform(8, 60))
        sample = stored(homogeneous(probe, medium, rng=rng))
        reference = stored(reference_phantom(probe, seed=seed))
        yield parameters(sample, reference, box=box, seed=seed), truth_of(medium)


def patients(probe: Probe, *, count: int, known: bool) -> Iterator[Pair]:
    """Livers behind a body wall, with vessels and texture; the path is `known` or taken to be like the liver."""
    reference = stored(reference_phantom(probe, frames=16))
    for number in range(1, count + 1):
        patient = draw_patient(Scenario.of("B", arm="natural"), seed=1, number=number)
        recorded = rf_frames(patient, frames=2, probe=probe)
        frames, tissue = stored(recorded), tissue_of(patient)
        if "liver" not in frames.regions:
            continue
        box, wall = frames.regions["liver"], tissue.wall
        layers = ((wall.skin_mm, SKIN), (wall.fat_mm, FAT), (wall.muscle_mm, MUSCLE))
        before = tissue.wall_attenuation * sum(mm * one.attenuation_db_cm_mhz for mm, one in layers)
        before += (box.depth_mm[0] - wall.total_mm) * tissue.liver.attenuation_db_cm_mhz
        path = before / box.depth_mm[0] if known else None
        yield (
            parameters(frames, reference, box=box, seed=number, path_attenuation=path),
            truth_of(tissue.liver),
        )


def table(title: str, pairs: Iterable[Pair]) -> None:
    """One row for each parameter: how often it is given, bias, SD, root mean square error, interval."""
    pairs = list(pairs)
    errors: dict[str, list[tuple[float, bool, float]]] = defaultdict(list)
    for found, truth in pairs:
        for name, true in truth.items():
            if name in found.values:
                one = found.values[name]
                errors[name].append((one.value - true, one.low <= true <= one.high, one.standard_error))
    print(f"\n{title}: {len(pairs)} recordings\n")
    print(
        "| | given | bias | SD | RMSE | median error | standard error given | interval holds the truth |\n"
        "|:--|--:|--:|--:|--:|--:|--:|--:|"
    )
    for name in NAMES:
        if not errors[name]:
            continue
        error, held, given = np.array(errors[name], dtype=float).T
        row = (
            error.mean(), error.std(), np.sqrt((error**2).mean()), np.median(np.abs(error)), np.sqrt((given**2).mean())
        )  # fmt: skip
        digits = " | ".join(f"{value:.3f}" for value in row)
        print(f"| {name} | {len(error)}/{len(pairs)} | {digits} | {held.mean():.0%} |")


def density_table() -> None:
    """Nakagami's m, and alpha of homodyned-K, near the focus of tissue that hardly attenuates, against N / (1 + N)."""
    probe = PROBES["convex"]
    print("\n| scatterers per cell N | N / (1 + N) | nakagami_m | hk_x | hk_u | hk_alpha | entropy_bit |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for number in (0.3, 0.5, 1, 2, 4, 8, 16, 32):
        medium = Medium(0.05, 0.0, 40.0, number / probe.cell_mm2)
        found = [
            parameters(
                stored(homogeneous(probe, medium, rng=np.random.default_rng(seed))),
                None,
                box=Box((54, 66), (0, 95)),
                seed=seed,
                limits={"hk_alpha": np.inf},
            )
            for seed in range(6)
        ]
        means = [
            np.mean([one.values[name].value for one in found if name in one.values] or [np.nan])
            for name in ("nakagami_m", "hk_x", "hk_u", "hk_alpha", "entropy_bit")
        ]
        print(
            f"| {number:g} | {number / (1 + number):.3f} | "
            + " | ".join(f"{one:.3f}" for one in means)
            + " |"
        )


def noise_table(*, count: int) -> None:
    """Attenuation as electronic noise rises: with noise taken off and masked, and by the plainest estimator."""
    print("\n| noise over the echo in focus, dB | RMSE | given | RMSE without mask |\n|--:|--:|--:|--:|")
    for noise_db in (-80, -62, -50, -45, -40):
        probe = replace(PROBES["convex"], noise_db=noise_db)
        reference = reference_phantom(probe)
        rng = np.random.default_rng(5)
        ours, plain = [], []
        for seed in range(count):
            medium = Medium(rng.uniform(0.4, 1.1), 0.0, rng.uniform(60, 200), 20.0)
            sample, true = homogeneous(probe, medium, rng=rng), medium.attenuation_db_cm_mhz
            found = parameters(stored(sample), stored(reference), box=Box((30, 80), (0, 95)), seed=seed)
            if "attenuation_db_cm_mhz" in found.values:
                ours.append(found.values["attenuation_db_cm_mhz"].value - true)
            plain.append(checks.attenuation(sample, reference, depth_mm=(30, 80)) - true)
        print(f"| {noise_db} | {_rms(ours):.3f} | {len(ours)}/{count} | {_rms(plain):.3f} |", flush=True)


def peer_table(python: str) -> None:
    """The independent simulator, each attenuation against a reference phantom made by it as well."""
    with tempfile.TemporaryDirectory() as folder:
        raw = {
            (slope, seed): peer(python, Path(folder), slope=slope, seed=seed)
            for slope in (REFERENCE_SLOPE, *SLOPES)
            for seed in (1, 2)
        }
    probe = like(raw[REFERENCE_SLOPE, 1][1])
    frames = {
        slope: stored(
            recording(np.stack([rf for (s, _), (rf, _) in raw.items() if s == slope]), probe, slope=slope)
        )
        for slope in (REFERENCE_SLOPE, *SLOPES)
    }
    box = Box((DEPTH[0], DEPTH[1] - 1), (0, probe.lines - 1))
    print("\n| SIMUS: put in | found | 95 % interval | plain | gain-free |\n|--:|--:|:--|--:|--:|")
    for slope in SLOPES:
        found = parameters(
            frames[slope], frames[REFERENCE_SLOPE], box=box, seed=0,
            reference_attenuation=REFERENCE_SLOPE, reference_diameter_um=2.0,
            limits=dict.fromkeys(SLOPE_NAMES, np.inf),
        )  # fmt: skip
        best, plain, free = (found.values[name] for name in (*SLOPE_NAMES[:2], SLOPE_NAMES[3]))
        print(
            f"| {slope:g} | {best.value:.3f} | {best.low:.3f} to {best.high:.3f} | {plain.value:.3f} | {free.value:.3f} |"
        )


def _rms(errors: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors)))) if errors else float("nan")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phantoms", type=int, default=100)
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--peer", default="", metavar="PYTHON")
    asked = parser.parse_args()
    wide, narrow = PROBES["convex"], PROBES["convex_narrow"]
    tall = (30.0, 80.0)
    for title, probe, box in (
        ("Wide band, 96 lines by 50 mm", wide, Box(tall, (0, 95))),
        ("Narrow band, 192 lines by 50 mm", narrow, Box(tall, (0, 191))),
        ("Narrow band, 24 lines by 16 mm", narrow, Box((30.0, 46.0), (80, 103))),
    ):
        table(title, phantoms(probe, count=asked.phantoms, box=box))
    density_table()
    noise_table(count=min(asked.phantoms, 40))
    for title, known in (("path known", True), ("path taken to be like the liver", False)):
        for probe in (wide, narrow):
            table(f"Patients, {probe.name}, {title}", patients(probe, count=asked.patients, known=known))
    if asked.peer:
        peer_table(asked.peer)


if __name__ == "__main__":
    main()
