"""An exported trail: JSON lines with a head and a foot, verified without the store."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, select

from ..core.atomic import atomic_file
from ..core.errors import DataError, RunError
from ..io.files import refuse_unreadable
from .chain import Anchor, Fault, Findings, Verdict, Walk, entry_of, verdict
from .entry import COLUMNS, Entry, algorithm, sealer
from .ledger import about, head_of
from .streaming import streamed
from .tables import AUDIT

LONGEST_LINE = 64 * 2**20
"""Bytes; a longer line is no row of a trail."""


def export_trail(connection: Connection, path: Path) -> Anchor:
    """Write the trail to `path`, whole or not at all, a thousand rows in memory at a time.

    Raises:
        DataError: the file exists.
    """
    if path.exists():
        raise DataError(f"{path}: exists already; name a new file")
    head = head_of(connection)
    chosen = select(AUDIT).where(AUDIT.c.seq <= head.seq).order_by(AUDIT.c.seq)
    first = json.dumps({"hepar audit": 1, "chain": about(connection).chain})
    last = _foot(Anchor(head.seq, head.hash))
    entries = (entry_of(row).as_json() for row in streamed(connection, chosen))
    with atomic_file(path, private=True) as file:
        file.writelines(f"{line}\n".encode("utf-8", "surrogatepass") for line in _all(first, entries, last))
    return Anchor(head.seq, head.hash)


def _all(first: str, entries: Iterable[str], last: str) -> Iterator[str]:
    yield first
    yield from entries
    yield last


def verify_file(path: Path, *, key: bytes | None = None, anchor: Anchor | None = None) -> Verdict:
    """Walk an exported trail; a file cut anywhere has no foot, and the fault names the first row that is missing.

    Raises:
        DataError: the file is no exported trail.
        RunError: it was sealed with a key and none is given, or the other way round.
    """
    refuse_unreadable(path)
    findings, walk = Findings(), Walk(sealer(key), anchor)
    with path.open("rb") as file:
        _refuse_other_head(path, file, key)
        foot = None
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=2):
            row = _read(line)
            if foot is not None:
                findings.add([Fault(walk.seq + 1, f"line {number} stands after the foot: it was added")])
                break
            if isinstance(row, Entry):
                findings.add(list(walk.step(row)) or _unlike(line, row, number=number, seq=row.seq))
            elif isinstance(row, Anchor):
                foot = row
                findings.add(_unlike(line, row, number=number, seq=walk.seq + 1))
            else:
                what = f"line {number} is cut or no row of a trail"
                findings.add([Fault(walk.seq + 1, what)])
        findings.add(_end(walk, foot))
    notes = (*_notes(key, anchor), *walk.notes())
    return verdict(walk, findings, keyed=key is not None, notes=notes)


def _notes(key: bytes | None, anchor: Anchor | None) -> Iterator[str]:
    if key is None:
        yield "no key: who can write the file can also seal a changed trail anew"
    if anchor is None:
        yield "no anchor: a file that was cut and given a new foot would not be found"


def entries_in(path: Path) -> Iterator[Entry]:
    """The rows of an exported trail that `verify_file` found whole."""
    with path.open("rb") as file:
        yield from (row for row in map(_read, file) if isinstance(row, Entry))


def _end(walk: Walk, foot: Anchor | None) -> Iterator[Fault]:
    if foot is None:
        yield Fault(walk.seq + 1, "the file ends here without its foot: it was cut")
    yield from walk.end(foot)


def _refuse_other_head(path: Path, file: BinaryIO, key: bytes | None) -> None:
    try:
        said = json.loads(file.readline(1000))
        version, chain = said["hepar audit"], said["chain"]
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path}: is no exported trail; it is what hepar audit export writes") from None
    if version != 1:
        raise DataError(f"{path}: is of version {version}; this hepar reads version 1")
    if chain != algorithm(key):
        needs = "is sealed with a key: give it" if key is None else "is sealed without a key: give none"
        raise RunError(f"{path}: the trail {needs} (--key, HEPAR_AUDIT_KEY)")


def _read(line: bytes) -> Entry | Anchor | None:
    """A row, the foot, or None for what is neither."""
    try:
        said = json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not line.endswith(b"\n"):
        return None
    if set(said) == {"end", "hash"} and isinstance(said["end"], int):
        return Anchor(said["end"], str(said["hash"]))
    return entry_of(said[name] for name in COLUMNS) if set(said) == set(COLUMNS) else None


def _unlike(line: bytes, row: Entry | Anchor, *, number: int, seq: int) -> list[Fault]:
    what = f"line {number} is not as it was written: others may read another value in it"
    return [] if _as_written(line, row) else [Fault(seq, what)]


def _as_written(line: bytes, row: Entry | Anchor) -> bool:
    """Whether the whole line is what is written for `row`; of a name that stands twice, programs read one or other."""
    made = row.as_json() if isinstance(row, Entry) else _foot(row)
    return line.rstrip(b"\r\n") == made.encode("utf-8", "surrogatepass")


def _foot(head: Anchor) -> str:
    return json.dumps({"end": head.seq, "hash": head.hash})
