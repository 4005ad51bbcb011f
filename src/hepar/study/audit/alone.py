"""Each field alone against the outcome: its AUC, interval and p, and which of them should not be able to tell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
"""Permutations where cases are few: p can be as small as 1 in 2,000."""
WORTH_PERMUTING = 0.05
"""A look whose p by DeLong is larger, or whose AUC is below the lowest limit, is none that could be flagged."""
SEED = 20_001
ORDER = "order in the table"


def looks_of(subject: Subject) -> tuple[Look, ...]:
    """Every look; the adjusted p counts those at metadata and at missing values."""
    found: list[Look] = []
    for contrast in subject.contrasts:
        for column in (*subject.columns, _order(subject)):
            if column.role in ("metadata", "feature"):
                found += _look(subject, column, contrast)
            if column.role in ("metadata", "feature") and column.name != ORDER:
                found += _look_at_missing(subject, column, contrast)
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
        "a model may read this in place of the disease: balance it, hold its values out, or show results within each",
        look.n,
        "cases",
    )


def _order(subject: Subject) -> Column:
    """Which of twenty stretches of the table a case stands in: an order by class gives itself away."""
    block = np.arange(len(subject)) * rules.ORDER_BLOCKS // max(len(subject), 1)
    values = np.array([f"block {k}" for k in block], dtype=object)
    return Column(ORDER, "category", "metadata", values)


def _look(subject: Subject, column: Column, contrast: Contrast) -> Iterator[Look]:
    """The field against the contrast, where both are known of enough cases and the field is not the same in all."""
    use = column.known & np.isfinite(contrast.positive)
    truth = contrast.positive[use] > 0.5
    levels = len(set(column.values[use].tolist()))
    if min(truth.sum(), (~truth).sum()) < rules.FEWEST_CASES or levels < 2:
        return
    who = _numbered(subject.participants[use])
    if column.kind == "category" or levels <= rules.MOST_VALUES_AS_LEVELS:
        found = _one_sided(truth, _numbered(column.values[use]), who)
    else:
        found = _folded(truth, _numbers(column, use), who)
    family: Literal["metadata", "feature"] = "feature" if column.role == "feature" else "metadata"
    yield _as_look(column, contrast, found, family=family, missing=int((~column.known).sum()), levels=levels)


def _look_at_missing(subject: Subject, column: Column, contrast: Contrast) -> Iterator[Look]:
    use = np.isfinite(contrast.positive)
    missing, truth = ~column.known[use], contrast.positive[use] > 0.5
    if min(truth.sum(), (~truth).sum(), missing.sum(), (~missing).sum()) < rules.FEWEST_CASES:
        return
    found = _folded(truth, missing.astype(float), _numbered(subject.participants[use]))
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


def _estimate(truth: NDArray[np.bool_], score: Array, who: NDArray[np.int64]) -> Estimate:
    """DeLong's, or Obuchowski's where participants have several cases and enough of them either class."""
    several = len(set(who.tolist())) < len(who)
    if several and min(len(set(who[truth].tolist())), len(set(who[~truth].tolist()))) >= 2:
        return auc_clustered(truth, score, who)
    return auc(truth, score)


def _folded(truth: NDArray[np.bool_], score: Array, who: NDArray[np.int64]) -> Estimate:
    """AUC of a number, whichever way it points; p is two-sided."""
    found = _estimate(truth, score, who)
    if found.value < 0.5:
        found = replace(found, value=1 - found.value, low=1 - found.high, high=1 - found.low)
    if _few(truth, who) and _could_be_flagged(found):
        by_permutation = auc_permutation(truth, score, seed=SEED, draws=DRAWS)
        found = replace(found, p=by_permutation.p, method=f"{found.method}; p by {by_permutation.method}")
    return found


def _one_sided(truth: NDArray[np.bool_], level: NDArray[np.int64], who: NDArray[np.int64]) -> Estimate:
    """AUC of held-out rates, against that it is no more than 0.5."""
    part = dealt_parts(truth, group=who, seed=SEED)
    score = held_out_rates(level, truth, part=part)
    several = len(set(who.tolist())) < len(who)
    found = _estimate(truth, score, who) if several else auc_within(truth, score, part)
    if found.value in (0.0, 1.0):  # in perfect order, parts have bounds of their own, far too wide together
        whole = auc(truth, score)
        found = replace(found, low=whole.low, high=whole.high, p=whole.p)
    p = found.p / 2 if found.value > 0.5 else 1 - found.p / 2
    found = replace(found, p=min(1.0, p), method=f"{found.method} of held-out rates, one-sided")
    if _few(truth, who) and _could_be_flagged(found):
        p = held_out_p(level, truth, part=part, draws=DRAWS, seed=SEED)
        found = replace(found, p=p, method=f"{found.method}, p of {DRAWS} permutations")
    return found


def _could_be_flagged(found: Estimate) -> bool:
    return found.p < WORTH_PERMUTING and found.value >= rules.MISSING_AUC


def _few(truth: NDArray[np.bool_], who: NDArray[np.int64]) -> bool:
    """Whether p is by permutation: few cases, each of a participant of its own."""
    return min(truth.sum(), (~truth).sum()) < rules.FEW_CASES and len(set(who.tolist())) == len(who)
