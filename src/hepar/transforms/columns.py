"""Which columns a transform works on, and the choice of columns that filters end in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pandas as pd
from pandas.api.types import is_numeric_dtype

from ..core.errors import RunError

REPEAT = "@"
"""Parts a feature from the number of its perturbed repeat: `f@1` is `f` after the first perturbation."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The features that a filter keeps, in their order."""

    kept: tuple[str, ...]
    seen: int
    """Features that were judged."""
    dropped: int
    facts: Mapping[str, float] = field(default_factory=dict)

    def apply(self, features: pd.DataFrame) -> pd.DataFrame:
        """The columns kept."""
        return features[list(self.kept)]

    def describe(self) -> Mapping[str, float]:
        """How many features were judged and how many of these are kept."""
        return {
            "features judged": float(self.seen),
            "features kept": float(self.seen - self.dropped),
            **self.facts,
        }


def chosen(
    features: pd.DataFrame,
    judged: list[str],
    kept: Iterable[str],
    *,
    facts: Mapping[str, float] | None = None,
) -> Chosen:
    """The columns of `features` without those of `judged` that are not `kept`."""
    out = set(judged) - set(kept)
    names = tuple(str(name) for name in features.columns if name not in out)
    return Chosen(names, len(judged), len(out), facts or {})


def numbers(features: pd.DataFrame, spare: Iterable[str] = ()) -> list[str]:
    """Names of the numeric columns that `spare` does not match; perturbed repeats are refused."""
    refuse_repeats(features)
    numeric = [
        str(name)
        for name, dtype in zip(features.columns, features.dtypes, strict=True)
        if is_numeric_dtype(dtype)
    ]
    patterns = tuple(spare)
    return [name for name in numeric if not matches(name, patterns)]


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether `name` is one of the names, or fits one of the patterns with `*` or `?`."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def feature_of(column: str) -> str:
    """The feature that a column holds, or repeats.

    >>> feature_of("f@1"), feature_of("f")
    ('f', 'f')
    """
    return column.partition(REPEAT)[0]


def without_repeats(columns: Iterable[object]) -> list[str]:
    """Names of the columns that are no perturbed repeats."""
    return [str(name) for name in columns if REPEAT not in str(name)]


def refuse_repeats(features: pd.DataFrame) -> None:
    """Refuse features that still have their perturbed repeats: they are measurements of stability, not features."""
    found = [str(name) for name in features.columns if REPEAT in str(name)]
    if found:
        raise RunError(
            f"{len(found)} features are perturbed repeats (e.g. {found[0]!r}), which no model may see; put the"
            " transform 'stable' first in a piped model, or extract with repeats: 0"
        )
