"""Images and parameter files on which PyRadiomics was run; its values are in golden/pyradiomics."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "golden" / "pyradiomics"


class Scene(NamedTuple):
    """Image and mask (z, y, x) and the affine of both, index (z, y, x, 1) to LPS mm."""

    image: NDArray[Any]
    mask: NDArray[Any]
    affine: NDArray[np.float64]


class Example(NamedTuple):
    """One run: which scene, by which parameter file."""

    scene: str
    parameters: str

    @property
    def name(self) -> str:
        return f"{self.scene}-{self.parameters}"


EXAMPLES = (
    Example("ct_sarcoma", "default"),
    Example("ct_sarcoma", "ct"),
    Example("ct_sarcoma_whole_numbers", "ct"),
    Example("mr_liver", "default"),
    Example("mr_liver", "mr"),
    Example("mr_liver", "mr_fine"),
    Example("mr_liver", "mr_slices"),
    Example("simulated", "derived"),
    Example("simulated", "resegmented"),
    Example("simulated", "coronal"),
    Example("simulated_slice", "slice"),
)


def scene(name: str) -> Scene:
    """One of the scenes by name."""
    if name.startswith("simulated"):
        return simulated(one_slice=name.endswith("slice"))
    kind = name.removesuffix("_whole_numbers")
    with np.load(FOLDER / f"{kind}.npz") as held:
        image, mask, affine = held["image"], held["mask"].astype(np.uint8), held["affine"]
    if name == "ct_sarcoma":
        image = image.astype(np.float32)
    return Scene(image, mask, affine)


def simulated(*, one_slice: bool = False) -> Scene:
    """SIMULATED: smooth noise of whole numbers with a bright ball, a ragged region of label 2 and a ball of label 1."""
    rng = np.random.default_rng(7)
    shape, spacing = (23, 31, 28), np.array([2.2, 1.1, 1.3])
    z, y, x = np.indices(shape)
    noise = sum(np.roll(rng.normal(0, 30, shape), shift, axis) for shift in range(3) for axis in range(3))
    distance = np.sqrt((2.2 * (z - 11)) ** 2 + (1.1 * (y - 15)) ** 2 + (1.3 * (x - 13)) ** 2)
    image = np.rint(60 + np.asarray(noise) + 40 * (distance < 9)).astype(np.int16)
    mask = np.where(np.abs(noise) < 70, 2, 0) * (distance < 14)
    mask = np.where(distance < 11, np.where(mask == 2, 1, mask), mask)
    if one_slice:
        mask = mask * (z == 11)
    turn = np.diag([1.0, -1.0, 1.0])[:, ::-1]  # z, y, x of the array to x, -y, z
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn * spacing, (-20.5, 31.25, 7.0)
    return Scene(image, mask.astype(np.uint8), affine)
