"""A folder written whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import RunError


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write into, which becomes `out` at the end; after an error nothing is left.

    Raises:
        RunError: `out` is there already, or the place takes no folder.
    """
    if out.exists() or out.is_symlink():
        raise RunError(
            f"{out}: is there already, and nothing is replaced; choose another folder, or remove it"
        )
    made = _beside(out)
    try:
        yield made
        _hand_over(made, out)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _beside(out: Path) -> Path:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=out.parent, prefix=".writing-"))
    except OSError as error:
        raise RunError(f"{out}: cannot be written ({error.strerror}); choose another folder") from None


def _hand_over(made: Path, out: Path) -> None:
    try:
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(0o777 & ~mask)
        made.rename(out)
    except OSError as error:
        raise RunError(f"{out}: cannot be written ({error.strerror}); choose another folder") from None
