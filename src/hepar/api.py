"""The journey in one call: what the command line and a notebook both use."""

import platform
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ._version import __version__
from .core.component import Component
from .core.errors import ProtocolError, choices
from .core.packages import IMAGES, refuse_absent
from .engine.parallel import Progress, silent
from .engine.store import Store
from .report.checklists import statement_keys
from .report.document import write_report
from .report.verdict import headlines
from .study.lock import Lock, make_lock, read_lock, write_lock
from .study.prepare import prepare
from .study.protocol import Study, bundled, read_protocol
from .study.provenance import package_versions
from .study.result import Prepared, Result
from .study.run import provenance_of
from .study.run import run as run_study

if TYPE_CHECKING:
    from .simulation.cohort import Simulated
    from .study.batch import Extraction
    from .study.recording import Measured
    from .study.stability import Stability

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
    study, folder = _read(protocol)
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


def extract(
    images: str | Path,
    masks: str | Path | None = None,
    *,
    out: str | Path | None = None,
    settings: str | Path | None = None,
    labels: Mapping[str, int] | None = None,
    unit: str | None = None,
    compat: bool = False,
    pictures: str | Path | None = None,
    maps: Sequence[str] = (),
    jobs: int = 1,
    progress: Progress = silent,
) -> "Extraction":
    """Radiomic features of images and masks as a table, one row a case and region; see `hepar extract --help`.

    With `out` the table is written there, the cases that failed beside it, and what was computed is kept beside it
    too, so that an interrupted extraction goes on where it stopped.
    """
    refuse_absent(IMAGES, what="reading images")
    from .study.extract_files import extract_to, write_failures
    from .study.methods import map_settings, read_method
    from .study.pairs import find_pairs

    method = read_method(_path(settings), compat=compat, unit=unit)
    how = map_settings(method, maps)
    if maps and pictures is None:
        raise ProtocolError("maps are drawn on pages; name a folder for them, too (pictures)")
    files = find_pairs(Path(images), _path(masks))
    found = extract_to(_path(out), files, method, labels=labels, jobs=jobs, progress=progress)
    if pictures is None:
        return found
    from .report.pages import Pages, draw_pages

    pages = Pages(Path(pictures), labels, tuple(maps), how)
    told = {failure.name for failure in found.failures}
    undrawn = [f for f in draw_pages(files.pairs, pages, jobs=jobs, progress=progress) if f.name not in told]
    failures = (*found.failures, *undrawn)
    if out is not None:
        write_failures(failures, Path(out))
    return replace(found, failures=failures)


def stability(features: str | Path, retest: str | Path, *, out: str | Path | None = None) -> "Stability":
    """How alike each feature comes out in a second scan or reading: an ICC for each, from two tables of `extract`."""
    from .study.stability import measure_stability

    return measure_stability(Path(features), Path(retest), out=_path(out))


def recording(
    path: str | Path,
    *,
    settings: str | Path | None = None,
    phantom: str | Path | None = None,
    phantom_attenuation: float | None = None,
    phantom_diameter_um: float | None = None,
    path_attenuation: float | None = None,
    region: str | None = None,
    depth_mm: tuple[float, float] | None = None,
    lines: tuple[int, int] | None = None,
    page: str | Path | None = None,
    facts: str | Path | None = None,
) -> "Measured":
    """What one recording of raw ultrasound is, whether it can be measured, and what it tells of a region.

    `region` names one that is marked, or `depth_mm` and `lines` give it. `phantom` is a recording of a reference
    phantom by the same preset, of known attenuation (dB/cm/MHz) and scatterer diameter. `page` (.png) and `facts`
    (.json) are written where named; see `hepar recording --help`.
    """
    refuse_absent(("h5py",), what="reading raw ultrasound")
    from .report.recording_page import refuse_other_ending, write_measured
    from .study.recording import Place
    from .study.recording_files import measure_files

    refuse_other_ending(_path(page), ".png", what="page")
    refuse_other_ending(_path(facts), ".json", what="document")
    measured = measure_files(
        Path(path),
        settings=_path(settings),
        phantom=_path(phantom),
        attenuation=phantom_attenuation,
        diameter_um=phantom_diameter_um,
        path_attenuation=path_attenuation,
        place=Place(region, depth_mm, lines),
    )
    write_measured(measured, page=_path(page), facts=_path(facts))
    return measured


def simulate(
    study: str,
    *,
    patients: int,
    out: str | Path,
    seed: int = 1,
    size: str = "reduced",
    form: str = "dicom",
    difficulty: float = 1.0,
    private: float | None = None,
    null: bool = False,
    arm: str = "natural",
    jobs: int = 1,
    progress: Progress = silent,
) -> "Simulated":
    """Write `patients` SIMULATED patients of `study` ("A" to "E") with known truth into the folder `out`.

    `size` is "reduced", "full" or "tables" (no images), `form` "dicom" or "nifti"; see `hepar phantom --help`. The
    same settings give the same bytes, whatever `jobs`; an interrupted run goes on where it stopped.
    """
    from .simulation import cohort
    from .simulation.recipe import Recipe

    recipe = Recipe(
        study, seed=seed, size=size, form=form, difficulty=difficulty, private=private, null=null, arm=arm
    )
    return cohort.simulate(recipe, patients, out=Path(out), jobs=jobs, progress=progress)


def check(protocol: str | Path | Study) -> list[str]:
    """Validate protocol and data without training; the lines that tell flow and partition."""
    study, folder = _read(protocol)
    lines = [f"{study.name}: {study.title}", f"protocol fingerprint {study.fingerprint}"]
    for part in prepare(study, folder):
        lines += _describe(part)
    return lines


def lock(protocol: str | Path | Study, *, out: str | Path | None = None) -> Path:
    """Write the lock of `protocol` to `out` (`NAME.lock.json` here)."""
    study, folder = _read(protocol)
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
        "packages": package_versions(),
        "protocols": list(bundled()),
    }


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)


def _read(protocol: str | Path | Study) -> tuple[Study, Path]:
    """The study; a statement that no checklist asks for is refused, because its answer would be lost."""
    study, folder = (protocol, Path()) if isinstance(protocol, Study) else read_protocol(protocol)
    known = statement_keys()
    for key in study.statements:
        if key not in known:
            raise ProtocolError(f"statements: no checklist asks for {key!r}; {choices(key, known)}")
    return study, folder


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
