"""SIMULATED phantoms as recordings, for the tests of quantitative ultrasound."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, Medium, Settings, homogeneous, reference_phantom

WIDE = PROBES["convex"]
TALL = Box((30.0, 80.0), (0, WIDE.lines - 1))
LIKE_PHANTOM = Medium(0.5, 0.0, 40.0, 60.0)


@lru_cache(maxsize=8)
def phantom(
    medium: Medium = LIKE_PHANTOM, *, seed: int = 0, preset: str = "convex", settings: Settings | None = None
) -> RfFrames:
    """Homogeneous tissue with the noise of the preset."""
    made = homogeneous(PROBES[preset], medium, rng=np.random.default_rng(seed), settings=settings)
    return frames_of(made, scanner="A", site="SIM")


@lru_cache(maxsize=2)
def reference(preset: str = "convex") -> RfFrames:
    """The reference phantom: 0.5 dB/cm/MHz, 40 um, 0 dB."""
    frames = 8 if preset == "convex" else 3
    return frames_of(reference_phantom(PROBES[preset], frames=frames), scanner="A", site="SIM")


def tone(frequency_mhz: float, *, fs_mhz: float = 20.0, lines: int = 4, samples: int = 1200) -> RfFrames:
    """Lines of one frequency and amplitude 1, without noise."""
    wave = np.cos(2 * np.pi * frequency_mhz / fs_mhz * np.arange(samples)).astype(np.float32)
    return plain(np.tile(wave, (1, lines, 1)), fs_mhz=fs_mhz)


def plain(rf: np.ndarray[tuple[int, ...], np.dtype[np.float32]], *, fs_mhz: float = 20.0) -> RfFrames:
    """A linear array at 3.5 MHz without gain."""
    lines = rf.shape[1]
    origin = np.stack((np.arange(lines) * 0.3, np.zeros(lines)), axis=1).astype(np.float32)
    return RfFrames(
        rf=rf,
        fs_mhz=fs_mhz,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="linear",
        line_angle_deg=np.zeros(lines, dtype=np.float32),
        line_origin_mm=origin,
        start_mm=0.0,
        tgc_db=np.zeros(rf.shape[2], dtype=np.float32),
        gain_db=0.0,
    )


def scaled(frames: RfFrames, factor_db: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> RfFrames:
    """The same echoes with another gain over depth (samples,) that the recording does not tell of."""
    louder = frames.rf.astype(np.float32) * (10 ** (factor_db / 20)).astype(np.float32)
    return replace(frames, rf=louder)
