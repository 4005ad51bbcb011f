"""Findings about sites: labels that differ between them, and values on another scale at one of them."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

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
            if column.kind == "number" and column.role in ("feature", "measure", "other"):
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
    if found.value >= rules.SITE_V and found.p <= rules.SITE_P:
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
    held = {site: values[sites == site] for site in sorted(set(sites.tolist()))}
    large = {
        site: own for site, own in held.items() if own.size >= rules.FEWEST_AT_SITE and np.median(own) > 0
    }
    usual = _usual(large) if len(large) > 1 else 0.0
    for site, own in large.items() if usual else ():
        ratio = float(np.median(own)) / usual
        if max(ratio, 1 / ratio) >= rules.SCALE_RATIO:
            yield Finding(
                "another-scale-at-a-site",
                "warning",
                f"{column.name}: the median at site {site!r} is {ratio:.3g} times that of the other sites",
                "compare the units; declare source_unit by site in the dictionary",
                own.size,
                "cases",
            )


def _usual(values: Mapping[str, NDArray[np.float64]]) -> float:
    """The median of the sites' medians; of two sites that of the larger."""
    if len(values) == 2:
        return float(np.median(max(values.values(), key=len)))
    return float(np.median([np.median(own) for own in values.values()]))
