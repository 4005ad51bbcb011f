"""Plain pictures and whatever else a table of pictures names: decoded numbers, and facts of how they were stored."""

import datetime as dt
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ProtocolError
from ..core.packages import how_to_install
from ..imaging.geometry import Volume
from .files import refuse_unreadable

PLAIN = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
"""Endings that Pillow reads."""
VOLUMES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
MOST_PIXELS = 1 << 28
"""Of one picture; more is no picture of a liver, and may be a bomb."""
Fact = str | float | dt.date


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stored:
    """A picture (rows, columns[, channels]) as it was decoded, or a volume; `facts` say how it was stored."""

    content: NDArray[Any] | Volume
    facts: Mapping[str, Fact]


def read_stored(path: Path) -> Stored:
    """The picture or volume at `path`: PNG, JPEG and the like, DICOM (the first frame), a volume's file or folder.

    Raises:
        DataError: the file cannot be read, or is larger than any picture.
    """
    name = path.name.lower()
    if path.is_dir() or name.endswith(VOLUMES):
        from .images import read_image

        return Stored(read_image(path), {"file ending": _ending(path)})
    refuse_unreadable(path)
    return _plain(path) if name.endswith(PLAIN) else _dicom(path)


def _ending(path: Path) -> str:
    return "folder" if path.is_dir() else path.suffix or "none"


def _plain(path: Path) -> Stored:
    try:
        from PIL import Image
    except ImportError as error:
        raise ProtocolError(f"pictures in files {how_to_install(error.name or 'PIL')}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of palettes, of size: what is too large is refused below
            with Image.open(path) as image:
                _refuse_large(path, image.width * image.height)
                facts = _facts_of(image, path)
                array = np.asarray(
                    image.convert(_mode(image.mode)) if _mode(image.mode) != image.mode else image
                )
    except DataError:
        raise
    except Exception as error:  # a decoder raises what it likes
        raise _undecodable(path, error) from None
    return Stored(array, facts)


def _mode(mode: str) -> str:
    """Of what is compared: grey or colour, without palette, inks or opacity."""
    if mode in ("1", "L", "LA"):
        return "L"
    return mode if mode.startswith(("I", "F")) else "RGB"


def _facts_of(image: Any, path: Path) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {
        "format": str(image.format),
        "file ending": _ending(path),
        "width, pixels": float(image.width),
        "height, pixels": float(image.height),
        "number type": str(image.mode),
    }
    tables = getattr(image, "quantization", None) or {}
    facts["JPEG quantisation"] = float(sum(sum(table) for table in tables.values()))
    if image.info.get("dpi"):
        facts["pixels per inch"] = round(float(image.info["dpi"][0]), 2)
    return facts


def _dicom(path: Path) -> Stored:
    try:
        from pydicom.pixels.utils import pixel_array

        from .dicom_header import read_header
        from .dicom_parameters import acquisition_parameters
    except ImportError as error:
        raise ProtocolError(f"DICOM {how_to_install(error.name or 'pydicom')}") from None
    header = read_header(path, ("Rows", "Columns"))
    _refuse_large(path, int(header.get("Rows") or 0) * int(header.get("Columns") or 0))
    told: dict[str, Fact] = dict(acquisition_parameters(path))
    try:
        array = pixel_array(path, index=0)
    except Exception as error:  # a decoder raises what it likes
        raise _undecodable(path, error) from None
    return Stored(
        np.asarray(array), {"format": "DICOM", "file ending": _ending(path), **told, **day_of(path)}
    )


def day_of(path: Path) -> Mapping[str, dt.date]:
    """The day on which a DICOM file says that it was acquired, under "acquired"; empty where it does not."""
    from .dicom_header import read_header

    header = read_header(path, ("AcquisitionDate", "SeriesDate", "StudyDate"))
    for keyword in ("AcquisitionDate", "SeriesDate", "StudyDate"):
        text = str(header.get(keyword) or "")
        try:
            return {"acquired": dt.datetime.strptime(text, "%Y%m%d").date()}
        except ValueError:
            continue
    return {}


def _refuse_large(path: Path, pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise DataError(
            f"{path}: has {pixels:,} pixels, more than {MOST_PIXELS:,}; give a picture of usual size"
        )


def _undecodable(path: Path, error: Exception) -> DataError:
    why = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
    return DataError(f"{path}: cannot be decoded ({why}); copy the file again from its source")
