"""A study as it may be passed on: de-identified recordings and table, protocol, analysis plan, report, checksums."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import DataError, ProtocolError, RunError
from ..data.anonymity import Anonymity
from ..data.case import Case
from ..data.dictionary import Dataset
from ..engine.parallel import Progress, silent
from ..io.csv_text import csv_text
from ..io.whole_folder import whole_folder
from .prepare import prepare
from .protocol import Arm, Study
from .pseudonyms import Pseudonyms, refuse_shared_names
from .result import Prepared
from .share_again import again
from .share_anonymity import lines_of, of_table, refuse_too_few, table_of
from .share_documents import dictionary_document, dictionary_table, readme, write_documents, write_sums
from .share_recordings import FILE, write_shared
from .share_report import copy_report
from .share_scan import Identifier, find_identifiers
from .share_table import Rules, Shared, dates_in, shared_columns, table_text

SHOWN = 5
"""How many finds an error quotes."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package on disk."""

    folder: Path
    linkage: Path
    """Who is who: it stays with the sponsor."""
    cases: int
    recordings: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be passed on, beside what every package holds."""

    run: Path | None = None
    """Folder of the study's report."""
    day_zero: str | None = None
    """Date field from which the days of the others are counted; without one no date is shared."""
    extra: tuple[str, ...] = ()
    """Fields beyond those that the protocol reads."""
    texts: bool = False
    """Whether views and remarks of recordings, and fields of free text, are shared."""
    quasi: tuple[str, ...] = ()
    """Columns by which an outsider may know somebody; site, age and sex where none is named."""
    least_k: int = 1
    """Nobody may be like fewer than so many participants, themselves among them, by these columns."""


@dataclass(frozen=True, slots=True)
class _Data:
    """One table with the included cases of every arm that reads it."""

    name: str
    """Folder in the package: the first arm that reads it."""
    dataset: Dataset
    cases: tuple[Case, ...]
    fields: tuple[str, ...]
    arms: tuple[str, ...]


def share(
    study: Study,
    folder: Path,
    out: Path,
    *,
    key: bytes,
    asked: Asked | None = None,
    linkage: Path | None = None,
    progress: Progress = silent,
) -> Package:
    """Write the package of `study`, whose data paths are relative to `folder`, to the new folder `out`.

    Only included cases are in it, with the fields that the protocol reads. The same study, data and key give the same
    bytes. Names and identifiers by pseudonym stand in `linkage` (`OUT.linkage.csv` beside `out`), never inside.

    Raises:
        DataError: a recording cannot be read, or an identifier would have been passed on.
        ProtocolError, RunError: see the messages; nothing is left in any of these cases.
    """
    asked = asked or Asked()
    apart = linkage or out.with_name(f"{out.name}.linkage.csv")
    _refuse_places(out, apart)
    arms = prepare(study, folder)
    rules = Rules(Pseudonyms(key, study.name), asked.day_zero, asked.texts)
    with whole_folder(out) as root:
        notes: list[str] = []
        alike: list[str] = []
        identifiers = _identifiers(arms)
        total = 0
        reported = copy_report(asked.run, root / "report", study=study, sites=_sites(arms))
        for data in _data_of(arms, asked.extra):
            written = _write_data(data, root, rules=rules, asked=asked, progress=progress)
            notes += written.notes
            alike += lines_of(written.alike, data=data.name)
            identifiers |= written.identifiers
            total += written.recordings
        notes += reported
        notes += again(study, root, arms=arms, names=rules.names)
        write_documents(
            study, root, readme=readme(study, arms, notes=notes, alike=alike, day_zero=asked.day_zero)
        )
        write_sums(root)
        _refuse_found(root, identifiers)
        _write_linkage(apart, arms, rules.names)
    cases = {case.case_id for part in arms for case in part.cohort}
    return Package(out, apart, len(cases), total, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Written:
    recordings: int
    notes: tuple[str, ...]
    identifiers: frozenset[Identifier]
    alike: Anonymity


def _refuse_places(out: Path, linkage: Path) -> None:
    if out.resolve() == linkage.resolve() or out.resolve() in linkage.resolve().parents:
        raise ProtocolError(
            f"{linkage}: the table of who is who would lie inside the package; choose a place outside of {out}"
        )
    if linkage.exists():
        raise RunError(
            f"{linkage}: is there already, and nothing is replaced; move it, or choose another place"
        )


def _data_of(arms: Sequence[Prepared], extra: Sequence[str]) -> list[_Data]:
    """The tables behind the arms, each once: included cases of every arm that reads it, and the fields read."""
    found: dict[str, _Data] = {}
    for part in arms:
        if part.dataset is None:
            raise ProtocolError(
                f"arm {part.name!r} has no data dictionary, so that no field of it can be shared"
            )
        key = f"{part.arm.data} {part.manifest}"
        fields = (*_read(part.arm), *extra)
        one = found.get(key) or _Data(part.name, part.dataset, (), (), ())
        cases = {case.case_id: case for case in (*one.cases, *part.cohort)}
        found[key] = replace(
            one,
            cases=tuple(cases[name] for name in sorted(cases)),
            fields=tuple(dict.fromkeys((*one.fields, *fields))),
            arms=(*one.arms, part.name),
        )
    return list(found.values())


def _read(arm: Arm) -> tuple[str, ...]:
    """Clinical fields that the arm reads, eligibility included."""
    criteria = [one.field for one in arm.eligibility if one.field is not None]
    return tuple(dict.fromkeys((*criteria, *(field for fields in arm.reads.values() for field in fields))))


def _write_data(data: _Data, root: Path, *, rules: Rules, asked: Asked, progress: Progress) -> _Written:
    """The table, its dictionary and the recordings of the cases, under `data/NAME`."""
    place = root / "data" / data.name
    shared = shared_columns(data.cases, data.fields, dataset=data.dataset, rules=rules)
    head = _head(data, rules.names)
    alike = of_table(head, shared, dataset=data.dataset, quasi=asked.quasi)
    refuse_too_few(alike, asked.least_k, data=data.name)
    recorded = [n for n, one in data.dataset.acquisitions.items() if one.kind == "recording"]
    folders: dict[str, list[str]] = {name: [] for name in recorded}
    found: Counter[Identifier] = Counter()
    written = 0
    for k, case in enumerate(data.cases):
        progress(f"{data.name}: sharing recordings", k, len(data.cases))
        for name in recorded:
            folder, n, said = _recordings(case, name, place, data=data, rules=rules)
            folders[name].append(folder)
            found.update(said)
            written += n
    progress(f"{data.name}: sharing recordings", len(data.cases), len(data.cases))
    place.mkdir(parents=True, exist_ok=True)
    files = {f"{name}_files": cells for name, cells in folders.items()}
    (place / "table.csv").write_bytes(table_text({**head, **files}, shared.columns).encode())
    (place / "dictionary.yaml").write_bytes(dictionary_document(data.dataset, shared, recorded).encode())
    (place / "dictionary.csv").write_bytes(dictionary_table(shared, recorded).encode())
    (place / "anonymity.csv").write_bytes(table_of(alike).encode())
    return _Written(written, _notes(data, shared, recorded), _telling(found, len(data.cases)), alike)


def _telling(found: Mapping[Identifier, int], cases: int) -> frozenset[Identifier]:
    """The identifiers, without names of files that several cases have, e.g. rf.mat: those name nobody."""
    return frozenset(one for one, n in found.items() if one.what != FILE or n == 1 or cases == 1)


def _head(data: _Data, names: Pseudonyms) -> dict[str, list[str]]:
    return {
        "case": [names.case(case.case_id) for case in data.cases],
        "participant": [names.participant(case.participant_id) for case in data.cases],
        "site": [names.site(case.site) for case in data.cases],
    }


def _recordings(
    case: Case, name: str, place: Path, *, data: _Data, rules: Rules
) -> tuple[str, int, set[Identifier]]:
    if name not in case.acquisitions:
        return "", 0, set()
    written = write_shared(
        case,
        name,
        names=rules.names,
        root=place / "recordings" / name,
        own=_is_own(case, name, data),
        texts=rules.texts,
        simulated=data.dataset.simulated,
    )
    return f"{name}/{written.folder}", written.n, set(written.identifiers)


def _is_own(case: Case, name: str, data: _Data) -> bool:
    """Whether the recordings are of this participant alone, and not of a phantom that stands for several."""
    simulated = data.dataset.acquisitions[name].simulated
    if simulated is not None:
        return getattr(simulated, "of", "patient") == "patient"
    path = case.acquisitions[name].files[0]
    owners = {
        other.participant_id
        for other in data.cases
        if name in other.acquisitions and other.acquisitions[name].files[0] == path
    }
    return len(owners) == 1


def _notes(data: _Data, shared: Shared, recorded: Sequence[str]) -> tuple[str, ...]:
    dropped = [f"field {name} of {data.name} is not shared: {why}" for name, why in shared.dropped.items()]
    others = [name for name in data.dataset.acquisitions if name not in recorded]
    left = [f"acquisition {name} of {data.name} is not shared: only raw recordings are" for name in others]
    return (*dropped, *left)


def _identifiers(arms: Sequence[Prepared]) -> set[Identifier]:
    """What the data call their cases and participants, the excluded ones too, and every date."""
    found: set[Identifier] = set()
    for part in arms:
        for case in part.cohort:
            found.add(Identifier(case.case_id, "case"))
            found.add(Identifier(case.participant_id, "participant"))
        found |= {Identifier(name, "case") for step in part.cohort.flow for name in step.excluded}
        found |= dates_in(part.cohort)
    return found


def _sites(arms: Sequence[Prepared]) -> frozenset[str]:
    return frozenset(case.site for part in arms for case in part.cohort)


def _refuse_found(root: Path, identifiers: set[Identifier]) -> None:
    found = find_identifiers(root, identifiers)
    if found:
        shown = "; ".join(
            f"{one.file} holds {one.identifier.what} {one.identifier.text!r}" for one in found[:SHOWN]
        )
        raise DataError(
            f"nothing is written, because {len(found)} identifiers would have been passed on: {shown}. Remove them"
            " from the document that they come from (protocol, dictionary, names of regions or presets, report)"
        )


def _write_linkage(path: Path, arms: Sequence[Prepared], names: Pseudonyms) -> None:
    """Who is who, readable by its owner alone."""
    cases: Mapping[str, Case] = {case.case_id: case for part in arms for case in part.cohort}
    pairs = {name: names.case(name) for name in cases}
    refuse_shared_names(pairs)
    refuse_shared_names({c.participant_id: names.participant(c.participant_id) for c in cases.values()})
    rows = [
        (
            c.case_id,
            pairs[c.case_id],
            c.participant_id,
            names.participant(c.participant_id),
            c.site,
            names.site(c.site),
        )
        for _, c in sorted(cases.items())
    ]
    head = ("case", "case_shared", "participant", "participant_shared", "site", "site_shared")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(csv_text(head, rows), encoding="utf-8")
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror}); choose another place") from None
