"""A session of an authenticated user: all that can be done with a store, within the rights of the role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import DataError, ProtocolError
from ..data.crf.form import FormDictionary
from ..data.crf.query import Query, State
from ..data.crf.record import Export
from . import export as exporting
from . import importing, locking, queries, reading, users, writing
from .audit_file import export_trail
from .chain import Anchor, Verdict
from .desk import Desk
from .entry import Draft, Entry
from .export import beside, gone_where_it_fails
from .fields import set_dictionary
from .importing import Plan
from .locking import Lock
from .users import User
from .verify import verify_database
from .writing import Place


@dataclass(frozen=True, slots=True)
class Session:
    """What `Store.login` gives; it ends when the user is deactivated or gets another password.

    Every method asks for the rights of the user anew. One that may not do what is asked gets `RefusedError`, and the
    attempt stands in the trail. A user of a site sees and writes the participants of that site only.
    """

    user: str
    _desk: Desk = field(repr=False)
    _proof: bytes = field(repr=False)

    @property
    def recorded(self) -> bool:
        """Whether what is done stands in the trail; not where the store cannot be written here, and is only read."""
        return not self._desk.database.read_only

    def put(
        self,
        participant: str | Place,
        values: Mapping[str, str],
        *,
        reason: str = "",
        expected: Mapping[str, str] | None = None,
        site: str | None = None,
    ) -> tuple[Entry, ...]:
        """Enter and change `values` of a record, field by field as text, all of them or none.

        A value that stands there already needs a `reason` and what is `expected` to be replaced; "" empties it. The
        same value records nothing. A new participant belongs to the user's site, or to `site`. Gives the rows of the
        trail.

        Raises:
            ConflictError: a field does not hold what is expected: somebody else changed it.
            ProtocolError: the reason or what is expected is missing.
            DataError: the dictionary has no such field, or the participant is of another site than given.
            RefusedError: the role, the site or a lock forbids it.
        """
        place = Place(participant) if isinstance(participant, str) else participant
        with self._desk.writing(self.user, self._proof) as work:
            work.require("enter", participant=place.participant)
            return writing.put(work, place, values, reason=reason, expected=expected or {}, site=site)

    def values(self, participant: str | Place) -> dict[str, str]:
        """What a record holds, by field."""
        place = Place(participant) if isinstance(participant, str) else participant
        with self._desk.reading(self.user, self._proof) as work:
            work.require("view", participant=place.participant)
            return reading.values_at(work, place)

    def participants(self) -> tuple[str, ...]:
        """The participants of the user's sites."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("view")
            return reading.participants(work)

    def history(self, participant: str | None = None, *, field: str | None = None) -> tuple[Entry, ...]:
        """What was done to a participant's record, or to all of the user's sites, or to one `field`, oldest first."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("view", participant=participant or "")
            return reading.history(work, participant, field=field)

    def plan(self, export: Export) -> Plan:
        """What `take` would record."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("enter")
            return importing.plan(work, export)

    def left_out(self, export: Export) -> tuple[str, ...]:
        """Columns of an export that `take` leaves out: the dictionary of the store does not have them."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("enter")
            return importing.unknown_columns(work, export)

    def take(self, export: Export, *, reason: str, seen: int | None = None) -> tuple[Entry, ...]:
        """Enter and change whatever an export holds differently, with one `reason`, all of it or nothing.

        A cell that is empty empties the field; columns that the export lacks stay. `seen` is the `head` of the plan
        that was looked at.

        Raises:
            ConflictError: data were entered after `seen`.
            RefusedError: the role, the site of a line or a lock forbids it.
        """
        with self._desk.writing(self.user, self._proof) as work:
            work.require("enter")
            return importing.take(work, export, reason=reason, seen=seen)

    def raise_query(self, query: Query) -> tuple[Entry, ...]:
        """Raise a query; nothing where it is raised and not closed."""
        with self._desk.writing(self.user, self._proof) as work:
            work.require("raise", participant=query.participant)
            return queries.raise_query(work, query)

    def answer(self, key: str, text: str) -> tuple[Entry, ...]:
        """Answer the query of that key."""
        with self._desk.writing(self.user, self._proof) as work:
            work.require("answer")
            return queries.answer(work, key, text)

    def close_query(self, key: str, *, reason: str) -> tuple[Entry, ...]:
        """Close the query of that key."""
        with self._desk.writing(self.user, self._proof) as work:
            work.require("close")
            return queries.close(work, key, reason)

    def queries(self, *, state: State | None = None) -> tuple[Query, ...]:
        """The queries of the user's sites."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("view")
            return queries.queries(work, state=state)

    def lock(self, name: str) -> Lock:
        """Lock what the user's sites hold: nothing is written there until it is unlocked."""
        with self._desk.writing(self.user, self._proof) as work:
            work.require("lock")
            return locking.lock(work, name)

    def unlock(self, name: str, *, reason: str) -> Lock:
        """Unlock, with a reason."""
        with self._desk.writing(self.user, self._proof) as work:
            work.require("unlock")
            return locking.unlock(work, name, reason)

    def locks(self) -> tuple[Lock, ...]:
        """The locks, each with whether the content is still what was locked."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("view")
            return locking.locks(work)

    def export(
        self, path: Path, *, shape: exporting.Shape = "redcap", identifiers: bool = False
    ) -> exporting.Sidecar:
        """Write the data to `path` as CSV, and to `path`.json what they are: digests, locks, head of the trail.

        `shape` "redcap" has one line a record, "participants" one a participant. Fields that the dictionary marks as
        identifiers are left out unless `identifiers`.
        """
        made = gone_where_it_fails(path, beside(path))
        with made, self._desk.witnessing(self.user, self._proof) as work:
            work.require("export")
            return exporting.export(work, path, shape=shape, identifiers=identifiers)

    def export_audit(self, path: Path) -> Anchor:
        """Write the whole trail to `path` as JSON lines; for users of all sites. Gives its head."""
        with gone_where_it_fails(path), self._desk.witnessing(self.user, self._proof) as work:
            work.require("export")
            work.require_all_sites("export")
            work.witness(Draft("export", field="audit"))
            return export_trail(work.connection, path)

    def verify(self, *, anchor: Anchor | None = None) -> Verdict:
        """Verify the store, and record that it was."""
        database = self._desk.database
        with self._desk.reading(self.user, self._proof) as work:
            work.require("verify")
        found = verify_database(database, key=database.seal_key, anchor=anchor)
        with self._desk.witnessing(self.user, self._proof) as work:
            work.witness(Draft("verify", new=f"{found.n_faults} faults in {found.rows} rows"))
        return found

    def set_dictionary(self, dictionary: FormDictionary) -> None:
        """Keep a dictionary: unknown fields are refused, and messages show no value that could identify."""
        with self._desk.writing(self.user, self._proof) as work:
            work.require("users")
            work.require_all_sites("users")
            set_dictionary(work, dictionary)

    def users(self) -> tuple[User, ...]:
        """All users."""
        with self._desk.reading(self.user, self._proof) as work:
            work.require("users")
            return users.all_users(work.connection)

    def add_user(self, name: str, password: str, *, role: str, site: str = "") -> User:
        """Add a user; `site` "" means all sites. An administrator of one site adds users of that site."""
        user, credential = users.new_user(name, password, role=role, site=site)
        with self._desk.writing(self.user, self._proof) as work:
            work.require("users")
            work.require_site(site, "users")
            if users.account_of(work.connection, name) is not None:
                raise DataError(f"there is a user {name!r} already; change that one, or choose another name")
            work.record([user.draft()])
            users.keep_credential(work.connection, name, credential)
        return user

    def change_user(
        self,
        name: str,
        *,
        reason: str,
        role: str | None = None,
        site: str | None = None,
        active: bool | None = None,
        password: str | None = None,
    ) -> User:
        """Change what is given of a user, with a reason; a user is deactivated and never deleted."""
        if not reason.strip():
            raise ProtocolError("changing a user needs a reason")
        with self._desk.writing(self.user, self._proof) as work:
            work.require("users")
            account = users.account_of(work.connection, name)
            if account is None:
                raise DataError(f"there is no user {name!r}")
            user, credential = users.changed_user(
                account.user, role=role, site=site, active=active, password=password
            )
            for concerned in (account.user.site, user.site):
                work.require_site(concerned, "users")
            work.record([user.draft(reason.strip())])
            users.keep_credential(work.connection, name, credential or account.credential)
            users.refuse_last_administrator(work.connection, user)
        return user
