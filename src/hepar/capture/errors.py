"""What a store refuses: what a user may not do, and a value that somebody else changed meanwhile."""

from ..core.errors import HeparError


class RefusedError(HeparError):
    """The user may not do this; the attempt stands in the trail."""

    def __init__(self, message: str, *, wanted: str, participant: str = "") -> None:
        super().__init__(message)
        self.wanted = wanted
        self.participant = participant


class ConflictError(HeparError):
    """The value is not what its writer thought it was: somebody changed it meanwhile.

    `value` is what stands there now, entered `at` by `actor` as `role`. The message holds the value only where the
    dictionary says that the field is a number or a choice and no identifier.
    """

    def __init__(self, message: str, *, field: str, value: str, at: str, actor: str, role: str) -> None:
        super().__init__(message)
        self.field, self.value = field, value
        self.at, self.actor, self.role = at, actor, role
