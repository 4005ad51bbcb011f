"""SIMULATED recordings as readers give them, and how to spoil them, for the tests of raw ultrasound."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hepar.imaging.ultrasound.frames import RfFrames
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, REFERENCE, Medium, Probe, homogeneous

SMALL = replace(PROBES["convex"], lines=24, samples=1300, span=15.0)
"""The wide-band preset with a quarter of its lines and half of its depth."""


def recorded(medium: Medium = REFERENCE, *, probe: Probe = SMALL, seed: int = 0, frames: int = 1) -> RfFrames:
    made = homogeneous(probe, medium, rng=np.random.default_rng(seed), frames=frames)
    return frames_of(made, scanner="A", site="S1")


def sector(
    angle_deg: NDArray[np.float64],
    origin_mm: NDArray[np.float64],
    *,
    samples: int = 400,
    start_mm: float = 0.0,
) -> RfFrames:
    """Noise on lines that lie as told, 20 MHz."""
    rng = np.random.default_rng(1)
    return RfFrames(
        rf=rng.standard_normal((1, angle_deg.size, samples)).astype(np.float32),
        fs_mhz=20.0,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="convex",
        line_angle_deg=angle_deg,
        line_origin_mm=origin_mm,
        start_mm=start_mm,
        tgc_db=None,
    )
