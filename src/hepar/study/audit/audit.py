"""The audit: pictures read once, then every rule asked in turn."""

from collections.abc import Sequence
from functools import partial

from ...engine.parallel import Progress, ordered_map, silent
from .alone import looks_of, shortcut_findings
from .duplicates import duplicate_findings, duplicate_notes, things_of
from .equipment import equipment_findings
from .finding import SEVERITIES, Audit, Finding
from .identity import identity_findings
from .picture import Looked
from .rules import FEWEST_CASES
from .sites import label_table, site_findings
from .subject import Column, Source, Subject, kind_of, objects
from .timing import timing_findings, timing_notes

NOT_READ = "Pictures were not read, so that neither copies nor what their files say were looked at."

NOT_LOOKED = (
    f"No field was held against the outcome: a class has fewer than {FEWEST_CASES} participants,"
    " or there is no field."
)


def audit(subject: Subject, *, pictures: bool = True, jobs: int = 1, progress: Progress = silent) -> Audit:
    """Everything that the rules find; without `pictures`, in the table alone."""
    sources = subject.sources if pictures else ()
    what = f"{subject.name}: reading pictures"
    looked = list(
        zip(
            (source.place for source in sources),
            ordered_map(_look, sources, jobs=jobs, what=what, progress=progress) if sources else (),
            strict=True,
        )
    )
    things = things_of(looked)
    seen = subject.with_columns(_facts(subject, sources, [one for _, one in looked]))
    looks = looks_of(seen)
    findings = [
        *_unreadable(seen, looked),
        *duplicate_findings(seen, things),
        *identity_findings(seen),
        *shortcut_findings(looks),
        *site_findings(seen),
        *timing_findings(seen),
        *equipment_findings(seen),
    ]
    notes = [*seen.notes, *duplicate_notes(things), *timing_notes(seen)]
    if not looks:
        notes.append(NOT_LOOKED)
    if subject.sources and not sources:
        notes.append(NOT_READ)
    return Audit(
        name=subject.name,
        simulated=subject.simulated,
        cases=len(subject),
        participants=len(subject.first_of_each),
        pictures=len(things),
        findings=tuple(sorted(findings, key=lambda one: SEVERITIES.index(one.severity))),
        looks=looks,
        labels=label_table(seen),
        notes=tuple(notes),
    )


def _look(source: Source) -> Looked:
    return source.look()


def _facts(subject: Subject, sources: Sequence[Source], looked: Sequence[Looked]) -> list[Column]:
    """One column for each fact of each kind of picture; a case with several has the first one's."""
    names = {source.name for source in sources}
    found: dict[str, dict[int, object]] = {}
    for source, one in zip(sources, looked, strict=True):
        for fact, value in one.facts.items():
            name = fact if len(names) == 1 else f"{source.name}: {fact}"
            found.setdefault(name, {}).setdefault(source.place, value)
    make = partial(_column, len(subject))
    return [make(name, values) for name, values in sorted(found.items())]


def _column(n: int, name: str, values: dict[int, object]) -> Column:
    held = objects([values.get(place) for place in range(n)])
    kind = kind_of(held)
    if kind == "category":
        held = objects([None if value is None else str(value) for value in held])
    return Column(name, kind, "metadata", held)


def _unreadable(subject: Subject, looked: Sequence[tuple[int, Looked]]) -> list[Finding]:
    failed = [(place, one.failed) for place, one in looked if one.failed]
    if not failed:
        return []
    what = f"{len(failed)} of {len(looked)} pictures cannot be read"
    ids = tuple((subject.case_ids[place], reason) for place, reason in failed)
    return [
        Finding(
            "unreadable", "warning", what, "copy them again from their source", len(failed), "pictures", ids
        )
    ]
