"""SIMULATED raw radio frequency of the liver: scan plane, echoes, electronic noise, time gain, converter."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..patient import Patient
from .echoes import echoes
from .plane import Plane, plane_of
from .probe import Array, Probe, scanner
from .recording import COUNTS, FULL_SCALE, RfRecording
from .scatterers import amplitudes, moved, positions, reflections, regular_points
from .scene import Lattice, Scene
from .tissue import CLIP

REPLACED = 0.025
"""Share of scatterers replaced from one frame of a held probe to the next: correlation 0.975, as measured in vivo."""
SLIDERS = 8
MOST_TGC_DB = 60.0
FRAMES = 1000
"""Most frames of a recording."""
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Settings:
    """The knobs: overall gain, slope of the time gain, and what its eight sliders add from top to bottom, dB."""

    gain_db: float
    tgc_db_cm: float
    sliders_db: tuple[float, ...] = (0.0,) * SLIDERS

    def __post_init__(self) -> None:
        for name, value, largest in (("gain_db", self.gain_db, 80.0), ("tgc_db_cm", self.tgc_db_cm, 20.0)):
            if not (np.isfinite(value) and abs(value) <= largest):
                raise SimulationError(f"{name} is {value!r}; give a number of at most {largest:g} either way")
        if len(self.sliders_db) != SLIDERS or not np.isfinite(self.sliders_db).all():
            raise SimulationError(
                f"sliders_db is {self.sliders_db!r}; give {SLIDERS} numbers from the top to the bottom"
            )

    def tgc_db(self, probe: Probe) -> Array:
        """Time gain (samples,): slope times depth up to 60 dB, and the sliders in between."""
        slope = np.minimum(self.tgc_db_cm * probe.depth_mm / 10, MOST_TGC_DB)
        place = np.linspace(probe.start_mm, probe.end_mm, SLIDERS)
        made: Array = (slope + np.interp(probe.depth_mm, place, self.sliders_db)).astype(np.float32)
        return made


def settings_of(patient: Patient, probe: Probe, *, view: int = 0) -> Settings:
    """How the operator set the knobs; they know nothing of disease unless `shown` has the shortcut "gain"."""
    rng = patient.stream("ultrasound", "settings", str(view))
    gain, slope, *sliders = rng.standard_normal(2 + SLIDERS).tolist()
    shortcut = float(np.clip(patient.shown.get("gain", 0.0), -CLIP, CLIP))
    return Settings(
        probe.gain_db + 2.5 * gain + 3.5 * shortcut,
        max(probe.tgc_db_cm * (1 + 0.12 * slope + 0.08 * shortcut), 0.0),
        tuple(1.2 * slider for slider in sliders),
    )


def rf_frames(
    patient: Patient,
    *,
    frames: int = 1,
    probe: Probe | None = None,
    view: int = 0,
    settings: Settings | None = None,
) -> RfRecording:
    """`frames` of a probe held still on view number `view` (another place of the liver for each) of `patient`.

    `probe` is that of the patient's scanner and `settings` are the operator's unless given. Raises `SimulationError`
    for an unknown scanner, no or more than 1,000 frames, and a negative view.
    """
    if view < 0:
        raise SimulationError(f"view is {view!r}; views are numbered from 0")
    probe = probe or scanner(patient.scanners.get("ultrasound", "A"))
    plane = plane_of(patient, probe, view=view)
    knobs = settings or settings_of(patient, probe, view=view)
    rng = patient.stream("ultrasound", "echoes", str(view))
    made = record(probe, plane.scene, settings=knobs, rng=rng, frames=frames)
    return RfRecording(
        case_id=patient.case_id,
        view=view,
        probe=probe,
        rf=made,
        gain_db=knobs.gain_db,
        tgc_db=knobs.tgc_db(probe),
        regions=regions_of(probe, plane.scene),
        cuts=plane.cuts,
        truth=_truth(plane, probe),
    )


def record(probe: Probe, scene: Scene, *, settings: Settings, rng: Random, frames: int) -> Array:
    """Counts (frames, lines, samples): echoes of `scene`, noise of the receiver, gain, clipped by the converter."""
    if not 1 <= frames <= FRAMES:
        raise SimulationError(f"frames is {frames!r}; give 1 to {FRAMES}")
    lattice = Lattice(probe)
    still = reflections(lattice, scene.interfaces)
    still += regular_points(rng, lattice=lattice, scene=scene)
    gain = COUNTS * 10 ** ((settings.gain_db + settings.tgc_db(probe)) / 20)
    placed = positions(rng, lattice)
    made = np.empty((frames, probe.lines, probe.samples), dtype=np.float32)
    for frame in range(frames):
        placed = moved(placed, rng, share=REPLACED) if frame else placed
        echo = _hazy(
            echoes(lattice, scene, amplitude=amplitudes(placed, lattice=lattice, scene=scene) + still),
            lattice=lattice,
            scene=scene,
        )
        noise = rng.standard_normal(echo.shape, dtype=np.float32)
        echo += np.float32(10 ** (probe.noise_db / 20)) * noise
        made[frame] = (echo * gain.astype(np.float32)[:, None]).T
    return np.clip(made, -FULL_SCALE, FULL_SCALE, out=made)


def regions_of(probe: Probe, scene: Scene) -> NDArray[np.uint8]:
    """What lies on the lines (lines, rows)."""
    made = Lattice(probe).at_lines(scene.regions).T
    return np.ascontiguousarray(made, dtype=np.uint8)


def _hazy(echo: Array, *, lattice: Lattice, scene: Scene) -> Array:
    """The echoes (samples, lines) with poor contact and with the wall's second echo over the first of the liver."""
    if scene.contact_db is not None:
        echo *= 10 ** (-scene.contact_db / 10)
    wall = round((scene.haze_mm - lattice.probe.start_mm) / lattice.probe.sample_mm)
    if scene.haze and wall > 0:
        behind = echo[wall : 2 * wall]
        behind += np.float32(scene.haze) * echo[: len(behind)]
    return echo


def _truth(plane: Plane, probe: Probe) -> Mapping[str, float]:
    """What an estimator should find of the liver and what lies before it."""
    tissue, liver = plane.tissue, plane.tissue.liver
    return {
        "attenuation_db_cm_mhz": liver.attenuation_db_cm_mhz,
        "backscatter_db": liver.backscatter_db,
        "diameter_um": liver.diameter_um,
        "density_mm2": liver.density_mm2,
        "density_per_cell": liver.density_mm2 * probe.cell_mm2,
        "spacing_mm": tissue.spacing_mm,
        "regularity": tissue.regularity,
        "texture_db": tissue.texture_db,
        "texture_mm": tissue.texture_mm,
        "surface_mm": tissue.surface_mm,
        "wall_mm": tissue.wall.total_mm,
        "noise_db": probe.noise_db,
    }
