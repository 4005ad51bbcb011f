"""All pairs of pictures that are one: candidates by their slow waves, block by block, then each pair proved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .align import aligned_correlation
from .fingerprint import Fingerprint, Small
from .likely import Likeness, likely_pairs
from .picture import by_rank
from .pose import FLIPS, POSES, How, Pose

Array = NDArray[Any]

PROVED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Pair:
    """Pictures `first` < `second` by position that are one; `likeness` is 1 where their pixels are the same."""

    first: int
    second: int
    how: How
    likeness: float


def alike(
    prints: Sequence[Fingerprint], owner: Sequence[str], *, likeness: Likeness | None = None
) -> tuple[Pair, ...]:
    """Pairs of pictures of different owners (participants) that are one, by position.

    Pictures of one owner, e.g. neighbouring frames, are not compared, nor are blank ones: they hold nothing to be alike
    in. Drawn ones (masks) are one only where their pixels are the same. Of pictures with the same pixels each is paired
    with the first of another owner, and the first of all stands for them when others are compared with it; so many
    copies of one picture give as many pairs, not their square. Time grows with the square of the number of different
    pictures (20 products of matrices), memory with the number alone.
    """
    members = _by_digest(prints)
    best: dict[tuple[int, int], Pair] = {}
    for pair in (*_exact(members, owner), *_near(prints, members, owner, rule=likeness or Likeness())):
        known = best.get((pair.first, pair.second))
        if known is None or pair.likeness > known.likeness:
            best[pair.first, pair.second] = pair
    return tuple(best[key] for key in sorted(best))


def _exact(members: Sequence[list[int]], owner: Sequence[str]) -> Iterator[Pair]:
    for first, *later in members:
        others = [k for k in later if owner[k] != owner[first]]
        same = [k for k in later if others and owner[k] == owner[first]]
        yield from (Pair(first, k, "exact", 1.0) for k in others)
        yield from (Pair(min(k, others[0]), max(k, others[0]), "exact", 1.0) for k in same)


def _by_digest(prints: Sequence[Fingerprint]) -> list[list[int]]:
    """Positions of the pictures with the same pixels, without blank ones."""
    found: dict[str, list[int]] = {}
    for place, one in enumerate(prints):
        if not one.flat:
            found.setdefault(one.digest, []).append(place)
    return list(found.values())


def _near(
    prints: Sequence[Fingerprint], members: Sequence[list[int]], owner: Sequence[str], *, rule: Likeness
) -> Iterator[Pair]:
    """Pairs of different pixels that are one: inside their borders in any pose, with their borders but for turns.

    A border hides a frame; that it is found may hang on a letter in it.
    """
    first = [places[0] for places in members]
    owners = [{owner[k] for k in places} for places in members]
    yield from _of_views(first, owners, [prints[k].inner for k in first], poses=POSES, rule=rule)
    if any(prints[k].framed for k in first):
        yield from _of_views(first, owners, [prints[k].whole for k in first], poses=FLIPS, rule=rule)


def _of_views(
    places: Sequence[int],
    owners: Sequence[set[str]],
    views: Sequence[Small],
    *,
    poses: Sequence[Pose],
    rule: Likeness,
) -> Iterator[Pair]:
    rich = [k for k, view in enumerate(views) if not view.drawn]
    if len(rich) < 2:
        return
    seen, code = [views[k] for k in rich], _owner_codes([owners[k] for k in rich])
    for pose, pairs in likely_pairs(seen, code, poses=poses, rule=rule):
        for start in range(0, len(pairs), PROVED_AT_ONCE):
            part = pairs[start : start + PROVED_AT_ONCE]
            one, other = (np.stack([seen[k].levels for k in part[:, side]]) for side in (0, 1))
            scores = aligned_correlation(by_rank(one), pose.of(other))
            for (a, b), score in zip(part.tolist(), scores.tolist(), strict=True):
                if score >= rule.proof:
                    how = pose.how(negative=seen[a].negative != seen[b].negative)
                    yield Pair(places[rich[a]], places[rich[b]], how, round(score, 3))


def _owner_codes(only: Sequence[set[str]]) -> Array:
    """A number for each picture of one owner, the same for the same owner; those of several have one of their own."""
    codes: dict[object, int] = {}
    return np.array(
        [codes.setdefault(min(one) if len(one) == 1 else k, len(codes)) for k, one in enumerate(only)]
    )
