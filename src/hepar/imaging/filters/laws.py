"""Laws' kernels and texture energy."""

import re

import numpy as np

from ...core.errors import ProtocolError, choices
from .mean import mean
from .options import Boundary, Pooling
from .rotations import Kernel, Plan, pooled, responses
from .separable import Image

LAWS: dict[str, tuple[int, ...]] = {
    "L3": (1, 2, 1),
    "E3": (-1, 0, 1),
    "S3": (-1, 2, -1),
    "L5": (1, 4, 6, 4, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}
"""Level, edge, spot, wave and ripple (Laws 1980), of three or five voxels, before they are given the norm one."""


def laws(
    image: Image, *, kernels: str, pooling: Pooling | None = None, boundary: Boundary = "mirror"
) -> Image:
    """Response to Laws' kernels (IBSI JTXT), e.g. "L5E5S5": L5 along x, E5 along y, S5 along z; two act in the slice.

    With `pooling`, the responses to the filter in all its right-angled positions are pooled.
    """
    plan = laws_plan(kernels)
    if pooling is not None:
        return pooled(image, plan, pooling=pooling, boundary=boundary)
    [(_, response)] = responses(image, [plan], boundary=boundary)
    return response


def laws_energy(
    response: Image, *, distance: int, dimensions: int = 3, boundary: Boundary = "mirror"
) -> Image:
    """Texture energy: mean of the absolute response over the voxels up to `distance` away along each axis (IBSI)."""
    return mean(np.abs(response), support=2 * distance + 1, dimensions=dimensions, boundary=boundary)


def laws_plan(kernels: str) -> Plan:
    """The kernels by axis of the array, each of norm one."""
    names = re.findall("..", kernels)
    if len(names) not in (2, 3) or "".join(names) != kernels or not set(names) <= set(LAWS):
        raise ProtocolError(
            f"laws: found kernels {kernels!r}; write those of x, y and z, or of x and y, such as L5E5E5."
            f" {choices('', LAWS)}"
        )
    return tuple((_unit(LAWS[name]),) for name in reversed(names))


def _unit(kernel: tuple[int, ...]) -> Kernel:
    norm = float(np.linalg.norm(kernel))
    return tuple(value / norm for value in kernel)
