"""SIMULATED raw ultrasound beside an independent simulator, beside real raw ultrasound, and its processor time.

Run as `python -m benchmarks.phantom_ultrasound --peer PYTHON`, where PYTHON is the interpreter of an environment that
has fastsimus and jax (SIMUS, Garcia 2022: elements, waves and delay-and-sum instead of blocks and Gaussian beams).
The same point scatterers per mm2, the same band and the same estimators on both. Without `--peer` that table is left
out; without the folder HEPAR_REAL_IMAGES (see `benchmarks.phantom.real`) so is the one of real muscle.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import (
    SCANNERS,
    Medium,
    Probe,
    Region,
    RfRecording,
    Settings,
    b_mode,
    elastography,
    envelope,
    homogeneous,
    rf_frames,
)
from hepar.phantom.ultrasound.checks import attenuation, nakagami, spectra

from .phantom import real

Floats = NDArray[np.float64]
DEPTH = (32.0, 62.0)
DENSITY_MM2 = 6.0
SLOPES = (0.3, 0.7, 1.0)
REFERENCE_SLOPE = 0.5
REGION = (36.0, 52.0)
LINES, SPAN = 33, 14.0
PEER = """
import sys
import numpy as np

import scipy.signal
import jax.numpy as jnp
from fast_simus.medium_params import MediumParams
from fast_simus.simus import simus
from fast_simus.spectrum import probe_spectrum, pulse_spectrum
from fast_simus.transducer_presets import C5_2v
from fast_simus.utils.geometry import element_positions

slope, seed, density, lines, span = (float(word) for word in sys.argv[2:7])
probe, fs, up = C5_2v(), 20e6, 4
rng = np.random.default_rng(int(seed))
places, _, drop = element_positions(probe.n_elements, probe.pitch, probe.radius, np)
half, near, far = np.radians(span / 2 + 4), 27e-3, 68e-3
number = rng.poisson(density * 1e6 * half * ((probe.radius + far) ** 2 - (probe.radius + near) ** 2))
radius = np.sqrt(rng.uniform((probe.radius + near) ** 2, (probe.radius + far) ** 2, number))
angle = rng.uniform(-half, half, number)
x, z = radius * np.sin(angle), radius * np.cos(angle) - drop
medium = MediumParams(speed_of_sound=1540.0, attenuation=slope)
sign = np.where(rng.random(number) < 0.5, -1.0, 1.0)
found = simus(
    jnp.asarray(np.stack((x, z), 1), dtype=jnp.float32), jnp.asarray(sign, dtype=jnp.float32),
    jnp.zeros(probe.n_elements, dtype=jnp.float32), probe, medium, fs=fs, full_frequency_directivity=True,
)
rf = np.asarray(found.rf, dtype=float)
fine = scipy.signal.resample(rf, len(rf) * up, axis=0)
at = np.arange(len(fine))
depth = np.arange(1600) / fs * 770.0
out = np.zeros((int(lines), depth.size))
for row, turn in enumerate(np.radians(np.linspace(-span / 2, span / 2, int(lines)))):
    px, pz = (probe.radius + depth) * np.sin(turn), (probe.radius + depth) * np.cos(turn) - drop
    for (ex, ez), signal in zip(np.asarray(places), fine.T):
        side = np.arctan2(ex, ez + drop) - turn
        use = np.abs(side * probe.radius) < np.clip(depth / 2, 6e-3, 24e-3) / 2
        out[row] += use * np.interp((depth + np.hypot(px - ex, pz - ez)) / 1540.0 * fs * up, at, signal)
f = np.linspace(0.2e6, 8e6, 400)
two_way = np.abs(pulse_spectrum(2 * np.pi * f, probe.freq_center, 1.0) * probe_spectrum(2 * np.pi * f, probe.freq_center, probe.bandwidth) ** 2)
band = f[two_way > two_way.max() / 2] / 1e6
np.savez(sys.argv[1], rf=out, band=(band[0], band[-1]), number=number)
"""


def recording(rf: Floats, probe: Probe, *, slope: float) -> RfRecording:
    """Lines (frames, lines, samples) of the peer as a recording."""
    scale = np.float32(1000 / rf.std())
    nothing = np.zeros(probe.samples, dtype=np.float32)
    truth = {"attenuation_db_cm_mhz": slope}
    regions = np.zeros((probe.lines, 1), dtype=np.uint8)
    return RfRecording("SIM", 0, probe, rf.astype(np.float32) * scale, 0.0, nothing, regions, (), truth)


def measured(found: RfRecording) -> dict[str, float]:
    """First- and second-order statistics of the speckle between `DEPTH`."""
    depth = found.depth_mm
    rf = found.without_gain()[..., (depth >= DEPTH[0]) & (depth < DEPTH[1])].astype(np.float32)
    intensity = envelope(rf).astype(float) ** 2
    intensity /= np.exp(
        np.polyval(np.polyfit(range(rf.shape[-1]), np.log(intensity.mean((0, 1))), 2), range(rf.shape[-1]))
    )
    magnitude = np.sqrt(intensity)
    middle = float(found.probe.pitch_mm(np.array([sum(DEPTH) / 2], dtype=np.float32))[0])
    return {
        "mean / SD of the envelope": float(magnitude.mean() / magnitude.std()),
        "Nakagami parameter": nakagami(found, depth_mm=DEPTH),
        "axial width of the intensity's correlation, mm": width(intensity, 2) * found.probe.sample_mm,
        "lateral width of the intensity's correlation, mm": width(intensity, 1) * middle,
    }


def width(intensity: Floats, axis: int) -> float:
    """Full width at half maximum of the autocorrelation along an axis, in elements."""
    centred = intensity - intensity.mean()
    n = centred.shape[axis]
    found = [
        float((np.take(centred, range(n - lag), axis) * np.take(centred, range(lag, n), axis)).mean())
        for lag in range(min(n // 2, 60))
    ]
    share = np.array(found) / found[0]
    first = int(np.argmax(share < 0.5))
    return float(2 * (first - 1 + (share[first - 1] - 0.5) / (share[first - 1] - share[first])))


def like(band: tuple[float, float]) -> Probe:
    """A preset whose echo of point scatterers, which scatter as f^2 here, has the peer's -6 dB band; no focus in transmit."""
    centre, spread = sum(band) / 2, (band[1] - band[0]) / np.sqrt(8 * np.log(2))
    flat = 1 / np.sqrt(1 / spread**2 - 2 / centre**2)
    fc = centre - 2 * flat**2 / centre
    wide = flat * np.sqrt(8 * np.log(2)) / fc
    return Probe(
        "peer", "convex", fc_mhz=fc, bandwidth=min(wide, 1.2), fs_mhz=20, lines=LINES, samples=1600, span=SPAN,
        radius_mm=49.57, focus_mm=300, f_number=2, transmit_f_number=10, aperture_mm=24, noise_db=-120,
    )  # fmt: skip


def peer_table(python: str) -> None:
    """Both simulators: speckle without attenuation, three attenuations each against a reference phantom of its own."""
    wanted = [(slope, seed) for slope in (REFERENCE_SLOPE, *SLOPES) for seed in (1, 2)]
    with tempfile.TemporaryDirectory() as folder:
        raw = {(s, seed): peer(python, Path(folder), slope=s, seed=seed) for s, seed in ((0.0, 1), *wanted)}
    nominal = like(raw[0.0, 1][1])
    clear = _band(recording(raw[0.0, 1][0][None], nominal, slope=0.0), depth_mm=DEPTH)
    probe = like((clear["-6 dB from, MHz"], clear["-6 dB to, MHz"]))
    frames = {
        slope: [rf for (s, _), (rf, _) in raw.items() if s == slope]
        for slope in (0.0, REFERENCE_SLOPE, *SLOPES)
    }
    theirs = {slope: recording(np.stack(rf), probe, slope=slope) for slope, rf in frames.items()}
    ours = {slope: _ours(probe, slope) for slope in frames}
    print(
        f"\n{DENSITY_MM2:g} scatterers per mm2, {DEPTH[0]:g} to {DEPTH[1]:g} mm, no attenuation; the same band\n"
    )
    _rows(("hepar", "SIMUS"), measured(ours[0.0]), measured(theirs[0.0]))
    print(f"\nAttenuation {REFERENCE_SLOPE:g} dB/cm/MHz\n")
    _rows(("hepar", "SIMUS"), measured(ours[REFERENCE_SLOPE]), measured(theirs[REFERENCE_SLOPE]))
    for slope in SLOPES:
        found = [
            attenuation(which[slope], which[REFERENCE_SLOPE], depth_mm=DEPTH) for which in (ours, theirs)
        ]
        print(f"| attenuation found, {slope:g} put in | {found[0]:.3f} | {found[1]:.3f} |")


def _ours(probe: Probe, slope: float) -> RfRecording:
    rng = np.random.default_rng(round(100 * slope))
    return homogeneous(probe, Medium(slope, 0.0, 1.0, DENSITY_MM2), rng=rng, frames=4)


def peer(python: str, folder: Path, *, slope: float, seed: int) -> tuple[Floats, tuple[float, float]]:
    out = folder / "made.npz"
    words = [str(value) for value in (out, slope, seed, DENSITY_MM2, LINES, SPAN)]
    subprocess.run([python, "-c", PEER, *words], check=True)
    with np.load(out) as made:
        low, high = made["band"].tolist()
        return np.asarray(made["rf"], float), (low, high)


def _rows(heads: tuple[str, str], ours: Mapping[str, float], theirs: Mapping[str, float]) -> None:
    print(f"| | {heads[0]} | {heads[1]} |\n|:--|--:|--:|")
    for name, value in ours.items():
        print(f"| {name} | {value:.3f} | {theirs[name]:.3f} |")


def muscle_table(root: Path) -> None:
    """Real plane-wave echoes of calf muscle beside homogeneous tissue through a probe of the same band."""
    lines, fs_mhz = real.muscle_rf(root)
    probe = Probe(
        "muscle", "linear", fc_mhz=4.6, bandwidth=0.75, fs_mhz=fs_mhz, lines=lines.shape[0], samples=lines.shape[1],
        span=0.23 * (lines.shape[0] - 1), focus_mm=300, f_number=1.5, transmit_f_number=10, aperture_mm=40,
        noise_db=-60,
    )  # fmt: skip
    simulated = homogeneous(probe, Medium(1.0, 0.0, 60.0, 20.0), rng=np.random.default_rng(0))
    found = (simulated, recording(lines[None], probe, slope=1.0))
    rows = [{**_band(one, depth_mm=(8, 18)), **_near(one)} for one in found]
    print("\nHomogeneous tissue beside real calf muscle, 8 to 18 mm deep\n")
    _rows(("simulated", "real"), *rows)


def _near(found: RfRecording) -> dict[str, float]:
    depth = found.depth_mm
    intensity = envelope(found.without_gain()[..., (depth >= 8) & (depth < 18)]).astype(float) ** 2
    intensity /= scipy.signal.savgol_filter(intensity.mean((0, 1)), 101, 2)
    pitch = found.probe.span / (found.probe.lines - 1)
    return {
        "Nakagami parameter": float(intensity.mean() ** 2 / intensity.var()),
        "axial width of the intensity's correlation, mm": width(intensity, 2) * found.probe.sample_mm,
        "lateral width of the intensity's correlation, mm": width(intensity, 1) * pitch,
    }


def _band(found: RfRecording, *, depth_mm: tuple[float, float]) -> dict[str, float]:
    """Peak and -6 dB band of the mean spectrum."""
    frequency, _, power = spectra(found, depth_mm=depth_mm)
    mean = scipy.ndimage.gaussian_filter1d(power.mean(axis=0), 3)
    inside = frequency[mean > mean.max() / 4]
    return {
        "peak, MHz": float(frequency[mean.argmax()]),
        "-6 dB from, MHz": float(inside[0]),
        "-6 dB to, MHz": float(inside[-1]),
    }


def liver_table() -> None:
    """The narrow-band preset beside what was measured on raw data of a real liver by such a scanner (one person)."""
    rows = []
    for number in range(1, 25):
        patient = draw_patient(Scenario.of("B"), seed=3, number=number)
        found = rf_frames(patient, frames=2, probe=SCANNERS["B"])
        first, share = _clear(found)
        if share < 1:
            continue
        part = replace(
            found, rf=found.rf[:, first : first + 24], regions=found.regions[first : first + 24]
        )  # the size of the region that such a scanner records
        held = np.array(np.corrcoef(part.rf[..., 700:1010].reshape(2, -1)))
        rows.append(
            {
                **_band(part, depth_mm=REGION),
                "Nakagami parameter": nakagami(part, depth_mm=REGION),
                "correlation of frames": float(held[0, 1]),
            }
        )
    middle = {name: float(np.median([row[name] for row in rows])) for name in rows[0]}
    real_liver = dict(zip(middle, (2.29, 2.14, 2.61, 0.74, 0.975), strict=True))
    print(
        f"\nMedian of {len(rows)} simulated patients, 24 lines by 16 mm of liver alone, beside a real liver\n"
    )
    _rows(("simulated", "real"), middle, real_liver)


def _clear(found: RfRecording) -> tuple[int, float]:
    """First of 24 neighbouring lines that meet nothing but liver in `REGION`, and the share of liver in them."""
    depth = found.depth_mm[:: found.probe.samples // found.regions.shape[1]][: found.regions.shape[1]]
    liver = (found.regions[:, (depth > REGION[0]) & (depth < REGION[1])] == Region.LIVER).mean(axis=1)
    share = np.convolve(liver, np.ones(24) / 24, mode="valid")
    return int(share.argmax()), float(share.max() + 1e-9)


def time_table() -> None:
    """Processor time of one thread."""
    patient = draw_patient(Scenario.of("B"), seed=3, number=6)
    convex = replace(SCANNERS["A"])
    tasks: dict[str, Callable[[], object]] = {
        f"frame of scanner {name} ({probe.lines} lines x {probe.samples} samples)": partial(
            rf_frames, patient, probe=probe
        )
        for name, probe in SCANNERS.items()
    }
    recorded = rf_frames(patient, probe=convex)
    tasks["ten frames of a held probe, scanner A"] = lambda: rf_frames(patient, probe=convex, frames=10)
    tasks["B-mode image of 0.3 mm"] = lambda: b_mode(recorded)
    tasks["elastography"] = lambda: elastography(patient)
    tasks["homogeneous phantom, scanner A"] = lambda: homogeneous(
        convex, Medium(0.5, 0.0, 40.0, 30.0), rng=np.random.default_rng(0), settings=Settings(0.0, 3.5)
    )
    print("\n| | CPU s, median of 7 |\n|:--|--:|")
    for name, task in tasks.items():
        print(f"| {name} | {_spent(task):.4f} |")


def _spent(task: Callable[[], object]) -> float:
    task()
    spent = []
    for _ in range(7):
        start = time.process_time()
        task()
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="interpreter of an environment with fastsimus and jax")
    peer = parser.parse_args().peer
    time_table()
    liver_table()
    root = real.folder()
    if root is None:
        print("\nHEPAR_REAL_IMAGES is not set: no table of real muscle")
    else:
        muscle_table(root)
    if peer is None:
        print("\nno --peer: no table of the independent simulator")
    else:
        peer_table(peer)


if __name__ == "__main__":
    main()
