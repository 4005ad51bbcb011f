"""Counting of candidates against SIMULATED lesions: which are found at a given number of false alarms per scan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from .scanning import Candidate

NEAREST_MM = 5.0
"""A candidate within this, or within the radius if that is more, of a lesion's centre has found it."""

Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """Candidates of one scan and its lesions: centres in mm (z, y, x) and diameters."""

    candidates: Sequence[Candidate]
    centres_mm: Sequence[Place]
    diameters_mm: Sequence[float]


def found_at(readings: Sequence[Reading], false_per_scan: float) -> list[NDArray[np.bool_]]:
    """For each scan, which of its lesions (lesion,) are found at the threshold of so many false alarms per scan."""
    if not readings or not np.isfinite(false_per_scan) or false_per_scan < 0:
        raise SimulationError(
            f"{len(readings)} scans at {false_per_scan!r} false alarms: give scans and a number from 0"
        )
    scores, false = zip(*(_matched(reading) for reading in readings), strict=True)
    alarms = np.sort(np.concatenate([np.asarray(one, float) for one in false]))[::-1]
    allowed = int(np.floor(false_per_scan * len(readings)))
    threshold = float(alarms[allowed]) if allowed < len(alarms) else -np.inf
    return [np.asarray(one, float) > threshold for one in scores]


def _matched(reading: Reading) -> tuple[list[float], list[float]]:
    """The score with which each lesion is found (minus infinity if it is not), and those of false alarms.

    Candidates are taken best first; each finds the nearest lesion in reach that none has found. More candidates in a
    lesion that was found count neither way.
    """
    scores = [-np.inf] * len(reading.centres_mm)
    false = []
    for one in sorted(reading.candidates, key=lambda candidate: -candidate.score):
        reach = [
            (float(np.linalg.norm(np.subtract(one.centre_mm, centre))), place)
            for place, centre in enumerate(reading.centres_mm)
        ]
        hit = [(mm, place) for mm, place in reach if mm <= max(NEAREST_MM, reading.diameters_mm[place] / 2)]
        fresh = [place for _, place in sorted(hit) if scores[place] == -np.inf]
        if fresh:
            scores[fresh[0]] = one.score
        elif not hit:
            false.append(one.score)
    return scores, false
