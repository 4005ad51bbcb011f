"""Intensity-volume histogram features: how much of a region holds at least an intensity (IBSI family P88C)."""

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil, floor, inf
from typing import Literal

from ..core.errors import ProtocolError, choices
from .geometry import Array
from .resegment import Range
from .statistics import Floats, ascending

Kind = Literal["discrete", "continuous", "arbitrary"]
KINDS = ("discrete", "continuous", "arbitrary")
NOISE = 1e-9
"""Share of a step by which rounding must not move an intensity to the next one."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The intensities `first + k * interval` (k = 0, 1, ...) at which the histogram is read.

    An intensity x stands in bin `floor((x - start) / bin)`, at most `top`; `length` is the number of intervals from
    the first to the last intensity of the range, not always whole.
    """

    start: float
    bin: float
    first: float
    interval: float
    length: float
    top: float = inf

    def step(self, intensity: float) -> int:
        """The k up to which `intensity` counts as present."""
        if self.bin == 0:
            return 0
        return int(min(floor((intensity - self.start) / self.bin + NOISE), self.top))


def volume_histogram(
    values: Array,
    *,
    kind: Kind = "discrete",
    intensity_range: Range = (None, None),
    bin_width: float | None = None,
    n_bins: int = 1000,
) -> dict[str, float]:
    """The 6 intensity-volume histogram features of `values` (voxels,), the intensities of the intensity mask.

    `kind` says what the intensities are: "discrete", calibrated whole numbers (CT), read at steps of 1;
    "continuous", calibrated (PET), read at the centres of bins of `bin_width`; "arbitrary" (MR), read as levels of
    `n_bins` bins, so that `ivh_i10` is a level. `intensity_range` is that of re-segmentation: its ends replace the
    lowest and the highest value, except for "arbitrary".

    Where more than x % of the region hold the highest intensity, the intensity at that volume is one step above
    it, which none holds. A single calibrated intensity without a range lies at every fraction of it, so the volumes
    are 1; a single arbitrary one is level 1 (Zwanenburg et al., arXiv:1612.07003).

    Raises:
        DataError: there is no value, or one is not a number.
        ProtocolError: `kind` is none of the three, or the bins have no width or number.
    """
    ordered = ascending(values)
    scale = _scale(ordered, kind=kind, intensity_range=intensity_range, size=_size(kind, bin_width, n_bins))
    v10, v90 = (_volume_at(ordered, scale, share) for share in (0.1, 0.9))
    i10, i90 = (_intensity_at(ordered, scale, share) for share in (0.1, 0.9))
    return {
        "ivh_v10": v10,
        "ivh_v90": v90,
        "ivh_i10": i10,
        "ivh_i90": i90,
        "ivh_diff_v10_v90": v10 - v90,
        "ivh_diff_i10_i90": i10 - i90,
    }


def _size(kind: str, bin_width: float | None, n_bins: int) -> float:
    """Width of a bin, for "arbitrary" the number of bins."""
    if kind not in KINDS:
        raise ProtocolError(f"intensities of kind {kind!r} have no volume histogram; {choices(kind, KINDS)}")
    if kind == "arbitrary" and n_bins < 2:
        raise ProtocolError(f"the volume histogram has {n_bins} bins; give at least 2 (1000 is usual)")
    if kind == "continuous" and not (bin_width and 0 < bin_width < inf):
        raise ProtocolError(f"the volume histogram's bin_width is {bin_width}; give a positive number")
    return float(n_bins) if kind == "arbitrary" else float(bin_width or 1)


def _scale(ordered: Floats, *, kind: Kind, intensity_range: Range, size: float) -> Scale:
    low, high = float(ordered[0]), float(ordered[-1])
    if kind == "arbitrary":
        return Scale(low, (high - low) / size, 1.0, 1.0, size - 1, size - 1)
    low = low if intensity_range[0] is None else intensity_range[0]
    high = high if intensity_range[1] is None else intensity_range[1]
    if kind == "discrete":
        return Scale(low, 1.0, low, 1.0, high - low)
    return Scale(low, size, low + size / 2, size, max((high - low) / size - 1, 0.0))


def _volume_at(ordered: Floats, scale: Scale, share: float) -> float:
    """Share of the region with at least the first intensity at `share` of the range."""
    step = ceil(share * scale.length - NOISE)
    below = bisect_left(range(ordered.size), step, key=lambda rank: scale.step(float(ordered[rank])))
    return (ordered.size - below) / ordered.size


def _intensity_at(ordered: Floats, scale: Scale, share: float) -> float:
    """The lowest intensity that at most `share` of the region holds."""
    allowed = floor(share * ordered.size + NOISE)
    step = max(scale.step(float(ordered[-1 - allowed])) + 1, 0)
    return scale.first + scale.interval * step
