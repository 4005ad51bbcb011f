"""How many participants look alike: k-anonymity of what an outsider may know of somebody (Sweeney 2002)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import DataError

CUSTOMARY = 5
"""Classes below it are commonly called small; a maximum risk of 0.09, the European Medicines Agency's threshold for
published clinical reports (Policy 0070), is a class of 11."""


@dataclass(frozen=True, slots=True)
class Anonymity:
    """Classes of participants who cannot be told apart by their quasi-identifiers.

    `sizes` counts the classes of each size; `without` gives, for each quasi-identifier, what would be left if it were
    not shared.
    """

    quasi: tuple[str, ...]
    sizes: Mapping[int, int]
    without: Mapping[str, "Anonymity"]

    @property
    def participants(self) -> int:
        """Of all classes."""
        return sum(size * count for size, count in self.sizes.items())

    @property
    def k(self) -> int:
        """Size of the smallest class: everybody shares their values with k - 1 others or more."""
        return min(self.sizes)

    @property
    def unique(self) -> int:
        """Participants whom nobody else is like."""
        return self.sizes.get(1, 0)

    @property
    def mean_risk(self) -> float:
        """Chance that a participant drawn at random is found, 1 over the size of the class, on average."""
        return sum(self.sizes.values()) / self.participants

    def below(self, size: int) -> int:
        """Participants in classes of fewer than `size`."""
        return sum(each * count for each, count in self.sizes.items() if each < size)


def anonymity(participants: Sequence[str], quasi: Mapping[str, Sequence[str]]) -> Anonymity:
    """The classes of `participants`, one for each row, by the columns of `quasi`.

    A participant of several rows is known by all of them together. An empty cell is a value of its own, which errs on
    the safe side: an outsider is taken to know that it is empty.

    Raises:
        DataError: there is no participant, or a column has another number of rows.
    """
    if not participants:
        raise DataError("there is no participant whose anonymity could be told")
    for name, cells in quasi.items():
        if len(cells) != len(participants):
            raise DataError(f"column {name!r} has {len(cells)} rows, the table {len(participants)}")
    without = {
        name: Anonymity(rest, _sizes(participants, [quasi[one] for one in rest]), {})
        for name in quasi
        for rest in [tuple(one for one in quasi if one != name)]
    }
    return Anonymity(tuple(quasi), _sizes(participants, quasi.values()), without)


def _sizes(participants: Sequence[str], columns: Iterable[Sequence[str]]) -> Mapping[int, int]:
    rows: dict[str, set[tuple[str, ...]]] = {}
    cells = list(columns)
    for place, participant in enumerate(participants):
        rows.setdefault(participant, set()).add(tuple(column[place] for column in cells))
    classes = Counter(frozenset(found) for found in rows.values())
    return dict(sorted(Counter(classes.values()).items()))
