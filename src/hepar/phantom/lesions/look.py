"""What distinguishes a SIMULATED lesion on images: the vector that every kind is a mixture of densities over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PHASES = ("native", "arterial", "portal", "delayed")

LOOK = (
    "core_native",
    "core_arterial",
    "core_portal",
    "core_delayed",
    "rim_arterial",
    "rim_portal",
    "rim_delayed",
    "rim_width",
    "nodularity",
    "texture",
    "scar",
    "edge",
    "lobulation",
    "wedge",
)
"""The look of a lesion on CT.

`core_*` is HU over a liver of reference, `rim_*` HU of the rim over the core (a native scan shows no rim), `rim_width`
a share of the radius, `nodularity` how much the rim is made of nodules (0 a ring, 1 separate nodules), `texture` the SD
in HU inside, `scar` the radius of a central scar and `edge` the width of the margin, over the lesion's radius,
`lobulation` the SD of the outline over the radius, `wedge` 1 where the thing is a segment rather than a ball.
"""

COLUMN: Mapping[str, int] = MappingProxyType({name: place for place, name in enumerate(LOOK)})

CONTRAST = tuple(
    place for place, name in enumerate(LOOK) if name.startswith(("core", "rim_")) and name != "rim_width"
)
"""Columns that hold a difference in HU: those that shrink in a faint lesion."""

ENHANCED = ("core_arterial", "core_portal", "rim_arterial", "rim_portal")
"""What an arterial and a portal phase show of the enhancement."""

TWO_PHASES = (*ENHANCED, "rim_width", "nodularity", "texture", "scar", "edge", "lobulation")
"""What an arterial and a portal phase show of a lesion."""

LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "rim_width": (0.06, 0.6),
        "nodularity": (0.0, 1.0),
        "texture": (0.0, 40.0),
        "scar": (0.0, 0.5),
        "edge": (0.0, 0.8),
        "lobulation": (0.0, 0.2),
        "wedge": (0.0, 1.0),
    }
)
"""Where an image stops following a look: the images show no more than the look, so a bound from the look holds."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a kind of lesion may look: a normal density over `LOOK`.

    `large` and `small` are its shares among lesions from 30 mm and up to 10 mm, in between by the logarithm of size.
    `core` and `rim` are means in HU by phase (a rim has no native one), `*_sd` their standard deviations.
    """

    name: str
    large: float
    small: float
    core: tuple[float, float, float, float]
    core_sd: tuple[float, float, float, float]
    rim: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rim_sd: tuple[float, float, float] = (5.0, 5.0, 5.0)
    form: Mapping[str, float] = field(default_factory=dict)

    @property
    def mean(self) -> Floats:
        """Means (look,)."""
        form = {**_FORM, **self.form}
        return np.array([*self.core, *self.rim, *(form[name] for name in LOOK[7:])])

    @property
    def sd(self) -> Floats:
        """Standard deviations (look,); those of the form are the same in every pattern but for size of texture."""
        form = {**_FORM_SD, "texture": 1.0 + 0.35 * {**_FORM, **self.form}["texture"]}
        return np.array([*self.core_sd, *self.rim_sd, *(form[name] for name in LOOK[7:])])


_FORM = {
    "rim_width": 0.18,
    "nodularity": 0.10,
    "texture": 5.0,
    "scar": 0.02,
    "edge": 0.10,
    "lobulation": 0.06,
    "wedge": 0.0,
}
_FORM_SD = {
    "rim_width": 0.06,
    "nodularity": 0.15,
    "texture": 2.0,
    "scar": 0.06,
    "edge": 0.09,
    "lobulation": 0.03,
    "wedge": 0.08,
}


def _correlation() -> Floats:
    """Of the look within a pattern: two factors (vascularity, density) of the core and one of the rim."""
    load = np.zeros((len(LOOK), 3))
    load[:4, 0] = (0.10, 0.50, 0.65, 0.60)
    load[:4, 1] = (0.80, 0.45, 0.40, 0.40)
    load[4:7, 2] = (0.65, 0.75, 0.65)
    found = load @ load.T
    np.fill_diagonal(found, 1.0)
    return found


CORRELATION = _correlation()
"""(look, look): enhancement of one lesion in two phases goes together (typical values)."""


def as_vector(look: Mapping[str, float]) -> Floats:
    """The look (look,) in the order of `LOOK`."""
    return np.array([look[name] for name in LOOK])


def shown(look: Mapping[str, float], name: str) -> float:
    """The value of the look that images follow: within `LIMITS`."""
    low, high = LIMITS.get(name, (-np.inf, np.inf))
    return float(np.clip(look[name], low, high))
