"""What the envelope of a region tells of its speckle, each number with its interval or the reason why there is none."""

from dataclasses import replace

import numpy as np

from . import envelope_statistics as statistics
from .envelope import envelope
from .frames import Box, RfFrames
from .homodyned import homodyned_k
from .resampling import Draws, Estimate, estimate
from .spectra import Spectra

ENVELOPE = ("nakagami_m", "hk_alpha", "hk_k", "hk_x", "hk_u", "entropy_bit", "envelope_snr")
NOISE = 0.03
"""Share of noise in the power of an echo up to which its envelope is used."""
LEAST_MM = 8.0
"""Depth that envelope statistics need."""
MOST_ALPHA = 30.0
"""Clustering above which the envelope cannot be told from fully developed speckle."""
Found = tuple[dict[str, Estimate], dict[str, str]]


def of_envelope(frames: RfFrames, sample: Spectra, *, box: Box, drawn: Draws) -> Found:
    """Values and reasons by name, of the depths down to where noise takes more than 3 % of the power."""
    reach, share, reason = _clean(sample, box)
    if reason:
        return {}, dict.fromkeys(ENVELOPE, reason)
    lines, samples = frames.within(replace(box, depth_mm=(box.depth_mm[0], reach)))
    intensity = envelope(frames.without_gain()[:, lines])[..., samples] ** 2
    depth = frames.depth_mm[samples]
    window = np.abs(depth[:, None] - sample.depth_mm).argmin(axis=1)
    inside = sample.cells[window].T
    found = statistics.moments(statistics.detrended(intensity, inside=inside), inside=inside, noise=share)
    return _of_moments(found, drawn)


def _clean(sample: Spectra, box: Box) -> tuple[float, float, str]:
    """Depth down to which noise is little, its mean share there, and why that is not deep enough, empty where it is."""
    top, bottom = box.depth_mm
    if bottom - top < LEAST_MM:
        return top, 0.0, f"the region is {bottom - top:.1f} mm tall; the envelope needs {LEAST_MM:g} mm"
    power = sample.power.mean(axis=(1, 2))
    if not power.any():
        return top, 0.0, "no cell of the region is like the others of its depth"
    share = np.where(power > 0, sample.noise.mean(axis=1) / np.maximum(power, np.finfo(np.float32).tiny), 1.0)
    clean = int(np.cumprod(share <= NOISE).sum())
    reach = bottom if clean == share.size else float(sample.depth_mm[clean - 1]) if clean else top
    if reach - top < LEAST_MM:
        return (
            top,
            0.0,
            f"noise is above {NOISE:.0%} of the echoes within {LEAST_MM:g} mm of the region's top",
        )
    return reach, float(share[:clean].mean()), ""


def _of_moments(found: statistics.Moments, drawn: Draws) -> Found:
    weights = drawn.weights
    x, u = statistics.log_ratios(found, weights=weights)
    alpha, k = homodyned_k(x, u)
    values = {
        "nakagami_m": statistics.nakagami(found, weights=weights),
        "hk_x": x,
        "hk_u": u,
        "entropy_bit": statistics.entropy(found, weights=weights),
        "envelope_snr": statistics.envelope_snr(found, weights=weights),
    }
    made = {name: estimate(values_of, drawn) for name, values_of in values.items()}
    if alpha[0] > MOST_ALPHA:
        reason = "the envelope cannot be told from fully developed speckle; hk_x and hk_u say how close it is"
        return made, {"hk_alpha": reason, "hk_k": reason}
    clustered = estimate(np.log(alpha), drawn)
    low, value, high = (float(np.exp(one)) for one in (clustered.low, clustered.value, clustered.high))
    made["hk_alpha"] = Estimate(value, low, high, estimate(alpha, drawn).standard_error)
    coherent = estimate(k, drawn)
    if not coherent.standard_error:
        return made, {
            "hk_k": f"no draw of lines has another k than {coherent.value:g}, an end of what can be told"
        }
    return made | {"hk_k": replace(coherent, low=max(coherent.low, 0.0))}, {}
