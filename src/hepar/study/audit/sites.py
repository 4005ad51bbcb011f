"""Findings about sites: labels that differ between them, and values on another scale at one of them."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ...stats.association import cramers_v
from . import rules
from .finding import Finding
from .subject import Column, Subject

SEED = 20_002


def site_findings(subject: Subject) -> Iterator[Finding]:
    """Both findings, where there are two sites or more."""
    if len(set(subject.sites.tolist()) - {None}) > 1:
        yield from _labels_by_site(subject)
        for column in subject.columns:
            if column.kind == "number" and column.role in ("feature", "other"):
                yield from _other_scale(subject, column)


def label_table(subject: Subject) -> dict[str, Counter[str]]:
    """Cases by site and label, of the first case of each participant."""
    found: dict[str, Counter[str]] = {}
    for k in subject.first_of_each:
        if subject.label[k] is not None and subject.sites[k] is not None:
            found.setdefault(str(subject.sites[k]), Counter())[str(subject.label[k])] += 1
    return dict(sorted(found.items()))


def _labels_by_site(subject: Subject) -> Iterator[Finding]:
    table = label_table(subject)
    site = np.array([one for one, counts in table.items() for _ in range(counts.total())])
    label = np.array([name for counts in table.values() for name in counts.elements()])
    if len(set(site.tolist())) < 2 or len(set(label.tolist())) < 2:
        return
    found = cramers_v(site, label, seed=SEED)
    if found.value >= rules.SITE_V and found.p <= rules.ERROR_RATE:
        p = "below 0.0001" if found.p < 1e-4 else f"{found.p:.2g}"
        yield Finding(
            "labels-differ-by-site",
            "warning",
            f"the label is distributed differently at the {len(table)} sites: Cramér's V {found.value:.2f}, p {p}"
            f" ({found.method})",
            "hold sites out and report each of them; a model that tells sites apart looks good without medicine",
            found.n,
            "participants",
        )


def _other_scale(subject: Subject, column: Column) -> Iterator[Finding]:
    """A site whose median is a multiple of that of the others: mixed units."""
    use = column.known & np.array([site is not None for site in subject.sites])
    values, sites = column.values[use].astype(float), subject.sites[use].astype(str)
    if not values.size or values.min() < 0 or len(set(values.tolist())) <= rules.MOST_VALUES_AS_LEVELS:
        return
    for site in sorted(set(sites.tolist())):
        own, others = values[sites == site], values[sites != site]
        if min(own.size, others.size) < rules.FEWEST_AT_SITE:
            continue
        ratio = _ratio(float(np.median(own)), float(np.median(others)))
        if ratio >= rules.SCALE_RATIO:
            yield Finding(
                "another-scale-at-a-site",
                "warning",
                f"{column.name}: the median at site {site!r} is {ratio:.3g} times larger or smaller than elsewhere",
                "compare the units; declare source_unit by site in the dictionary",
                own.size,
                "cases",
            )


def _ratio(one: float, other: float) -> float:
    return max(one, other) / min(one, other) if min(one, other) > 0 else 0.0
