"""The probe and scanner of a SIMULATED ultrasound examination: what they send, receive and how their lines lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError, choices

Geometry = Literal["convex", "linear", "phased"]
GEOMETRIES = ("convex", "linear", "phased")
SPEED_MM_US = 1.54
"""Speed of sound that every scanner assumes, mm per microsecond."""
HALF = float(np.sqrt(8 * np.log(2)))
"""Full width at half maximum over standard deviation of a Gaussian."""
EFFECTIVE = float(np.sqrt(2 * np.pi)) / HALF
"""Width of the box that scatters like a Gaussian echo, over its full width at half amplitude."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Probe:
    """A preset of a scanner.

    `bandwidth` is the two-way -6 dB bandwidth over the centre frequency. `span` is the angle between the first and
    the last line in degrees (convex, phased) or the distance between them in mm (linear). `noise_db` is the electronic
    noise over the echo of the reference tissue (0 dB) in focus and without attenuation. `gain_db` and `tgc_db_cm` are
    what the scanner applies when nobody touches a knob.
    """

    name: str
    geometry: Geometry
    fc_mhz: float
    bandwidth: float
    fs_mhz: float
    lines: int
    samples: int
    span: float
    radius_mm: float = 0.0
    start_mm: float = 0.0
    focus_mm: float = 60.0
    f_number: float = 2.5
    transmit_f_number: float = 4.0
    aperture_mm: float = 24.0
    noise_db: float = -62.0
    gain_db: float = 0.0
    tgc_db_cm: float = 3.5

    def __post_init__(self) -> None:
        if self.geometry not in GEOMETRIES:
            raise SimulationError(
                f"probe {self.name!r}: geometry {self.geometry!r} is unknown; {choices(self.geometry, GEOMETRIES)}"
            )
        for quantity, value, low, high in self._limits():
            if not (np.isfinite(value) and low <= value <= high):
                raise SimulationError(
                    f"probe {self.name!r}: {quantity} is {value!r}; give a value from {low:g} to {high:g}"
                )
        if self.fs_mhz < 2 * self.fc_mhz * (1 + self.bandwidth):
            raise SimulationError(
                f"probe {self.name!r}: sampling at {self.fs_mhz:g} MHz folds its own spectrum; give at least "
                f"{2 * self.fc_mhz * (1 + self.bandwidth):g} MHz, or lower fc_mhz or bandwidth"
            )

    def _limits(self) -> list[tuple[str, float, float, float]]:
        curved = self.geometry == "convex"
        return [
            ("fc_mhz", self.fc_mhz, 0.5, 20),
            ("bandwidth", self.bandwidth, 0.05, 1.2),
            ("fs_mhz", self.fs_mhz, 2, 200),
            ("lines", self.lines, 8, 1024),
            ("samples", self.samples, 256, 20000),
            ("span", self.span, 1, 120),
            ("radius_mm", self.radius_mm, 10 if curved else 0, 100 if curved else 0),
            ("start_mm", self.start_mm, 0, 100),
            ("focus_mm", self.focus_mm, 5, 300),
            ("f_number", self.f_number, 0.5, 10),
            ("transmit_f_number", self.transmit_f_number, 0.5, 20),
            ("aperture_mm", self.aperture_mm, 2, 100),
            ("noise_db", self.noise_db, -200, 0),
            ("gain_db", self.gain_db, -60, 60),
            ("tgc_db_cm", self.tgc_db_cm, 0, 20),
        ]

    @property
    def sample_mm(self) -> float:
        """Depth between two samples of a line, mm."""
        return SPEED_MM_US / (2 * self.fs_mhz)

    @property
    def depth_mm(self) -> Array:
        """Depth (samples,) of every sample along its line, mm from the face of the probe."""
        return (self.start_mm + np.arange(self.samples) * self.sample_mm).astype(np.float32)

    @property
    def end_mm(self) -> float:
        """Depth of the last sample, mm."""
        return self.start_mm + (self.samples - 1) * self.sample_mm

    @property
    def pulse_sd_us(self) -> float:
        """Standard deviation of the Gaussian envelope of the two-way pulse, microseconds."""
        return HALF / (2 * np.pi * self.fc_mhz * self.bandwidth)

    @property
    def cell_mm2(self) -> float:
        """Area of the resolution cell in focus, (integral of h squared)^2 / integral of h^4 for the echo h, mm2.

        With N point scatterers in it the intensity has E[I^2] / E[I]^2 = 2 + 1/N, so that the Nakagami parameter is
        N / (1 + N).
        """
        wave = SPEED_MM_US / self.fc_mhz
        receive = wave * self.focus_mm / min(self.focus_mm / self.f_number, self.aperture_mm)
        across = 1 / np.hypot(1 / receive, 1 / (wave * self.transmit_f_number))
        along = HALF * self.pulse_sd_us * SPEED_MM_US / 2
        return float(EFFECTIVE**2 * along * across)

    def angle_rad(self, line: Array) -> Array:
        """Angle of the lines numbered `line` (fractions allowed) to the axis of the probe, radians."""
        if self.geometry == "linear":
            return np.zeros_like(line)
        return self._across(line) * np.float32(np.radians(self.span))

    def origin_mm(self, line: Array) -> tuple[Array, Array]:
        """Where the lines start: across (x, positive to the last line) and along (z, down) the axis, mm."""
        if self.geometry == "linear":
            return self._across(line) * np.float32(self.span), np.zeros_like(line)
        angle = self.angle_rad(line)
        return np.float32(self.radius_mm) * np.sin(angle), np.float32(self.radius_mm) * (np.cos(angle) - 1)

    def place_mm(self, line: Array, depth_mm: Array) -> tuple[Array, Array]:
        """The places (x, z) mm at `depth_mm` along the lines; the two arrays broadcast."""
        across, down = self.origin_mm(line)
        angle = self.angle_rad(line)
        return across + depth_mm * np.sin(angle), down + depth_mm * np.cos(angle)

    def pitch_mm(self, depth_mm: Array) -> Array:
        """Distance between neighbouring lines at `depth_mm`, mm; 0.1 at least, where a phased array has one origin."""
        if self.geometry == "linear":
            return np.full_like(depth_mm, self.span / (self.lines - 1))
        step = np.float32(np.radians(self.span) / (self.lines - 1))
        made: Array = np.maximum((np.float32(self.radius_mm) + depth_mm) * step, np.float32(0.1))
        return made

    def _across(self, line: Array) -> Array:
        """From -0.5 at the first to 0.5 at the last line."""
        return line * np.float32(1 / (self.lines - 1)) - np.float32(0.5)


CONVEX = Probe(
    "convex", "convex", fc_mhz=3.5, bandwidth=0.7, fs_mhz=20, lines=96, samples=2600, span=60, radius_mm=50
)
"""A textbook wide-band abdominal probe."""
CONVEX_NARROW = Probe(
    "convex_narrow", "convex", fc_mhz=2.5, bandwidth=0.25, fs_mhz=15, lines=192, samples=2340, span=65,
    radius_mm=45, start_mm=1.6, focus_mm=70, noise_db=-55, gain_db=3, tgc_db_cm=2.6,
)  # fmt: skip
"""Like raw data of a hand-held scanner (2.5 MHz, 192 lines, 15 MHz): its band is much narrower than a textbook's."""
CONVEX_MIDDLE = Probe(
    "convex_middle", "convex", fc_mhz=3.0, bandwidth=0.5, fs_mhz=25, lines=128, samples=3600, span=68,
    radius_mm=60, focus_mm=65, f_number=2.2, noise_db=-66, gain_db=-2, tgc_db_cm=3.2,
)  # fmt: skip
LINEAR = Probe(
    "linear", "linear", fc_mhz=7.5, bandwidth=0.65, fs_mhz=40, lines=128, samples=2600, span=38,
    focus_mm=25, f_number=2.0, transmit_f_number=3.0, aperture_mm=19, noise_db=-60, tgc_db_cm=7.0,
)  # fmt: skip
PHASED = Probe(
    "phased", "phased", fc_mhz=2.7, bandwidth=0.6, fs_mhz=20, lines=96, samples=2860, span=80,
    f_number=3.0, aperture_mm=19, noise_db=-58, tgc_db_cm=2.7,
)  # fmt: skip

PROBES: Mapping[str, Probe] = {
    probe.name: probe for probe in (CONVEX, CONVEX_NARROW, CONVEX_MIDDLE, LINEAR, PHASED)
}
SCANNERS: Mapping[str, Probe] = {"A": CONVEX, "B": CONVEX_NARROW, "C": CONVEX_MIDDLE}
"""The abdominal presets of the scanners of a study; their differences are typical values."""


def scanner(name: str) -> Probe:
    """The preset of scanner `name`; a name that is none raises `SimulationError`."""
    if name not in SCANNERS:
        raise SimulationError(f"there is no ultrasound scanner {name!r}; {choices(name, SCANNERS)}")
    return SCANNERS[name]
