"""Files for their owner's eyes alone, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from ...core.errors import RunError

OWNER_ONLY = 0o600


def write_private(path: Path, content: bytes) -> None:
    """Write `content` to `path`, readable and writable by its owner alone from the first byte on.

    Raises:
        RunError: it cannot be written; what was there stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=".writing-"
        )  # for its owner by definition
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({error.strerror}); make room or choose another place"
        ) from None
