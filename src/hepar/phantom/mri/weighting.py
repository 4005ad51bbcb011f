"""What a protocol makes of matter: signal of its water and of its fat."""

import numpy as np

from ..anatomy import Organ
from .scanners import Protocol
from .signal import diffusion, spin_echo, spoiled_gradient_echo
from .tissue import FAT_ADC_UM2_S, FAT_T1_MS, FAT_T2_MS, FAT_T2_STAR_MS, TISSUES, Matter, Values, matter_of

FAT_SHIFT_PPM = 3.4
"""Fat (its main peak) precesses this much slower than water (Reeder 2012: 3.3 to 3.5)."""
HZ_PER_T = 42.577e6
"""Protons: gyromagnetic ratio over 2 pi."""


def fat_shift_hz(field_t: float) -> float:
    """How much slower fat precesses."""
    return FAT_SHIFT_PPM * 1e-6 * HZ_PER_T * field_t


def weighed(
    matter: Matter, protocol: Protocol, *, field_t: float, b_s_mm2: float = 0.0
) -> tuple[Values, Values]:
    """Signal of water and of fat, in full magnetisations, not suppressed; arrays as in `matter`.

    In a gradient echo fat is negative while it is out of phase with water.
    """
    at = 0 if field_t < 2 else 1
    fat_t1, fat_t2, fat_t2_star, fat_adc = (
        np.full(1, value, np.float32)
        for value in (FAT_T1_MS[at], FAT_T2_MS[at], FAT_T2_STAR_MS[at], FAT_ADC_UM2_S)
    )
    if protocol.kind == "gradient echo":
        timing = {"tr_ms": protocol.tr_ms, "te_ms": protocol.te_ms, "flip_deg": protocol.flip_deg}
        water = spoiled_gradient_echo(matter.t1_ms, matter.t2_star_ms, **timing)
        phase = np.cos(2e-3 * np.pi * fat_shift_hz(field_t) * protocol.te_ms)
        fat = spoiled_gradient_echo(fat_t1, fat_t2_star, **timing) * np.float32(phase)
    else:
        water = matter.flow * spin_echo(
            matter.t1_ms, matter.t2_ms, tr_ms=protocol.tr_ms, te_ms=protocol.te_ms
        )
        fat = spin_echo(fat_t1, fat_t2, tr_ms=protocol.tr_ms, te_ms=protocol.te_ms)
    if b_s_mm2:
        water = water * diffusion(matter.adc_um2_s, b_s_mm2=b_s_mm2)
        fat = fat * diffusion(fat_adc, b_s_mm2=b_s_mm2)
    return matter.density * (1 - matter.fat) * water, matter.density * matter.fat * fat


def nominal_signal(
    protocol: Protocol, *, field_t: float, b_s_mm2: float = 0.0, enhanced: bool = False
) -> float:
    """Signal of the water of an average liver, in full magnetisations, with or without gadoxetate."""
    liver = matter_of(TISSUES[Organ.LIVER], field_t)
    water, _ = weighed(liver.enhanced() if enhanced else liver, protocol, field_t=field_t, b_s_mm2=b_s_mm2)
    return float(water[0])
