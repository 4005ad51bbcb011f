"""The ways in which a picture is turned, mirrored or inverted, of small pictures and of their waves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .picture import LEVELS, by_rank

WAVES = 12
"""Waves along each axis that are compared: half a period to 5.5 periods over the picture.

Slower ones alone take more different livers for one, faster ones do not survive a crop of a few percent.
"""


How = Literal["exact", "near", "flipped", "turned", "inverted"]


@dataclass(frozen=True, slots=True)
class Pose:
    """Rows and columns exchanged, then the order of rows and of columns reversed; `inverted`: white for black."""

    exchanged: bool = False
    rows: bool = False
    columns: bool = False
    inverted: bool = False

    def how(self, *, negative: bool) -> How:
        """In a word, where one of the pictures is kept `negative` and the other is not, or else."""
        if self.inverted != negative:
            return "inverted"
        if self.exchanged:
            return "turned"
        return "flipped" if self.rows or self.columns else "near"

    def of(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Ranks of pictures of grey levels (pictures, rows, columns) in this pose."""
        grey = by_rank(np.uint8(LEVELS - 1) - levels if self.inverted else levels)
        grey = grey.transpose(0, 2, 1) if self.exchanged else grey
        return grey[:, :: -1 if self.rows else 1, :: -1 if self.columns else 1]

    def of_waves(self, waves: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waves (pictures, 143) of turned or mirrored pictures: they change places, and odd ones change signs."""
        order = np.arange(WAVES * WAVES).reshape(WAVES, WAVES)
        order = order.T if self.exchanged else order
        odd = np.arange(WAVES) % 2 == 1
        down, across = (np.where(odd & turned, -1.0, 1.0) for turned in (self.rows, self.columns))
        signs = np.outer(down, across).ravel()[1:].astype(np.float32)
        made: NDArray[np.float32] = waves[:, order.ravel()[1:] - 1] * signs
        return made


AS_IS = Pose()
POSES: Sequence[Pose] = tuple(
    Pose(exchanged, rows, columns, inverted)
    for inverted, exchanged, rows, columns in product((False, True), repeat=4)
)
"""All sixteen, the upright one first."""
FLIPS = POSES[:4]


def waves_of(small: NDArray[Any]) -> NDArray[np.float32]:
    """Cosine coefficients (pictures, 143) of small pictures (pictures, 64, 64), without the mean."""
    found = scipy.fft.dctn(small.astype(np.float32) / 255, axes=(1, 2), norm="ortho")[:, :WAVES, :WAVES]
    return np.asarray(found.reshape(len(small), -1)[:, 1:], dtype=np.float32)
