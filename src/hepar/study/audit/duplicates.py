"""Findings about pictures: the same one, or one much like it, where two were to be expected."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...imaging.likeness import Pair, Stack, alike, overlapping
from .finding import Finding
from .picture import Looked, Views
from .rules import VOTES
from .subject import Subject

MOST_PARTS_NAMED = 3
"""Parts up to which copies are told for each two of them; folds of a cross-validation are told together."""
ALL_OF_ONE = "take copies out, or give all of one participant the same part, and train again"
Groups = list[list[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A picture or a volume, and the case it belongs to."""

    place: int
    views: Views
    stack: Stack | None = None

    @property
    def drawn(self) -> bool:
        """Whether all that is compared of it is blank or a mask, so that only exact copies of it can be told."""
        return all(view.flat or view.drawn for view in self.views)

    @property
    def blank(self) -> bool:
        """Whether all that is compared of it is of one grey."""
        return all(view.flat for view in self.views)


def things_of(looked: Sequence[tuple[int, Looked]]) -> list[Thing]:
    """Every picture and volume that was read, with the position of its case."""
    return [Thing(place, views, one.stack) for place, one in looked for views in one.shown]


def duplicate_findings(subject: Subject, things: Sequence[Thing]) -> Iterator[Finding]:
    """Copies among participants, across parts and with two labels."""
    owner = [str(subject.participants[thing.place]) for thing in things]
    pairs = pairs_of(things, owner)
    same = _of_two_owners(_same_pixels(things), owner)
    near = [[pair.first, pair.second] for pair in pairs if pair.how != "exact"]
    yield from _among_participants(subject, things, same, exact=True)
    yield from _among_participants(subject, things, near, exact=False)
    yield from _across_parts(subject, things, same, exact=True)
    yield from _across_parts(subject, things, near, exact=False)
    yield from _with_two_labels(subject, things)
    yield from _blank(subject, things)


def duplicate_notes(things: Sequence[Thing]) -> Iterator[str]:
    """What was compared less than other pictures."""
    drawn = sum(thing.drawn and not thing.blank for thing in things)
    if drawn:
        yield (
            f"{drawn} of {len(things)} pictures are areas of one grey, as masks are: of them only exact copies were"
            " looked for."
        )


def pairs_of(things: Sequence[Thing], owner: Sequence[str]) -> tuple[Pair, ...]:
    """Pairs of things of different owners that are one.

    Of volumes two of three slices have to agree, or the slabs of the part that both hold.
    """
    found = _of_views(things, owner)
    known = {(pair.first, pair.second) for pair in found}
    more = [pair for pair in _of_stacks(things, owner) if (pair.first, pair.second) not in known]
    return tuple(sorted((*found, *more), key=lambda pair: (pair.first, pair.second)))


def _of_stacks(things: Sequence[Thing], owner: Sequence[str]) -> Iterator[Pair]:
    """Volumes that overlap; of those with the same pixels the first stands for all."""
    first = {thing.views[0].digest: k for k, thing in reversed(list(enumerate(things))) if not thing.blank}
    volumes = [(k, things[k].stack) for k in sorted(first.values())]
    stacks = [(k, stack) for k, stack in volumes if stack is not None]
    places = [k for k, _ in stacks]
    for one in overlapping([stack for _, stack in stacks], [owner[k] for k in places]):
        yield Pair(places[one.first], places[one.second], "near", one.likeness)


def _of_views(things: Sequence[Thing], owner: Sequence[str]) -> list[Pair]:
    """Pairs of pictures, and of volumes by their slices."""
    found: list[Pair] = []
    for n in sorted({len(thing.views) for thing in things}):
        places = [k for k, thing in enumerate(things) if len(thing.views) == n]
        votes: Counter[tuple[int, int]] = Counter()
        best: dict[tuple[int, int], Pair] = {}
        for view in range(n):
            for pair in alike([things[k].views[view] for k in places], [owner[k] for k in places]):
                key = (places[pair.first], places[pair.second])
                votes[key] += 1
                best[key] = max(best.get(key, pair), pair, key=lambda one: one.likeness)
        needed = min(n, VOTES)
        found += [Pair(*key, best[key].how, best[key].likeness) for key, k in votes.items() if k >= needed]
    return found


def _same_pixels(things: Sequence[Thing]) -> Groups:
    """Positions of things with the same pixels, where there are several; blank ones do not count."""
    found: dict[str, list[int]] = {}
    for k, thing in enumerate(things):
        if not thing.blank:
            found.setdefault(thing.views[0].digest, []).append(k)
    return [group for group in found.values() if len(group) > 1]


def _of_two_owners(groups: Groups, owner: Sequence[str]) -> Groups:
    return [group for group in groups if len({owner[k] for k in group}) > 1]


def _among_participants(
    subject: Subject, things: Sequence[Thing], groups: Groups, *, exact: bool
) -> Iterator[Finding]:
    involved = {k for group in groups for k in group}
    if not involved:
        return
    how = (
        "the same pixels as"
        if exact
        else "nearly the same content (cut, framed, rescaled, turned, mirrored, inverted or recoded) as"
    )
    yield Finding(
        "same-picture" if exact else "like-picture",
        "serious",
        f"{len(involved)} of {len(things)} pictures have {how} a picture of another participant",
        "find out whose they are; two participants may be one, or a picture was filed twice",
        len(involved),
        "pictures",
        _ids(subject, things, groups),
    )


def _across_parts(
    subject: Subject, things: Sequence[Thing], groups: Groups, *, exact: bool
) -> Iterator[Finding]:
    part_of = [subject.parts[thing.place] for thing in things]
    sizes = Counter(str(part) for part in part_of if part is not None)
    mixed = [group for group in groups if len({part_of[k] for k in group} - {None}) > 1]
    if not mixed:
        return
    how = "an exact copy" if exact else "a near copy"
    if len(sizes) > MOST_PARTS_NAMED:
        involved = {k for group in mixed for k in group}
        what = f"{len(involved)} of {len(things)} pictures have {how} in another part of the partition"
        yield _leak(what, len(involved), exact=exact, cases=_ids(subject, things, mixed))
        return
    for one, other in _two_of(sizes):
        both = [g for g in mixed if {one, other} <= {str(part_of[k]) for k in g}]
        copied = {k for group in both for k in group if part_of[k] == one}
        if copied:
            what = f"{len(copied)} of {sizes[one]} pictures of {one!r} have {how} in {other!r}"
            yield _leak(what, len(copied), exact=exact, cases=_ids(subject, things, both))


def _leak(what: str, n: int, *, exact: bool, cases: tuple[tuple[str, ...], ...]) -> Finding:
    rule = "copies-across-parts" if exact else "near-copies-across-parts"
    return Finding(rule, "serious", what, ALL_OF_ONE, n, "pictures", cases)


def _two_of(sizes: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Two parts each, the smaller first: it is the one that is tested on."""
    names = sorted(sizes, key=lambda name: (sizes[name], name))
    yield from ((one, other) for k, one in enumerate(names) for other in names[k + 1 :])


def _with_two_labels(subject: Subject, things: Sequence[Thing]) -> Iterator[Finding]:
    groups = [
        group
        for group in _same_pixels(things)
        if len({subject.label[things[k].place] for k in group} - {None}) > 1
    ]
    if groups:
        n = sum(map(len, groups))
        yield Finding(
            "one-picture-two-labels",
            "serious",
            f"{n} pictures have the same pixels as another one whose label differs",
            "look up which label is right",
            n,
            "pictures",
            _ids(subject, things, groups),
        )


def _blank(subject: Subject, things: Sequence[Thing]) -> Iterator[Finding]:
    blank = [k for k, thing in enumerate(things) if thing.blank]
    if blank:
        yield Finding(
            "blank-picture",
            "warning",
            f"{len(blank)} of {len(things)} pictures are blank (of one grey but for 0.5 % of their pixels)",
            "take them out, or copy them again from their source; they were compared with nothing",
            len(blank),
            "pictures",
            _ids(subject, things, [[k] for k in blank]),
        )


def _ids(
    subject: Subject, things: Sequence[Thing], groups: Iterable[Sequence[int]]
) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(subject.case_ids[things[k].place] for k in group) for group in groups)
