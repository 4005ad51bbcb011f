"""From a table with packed arrays to what a network reads: stacked, standardised, padded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError, ProtocolError
from ..data.packed import is_packed, unpack

Level = Literal["tilt", "mean", "kept"]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scale:
    """Mean (channels, 1, 1) of each channel and one standard deviation, of the numbers in the training arrays."""

    mean: Floats
    deviation: float

    def __call__(self, array: Floats) -> Floats:
        """`array` (frames, channels, across, along) standardised; what is not a number becomes 0, the mean."""
        scaled: Floats = np.nan_to_num((array - self.mean) / np.float32(self.deviation), nan=0.0)
        return scaled


def unpacked(features: pd.DataFrame, columns: Sequence[str], *, extractor: str) -> list[list[Floats]]:
    """Arrays (frames, channels, across, along) of every case, column by column.

    Refused: columns besides (a network reads nothing else), columns that lack, and arrays of other sizes.
    """
    names = [str(name) for name in features.columns]
    lacking = [name for name in columns if name not in names]
    if lacking:
        raise ProtocolError(
            f"the network reads {', '.join(columns)}; the features have no {lacking[0]!r}: give the index test"
            f" {extractor}"
        )
    beside = [name for name in names if name not in columns]
    if beside:
        raise ProtocolError(
            f"a network reads arrays alone, and the features hold {beside[0]!r} too; make these an index test of their"
            " own"
        )
    arrays = [[_array(value, case, name) for case, value in features[name].items()] for name in columns]
    for name, column in zip(columns, arrays, strict=True):
        _refuse_other_sizes(column, features.index, name)
    return arrays


def learn_scale(arrays: Sequence[Floats]) -> Scale:
    """The scale of training arrays."""
    known = [np.isfinite(array) for array in arrays]
    count = np.sum([k.sum(axis=(0, 2, 3)) for k in known], axis=0)
    total = np.sum(
        [np.where(k, a, 0).sum(axis=(0, 2, 3), dtype=float) for k, a in zip(known, arrays, strict=True)], 0
    )
    mean = (total / np.maximum(count, 1)).astype(np.float32)[:, None, None]
    square = sum(float(np.nansum((a - mean) ** 2, dtype=float)) for a in arrays)
    deviation = float(np.sqrt(square / max(int(count.sum()), 1)))
    return Scale(mean, deviation if deviation > 0 else 1.0)


def padded(arrays: Sequence[Floats]) -> tuple[NDArray[np.float16], Floats]:
    """Arrays of all cases (cases, frames, ...), zeros for frames that a case lacks, and their mask (cases, frames)."""
    most = max(len(array) for array in arrays)
    stacked = np.zeros((len(arrays), most, *arrays[0].shape[1:]), dtype=np.float16)
    mask = np.zeros((len(arrays), most), dtype=np.float32)
    for row, array in enumerate(arrays):
        stacked[row, : len(array)] = array
        mask[row, : len(array)] = 1
    return stacked, mask


def levelled(array: Floats, level: Level) -> Floats:
    """Pictures (frames, 1, across, along) without the operator's gain, as far as `level` asks for.

    "mean" takes each picture's mean away, "tilt" the straight line over depth that fits its rows best as well, which is
    what gain and a slope of time gain do to a picture in dB; "kept" leaves it as displayed.
    """
    if level == "kept":
        return array
    known = np.isfinite(array)
    depth = np.linspace(-1, 1, array.shape[-1], dtype=np.float32)
    at = np.where(known, depth, 0)
    count = np.maximum(known.sum(axis=(1, 2, 3), keepdims=True), 1)
    mean = np.where(known, array, 0).sum(axis=(1, 2, 3), keepdims=True) / count
    if level == "mean":
        return np.asarray(array - mean, dtype=np.float32)
    middle = at.sum(axis=(1, 2, 3), keepdims=True) / count
    away = np.where(known, depth - middle, 0)
    slope = (away * np.where(known, array - mean, 0)).sum(axis=(1, 2, 3), keepdims=True)
    slope /= np.maximum((away**2).sum(axis=(1, 2, 3), keepdims=True), 1e-6)
    return np.asarray(array - mean - slope * (depth - middle), dtype=np.float32)


def _array(value: object, case: object, name: str) -> Floats:
    if not (isinstance(value, str) and is_packed(value)):
        raise DataError(
            f"case {case}: {name} is {str(value)[:40]!r}, no packed array; exclude the case, or correct its recording"
        )
    array = unpack(value)
    if array.ndim != 4:
        raise DataError(
            f"case {case}: {name} has the shape {array.shape}; a network reads (frames, channels, h, w)"
        )
    return array.astype(np.float32)


def _refuse_other_sizes(column: Sequence[Floats], cases: pd.Index, name: str) -> None:
    first = column[0].shape[1:]
    for case, array in zip(cases, column, strict=True):
        if array.shape[1:] != first:
            raise DataError(
                f"{name} has the shape {array.shape[1:]} in case {case} and {first} in case {cases[0]}; all are made"
                " with one setting of the extractor"
            )
