"""Small changes of an image and a region, as another scan or another reader would make them: draw, record, apply.

After Zwanenburg et al. (2019), Sci Rep 9:614: shift and in-plane rotation of the grid, noise as strong as the image's
own, growth and shrinkage, another contour. Where they redraw a contour from supervoxels, here a smooth random field
moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..core.errors import DataError, ProtocolError, choices
from ..core.fingerprint import fingerprint
from .geometry import Volume, describe, same_grid
from .regions import Box, Mask, bounding_box

Float = NDArray[np.float64]
Kind = Literal["translate", "rotate", "noise", "volume", "contour"]
KINDS: tuple[Kind, ...] = ("translate", "rotate", "noise", "volume", "contour")

MOST_ROTATION_DEG = 10.0
MOST_VOLUME_CHANGE = 0.15
CONTOUR_SD_MM = 1.0
CONTOUR_LENGTH_MM = 10.0
FARTHEST_SD = 3.0
"""Standard deviations that a contour moves at most."""

_ROOT_7 = 7.0**0.5
_LOW_PASS = np.array(
    [1 - _ROOT_7, 5 + _ROOT_7, 14 + 2 * _ROOT_7, 14 - 2 * _ROOT_7, 1 - _ROOT_7, _ROOT_7 - 3]
) / (16 * 2**0.5)
_HIGH_PASS = _LOW_PASS[::-1] * np.array([1, -1, 1, -1, 1, -1])
"""The wavelet coif1 (Daubechies, 1992), in closed form; its square sums to 1."""


@dataclass(frozen=True, slots=True)
class Change:
    """One perturbation in plain numbers; that of zeros changes nothing."""

    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of the grid along (z, y, x), in voxels; nothing moves along an axis of one voxel."""
    rotation_deg: float = 0.0
    """Of the grid in the plane of the slices, about the centre of the region."""
    noise: float = 0.0
    """Standard deviation of the noise added, as a multiple of the image's own (`noise_level`)."""
    noise_sd: float = 0.0
    """Standard deviation of the noise added, in the image's unit, in place of `noise`."""
    volume: float = 0.0
    """Share of its voxels that the region gains, or loses below 0."""
    contour_mm: float = 0.0
    """Standard deviation of the contour's displacement, positive outwards."""
    contour_length_mm: float = CONTOUR_LENGTH_MM
    """Standard deviation of the Gaussian that makes the displacement smooth."""
    seed: int = 0
    """Of the noise and of the contour's field."""


def standard_perturbations(n: int) -> tuple[tuple[Kind, ...], ...]:
    """The kinds of change of each of `n` repeats: all five in each, as a chain."""
    if n < 0:
        raise ProtocolError(f"{n} perturbations: give 0 or more")
    return (KINDS,) * n


def draw(kinds: Sequence[Kind], *, seed: int, case_id: str) -> Change:
    """A change of these kinds for a case, from the ranges that are this module's constants.

    It depends on `seed`, `case_id` and the kind alone: another kind beside it changes nothing.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ProtocolError(f"perturbation {kind!r}: {choices(kind, KINDS)}")
    random = {kind: np.random.default_rng(_seed(seed, case_id, kind)) for kind in kinds}
    change = Change(seed=_seed(seed, case_id))
    if "translate" in random:
        z, y, x = (float(v) for v in random["translate"].uniform(0, 1, 3))
        change = replace(change, shift=(z, y, x))
    if "rotate" in random:
        angle = float(random["rotate"].uniform(-MOST_ROTATION_DEG, MOST_ROTATION_DEG))
        change = replace(change, rotation_deg=angle)
    if "volume" in random:
        share = float(random["volume"].uniform(-MOST_VOLUME_CHANGE, MOST_VOLUME_CHANGE))
        change = replace(change, volume=share)
    return replace(
        change,
        noise=1.0 if "noise" in random else 0.0,
        contour_mm=CONTOUR_SD_MM if "contour" in random else 0.0,
    )


def perturb(
    image: Volume, mask: Volume, change: Change, *, margin_mm: float | None = None
) -> tuple[Volume, Volume]:
    """`image` and the region `mask` (nonzero) on the same grid, after `change`; the same in, the same out.

    Noise comes first, then the grid moves (cubic spline for the image, whose values beyond the border are those at it;
    linear and at least one half for the region), then the region grows or shrinks, then its contour is redrawn. An
    image in HU is rounded to whole numbers again. A region never vanishes: its innermost voxels stay.

    Args:
        image: finite values.
        mask: a region that is not empty.
        change: what is done.
        margin_mm: cuts both to the region's box first, which saves time, with so much around it that this much of the
            image stays around the region wherever the change moves it; whole when omitted.
    """
    region = _checked(image, mask)
    box = _box(region, image.spacing_mm, change, margin_mm=margin_mm)
    image, mask, region = _cut(image, box), _cut(mask, box), region[box]
    noisy = _with_noise(image, region, change)
    moved, found = _moved(noisy, region, change)
    if moved is not image and image.unit == "HU":
        moved = moved.like(np.rint(moved.array))
    if change.volume:
        found = _resized(found, image.spacing_mm, change)
    if change.contour_mm:
        found = _redrawn(found, image.spacing_mm, change)
    return moved, mask.like(found)


def noise_level(image: Volume, region: Mask) -> float:
    """Standard deviation of the noise in the slices of `region`, in the image's unit.

    The median size of the finest diagonal wavelet coefficients (coif1, no decimation) over 0.6745, as of Donoho (1995)
    and in images Chang et al. (2000). Where coefficients are 0, as outside a reconstructed disc, nothing was measured.
    """
    slices = image.array[region.any(axis=(1, 2))].astype(float)
    rounding = 1e-9 * np.abs(slices).max()
    for axis in (1, 2):
        slices = ndimage.convolve1d(slices, _HIGH_PASS, axis=axis, mode="reflect")
    found = np.abs(slices)[np.abs(slices) > rounding]
    return float(np.median(found)) / 0.6744897501960817 if found.size else 0.0


def _checked(image: Volume, mask: Volume) -> Mask:
    region: Mask = np.asarray(mask.array != 0)
    if not same_grid(image, mask):
        raise DataError(
            f"the region lies on another grid than the image: {describe(mask)}; the image has {describe(image)}"
        )
    if not region.any():
        raise DataError("the region is empty; a region needs at least one voxel to be perturbed")
    bad = np.count_nonzero(~np.isfinite(image.array))
    if bad:
        raise DataError(
            f"the image holds {bad} voxels that are NaN or infinite; a shift would spread them: mend them"
        )
    return region


def _box(
    region: Mask, spacing_mm: tuple[float, float, float], change: Change, *, margin_mm: float | None
) -> Box:
    if margin_mm is None:
        return (slice(0, region.shape[0]), slice(0, region.shape[1]), slice(0, region.shape[2]))
    contour_mm, turn_mm = FARTHEST_SD * change.contour_mm, _turn_mm(region, spacing_mm, change)
    around = [margin_mm + contour_mm, *(margin_mm + contour_mm + turn_mm,) * 2]
    growth = _padding(region) if change.volume > 0 else (0, 0, 0)
    # one voxel for the shift and one for what is interpolated from
    z, y, x = (
        int(np.ceil(mm / step)) + more + 2 for mm, step, more in zip(around, spacing_mm, growth, strict=True)
    )
    return bounding_box(region, (z, y, x))


def _turn_mm(region: Mask, spacing_mm: tuple[float, float, float], change: Change) -> float:
    """How far the rotation moves the voxel of the region that is farthest from its centre."""
    _, y, x = ndimage.center_of_mass(region)
    rows, columns = np.nonzero(region.any(axis=0))
    farthest = np.hypot((rows - y) * spacing_mm[1], (columns - x) * spacing_mm[2]).max()
    return float(2 * farthest * np.sin(np.deg2rad(abs(change.rotation_deg)) / 2))


def _cut(volume: Volume, box: Box) -> Volume:
    affine = volume.affine.copy()
    affine[:3, 3] = volume.world_mm([axis.start for axis in box])
    return replace(volume, array=volume.array[box], affine=affine)


def _with_noise(image: Volume, region: Mask, change: Change) -> Volume:
    sd = change.noise_sd or (change.noise * noise_level(image, region) if change.noise else 0.0)
    if not sd:
        return image
    random = np.random.default_rng(_seed(change.seed, "noise"))
    return image.like(image.array + sd * random.standard_normal(image.array.shape))


def _moved(image: Volume, region: Mask, change: Change) -> tuple[Volume, Mask]:
    """Image and region on the rotated and shifted grid."""
    if not change.rotation_deg and not any(change.shift):
        return image, region
    angle, step = np.deg2rad(change.rotation_deg), np.array(image.spacing_mm)
    turn = np.eye(3)
    turn[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix = turn * step / step[:, None]
    centre = np.array(ndimage.center_of_mass(region))
    offset = centre - matrix @ centre + np.where(np.array(region.shape) > 1, change.shift, 0.0)
    values = ndimage.affine_transform(image.array.astype(float), matrix, offset, order=3, mode="nearest")
    covered = ndimage.affine_transform(region.astype(np.float32), matrix, offset, order=1)
    # a region thinner than a voxel may cover no voxel by half: what it covers most stands for it
    return image.like(values), np.asarray(covered >= min(0.5, float(covered.max())) - 1e-6)


def _resized(region: Mask, spacing_mm: tuple[float, float, float], change: Change) -> Mask:
    """The voxels nearest to the inside, as many as wanted; a random order among those equally near."""
    found, box = region.copy(), bounding_box(region, _padding(region))
    depth = np.round(_signed_distance(region[box], spacing_mm), 6).ravel()
    wanted = min(max(1, round(int(region.sum()) * (1 + change.volume))), depth.size)
    last = np.partition(depth, wanted - 1)[wanted - 1]
    inside, tied = depth < last, np.flatnonzero(depth == last)
    random = np.random.default_rng(_seed(change.seed, "volume"))
    inside[random.permutation(tied)[: wanted - np.count_nonzero(inside)]] = True
    found[box] = inside.reshape(found[box].shape)
    return found


def _padding(region: Mask) -> tuple[int, int, int]:
    """A fifth of the region's extent and two voxels: room enough to grow into."""
    z, y, x = (axis.stop - axis.start for axis in bounding_box(region))
    return z // 5 + 2, y // 5 + 2, x // 5 + 2


def _redrawn(region: Mask, spacing_mm: tuple[float, float, float], change: Change) -> Mask:
    """The region whose contour is displaced along its normal by a Gaussian random field."""
    z, y, x = (int(np.ceil(FARTHEST_SD * change.contour_mm / step)) + 1 for step in spacing_mm)
    found, box = region.copy(), bounding_box(region, (z, y, x))
    distance = _signed_distance(region[box], spacing_mm)
    limit = FARTHEST_SD * change.contour_mm
    field = np.clip(change.contour_mm * _field(distance.shape, spacing_mm, change), -limit, limit)
    found[box] = distance < field
    if not found.any():
        found[box] = distance <= distance.min()
    return found


def _field(shape: tuple[int, ...], spacing_mm: tuple[float, float, float], change: Change) -> Float:
    """A smooth random field of mean 0 and standard deviation 1, periodic in the box."""
    field = np.random.default_rng(_seed(change.seed, "contour")).standard_normal(shape)
    for axis, step in enumerate(spacing_mm):
        sigma, impulse = change.contour_length_mm / step, np.zeros(shape[axis])
        impulse[0] = 1
        weights = ndimage.gaussian_filter1d(impulse, sigma, mode="wrap")
        field = ndimage.gaussian_filter1d(field, sigma, axis=axis, mode="wrap") / np.linalg.norm(weights)
    return np.asarray(field)


def _signed_distance(region: Mask, spacing_mm: tuple[float, float, float]) -> Float:
    """Millimetres from the surface to each voxel's centre, negative inside; half a pixel from edge voxels in plane."""
    half = min(spacing_mm[1:]) / 2
    if region.all():
        return np.full(region.shape, -half)
    outside = ndimage.distance_transform_edt(~region, sampling=spacing_mm)
    inside = ndimage.distance_transform_edt(region, sampling=spacing_mm)
    return np.where(region, half - np.asarray(inside), np.asarray(outside) - half)


def _seed(*parts: object) -> int:
    return int(fingerprint(*parts)[:15], 16)
