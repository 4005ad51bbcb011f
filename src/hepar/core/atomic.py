"""Files written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import RunError

OWNER_ONLY = 0o600
"""Rights of a private file: readable and writable by its owner alone."""


def write_atomically(path: Path, text: str) -> str:
    """Write `text` to `path` so that a reader sees the old file or the whole new one; gives `text` back."""
    write_bytes_atomically(path, text.encode("utf-8"))
    return text


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the whole new one."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write into, which becomes `path` at the end; after an error nothing is left but what was there.

    A `private` one is its owner's alone from the first byte on, and on the disk before it takes its name.

    Raises:
        RunError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                if private:
                    file.flush()
                    os.fsync(file.fileno())
            if not private:
                Path(temporary).chmod(
                    0o666 & ~_umask()
                )  # a temporary file is private; a report is to be read
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({error.strerror}); make room or choose another folder"
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
