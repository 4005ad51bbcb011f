"""How surprising it is that two participants agree: field by field, less what other fields foretell."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_COUNTED = 24
"""Fields that are counted together, the most telling ones; to leave others out errs on the safe side."""
LEAST_BOTH = 3
"""Pairs that agree in the foretelling fields and in the foretold one, below which nothing is concluded."""


def surprise(codes: Codes) -> float:
    """-log10 of the chance that two participants have the same value of a field; -1 is a missing value."""
    known = codes[codes >= 0]
    if known.size < 2:
        return 0.0
    every = known.size * (known.size - 1) / 2
    return -float(np.log10(max(_pairs(known), 0.5) / every))


def joint_surprise(codes: Codes, alone: Floats, *, known: NDArray[np.bool_], suspected: int) -> float:
    """-log10 of the chance that two participants agree in the fields (rows of `codes`) that are `known` of both.

    Fields are taken from the least telling one on. Of each counts the chance of agreeing among the pairs that agree in
    one or two of those before, where that is larger: body mass index tells nothing beyond height and weight. The
    `suspected` pairs agree in all fields; they are not counted, since they would vouch for themselves.
    """
    telling = np.argsort(-np.where(known, alone, -1.0), kind="stable")[:MOST_COUNTED]
    order = [int(k) for k in telling[::-1] if known[k]]
    total = 0.0
    for place, k in enumerate(order):
        before = order[:place]
        others = [(i,) for i in before] + list(combinations(before, 2))
        total += min([alone[k], *(_given(codes, k, by, suspected=suspected) for by in others)])
    return total


def _given(codes: Codes, k: int, by: tuple[int, ...], *, suspected: int) -> float:
    """-log10 of the chance of agreeing in field `k` among pairs that agree in the fields `by`; infinite if unknown."""
    known = (codes[[k, *by]] >= 0).all(axis=0)
    joined = np.zeros(int(known.sum()), dtype=np.int64)
    for row in codes[list(by)]:
        joined = joined * (int(row.max()) + 1) + row[known]
    with_k = joined * (int(codes[k].max()) + 1) + codes[k][known]
    agree, both = (_pairs(values) - suspected for values in (joined, with_k))
    return float(-np.log10(both / agree)) if both >= LEAST_BOTH else np.inf


def _pairs(values: Codes) -> float:
    """Pairs with the same value."""
    held = np.unique(values, return_counts=True)[1].astype(float)
    return float((held * (held - 1)).sum() / 2)
