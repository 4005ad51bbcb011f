"""Data as files: in the shape of a REDCap export, or one line a participant, with a sidecar that says what they are."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from ..core.atomic import write_atomically
from ..core.errors import DataError
from ..data.crf.record import Record
from ..io.redcap.records import RecordTable, record_table
from .desk import Work
from .entry import Draft
from .locking import content_digest, content_rows, head_now, locks
from .tables import FIELDS

Shape = Literal["redcap", "participants"]
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What stands beside exported data: digests of the content of the store and of the file, lock and head."""

    shape: Shape
    site: str
    locks: tuple[str, ...]
    content_sha256: str
    file_sha256: str
    rows: int
    columns: int
    left_out: tuple[str, ...]
    head_seq: int
    head_hash: str
    recorded: bool
    """Whether this export stands in the trail; not where the store could only be read."""


@contextmanager
def gone_where_it_fails(*paths: Path) -> Iterator[None]:
    """Leaves no file that was not there: what failed, or could not be recorded, is not passed on."""
    new = [path for path in paths if not path.exists()]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for path in new:
                path.unlink(missing_ok=True)
        raise


def beside(path: Path) -> Path:
    """Where the sidecar of exported data stands."""
    return path.with_name(f"{path.name}.json")


def export(work: Work, path: Path, *, shape: Shape, identifiers: bool) -> Sidecar:
    """Write `path` and `path`.json; see `Session.export`."""
    for target in (path, beside(path)):
        if target.exists():
            raise DataError(f"{target}: exists already; name a new file")
    left_out = () if identifiers else _identifiers(work)
    rows = [row for row in content_rows(work.connection, site=work.clerk.site) if row[5] not in left_out]
    order = {name: place for name, place in _order(work).items() if name not in left_out}
    table = (_redcap if shape == "redcap" else _participants)(rows, order)
    text = table.text
    made = _sidecar(work, shape, table, text=text, left_out=left_out)
    work.witness(Draft("export", field=shape, new=made.file_sha256))
    write_atomically(path, text)
    write_atomically(beside(path), json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n")
    return made


def _sidecar(
    work: Work, shape: Shape, table: RecordTable, *, text: str, left_out: tuple[str, ...]
) -> Sidecar:
    head = head_now(work.connection)
    return Sidecar(
        shape=shape,
        site=work.clerk.site,
        locks=tuple(lock.name for lock in locks(work) if lock.held),
        content_sha256=content_digest(work.connection, site=work.clerk.site),
        file_sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        rows=len(table.rows),
        columns=len(table.header),
        left_out=left_out,
        head_seq=head.seq,
        head_hash=head.hash,
        recorded=not work.read_only,
    )


def _identifiers(work: Work) -> tuple[str, ...]:
    """Without the participant's own, which names the lines."""
    chosen = select(FIELDS.c.name).where(FIELDS.c.identifier == 1, FIELDS.c.place > 1).order_by(FIELDS.c.name)
    return tuple(work.connection.execute(chosen).scalars())


def _order(work: Work) -> dict[str, int]:
    """Fields as the dictionary orders them; the first is the participant's identifier."""
    return {row.name: row.place for row in work.connection.execute(select(FIELDS.c.name, FIELDS.c.place))}


def _sorted(names: Iterable[str], order: dict[str, int]) -> list[str]:
    """As in the dictionary; by name where there is none."""
    return sorted(set(names), key=lambda name: (order.get(name, len(order)), name))


def _redcap(rows: Rows, order: dict[str, int]) -> RecordTable:
    """One line a record, with all columns of the dictionary and those of REDCap's own that are used."""
    identifier = min(order, key=order.__getitem__, default="record_id")
    columns = _sorted((*(row[5] for row in rows), *order), order)
    records = (
        Record(line, participant, {row[5]: row[6] for row in group}, event, instrument, instance, site)
        for line, ((site, participant, event, instrument, instance), group) in enumerate(
            groupby(rows, key=lambda row: row[:5]), start=2
        )
    )
    return record_table(records, record_id=identifier, columns=columns)


def _participants(rows: Rows, order: dict[str, int]) -> RecordTable:
    """One line a participant; where a field stands in several records, its event and instance are in its name."""
    several = len({row[2:5] for row in rows}) > 1
    columns: dict[str, tuple[str, ...]] = {}
    for row in sorted(rows, key=lambda row: (order.get(row[5], len(order)), row[5], row[2:5])):
        columns.setdefault(_column(row, several=several), row[2:6])
    lines = []
    for participant, group in groupby(rows, key=lambda row: row[1]):
        cells = {_column(row, several=several): row for row in group}
        site = next(iter(cells.values()))[0]
        lines.append((participant, site, *(cells[name][6] if name in cells else "" for name in columns)))
    return RecordTable(("participant_id", "site", *columns), tuple(lines))


def _column(row: tuple[str, ...], *, several: bool) -> str:
    place = [part for part in (row[2], row[4]) if part] if several else []
    return "__".join((row[5], *place))
