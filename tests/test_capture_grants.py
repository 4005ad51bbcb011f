"""With the rights that `hepar store grants` prints, a program works and can rewrite nothing."""

import secrets
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError, ProgrammingError

from capture_stores import KINDS, PASSWORD, plain_postgres, tables, team
from hepar.capture.grants import grants
from hepar.capture.store import Store, open_store, verify
from hepar.capture.tables import HEAD
from hepar.core.errors import ProtocolError, RunError

FORBIDDEN = (
    "UPDATE audit SET reason = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_no_update ON audit",
    "DROP FUNCTION audit_no_update CASCADE",
    "SET session_replication_role = replica",
    "UPDATE head SET seq = 1",
    "INSERT INTO items VALUES ('P1', '', '', '', 'x', '1', 9)",
    "UPDATE items SET value = '1'",
    "UPDATE users SET state = 'x'",
    "DELETE FROM users",
    "UPDATE locks SET digest = ''",
    "UPDATE participants SET site = 'x'",
    "DROP TABLE audit",
)

AFTER_OWN_HEAD = (
    "INSERT INTO audit SELECT (SELECT max(seq) + 6 FROM audit), at, actor, role, site, 'login',"
    " '', '', '', '', '', '', '', '', 'x', 'y' FROM audit WHERE seq = 2"
)
"""A row that follows a head which the role made up as a temporary table."""


def move_head(store: Store) -> None:
    with store._desk.database.writing() as connection:
        connection.execute(HEAD.update().values(seq=1))


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_role_with_these_rights_works_and_rewrites_nothing(kind: str, tmp_path: Path) -> None:
    role = f"hepar_app_{secrets.token_hex(4)}"
    with team(kind, tmp_path) as t, plain_postgres(t.where) as owner:
        schema = make_url(t.where).query["options"]
        assert isinstance(schema, str)
        owner(f"CREATE ROLE {role} LOGIN")
        try:
            for statement in grants(role, schema=schema.rpartition("=")[2]).split(";"):
                if statement.strip():
                    owner(statement)
            where = make_url(t.where).set(username=role).render_as_string(hide_password=False)
            with open_store(where) as store:
                li, ines = store.login("li", PASSWORD), store.login("ines", PASSWORD)
                li.put("P1", {"age": "45"})
                li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
                ines.lock("primary")
                ines.unlock("primary", reason="on")
                store.login("ada", PASSWORD).add_user("new", PASSWORD, role="reader")
                store.login("new", PASSWORD).history("P1")
                assert verify(store).whole
            with plain_postgres(where) as run:
                for statement in FORBIDDEN:
                    with pytest.raises(ProgrammingError, match="InsufficientPrivilege"):
                        run(statement)
                run("CREATE TEMP TABLE head AS SELECT 1 AS id, max(seq) + 5 AS seq, 'x' AS hash FROM audit")
                with pytest.raises(IntegrityError, match="not the next row"):
                    run(AFTER_OWN_HEAD)
            with open_store(where) as store, pytest.raises(RunError, match="hepar store grants"):
                move_head(store)
        finally:
            owner(f"DROP OWNED BY {role}")
            owner(f"DROP ROLE {role}")


def test_every_table_is_named_and_none_may_be_changed_but_what_logging_in_needs() -> None:
    text = grants("hepar_app")
    for table in tables():
        assert f"public.{table}" in text
    given = [
        line
        for line in text.splitlines()
        if line.startswith("GRANT") and ("UPDATE" in line or "DELETE" in line)
    ]
    assert given == [
        "GRANT UPDATE (credential, failures, closed_until) ON public.users TO hepar_app;",
        "GRANT INSERT, DELETE ON public.fields TO hepar_app;",
    ]


@pytest.mark.parametrize("role", ["", "x; DROP TABLE audit", "Hepar", 'a"b', "é"])
def test_a_name_that_needs_quotes_is_refused(role: str) -> None:
    with pytest.raises(ProtocolError):
        grants(role)
    with pytest.raises(ProtocolError):
        grants("hepar_app", schema=role)
