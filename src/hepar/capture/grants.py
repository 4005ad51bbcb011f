"""The rights of the program's own role in PostgreSQL: it adds to the trail, and reads; it changes nothing."""

import re

from ..core.errors import ProtocolError
from .tables import METADATA

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)


def grants(role: str, *, schema: str = "public") -> str:
    """SQL for the owner of the tables to run once: `role` may read, add rows to the trail, and no more.

    What a row changes is carried over by triggers with the rights of the owner. Of users, `role` keeps what
    belongs to logging in: what is kept of a password counts only where the trail vouches for it.

    Raises:
        ProtocolError: a name needs quotes.
    """
    for name in (role, schema):
        if not _ROLE.fullmatch(name):
            raise ProtocolError(f"{name!r}: write small letters, digits and underscores only")
    tables = ", ".join(f"{schema}.{name}" for name in sorted(METADATA.tables))
    lines = (
        f"REVOKE ALL ON {tables} FROM PUBLIC",
        f"REVOKE ALL ON {tables} FROM {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT ON {tables} TO {role}",
        f"GRANT INSERT ON {schema}.audit TO {role}",
        f"GRANT UPDATE (credential, failures, closed_until) ON {schema}.users TO {role}",
        f"GRANT INSERT, DELETE ON {schema}.fields TO {role}",
    )
    return "".join(f"{line};\n" for line in lines)
