"""Quantitative ultrasound of a region: every parameter with its interval, or with the reason why it is not given."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ProtocolError, choices
from . import attenuation as slopes
from .backscatter import (
    LEAST_KA,
    Backscatter,
    backscatter,
    concentration,
    diameter_squared,
    lizzi,
    wave_radius,
)
from .foreseen import too_imprecise
from .frames import Box, RfFrames
from .presets import refuse_other_preset
from .reference import STEEPEST_DB_CM_MHZ, Phantom
from .region import Sampled, sampled
from .resampling import Draws, Estimate, estimate, too_few
from .speckle import ENVELOPE, of_envelope
from .structure import structure, with_structure

Floats = NDArray[np.float64]
LIMITS: Mapping[str, float] = {
    "attenuation_db_cm_mhz": 0.1,
    "attenuation_plain_db_cm_mhz": 0.1,
    "attenuation_gain_free_db_cm_mhz": 0.1,
    "attenuation_log_difference_db_cm_mhz": 0.1,
    "attenuation_shift_db_cm_mhz": 0.1,
    "backscatter_db": 2.0,
    "backscatter_centre_db": 2.0,
    "lizzi_slope_db_mhz": 2.0,
    "lizzi_intercept_db": 6.0,
    "midband_db": 2.0,
    "diameter_um": 30.0,
    "concentration_db": 6.0,
    "nakagami_m": 0.2,
    "hk_alpha": 10.0,
    "hk_k": 1.0,
    "hk_x": 1.0,
    "hk_u": 1.0,
    "entropy_bit": 0.5,
    "envelope_snr": 0.5,
}
"""Largest standard error with which a parameter is still given, in its own unit; and the names of all parameters."""
WITHOUT_REFERENCE = ("attenuation_shift_db_cm_mhz",)
LEVEL = ("backscatter_db", "backscatter_centre_db", "lizzi_intercept_db", "midband_db", "concentration_db")
"""Parameters that need the overall gain of both recordings."""
OF_PATH = (*LEVEL, "lizzi_slope_db_mhz", "diameter_um")
"""Parameters that the attenuation of what lies above the region moves."""
SPECTRAL = tuple(name for name in LIMITS if name not in ENVELOPE)
AT_MHZ = 3.0
LEAST_INDEPENDENT = 1.5
"""Independent lines that an interval needs."""
MUCH = 0.2
"""Share of a region that is left out, from which on that is said."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameters:
    """`values` by name with unit; `reasons` why one of `LIMITS` is not among them; `remarks` what they rest on.

    `band_mhz` and `depth_mm` are the first and the last frequency and middle of a window that were used (0 where none
    was), `independent_lines` how many lines tell something of their own.
    """

    values: Mapping[str, Estimate]
    reasons: Mapping[str, str]
    band_mhz: tuple[float, float]
    depth_mm: tuple[float, float]
    independent_lines: float
    remarks: tuple[str, ...]


def parameters(
    frames: RfFrames,
    reference: RfFrames | None,
    *,
    box: Box,
    seed: int,
    draws: int = 200,
    window_mm: float = 4.0,
    reference_attenuation: float = 0.5,
    reference_diameter_um: float = 40.0,
    path_attenuation: float | None = None,
    limits: Mapping[str, float] | None = None,
) -> Parameters:
    """Attenuation, backscatter, scatterer size and envelope statistics of `box`, from all frames and lines in it.

    `reference` is a recording of a phantom of known `reference_attenuation` (dB/cm/MHz) and diameter by the same
    preset, averaged over its frames and over all of its lines at the same depths. `path_attenuation` is the mean slope
    of attenuation (dB/cm/MHz) from the probe down to the box; without it, what lies above the box is taken to
    attenuate as the box does, and a body wall that attenuates by 0.2 dB/cm/MHz more over 2 cm takes 2.4 dB off the
    backscatter at 3 MHz. `limits` replaces entries of `LIMITS`.

    Intervals are those of blocks of lines drawn `draws` times, of sample and reference, with `seed`. They hold what
    chance does, not what a wrong assumption does: that attenuation is proportional to frequency and the same all over
    the box, and for the shift that the beam does not tilt the spectrum.

    Raises:
        DataError: the reference was recorded with another preset or does not reach the box.
        ProtocolError: a number of draws below 20, an unknown limit, impossible properties of the phantom or the path.
    """
    if draws < 20:
        raise ProtocolError(f"draws is {draws!r}; give 20 or more, 200 is usual")
    for name in limits or {}:
        if name not in LIMITS:
            raise ProtocolError(f"there is no parameter {name!r} to limit; {choices(name, LIMITS)}")
    if path_attenuation is not None and not 0 <= path_attenuation <= STEEPEST_DB_CM_MHZ:
        raise ProtocolError(
            f"path_attenuation is {path_attenuation!r}; give 0 to {STEEPEST_DB_CM_MHZ:g} dB/cm/MHz, or none"
        )
    known = None
    if reference is not None:
        refuse_other_preset(frames, reference)
        known = Phantom(reference, reference_attenuation, reference_diameter_um)
    frames.refuse_outside(box, name="asked for")
    if few := too_few(box.lines[1] - box.lines[0] + 1):
        return Parameters({}, dict.fromkeys(LIMITS, few), (0.0, 0.0), (0.0, 0.0), 0.0, ())
    rng = np.random.default_rng(seed)
    found = sampled(frames, known, box=box, window_mm=window_mm, draws=draws, rng=rng)
    path = _Path(path_attenuation, box.depth_mm[0], frames.c_mm_us)
    made, reasons = _spectral(found, known, path=path, rng=rng)
    more, others = of_envelope(frames, found.tissue, box=box, drawn=found.drawn)
    allowed = {**LIMITS, **(limits or {})}
    foreseen = too_imprecise(frames, box=box, window_mm=window_mm, limits=allowed)
    reasons = foreseen | reasons | others | _unknown_gain(frames, reference)
    result = _gated(made | more, reasons, found=found, limits=allowed)
    return replace(result, remarks=_remarks(result.values, path_attenuation, left_out=found.left_out))


@dataclass(frozen=True, slots=True)
class _Path:
    """What lies above the region: mean attenuation (None: as in the region) and depth of its end."""

    attenuation: float | None
    top_mm: float
    c_mm_us: float


_Found = tuple[dict[str, Estimate], dict[str, str]]


def _spectral(sample: Sampled, known: Phantom | None, *, path: _Path, rng: np.random.Generator) -> _Found:
    """What the spectra tell."""
    if sample.reason:
        return {}, dict.fromkeys(SPECTRAL, sample.reason)
    found, drawn = sample.levels, sample.drawn
    made = {"attenuation_shift_db_cm_mhz": slopes.by_shift(found)}
    if known is None:
        missing = [name for name in SPECTRAL if name not in WITHOUT_REFERENCE]
        return _estimates(made, drawn), dict.fromkeys(missing, "no reference phantom was given")
    phantom = known.attenuation
    plain = slopes.by_reference(found, reference=phantom)
    layers = structure(found, slope=2 * (phantom - float(plain[0])), missed=drawn.missed)
    found = with_structure(found, layers, rng=rng)
    own = slopes.by_reference(found, reference=phantom, level_ratio=layers.ratio)
    made |= {
        "attenuation_db_cm_mhz": own,
        "attenuation_plain_db_cm_mhz": slopes.by_reference(found, reference=phantom),
        "attenuation_gain_free_db_cm_mhz": slopes.gain_free(found, reference=phantom),
        "attenuation_log_difference_db_cm_mhz": slopes.log_difference(found, reference=phantom),
    }
    above = own if path.attenuation is None else np.full_like(own, path.attenuation)
    level = backscatter(
        found, attenuation=own, above=above, top_mm=path.top_mm, reference=phantom, c_mm_us=path.c_mm_us
    )
    sizes, reasons = _scatterers(level, known=known, drawn=drawn)
    low, high = found.frequency_mhz[[0, -1]]
    if not low <= AT_MHZ <= high:
        reasons["backscatter_db"] = f"3 MHz lies outside the band used, {low:.2f} to {high:.2f} MHz"
    return _estimates(made | _of_level(level), drawn) | sizes, reasons


def _of_level(level: Backscatter) -> dict[str, Floats]:
    line = lizzi(level)
    return {
        "backscatter_db": level.at(AT_MHZ),
        "backscatter_centre_db": level.at(float(level.frequency_mhz[[0, -1]].mean())),
        "lizzi_slope_db_mhz": line.slope_db_mhz,
        "lizzi_intercept_db": line.intercept_db,
        "midband_db": line.midband_db,
    }


def _estimates(made: Mapping[str, Floats], drawn: Draws) -> dict[str, Estimate]:
    return {name: estimate(values, drawn) for name, values in made.items()}


def _scatterers(level: Backscatter, *, known: Phantom, drawn: Draws) -> _Found:
    """Diameter and concentration, unless the scatterers are too small for the wave to see their size."""
    squared = diameter_squared(level, reference_um=known.diameter_um)
    size = estimate(squared, drawn)
    least = LEAST_KA / wave_radius(level, 1.0)
    if size.value < least**2:
        reason = (
            f"scatterers below {least:.0f} um, where k a is {LEAST_KA:g} at the highest frequency used, cannot be told"
            " from points"
        )
        return {}, {"diameter_um": reason, "concentration_db": reason}
    low, value, high = (float(np.sqrt(max(one, 0))) for one in (size.low, size.value, size.high))
    amount = concentration(level, squared_um2=squared, reference_um=known.diameter_um)
    return {
        "diameter_um": Estimate(value, low, high, size.standard_error / (2 * value)),
        "concentration_db": estimate(amount, drawn),
    }, {}


def _unknown_gain(frames: RfFrames, reference: RfFrames | None) -> dict[str, str]:
    """What cannot be told where the recordings do not tell their gain."""
    both = [one for one in (frames, reference) if one is not None]
    reasons: dict[str, str] = {}
    if reference is not None and any(one.gain_db is None for one in both):
        reasons |= dict.fromkeys(LEVEL, "the gain of the recording or of the reference is not known")
    if reference is not None and any(one.tgc_db is None for one in both):
        needing = [name for name in SPECTRAL if "gain_free" not in name and "shift" not in name]
        reasons |= dict.fromkeys(
            needing,
            "the time gain of the recording or of the reference is not known; see the gain-free slope",
        )
    return reasons


def _gated(
    made: Mapping[str, Estimate],
    reasons: Mapping[str, str],
    *,
    found: Sampled,
    limits: Mapping[str, float],
) -> Parameters:
    """Values without a reason against them and precise enough."""
    wide = {
        name: f"standard error {one.standard_error:.3g}, at most {limits[name]:.3g} is given; record more lines, a"
        " taller region, more independent frames or a wider band"
        for name, one in made.items()
        if not 0 < one.standard_error <= limits[name]
    }
    if found.drawn.independent < LEAST_INDEPENDENT:
        wide = dict.fromkeys(
            made, "the lines of the region are as good as one and the same: there is no interval"
        )
    reasons = {**wide, **reasons}
    ends, used = ((0.0, 0.0), (0.0, 0.0)), found.levels
    if used.use.size:
        ends = (
            (float(used.frequency_mhz[0]), float(used.frequency_mhz[-1])),
            (float(used.depth_mm[0]), float(used.depth_mm[-1])),
        )
    values = {name: made[name] for name in LIMITS if name in made and name not in reasons}
    return Parameters(values, reasons, *ends, independent_lines=found.drawn.independent, remarks=())


def _remarks(
    values: Mapping[str, Estimate], path_attenuation: float | None, *, left_out: float
) -> tuple[str, ...]:
    """What the values rest on beside the recording."""
    made = []
    if values and left_out > MUCH:
        made.append(
            f"{left_out:.0%} of the region is unlike the rest of its depth (shadows, vessels, layers) and was left out"
        )
    if path_attenuation is None and any(name in values for name in OF_PATH):
        made.append(
            "what lies above the region was taken to attenuate as the region does, which moves"
            f" {', '.join(name for name in OF_PATH if name in values)} (a wall of 2 cm with 0.2 dB/cm/MHz more takes"
            " 2.4 dB off at 3 MHz, outside of the intervals); path_attenuation gives another value"
        )
    if "attenuation_shift_db_cm_mhz" in values:
        made.append(
            "attenuation_shift_db_cm_mhz holds the tilt that focus and beam give to the spectrum, of unknown size:"
            " it may read 0.3 dB/cm/MHz too low, far outside its interval"
        )
    return tuple(made)
