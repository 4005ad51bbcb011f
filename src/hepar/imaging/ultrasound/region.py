"""The echoes of a region made ready for estimates: tissue alone, beside the phantom, with draws of its lines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frames import Box, RfFrames
from .levels import Levels, in_band, levels
from .reference import Phantom
from .resampling import Draws, line_draws
from .spectra import Spectra, spectra
from .structure import LEAST_SHARE, UNLIKE_DB, typical


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sampled:
    """Spectra of the `tissue` of a region, its `levels` beside the phantom's, and draws `drawn` of its lines.

    `left_out` is the share of windows and lines that are unlike the others of their depth, `reason` why too little is
    left for any spectral estimate (empty where enough is).
    """

    tissue: Spectra
    levels: Levels
    drawn: Draws
    left_out: float
    reason: str


def sampled(
    frames: RfFrames,
    known: Phantom | None,
    *,
    box: Box,
    window_mm: float,
    draws: int,
    rng: np.random.Generator,
) -> Sampled:
    """Of `box`, with `draws` draws of lines; see `parameters`."""
    whole = spectra(frames, box=box, window_mm=window_mm)
    others = [] if known is None else [known.spectra(box=box, window_mm=window_mm)]
    all_of_it = in_band(whole, *others)
    tissue = typical(whole, use=all_of_it)
    use = in_band(tissue, *others)
    drawn, *more = (line_draws(_fluctuating(one, use), draws=draws, rng=rng) for one in (tissue, *others))
    found = levels(
        tissue,
        others[0] if others else None,
        use=use,
        draws=drawn,
        reference_draws=more[0] if more else None,
    )
    left_out = _left_out(tissue, all_of_it)
    reason = found.reason
    if reason and all_of_it.any():
        reason = (
            f"{left_out:.0%} of the region is {UNLIKE_DB:g} dB or more off the rest of its depth (the shadow of lost"
            f" contact, of a rib or of gas, a vessel, a layer), and too few depths keep {LEAST_SHARE:.0%} of their"
            " lines; take a region of one tissue"
        )
    return Sampled(tissue, found, drawn, left_out, reason)


def _left_out(tissue: Spectra, use: NDArray[np.bool_]) -> float:
    windows = np.count_nonzero(use, axis=1) > 0
    return float(1 - tissue.cells[windows].mean()) if windows.any() else 0.0


def _fluctuating(found: Spectra, use: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Power in band, or all of it where nothing is in band."""
    if not use.any():
        return found.power
    return found.part(np.count_nonzero(use, axis=1) > 0, np.count_nonzero(use, axis=0) > 0).power
