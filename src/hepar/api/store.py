"""A study database with an audit trail, in a call each: made, opened, filled from an export, verified."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.packages import refuse_absent

if TYPE_CHECKING:
    from ..capture.chain import Verdict
    from ..capture.importing import Plan
    from ..capture.session import Session
    from ..capture.store import Store


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import recorded: `rows` of the trail, and the columns `left_out` that the store's dictionary lacks."""

    rows: int
    left_out: tuple[str, ...]


def create_store(
    where: str | Path,
    *,
    administrator: str,
    password: str,
    key: str | Path | None = None,
    dictionary: str | Path | None = None,
) -> "Store":
    """A new store at `where` (a path, or postgresql://...) with its first user, an administrator of all sites.

    `key` is a file with 32 bytes or more, kept apart from the database, with which the trail is sealed. `dictionary`
    is a REDCap dictionary, or the name of a bundled one: the store refuses other fields.
    """
    _refuse_absent(where)
    from ..capture import store as stores
    from ..io.redcap import read_dictionary

    described = read_dictionary(dictionary) if dictionary is not None else None
    made = stores.create_store(where, administrator=administrator, password=password, key=_key(key))
    if described is not None:
        made.login(administrator, password).set_dictionary(described)
    return made


def open_store(where: str | Path, *, key: str | Path | None = None) -> "Store":
    """The store at `where`; `store.login(user, password)` gives the session that everything else needs."""
    _refuse_absent(where)
    from ..capture import store as stores

    return stores.open_store(where, key=_key(key))


def plan_import(
    session: "Session",
    export: str | Path,
    *,
    dictionary: str | Path,
    missing_codes: Collection[str] = (),
    partial: bool = False,
) -> "Plan":
    """What taking over a REDCap export would enter and change."""
    from ..io.redcap import read_dictionary, read_export

    described = read_dictionary(dictionary, missing_codes=missing_codes)
    return session.plan(read_export(Path(export), described, missing_codes=missing_codes, partial=partial))


def take_export(
    session: "Session",
    export: str | Path,
    *,
    dictionary: str | Path,
    reason: str,
    missing_codes: Collection[str] = (),
    partial: bool = False,
    seen: int | None = None,
) -> Taken:
    """Take over a REDCap export, all of it or nothing."""
    from ..io.redcap import read_dictionary, read_export

    described = read_dictionary(dictionary, missing_codes=missing_codes)
    read = read_export(Path(export), described, missing_codes=missing_codes, partial=partial)
    return Taken(len(session.take(read, reason=reason, seen=seen)), session.left_out(read))


def verify_audit(
    what: str | Path, *, key: str | Path | None = None, anchor: str | Path | None = None
) -> "Verdict":
    """Verify the audit trail of a store, or one that was exported as JSON lines (FILE.jsonl)."""
    _refuse_absent(what)
    from ..capture import store as stores
    from ..capture.audit_file import verify_file
    from ..capture.chain import read_anchor

    noted = None if anchor is None else read_anchor(Path(anchor))
    if str(what).endswith(".jsonl"):
        return verify_file(Path(what), key=_key(key), anchor=noted)
    with stores.open_store(what, key=_key(key)) as store:
        return stores.verify(store, anchor=noted)


def _key(path: str | Path | None) -> bytes | None:
    from ..study.pseudonyms import read_key

    return None if path is None else read_key(Path(path))


def _refuse_absent(where: str | Path) -> None:
    refuse_absent(("sqlalchemy",), what="a store")
    if "://" in str(where):
        refuse_absent(("psycopg",), what="PostgreSQL")
