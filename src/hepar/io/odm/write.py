"""Writes an ODM 1.3.2 file: the forms, and every change with who, where, when and why."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..._version import __version__
from ...core.atomic import write_bytes_atomically
from ...core.errors import DataError
from ...data.crf.change import Change
from ...data.crf.form import FormDictionary
from .clinical import administration, clinical
from .content import oid
from .definitions import study

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_odm(
    path: Path,
    *,
    name: str,
    dictionary: FormDictionary,
    changes: Sequence[Change],
    roles: Mapping[str, str],
    at: str,
) -> Path:
    """Write the study called `name` to `path`; gives the path.

    The file is transactional: changes stand in their order, and reading them one after the other gives every value as
    it was at any time. `roles` gives the role of each user, `at` the time of writing, ISO 8601 with its offset.

    Raises:
        DataError: a value holds a character that XML does not allow; a change of a column that is not in the
            dictionary.
        RunError: the file cannot be written.
    """
    import odmlib.odm_1_3_2.model as odm
    from odmlib.exceptions import OdmlibError

    for change in changes:
        _refuse_no_xml(change)
    events = tuple(dict.fromkeys(change.event for change in changes if change.event))
    document = odm.ODM(
        FileOID=oid("FI", f"{name}.{at}"),
        FileType="Transactional",
        CreationDateTime=at,
        AsOfDateTime=at,
        ODMVersion="1.3.2",
        SourceSystem="hepar",
        SourceSystemVersion=__version__,
    )
    try:
        document.Study = [study(name, dictionary, events=events)]
        document.AdminData = [administration(name, roles, changes)]
        document.ClinicalData = [clinical(name, dictionary, changes)]
    except OdmlibError as error:
        raise DataError(f"{path}: the study cannot be written as ODM: {error}") from None
    write_bytes_atomically(path, _text(document))
    return path


def _text(document: Any) -> bytes:
    written: str = document.to_xml_string(xml_declaration=True)
    return written.encode("utf-8")


def _refuse_no_xml(change: Change) -> None:
    for text in (change.new, change.reason, change.participant):
        found = _NOT_XML.search(text)
        if found:
            raise DataError(
                f"participant {_NOT_XML.sub('?', change.participant)}, field {change.column}: a value holds the"
                f" character U+{ord(found[0]):04X}, which XML does not allow; correct the entry"
            )
