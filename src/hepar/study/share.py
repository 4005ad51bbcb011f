"""A study as it may be passed on: de-identified recordings and table, protocol, analysis plan, report, checksums."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import ProtocolError, RunError
from ..data.anonymity import Anonymity
from ..data.case import Case
from ..data.dictionary import Dataset
from ..engine.parallel import Progress, silent
from ..io.csv_text import csv_text
from ..io.identifier import Identifier
from ..io.whole_folder import whole_folder
from .prepare import prepare
from .protocol import Arm, Study
from .pseudonyms import Pseudonyms, refuse_shared_names
from .result import Prepared
from .share_again import again
from .share_anonymity import lines_of, of_table, refuse_too_few, table_of
from .share_documents import dictionary_document, dictionary_table, readme, write_documents, write_sums
from .share_images import share_images
from .share_proof import identifiers_of, refuse_found, sites_of, telling
from .share_recordings import write_shared
from .share_report import copy_report
from .share_table import Rules, Shared, shared_columns, table_text


@dataclass(frozen=True, slots=True)
class Package:
    """A package on disk."""

    folder: Path
    linkage: Path
    """Who is who: it stays with the sponsor."""
    cases: int
    recordings: int
    images: int
    """Images and masks."""
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
    images: bool = True
    """Whether images and masks are shared, as NIfTI."""
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
        identifiers = identifiers_of(arms)
        total = pictures = 0
        reported = copy_report(asked.run, root / "report", study=study, sites=sites_of(arms))
        for data in _data_of(arms, asked.extra):
            written = _write_data(data, root, rules=rules, asked=asked, progress=progress)
            notes += written.notes
            alike += lines_of(written.alike, data=data.name)
            identifiers |= written.identifiers
            total, pictures = total + written.recordings, pictures + written.images
        notes += reported
        notes += again(study, root, arms=arms, names=rules.names)
        write_documents(
            study, root, readme=readme(study, arms, notes=notes, alike=alike, day_zero=asked.day_zero)
        )
        write_sums(root)
        refuse_found(root, identifiers)
        _write_linkage(apart, arms, rules.names)
    cases = {case.case_id for part in arms for case in part.cohort}
    return Package(out, apart, len(cases), total, pictures, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Written:
    recordings: int
    images: int
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
    made = share_images(
        data.cases if asked.images else (), data.dataset, place, names=rules.names, progress=progress
    )
    found.update(made.identifiers)
    files = {**{f"{name}_files": cells for name, cells in folders.items()}, **made.columns}
    (place / "table.csv").write_bytes(table_text({**head, **files}, shared.columns).encode())
    (place / "dictionary.yaml").write_bytes(
        dictionary_document(data.dataset, shared, recorded=recorded, imaged=made.acquisitions).encode()
    )
    (place / "dictionary.csv").write_bytes(dictionary_table(shared, recorded, tuple(made.columns)).encode())
    (place / "anonymity.csv").write_bytes(table_of(alike).encode())
    notes = (*_notes(data, shared, kept=(*recorded, *made.acquisitions)), *made.notes)
    return _Written(written, made.n, notes, telling(found, len(data.cases)), alike)


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


def _notes(data: _Data, shared: Shared, *, kept: Sequence[str]) -> tuple[str, ...]:
    dropped = [f"field {name} of {data.name} is not shared: {why}" for name, why in shared.dropped.items()]
    left = [
        f"acquisition {name} of {data.name} is not shared"
        for name in data.dataset.acquisitions
        if name not in kept
    ]
    return (*dropped, *left)


def _write_linkage(path: Path, arms: Sequence[Prepared], names: Pseudonyms) -> None:
    """Who is who, readable by its owner alone."""
    cases = {case.case_id: case for part in arms for case in part.cohort}
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
