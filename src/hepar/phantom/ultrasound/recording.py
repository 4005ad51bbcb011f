"""A SIMULATED raw radio-frequency recording with everything that is needed to interpret it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .focal import Cut
from .probe import SPEED_MM_US, Array, Probe

FULL_SCALE = 32767
"""Largest count of the converter, beyond which echoes are clipped."""
COUNTS = 500.0
"""Counts for an echo of amplitude 1 without gain: the root mean square of the reference tissue in focus."""


@dataclass(frozen=True, slots=True)
class RfRecording:
    """Frames of a held probe.

    `rf` (frames, lines, samples) in counts of a 16-bit converter, after gain and time gain: an echo is multiplied by
    10^((gain_db + tgc_db) / 20). `tgc_db` (samples,). `regions` (lines, samples // 4 rows) numbers what lies where
    (`Region`), `cuts` are the lesions in the plane. `truth` has what was simulated, by name with unit.
    """

    case_id: str
    view: int
    probe: Probe
    rf: Array
    gain_db: float
    tgc_db: Array
    regions: NDArray[np.uint8]
    cuts: tuple[Cut, ...]
    truth: Mapping[str, float]

    @property
    def fs_mhz(self) -> float:
        """Sampling rate."""
        return self.probe.fs_mhz

    @property
    def fc_mhz(self) -> float:
        """Centre frequency of the transducer."""
        return self.probe.fc_mhz

    @property
    def c_mm_us(self) -> float:
        """Speed of sound that turns time into depth, mm per microsecond."""
        return SPEED_MM_US

    @property
    def start_mm(self) -> float:
        """Depth of the first sample."""
        return self.probe.start_mm

    @property
    def geometry(self) -> str:
        """Of the lines: convex, linear or phased."""
        return self.probe.geometry

    @property
    def depth_mm(self) -> Array:
        """Depth (samples,) of every sample along its line."""
        return self.probe.depth_mm

    def without_gain(self) -> Array:
        """The frames with gain and time gain undone, in units of the reference tissue's echo in focus."""
        factor = 10 ** (-(self.tgc_db + self.gain_db) / 20) / COUNTS
        made: Array = self.rf * factor.astype(np.float32)
        return made
