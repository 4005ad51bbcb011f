"""Masks from files, each on the grid of its image: label images, DICOM SEG and RTSTRUCT."""

from pathlib import Path

import numpy as np

from ..core.errors import DataError
from ..imaging.geometry import Array, Volume, describe, same_grid
from .dicom_header import NotDicomError, flat, read_header, text
from .dicom_seg import read_seg
from .files import refuse_unreadable
from .images import READERS, ending
from .nrrd_image import Nrrd, read_layers
from .regions import Labels, region, unique, wanted
from .rtstruct import read_rtstruct

THRESHOLD = 0.5
"""A voxel of a probability map belongs to the region from this on."""
MOST_LABELS = 1000
"""More different values than this are those of an image, not of a mask."""
MOST_BYTES = 4 << 30
"""Memory that the masks of one file may take."""

_OBJECTS = {"SEG": read_seg, "RTSTRUCT": read_rtstruct}


def read_masks(path: Path | str, *, like: Volume, labels: Labels | None = None) -> dict[str, Volume]:
    """Regions at `path` by name, as boolean volumes on the grid of the image `like`.

    - NIfTI, NRRD, MetaImage: whole numbers are labels, a region each, named "1", "2" or as `.seg.nrrd` says; a map with
      fractions from 0 to 1 is the region "1" where it is at least `THRESHOLD`.
    - DICOM SEG: a region for each segment, by its label; RTSTRUCT: for each ROI with contours, by its name.
    - A folder: the one SEG or RTSTRUCT in it, or label images with one region each, named as their files.

    `labels` names regions and what each is made of, e.g. `{"liver": 5}` or `{"liver": (1, 2), "tumour": 2}`; only
    these are read. Axes in another order or direction are turned; another grid, an empty region, a missing label and
    another frame of reference are refused by a `DataError`.
    """
    path = Path(path)
    if path.is_dir():
        return _of_folder(path, like, labels=labels)
    refuse_unreadable(path)
    if ending(path) in READERS:
        return _of_label_image(path, like, labels=labels)
    modality = _modality(path)
    if modality not in _OBJECTS:
        raise DataError(
            f"{path}: is a DICOM file of modality {modality!r}; masks are DICOM SEG, RTSTRUCT or one of"
            f" {', '.join(READERS)}"
        )
    return _OBJECTS[modality](path, like=like, labels=labels)


def _modality(path: Path) -> str:
    try:
        return text(flat(read_header(path, ("Modality",))), "Modality")
    except NotDicomError:
        raise DataError(
            f"{path}: is no mask that can be read; give DICOM SEG, RTSTRUCT or one of {', '.join(READERS)}"
        ) from None


def _of_folder(path: Path, like: Volume, *, labels: Labels | None) -> dict[str, Volume]:
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    images = [file for file in files if ending(file) in READERS]
    if images:
        chosen = {file.name.removesuffix(ending(file)): file for file in images}
        names = wanted(labels, {name: k for k, name in enumerate(chosen)}, path=path)
        order = list(chosen.values())
        return {
            name: region(np.any([_only(order[k], like) for k in numbers], axis=0), like, name=name, path=path)
            for name, numbers in names.items()
        }
    objects = [file for file in files if _is_object(file)]
    if len(objects) != 1:
        told = ", ".join(file.name for file in objects) or "none"
        raise DataError(
            f"{path}: one DICOM SEG or RTSTRUCT is needed, found: {told}; give the path of the file"
        )
    return read_masks(objects[0], like=like, labels=labels)


def _is_object(file: Path) -> bool:
    try:
        return _modality(file) in _OBJECTS
    except DataError:
        return False


def _only(file: Path, like: Volume) -> Array:
    """The one region of the file."""
    found = _of_label_image(file, like, labels=None)
    if len(found) != 1:
        raise DataError(
            f"{file}: holds the labels {', '.join(found)}; a folder of masks has one in each file"
        )
    return next(iter(found.values())).array


def _of_label_image(path: Path, like: Volume, *, labels: Labels | None) -> dict[str, Volume]:
    if ending(path) in (".nrrd", ".nhdr"):
        layers = read_layers(path)
        if layers.segments:
            return _of_segments(layers, path, like, labels=labels)
    image = READERS[ending(path)](path)
    values = _on_grid(image, like, path)
    present = {str(label): label for label in _present(values, path)}
    chosen = wanted(labels, present, path=path)
    _refuse_too_many(len(chosen), like, path)
    if values.dtype.kind == "f" and list(present) == ["1"]:
        return {name: region(values >= THRESHOLD, like, name=name, path=path) for name in chosen}
    return {
        name: region(np.isin(values, numbers), like, name=name, path=path) for name, numbers in chosen.items()
    }


def _present(values: Array, path: Path) -> list[int]:
    """The labels of a label image; [1] for a map of probabilities."""
    whole = values.dtype.kind in "bui" or not np.any(values % 1)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if not whole and low >= 0 and high <= 1:
        return [1]
    found = np.unique(values[values != 0]) if whole else np.empty(0)
    if not whole or low < 0 or len(found) > MOST_LABELS:
        what = "fractions outside 0 to 1" if not whole else f"values from {low:g} to {high:g}"
        raise DataError(
            f"{path}: holds {what}; that is an image, not a mask. Give label numbers or probabilities"
        )
    if not len(found):
        raise DataError(
            f"{path}: the mask is empty (every voxel is 0); draw the region, or leave out the case"
        )
    return [int(label) for label in found]


def _on_grid(mask: Volume, like: Volume, path: Path) -> Array:
    try:
        return mask.aligned_to(like).array
    except DataError:
        raise DataError(
            f"{path}: the mask is on another grid than its image. Mask: {describe(mask)}; image: {describe(like)}. Only"
            " the order and direction of the axes may differ; resample the mask, or give the one that was drawn on"
            " this image"
        ) from None


def _of_segments(found: Nrrd, path: Path, like: Volume, *, labels: Labels | None) -> dict[str, Volume]:
    """Segments of 3D Slicer, which cuts its file to their extent and says from where."""
    names = unique([(one.name, k) for k, one in enumerate(found.segments)])
    result = {}
    for name, numbers in wanted(labels, names, path=path).items():
        inside = np.zeros(found.layers.shape[1:], bool)
        for k in numbers:
            segment = found.segments[k]
            inside |= found.layers[segment.layer] == segment.label
        placed = _placed(Volume(inside, found.affine), found.offset, like)
        result[name] = region(_on_grid(placed, like, path), like, name=name, path=path)
    return result


def _placed(part: Volume, offset: tuple[int, ...] | None, like: Volume) -> Volume:
    """The part of an image filled up to the whole, where the file says that it is one and it fits."""
    shape = np.array(part.array.shape)
    if offset is None or len(offset) != 3 or same_grid(part, like):
        return part
    start = np.array(offset)
    affine = part.affine.copy()
    affine[:3, 3] = part.world_mm(-start)
    if np.any(start < 0) or np.any(start + shape > like.array.shape):
        return part
    whole = np.zeros(like.array.shape, bool)
    whole[tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))] = part.array
    return Volume(whole, affine)


def _refuse_too_many(n: int, like: Volume, path: Path) -> None:
    if n * like.array.size > MOST_BYTES:
        raise DataError(
            f"{path}: {n} regions of {like.array.size:,} voxels need {n * like.array.size / 2**30:.3g} GiB; name those"
            " that are wanted in labels="
        )
