"""B-mode, quality and expected precision of raw ultrasound: processor time beside scipy's own way, and how precise.

Run as `OMP_NUM_THREADS=1 python -m benchmarks.bmode`. All recordings are SIMULATED. The first table is time a frame on
one thread, for a clip of twenty frames so that the geometry is made once; beside it the same by `scipy.signal.hilbert`
and `scipy.ndimage.map_coordinates`. The second is the standard deviation of attenuation over repeated measurements of
a homogeneous phantom by this package's parameters, over the one expected of the acquisition.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from hepar.imaging.ultrasound.bmode import b_mode, compressed, pooled
from hepar.imaging.ultrasound.envelope import envelope
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.independence import independent_lines
from hepar.imaging.ultrasound.parameters import parameters
from hepar.imaging.ultrasound.precision import METHODS, expected_precision
from hepar.imaging.ultrasound.quality import quality
from hepar.imaging.ultrasound.scan_conversion import lines_of
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, REFERENCE, Probe, homogeneous

FRAMES, REPEATS = 20, 7
NAMES = {
    "reference_phantom": "attenuation_db_cm_mhz",
    "gain_free": "attenuation_gain_free_db_cm_mhz",
    "spectral_shift": "attenuation_shift_db_cm_mhz",
}
ACQUISITIONS = (
    ("convex", (30.0, 80.0), 96, 24),
    ("convex", (30.0, 70.0), 24, 8),
    ("convex_narrow", (30.0, 80.0), 96, 12),
    ("convex_narrow", (30.0, 46.0), 24, 4),
)


def main() -> None:
    times()
    precisions()


def times() -> None:
    one = _recorded(PROBES["convex"], seed=1, frames=1)
    clip = replace(one, rf=np.repeat(one.rf, FRAMES, axis=0), frame_times_ms=None)
    print(f"{clip.rf.shape[1]} lines x {clip.rf.shape[2]} samples, ms of processor time a frame")
    rows: tuple[tuple[str, Callable[[], object]], ...] = (
        ("envelope", lambda: [envelope(frame) for frame in clip.rf]),
        ("envelope, scipy.signal.hilbert", lambda: [_peer_envelope(frame) for frame in clip.rf]),
        ("what a network sees", lambda: compressed(clip)),
        ("B-mode in mm", lambda: b_mode(clip)),
        ("B-mode in mm, scipy", lambda: _peer(clip)),
        ("quality", lambda: quality(clip)),
    )
    for name, work in rows:
        print(f"  {name:32s} {_ms(work) / FRAMES:8.2f}")


def precisions() -> None:
    print("attenuation of a homogeneous phantom, dB/cm/MHz: found standard deviation (expected)")
    for name, depth_mm, group, count in ACQUISITIONS:
        whole = replace(PROBES[name], noise_db=-110)
        frames, reference = _recorded(whole, seed=1, frames=count), _recorded(whole, seed=2, frames=4)
        boxes = [Box(depth_mm, (k, k + group - 1)) for k in range(0, whole.lines - group + 1, group)]
        found = np.array(
            [_measured(frames, reference, frame=k, box=box) for k in range(count) for box in boxes]
        )
        expected = expected_precision(
            fc_mhz=whole.fc_mhz,
            bandwidth=whole.bandwidth,
            fs_mhz=whole.fs_mhz,
            lines=group,
            depth_mm=depth_mm,
            independent_lines=float(np.mean([independent_lines(frames, box=box) for box in boxes])),
            reference_spectra=4 * independent_lines(reference),
        )
        pairs = zip(METHODS, found.std(axis=0, ddof=1), strict=True)
        told = ", ".join(f"{one.replace('_', ' ')} {sd:.4f} ({expected.sd(one):.4f})" for one, sd in pairs)
        print(f"  {name}, {group} lines, {depth_mm[0]:g} to {depth_mm[1]:g} mm, {len(found)} times: {told}")


def _measured(frames: RfFrames, reference: RfFrames, *, frame: int, box: Box) -> list[float]:
    one = replace(frames, rf=frames.rf[frame : frame + 1], frame_times_ms=None)
    limits = dict.fromkeys(NAMES.values(), 1e9)
    found = parameters(one, reference, box=box, seed=0, draws=20, limits=limits)
    return [found.values[NAMES[method]].value for method in METHODS]


def _recorded(probe: Probe, *, seed: int, frames: int) -> RfFrames:
    made = homogeneous(probe, REFERENCE, rng=np.random.default_rng(seed), frames=frames)
    return replace(frames_of(made, scanner="A", site="S1"), regions={})


def _peer_envelope(frame: NDArray[np.int16]) -> NDArray[np.float64]:
    made: NDArray[np.float64] = np.abs(scipy.signal.hilbert(frame.astype(np.float64), axis=-1))
    return made


def _peer(clip: RfFrames) -> list[NDArray[np.float64]]:
    shown = b_mode(replace(clip, rf=clip.rf[:1]))
    row, column = np.indices(shown.inside.shape)
    place = shown.x_mm + column * shown.mm_per_px, shown.z_mm + row * shown.mm_per_px
    line, depth = lines_of(clip).of_place(*place)
    places = np.stack((np.nan_to_num(line, nan=-1.0), depth / (clip.sample_mm * pooled(clip))))
    made = []
    for frame in clip.rf:
        found = _peer_envelope(frame)[:, : clip.rf.shape[2] // pooled(clip) * pooled(clip)]
        polar = found.reshape(len(found), -1, pooled(clip)).mean(axis=-1)
        made.append(scipy.ndimage.map_coordinates(20 * np.log10(polar + 1e-20), places, order=1))
    return made


def _ms(work: Callable[[], object]) -> float:
    work()
    spent = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return 1000 * float(np.median(spent))


if __name__ == "__main__":
    main()
