"""The fingerprint of a picture: a digest of its pixels, and a small picture of its grey levels."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .border import without_border
from .picture import LEVELS, Grey, by_rank, levels_of, shrunk

SIDE = 64
"""Rows and columns of the small picture."""
DRAWN = 0.6
"""Share of neighbouring pixels of the small picture that differ, below which it is drawn.

In slices of 30 open series of real CT, MR and PET it was 0.67 to 0.97, of SIMULATED ultrasound and MR 0.96 and more, of
real masks 0 to 0.57.
"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Small:
    """A small picture: `levels` (64, 64) of grey, 0 to 255.

    `negative`: white for black. A picture that is areas of one grey as it is and none inverted, e.g. an inverted CT
    whose air is white, is kept so that air is background.
    """

    levels: NDArray[np.uint8]
    negative: bool = False

    @property
    def drawn(self) -> bool:
        """Whether it is areas of one grey, as a mask is: that outlines are alike proves nothing."""
        return _areas(self.levels)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fingerprint:
    """What is kept of a picture: 32 hex digits of its pixels, all of it small, and the part inside its border.

    `inner` is `whole` itself where there is hardly a border.
    """

    digest: str
    whole: Small
    inner: Small

    @property
    def flat(self) -> bool:
        """Whether the picture is of one grey, so that it is like no other."""
        return bool(self.whole.levels.min() == self.whole.levels.max())

    @property
    def drawn(self) -> bool:
        """Whether only exact copies of it can be told."""
        return self.whole.drawn and self.inner.drawn

    @property
    def framed(self) -> bool:
        """Whether there is a border."""
        return self.inner is not self.whole


def fingerprint_of(picture: Grey, *, digest: str) -> Fingerprint:
    """The fingerprint of a grey picture (rows, columns), whose pixels have the `digest`."""
    whole, inner = _small(picture), without_border(picture)
    return Fingerprint(digest, whole, whole if inner.shape == picture.shape else _small(inner))


def _small(picture: Grey) -> Small:
    levels = levels_of(shrunk(picture, (SIDE, SIDE)))
    inverted = np.uint8(LEVELS - 1) - levels
    return Small(inverted, negative=True) if _areas(levels) and not _areas(inverted) else Small(levels)


def _areas(levels: NDArray[np.uint8]) -> bool:
    """Whether most neighbouring pixels that are not background are of one grey."""
    small = by_rank(levels[None])[0]
    one, other = small[:, :-1], small[:, 1:]
    seen = (one > 0) & (other > 0)
    return bool(((one != other) & seen).sum() < DRAWN * seen.sum())


def exact_digest(array: NDArray[Any]) -> str:
    """Digest of the numbers and the shape of a picture or volume, whatever type of number holds them.

    A colour picture whose channels are equal has the digest of the grey one; a fourth channel (opacity) is left out.
    """
    if array.ndim == 3 and array.shape[2] in (3, 4):
        red, green, blue = (array[..., k] for k in range(3))
        array = red if np.array_equal(red, green) and np.array_equal(red, blue) else array[..., :3]
    whole = array.dtype.kind in "bui" or (
        array.dtype.kind == "f" and all(np.array_equal(part, np.rint(part)) for part in array)
    )
    digest = hashlib.sha256(f"{array.shape}{'whole' if whole else 'real'}".encode())
    for part in array:
        digest.update(np.ascontiguousarray(part, dtype="<i8" if whole else "<f8").tobytes())
    return digest.hexdigest()[:32]
