"""The outcome of a self-test on disk, in words and as a document."""

import json
from pathlib import Path

from pydantic import TypeAdapter

from .._version import __version__
from ..core.atomic import write_atomically
from .outcome import SelfTest


def write_told(found: SelfTest, folder: Path) -> None:
    """Write selftest.txt and selftest.json into `folder`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "selftest.txt", "\n".join(found.lines()) + "\n")
    told = json.loads(TypeAdapter(SelfTest).dump_json(found))  # what is not finite becomes null
    head = {"simulated": True, "hepar": __version__, "passed": found.passed, "right": found.right}
    text = json.dumps({**head, **told}, indent=1, allow_nan=False)
    write_atomically(folder / "selftest.json", text + "\n")
