"""The journey of a study in one call: run, check, lock; what there is, and versions."""

import platform
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pandas as pd

from .._version import __version__
from ..core.component import Component
from ..engine.parallel import Progress, silent
from ..engine.store import Store
from ..report.data_audit import lines as audit_lines
from ..report.document import write_report
from ..report.verdict import headlines
from ..study.audit.audit import audit
from ..study.audit.of_protocol import subject_of
from ..study.lock import Lock, make_lock, read_lock, write_lock
from ..study.prepare import prepare
from ..study.protocol import Study, bundled, read_protocol
from ..study.provenance import other_versions, package_versions
from ..study.result import Prepared, Result
from ..study.run import provenance_of
from ..study.run import run as run_study
from .protocols import read

FAMILIES = {
    "features": "hepar.features.base:Extractor",
    "filters": "hepar.features.filters:Filter",
    "transforms": "hepar.transforms.base:Transform",
    "models": "hepar.models.base:Model",
    "comparators": "hepar.comparators.base:Comparator",
    "analyses": "hepar.analyses.base:Analysis",
    "partitions": "hepar.study.partition:Partition",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report on disk."""

    path: Path

    def open(self) -> None:
        """Show it in the browser."""
        webbrowser.open(self.path.resolve().as_uri())


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """A finished study: its result, and the report that was written."""

    result: Result
    report: Report

    def __repr__(self) -> str:
        return f"Run({self.result.study.name!r}, report={str(self.report.path)!r})"

    @property
    def estimates(self) -> pd.DataFrame:
        """Every estimate of every arm."""
        return self.result.estimates

    @property
    def predictions(self) -> pd.DataFrame:
        """Every prediction of every test and case."""
        return self.result.predictions

    @property
    def curves(self) -> pd.DataFrame:
        """Every point of every curve."""
        return self.result.curves

    @property
    def headlines(self) -> list[str]:
        """The verdict in plain sentences."""
        told = [line for arm in self.result.arms.values() for line in headlines(arm)]
        return (
            ["SIMULATED DATA: no patient stands behind what follows", *told]
            if self.result.study.simulated
            else told
        )


def run(
    protocol: str | Path | Study,
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    lock: str | Path | None = None,
    progress: Progress = silent,
) -> Run:
    """Run `protocol` and write its report to `out` (`hepar-NAME` here).

    It is a file, the name of a bundled protocol, or a `Study`, whose data paths are relative to the working folder.
    What was computed is kept under `out`, so that an interrupted run goes on where it stopped.
    """
    study, folder = read(protocol)
    target = Path(out) if out is not None else Path(f"hepar-{study.name}")
    result = run_study(
        study,
        folder,
        lock=_lock_for(study, lock, folder),
        store=Store(target / "store"),
        jobs=jobs,
        progress=progress,
    )
    return Run(result, Report(write_report(result, target)))


def check(protocol: str | Path | Study, *, images: bool = False, progress: Progress = silent) -> list[str]:
    """Validate protocol and data without training; the lines that tell flow, partition and the audit of the data.

    With `images`, pictures, volumes and recordings are read and compared, too.
    """
    study, folder = read(protocol)
    lines = [f"{study.name}: {study.title}", f"protocol fingerprint {study.fingerprint}"]
    for part in prepare(study, folder):
        found = audit(subject_of(part, simulated=study.simulated), pictures=images, progress=progress)
        lines += [*_describe(part), *(f"  {line}" for line in audit_lines(found))]
    return lines


def lock(protocol: str | Path | Study, *, out: str | Path | None = None) -> Path:
    """Write the lock of `protocol` to `out` (`NAME.lock.json` here)."""
    study, folder = read(protocol)
    found = provenance_of(study, prepare(study, folder), folder)
    return write_lock(make_lock(study, found), Path(out) if out is not None else _default_lock(study))


def catalogue() -> Mapping[str, Mapping[str, str]]:
    """What there is, by family: name and first line of its documentation."""
    protocols = {name: read_protocol(path)[0].title for name, path in bundled().items()}
    return {"protocols": protocols, **{name: _members(place) for name, place in FAMILIES.items()}}


def info() -> Mapping[str, object]:
    """Versions of what runs here."""
    return {
        "hepar": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {**package_versions(), **other_versions()},
        "protocols": list(bundled()),
    }


def _members(place: str) -> dict[str, str]:
    module, _, name = place.partition(":")
    family: type[Component] = getattr(import_module(module), name)
    return {
        kind: (family.member(kind).__doc__ or "").strip().splitlines()[0] for kind in sorted(family.places())
    }


def _default_lock(study: Study) -> Path:
    return Path(f"{study.name}.lock.json")


def _lock_for(study: Study, lock: str | Path | None, folder: Path) -> Lock | None:
    """The lock named, or the one that lies here or beside the protocol."""
    if lock is not None:
        return read_lock(Path(lock))
    found = [path for path in (_default_lock(study), folder / _default_lock(study)) if path.exists()]
    return read_lock(found[0]) if found else None


def _held(part: Prepared) -> list[tuple[str, int]]:
    """How many of the included cases have each acquisition that the dictionary declares."""
    declared = part.dataset.acquisitions if part.dataset is not None else {}
    return [(name, sum(name in case.acquisitions for case in part.cohort)) for name in declared]


def _describe(part: Prepared) -> list[str]:
    counts = ", ".join(f"{n} {what}" for what, n in part.reference.counts().items())
    return [
        "",
        f"arm {part.name}: {part.arm.title}",
        *(f"  {s.entered:>6} entered, {len(s.excluded):>5} left: {s.criterion}" for s in part.cohort.flow),
        f"  {len(part.cohort):>6} included: {counts}",
        *(f"  {n:>6} of them have acquisition {name}" for name, n in _held(part)),
        *(f"  note: {note.field}: {note.what} ({note.n})" for note in part.cohort.notes),
        *(f"  {f.role}, {f.name}: {len(f.train)} train, {len(f.held_out)} held out" for f in part.folds),
    ]
