"""Players: which columns of the feature table an explanation moves together."""

from collections.abc import Iterable, Mapping

from ..core.errors import ProtocolError
from ..transforms.columns import feature_of

Players = Mapping[str, tuple[str, ...]]
"""Name of each player -> its columns."""


def single(columns: Iterable[object]) -> Players:
    """Each feature by itself, with its perturbed repeats.

    >>> single(["age_y", "f", "f@1"])
    {'age_y': ('age_y',), 'f': ('f', 'f@1')}
    """
    return _gathered({str(name): feature_of(str(name)) for name in columns})


def grouped(columns: Iterable[object], prefixes: Mapping[str, str]) -> Players:
    """Features under the group with the longest prefix that starts their name; a feature of no group is refused.

    >>> grouped(["age_y", "liver_mean"], {"radiomics": "liver_", "clinical": ""})
    {'clinical': ('age_y',), 'radiomics': ('liver_mean',)}
    """
    names = [str(name) for name in columns]
    found = _gathered({name: _group_of(name, prefixes) for name in names})
    empty = [group for group in prefixes if group not in found]
    if empty:
        raise ProtocolError(
            f"explain.groups: no feature starts with {prefixes[empty[0]]!r}, the prefix of {empty[0]!r}; features:"
            f" {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
        )
    return found


def _group_of(column: str, prefixes: Mapping[str, str]) -> str:
    fits = [(len(prefix), group) for group, prefix in prefixes.items() if column.startswith(prefix)]
    if not fits:
        raise ProtocolError(
            f"explain.groups: feature {column!r} starts with none of the prefixes {sorted(prefixes.values())}; add its"
            " prefix, or give one group the empty prefix, which takes the rest"
        )
    return max(fits)[1]


def _gathered(owner: Mapping[str, str]) -> Players:
    names = dict.fromkeys(owner.values())
    return {name: tuple(column for column, one in owner.items() if one == name) for name in names}
