"""Filters with a kernel in space: mean, Laplacian of Gaussian, Laws, Gabor."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ...core.errors import ProtocolError
from ...imaging.filters.options import Pooling, Spacing
from .base import Filter, Response, along_filtered

Positive = Annotated[float, Field(gt=0)]


class Mean(Filter):
    """Mean of `support_voxels`, an odd number, along each axis around a voxel (IBSI S60F)."""

    kind: Literal["mean"] = "mean"
    title: ClassVar = "Mean filter"
    identifier: ClassVar = "S60F"
    keeps_unit: ClassVar = True
    support_voxels: Annotated[int, Field(ge=1)] = 5

    @model_validator(mode="after")
    def _has_a_middle(self) -> Self:
        if self.support_voxels % 2 == 0:
            raise ProtocolError(f"support_voxels {self.support_voxels} has no middle; give an odd number")
        return self

    @property
    def stem(self) -> str:
        """See `Filter`."""
        return f"mean_{self.support_voxels}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`."""
        return along_filtered(self.dimensions, self.support_voxels // 2)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.mean import mean

        yield (
            self.name,
            mean(image, support=self.support_voxels, dimensions=self.dimensions, boundary=self.boundary),
        )


class Log(Filter):
    """Laplacian of a Gaussian with standard deviation `sigma_mm`, cut off at `truncate` of it (IBSI L6PA).

    Bright blobs of radius sigma * sqrt(3) (in slices sqrt(2)) give the lowest response. A sigma of less than 0.7 voxels
    is refused, because the sampled kernel no longer is a Laplacian.
    """

    kind: Literal["log"] = "log"
    title: ClassVar = "Laplacian of Gaussian"
    identifier: ClassVar = "L6PA"
    sigma_mm: Positive
    truncate: Positive = 4.0

    @property
    def stem(self) -> str:
        """See `Filter`."""
        cut = "" if self.truncate == 4 else f"_cut{self.truncate:g}"
        return f"log_{self.sigma_mm:g}mm{cut}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`."""
        from ...imaging.filters.laplacian import radius_voxels

        z, y, x = (radius_voxels(self.sigma_mm / edge, self.truncate) for edge in spacing_mm)
        return (z if self.dimensions == 3 else 0, y, x)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.laplacian import laplacian_of_gaussian

        yield (
            self.name,
            laplacian_of_gaussian(
                image,
                sigma_mm=self.sigma_mm,
                spacing_mm=spacing_mm,
                truncate=self.truncate,
                dimensions=self.dimensions,
                boundary=self.boundary,
            ),
        )


class Laws(Filter):
    """Laws' kernels (IBSI JTXT), e.g. "L5E5E5": L5 along x, E5 along y, E5 along z.

    With `pooling` the responses in all right-angled positions are pooled, so that the result does not depend on how
    the patient lies. With `energy_distance_voxels` the result is the texture energy: the mean absolute response within
    that distance along each axis.
    """

    kind: Literal["laws"] = "laws"
    title: ClassVar = "Laws kernels"
    identifier: ClassVar = "JTXT"
    kernels: str = Field(pattern=r"^([LES]3|[LESWR]5){2,3}$")
    pooling: Pooling | None = "max"
    energy_distance_voxels: Annotated[int, Field(ge=1)] | None = 7

    @model_validator(mode="after")
    def _one_kernel_an_axis(self) -> Self:
        if len(self.kernels) != 2 * self.dimensions:
            raise ProtocolError(
                f"kernels {self.kernels} are {len(self.kernels) // 2}, dimensions are {self.dimensions}; give one"
                " kernel for each of x, y and z, or two with dimensions: 2"
            )
        return self

    @property
    def stem(self) -> str:
        """See `Filter`."""
        energy = "" if self.energy_distance_voxels is None else f"_energy{self.energy_distance_voxels}"
        return f"laws_{self.kernels.lower()}{f'_{self.pooling}' if self.pooling else ''}{energy}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`."""
        longest = max(int(size) for size in self.kernels[1::2])
        return along_filtered(self.dimensions, longest // 2 + (self.energy_distance_voxels or 0))

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.laws import laws, laws_energy

        response = laws(image, kernels=self.kernels, pooling=self.pooling, boundary=self.boundary)
        if self.energy_distance_voxels is not None:
            response = laws_energy(
                response,
                distance=self.energy_distance_voxels,
                dimensions=self.dimensions,
                boundary=self.boundary,
            )
        yield self.name, response


class Gabor(Filter):
    """Modulus of the response to a wave of `wavelength_mm` under a Gaussian of `sigma_mm` (IBSI Q88H).

    `aspect` is the Gaussian's extent along the wave over that across it. The response is averaged over angles in steps
    of `step_deg` round the circle, or is that of the one `angle_deg`, from x to y. It is taken in the slice, and in
    three dimensions averaged over three orthogonal planes.
    """

    kind: Literal["gabor"] = "gabor"
    title: ClassVar = "Gabor filter"
    identifier: ClassVar = "Q88H"
    sigma_mm: Positive
    wavelength_mm: Positive
    aspect: Positive = 1.0
    step_deg: Annotated[float, Field(gt=0, le=180)] = 22.5
    angle_deg: float | None = None
    truncate: Positive = 4.0

    @model_validator(mode="after")
    def _whole_circle(self) -> Self:
        if self.angle_deg is None and abs(360 / self.step_deg - round(360 / self.step_deg)) > 1e-6:
            raise ProtocolError(
                f"step_deg {self.step_deg:g} does not divide 360 degrees; give e.g. 22.5 or 45"
            )
        return self

    @property
    def stem(self) -> str:
        """See `Filter`."""
        angle = f"step{self.step_deg:g}" if self.angle_deg is None else f"angle{self.angle_deg:g}"
        cut = "" if self.truncate == 4 else f"_cut{self.truncate:g}"
        return f"gabor_{self.sigma_mm:g}mm_wave{self.wavelength_mm:g}mm_aspect{self.aspect:g}_{angle}{cut}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`."""
        from ...imaging.filters.gabor import kernel_reach

        z, y, x = kernel_reach(
            self.sigma_mm, aspect=self.aspect, spacing_mm=spacing_mm, truncate=self.truncate
        )
        return (z if self.dimensions == 3 else 0, y, x)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.gabor import gabor

        angles = np.arange(round(360 / self.step_deg)) * self.step_deg
        yield (
            self.name,
            gabor(
                image,
                sigma_mm=self.sigma_mm,
                wavelength_mm=self.wavelength_mm,
                aspect=self.aspect,
                angles_deg=angles.tolist() if self.angle_deg is None else [self.angle_deg],
                spacing_mm=spacing_mm,
                truncate=self.truncate,
                orthogonal=self.dimensions == 3,
                boundary=self.boundary,
            ),
        )
