"""CDISC ODM from Python: what `hepar odm` does."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import RunError
from ..core.packages import refuse_absent


@dataclass(frozen=True, slots=True)
class Written:
    """An ODM file, and how many changes it holds."""

    path: Path
    changes: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The dictionary, records and changes of an ODM file as CSV."""

    dictionary: Path
    records: Path
    changes: Path
    participants: int


def write_odm(
    trail: str | Path,
    *,
    dictionary: str | Path,
    out: str | Path,
    name: str | None = None,
    key: str | Path | None = None,
    identifiers: bool = False,
) -> Written:
    """Write the exported audit `trail` of a store as CDISC ODM 1.3.2, with an audit record for each value.

    `dictionary` is a file, or a bundled one by name. Values of identifier fields stay out unless `identifiers`.

    Raises:
        DataError: the trail is not whole, or holds fields that the dictionary does not have.
        RunError: the file is there already or cannot be written; the trail needs its key.
    """
    refuse_absent(("odmlib",), what="CDISC ODM")
    from ..capture.odm import changes_in
    from ..io.odm import write_odm as write
    from ..io.redcap.dictionary import read_dictionary
    from ..study.pseudonyms import read_key

    _refuse_there(Path(out))
    forms = read_dictionary(dictionary)
    secret = None if key is None else read_key(Path(key))
    changes, roles = changes_in(Path(trail), forms, key=secret, identifiers=identifiers)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    path = write(Path(out), name=name or forms.name, dictionary=forms, changes=changes, roles=roles, at=now)
    return Written(path, len(changes))


def read_odm(path: str | Path, *, out: str | Path) -> Unpacked:
    """Write what an ODM 1.3.2 file holds as dictionary.csv, records.csv and changes.csv into the new folder `out`.

    Raises:
        DataError: the file is not ODM 1.3.2 with metadata, or is damaged.
        RunError: the folder is there already or cannot be written.
    """
    refuse_absent(("odmlib",), what="CDISC ODM")
    from ..io.odm import read_odm as read
    from ..io.odm.records import changes_text, records_text
    from ..io.redcap.dictionary import dictionary_text
    from ..io.whole_folder import whole_folder

    content, folder = read(Path(path)), Path(out)
    texts = {
        "dictionary.csv": dictionary_text(content.dictionary),
        "records.csv": records_text(content),
        "changes.csv": changes_text(content),
    }
    with whole_folder(folder) as root:
        for file, text in texts.items():
            (root / file).write_bytes(text.encode("utf-8"))
    people = {change.participant for change in content.changes}
    dictionary, records, changes = (folder / file for file in texts)
    return Unpacked(dictionary, records, changes, len(people))


def _refuse_there(path: Path) -> None:
    if path.exists():
        raise RunError(f"{path}: is there already and is not overwritten; name a new file")
