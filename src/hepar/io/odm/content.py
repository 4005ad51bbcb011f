"""What an ODM file holds, and how its parts are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...data.crf.change import Change
from ...data.crf.form import FormDictionary

NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"
CONTEXT = "hepar "
"""How the contexts begin under which a line of the dictionary is kept word for word, column by column."""
LOGIC = "REDCap branching logic"
"""The language in which a condition is written."""
WHOLE_STUDY = "study"
"""The event of a project without events."""


@dataclass(frozen=True, slots=True)
class Content:
    """Forms of a study and every change of its values, in order.

    `roles` gives the role of each user.
    """

    study: str
    dictionary: FormDictionary
    changes: tuple[Change, ...]
    roles: Mapping[str, str]


def oid(kind: str, name: str) -> str:
    """The identifier of a part, e.g. IT.age_y."""
    return f"{kind}.{name}"


def name_of(identifier: str, kind: str) -> str:
    """The name in an identifier that `oid` made, or the identifier itself where another system made it."""
    return identifier.removeprefix(f"{kind}.")


def given(element: Any) -> Any | None:
    """The element, or None where the file has none: the library makes an empty one when it is asked for."""
    return element if element is not None and vars(element) else None


def text_of(element: Any) -> str:
    """What stands in an element, empty where there is none."""
    found = given(element)
    return "" if found is None else str(found._content or "")
