"""What lies in a SIMULATED scan plane, on the lattice of fine columns and rows from which the echoes are made."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...core.errors import SimulationError
from .medium import Medium
from .probe import Array, Probe

ROW = 4
"""Samples that share one row of the scene."""
MARGIN = 6
"""Lines beyond the first and the last, from which a beam still receives something."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Fine columns (several to a line, running beyond both edges) and rows (of `ROW` samples) of a probe."""

    probe: Probe

    @property
    def over(self) -> int:
        """Columns to a line: enough for the narrowest beam."""
        return 3 if self.probe.lines <= 128 else 2

    @property
    def padded(self) -> int:
        """Lines with those beyond the edges, a number that a Fourier transform likes."""
        return int(scipy.fft.next_fast_len(self.probe.lines + 2 * MARGIN))

    @property
    def columns(self) -> int:
        """Number of columns; column `over * k` is line `k - MARGIN`."""
        return self.padded * self.over

    @property
    def rows(self) -> int:
        """Number of rows; the last may reach beyond the last sample."""
        return -(-self.probe.samples // ROW)

    @property
    def line(self) -> Array:
        """Line number (columns,) of every column, with fractions, negative before the first."""
        return (np.arange(self.columns) / self.over - MARGIN).astype(np.float32)

    @property
    def depth_mm(self) -> Array:
        """Depth (rows,) of the middle of every row, mm."""
        first = self.probe.start_mm + (ROW - 1) / 2 * self.probe.sample_mm
        return (first + np.arange(self.rows) * (ROW * self.probe.sample_mm)).astype(np.float32)

    @property
    def width_mm(self) -> Array:
        """Width (rows,) of a column, mm."""
        return self.probe.pitch_mm(self.depth_mm) / np.float32(self.over)

    def places_mm(self) -> tuple[Array, Array]:
        """The places (x, z), each (rows, columns), mm."""
        return self.probe.place_mm(self.line, self.depth_mm[:, None])

    def at_lines(self, by_column: NDArray[np.generic]) -> NDArray[np.generic]:
        """Of an array (..., columns), what lies on the lines (..., lines)."""
        first = MARGIN * self.over
        return by_column[..., first : first + self.probe.lines * self.over : self.over]


@dataclass(frozen=True, slots=True)
class Interface:
    """A smooth boundary that reflects: its depth (columns,) mm, not a number where it is out of sight.

    `level_db` is its echo at right angles over that of the reference tissue, before attenuation.
    """

    depth_mm: Array
    level_db: float


@dataclass(frozen=True, slots=True)
class Regular:
    """Scatterers at nearly regular distances along the beam, in region 0.

    `spacing_mm` is their mean distance, `jitter` its standard deviation over its mean, `energy` what they send back
    over what the diffuse scatterers do.
    """

    spacing_mm: float
    jitter: float
    energy: float

    def __post_init__(self) -> None:
        limits = {"spacing_mm": (0.1, 10.0), "jitter": (0.01, 1.0), "energy": (0.0, 10.0)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not (np.isfinite(value) and low <= value <= high):
                raise SimulationError(
                    f"regular scatterers with {name} {value!r} cannot be; give {low:g} to {high:g}"
                )


@dataclass(frozen=True, slots=True)
class Scene:
    """What the beam meets.

    `regions` (rows, columns) numbers `media`; `texture_db` (rows, columns) is added to their backscatter.
    `contact_db` (lines,) is what each line loses at the skin. `blur` widens the beam (phase aberration).
    `haze` is the amplitude of the wall's second echo, a copy of the first `haze_mm` that follows them.
    """

    media: tuple[Medium, ...]
    regions: NDArray[np.uint8]
    texture_db: Array | None = None
    interfaces: tuple[Interface, ...] = ()
    regular: Regular | None = None
    contact_db: Array | None = None
    blur: float = 1.0
    haze: float = 0.0
    haze_mm: float = 0.0

    def __post_init__(self) -> None:
        if int(self.regions.max()) >= len(self.media):
            raise SimulationError(
                f"region {int(self.regions.max())} of the scene has no medium; there are {len(self.media)}"
            )

    def by_region(self, name: str) -> Array:
        """The field `name` of the media as a table (media,)."""
        return np.array([getattr(medium, name) for medium in self.media], dtype=np.float32)


def uniform(lattice: Lattice, medium: Medium) -> Scene:
    """Nothing but `medium`."""
    return Scene((medium,), np.zeros((lattice.rows, lattice.columns), dtype=np.uint8))
