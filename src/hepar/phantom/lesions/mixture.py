"""The exact density of a SIMULATED lesion's look given its kind and size, and of what an image shows of that look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from ...core.errors import SimulationError
from .kinds import LESIONS, Kind, kind_called
from .look import COLUMN, CONTRAST, CORRELATION, LOOK, Floats

FAINT = 0.30
"""Contrast of a faint lesion over what it would be."""
PATTERN_MM, FAINT_MM = (10.0, 30.0), (8.0, 18.0)
"""Sizes up to which, and from which on, the shares of patterns and of faint lesions stay the same."""

ROOT = np.linalg.cholesky(CORRELATION)


@dataclass(frozen=True, slots=True)
class Mixture:
    """The densities that looks of a kind are drawn from.

    `small` and `large` (pattern,) are shares of the patterns, `faint` those of faint lesions among small and large
    ones. `mean` and `sd` (2 pattern, look) are those of normal densities, first of the patterns as they are, then of
    the faint ones; all have the correlation `CORRELATION`.
    """

    small: Floats
    large: Floats
    faint: tuple[float, float]
    mean: Floats
    sd: Floats

    def shares(self, diameter_mm: Floats) -> Floats:
        """Shares (n, 2 pattern) of the densities among lesions of these diameters (n,)."""
        size, conspicuous = (_along(diameter_mm, between)[:, None] for between in (PATTERN_MM, FAINT_MM))
        whole = size * self.large + (1 - size) * self.small
        faint = conspicuous * self.faint[1] + (1 - conspicuous) * self.faint[0]
        return np.concatenate([(1 - faint) * whole, faint * whole], axis=1)


def _along(diameter_mm: Floats, between: tuple[float, float]) -> Floats:
    """0 up to the first size, 1 from the second, in between by the logarithm."""
    low, high = between
    return np.asarray(np.clip(np.log(np.asarray(diameter_mm, float) / low) / np.log(high / low), 0, 1))


def mixture_of(kind: str, *, difficulty: float = 1.0) -> Mixture:
    """The mixture of `kind`; `difficulty` (1 as published) makes kinds alike, and beyond 1 also lesions fainter.

    Means are drawn towards the middle of all kinds; contrast with the liver, which noise hides, is divided by it.
    """
    if not np.isfinite(difficulty) or difficulty <= 0:
        raise SimulationError(
            f"a difficulty of {difficulty!r} means nothing; give a number above 0, 1 by default"
        )
    return _mixture(kind_called(kind).name, float(difficulty))


@lru_cache(maxsize=256)
def _mixture(name: str, difficulty: float) -> Mixture:
    found = _plain(kind_called(name))
    middle = _middle()
    mean = middle + (found.mean - middle) / difficulty
    mean[:, COLUMN["wedge"]] = found.mean[:, COLUMN["wedge"]]
    shrink = np.ones(len(LOOK))
    shrink[list(CONTRAST)] = 1 / max(difficulty, 1.0)
    return replace(found, mean=mean * shrink, sd=found.sd * shrink)


def _plain(kind: Kind) -> Mixture:
    """The patterns of `kind`, each whole and faint."""
    mean = np.array([pattern.mean for pattern in kind.patterns])
    sd = np.array([pattern.sd for pattern in kind.patterns])
    shrink = np.ones(len(LOOK))
    shrink[list(CONTRAST)] = FAINT
    small, large = (np.array([getattr(p, size) for p in kind.patterns]) for size in ("small", "large"))
    return Mixture(
        small=small / small.sum(),
        large=large / large.sum(),
        faint=kind.faint,
        mean=np.concatenate([mean, mean * shrink]),
        sd=np.concatenate([sd, sd * shrink]),
    )


@lru_cache(maxsize=1)
def _middle() -> Floats:
    """The mean look of malignant and benign lesions of middle size, both counted the same."""
    means: dict[bool, list[Floats]] = {True: [], False: []}
    for name in LESIONS:
        kind = kind_called(name)
        found = _plain(kind)
        means[kind.malignant].append((found.large + found.small) / 2 @ found.mean[: len(found.large)])
    return np.asarray(np.mean([np.mean(group, axis=0) for group in means.values()], axis=0))


def columns_of(names: Sequence[str]) -> list[int]:
    """Places in `LOOK` of these parts of the look."""
    unknown = sorted(set(names) - set(LOOK))
    if unknown:
        raise SimulationError(f"the look has no {unknown[0]!r}; allowed: {', '.join(LOOK)}")
    return [COLUMN[name] for name in names]


def draw_looks(
    rng: np.random.Generator, diameter_mm: Floats, *, kind: str, difficulty: float = 1.0
) -> Floats:
    """Looks (n, look) of lesions of `kind` with these diameters (n,)."""
    mixture = mixture_of(kind, difficulty=difficulty)
    upto = np.cumsum(mixture.shares(diameter_mm), axis=1)
    pattern = (rng.uniform(size=(len(diameter_mm), 1)) * upto[:, -1:] > upto).sum(1)
    normal = rng.standard_normal((len(diameter_mm), len(LOOK))) @ ROOT.T
    return np.asarray(mixture.mean[pattern] + mixture.sd[pattern] * normal)


def log_density(
    look: Floats,
    diameter_mm: Floats,
    *,
    kind: str,
    names: Sequence[str] = LOOK,
    error: Floats | None = None,
    difficulty: float = 1.0,
) -> Floats:
    """Log density (n,) of the parts `names` of looks (n, names) of lesions of these diameters (n,).

    `error` (names, names) is the covariance of an error of measurement, with which the density is that of what was
    measured: a mixture of normal densities, each with the error's covariance added, so nothing is approximated.
    """
    mixture = mixture_of(kind, difficulty=difficulty)
    places = columns_of(names)
    with np.errstate(divide="ignore"):
        found = np.log(mixture.shares(diameter_mm))
    for pattern, (mean, sd) in enumerate(zip(mixture.mean[:, places], mixture.sd[:, places], strict=True)):
        covariance = CORRELATION[np.ix_(places, places)] * np.outer(sd, sd)
        found[:, pattern] += _log_normal(look - mean, covariance if error is None else covariance + error)
    return np.asarray(logsumexp(found, axis=1))


def _log_normal(residual: Floats, covariance: Floats) -> Floats:
    """Log density (n,) of residuals (n, look) under a normal density of mean 0."""
    root = np.linalg.cholesky(covariance)
    white = solve_triangular(root, residual.T, lower=True)
    half = len(root) / 2 * np.log(2 * np.pi) + np.log(np.diag(root)).sum()
    return np.asarray(-(white**2).sum(0) / 2 - half)
