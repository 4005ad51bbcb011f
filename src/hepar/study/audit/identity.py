"""Findings about who is who: one participant in two parts, two participants that are one."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .finding import Finding
from .rules import CHANCE_PAIRS, FEWEST_AGREEING
from .subject import Column, Subject
from .surprise import Codes, joint_surprise, surprise

BLOCKING = 3
"""The most telling fields, by each of which participants are brought together."""
LARGEST_BLOCK = 500
"""Participants with one value beyond which it tells too little to compare them all."""


def identity_findings(subject: Subject) -> Iterator[Finding]:
    """Participants that straddle parts, and participants whose records are one."""
    yield from _straddling(subject)
    yield from _alike(subject)


def _straddling(subject: Subject) -> Iterator[Finding]:
    parts: dict[str, set[str]] = {}
    for who, part in zip(subject.participants, subject.parts, strict=True):
        if part is not None:
            parts.setdefault(str(who), set()).add(str(part))
    both = sorted(who for who, found in parts.items() if len(found) > 1)
    if both:
        names = ", ".join(sorted({name for who in both for name in parts[who]}))
        yield Finding(
            "participant-in-two-parts",
            "serious",
            f"{len(both)} of {len(parts)} participants are in more than one part ({names})",
            "divide by participant, not by picture",
            len(both),
            "participants",
            tuple((who,) for who in both),
        )


def _alike(subject: Subject) -> Iterator[Finding]:
    """Two participants of whom all that is known of both is equal, where chance would hardly make such a pair."""
    first = subject.first_of_each
    fields = [c for c in subject.columns if c.role in ("feature", "measure", "other") and c.kind != "date"]
    codes = np.array([_coded(column, first) for column in fields]).reshape(len(fields), len(first))
    alone = np.array([surprise(row) for row in codes])
    allowed = np.log10(max(len(first) * (len(first) - 1) / 2, 1) / CHANCE_PAIRS)
    pairs = _improbable(codes, alone, allowed=float(allowed))
    if pairs:
        who = tuple(
            (str(subject.participants[first[i]]), str(subject.participants[first[j]]))
            for i, j in sorted(pairs)
        )
        involved = len({one for pair in pairs for one in pair})
        yield Finding(
            "participants-alike",
            "warning",
            f"{involved} participants share every value that is known of both with another one",
            "find out whether they are one person (a second visit, a row copied); give them one participant id",
            involved,
            "participants",
            who,
        )


def _coded(column: Column, places: NDArray[np.int64]) -> Codes:
    """Values as numbers from 0, -1 where missing."""
    seen: dict[object, int] = {}
    return np.array(
        [-1 if v is None else seen.setdefault(v, len(seen)) for v in column.values[places]], dtype=np.int64
    )


def _brought_together(codes: Codes, alone: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    for row in codes[np.argsort(-alone, kind="stable")[:BLOCKING]]:
        order = np.argsort(row, kind="stable")
        order = order[row[order] >= 0]
        for block in np.split(order, np.flatnonzero(np.diff(row[order])) + 1):
            if 1 < block.size <= LARGEST_BLOCK:
                equal = _equal_enough(codes[:, block])
                yield from ((int(block[i]), int(block[j])) for i, j in zip(*equal, strict=True))


def _equal_enough(codes: Codes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs (i < j) of columns of `codes` that no field tells apart."""
    i, j = np.triu_indices(codes.shape[1], 1)
    for row in codes:
        keep = (row[i] == row[j]) | (row[i] < 0) | (row[j] < 0)
        i, j = i[keep], j[keep]
    return i, j


def _improbable(codes: Codes, alone: NDArray[np.float64], *, allowed: float) -> set[tuple[int, int]]:
    """Pairs that agree in all that is known of both, where chance would hardly make such a pair."""
    suspected = {
        (i, j)
        for i, j in _brought_together(codes, alone)
        if (known := _known(codes, i, j)).sum() >= FEWEST_AGREEING and alone[known].sum() >= allowed
    }
    held = {pair: tuple(_known(codes, *pair).tolist()) for pair in suspected}
    joint = {
        known: joint_surprise(codes, alone, known=np.array(known), suspected=len(suspected))
        for known in set(held.values())
    }
    return {pair for pair, known in held.items() if joint[known] >= allowed}


def _known(codes: Codes, i: int, j: int) -> NDArray[np.bool_]:
    return np.asarray((codes[:, i] >= 0) & (codes[:, j] >= 0))
