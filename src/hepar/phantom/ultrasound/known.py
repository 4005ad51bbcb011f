"""SIMULATED phantoms of known acoustics: the reference of quantitative ultrasound, and tissue to test it on."""

import numpy as np

from ...core.errors import SimulationError
from .. import seeds
from .medium import Medium
from .probe import Probe
from .recording import RfRecording
from .rf import FRAMES, Settings, record, regions_of
from .scene import Lattice, uniform

REFERENCE = Medium(attenuation_db_cm_mhz=0.5, backscatter_db=0.0, diameter_um=40.0, density_mm2=60.0)
"""The reference phantom: attenuation of a healthy liver, small scatterers, many to a cell."""


def reference_phantom(
    probe: Probe, *, settings: Settings | None = None, frames: int = 8, seed: int = 0
) -> RfRecording:
    """`frames` independent places of `REFERENCE` through `probe`, at the preset's own gain without `settings`."""
    return homogeneous(
        probe,
        REFERENCE,
        rng=seeds.stream(seed, 0, "ultrasound", "reference"),
        settings=settings,
        frames=frames,
    )


def homogeneous(
    probe: Probe,
    medium: Medium,
    *,
    rng: np.random.Generator,
    settings: Settings | None = None,
    frames: int = 1,
) -> RfRecording:
    """`frames` independent places of nothing but `medium`, from the face of the probe to the last sample."""
    if not 1 <= frames <= FRAMES:
        raise SimulationError(f"frames is {frames!r}; give 1 to {FRAMES}")
    knobs = settings or Settings(probe.gain_db, probe.tgc_db_cm)
    scene = uniform(Lattice(probe), medium)
    made = [record(probe, scene, settings=knobs, rng=rng, frames=1) for _ in range(frames)]
    return RfRecording(
        case_id="SIM-PHANTOM",
        view=0,
        probe=probe,
        rf=np.concatenate(made),
        gain_db=knobs.gain_db,
        tgc_db=knobs.tgc_db(probe),
        regions=regions_of(probe, scene),
        cuts=(),
        truth={
            "attenuation_db_cm_mhz": medium.attenuation_db_cm_mhz,
            "backscatter_db": medium.backscatter_db,
            "diameter_um": medium.diameter_um,
            "density_mm2": medium.density_mm2,
            "density_per_cell": medium.density_mm2 * probe.cell_mm2,
            "noise_db": probe.noise_db,
        },
    )
