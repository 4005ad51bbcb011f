"""A store in a file that may not be written, e.g. on an archived medium: read without what SQLite keeps beside it."""

import os
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import RunError

_EFFECTIVE = os.access in os.supports_effective_ids


@dataclass(frozen=True, slots=True)
class ReadOnlyFile:
    """A SQLite file that this program cannot write, and what it was when it was opened."""

    path: Path
    state: tuple[int, int, int]
    live: bool
    """Whether a `-wal` file beside it holds what was written last: another program has it open, or was killed."""

    @classmethod
    def at(cls, path: Path) -> "ReadOnlyFile | None":
        """The file at `path`, or None where it, its folder and what lies beside it can be written.

        Raises:
            RunError: what was written last lies in a file beside it that cannot be read without writing.
        """
        path = path.resolve()
        if all(_may_write(each) for each in (path, path.parent)):
            return None
        live = _size(_beside(path, "-wal")) > 0
        if live and not _beside(path, "-shm").exists():
            raise RunError(
                f"{path}: what was written last lies in {path.name}-wal, and no program can read that where it may not"
                f" write; copy both files together into a folder of your own and name the copy (--db)"
            )
        return cls(path, _state(path), live)

    @property
    def uri(self) -> str:
        """By which SQLite opens it; `immutable` asks for no lock and no file beside it."""
        return f"{self.path.as_uri()}?mode=ro{'' if self.live else '&immutable=1'}"

    def refuse_changed(self) -> None:
        """Refuse what was read while somebody else wrote: without locks it may be of two moments.

        Raises:
            RunError: the file is not what it was when it was opened.
        """
        if not self.live and _state(self.path) != self.state:
            raise RunError(f"{self.path}: somebody wrote to it while it was read; do it again")


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=True) if _EFFECTIVE else os.access(path, os.W_OK)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _state(path: Path) -> tuple[int, int, int]:
    there = path.stat()
    return there.st_mtime_ns, there.st_size, _size(_beside(path, "-wal"))
