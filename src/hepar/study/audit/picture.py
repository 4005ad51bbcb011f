"""One picture, volume or recording as the audit sees it: fingerprints, and facts of how it was stored and acquired."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...imaging.geometry import CANONICAL, Volume
from ...imaging.likeness import (
    Fingerprint,
    Stack,
    exact_digest,
    fingerprint_of,
    grey_picture,
    slices_of,
    stack_of,
)
from ...imaging.ultrasound.bmode import b_mode
from ...imaging.ultrasound.frames import RfFrames
from ..recorded import recording_parameters

PIXELS_MM = 0.5
"""Of the B-mode picture that stands for a recording."""
Fact = str | float | dt.date
Views = tuple[Fingerprint, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Looked:
    """What was seen: each of `shown` is one picture (one view) or one volume (three slices of it, and all as `stack`).

    `facts` tell by name how it was stored and acquired, e.g. format, size, scanner. `failed` says why nothing could be
    read; then nothing is shown.
    """

    shown: tuple[Views, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    failed: str = ""
    stack: Stack | None = None


def look_at_volume(volume: Volume) -> Looked:
    """Three slices and the stack of a volume in the usual orientation; their digest is that of the whole volume."""
    digest = exact_digest(volume.array)
    axes = zip(("slice", "row", "column"), volume.spacing_mm, strict=True)
    facts: dict[str, Fact] = {
        "size": " x ".join(map(str, volume.array.shape)),
        "number type": str(volume.array.dtype),
        **{f"{name} spacing, mm": round(mm, 4) for name, mm in axes},
    }
    usual = volume.oriented(CANONICAL)
    views = tuple(fingerprint_of(one, digest=digest) for one in slices_of(usual.array))
    return Looked((views,), facts, stack=stack_of(usual.array, spacing_mm=usual.spacing_mm[0]))


def look_at_recordings(recordings: tuple[RfFrames, ...]) -> Looked:
    """The B-mode picture of the first frame of each recording; the digest is that of the echoes."""
    facts: dict[str, Fact] = dict(recording_parameters(recordings))
    return Looked(tuple((_first_frame(one),) for one in recordings), facts)


def _first_frame(frames: RfFrames) -> Fingerprint:
    alone = replace(frames, rf=frames.rf[:1], frame_times_ms=None)
    picture = b_mode(alone, mm_per_px=PIXELS_MM).pixels[0]
    return fingerprint_of(grey_picture(picture), digest=exact_digest(frames.rf))
