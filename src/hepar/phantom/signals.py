"""How much each source shows of a disease: a joint normal distribution whose best observer is known exactly."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..core.errors import SimulationError, choices

Floats = NDArray[np.float64]
Loadings = Mapping[str, float]

SHARED = "shared"
"""The factor of a disease that several sources show."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Targets (what is to be known) and sources (what is shown), each of mean 0 and standard deviation 1.

    Every row is a sum of independent standard-normal factors with the loadings given, and of noise of its own that
    fills its variance to 1. Sources that load on the same factor as the target carry signal; on another common factor,
    errors that they share. Since all is jointly normal, nobody who sees a set of sources can order patients by a target
    better than by the conditional mean, whose correlation with the target is the multiple correlation `best`.
    """

    targets: Mapping[str, Loadings]
    sources: Mapping[str, Loadings]

    def __post_init__(self) -> None:
        for name, loadings in self._rows.items():
            total = math.fsum(value**2 for value in loadings.values())
            if not np.isfinite(total) or total > 1 + 1e-9:
                raise SimulationError(
                    f"signals: the loadings of {name!r} explain {total:.3g} of its variance; 1 is all of it, lower them"
                )

    @property
    def _rows(self) -> dict[str, Loadings]:
        return {**self.targets, **self.sources}

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the common factors, sorted."""
        return tuple(sorted({factor for row in self._rows.values() for factor in row}))

    def draw(self, rng: np.random.Generator) -> dict[str, float]:
        """One patient: the value of every target and source."""
        factors = dict(zip(self.factors, rng.standard_normal(len(self.factors)).tolist(), strict=True))
        noise = rng.standard_normal(len(self._rows)).tolist()
        return {
            name: math.fsum(value * factors[f] for f, value in row.items()) + own * _own(row)
            for (name, row), own in zip(self._rows.items(), noise, strict=True)
        }

    def draws(self, rng: np.random.Generator, n: int) -> dict[str, Floats]:
        """`n` patients at once, for the bounds: an array (n,) for each target and source."""
        factors = dict(zip(self.factors, rng.standard_normal((len(self.factors), n)), strict=True))
        nothing = np.zeros(n)
        return {
            name: sum((value * factors[f] for f, value in row.items()), nothing)
            + _own(row) * rng.standard_normal(n)
            for name, row in self._rows.items()
        }

    def correlation(self, first: str, second: str) -> float:
        """Correlation of two rows."""
        if first == second:
            return 1.0
        one, other = self._row(first), self._row(second)
        return math.fsum(value * other.get(factor, 0.0) for factor, value in one.items())

    def weights(self, target: str, sources: Iterable[str]) -> dict[str, float]:
        """Weights of the conditional mean of `target` given `sources`."""
        names = list(sources)
        if not names:
            return {}
        among = np.array([[self.correlation(a, b) for b in names] for a in names])
        towards = np.array([self.correlation(name, target) for name in names])
        return dict(zip(names, np.linalg.lstsq(among, towards, rcond=None)[0].tolist(), strict=True))

    def best(self, target: str, sources: Iterable[str]) -> float:
        """Correlation of `target` with the best that can be made of `sources`, 0 to 1."""
        weights = self.weights(target, sources)
        explained = math.fsum(w * self.correlation(name, target) for name, w in weights.items())
        return float(np.sqrt(np.clip(explained, 0.0, 1.0)))

    def harder(self, by: float) -> "Signals":
        """The same with noise `by` times as large beside the signal in every source; below 1 it is easier.

        Signal is what a source has of the factors that a target loads on.
        """
        if not 0 < by < np.inf:
            raise SimulationError(f"difficulty is {by!r}; give a number above 0, 1 being the default")
        seen = {factor for row in self.targets.values() for factor in row}
        return replace(self, sources={name: _harder(row, seen, by) for name, row in self.sources.items()})

    def private(self, share: float) -> "Signals":
        """The same with `share` of what sources show of the shared factor moved to factors of their own.

        Each source alone stays as good as it was; together they become better, because they no longer show the same.
        """
        showing = [name for name, row in self.sources.items() if SHARED in row]
        return replace(
            self,
            targets={name: _opened(row, share, showing) for name, row in self.targets.items()},
            sources={name: _split(row, share, name) for name, row in self.sources.items()},
        )

    def null(self, reference: Iterable[str] = ()) -> "Signals":
        """The same sources, and targets that nothing shows; nothing shows the sources `reference` either."""
        for name in reference:
            self._row(name)
        return Signals(
            targets={name: {} for name in self.targets},
            sources={**self.sources, **{name: {} for name in reference}},
        )

    def _row(self, name: str) -> Loadings:
        if name not in self._rows:
            raise SimulationError(f"there is no signal {name!r}; {choices(name, self._rows)}")
        return self._rows[name]


def _own(row: Loadings) -> float:
    """Standard deviation of a row's own noise."""
    return float(np.sqrt(max(0.0, 1 - math.fsum(value**2 for value in row.values()))))


def _harder(row: Loadings, seen: set[str], by: float) -> Loadings:
    signal = math.fsum(value**2 for factor, value in row.items() if factor in seen)
    rest = 1 - signal
    if not signal or not rest:
        return row
    total = signal + by**2 * rest
    return {f: value * (1 if f in seen else by) / float(np.sqrt(total)) for f, value in row.items()}


def _split(row: Loadings, share: float, name: str) -> Loadings:
    """The row of a source with `share` of its shared variance on its own factor."""
    if SHARED not in row or not share:
        return row
    return {
        **row,
        SHARED: row[SHARED] * float(np.sqrt(1 - share)),
        f"only {name}": row[SHARED] * float(np.sqrt(share)),
    }


def _opened(row: Loadings, share: float, showing: list[str]) -> Loadings:
    """The row of a target that consists in part of what single sources show."""
    if SHARED not in row or not share:
        return row
    room = _room(row, len(showing))
    if not 0 <= share <= room:
        raise SimulationError(
            f"private is {share!r}: of what {len(showing)} sources show, at most {room:.3g} can be private when the"
            " shared part explains so much of the target; give less"
        )
    return {
        **row,
        SHARED: row[SHARED] * float(np.sqrt(1 - share)),
        **{f"only {name}": row[SHARED] * float(np.sqrt(share)) for name in showing},
    }


def _room(row: Loadings, sources: int) -> float:
    """The largest private share that leaves the target's variance at 1."""
    if sources < 2:
        return 1.0
    other = math.fsum(value**2 for factor, value in row.items() if factor != SHARED)
    return min(1.0, ((1 - other) / row[SHARED] ** 2 - 1) / (sources - 1))
