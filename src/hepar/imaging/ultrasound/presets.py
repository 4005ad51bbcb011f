"""Whether two recordings were made with one preset of one transducer, as a reference phantom needs."""

from collections.abc import Iterable

import numpy as np

from ...core.errors import DataError
from .frames import RfFrames

ALIKE = 1e-3
"""Relative difference of two numbers that is rounding."""
SETTINGS = ("fs_mhz", "fc_mhz", "c_mm_us", "start_mm", "radius_mm", "bandwidth")
OF_THE_BEAM = ("focus", "f_number", "transmit", "aperture", "element", "pitch")
"""How names of further numbers begin that belong to the preset; others, such as depth or power, may change."""
ANGLE_DEG, ORIGIN_MM = 0.05, 0.05
"""Differences between lines that are rounding."""


def same_preset(frames: RfFrames, reference: RfFrames) -> tuple[str, ...]:
    """Why `reference` is no reference phantom for `frames`: what differs, in words; empty where nothing does.

    Gain and time gain may differ, for they are undone as far as they are known; what needs an unknown one is withheld
    parameter by parameter. Whatever only one of the recordings tells is not compared.
    """
    found = [_number(name, getattr(frames, name), getattr(reference, name)) for name in SETTINGS]
    found += [
        _words(name, getattr(frames, name), getattr(reference, name))
        for name in ("geometry", "device", "preset")
    ]
    ours, theirs = _beam(frames), _beam(reference)
    found += [_number(name, ours[name], theirs[name]) for name in sorted(set(ours) & set(theirs))]
    found.append(_lines(frames, reference))
    return tuple(text for text in found if text)


def other_preset(frames: RfFrames, reference: RfFrames) -> str:
    """What is wrong with a reference of another preset, and what to do; empty where `same_preset` finds nothing."""
    other = same_preset(frames, reference)
    if not other:
        return ""
    return (
        f"the reference phantom was not recorded as the recording was: {'; '.join(other)}; record a phantom with the"
        " preset of the recording, or leave the phantom out and with it what needs one"
    )


def refuse_other_preset(frames: RfFrames, reference: RfFrames) -> None:
    """Raise `DataError` for a reference of another preset; the ratio to it would hold the transducer."""
    if message := other_preset(frames, reference):
        raise DataError(message)


def of_same_preset(references: Iterable[RfFrames], frames: RfFrames) -> RfFrames | None:
    """The first of `references` recorded as `frames` was; the first of all where none was, for its own refusal."""
    kept = list(references)
    return next((one for one in kept if not same_preset(frames, one)), next(iter(kept), None))


def _beam(frames: RfFrames) -> dict[str, float]:
    return {name: value for name, value in frames.more.items() if name.startswith(OF_THE_BEAM)}


def _number(name: str, one: float | None, other: float | None) -> str:
    if one is None or other is None or np.isclose(one, other, rtol=ALIKE, atol=1e-6):
        return ""
    return f"{name} {one:g} against {other:g}"


def _words(name: str, one: str, other: str) -> str:
    return f"{name} {one!r} against {other!r}" if one and other and one != other else ""


def _lines(frames: RfFrames, reference: RfFrames) -> str:
    ours, theirs = frames.rf.shape[1], reference.rf.shape[1]
    if ours != theirs:
        return f"{ours} line{'' if ours == 1 else 's'} against {theirs}"
    angle = float(np.abs(frames.line_angle_deg - reference.line_angle_deg).max())
    origin = float(np.abs(frames.line_origin_mm - reference.line_origin_mm).max())
    if angle > ANGLE_DEG or origin > ORIGIN_MM:
        return f"lines lie up to {angle:.2g} degrees and {origin:.2g} mm apart"
    return ""
