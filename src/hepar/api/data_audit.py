"""The audit of a study's data, or of a table of pictures, in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ProtocolError, choices
from ..core.fingerprint import fingerprint
from ..engine.parallel import Progress, silent
from ..study.protocol import Study
from .protocols import read

if TYPE_CHECKING:
    from ..study.audit.finding import Audit

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".xlsx", ".parquet")
ROLES = ("file", "label", "participant", "split", "site")


@dataclass(frozen=True, slots=True, repr=False)
class DataAudit:
    """What was found in each arm, or in the table; and the page that tells it."""

    audits: tuple["Audit", ...]
    page: Path

    def __repr__(self) -> str:
        """Short: the whole would print cases."""
        return f"DataAudit({list(self.audits)!r}, page={str(self.page)!r})"

    @property
    def clean(self) -> bool:
        """Whether nothing was found that asks for an answer."""
        return all(one.clean for one in self.audits)

    @property
    def lines(self) -> list[str]:
        """What was found in plain sentences."""
        from ..report.data_audit import lines

        simulated = any(one.simulated for one in self.audits)
        head = ["SIMULATED DATA: no patient stands behind what follows"] if simulated else []
        return [*head, *(line for one in self.audits for line in (f"{one.name}:", *lines(one), *_notes(one)))]


def audit_data(
    data: str | Path | Study,
    *,
    out: str | Path | None = None,
    pictures: bool = True,
    roles: Mapping[str, str] | None = None,
    reference_date: str | None = None,
    simulated: bool = False,
    jobs: int = 1,
    progress: Progress = silent,
) -> DataAudit:
    """Audit the data of a protocol, or a table of pictures, and write audit.html, audit.json and audit.csv to `out`.

    `data` is a protocol (a file, a bundled one by name, a `Study`) or a table whose rows name pictures; of a table
    `roles` name the columns "file", "label", "participant", "split" and "site" where their names are not the usual
    ones, and `simulated` says that no patient stands behind it. Without `pictures` none is read. `reference_date` is
    the field with the day of the reference standard.
    """
    from ..report.data_audit import write_audit

    if isinstance(data, str | Path) and str(data).lower().endswith(TABLES):
        found = [
            _of_table(
                Path(data),
                roles=roles or {},
                reference_date=reference_date,
                simulated=simulated,
                pictures=pictures,
                jobs=jobs,
                progress=progress,
            )
        ]
        name, of = found[0].name, fingerprint(Path(data))
    else:
        if roles:
            raise ProtocolError(
                f"{min(roles)} names a column of a table of pictures; a protocol's dictionary says what its columns are"
            )
        study, folder = read(data)
        name, of = study.name, study.fingerprint
        found = audits_of(
            study, folder, pictures=pictures, reference_date=reference_date, jobs=jobs, progress=progress
        )
    target = Path(out) if out is not None else Path(f"hepar-audit-{name}")
    return DataAudit(tuple(found), write_audit(found, target, title=name, of=of))


def audits_of(
    study: Study,
    folder: Path,
    *,
    pictures: bool,
    reference_date: str | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> list["Audit"]:
    """The audit of each arm of a study."""
    from ..study.audit.audit import audit
    from ..study.audit.of_protocol import subject_of
    from ..study.audit.timing import refuse_unknown_reference
    from ..study.prepare import prepare

    subjects = [
        subject_of(part, simulated=study.simulated, reference_date=reference_date)
        for part in prepare(study, folder)
    ]
    refuse_unknown_reference(subjects, reference_date)
    return [audit(one, pictures=pictures, jobs=jobs, progress=progress) for one in subjects]


def _of_table(
    path: Path,
    *,
    roles: Mapping[str, str],
    reference_date: str | None,
    simulated: bool,
    pictures: bool,
    jobs: int,
    progress: Progress,
) -> "Audit":
    from ..io.tables import read_table
    from ..study.audit.audit import audit
    from ..study.audit.of_table import Roles, subject_of_table
    from ..study.audit.timing import refuse_unknown_reference

    for role in roles:
        if role not in ROLES:
            raise ProtocolError(f"there is no role {role!r} of a column; {choices(role, ROLES)}")
    table = read_table(path)
    subject = subject_of_table(
        table,
        name=path.stem,
        folder=path.parent,
        roles=Roles(**roles),
        reference_date=reference_date,
        simulated=simulated,
    )
    refuse_unknown_reference([subject], reference_date)
    return audit(subject, pictures=pictures, jobs=jobs, progress=progress)


def _notes(one: "Audit") -> Sequence[str]:
    return [f"  note: {note}" for note in one.notes]
