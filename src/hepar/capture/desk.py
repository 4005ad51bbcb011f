"""Where a user acts: one transaction, their rights asked for anew, and each refusal recorded."""

import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from ..core.errors import HeparError
from .database import Database
from .entry import Draft, Entry, Seal, sealer
from .errors import RefusedError
from .ledger import Clerk, Clock, record, utc_now
from .roles import RIGHTS, Right, may
from .tables import LOCKS, PARTICIPANTS
from .users import account_of, proof


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction of an authenticated user."""

    connection: Connection
    clerk: Clerk
    seal: Seal
    clock: Clock
    read_only: bool = False

    def record(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Add rows to the trail."""
        return record(self.connection, drafts, clerk=self.clerk, seal=self.seal, at=self.clock())

    def witness(self, draft: Draft) -> None:
        """Record what was read, e.g. an export; nothing where the store cannot be written here."""
        if not self.read_only:
            self.record([draft])

    def require(self, right: Right, *, participant: str = "") -> None:
        """Refuse whoever has not this right."""
        role = self.clerk.role
        if not role or not may(role, right):
            allowed = ", ".join(name for name, rights in RIGHTS.items() if right in rights)
            raise RefusedError(
                f"{self.clerk.name} ({role}) may not do this ({right}); who may: {allowed}",
                wanted=right,
                participant=participant,
            )

    def require_site(self, site: str, right: Right, *, participant: str = "") -> None:
        """Refuse whoever is of another site."""
        if self.clerk.site not in ("", site):
            raise RefusedError(
                f"{self.clerk.name} is of site {self.clerk.site} and may neither see nor write what is of another",
                wanted=right,
                participant=participant,
            )

    def require_all_sites(self, right: Right) -> None:
        """Refuse whoever is of one site only."""
        if self.clerk.site:
            raise RefusedError(f"{right} concerns all sites; {self.clerk.name} is of one", wanted=right)

    def site_of(self, participant: str) -> str | None:
        """The site of a participant, None where there is none of that name."""
        chosen = select(PARTICIPANTS.c.site).where(PARTICIPANTS.c.participant == participant)
        return self.connection.execute(chosen).scalar()

    def require_unlocked(self, site: str, *, participant: str = "") -> None:
        """Refuse to write what a lock holds."""
        held = select(LOCKS.c.name).where(LOCKS.c.digest != "", LOCKS.c.site.in_(("", site)))
        name = self.connection.execute(held.limit(1)).scalar()
        if name is not None:
            raise RefusedError(
                f"the data set is locked as {name!r}; an investigator or administrator can unlock it with a reason",
                wanted="enter",
                participant=participant,
            )


@dataclass(frozen=True, slots=True)
class Desk:
    """A connected store, from within: everything a session does goes through `writing` or `reading`."""

    database: Database
    clock: Clock = utc_now
    secret: bytes = field(default=b"", repr=False)

    @property
    def seal(self) -> Seal:
        """What seals the rows of the trail."""
        return sealer(self.database.seal_key)

    @contextmanager
    def writing(self, user: str, shown: bytes) -> Iterator[Work]:
        """A writing transaction of `user`, who shows the proof of a session; a refusal is recorded."""
        with self._recorded(user), self.database.writing() as connection:
            yield self._work(connection, user, shown)

    @contextmanager
    def reading(self, user: str, shown: bytes) -> Iterator[Work]:
        """A reading transaction of `user`."""
        with self._recorded(user), self.database.reading() as connection:
            yield self._work(connection, user, shown)

    @contextmanager
    def witnessing(self, user: str, shown: bytes) -> Iterator[Work]:
        """A transaction of `user` that reads, and records that it did where the store can be written here."""
        with (self.reading if self.database.read_only else self.writing)(user, shown) as work:
            yield work

    def _work(self, connection: Connection, user: str, shown: bytes) -> Work:
        account = account_of(connection, user)
        valid = account is not None and hmac.compare_digest(shown, proof(self.secret, account))
        if account is None or not valid or not account.user.active or not account.genuine:
            raise RefusedError("the session is no longer valid; log in again", wanted="session")
        return Work(connection, account.user.clerk, self.seal, self.clock, self.database.read_only)

    @contextmanager
    def _recorded(self, user: str) -> Iterator[None]:
        try:
            yield
        except RefusedError as refused:
            self._note(user, refused)
            raise

    def _note(self, user: str, refused: RefusedError) -> None:
        """Record a refusal in a transaction of its own, for that of the attempt is undone."""
        draft = Draft("refused", participant=refused.participant, reason=f"{refused.wanted}: {refused}")
        try:
            with self.database.writing() as connection:
                account = account_of(connection, user)
                clerk = account.user.clerk if account else Clerk(user, "")
                record(connection, [draft], clerk=clerk, seal=self.seal, at=self.clock())
        except HeparError as error:  # the refusal itself must reach the user
            refused.add_note(f"this refusal could not be recorded: {error}")
