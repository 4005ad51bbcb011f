"""How many SIMULATED lesions can be found at best at one false alarm per scan, by size.

The ideal linear observer that knows form and contrast of the lesion and the power of noise and texture reaches the
detectability of `ct_precision.information`; it looks at every place of the liver in both phases together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from ...core.errors import SimulationError
from ..lesions.background import Background, expected_mimics
from ..lesions.kinds import KINDS, LESIONS, MIMICS
from ..lesions.look import COLUMN
from ..lesions.mixture import draw_looks
from .ct_precision import CtQuality, information
from .lesion_sample import draw_sample

Floats = NDArray[np.float64]

DETECTION_SIZES_MM = (0.0, 5.0, 10.0, 15.0, 20.0, np.inf)
"""Limits of the classes of size, as in Ko (2017)."""
LIVER_MM3 = 1.45e6
"""A liver of 1,450 ml (typical value)."""
SMALLEST_TEMPLATE_MM, TEMPLATES = 5.0, 6
"""The smallest ball that is looked for, and how many contrasts: each place is tried with all of them."""
VESSELS, VESSEL_SNR, VESSEL_LOG_SD = 5.0, 4.0, 0.5
"""Branches of vessels per scan that look like a lesion, and how strongly: log-normal (typical values)."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A share of `lesions` found, and the standard error of its Monte-Carlo estimate."""

    share: float
    error: float
    lesions: int


@dataclass(frozen=True, slots=True)
class DetectionBound:
    """Share of lesions found at `false_per_scan`, by class of size.

    `ideal` takes noise and texture for a lesion and nothing else: no linear observer finds more. `with_mimics` also
    counts mimics and branches of vessels that pass its threshold as false, without telling them by their looks: what
    a detector reaches that judges by contrast alone; `metastases` is that for metastases. Thresholds are in SD.
    """

    false_per_scan: float
    ideal: Mapping[str, Sensitivity]
    with_mimics: Mapping[str, Sensitivity]
    metastases: Mapping[str, Sensitivity]
    threshold: float
    threshold_with_mimics: float


def detection_bound(
    backgrounds: Sequence[Background],
    *,
    seed: int,
    quality: CtQuality | None = None,
    false_per_scan: float = 1.0,
    difficulty: float = 1.0,
) -> DetectionBound:
    """The bound for patients like `backgrounds`, by one draw of their lesions and mimics."""
    if not np.isfinite(false_per_scan) or not 0 < false_per_scan <= 100:
        raise SimulationError(f"{false_per_scan!r} false alarms per scan: give a number above 0, up to 100")
    quality = quality or CtQuality()
    sample = draw_sample(backgrounds, seed=seed, difficulty=difficulty)
    found = detectability(sample.look, sample.diameter_mm, quality=quality)
    false = _mimics(backgrounds, quality, seed=seed, difficulty=difficulty)

    def noise(threshold: float) -> float:
        return places() * float(ndtr(-threshold))

    def anything(threshold: float) -> float:
        return noise(threshold) + false(threshold)

    spread = sample.kind == LESIONS.index("metastasis")
    ideal, realistic = (_threshold(rate, false_per_scan) for rate in (noise, anything))
    return DetectionBound(
        false_per_scan=false_per_scan,
        ideal=_by_size(sample.diameter_mm, ndtr(found - ideal)),
        with_mimics=_by_size(sample.diameter_mm, ndtr(found - realistic)),
        metastases=_by_size(sample.diameter_mm[spread], ndtr(found - realistic)[spread]),
        threshold=ideal,
        threshold_with_mimics=realistic,
    )


def detectability(look: Floats, diameter_mm: Floats, *, quality: CtQuality) -> Floats:
    """Detectability d' (n,) of lesions in the arterial and the portal phase together: their squares add."""
    total = np.zeros(len(look))
    inside = _information(quality, diameter_mm)
    for phase in ("arterial", "portal"):
        contrast = look[:, [COLUMN[f"core_{phase}"], COLUMN[f"rim_{phase}"]]]
        total += np.einsum("ni,nij,nj->n", contrast, inside, contrast)
    return np.sqrt(total)


def _information(quality: CtQuality, diameter_mm: Floats) -> Floats:
    """Fisher information (n, 2, 2), between 60 sizes by the logarithms."""
    sizes = np.geomspace(1.0, 200.0, 60)
    known = np.log([information(quality, float(mm)).ravel() for mm in sizes])
    at = np.log(np.clip(diameter_mm, 1, 200))
    found = [np.exp(np.interp(at, np.log(sizes), column)) for column in known.T]
    return np.stack(found, axis=1).reshape(-1, 2, 2)


def places() -> float:
    """Independent places and templates of a liver: balls from the smallest on, each twice as large as the last."""
    smallest = LIVER_MM3 / (np.pi / 6 * SMALLEST_TEMPLATE_MM**3)
    return float(TEMPLATES * smallest / (1 - 1 / 8))


def _mimics(
    backgrounds: Sequence[Background], quality: CtQuality, *, seed: int, difficulty: float
) -> Callable[[float], float]:
    """How many mimics and branches of vessels of a scan pass a threshold, on average."""
    rng = np.random.default_rng([seed, 2])
    expected = np.mean([expected_mimics(one) for one in backgrounds], axis=0)
    each = []
    for name, number in zip(MIMICS, expected, strict=True):
        diameter = np.array([KINDS[name].diameter(quantile) for quantile in rng.uniform(size=1000)])
        look = draw_looks(rng, diameter, kind=name, difficulty=difficulty)
        each.append((number, detectability(look, diameter, quality=quality)))
    vessels = VESSEL_SNR * np.exp(VESSEL_LOG_SD * rng.standard_normal(2000))
    each.append((VESSELS, vessels))
    return lambda threshold: float(sum(number * ndtr(found - threshold).mean() for number, found in each))


def _threshold(rate: Callable[[float], float], wanted: float) -> float:
    """The threshold at which `rate` is what is wanted."""
    return float(brentq(lambda threshold: np.log(rate(threshold) / wanted), -5.0, 30.0))


def _by_size(diameter_mm: Floats, found: Floats) -> dict[str, Sensitivity]:
    shares = {}
    for low, high in pairwise(DETECTION_SIZES_MM):
        here = found[(diameter_mm >= low) & (diameter_mm < high)]
        if len(here) > 1:
            error = float(here.std(ddof=1) / np.sqrt(len(here)))
            shares[size_name(low, high)] = Sensitivity(float(here.mean()), error, len(here))
    return shares


def size_name(low: float, high: float) -> str:
    """What a class of size is called."""
    if low == 0:
        return f"under {high:.0f} mm"
    return f"{low:.0f} to {high:.0f} mm" if np.isfinite(high) else f"from {low:.0f} mm"
