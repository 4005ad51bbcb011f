"""Images from files: a DICOM folder or file, NIfTI, NRRD or MetaImage becomes a volume."""

from dataclasses import replace
from pathlib import Path

from ..core.errors import DataError
from ..imaging.geometry import Volume
from .dicom_planes import SetAside
from .dicom_series import find_series, read_series, series_sources
from .files import refuse_unreadable
from .metaimage import metaimage_files, read_metaimage
from .nifti import read_nifti, write_nifti
from .nrrd_image import nrrd_files, read_nrrd

__all__ = ["find_series", "image_files", "read_image", "write_nifti"]

READERS = {
    ".nii": read_nifti,
    ".nii.gz": read_nifti,
    ".nrrd": read_nrrd,
    ".nhdr": read_nrrd,
    ".mha": read_metaimage,
    ".mhd": read_metaimage,
}
"""Readers by the end of the file's name; any other name is read as DICOM."""

_PLAIN = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".npy", ".hdr", ".img")
_DEFAULT_UNIT = {"CT": "HU"}


def read_image(
    path: Path | str,
    *,
    series: str | None = None,
    frame: int | None = None,
    modality: str = "",
    unit: str = "",
) -> Volume:
    """The image at `path`: a folder of DICOM files (and others), or one file.

    `series` chooses among several DICOM series by UID or a part of the description, `frame` among several images at
    each place, from 0. `modality` (and `unit`, which is HU for CT if left out) is for files that do not say it; DICOM
    does, and a contradiction is refused.
    """
    path = Path(path)
    reader = READERS.get(ending(path))
    if reader is not None:
        _refuse_series(path, series)
        image = reader(path, frame=frame)
        return replace(image, modality=modality, unit=unit or _DEFAULT_UNIT.get(modality, ""))
    _refuse_plain(path)
    image = read_series(path, series=series, frame=frame).volume
    if modality and modality != image.modality:
        raise DataError(f"{path}: its modality is {image.modality!r}, not {modality!r}")
    return replace(image, unit=unit) if unit and not image.unit else image


def image_files(path: Path | str, *, series: str | None = None, frame: int | None = None) -> tuple[Path, ...]:
    """The files whose bytes make the image at `path`; for DICOM in the order of the slices."""
    return image_sources(path, series=series, frame=frame)[0]


def image_sources(
    path: Path | str, *, series: str | None = None, frame: int | None = None
) -> tuple[tuple[Path, ...], tuple[SetAside, ...]]:
    """The files of `image_files`, and those of its folder that were set aside, with the reason."""
    path = Path(path)
    name = ending(path)
    if name not in READERS:
        _refuse_plain(path)
        return series_sources(path, series=series, frame=frame)
    refuse_unreadable(path)
    if name in (".mha", ".mhd"):
        return metaimage_files(path), ()
    return (nrrd_files(path) if name in (".nrrd", ".nhdr") else (path,)), ()


def ending(path: Path) -> str:
    """The end of the name of a file that says its format."""
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()


def _refuse_plain(path: Path) -> None:
    if ending(path) in _PLAIN and not path.is_dir():
        raise DataError(
            f"{path}: a {ending(path)} file says nothing of the place in the patient; give DICOM or one of"
            f" {', '.join(READERS)}"
        )


def _refuse_series(path: Path, series: str | None) -> None:
    if series is not None:
        raise DataError(f"{path}: has no DICOM series to choose from; leave out series={series!r}")
