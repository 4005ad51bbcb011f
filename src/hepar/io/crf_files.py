"""The files of a dictionary that comes with the program: the dictionary itself and its instructions."""

from importlib.resources import files

from ..core.errors import ProtocolError, choices
from .redcap.dictionary import bundled_dictionaries

DICTIONARY, INSTRUCTIONS = "dictionary.csv", "instructions"


def bundled_files(study: str) -> dict[str, str]:
    """Name of each file -> its text: dictionary.csv, and what stands beside it as instructions.

    Raises:
        ProtocolError: no dictionary of this name comes with the program.
    """
    if study not in bundled_dictionaries():
        raise ProtocolError(
            f"no dictionary {study!r} comes with the program; {choices(study, bundled_dictionaries())}"
        )
    folder = files("hepar") / "studies" / "crf"
    found = {DICTIONARY: (folder / f"{study}.csv").read_text(encoding="utf-8")}
    for path in folder.iterdir():
        if path.name.startswith(f"{study}.") and path.name.endswith(".md"):
            found[INSTRUCTIONS + path.name.removeprefix(study)] = path.read_text(encoding="utf-8")
    return found
