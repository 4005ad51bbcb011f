"""The protocol that a call names, and paths that may be left out."""

from pathlib import Path

from ..core.errors import ProtocolError, choices
from ..report.checklists import statement_keys
from ..study.protocol import Study, read_protocol


def read(protocol: str | Path | Study) -> tuple[Study, Path]:
    """The study; a statement that no checklist asks for is refused, because its answer would be lost."""
    study, folder = (protocol, Path()) if isinstance(protocol, Study) else read_protocol(protocol)
    known = statement_keys()
    for key in study.statements:
        if key not in known:
            raise ProtocolError(f"statements: no checklist asks for {key!r}; {choices(key, known)}")
    return study, folder


def path_or_none(value: str | Path | None) -> Path | None:
    """`value` as a path; None stays None."""
    return None if value is None else Path(value)
