"""A SIMULATED set of B-mode pictures with the faults of a published one, and the same without: to prove an audit on."""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.atomic import write_atomically, write_bytes_atomically
from ..core.errors import ProtocolError
from ..core.packages import how_to_install
from ..io.csv_text import csv_text
from ..phantom.ultrasound.sketch import sketched_b_mode

STAGES = 5
JPEG_QUALITY = 92
MOSTLY = 0.9
"""Share of the pictures of an early stage that are PNG, and of a late one that are JPEG, where format is confounded."""
COLUMNS = ("file", "stage", "split")


@dataclass(frozen=True, slots=True)
class PictureSet:
    """How many pictures are made, and what is wrong with them; the defaults are those of the published set."""

    train: int = 5_058
    test: int = 1_265
    copied: int = 987
    """Test pictures that have the pixels of a training picture."""
    confounded: bool = True
    """Whether early stages are mostly PNG and late ones mostly JPEG."""
    shape: tuple[int, int] = (96, 128)

    def __post_init__(self) -> None:
        if not (0 <= self.copied <= min(self.test, self.train) and self.test > 0 and self.train > 0):
            raise ProtocolError(
                f"{self.copied} of {self.test} test pictures cannot be copies of {self.train} training pictures"
            )


@dataclass(frozen=True, slots=True)
class _Made:
    """One picture, encoded, and its stage."""

    picture: NDArray[np.uint8]
    stage: int
    ending: str
    encoded: bytes


def write_picture_set(folder: Path, *, asked: PictureSet, seed: int) -> Path:
    """Write the pictures and `pictures.csv`, the table of them, into `folder`; gives the path of the table.

    A copy has the pixels of its original and another name; of a PNG also other bytes.
    """
    rng = np.random.default_rng(seed)
    original = rng.permutation(asked.train)[: asked.copied].tolist()
    copied = dict(zip(rng.permutation(asked.test)[: asked.copied].tolist(), original, strict=True))
    originals, kept = frozenset(original), dict[int, _Made]()
    rows = []
    for k in range(asked.train):
        made = _make(rng, asked)
        if k in originals:
            kept[k] = made
        rows.append(_write(folder, made, number=k, split="train"))
    for k in range(asked.test):
        made = _copy(kept[copied[k]]) if k in copied else _make(rng, asked)
        rows.append(_write(folder, made, number=k, split="test"))
    write_atomically(folder / "README.md", "# SIMULATED pictures\n\nNo patient stands behind any of them.\n")
    write_atomically(folder / "pictures.csv", csv_text(COLUMNS, rows))
    return folder / "pictures.csv"


def _make(rng: np.random.Generator, asked: PictureSet) -> _Made:
    stage = int(rng.integers(STAGES))
    share = (MOSTLY if stage < STAGES // 2 else 1 - MOSTLY) if asked.confounded else 0.5
    ending = "png" if rng.random() < share else "jpg"
    picture = sketched_b_mode(rng, stage=stage, shape=asked.shape)
    return _Made(picture, stage, ending, _encoded(picture, ending))


def _copy(made: _Made) -> _Made:
    return (
        made if made.ending == "jpg" else replace(made, encoded=_encoded(made.picture, "png", compression=1))
    )


def _encoded(picture: NDArray[np.uint8], ending: str, *, compression: int = 6) -> bytes:
    try:
        from PIL import Image
    except ImportError as error:
        raise ProtocolError(f"pictures in files {how_to_install(error.name or 'PIL')}") from None
    buffer = io.BytesIO()
    image = Image.fromarray(picture)
    if ending == "jpg":
        image.save(buffer, "JPEG", quality=JPEG_QUALITY)
    else:
        image.save(buffer, "PNG", compress_level=compression)
    return buffer.getvalue()


def _write(folder: Path, made: _Made, *, number: int, split: str) -> tuple[str, str, str]:
    name = f"{split}-{number:05}.{made.ending}"
    write_bytes_atomically(folder / name, made.encoded)
    return name, f"F{made.stage}", split
