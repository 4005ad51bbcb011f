"""What lies where in a section: levels and shares on a coarse lattice, from which the picture is painted."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..fields import blob_spectrum, gaussian_field

Plane = NDArray[np.float32]
Points = NDArray[np.float64]
STEP_UM = 4.0
"""Distance of the lattice's points; what is finer is added when the picture is painted."""
FAR_UM = 60.0
"""Levels end here: how deep below a boundary something lies does not matter beyond it."""


class Compartment(IntEnum):
    """What a pathologist would call a place."""

    GLASS = 0
    STROMA = 1
    TUMOUR = 2
    LUMEN = 3
    NECROSIS = 4
    MUCUS = 5
    NORMAL = 6
    MUSCLE = 7
    FAT = 8
    VESSEL = 9


@dataclass(frozen=True, slots=True)
class Window:
    """Lattice of `shape` (y, x) points from `origin_um` (y, x), `STEP_UM` apart."""

    shape: tuple[int, int]
    origin_um: tuple[float, float]

    @property
    def axes_um(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places (n,) of the rows and of the columns."""
        y, x = (
            np.asarray(o + STEP_UM * np.arange(n), np.float64)
            for n, o in zip(self.shape, self.origin_um, strict=True)
        )
        return y, x

    def points_um(self) -> Points:
        """Places (y, x, 2) of all points."""
        y, x = self.axes_um
        return np.stack(np.broadcast_arrays(y[:, None], x), axis=-1)

    def noise(self, rng: np.random.Generator, *, width_um: float) -> Plane:
        """A field (y, x) of mean 0 and SD 1 whose blobs have the standard deviation `width_um`."""
        margin = int(np.ceil(3 * width_um / STEP_UM))  # a field is periodic: its far edge is left out
        shape = (self.shape[0] + margin, self.shape[1] + margin)
        found = gaussian_field(rng, shape, (STEP_UM, STEP_UM), spectrum=blob_spectrum(width_um))
        return found[: self.shape[0], : self.shape[1]]

    def at(self, field: Plane, places_um: Points) -> NDArray[np.float64]:
        """Values (n,) of `field` at `places_um` (n, 2), linear between points."""
        scaled = (places_um - np.array(self.origin_um)) / STEP_UM
        limits = np.array(self.shape) - 1.000001
        scaled = np.clip(scaled, 0, limits)
        (i, j), (v, u) = scaled.astype(np.intp).T, (scaled % 1).T
        return np.asarray(
            (field[i, j] * (1 - u) + field[i, j + 1] * u) * (1 - v)
            + (field[i + 1, j] * (1 - u) + field[i + 1, j + 1] * u) * v
        )

    def slopes(self, field: Plane, places_um: Points) -> Points:
        """Direction (n, 2), of length 1 or 0, in which `field` rises at `places_um` (n, 2)."""
        dy, dx = (np.asarray(d, np.float32) for d in np.gradient(field))
        found = np.stack([self.at(dy, places_um), self.at(dx, places_um)], axis=1)
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(length, 1e-9))


def nearest(centres: Points, places: Points, *, k: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Distance and index (..., k) of the `k` centres (n, 2) nearest to each of `places` (..., 2)."""
    k = min(k, len(centres))
    distance, index = cKDTree(centres).query(places, k=k)
    shape = (*places.shape[:-1], k)
    return np.asarray(distance, np.float64).reshape(shape), np.asarray(index, np.intp).reshape(shape)


def window_over(height_um: float, width_um: float, *, margin_um: float) -> Window:
    """The lattice over a picture whose corner is (0, 0), and `margin_um` around it."""
    n, m = (int(np.ceil((size + 2 * margin_um) / STEP_UM)) + 2 for size in (height_um, width_um))
    return Window((n, m), (-margin_um, -margin_um))


@dataclass(frozen=True, slots=True)
class Tissue:
    """A section on the lattice. Levels are in um, positive inside, zero on the boundary.

    `section`: on the glass. `epithelium`: inside glands or nests, `normal` telling whose. `lumen`: inside gland
    lumina, which hold `necrosis` and `mucus` (shares 0 to 1). `void`: inside fat cells and vessels, `vessel` telling
    which. `cleft`: width of the slit between glands and stroma (um; none below 0). `muscle`: share of smooth muscle.
    `fibre`: height whose contours the fibres follow (um). `front`: share belonging to the invasive front. `tone`: how
    much dye the tissue takes up, 1 on average.
    """

    window: Window
    section: Plane
    epithelium: Plane
    lumen: Plane
    normal: Plane
    necrosis: Plane
    mucus: Plane
    void: Plane
    vessel: Plane
    cleft: Plane
    muscle: Plane
    fibre: Plane
    front: Plane
    tone: Plane

    def compartments(self) -> NDArray[np.uint8]:
        """`Compartment` (y, x) of every point."""
        found = np.full(self.window.shape, Compartment.STROMA, np.uint8)
        found[self.muscle > 0.5] = Compartment.MUSCLE
        empty = self.void > 0
        found[empty] = np.where(self.vessel[empty] > 0.5, Compartment.VESSEL, Compartment.FAT)
        gland = self.epithelium > 0
        found[gland] = np.where(self.normal[gland] > 0.5, Compartment.NORMAL, Compartment.TUMOUR)
        inside = gland & (self.lumen > 0)
        found[inside] = Compartment.LUMEN
        found[inside & (self.necrosis > 0.5)] = Compartment.NECROSIS
        found[inside & (self.mucus > 0.5)] = Compartment.MUCUS
        found[self.section <= 0] = Compartment.GLASS
        return found
