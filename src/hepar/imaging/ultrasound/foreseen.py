"""Attenuation that an acquisition cannot measure is not given, however lucky the interval of one recording turns out.

A standard error from a handful of independent lines is itself a matter of chance: in a region of 24 lines by 16 mm,
where 0.17 dB/cm/MHz are to be expected, it fell below the limit of 0.1 in one recording of 30.
"""

from collections.abc import Mapping

from ...core.errors import DataError, ProtocolError
from .frames import Box, RfFrames
from .precision import Method, precision_of

METHOD_OF: Mapping[str, Method] = {
    "attenuation_db_cm_mhz": "reference_phantom",
    "attenuation_plain_db_cm_mhz": "reference_phantom",
    "attenuation_log_difference_db_cm_mhz": "reference_phantom",
    "attenuation_gain_free_db_cm_mhz": "gain_free",
    "attenuation_shift_db_cm_mhz": "spectral_shift",
}
"""Slopes of attenuation, and the method whose expected precision they have."""


def too_imprecise(
    frames: RfFrames, *, box: Box, window_mm: float, limits: Mapping[str, float]
) -> dict[str, str]:
    """By the name of a parameter, why it cannot be measured in `box` within its limit.

    Empty where the recording does not tell its bandwidth, or nothing can be foreseen: standard errors alone decide.
    """
    try:
        precision = precision_of(frames, box=box, window_mm=window_mm)
    except (DataError, ProtocolError):
        return {}
    return {
        name: precision.advice(limits[name], method=method)
        for name, method in METHOD_OF.items()
        if not precision.enough(limits[name], method=method)
    }
