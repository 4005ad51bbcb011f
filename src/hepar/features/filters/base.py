"""What every filter is: an image in, one or more response images out."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ...core.component import Component
from ...core.errors import DataError
from ...imaging.filters.options import Boundary, Spacing
from ...imaging.geometry import CANONICAL, Volume

Response = tuple[str, NDArray[np.float32]]


class Filter(Component):
    """A convolutional filter of the IBSI (Whybra et al. 2024; manual arXiv:2006.05470).

    In three `dimensions`, or two: in each slice, the plane of the array's last two axes. Directions are the patient's:
    x runs to the left, y to the back, z to the head, however the file stores them. `boundary` says what lies beyond the
    image: "zero", "nearest", "periodic", or "mirror", where the border voxel is repeated.
    """

    family: ClassVar = "hepar.features.filters"
    title: ClassVar[str]
    identifier: ClassVar[str] = ""
    """Of the IBSI."""
    keeps_unit: ClassVar[bool] = False
    """Whether responses are in the image's unit."""

    dimensions: Literal[2, 3] = 3
    boundary: Boundary = "mirror"

    @property
    @abstractmethod
    def stem(self) -> str:
        """Name without what `name` adds."""

    @abstractmethod
    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """How many voxels away along (z, y, x) a voxel still counts; infinite where all of the image does."""

    @abstractmethod
    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """Responses of `image`, axes as in `Filter`, one at a time, by name."""

    @property
    def name(self) -> str:
        """Name in the columns of features, e.g. "log_3mm"; it tells filters of different settings apart."""
        return self._named(self.stem)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the responses."""
        return (self.name,)

    def describe(self) -> str:
        """The filter and its settings in a line."""
        settings = ", ".join(
            f"{key} {_plain(value)}" for key, value in self if key != "kind" and value is not None
        )
        code = f" ({self.identifier})" if self.identifier else ""
        return f"{self.title}{code}: {settings}"

    def margin_mm(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """How far outside a region, along (z, y, x), the response in it depends on the image.

        An image cropped to the region and this much around it, as far as it goes, gives the same response there.
        """
        voxels = [np.inf if n and self.boundary == "periodic" else n for n in self.reach(spacing_mm)]
        z, y, x = (float(n * edge) for n, edge in zip(voxels, spacing_mm, strict=True))
        return z, y, x

    def apply(self, volume: Volume) -> Iterator[tuple[str, Volume]]:
        """Responses of `volume`, one at a time, by name, as float32; an image that is not finite is refused."""
        turned = volume.oriented(self._orientation(volume.orientation))
        image = np.ascontiguousarray(turned.array, dtype=np.float32)
        if not np.isfinite(image).all():
            raise DataError(
                f"{self.name}: {np.count_nonzero(~np.isfinite(image))} voxels of the image are not finite numbers;"
                " a filter would spread them, so set them to a value first"
            )
        unit = volume.unit if self.keeps_unit else ""
        for name, response in self.respond(image, turned.spacing_mm):
            yield name, turned.like(response, unit=unit).oriented(volume.orientation)

    def _orientation(self, stored: str) -> str:
        """The patient's directions in their order; in two dimensions the axis across slices stays the first."""
        if self.dimensions == 3:
            return CANONICAL
        towards = {"R": "L", "A": "P", "I": "S"}
        across = towards.get(stored[0], stored[0])
        return across + CANONICAL.replace(across, "")

    def _named(self, stem: str) -> str:
        flat = "_2d" if self.dimensions == 2 else ""
        return f"{stem}{flat}{'' if self.boundary == 'mirror' else f'_{self.boundary}'}"


def along_filtered(dimensions: int, voxels: float) -> tuple[float, float, float]:
    """The same reach along every filtered axis."""
    return (voxels if dimensions == 3 else 0, voxels, voxels)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(map(_plain, value)) or "all"
    return f"{value:g}" if isinstance(value, float) else str(value)
