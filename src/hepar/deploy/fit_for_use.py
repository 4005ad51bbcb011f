"""Whether a recording is one that the test was made for: the way it was recorded, and its quality."""

from collections.abc import Iterator, Mapping, Sequence

from ..core.errors import DataError
from ..data.bundle import Setup
from ..imaging.ultrasound.frames import RfFrames

ALIKE = 0.05
"""Share by which sampling rate and centre frequency may differ from those in training."""
FEW = 10
"""Training cases recorded alike below which the test hardly knows such recordings; that is told."""


def setup_of(view: RfFrames) -> Setup:
    """How `view` was recorded."""
    return Setup(
        device=view.device,
        preset=view.preset,
        geometry=view.geometry,
        fs_mhz=view.fs_mhz,
        fc_mhz=view.fc_mhz,
    )


def setup_warnings(
    views: Mapping[str, Sequence[RfFrames]], seen: Mapping[str, Sequence[Setup]]
) -> tuple[str, ...]:
    """What is other than in training about the way `views` were recorded, each told once.

    Raises:
        DataError: another kind of probe, sampling rate or centre frequency than any in training.
    """
    found = (line for name, setups in seen.items() for line in _unlike(views.get(name, ()), setups))
    return tuple(dict.fromkeys(found))


def _unlike(views: Sequence[RfFrames], seen: Sequence[Setup]) -> Iterator[str]:
    for view in views:
        own = setup_of(view)
        near = [one for one in seen if _near(own, one)]
        if not near:
            raise DataError(
                f"the recording is of {_said(own)}; the test was trained on {_several(seen)}: record again with one of"
                " these presets"
            )
        alike = sum(one.n for one in near)
        if alike < FEW:
            yield (
                f"the test was trained on {alike} case{'' if alike == 1 else 's'} recorded like {_said(own)}, fewer"
                f" than {FEW}: it hardly knows such recordings"
            )
        if not any((one.device, one.preset) == (own.device, own.preset) for one in near):
            yield f"trained on no recording of {_said(own)}, but on {_several(near)}: the answer may be off"


def _near(own: Setup, other: Setup) -> bool:
    return (
        own.geometry == other.geometry
        and abs(own.fs_mhz / other.fs_mhz - 1) <= ALIKE
        and abs(own.fc_mhz / other.fc_mhz - 1) <= ALIKE
    )


def _said(setup: Setup) -> str:
    named = " ".join(part for part in (setup.device, setup.preset) if part) or "an unnamed device"
    return f"{named} ({setup.geometry}, {setup.fc_mhz:g} MHz sampled at {setup.fs_mhz:g} MHz)"


def _several(setups: Sequence[Setup]) -> str:
    return "; ".join(_said(one) for one in setups) or "none that is told"
