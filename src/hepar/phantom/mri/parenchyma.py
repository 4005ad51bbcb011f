"""The SIMULATED liver on MR: its means, and textures in mm that all sequences of a patient share."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from ..anatomy import Organ
from ..fields import Field, blob_spectrum, gaussian_field
from ..grid import Grid
from ..patient import Patient
from .tissue import TISSUES, Matter, Values, liver_r2, liver_r2_star, matter_of

LATTICE, LATTICE_MM = (96, 128, 128), 1.5
"""Textures live on a lattice of the patient's own, periodic, so that a sequence on another grid sees the same."""
PATCH_LATTICE, PATCH_LATTICE_MM = (24, 32, 32), 12.0
MS = np.float32(1000)
"""Milliseconds in a second."""
SEPTUM = 0.28
"""Width of a septum over the standard deviation of the field whose zeros are the septa."""


@dataclass(frozen=True, slots=True)
class LiverState:
    """Means of a liver and the strength of its textures; factors are over the table of organs."""

    t1: float
    t2: float
    adc: float
    uptake_per_s: float
    fat: float
    iron_mg_g: float
    reticular: float
    """How much septa stand out; 1 is typical of chronic liver disease."""
    nodule_mm: float
    vessels: float
    """How much vessels too small to see stand out."""
    patchy: float
    """Spread (log SD) of fat and of uptake over some centimetres."""


def liver_state(patient: Patient) -> LiverState:
    """What the disease, as far as MR shows it, and everything else do to the liver.

    One standard deviation of `shown["mri"]` moves T1 by 4 %, ADC by -5 %, uptake of gadoxetate by -20 %, contrast of
    septa by 42 % and size of nodules by 15 %; people differ (SD) by 6, 9, 24, 44 and 30 %. Directions as in the
    literature, sizes chosen so that no single measure tells the stage (typical values). Inflammation lengthens T1 and
    T2.
    """
    disease = float(np.clip(patient.shown.get("mri", 0.0), -3, 3))
    a, b, c, d, e, f, g, h = patient.stream("mri", "liver").standard_normal(8).tolist()
    inflamed = patient.liver.inflammation
    return LiverState(
        t1=float(np.exp(0.04 * disease + 0.02 * inflamed + 0.06 * a)),
        t2=float(np.exp(0.02 * inflamed + 0.07 * b)),
        adc=float(np.exp(-0.05 * disease + 0.09 * c)),
        uptake_per_s=float(TISSUES[Organ.LIVER].gadolinium * np.exp(-0.20 * disease + 0.24 * d)),
        fat=float(np.clip(patient.liver.fat, 0.005, 0.6)),
        iron_mg_g=patient.liver.iron_mg_g,
        reticular=float(np.exp(0.42 * disease + 0.44 * e)),
        nodule_mm=float(6.0 * np.exp(0.15 * disease + 0.3 * f)),
        vessels=float(np.exp(0.3 * g)),
        patchy=float(0.10 * np.exp(0.4 * h)),
    )


def liver_matter(
    patient: Patient, inside: NDArray[np.bool_], *, grid: Grid, field_t: float, blood: Matter
) -> Matter:
    """The parenchyma at the n voxels `inside` (z, y, x), in the order of `labels[inside]`: arrays (n,).

    `blood` (1,) is what small vessels hold. Septa have longer T1 and T2 and take up little gadoxetate.
    """
    state = liver_state(patient)
    septa, vessels, patch = _textures(patient, state, places=_places(inside, grid))
    mean = matter_of(TISSUES[Organ.LIVER], field_t)
    septal = np.clip(np.float32(0.042 * state.reticular) * septa, -0.5, 0.5)
    small = np.clip(np.float32(0.22 * state.vessels) * (vessels - np.float32(0.8)), 0, np.float32(0.5))
    patches = np.exp(np.float32(state.patchy) * patch)
    ones = np.ones_like(septa)

    def mixed(tissue: Values, vessel: Values) -> Values:
        found: Values = tissue + small * (vessel - tissue)
        return found

    def times(rate_per_s: Values, vessel_ms: Values) -> Values:
        found: Values = MS / mixed(rate_per_s, MS / vessel_ms)
        return found

    r1: Values = MS / (mean.t1_ms * np.float32(state.t1))
    r2 = np.float32(liver_r2(state.iron_mg_g, field_t) / state.t2)
    uptake = np.float32(state.uptake_per_s) * np.sqrt(patches) * np.maximum(1 - np.float32(2.5) * septal, 0)
    adc = mean.adc_um2_s * np.float32(state.adc) * np.sqrt(patches) * (1 - septal)
    return Matter(
        t1_ms=times(r1 / (1 + septal), blood.t1_ms),
        t2_ms=times(r2 * (1 - septal), blood.t2_ms),
        t2_star_ms=times(np.float32(liver_r2_star(state.iron_mg_g, field_t)) * ones, blood.t2_star_ms),
        density=mean.density * ones,
        fat=np.clip(mixed(np.float32(state.fat) * patches, 0 * ones), 0, np.float32(0.6)),
        adc_um2_s=mixed(adc, np.float32(2000) * ones),
        flow=mixed(ones, blood.flow),
        gadolinium=mixed(uptake, blood.gadolinium * ones),
    )


def stroma(patient: Patient, grid: Grid) -> Iterator[Values]:
    """Texture (y, x), slice by slice, of all that is not liver: strands in fat, fibres in muscle; mean 0, SD 1."""
    field = gaussian_field(
        patient.stream("mri", "stroma"), LATTICE, (LATTICE_MM,) * 3, spectrum=blob_spectrum(1.3)
    )
    z, y, x = (np.rint(grid.axis_mm(axis) / LATTICE_MM).astype(int) % n for axis, n in enumerate(LATTICE))
    for layer in z:
        yield field[layer][np.ix_(y, x)]


def _textures(patient: Patient, state: LiverState, *, places: Values) -> tuple[Field, Field, Field]:
    """Septa, small vessels and patches of centimetres at `places` (3, n) mm; each of mean 0 and SD 1."""
    lattice_mm = (LATTICE_MM,) * 3
    waves = gaussian_field(
        patient.stream("mri", "septa"), LATTICE, lattice_mm, spectrum=lambda f: _ring(f, state.nodule_mm)
    )
    fine = gaussian_field(
        patient.stream("mri", "small vessels"), LATTICE, lattice_mm, spectrum=blob_spectrum(2.0)
    )
    wide = gaussian_field(
        patient.stream("mri", "patches"), PATCH_LATTICE, (PATCH_LATTICE_MM,) * 3, spectrum=blob_spectrum(18)
    )
    return (
        _sampled(_septa(waves), places, LATTICE_MM),
        _sampled(fine, places, LATTICE_MM),
        _sampled(wide, places, PATCH_LATTICE_MM),
    )


def _ring(frequency: Field, size_mm: float) -> Field:
    """Power around one frequency: a field whose sign changes every `size_mm` or so."""
    middle = 0.5 / size_mm
    found: Field = np.exp(-(((frequency - np.float32(middle)) / np.float32(0.4 * middle)) ** 2))
    return found


def _septa(waves: Field) -> Field:
    """Sheets where `waves` (SD 1) crosses 0: the walls of a foam, of mean 0 and SD 1.

    For a normal g the mean of exp(-g^2 / 2 w^2) is w / sqrt(1 + w^2).
    """
    narrow = SEPTUM / np.sqrt(2)
    mean = SEPTUM / np.sqrt(1 + SEPTUM**2)
    variance = narrow / np.sqrt(1 + narrow**2) - mean**2
    found: Field = (np.exp(-0.5 * (waves / np.float32(SEPTUM)) ** 2) - mean) / np.sqrt(variance)
    return found.astype(np.float32)


def _places(inside: NDArray[np.bool_], grid: Grid) -> Values:
    """Places (3, n) mm from the middle of the volume of the voxels `inside`."""
    return np.stack([grid.axis_mm(axis)[index] for axis, index in enumerate(np.nonzero(inside))])


def _sampled(field: Field, places: Values, lattice_mm: float) -> Field:
    """`field` at `places` (3, n) mm, as if it went on for ever."""
    found: Field = scipy.ndimage.map_coordinates(
        field, places / np.float32(lattice_mm), order=1, mode="grid-wrap", output=np.float32
    )
    return found
