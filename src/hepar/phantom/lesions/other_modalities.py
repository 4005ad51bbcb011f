"""How SIMULATED lesions look on MR and ultrasound: relative signals and acoustic properties, overlapping."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ...core.errors import SimulationError, choices
from ..patient import Lesion
from .kinds import kind_called

SEQUENCES = ("t1", "t2", "dwi", "adc", "hepatobiliary")

MR: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "hcc": ((0.86, 0.17), (1.38, 0.17), (1.55, 0.24), (0.95, 0.19), (0.62, 0.32)),
        "icc": ((0.74, 0.14), (1.55, 0.18), (1.70, 0.24), (1.00, 0.19), (0.55, 0.24)),
        "metastasis": ((0.70, 0.16), (1.60, 0.22), (1.75, 0.26), (0.95, 0.22), (0.48, 0.22)),
        "haemangioma": ((0.64, 0.15), (2.40, 0.20), (1.55, 0.28), (1.50, 0.20), (0.50, 0.22)),
        "fnh": ((0.93, 0.09), (1.18, 0.12), (1.25, 0.20), (1.08, 0.16), (1.08, 0.20)),
        "cyst": ((0.42, 0.16), (3.60, 0.15), (0.90, 0.35), (2.30, 0.13), (0.32, 0.22)),
        "focal_fat": ((0.94, 0.09), (0.95, 0.08), (0.97, 0.07), (0.97, 0.08), (0.93, 0.08)),
        "focal_sparing": ((1.03, 0.05), (1.00, 0.04), (1.00, 0.05), (1.01, 0.05), (1.02, 0.05)),
        "perfusion_anomaly": ((1.00, 0.02), (1.03, 0.04), (1.02, 0.05), (1.00, 0.04), (0.98, 0.05)),
        "regenerative_nodule": ((1.08, 0.12), (0.92, 0.09), (0.97, 0.09), (0.98, 0.08), (1.00, 0.12)),
    }
)
"""Signal (of adc: the coefficient) over that of liver in each of `SEQUENCES`, and SD of its logarithm (typical values).

Directions as in reviews of liver MR (Taouli and Koh, 2010, for diffusion): malignant lesions restrict diffusion and
take up no hepatobiliary agent, haemangiomas and cysts are bright on T2, focal nodular hyperplasia takes up the agent.
"""

ULTRASOUND = ("backscatter_db", "attenuation_db_cm_mhz", "scatterer_um", "halo_db")

ACOUSTICS: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "hcc": ((-3.5, 5.5), (0.55, 0.12), (105, 22), (-4.0, 3.0)),
        "icc": ((-2.0, 4.5), (0.65, 0.13), (112, 22), (-2.0, 3.0)),
        "metastasis": ((-3.0, 5.5), (0.62, 0.14), (115, 25), (-5.0, 3.0)),
        "haemangioma": ((5.0, 5.0), (0.50, 0.12), (125, 28), (0.0, 2.0)),
        "fnh": ((-1.0, 3.0), (0.54, 0.10), (105, 18), (-1.0, 2.0)),
        "cyst": ((-38.0, 5.0), (0.06, 0.03), (100, 15), (0.0, 1.0)),
        "focal_fat": ((4.5, 2.5), (0.72, 0.12), (108, 15), (0.0, 1.0)),
        "focal_sparing": ((-4.5, 2.5), (0.50, 0.08), (100, 12), (0.0, 1.0)),
        "perfusion_anomaly": ((0.0, 0.5), (0.55, 0.05), (100, 10), (0.0, 0.5)),
        "regenerative_nodule": ((-1.0, 2.0), (0.55, 0.08), (104, 14), (-0.5, 1.0)),
    }
)
"""Mean and SD of each of `ULTRASOUND` (typical values).

Backscatter in dB over liver, attenuation, effective diameter of scatterers, and backscatter in dB of the rim over that
of the core. Enhancement or shadow behind a lesion follows from its attenuation; nothing adds it.
"""


LIVER = np.array([0.0, 0.55, 100.0, 0.0])
"""Each of `ULTRASOUND` in the liver about a lesion (typical values)."""


def other_looks(rng: np.random.Generator, kind: str, *, difficulty: float = 1.0) -> Mapping[str, float]:
    """What MR (`mr_*`) and ultrasound (`us_*`) show of one lesion of `kind`.

    `difficulty` divides how far its means are from those of liver, so that kinds are alike and lesions faint.
    """
    signals = np.array(MR[kind_called(kind).name])
    acoustics = np.array(ACOUSTICS[kind])
    acoustics[:, 0] = LIVER + (acoustics[:, 0] - LIVER) / difficulty
    ratios = signals[:, 0] ** (1 / difficulty) * np.exp(signals[:, 1] * rng.standard_normal(len(SEQUENCES)))
    found = acoustics[:, 0] + acoustics[:, 1] * rng.standard_normal(len(ULTRASOUND))
    lowest = np.array([-60.0, 0.02, 20.0, -15.0])
    return {
        **{f"mr_{name}": value for name, value in zip(SEQUENCES, ratios.tolist(), strict=True)},
        **{
            f"us_{name}": value
            for name, value in zip(ULTRASOUND, np.maximum(found, lowest).tolist(), strict=True)
        },
    }


def us_look(lesion: Lesion) -> dict[str, float]:
    """The acoustic properties `ULTRASOUND` of a lesion, by name."""
    look = lesion.look or {}
    missing = [name for name in ULTRASOUND if f"us_{name}" not in look]
    if missing:
        raise SimulationError(
            f"the look of a {lesion.kind} lacks 'us_{missing[0]}'; make lesions with draw_lesion"
        )
    return {name: look[f"us_{name}"] for name in ULTRASOUND}


def mr_ratio(lesion: Lesion, sequence: str) -> float:
    """Signal (of adc: the coefficient) of a lesion over that of liver."""
    if sequence not in SEQUENCES:
        raise SimulationError(f"there is no sequence {sequence!r}; {choices(sequence, SEQUENCES)}")
    look = lesion.look or {}
    if f"mr_{sequence}" not in look:
        raise SimulationError(
            f"the look of a {lesion.kind} lacks 'mr_{sequence}'; make lesions with draw_lesion"
        )
    return look[f"mr_{sequence}"]
