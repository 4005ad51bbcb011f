"""Signal equations of magnetic resonance: what share of the magnetisation a sequence shows."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


def spoiled_gradient_echo(
    t1_ms: Values, t2_star_ms: Values, *, tr_ms: float, te_ms: float, flip_deg: float
) -> Values:
    """Steady state of a spoiled gradient echo, share of the full magnetisation (Ernst and Anderson 1966).

    sin a (1 - E1) / (1 - cos a E1) exp(-TE/T2*), where E1 = exp(-TR/T1).
    """
    flip = np.deg2rad(flip_deg)
    e1 = np.exp(-tr_ms / t1_ms)
    found: Values = np.sin(flip) * (1 - e1) / (1 - np.cos(flip) * e1) * np.exp(-te_ms / t2_star_ms)
    return found.astype(np.float32)


def spin_echo(t1_ms: Values, t2_ms: Values, *, tr_ms: float, te_ms: float) -> Values:
    """(1 - exp(-TR/T1)) exp(-TE/T2): a spin echo whose TE is much shorter than TR (Bernstein 2004, handbook)."""
    found: Values = (1 - np.exp(-tr_ms / t1_ms)) * np.exp(-te_ms / t2_ms)
    return found.astype(np.float32)


def diffusion(adc_um2_s: Values, *, b_s_mm2: float) -> Values:
    """exp(-b ADC): what diffusion leaves (Stejskal and Tanner 1965); ADC in 1e-6 mm2/s."""
    found: Values = np.exp(-b_s_mm2 * 1e-6 * adc_um2_s)
    return found.astype(np.float32)


def apparent_diffusion(low: Values, high: Values, *, b_low: float, b_high: float) -> Values:
    """ADC, 1e-6 mm2/s, of two magnitudes: ln(low/high) / (b_high - b_low), at least 0; both must be above 0."""
    found: Values = np.log(low / high) * np.float32(1e6 / (b_high - b_low))
    return np.maximum(found, 0)


def two_point_fat_fraction(in_phase: Values, opposed: Values) -> Values:
    """Share of fat, 0 to 0.5, of magnitudes in and out of phase: (in - opposed) / (2 in) (Dixon 1984).

    Fat above one half looks like its complement; T1 and T2* bias it as they do on a scanner.
    """
    found: Values = (in_phase - opposed) / (2 * np.maximum(in_phase, np.finfo(np.float32).tiny))
    return np.clip(found, 0, 0.5)
