"""PyRadiomics' grey levels: bins of a width from a multiple of it, or a number of bins over the range."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from .settings import Settings

_MOST_LEVELS = int(np.iinfo(np.uint16).max)


def bin_levels(values: NDArray[Any], settings: Settings) -> NDArray[np.uint16]:
    """Level, from 1, of each value of a region; arithmetic stays in the type of `values`, as in PyRadiomics.

    A bin holds its lower edge. Fixed width: the first bin starts at the largest multiple of `binWidth` that is not
    above the minimum. Fixed count: equal bins from minimum to maximum, which falls in the last.

    Raises:
        DataError: more than 65535 bins.
    """
    low, high = values.min(), values.max()
    if settings.bin_count is not None:
        edges = np.histogram_bin_edges(values, settings.bin_count)
        edges[-1] += 1
    else:
        bins = (float(high) - float(low)) / settings.bin_width
        if bins >= _MOST_LEVELS:
            raise DataError(
                f"values from {low:g} to {high:g} fall in {bins:.0f} bins of width {settings.bin_width:g}; at most"
                f" {_MOST_LEVELS} are possible; raise binWidth or set binCount"
            )
        edges = np.arange(low - low % settings.bin_width, high + 2 * settings.bin_width, settings.bin_width)
    return np.asarray(np.digitize(values, edges), np.uint16)
