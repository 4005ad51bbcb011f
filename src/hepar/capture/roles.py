"""Who may do what: roles and their rights, in one table."""

from typing import Literal

from ..core.errors import ProtocolError, choices

Role = Literal["reader", "data entry", "monitor", "investigator", "administrator"]
Right = Literal[
    "view", "enter", "change", "raise", "answer", "close", "verify", "lock", "unlock", "export", "users"
]

RIGHTS: dict[Role, frozenset[Right]] = {
    "reader": frozenset({"view"}),
    "data entry": frozenset({"view", "enter", "change", "answer"}),
    "monitor": frozenset({"view", "raise", "close", "verify", "export"}),
    "investigator": frozenset(
        {"view", "enter", "change", "raise", "answer", "close", "verify", "lock", "unlock", "export"}
    ),
    "administrator": frozenset({"view", "verify", "lock", "unlock", "export", "users"}),
}
"""An administrator gives rights and enters nothing; a monitor asks and changes nothing."""
MEANING: dict[Right, str] = {
    "view": "read records, their history and queries",
    "enter": "enter a value where there is none",
    "change": "change or empty a value, with a reason",
    "raise": "raise a query",
    "answer": "answer a query",
    "close": "close a query",
    "verify": "verify the trail from within a session, which is recorded",
    "lock": "lock the data set",
    "unlock": "unlock it, with a reason",
    "export": "export data or the trail",
    "users": "add users, change their role, site and password, deactivate them, set the dictionary",
}


def may(role: Role, right: Right) -> bool:
    """Whether `role` has `right`."""
    return right in RIGHTS[role]


def as_role(text: str) -> Role:
    """The role that `text` names.

    Raises:
        ProtocolError: it names none.
    """
    for role in RIGHTS:
        if text == role:
            return role
    raise ProtocolError(f"there is no role {text!r}; {choices(text, RIGHTS)}")
