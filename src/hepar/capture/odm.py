"""An exported trail as the changes of an ODM file; a trail that is not whole is refused."""

from pathlib import Path

from ..core.errors import DataError
from ..data.crf.change import Change
from ..data.crf.form import FormDictionary
from .audit_file import entries_in, verify_file
from .entry import Entry


def changes_in(
    trail: Path, dictionary: FormDictionary, *, key: bytes | None = None, identifiers: bool = False
) -> tuple[tuple[Change, ...], dict[str, str]]:
    """Every change of a value in the exported `trail`, and the last role of each user.

    Values of fields that the dictionary marks as identifiers are left out unless `identifiers`.

    Raises:
        DataError: it is no exported trail, or it was changed or cut.
        RunError: it was sealed with a key and none is given, or the other way round.
    """
    verdict = verify_file(trail, key=key)
    if not verdict.whole:
        raise DataError(f"{trail}: {verdict.faults[0]}; export it again from the store")
    hidden = {name for field in dictionary.fields if field.identifier for name in field.columns}
    hidden = set() if identifiers else hidden
    entries = [entry for entry in entries_in(trail) if entry.action in ("enter", "change")]
    changes = tuple(_change(entry) for entry in entries if entry.field not in hidden)
    return changes, {entry.actor: entry.role for entry in entries}


def _change(entry: Entry) -> Change:
    return Change(
        at=entry.at,
        actor=entry.actor,
        site=entry.site,
        participant=entry.participant,
        event=entry.event,
        instrument=entry.instrument,
        instance=entry.instance,
        column=entry.field,
        old=entry.old,
        new=entry.new,
        reason=entry.reason,
    )
