"""Relaxation, proton density, fat and diffusion of the organs of a SIMULATED abdomen at 1.5 T and 3 T."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Organ
from ..patient import Patient

Values = NDArray[np.float32]
Pair = tuple[float, float]
"""At 1.5 T and at 3 T."""

FAT_T1_MS: Pair = (343, 382)
"""Subcutaneous fat (de Bazelaire 2004)."""
FAT_T2_MS: Pair = (58, 68)
"""Subcutaneous fat (de Bazelaire 2004); a train of echoes keeps more of it."""
FAT_T2_STAR_MS: Pair = (25, 14)
"""Typical values."""
USUAL_IRON_MG_G = 0.9
"""Iron of a healthy liver, mg per g dry weight (typical value)."""
FAT_ADC_UM2_S = 60.0
"""Typical value: lipid hardly diffuses."""


@dataclass(frozen=True, slots=True)
class Tissue:
    """One organ.

    `t1_ms`, `t2_ms` and `t2_star_ms` are those of its water, `density` its protons over those of water, `fat` the
    share of them that is fat, `adc_um2_s` in 1e-6 mm2/s (b 50 to 800 s/mm2), `flow` the share of the signal that moving
    blood keeps in a spin echo, `gadolinium` the change of R1, 1/s, 20 minutes after 0.025 mmol/kg gadoxetate.
    """

    t1_ms: Pair
    t2_ms: Pair
    t2_star_ms: Pair
    density: float
    fat: float
    adc_um2_s: float
    flow: float = 1.0
    gadolinium: float = 0.15


def _blood(flow: float) -> Tissue:
    """Blood: T1 and T2 by Stanisz 2005; it dephases under any diffusion gradient, hence the ADC."""
    return Tissue((1441, 1932), (290, 275), (110, 50), 0.9, 0, 60_000, flow=flow, gadolinium=0.55)


def _gas() -> Tissue:
    return Tissue((1000, 1000), (50, 50), (1, 0.5), 0, 0, 1000, gadolinium=0)


TISSUES: Mapping[Organ, Tissue] = {
    # T1, T2: Stanisz 2005 (MRM 54:507) liver, muscle (T1), heart, blood, cord; de Bazelaire 2004 (Radiology 230:652)
    # spleen, kidney, pancreas, marrow, muscle (T2), fat. T2* but for the liver, densities, fat, ADC and what follows
    # below the heart are typical values.
    Organ.AIR: _gas(),
    Organ.BOWEL_GAS: _gas(),
    Organ.FAT: Tissue((900, 1100), (40, 40), (25, 14), 0.95, 0.93, 400),
    Organ.MUSCLE: Tissue((1008, 1412), (27, 29), (24, 18), 0.80, 0.03, 1500),
    Organ.LIVER: Tissue((576, 812), (46, 42), (28, 18), 0.80, 0.03, 1150, gadolinium=2.3),
    Organ.SPLEEN: Tissue((1057, 1328), (79, 61), (50, 28), 0.85, 0.01, 850, gadolinium=0.30),
    Organ.KIDNEY: Tissue((966, 1142), (87, 76), (60, 38), 0.87, 0.01, 2000, gadolinium=0.9),
    Organ.KIDNEY_MEDULLA: Tissue((1412, 1545), (85, 81), (45, 28), 0.90, 0.01, 1900, gadolinium=1.2),
    Organ.PANCREAS: Tissue((584, 725), (46, 43), (35, 22), 0.82, 0.08, 1400, gadolinium=0.25),
    Organ.BONE_MARROW: Tissue((800, 950), (49, 49), (12, 7), 0.80, 0.42, 500),
    Organ.HEART: Tissue((1030, 1471), (40, 47), (35, 25), 0.85, 0.02, 3500, flow=0.35, gadolinium=0.4),
    Organ.AORTA: _blood(0.05),
    Organ.HEPATIC_ARTERY: _blood(0.1),
    Organ.SPLENIC_ARTERY: _blood(0.1),
    Organ.CAVA: _blood(0.25),
    Organ.PORTAL_VEIN: _blood(0.3),
    Organ.HEPATIC_VEIN: _blood(0.35),
    Organ.SPLENIC_VEIN: _blood(0.35),
    Organ.GALLBLADDER: Tissue((1800, 2200), (450, 400), (200, 120), 0.95, 0, 2800, gadolinium=2.0),
    Organ.ASCITES: Tissue((2800, 3200), (900, 800), (400, 250), 1.0, 0, 3000, gadolinium=0.05),
    Organ.CANAL: Tissue((1900, 2200), (350, 330), (90, 60), 0.95, 0, 2200, gadolinium=0.02),
    Organ.STOMACH: Tissue((1900, 2300), (300, 270), (40, 20), 0.9, 0.02, 2500, gadolinium=0),
    Organ.BOWEL_CONTENT: Tissue((1100, 1400), (120, 110), (25, 14), 0.8, 0.03, 1900, gadolinium=0.05),
    Organ.STOMACH_WALL: Tissue((900, 1150), (55, 52), (30, 18), 0.82, 0.03, 1500, gadolinium=0.35),
    Organ.BOWEL_WALL: Tissue((900, 1150), (55, 52), (30, 18), 0.82, 0.04, 1500, gadolinium=0.35),
    Organ.OESOPHAGUS: Tissue((950, 1250), (45, 43), (25, 15), 0.82, 0.03, 1500, gadolinium=0.3),
    Organ.ADRENAL: Tissue((700, 900), (55, 52), (30, 20), 0.85, 0.15, 1100, gadolinium=0.3),
    Organ.LUNG: Tissue((1200, 1300), (40, 40), (1.3, 0.6), 0.16, 0, 2500, gadolinium=0.3),
    Organ.SKIN: Tissue((900, 1100), (30, 30), (14, 9), 0.70, 0.10, 1200),
    Organ.DISC: Tissue((1000, 1150), (75, 70), (40, 28), 0.80, 0, 1600, gadolinium=0.02),
    Organ.CARTILAGE: Tissue((1024, 1168), (30, 28), (15, 10), 0.70, 0, 1300, gadolinium=0.05),
    Organ.BONE_CORTEX: Tissue((250, 300), (1, 1), (0.5, 0.4), 0.2, 0.0, 500, gadolinium=0),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What the signal is made of, at n places or for n labels: arrays (n,) of the quantities of `Tissue`."""

    t1_ms: Values
    t2_ms: Values
    t2_star_ms: Values
    density: Values
    fat: Values
    adc_um2_s: Values
    flow: Values
    gadolinium: Values

    def enhanced(self) -> "Matter":
        """The same with gadoxetate: R1 and the gadolinium's share add up."""
        rate_per_s = np.float32(1e3) / self.t1_ms + self.gadolinium
        return replace(self, t1_ms=np.divide(np.float32(1e3), rate_per_s, dtype=np.float32))


def matter_of(tissue: Tissue, field_t: float) -> Matter:
    """One organ at 1.5 T or 3 T, arrays (1,)."""
    return _matter([tissue], field_t)


def organ_table(patient: Patient, field_t: float) -> Matter:
    """Every organ of one patient by its label, arrays (256,): the table above times what differs between people.

    Spread (log SD, typical values): T1 6 %, T2 9 %, ADC 9 %, contrast 25 %; bile and what fills stomach and bowel vary
    by a factor of two. The liver is in `parenchyma`.
    """
    table = [TISSUES[Organ(k)] if k in set(Organ) else _gas() for k in range(256)]
    known = _matter(table, field_t)
    draws = patient.stream("mri", "organs").standard_normal((256, 4), dtype=np.float32)
    mixed = [Organ.GALLBLADDER, Organ.STOMACH, Organ.BOWEL_CONTENT]
    vessels = [k for k, tissue in TISSUES.items() if tissue.adc_um2_s > 10_000]
    draws[vessels] = draws[Organ.AORTA]
    spread = np.broadcast_to(np.array([0.06, 0.09, 0.09, 0.25], np.float32), (256, 4)).copy()
    spread[mixed] = (0.5, 0.5, 0.1, 1.0)
    t1, t2, adc, gadolinium = np.exp(spread * draws).T
    return replace(
        known,
        t1_ms=known.t1_ms * t1,
        t2_ms=np.minimum(known.t2_ms * t2, known.t1_ms * t1),
        adc_um2_s=known.adc_um2_s * adc,
        gadolinium=known.gadolinium * gadolinium,
    )


def liver_r2_star(iron_mg_g: float, field_t: float) -> float:
    """R2* of liver, 1/s, at 1.5 T that for which iron is 0.0254 R2* + 0.202 mg per g dry weight (Wood 2005).

    At least 25, which livers of healthy volunteers have (Obrzut 2020: 24 to 38); at 3 T twice that less 11 (Storey
    2007).
    """
    at_1_5 = max((iron_mg_g - 0.202) / 0.0254, 25.0)
    return at_1_5 if field_t < 2 else 2 * at_1_5 - 11


def liver_r2(iron_mg_g: float, field_t: float) -> float:
    """R2 of liver, 1/s: that of the table, and what iron above `USUAL_IRON_MG_G` adds.

    At 1.5 T R2 grows with iron as 26.06 iron^0.701 - 0.438 iron^1.402 (St Pierre 2005); at 3 T 1.2 times as much, a
    typical value.
    """
    added = _iron_r2(max(iron_mg_g, USUAL_IRON_MG_G)) - _iron_r2(USUAL_IRON_MG_G)
    of_table = 1e3 / TISSUES[Organ.LIVER].t2_ms[0 if field_t < 2 else 1]
    return of_table + added * (1.0 if field_t < 2 else 1.2)


def _iron_r2(iron_mg_g: float) -> float:
    u = float(iron_mg_g**0.701)
    return 26.06 * u - 0.438 * u**2


def _matter(tissues: list[Tissue], field_t: float) -> Matter:
    at = 0 if field_t < 2 else 1
    columns = {}
    for field in fields(Matter):
        column = [getattr(tissue, field.name) for tissue in tissues]
        columns[field.name] = np.array([c[at] if isinstance(c, tuple) else c for c in column], np.float32)
    return Matter(**columns)
