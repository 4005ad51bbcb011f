"""Filters by frequency: wavelets and Riesz transforms."""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import product
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ...core.errors import ProtocolError, choices
from ...imaging.filters.options import Pooling, Spacing
from .base import Filter, Response, along_filtered
from .spatial import Positive

Level = Annotated[int, Field(ge=1, le=6)]
Orders = Annotated[tuple[Annotated[int, Field(ge=0, le=4)], ...], Field(min_length=2, max_length=3)]


class Wavelet(Filter):
    """Undecimated separable wavelet transform (IBSI 25BO): one response a subband.

    A subband such as "LHL" is low-pass along x, high-pass along y, low-pass along z; when none is named, all are made.
    `wavelet` is one of PyWavelets' discrete wavelets. With `pooling` the responses in all right-angled positions are
    pooled, which makes subbands with the same letters equal.
    """

    kind: Literal["wavelet"] = "wavelet"
    title: ClassVar = "Separable wavelet"
    identifier: ClassVar = "25BO"
    wavelet: str = "coif1"
    level: Level = 1
    subbands: tuple[Annotated[str, Field(pattern="^[LH]{2,3}$")], ...] = ()
    pooling: Pooling | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = [subband for subband in self.subbands if len(subband) != self.dimensions]
        if wrong:
            raise ProtocolError(
                f"subband {wrong[0]} has {len(wrong[0])} letters, dimensions are {self.dimensions}; give one letter"
                " for each of x, y and z, or two with dimensions: 2"
            )
        if len(set(self.subbands)) < len(self.subbands):
            raise ProtocolError(f"subbands {list(self.subbands)} name one twice; keep one of them")
        _refuse_unknown_wavelet(self.wavelet)
        return self

    @property
    def stem(self) -> str:
        """See `Filter`."""
        return f"wavelet_{self.wavelet}_{'_'.join(self.subbands).lower() or 'all'}{self._suffix}"

    @property
    def names(self) -> tuple[str, ...]:
        """See `Filter`."""
        return tuple(map(self._of, self._all))

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`."""
        from ...imaging.filters.wavelets import wavelet_steps

        along = [wavelet_steps(self.wavelet, letter, level=self.level) for letter in "LH"]
        longest = max(sum(len(kernel) // 2 for kernel in steps) for steps in along)
        return along_filtered(self.dimensions, longest)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`; the order of the subbands is that in which they share most of the work."""
        from ...imaging.filters.wavelets import wavelet

        for subband, response in wavelet(
            image,
            name=self.wavelet,
            subbands=self._all,
            level=self.level,
            pooling=self.pooling,
            boundary=self.boundary,
        ):
            yield self._of(subband), response

    @property
    def _all(self) -> tuple[str, ...]:
        return self.subbands or tuple("".join(letters) for letters in product("LH", repeat=self.dimensions))

    @property
    def _suffix(self) -> str:
        level = "" if self.level == 1 else f"_level{self.level}"
        return f"{level}{f'_{self.pooling}' if self.pooling else ''}"

    def _of(self, subband: str) -> str:
        return self._named(f"wavelet_{self.wavelet}_{subband.lower()}{self._suffix}")


class NonSeparable(Filter):
    """Non-separable wavelet at `level` (IBSI LODD), the same in all directions: 1 holds the highest frequencies.

    "simoncelli" passes the two octaves below the level's highest frequency, most in their middle; "shannon" the one.
    """

    kind: Literal["simoncelli", "shannon"]
    title: ClassVar = "Non-separable wavelet"
    identifier: ClassVar = "LODD"
    level: Level = 1

    @property
    def stem(self) -> str:
        """See `Filter`."""
        return f"{self.kind}_{self.level}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`; the kernel has no end."""
        return along_filtered(self.dimensions, np.inf)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.nonseparable import nonseparable_wavelet

        yield (
            self.name,
            nonseparable_wavelet(
                image, level=self.level, ring=self.kind, dimensions=self.dimensions, boundary=self.boundary
            ),
        )


class RieszLog(Filter):
    """Riesz transform of `order` (x, y, z) of the Laplacian of Gaussian (Unser & Van De Ville 2010).

    (1, 0, 0) tells edges across x, (2, 0, 0) lines across x. With `align_mm`, directions are at each voxel those of the
    structure tensor smoothed with that standard deviation, the strongest first, in the place of x: the result does not
    depend on how the patient lies.
    """

    kind: Literal["riesz_log"] = "riesz_log"
    title: ClassVar = "Riesz transform of the Laplacian of Gaussian"
    order: Orders
    sigma_mm: Positive
    truncate: Positive = 4.0
    align_mm: Positive | None = None

    @model_validator(mode="after")
    def _one_order_an_axis(self) -> Self:
        _check_order(self.order, self.dimensions)
        return self

    @property
    def stem(self) -> str:
        """See `Filter`."""
        cut = "" if self.truncate == 4 else f"_cut{self.truncate:g}"
        return f"riesz_log_{self.sigma_mm:g}mm_{_tail(self.order, self.align_mm)}{cut}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`; the kernel has no end."""
        return along_filtered(self.dimensions, np.inf)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.riesz import riesz_log

        yield (
            self.name,
            riesz_log(
                image,
                order=self.order,
                sigma_mm=self.sigma_mm,
                spacing_mm=spacing_mm,
                truncate=self.truncate,
                align_mm=self.align_mm,
                boundary=self.boundary,
            ),
        )


class RieszSimoncelli(Filter):
    """Riesz transform of `order` (x, y, z) of Simoncelli's wavelet at `level`; `align_mm` as in `RieszLog`."""

    kind: Literal["riesz_simoncelli"] = "riesz_simoncelli"
    title: ClassVar = "Riesz transform of the Simoncelli wavelet"
    order: Orders
    level: Level = 1
    align_mm: Positive | None = None

    @model_validator(mode="after")
    def _one_order_an_axis(self) -> Self:
        _check_order(self.order, self.dimensions)
        return self

    @property
    def stem(self) -> str:
        """See `Filter`."""
        return f"riesz_simoncelli_{self.level}_{_tail(self.order, self.align_mm)}"

    def reach(self, spacing_mm: Spacing) -> tuple[float, float, float]:
        """See `Filter`; the kernel has no end."""
        return along_filtered(self.dimensions, np.inf)

    def respond(self, image: NDArray[np.float32], spacing_mm: Spacing) -> Iterator[Response]:
        """See `Filter`."""
        from ...imaging.filters.riesz import riesz_wavelet

        yield (
            self.name,
            riesz_wavelet(
                image,
                order=self.order,
                level=self.level,
                spacing_mm=spacing_mm,
                align_mm=self.align_mm,
                boundary=self.boundary,
            ),
        )


def _check_order(order: tuple[int, ...], dimensions: int) -> None:
    if len(order) != dimensions or sum(order) == 0:
        raise ProtocolError(f"order {list(order)}; give {dimensions} numbers, one an axis from x, not all 0")


def _tail(order: tuple[int, ...], align_mm: float | None) -> str:
    return f"{''.join(map(str, order))}{'' if align_mm is None else f'_aligned{align_mm:g}mm'}"


def _refuse_unknown_wavelet(name: str) -> None:
    """Where PyWavelets is installed; without it the filter cannot run and says so then."""
    if find_spec("pywt"):
        import pywt

        known = pywt.wavelist(kind="discrete")
        if name not in known:
            raise ProtocolError(f"wavelet {name!r} is unknown; {choices(name, known)}")
