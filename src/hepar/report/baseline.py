"""Who was studied: characteristics by outcome and by site, what is missing, how cases are divided."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..data.dictionary import Field
from ..data.reference import Reference
from ..study.partition import Fold
from ..study.protocol import Arm
from ..study.result import Prepared
from .blocks import Cell, Table, table
from .names import role_name
from .numbers import number, share

TOP_SITES = 4
SKIPPED = ("date", "text")
"""Kinds of field that no table shows: they could name a participant."""

Groups = Sequence[tuple[str, np.ndarray]]


def fields_of(arm: Arm) -> tuple[str, ...]:
    """Fields that table 1 describes: of features, comparators, subgroups, and those the protocol names."""
    reads = {who: fields for who, fields in arm.reads.items() if who not in ("outcome", "partition")}
    return tuple(dict.fromkeys(field for fields in reads.values() for field in fields))


def outcome_groups(known: Reference) -> Groups:
    """Masks of the outcome's groups, everyone first."""
    everyone = ("All", np.ones(len(known), dtype=bool))
    if "status" in known.table:
        names = {1: "Event", 2: "Competing event", 0: "Censored"}
        found = [(name, known.status == code) for code, name in names.items()]
        return [everyone, *((name, mask) for name, mask in found if mask.any())]
    if "positive" in known.table:
        return [everyone, ("Positive", known.positive), ("Negative", ~known.positive)]
    return [everyone]


def site_groups(known: Reference) -> Groups:
    """Masks of the largest sites and of all the others."""
    site = known.table["site"]
    order = site.value_counts(sort=True)
    names = sorted(order.index, key=lambda name: (-order[name], str(name)))
    top = names[: TOP_SITES if len(names) > TOP_SITES + 1 else len(names)]
    groups = [(f"Site {name}", (site == name).to_numpy()) for name in top]
    rest = len(names) - len(top)
    others = [(f"{rest} other sites", (~site.isin(top)).to_numpy())] if rest else []
    return [("All", np.ones(len(known), dtype=bool)), *groups, *others]


def characteristics(prepared: Prepared, groups: Groups, *, caption: str, by_site: bool = False) -> Table:
    """Table 1: median (quartiles) of numbers, count (%) of categories, of the cases with a value."""
    rows: list[Sequence[str | Cell]] = [
        ["Cases", "", *(f"{mask.sum()}" for _, mask in groups)],
        *(_outcome_rows(prepared.reference, groups) if by_site else []),
    ]
    for name in fields_of(prepared.arm):
        if name in prepared.clinical:
            rows += _field_rows(prepared, name, groups)
    head = ["Characteristic", "", *(name for name, _ in groups)]
    note = "Numbers: median (lower to upper quartile). Categories: count (% of the cases with a value)."
    return table(caption, head=head, rows=rows, notes=[note], stub=2)


def missingness(prepared: Prepared) -> Table | None:
    """How often each field is missing, by outcome; None where nothing is."""
    groups = outcome_groups(prepared.reference)
    rows = []
    for name in fields_of(prepared.arm):
        if name not in prepared.clinical or not prepared.clinical[name].isna().any():
            continue
        absent = prepared.clinical[name].isna().to_numpy()
        worst = _worst_site(absent, prepared.reference.table["site"])
        rows.append(
            [
                label_of(prepared, name),
                *(share(int((absent & m).sum()), int(m.sum())) for _, m in groups),
                worst,
            ]
        )
    if not rows:
        return None
    head = ["Field", *(name for name, _ in groups), "Site with the largest share"]
    return table("Missing values among the included cases", head=head, rows=rows)


def partition(prepared: Prepared) -> Table:
    """Who was predicted by models that learnt from whom."""
    rows = [_fold_row(fold, prepared.reference) for fold in prepared.folds]
    outcome = "events" if "status" in prepared.reference.table else "positive"
    counted = "positive" in prepared.reference.table or "status" in prepared.reference.table
    held = f"Held out, n ({outcome})" if counted else "Held out, n"
    learnt = f"Learnt from, n ({outcome})" if counted else "Learnt from, n"
    head = ["Part", "Validation", held, "Sites held out", learnt, "Sites learnt from", "Sites in both"]
    return table(
        "Parts of the cohort; every participant stands on one side of a part only", head=head, rows=rows
    )


def events_in(known: Reference, positions: np.ndarray) -> int | None:
    """Events among the cases at `positions`; None where the outcome has none."""
    return known.take(positions).counts().get("events")


def label_of(prepared: Prepared, name: str) -> str:
    """A field as print writes it, with its unit."""
    field: Field | None = prepared.cohort.fields.get(name)
    if field is None:
        return name
    unit = f" ({field.unit})" if field.unit not in (None, "1") else ""
    return f"{field.label or name}{unit}"


def _outcome_rows(known: Reference, groups: Groups) -> list[Sequence[str | Cell]]:
    own = outcome_groups(known)[1:]
    return [
        [
            known.outcome.label if at == 0 else "",
            name.lower(),
            *(share(int((mask & g).sum()), int(g.sum())) for _, g in groups),
        ]
        for at, (name, mask) in enumerate(own)
    ]


def _field_rows(prepared: Prepared, name: str, groups: Groups) -> list[Sequence[str | Cell]]:
    values, field = prepared.clinical[name], prepared.cohort.fields.get(name)
    if field is not None and field.kind in SKIPPED:
        return []
    label = label_of(prepared, name)
    if field is not None and field.kind == "boolean":
        return [[label, "yes", *(_of_known(values == 1, values.notna(), mask) for _, mask in groups)]]
    if values.dtype != object and (field is None or field.kind == "number" or not field.levels):
        return [[label, "", *(_quartiles(values[mask]) for _, mask in groups)]]
    return _level_rows(values, label, field=field, groups=groups)


def _level_rows(
    values: pd.Series, label: str, *, field: Field | None, groups: Groups
) -> list[Sequence[str | Cell]]:
    present = set(values.dropna())
    ordered = [level for level in (field.levels if field else ()) if level in present]
    levels = ordered or sorted(present, key=str)
    name_of: Mapping[object, str] = {level: field.name_of(level) if field else str(level) for level in levels}
    return [
        [
            label if at == 0 else "",
            name_of[level],
            *(_of_known(values == level, values.notna(), m) for _, m in groups),
        ]
        for at, level in enumerate(levels)
    ]


def _of_known(has: pd.Series, known: pd.Series, mask: np.ndarray) -> str:
    return share(int((has & mask).sum()), int((known & mask).sum()))


def _quartiles(values: pd.Series) -> str:
    known = values.dropna().to_numpy(dtype=float)
    if not known.size:
        return "–"
    low, middle, high = (float(q) for q in np.quantile(known, [0.25, 0.5, 0.75]))
    return f"{_short(middle)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    """Three digits that count.

    >>> _short(57.0), _short(0.5123), _short(1234.5)
    ('57', '0.512', '1234')
    """
    if value == round(value) or abs(value) >= 1000:
        return f"{value:.0f}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−") if abs(value) >= 0.001 else number(value)


def _worst_site(absent: np.ndarray, site: pd.Series) -> str:
    by_site = pd.Series(absent, index=site.index).groupby(site).agg(["mean", "sum", "size"])
    name = by_site.sort_values(["mean", "size"], ascending=False, kind="stable").index[0]
    return f"{name}: {share(int(by_site.loc[name, 'sum']), int(by_site.loc[name, 'size']))}"


def _fold_row(fold: Fold, known: Reference) -> Sequence[str | Cell]:
    site = known.table["site"].to_numpy()
    held, learnt = set(site[fold.held_out]), set(site[fold.train])
    return [
        fold.name,
        role_name(fold.role),
        _size(known, fold.held_out),
        _names(held),
        _size(known, fold.train),
        f"{len(learnt)}",
        f"{len(held & learnt)}",
    ]


def _size(known: Reference, positions: np.ndarray) -> str:
    events = events_in(known, positions)
    return f"{len(positions)}" if events is None else f"{len(positions)} ({events})"


def _names(sites: set[str]) -> str:
    return ", ".join(sorted(sites)) if len(sites) <= 3 else f"{len(sites)} sites"
