"""Files written whole or not at all."""

import os
import tempfile
from pathlib import Path

from .errors import RunError


def write_atomically(path: Path, text: str) -> str:
    """Write `text` to `path` so that a reader sees the old file or the whole new one; gives `text` back."""
    write_bytes_atomically(path, text.encode("utf-8"))
    return text


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the whole new one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).chmod(0o666 & ~_umask())  # a temporary file is private; a report is to be read
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
