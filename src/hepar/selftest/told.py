"""The outcome of a self-test on disk, in words and as a document."""

import json
import tempfile
from pathlib import Path

from pydantic import TypeAdapter

from .._version import __version__
from ..core.atomic import write_atomically
from ..core.errors import RunError
from .outcome import SelfTest


def refuse_unwritable(folder: Path) -> None:
    """Make `folder`, and refuse one that takes no file before minutes are spent for it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from None


def write_told(found: SelfTest, folder: Path) -> None:
    """Write selftest.txt and selftest.json into `folder`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "selftest.txt", "\n".join(found.lines()) + "\n")
    told = json.loads(TypeAdapter(SelfTest).dump_json(found))  # what is not finite becomes null
    head = {"simulated": True, "hepar": __version__, "passed": found.passed, "right": found.right}
    text = json.dumps({**head, **told}, indent=1, allow_nan=False)
    write_atomically(folder / "selftest.json", text + "\n")
