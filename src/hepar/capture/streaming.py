"""Reading many rows with few in memory."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Executable, Row

AT_ONCE = 1000
"""Rows in memory at a time."""


def streamed(connection: Connection, query: Executable) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of `query`; what the database holds open for them is closed also where reading stops early."""
    with connection.execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
        yield from rows
