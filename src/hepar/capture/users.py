"""Users of a store: their role, site and password; who they are is asked for at every step anew."""

import hmac
import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, select, update

from ..core.errors import DataError, ProtocolError
from .credentials import fits, made_credential, text_digest
from .entry import Draft
from .ledger import Clerk
from .roles import Role, as_role
from .tables import USERS

MOST_FAILURES = 5
CLOSED_FOR = timedelta(minutes=15)
WRONG = (
    "the name or the password is wrong, or the account was deactivated, or is closed for 15 minutes after"
    " 5 wrong passwords"
)


@dataclass(frozen=True, slots=True)
class User:
    """A user; `site` is "" for all sites. `credential` is the digest of what is kept of the password."""

    name: str
    role: Role
    site: str
    active: bool
    credential: str

    def draft(self, reason: str = "") -> Draft:
        """What the trail records of the user as they are now."""
        said = {name: value for name, value in asdict(self).items() if name != "name"}
        return Draft("user", field=self.name, new=json.dumps(said, sort_keys=True), reason=reason)

    @property
    def clerk(self) -> Clerk:
        """As who they act."""
        return Clerk(self.name, self.role, self.site)


@dataclass(frozen=True, slots=True)
class Account:
    """What the store keeps of a user beside what the trail says."""

    user: User
    credential: str
    closed_until: str

    @property
    def genuine(self) -> bool:
        """Whether the password is the one that the trail vouches for."""
        return self.user.credential == text_digest(self.credential)


def account_of(connection: Connection, name: str) -> Account | None:
    """The account of `name`, if there is one."""
    row = connection.execute(select(USERS).where(USERS.c.name == name)).first()
    return None if row is None else Account(_user(row.name, row.state), row.credential, row.closed_until)


def all_users(connection: Connection) -> tuple[User, ...]:
    """All users, by name."""
    rows = connection.execute(select(USERS.c.name, USERS.c.state).order_by(USERS.c.name))
    return tuple(_user(row.name, row.state) for row in rows)


def _user(name: str, state: str) -> User:
    try:
        said = json.loads(state)
        return User(name, as_role(said["role"]), said["site"], said["active"], said["credential"])
    except (ValueError, KeyError, TypeError):
        raise DataError(f"what the store says of user {name!r} was changed; verify the trail") from None


def admitted(account: Account | None, password: str, *, now: str) -> bool:
    """Whether `password` opens the account; takes as long where there is none."""
    right = fits(password, account.credential if account else "")
    if account is None or not right:
        return False
    return account.user.active and account.genuine and account.closed_until <= now


def proof(secret: bytes, account: Account) -> bytes:
    """What a session shows to prove that it was opened with the password that is valid now."""
    return hmac.digest(secret, f"{account.user.name}\0{account.credential}".encode(), "sha256")


def count_failure(connection: Connection, name: str, *, closed_until: str) -> None:
    """One more wrong password; the fifth in a row closes the account until then."""
    here = USERS.c.name == name
    connection.execute(update(USERS).where(here).values(failures=USERS.c.failures + 1))
    many = USERS.c.failures >= MOST_FAILURES
    connection.execute(update(USERS).where(here, many).values(failures=0, closed_until=closed_until))


def forget_failures(connection: Connection, name: str) -> None:
    """The right password: the count starts anew."""
    connection.execute(update(USERS).where(USERS.c.name == name, USERS.c.failures > 0).values(failures=0))


def new_user(name: str, password: str, *, role: str, site: str) -> tuple[User, str]:
    """A user and what is kept of the password."""
    if not name or not name.isprintable() or name != name.strip():
        raise ProtocolError(f"{name!r} is no name of a user; write printable letters, e.g. li")
    credential = made_credential(password)
    return User(name, as_role(role), site, True, text_digest(credential)), credential


def changed_user(
    user: User, *, role: str | None, site: str | None, active: bool | None, password: str | None
) -> tuple[User, str | None]:
    """The user with what is given instead, and the new credential where there is a new password."""
    credential = None if password is None else made_credential(password)
    return replace(
        user,
        role=user.role if role is None else as_role(role),
        site=user.site if site is None else site,
        active=user.active if active is None else active,
        credential=user.credential if credential is None else text_digest(credential),
    ), credential


def keep_credential(connection: Connection, name: str, credential: str) -> None:
    """Keep what is kept of a password; the trail already vouches for it. A closed account opens."""
    connection.execute(
        update(USERS).where(USERS.c.name == name).values(credential=credential, failures=0, closed_until="")
    )


def refuse_last_administrator(connection: Connection, user: User) -> None:
    """Refuse a change after which nobody could give rights any more."""
    others = [u for u in all_users(connection) if u.name != user.name]
    if not any(u.active and u.role == "administrator" and not u.site for u in (*others, user)):
        raise ProtocolError(f"{user.name!r} is the last active administrator of all sites; add another first")
