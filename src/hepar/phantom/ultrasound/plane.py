"""The scan plane of one view of a SIMULATED patient: body wall, capsule, liver, vessels, lesions, diaphragm."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from ..fields import blob_spectrum, gaussian_field
from ..patient import Patient
from .focal import Cut, cuts, look_of, radius_of
from .medium import Medium
from .probe import Array, Probe
from .scene import Interface, Lattice, Regular, Scene
from .tissue import BILE, BLOOD, FAT, JITTER, MUSCLE, SKIN, Tissue, tissue_of
from .vessels import vessels


class Region(IntEnum):
    """What is where in a recording; lesion k of the plane is LESION + 2 k, its rim one more."""

    LIVER = 0
    SKIN = 1
    FAT = 2
    MUSCLE = 3
    VESSEL = 4
    VESSEL_WALL = 5
    GALLBLADDER = 6
    BEYOND = 7
    LESION = 8


CAPSULE_DB, FASCIA_DB, DIAPHRAGM_DB = 16.0, 12.0, 30.0
"""Echoes of smooth boundaries over the reference tissue (typical values)."""
WALL_DB, MIRROR_DB = 10.0, -15.0
"""Over the liver: fibrous sheath of portal branches, and the mirror image beyond the diaphragm (typical values)."""
TAPER_MM = 12.0
"""Thickness of the edge of the liver between wall and dome (typical value)."""
RIM = 0.85
"""Share of the radius at which the rim of a lesion begins."""
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Plane:
    """A scene and what a reader of the recording may be told of it."""

    scene: Scene
    tissue: Tissue
    cuts: tuple[Cut, ...]


def plane_of(patient: Patient, probe: Probe, *, view: int = 0) -> Plane:
    """View number `view` of `patient` through `probe`: another place of the same liver for each number."""
    rng = patient.stream("ultrasound", "view", str(view))
    lattice, tissue = Lattice(probe), tissue_of(patient)
    layers = _layers(rng, lattice, tissue=tissue)
    diaphragm = _diaphragm(rng, lattice, capsule_mm=layers[-1])
    x, z = lattice.places_mm()
    regions = _tubes(rng, x=x, z=z, top_mm=float(layers[-1].mean()), bottom_mm=probe.end_mm)
    met = cuts(
        patient.lesions, rng, view=view, lattice=lattice, capsule_mm=layers[-1], diaphragm_mm=diaphragm
    )
    media = _media(patient, tissue, met=met)
    regions = _lesions(regions, x=x, z=z, met=met, patient=patient, rng=rng)
    depth = lattice.depth_mm[:, None]
    regions[depth >= diaphragm] = Region.BEYOND
    for layer, region in zip(layers[::-1], (Region.MUSCLE, Region.FAT, Region.SKIN), strict=True):
        regions[depth < layer] = region
    scene = Scene(
        media,
        regions,
        texture_db=_texture(rng, lattice, tissue=tissue, regions=regions),
        interfaces=_interfaces(layers, diaphragm),
        regular=Regular(tissue.spacing_mm, JITTER, tissue.regularity),
        contact_db=_contact(rng, probe.lines),
        blur=tissue.wall.blur,
        haze=10 ** (float(rng.normal(-30, 3)) / 20),
        haze_mm=tissue.wall.total_mm,
    )
    return Plane(scene, tissue, met)


def _wave(rng: Random, size: int, *, width: float) -> Array:
    """A smooth line (size,) of mean 0 and SD 1, correlated over about `width` elements."""
    return gaussian_field(rng, (size,), (1.0,), spectrum=blob_spectrum(width)).astype(np.float32, copy=False)


def _layers(rng: Random, lattice: Lattice, *, tissue: Tissue) -> tuple[Array, Array, Array]:
    """Depths (columns,) at which skin, fat and muscle end; the last is the capsule of the liver."""
    wall, size = tissue.wall, lattice.columns
    squeezed = float(np.exp(0.05 * rng.standard_normal()))
    wide = size / 8
    skin = wall.skin_mm * (1 + 0.03 * _wave(rng, size, width=wide))
    fat = skin + wall.fat_mm * squeezed * (1 + 0.08 * _wave(rng, size, width=wide))
    muscle = fat + wall.muscle_mm * (1 + 0.12 * _wave(rng, size, width=wide))
    column_mm = float(np.interp(wall.total_mm, lattice.depth_mm, lattice.width_mm))
    uneven = _wave(rng, size, width=2.5 / column_mm)
    return skin, fat, (muscle + np.float32(tissue.surface_mm) * uneven).astype(np.float32)


def _diaphragm(rng: Random, lattice: Lattice, *, capsule_mm: Array) -> Array:
    """Depth (columns,) at which the beams leave a circle: the dome, deepest 55 to 110 mm below the capsule.

    Where the circle reaches the wall, the liver tapers: what lies outside of the dome is not liver.
    """
    radius = rng.uniform(75, 120)
    deepest = float(capsule_mm.mean()) + rng.uniform(55, 110)
    centre_x, centre_z = rng.uniform(-45, 45), deepest - radius
    x, z = lattice.probe.origin_mm(lattice.line)
    angle = lattice.probe.angle_rad(lattice.line)
    across, down = x - centre_x, z - centre_z
    along = across * np.sin(angle) + down * np.cos(angle)
    inside = along**2 - across**2 - down**2 + radius**2
    depth = np.where(inside > 0, -along + np.sqrt(np.maximum(inside, 0)), 0.0)
    depth = np.maximum(depth, capsule_mm + TAPER_MM)
    uneven = np.float32(0.3) * _wave(rng, lattice.columns, width=6)
    made: Array = (depth + uneven).astype(np.float32)
    return made


def _tubes(rng: Random, *, x: Array, z: Array, top_mm: float, bottom_mm: float) -> NDArray[np.uint8]:
    """Liver with vessels and gallbladder."""
    half = float(np.abs(x).max())
    raster = vessels(rng, half_width_mm=half, top_mm=top_mm, bottom_mm=bottom_mm)
    values = np.array([Region.LIVER, Region.VESSEL, Region.VESSEL_WALL, Region.GALLBLADDER], dtype=np.uint8)
    return values[raster.at(x, z)]


def _media(patient: Patient, tissue: Tissue, *, met: tuple[Cut, ...]) -> tuple[Medium, ...]:
    """By number of region; the wall's attenuation differs from person to person."""
    liver = tissue.liver

    def like(level_db: float) -> Medium:
        return Medium(
            liver.attenuation_db_cm_mhz, liver.backscatter_db + level_db, liver.diameter_um, liver.density_mm2
        )

    wall = [
        Medium(
            m.attenuation_db_cm_mhz * tissue.wall_attenuation, m.backscatter_db, m.diameter_um, m.density_mm2
        )
        for m in (SKIN, FAT, MUSCLE)
    ]
    sheath = Medium(liver.attenuation_db_cm_mhz, liver.backscatter_db + WALL_DB, liver.diameter_um, 40.0)
    looks = [look_of(patient.lesions[cut.number], liver) for cut in met]
    return (
        *(liver, *wall, BLOOD, sheath, BILE, like(MIRROR_DB)),
        *(medium for look in looks for medium in (look.body, look.rim)),
    )


def _lesions(
    regions: NDArray[np.uint8], *, x: Array, z: Array, met: tuple[Cut, ...], patient: Patient, rng: Random
) -> NDArray[np.uint8]:
    """The regions with lesions painted over liver and vessels."""
    for k, cut in enumerate(met):
        infiltration = patient.lesions[cut.number].infiltration
        radius = radius_of(cut, x_mm=x, z_mm=z, rng=rng, infiltration=infiltration)
        if infiltration:
            radius += np.float32(0.3 * infiltration) * rng.standard_normal(radius.shape, dtype=np.float32)
        regions[radius < 1] = Region.LESION + 2 * k + 1
        regions[radius < RIM] = Region.LESION + 2 * k
    return regions


def _interfaces(layers: tuple[Array, Array, Array], diaphragm: Array) -> tuple[Interface, ...]:
    skin, fat, capsule = layers
    return (
        Interface(skin, FASCIA_DB),
        Interface(fat, FASCIA_DB),
        Interface(capsule - 0.8, FASCIA_DB),
        Interface(capsule, CAPSULE_DB),
        Interface(np.where(np.isfinite(diaphragm), diaphragm, np.nan), DIAPHRAGM_DB),
    )


def _texture(rng: Random, lattice: Lattice, *, tissue: Tissue, regions: NDArray[np.uint8]) -> Array:
    """Backscatter (rows, columns) in dB that is added: blobs in the liver, strands along the layers of the wall."""
    step = 0.7
    x, z = lattice.places_mm()
    low_x, low_z = float(x.min()), float(z.min())
    shape = (int((float(z.max()) - low_z) / step) + 2, int((float(x.max()) - low_x) / step) + 2)
    blobs = gaussian_field(rng, shape, (step, step), spectrum=blob_spectrum(tissue.texture_mm))
    places = np.stack(((z - low_z) / step, (x - low_x) / step))
    found: Array = scipy.ndimage.map_coordinates(blobs, places, order=1, mode="nearest")
    found *= np.float32(tissue.texture_db)
    wall = (regions >= Region.SKIN) & (regions <= Region.MUSCLE)
    rows = int(np.flatnonzero(wall.any(axis=1))[-1]) + 1
    strands = rng.standard_normal((rows, lattice.columns), dtype=np.float32)
    strands = scipy.ndimage.gaussian_filter(strands, (1.5, lattice.columns / 16), mode="nearest")
    strands *= np.float32(6.0) / strands.std()
    found[:rows] = np.where(wall[:rows], strands, found[:rows])
    return found


def _contact(rng: Random, lines: int) -> Array:
    """What every line loses at the skin, dB: small differences, and in a third of views one edge in shadow."""
    found = np.float32(0.7) * np.abs(_wave(rng, lines, width=4))
    if rng.random() < 1 / 3:
        width, depth = rng.uniform(0.05, 0.2) * lines, rng.uniform(6, 25)
        edge = depth / (1 + np.exp((np.arange(lines) - width) / (0.15 * width + 1)))
        found += (edge if rng.random() < 0.5 else edge[::-1]).astype(np.float32)
    return found
