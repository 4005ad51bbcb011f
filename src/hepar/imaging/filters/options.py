"""What filters can be told, by name."""

from typing import Literal

Boundary = Literal["zero", "nearest", "periodic", "mirror"]
"""Beyond the border: zeros; the nearest voxel; the opposite side; the image mirrored, its border voxel repeated."""

Pooling = Literal["average", "max", "min"]
"""How the responses in all positions of a filter become one."""

Ring = Literal["simoncelli", "shannon"]
"""Non-separable wavelets."""

Spacing = tuple[float, float, float]
"""Millimetres along (z, y, x)."""
Order = tuple[int, ...]
"""Of a Riesz transform along x, y (and z)."""
