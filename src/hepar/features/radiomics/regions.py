"""Where features are measured: a mask as it is, a ring outside it, a shell inside it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...core.errors import DataError, ProtocolError, choices
from ...imaging.geometry import Array, Volume


class Band(BaseModel):
    """Distances from the border of a mask, in millimetres."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inner_mm: Annotated[float, Field(ge=0)] = 0.0
    """Where the band begins, seen from the border."""
    outer_mm: Annotated[float, Field(gt=0)]
    """Where it ends."""

    @model_validator(mode="after")
    def _has_a_width(self) -> Self:
        if self.outer_mm <= self.inner_mm:
            raise ProtocolError(f"outer_mm {self.outer_mm:g} is not beyond inner_mm {self.inner_mm:g}")
        return self


def _named(value: Any) -> Any:
    """A name alone is that of a mask."""
    return {"mask": value} if isinstance(value, str) else value


class RegionPlan(BaseModel):
    """One region: the voxels of `mask`, or those of a `ring` outside it, or of a `shell` inside it.

    A ring round a lesion is kept inside the organ by `within`, and clear of other lesions by `without`. A case that
    lacks the mask of an `optional` region has no features of it, which models take as missing; of any other region
    it leaves the study.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask: str
    ring: Band | None = None
    shell: Band | None = None
    within: str | None = None
    without: str | None = None
    largest: bool = False
    """Of several components only the largest."""
    optional: bool = False

    @model_validator(mode="after")
    def _one_band(self) -> Self:
        if self.ring is not None and self.shell is not None:
            raise ProtocolError("ring and shell are two regions; give each a name of its own")
        return self

    @property
    def masks(self) -> tuple[str, ...]:
        """Masks that it is made of."""
        return tuple(name for name in (self.mask, self.within, self.without) if name is not None)


Region = Annotated[RegionPlan, BeforeValidator(_named)]


def build_region(plan: RegionPlan, masks: Mapping[str, Volume]) -> Volume:
    """The voxels of `plan` as a boolean volume on the grid that all `masks` share; an empty one is refused."""
    for name in plan.masks:
        if name not in masks:
            raise DataError(f"there is no mask {name!r}; {choices(name, masks)}")
    base = masks[plan.mask]
    array = _banded(plan, base)
    if plan.within is not None:
        array = array & (masks[plan.within].array > 0)
    if plan.without is not None:
        array = array & ~(masks[plan.without].array > 0)
    if not np.any(array):
        raise DataError(f"the region is empty ({_words(plan)}); check the mask, or the band's distances")
    return base.like(array, unit="")


def _banded(plan: RegionPlan, base: Volume) -> Array:
    from ...imaging.regions import largest_component, ring, shell

    array: Array = base.array > 0
    if plan.largest:
        array = largest_component(array)
    if plan.ring is not None:
        return ring(array, base.spacing_mm, inner_mm=plan.ring.inner_mm, outer_mm=plan.ring.outer_mm)
    if plan.shell is not None:
        return shell(array, base.spacing_mm, inner_mm=plan.shell.inner_mm, outer_mm=plan.shell.outer_mm)
    return array


def _words(plan: RegionPlan) -> str:
    parts = [f"mask {plan.mask!r}"]
    for name, band in (("ring", plan.ring), ("shell", plan.shell)):
        if band is not None:
            parts.append(f"{name} from {band.inner_mm:g} to {band.outer_mm:g} mm")
    parts += [f"within {plan.within!r}"] if plan.within else []
    parts += [f"without {plan.without!r}"] if plan.without else []
    return ", ".join(parts)
