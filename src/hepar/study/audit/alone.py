"""Each field alone against the outcome: its AUC, interval and p, and which of them should not be able to tell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...stats.dealt_groups import auc_p_of_groups
from ...stats.discrimination import auc, auc_clustered
from ...stats.estimate import Estimate
from ...stats.level_rates import dealt_parts, held_out_p, held_out_rates
from ...stats.multiplicity import holm
from ...stats.permutation import auc_permutation
from ...stats.within import auc_within
from . import rules
from .finding import Finding, Look
from .subject import Column, Contrast, Objects, Subject

Array = NDArray[np.float64]
DRAWS = 1_999
"""Permutations at first; where p is small, as many more as Holm's adjustment over all looks asks for."""
WORTH_PERMUTING, WORTH_MORE = 0.05, 0.01
"""p by DeLong from which it is not looked at more closely, and p of the first permutations."""
DRAWS_EACH, MOST_DRAWS = 60, 99_999
"""Permutations for each look, so that the smallest p there can be is well below the error rate over all looks."""
SEED = 20_001
ORDER = "order in the table"
DO_METADATA = (
    "a model may read this, not the disease: balance it, hold its values out, or show results within each"
)
DO_ORDER = "find out what changed along the table (site, year, source), and whether a model could see that"


def looks_of(subject: Subject) -> tuple[Look, ...]:
    """Every look; the adjusted p counts those at metadata and at missing values."""
    found: list[Look] = []
    asked = 2 * len(subject.contrasts) * (len(subject.columns) + 1)
    most = min(MOST_DRAWS, max(DRAWS, DRAWS_EACH * asked - 1))
    for contrast in subject.contrasts:
        for column in (*subject.columns, _order(subject)):
            if column.role in ("metadata", "feature"):
                found += _look(subject, column, contrast, most=most)
            if column.role in ("metadata", "feature", "measure") and column.name != ORDER:
                found += _look_at_missing(subject, column, contrast, most=most)
    p = np.array([look.p if look.family != "feature" else np.nan for look in found], dtype=float)
    adjusted = holm(p) if len(found) else p
    return tuple(replace(one, p_adjusted=float(a)) for one, a in zip(found, adjusted, strict=True))


def shortcut_findings(looks: Sequence[Look]) -> Iterator[Finding]:
    """The fields that tell what they should not, each by the contrast that it tells best."""
    for family in ("metadata", "missing", "feature"):
        best: dict[str, Look] = {}
        for look in looks:
            if look.family == family and _told(look):
                best[look.field] = max(best.get(look.field, look), look, key=lambda one: one.low)
        yield from (_finding(look) for look in best.values())


def _told(look: Look) -> bool:
    if look.family == "feature":
        return look.auc >= rules.TELLING_AUC
    limit = rules.METADATA_AUC if look.family == "metadata" else rules.MISSING_AUC
    return look.auc >= limit and look.low > 0.5 and look.p_adjusted <= rules.ERROR_RATE


def _finding(look: Look) -> Finding:
    size = f"AUC {look.auc:.2f} ({look.low:.2f} to {look.high:.2f})"
    if look.family == "missing":
        return Finding(
            "missing-tells-outcome",
            "warning",
            f"that {look.field} is missing ({look.missing} of {look.n} cases) tells {look.contrast}: {size}",
            "find out why it is missing; do not let a model see that it is",
            look.missing,
            "cases",
        )
    if look.family == "feature":
        return Finding(
            "field-tells-all",
            "warning",
            f"{look.field} alone tells {look.contrast} nearly without error: {size}",
            "make sure that it was known before the outcome, and is not the outcome under another name",
            look.n,
            "cases",
        )
    return Finding(
        "metadata-tells-outcome",
        "serious" if look.auc >= rules.SERIOUS_AUC else "warning",
        f"{look.field} alone tells {look.contrast}: {size}, {look.levels} values",
        DO_ORDER if look.field == ORDER else DO_METADATA,
        look.n,
        "cases",
    )


def _order(subject: Subject) -> Column:
    """Which of twenty stretches of the table a case stands in: an order by class gives itself away."""
    block = np.arange(len(subject)) * rules.ORDER_BLOCKS // max(len(subject), 1)
    values = np.array([f"block {k}" for k in block], dtype=object)
    return Column(ORDER, "category", "metadata", values)


def _look(subject: Subject, column: Column, contrast: Contrast, *, most: int) -> Iterator[Look]:
    """The field against the contrast, where both are known of enough cases and the field is not the same in all."""
    use = column.known & np.isfinite(contrast.positive)
    truth = contrast.positive[use] > 0.5
    levels = len(set(column.values[use].tolist()))
    who = _numbered(subject.participants[use])
    if _fewest(who, truth) < rules.FEWEST_CASES or levels < 2:
        return
    most = DRAWS if column.role == "feature" else most
    if column.kind == "category" or levels <= rules.MOST_VALUES_AS_LEVELS:
        found = _one_sided(truth, _numbered(column.values[use]), who, most=most)
    else:
        found = _folded(truth, _numbers(column, use), who, most=most)
    family: Literal["metadata", "feature"] = "feature" if column.role == "feature" else "metadata"
    yield _as_look(column, contrast, found, family=family, missing=int((~column.known).sum()), levels=levels)


def _look_at_missing(subject: Subject, column: Column, contrast: Contrast, *, most: int) -> Iterator[Look]:
    use = np.isfinite(contrast.positive)
    missing, truth = ~column.known[use], contrast.positive[use] > 0.5
    who = _numbered(subject.participants[use])
    if min(_fewest(who, truth), _fewest(who, missing)) < rules.FEWEST_CASES:
        return
    found = _folded(truth, missing.astype(float), who, most=most)
    yield _as_look(column, contrast, found, family="missing", missing=int(missing.sum()), levels=2)


def _as_look(
    column: Column,
    contrast: Contrast,
    found: Estimate,
    *,
    family: Literal["metadata", "missing", "feature"],
    missing: int,
    levels: int,
) -> Look:
    return Look(
        field=column.name,
        family=family,
        contrast=contrast.name,
        n=found.n,
        events=found.events,
        missing=missing,
        levels=levels,
        auc=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        method=found.method,
    )


def _numbered(values: Objects) -> NDArray[np.int64]:
    """The same number for the same value."""
    return np.asarray(np.unique(values.astype(str), return_inverse=True)[1], dtype=np.int64)


def _numbers(column: Column, use: NDArray[np.bool_]) -> Array:
    values = column.values[use]
    if column.kind == "date":
        return np.array([day.toordinal() for day in values], dtype=float)
    return values.astype(float)


def _fewest(who: NDArray[np.int64], yes: NDArray[np.bool_]) -> int:
    """Participants with a case that is, or with one that is not, whichever are fewer."""
    return min(np.unique(who[one]).size for one in (yes, ~yes))


def _several(who: NDArray[np.int64]) -> bool:
    """Whether a participant has several cases."""
    return np.unique(who).size < who.size


def _estimate(truth: NDArray[np.bool_], score: Array, who: NDArray[np.int64]) -> Estimate:
    """DeLong's, or Obuchowski's where participants have several cases."""
    return auc_clustered(truth, score, who) if _several(who) else auc(truth, score)


def _folded(truth: NDArray[np.bool_], score: Array, who: NDArray[np.int64], *, most: int) -> Estimate:
    """AUC of a number, whichever way it points; p is two-sided."""
    found = _estimate(truth, score, who)
    if found.value < 0.5:
        found = replace(found, value=1 - found.value, low=1 - found.high, high=1 - found.low)
    if _several(who):
        return _permuted(found, partial(auc_p_of_groups, truth, score, group=who), most=most)
    if min(truth.sum(), (~truth).sum()) < rules.FEW_CASES:
        return _permuted(found, partial(_auc_p, truth, score), most=most)
    return found


def _auc_p(truth: NDArray[np.bool_], score: Array, *, draws: int, seed: int) -> float:
    return auc_permutation(truth, score, seed=seed, draws=draws).p


def _one_sided(
    truth: NDArray[np.bool_], level: NDArray[np.int64], who: NDArray[np.int64], *, most: int
) -> Estimate:
    """AUC of held-out rates, against that it is no more than 0.5.

    Rates that are learnt from one another make DeLong's p too small; so a small one is always by permutation.
    """
    part = dealt_parts(truth, group=who, seed=SEED)
    score = held_out_rates(level, truth, part=part)
    several = _several(who)
    found = _estimate(truth, score, who) if several else auc_within(truth, score, part)
    if found.value in (0.0, 1.0) or not np.isfinite(found.low):  # parts in perfect order have no joint bounds
        whole = _estimate(truth, score, who)
        found = replace(found, low=whole.low, high=whole.high, p=whole.p)
    p = found.p / 2 if found.value > 0.5 else 1 - found.p / 2
    found = replace(found, p=min(1.0, p), method=f"{found.method} of held-out rates, one-sided")
    p_by = partial(held_out_p, level, truth, part=part, group=who if several else None)
    return _permuted(found, p_by, most=most)


class _P(Protocol):
    """p by so many permutations."""

    def __call__(self, *, draws: int, seed: int) -> float: ...


def _permuted(found: Estimate, p_by: _P, *, most: int) -> Estimate:
    """The estimate with p by permutation, if p is small.

    Some permutations come first; where the look could be flagged then, as many follow as all looks together need.
    """
    if not found.p < WORTH_PERMUTING:
        return found
    draws, p = DRAWS, p_by(draws=DRAWS, seed=SEED)
    flagged = found.value >= rules.MISSING_AUC and found.low > 0.5
    if flagged and p <= WORTH_MORE and most > draws:
        draws, p = most, p_by(draws=most, seed=SEED + 1)
    return replace(found, p=p, method=f"{found.method}, p of {draws} permutations")
