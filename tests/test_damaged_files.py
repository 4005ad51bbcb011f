"""Damaged files: whatever happens to the bytes, an image or a refusal comes out, and nothing of the patient."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dicom_samples import BIRTH, NAME, PATIENT, enhanced_mr, file_of, values, write_ct
from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume
from hepar.io.dicom_parameters import acquisition_parameters
from hepar.io.dicom_writers import write_rtstruct, write_seg
from hepar.io.images import read_image, write_nifti
from hepar.io.masks import read_masks
from test_metaimage import saved as save_metaimage
from test_nrrd_image import saved as save_nrrd

TIMES = 25
KINDS = ("ct.dcm", "enhanced.dcm", "seg.dcm", "rt.dcm", "a.nii", "a.nii.gz", "m.nii", "a.mha", "a.nrrd")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Volume]:
    """A folder with a good file of each kind, and the image that the masks are drawn on."""
    folder = tmp_path_factory.mktemp("whole")
    write_ct(folder / "series")
    image = read_image(folder / "series")
    inside = np.zeros(image.array.shape, bool)
    inside[1:3, 2:5, 2:6] = True
    mask = image.like(inside)
    (folder / "ct.dcm").write_bytes((folder / "series" / file_of(1)).read_bytes())
    enhanced_mr(values(4)).save_as(folder / "enhanced.dcm", enforce_file_format=True)
    write_seg({"liver": mask}, folder / "series", folder / "seg.dcm")
    write_rtstruct({"liver": mask}, folder / "series", folder / "rt.dcm")
    write_nifti(image, folder / "a.nii")
    write_nifti(image, folder / "a.nii.gz")
    write_nifti(mask, folder / "m.nii")
    save_metaimage(folder / "a.mha", compress=True)
    save_nrrd(folder / "a.nrrd")
    return folder, image


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut off, with some bytes left out, or with some bytes changed; the header more often than the rest."""
    how, head = rng.random(), min(len(data), rng.choice([400, 1500, len(data)]))
    if how < 0.25:
        return data[: rng.randrange(1, len(data))]
    if how < 0.4:
        start = rng.randrange(head)
        return data[:start] + data[start + rng.randrange(1, 9) :]
    changed = bytearray(data)
    for _ in range(rng.choice([1, 2, 5, 20])):
        changed[rng.randrange(head)] = rng.choice([0, 255, rng.randrange(256), ord("9"), ord("-")])
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_gives_an_image_or_a_refusal(
    whole: tuple[Path, Volume], tmp_path: Path, kind: str
) -> None:
    folder, image = whole
    rng = random.Random(kind)
    good = (folder / kind).read_bytes()
    readers: list[Callable[[Path], Any]] = [read_image]
    if kind in ("seg.dcm", "rt.dcm", "m.nii"):
        readers = [lambda path: read_masks(path, like=image)]
    elif kind.endswith("dcm"):
        readers.append(acquisition_parameters)
    for _ in range(TIMES):
        path = tmp_path / kind
        path.write_bytes(damaged(good, rng))
        for read in readers:
            try:
                read(path)
            except DataError as error:
                told = str(error)
                assert str(tmp_path) in told
                assert not any(private in told for private in (NAME, PATIENT, BIRTH))
