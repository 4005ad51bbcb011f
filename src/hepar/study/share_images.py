"""Images and masks without their headers: voxels and their place in NIfTI, which holds nothing of a patient."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import HeparError
from ..data.acquisitions import Declaration
from ..data.case import Case
from ..data.dictionary import Dataset
from ..engine.parallel import Progress
from ..imaging.geometry import Volume
from ..io.identifier import Identifier
from .pseudonyms import Pseudonyms
from .share_recordings import FILE

VOXELS = ("CT", "MR", "PT", "NM", "")
"""Modalities of images whose voxels are measurements; others are pictures, which may show names. Empty: files that
are no DICOM, as NIfTI."""
ABOUT = "SIMULATED"


@dataclass(frozen=True, slots=True)
class Images:
    """What was written of images and masks: cells of the table, entries of the dictionary, what is to be told."""

    columns: Mapping[str, Sequence[str]]
    acquisitions: Mapping[str, Mapping[str, Any]]
    n: int
    notes: tuple[str, ...]
    identifiers: Sequence[Identifier]
    """Names of source files, as often as they occur."""


def share_images(
    cases: Sequence[Case], dataset: Dataset, place: Path, *, names: Pseudonyms, progress: Progress
) -> Images:
    """Write the images and masks of `cases` below `place`, one NIfTI file each, under pseudonyms.

    Raises:
        DataError: an image or a mask cannot be read; the message names case and acquisition.
    """
    declared = {n: one for n, one in sorted(dataset.acquisitions.items()) if one.kind in ("image", "mask")}
    cells: dict[str, list[str]] = {name: [] for name in declared}
    files: list[Identifier] = []
    kinds: dict[str, Volume] = {}
    pictures: dict[str, int] = {}
    for k, case in enumerate(cases if declared else ()):
        progress("sharing images", k, len(cases))
        shared = dict(_of_case(case, declared))
        for name in declared:
            volume = shared.get(name)
            left = name in case.acquisitions and volume is None
            pictures[name] = pictures.get(name, 0) + left
            cells[name].append("" if volume is None else f"{name}/{names.case(case.case_id)}.nii.gz")
            if volume is not None:
                kinds.setdefault(name, volume)
                _write(volume, place / "images" / cells[name][-1], simulated=dataset.simulated)
                files += [Identifier(file.name, FILE) for file in case.acquisitions[name].every_file]
    kept = [name for name in declared if name in kinds]
    return Images(
        columns={f"{name}_file": cells[name] for name in kept},
        acquisitions={name: _entry(name, declared[name], kinds[name]) for name in kept},
        n=sum(bool(cell) for name in kept for cell in cells[name]),
        notes=tuple(_note(name, n) for name, n in pictures.items() if n),
        identifiers=files,
    )


def _of_case(case: Case, declared: Mapping[str, Declaration]) -> Iterator[tuple[str, Volume]]:
    """The images of measurements that the case has, each followed by the masks on it, which are read with it."""
    for name in (n for n, one in declared.items() if one.kind == "image" and n in case.acquisitions):
        image = _loaded(case, name)
        if image.modality not in VOXELS:
            continue
        yield name, image
        for mask, one in declared.items():
            if one.of == name and mask in case.acquisitions:
                yield mask, _loaded(case, mask)


def _loaded(case: Case, name: str) -> Volume:
    try:
        volume: Volume = case.acquisition(name).load()
    except HeparError as error:
        raise type(error)(f"case {case.case_id}, acquisition {name!r}: {error}") from None
    return volume


def _write(volume: Volume, path: Path, *, simulated: bool) -> None:
    from ..io.nifti import write_nifti

    array = volume.array.astype(np.uint8) if volume.array.dtype == bool else volume.array
    write_nifti(volume.like(array), path, about=ABOUT if simulated else "")


def _entry(name: str, declared: Declaration, volume: Volume) -> dict[str, Any]:
    """What the shared dictionary says of the acquisition."""
    files = f"images/{{{name}_file}}"
    if declared.kind == "mask":
        return {"kind": "mask", "files": files, "of": declared.of, "label": 1}
    said = {"modality": volume.modality, "unit": volume.unit}
    return {"kind": "image", "files": files, **{key: value for key, value in said.items() if value}}


def _note(name: str, n: int) -> str:
    return (
        f"acquisition {name} of {n} cases is not shared: pictures of ultrasound, screens and slides may show names;"
        " de-identify the files by hepar deid and pass them on apart"
    )
