"""Walking a trail, row by row: whatever was changed, deleted, inserted or moved is named by its number."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..core.atomic import write_atomically
from ..core.errors import DataError
from .entry import SEALED, START, Entry, Seal

MOST_FAULTS = 100
"""That are listed; the others are counted."""
SLACK_MIN = 10
"""Minutes by which a row may say an earlier time than one before it: each computer has a clock of its own."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at row `seq` of the trail, or in a `table` with what that row set."""

    seq: int
    what: str
    table: str = ""

    def __str__(self) -> str:
        return f"row {self.seq}: {self.what}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a trail at some moment, noted where nobody who can write the trail can change it."""

    seq: int
    hash: str

    def write(self, path: Path) -> None:
        """Write it as JSON to `path`."""
        write_atomically(path, json.dumps({"seq": self.seq, "hash": self.hash}) + "\n")


def read_anchor(path: Path) -> Anchor:
    """The anchor that `Anchor.write` wrote to `path`.

    Raises:
        DataError: there is none.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        seq, digest = said["seq"], said["hash"]
        if isinstance(seq, int) and isinstance(digest, str) and seq > 0:
            return Anchor(seq, digest)
    except OSError as error:
        raise DataError(f"{path}: the anchor cannot be read ({error.strerror}); check the path") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise DataError(f"{path}: is no anchor; it is what hepar audit anchor writes: a number and a hash")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: `faults` (the first hundred of `n_faults`), over `rows` rows up to `head`.

    Those of the trail come first: where it has any, what it says of the tables is to be judged with care.
    """

    rows: int
    head: Anchor | None
    keyed: bool
    faults: tuple[Fault, ...] = ()
    n_faults: int = 0
    anchored: bool = False
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return self.n_faults == 0

    def __str__(self) -> str:
        end = f"; its head: {self.head.seq} {self.head.hash}" if self.head else ""
        if self.whole:
            return f"the trail is whole: {self.rows} rows{end}"
        faults = "1 fault" if self.n_faults == 1 else f"{self.n_faults} faults"
        return f"the trail is NOT whole: {faults} in {self.rows} rows{end}"


@dataclass(slots=True)
class Findings:
    """Faults as they are found, no more of them kept than are shown."""

    kept: list[Fault] = field(default_factory=list)
    n: int = 0

    def add(self, faults: Iterable[Fault]) -> None:
        """Count all and keep the first."""
        for fault in faults:
            self.n += 1
            if len(self.kept) < MOST_FAULTS:
                self.kept.append(fault)


@dataclass(slots=True)
class Walk:
    """The state of a walk: the last row seen, and whether it was already found wrong."""

    seal: Seal
    anchor: Anchor | None = None
    seq: int = 0
    hash: str = START
    rows: int = 0
    blamed: int = 0
    latest: tuple[int, str] = (0, "")
    set_back: list[str] = field(default_factory=list)

    def step(self, entry: Entry) -> Iterator[Fault]:
        """What is wrong with the next row."""
        self.rows += 1
        sound = self.seal(tuple(getattr(entry, name) for name in SEALED)) == entry.hash
        found = list(self._faults(entry, sound=sound))
        yield from found
        if entry.seq <= self.seq:
            return
        self.blamed = entry.seq if any(fault.seq == entry.seq for fault in found) else 0
        self.seq, self.hash = entry.seq, entry.hash
        self._look_at_time(entry)

    def _look_at_time(self, entry: Entry) -> None:
        """Clocks of two computers differ a little; a clock that was set back, or a row dated back, differs by more."""
        if _minutes(entry.at, self.latest[1]) < -SLACK_MIN and len(self.set_back) < MOST_FAULTS:
            self.set_back.append(
                f"row {entry.seq} says {entry.at}, row {self.latest[0]} before it {self.latest[1]}: a clock was"
                " wrong, or the row is dated back"
            )
        self.latest = max(self.latest, (entry.seq, entry.at), key=lambda one: one[1])

    def notes(self) -> tuple[str, ...]:
        """What is to be looked at, and need not be wrong."""
        return tuple(self.set_back)

    def _faults(self, entry: Entry, *, sound: bool) -> Iterator[Fault]:
        if entry.seq <= self.seq:
            yield Fault(entry.seq, "stands twice or before the first row: it was inserted")
            return
        missing = range(self.seq + 1, entry.seq)
        if missing:
            yield Fault(missing[0], _gone(missing))
        if not sound:
            yield Fault(entry.seq, "is not what was sealed: it was changed, moved or inserted")
        elif not missing and entry.prev != self.hash and self.blamed != self.seq:
            yield Fault(*self._unlinked(entry))
        if self.anchor is not None and entry.seq == self.anchor.seq and entry.hash != self.anchor.hash:
            yield Fault(
                entry.seq, "has not the hash of the anchor: this row or one before it was written anew"
            )

    def _unlinked(self, entry: Entry) -> tuple[int, str]:
        """A sound row that does not follow the sound row before it: one of the two was sealed anew."""
        if self.seq == 0:
            return entry.seq, "is not the first row of a trail"
        return self.seq, f"is not the row that row {entry.seq} was sealed on: it was written anew"

    def end(self, head: Anchor | None) -> Iterator[Fault]:
        """What is missing after the last row, by the head that was kept and by the anchor."""
        for known, what in ((head, "head"), (self.anchor, "anchor")):
            if known is not None and known.seq > self.seq:
                missing = range(self.seq + 1, known.seq + 1)
                yield Fault(missing[0], f"{_gone(missing)}; the {what} is at {known.seq}")
                return
        if head is not None and head.seq < self.seq:
            yield Fault(head.seq + 1, f"stands after the head, which is at {head.seq}: it was inserted")
        elif head is not None and head.hash != self.hash and self.blamed != self.seq:
            yield Fault(self.seq, "has not the hash of the head: it was written anew")


def _minutes(late: str, early: str) -> float:
    """Minutes from `early` to `late`; 0 where one of them is no time."""
    try:
        return (datetime.fromisoformat(late) - datetime.fromisoformat(early)).total_seconds() / 60
    except (ValueError, TypeError):
        return 0.0


def _gone(missing: range) -> str:
    if len(missing) == 1:
        return "is missing: it was deleted"
    return f"is missing, and so are all to {missing[-1]} ({len(missing)} rows): they were deleted"


def entry_of(values: Iterable[object]) -> Entry:
    """A row as a database or a file gives it, whatever somebody may have written there."""
    seq, *rest = values
    texts = [value if isinstance(value, str) else repr(value) for value in rest]
    return Entry(seq if isinstance(seq, int) else 0, *texts)


def verdict(walk: Walk, findings: Findings, *, keyed: bool, notes: tuple[str, ...] = ()) -> Verdict:
    """What the walk found."""
    head = Anchor(walk.seq, walk.hash) if walk.seq else None
    return Verdict(
        walk.rows,
        head,
        keyed,
        tuple(sorted(findings.kept, key=lambda fault: (fault.table, fault.seq))),
        findings.n,
        walk.anchor is not None,
        notes,
    )
