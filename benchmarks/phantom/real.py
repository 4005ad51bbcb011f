"""Real images to lay beside the simulated: CT, MR, H&E and raw ultrasound in the folder HEPAR_REAL_IMAGES.

The folder holds `images/totalsegmentator_examples` (Wasserthal 2023, Apache-2.0), `pathology/he_tiles_crc` (Kather
2018, CC BY 4.0, and TCGA) and `raw_ultrasound/muscle_rf_planewave` (IEEE SAS 2022, CC BY-ND 4.0); none of it is
shipped.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hepar.io.images import read_image
from hepar.io.masks import read_masks

SOUND_MM_US = 1.54


@dataclass(frozen=True, slots=True)
class Tissue:
    """An image (z, y, x), the liver in it, and the size of a pixel in the slice."""

    image: NDArray[np.float64]
    liver: NDArray[np.bool_]
    spacing_mm: float


def folder() -> Path | None:
    """Where the real images lie; None where HEPAR_REAL_IMAGES does not say it."""
    named = os.environ.get("HEPAR_REAL_IMAGES")
    return Path(named) if named else None


def _tissue(image: Path, mask: Path) -> Tissue:
    volume = read_image(image)
    liver = read_masks(mask, like=volume, labels={"liver": 5})["liver"]
    return Tissue(np.asarray(volume.array, float), np.asarray(liver.array, bool), volume.spacing_mm[1])


def venous_ct(root: Path) -> Tissue:
    """20 slices of a contrast-enhanced CT, HU."""
    place = root / "images/totalsegmentator_examples"
    return _tissue(place / "ct_venous_dicom", place / "example_seg_dicom.nii.gz")


def native_ct(root: Path) -> Tissue:
    """A CT without contrast at 3 mm, HU."""
    place = root / "images/totalsegmentator_examples/ct_native"
    return _tissue(place / "example_ct.nii.gz", place / "example_ct_seg117.nii.gz")


def t1_mr(root: Path) -> Tissue:
    """A T1-weighted MR at 3 mm."""
    place = root / "images/totalsegmentator_examples/mr_t1"
    return _tissue(place / "example_mr_sm.nii.gz", place / "example_seg_mr.nii.gz")


def tiles(root: Path) -> list[NDArray[np.uint8]]:
    """H&E tiles (y, x, 3) of colorectal cancer, about 0.5 um per pixel."""
    place = root / "pathology/he_tiles_crc"
    files = sorted([*place.glob("TCGA*.jpg"), *place.glob("CRC*.tif")])
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def muscle_rf(root: Path) -> tuple[NDArray[np.float64], float]:
    """Beamformed lines (lines, samples) of calf muscle and the sampling rate in MHz."""
    with h5py.File(root / "raw_ultrasound/muscle_rf_planewave/rf_dataset.hdf5") as file:
        channels = np.asarray(file["data/rf_data/frame_1/shot_1"], float)
    fs_mhz, pitch_mm = 20.0, 0.23
    return delay_and_sum(channels, fs_mhz=fs_mhz, pitch_mm=pitch_mm), fs_mhz


def muscle_piece(root: Path) -> tuple[NDArray[np.float64], float]:
    """A part of those lines inside the muscle."""
    lines, fs_mhz = muscle_rf(root)
    return lines[40:150, 300:900], fs_mhz


def delay_and_sum(
    channels: NDArray[np.float64], *, fs_mhz: float, pitch_mm: float, f_number: float = 1.5
) -> NDArray[np.float64]:
    """One plane wave's echoes (channels, samples) as lines (channels, samples) under the elements."""
    n, samples = channels.shape
    depth = np.arange(samples) / fs_mhz * SOUND_MM_US / 2
    x = np.arange(n) * pitch_mm
    lines = np.zeros((n, samples))
    for line in range(n):
        for element in range(n):
            away = x[element] - x[line]
            use = np.abs(away) < depth / f_number / 2
            delay = (depth + np.hypot(depth, away)) / SOUND_MM_US * fs_mhz
            lines[line] += use * np.interp(delay, np.arange(samples), channels[element])
    return lines
