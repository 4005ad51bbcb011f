"""Point scatterers of a SIMULATED scan plane: their amplitudes on the fine lattice."""

import numpy as np

from .probe import EFFECTIVE, HALF, SPEED_MM_US, Array, Probe
from .scene import ROW, Interface, Lattice, Scene


def positions(rng: np.random.Generator, lattice: Lattice) -> Array:
    """Uniform numbers (rows * ROW, columns) that decide where a scatterer is, and its sign."""
    return rng.random((lattice.rows * ROW, lattice.columns), dtype=np.float32)


def moved(placed: Array, rng: np.random.Generator, *, share: float) -> Array:
    """The same after a `share` of the scatterers has been replaced by others (a held probe, a moment later)."""
    after = placed.copy()
    flat = after.reshape(-1)
    found = rng.integers(0, flat.size, size=round(share * flat.size))
    flat[found] = rng.random(found.size, dtype=np.float32)
    return after


def amplitudes(placed: Array, *, lattice: Lattice, scene: Scene) -> Array:
    """Amplitude (rows * ROW, columns) of what lies in every element of the lattice.

    The variance is backscatter times area. A Poisson number of scatterers of random sign, L expected, has variance L
    and fourth moment L + 3 L^2; one scatterer of amplitude sqrt(1 + 3 L) with probability L / (1 + 3 L) has the same,
    so that envelope statistics up to E[I^2] are those of Poisson scatterers at the price of one uniform number.
    """
    area = (lattice.width_mm * np.float32(lattice.probe.sample_mm))[:, None]
    density = scene.by_region("density_mm2")[scene.regions]
    expected = density * area
    spread = 1 + 3 * expected
    level_db = scene.by_region("backscatter_db")[scene.regions]
    if scene.texture_db is not None:
        level_db += scene.texture_db
    size = np.sqrt(spread / density) * np.exp(level_db * np.float32(np.log(10) / 20))
    bound = np.float32(0.5) - np.float32(0.5) * expected / spread
    signed = placed.reshape(lattice.rows, ROW, lattice.columns) - np.float32(0.5)
    made: Array = np.copysign(size[:, None], signed)
    made *= np.abs(signed) > bound[:, None]
    return made.reshape(placed.shape)


def regular_points(rng: np.random.Generator, *, lattice: Lattice, scene: Scene) -> Array:
    """Amplitudes (rows * ROW, columns) of jittered regular scatterers in region 0; distances are gamma distributed."""
    probe, every, regular = lattice.probe, lattice.over, scene.regular
    made = np.zeros((lattice.rows * ROW, lattice.columns), dtype=np.float32)
    if regular is None:
        return made
    columns = np.arange(0, lattice.columns, every)
    count = round(1.3 * (probe.end_mm - probe.start_mm) / regular.spacing_mm) + 10
    shape = regular.jitter**-2
    gaps = regular.spacing_mm * rng.gamma(shape, 1 / shape, size=(columns.size, count))
    depth = np.cumsum(gaps, axis=1) - regular.spacing_mm * rng.random((columns.size, 1))
    row = (depth / probe.sample_mm).astype(np.intp)
    column = np.broadcast_to(columns[:, None], row.shape)
    inside = (row >= 0) & (row < made.shape[0])
    row, column = row[inside], column[inside]
    liver = scene.regions[row // ROW, column] == 0
    row, column = row[liver], column[liver]
    level_db = np.float32(scene.media[0].backscatter_db)
    if scene.texture_db is not None:
        level_db = level_db + scene.texture_db[row // ROW, column]
    area = regular.spacing_mm * lattice.width_mm[row // ROW] * every
    np.add.at(made, (row, column), np.sqrt(regular.energy * area) * 10 ** (level_db / 20))
    return made


def reflections(lattice: Lattice, interfaces: tuple[Interface, ...]) -> Array:
    """Amplitudes (rows * ROW, columns) of smooth boundaries, each shared by the two nearest samples."""
    probe = lattice.probe
    made = np.zeros((lattice.rows * ROW, lattice.columns), dtype=np.float32)
    for interface in interfaces:
        seen = np.flatnonzero(np.isfinite(interface.depth_mm))
        place = (interface.depth_mm[seen] - probe.start_mm) / probe.sample_mm
        seen, place = (
            seen[(place >= 0) & (place < made.shape[0] - 1)],
            place[(place >= 0) & (place < made.shape[0] - 1)],
        )
        row = place.astype(np.intp)
        part = place - row
        echo = _mirror(probe) * 10 ** (interface.level_db / 20) * lattice.width_mm[row // ROW]
        np.add.at(made, (row, seen), echo * (1 - part))
        np.add.at(made, (row + 1, seen), echo * part)
    return made


def _mirror(probe: Probe) -> float:
    """Amplitude per mm of a smooth boundary whose echo peaks at 1 in focus.

    The peak of a Gaussian pulse of unit energy is sqrt(2 / (sd sqrt(pi))), the integral of a Gaussian beam of unit
    energy is sqrt(2 sd sqrt(pi)).
    """
    along = probe.pulse_sd_us * SPEED_MM_US / 2
    across = probe.cell_mm2 / (EFFECTIVE**2 * HALF * along) / HALF
    root = np.sqrt(np.pi)
    return float(1 / (np.sqrt(2 / (along * root)) * np.sqrt(2 * across * root)))
