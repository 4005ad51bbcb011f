"""A bundle of a study's tests: each fitted on all development cases, with everything to judge its answers by."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._version import __version__
from ..core.errors import HeparError, ProtocolError, RunError, choices
from ..core.fingerprint import fingerprint
from ..data.bundle import Cut, Judged, Manifest, Performance, Setup, TestPart, Training
from ..data.case import Acquisition
from ..data.outcome import Continuous
from ..data.reference import Reference
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from ..imaging.ultrasound.frames import RfFrames
from ..io.bundle_file import digest, refuse_present, write_bundle
from .bundle_models import portrait, refuse_unheld
from .prepare import prepare
from .protocol import Arm, IndexTest, Study
from .result import Prepared
from .run import run_arm

OUTCOMES = ("binary", "graded", "continuous")
TOLD = {"analysis", "quantity", "versus", "role", "threshold", "value", "low", "high", "n", "method"}


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundle on disk."""

    path: Path
    name: str
    """SHA-256 of its manifest."""
    manifest: Manifest


def make_bundle(
    study: Study,
    folder: Path,
    *,
    out: Path,
    arm: str | None = None,
    tests: Sequence[str] = (),
    store: Artefacts = NOTHING,
    jobs: int = 1,
    progress: Progress = silent,
) -> Bundled:
    """Run one arm of `study` and write its index `tests` as a bundle; `arm` may be left out where there is one.

    The data paths of `study` are relative to `folder`. With the `store` of a finished run nothing is computed twice.
    See `bundle_arm` for what is refused: all of it but a file that computes something else, before anything is run.
    """
    name = _arm_of(study, arm)
    _chosen(name, study.arms[name], tests)
    refuse_present(out)
    _refuse_unwritable(out)
    (part,) = (one for one in prepare(study, folder) if one.name == name)
    done = run_arm(part, store=store, jobs=jobs, progress=progress)
    return bundle_arm(
        study,
        done.prepared,
        rows=done.findings.rows,
        out=out,
        tests=tests,
        store=store,
        jobs=jobs,
        progress=progress,
    )


def bundle_arm(
    study: Study,
    prepared: Prepared,
    *,
    rows: pd.DataFrame,
    out: Path,
    tests: Sequence[str] = (),
    store: Artefacts = NOTHING,
    jobs: int = 1,
    progress: Progress = silent,
) -> Bundled:
    """Write the index `tests` of an arm (all of them when omitted) as a bundle to `out`: a folder, or FILE.zip.

    `prepared` holds extracted features. Each test is fitted anew on all development cases: those that the study's
    partition never holds out for good. The performance beside it are the study's estimates (`rows` of its findings), of
    models that never saw the cases they were judged by.

    Raises:
        ProtocolError: a test is none of the arm's, or of a kind that no bundle holds.
        RunError: a file does not compute what the fitted model does, or `out` is there already.
    """
    chosen = _chosen(prepared.name, prepared.arm, tests)
    for name in chosen:
        _refuse_images(prepared, name)
    refuse_present(out)
    parts: dict[str, TestPart] = {}
    files: dict[str, bytes] = {}
    what = f"{prepared.name}: fitting on all development cases"
    for k, name in enumerate(chosen):
        progress(what, k, len(chosen))
        setups = _setups(prepared, prepared.arm.index_tests[name], store=store, jobs=jobs, progress=progress)
        parts[name], content = _part(prepared, name, rows=rows, setups=setups)
        files[parts[name].model.file] = content
    progress(what, len(chosen), len(chosen))
    manifest = _manifest(study, prepared, parts=parts, files=files)
    return Bundled(out, write_bundle(manifest, files, out), manifest)


def development(prepared: Prepared) -> np.ndarray:
    """Rows of the cases that a final model may learn from: all but those held out for good, in rising order."""
    inside = [
        rows
        for fold in prepared.folds
        if fold.role == "cross-validated"
        for rows in (fold.train, fold.held_out)
    ]
    inside = inside or [fold.train for fold in prepared.folds]
    return np.unique(np.concatenate(inside))


def _arm_of(study: Study, arm: str | None) -> str:
    if arm is None and len(study.arms) == 1:
        return next(iter(study.arms))
    if arm is None or arm not in study.arms:
        asked = (
            "which arm? a bundle holds the tests of one" if arm is None else f"the study has no arm {arm!r}"
        )
        raise ProtocolError(f"{asked}; {choices(str(arm or ''), study.arms)}")
    return arm


def _chosen(name: str, arm: Arm, tests: Sequence[str]) -> tuple[str, ...]:
    """The tests to take; refused before anything is fitted where one cannot be bundled."""
    for test in tests:
        if test not in arm.index_tests:
            raise ProtocolError(f"arm {name!r} has no index test {test!r}; {choices(test, arm.index_tests)}")
    if arm.outcome.kind not in OUTCOMES:
        raise ProtocolError(
            f"arm {name!r}: a bundle predicts {', '.join(OUTCOMES)} outcomes, not {arm.outcome.kind!r}"
        )
    chosen = tuple(dict.fromkeys(tests)) or tuple(arm.index_tests)
    for test in chosen:
        refuse_unheld(arm.index_tests[test].model, test=test)
    return chosen


def _refuse_unwritable(out: Path) -> None:
    """Refuse a place that takes no file before a study is run for it; folders are not made yet."""
    near = next(folder for folder in out.absolute().parents if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=near):
            pass
    except OSError as error:
        raise RunError(f"{out}: cannot be written ({error.strerror}); choose another place") from None


def _refuse_images(prepared: Prepared, name: str) -> None:
    declared = prepared.dataset.acquisitions if prepared.dataset is not None else {}
    for acquisition in _acquisitions(prepared.arm.index_tests[name]):
        if acquisition in declared and declared[acquisition].kind != "recording":
            raise ProtocolError(
                f"index test {name!r} reads the image {acquisition!r}; a bundle holds tests on raw recordings and on"
                " values (--test names those to take)"
            )


def _part(
    prepared: Prepared, name: str, *, rows: pd.DataFrame, setups: Mapping[str, tuple[Setup, ...]]
) -> tuple[TestPart, bytes]:
    """One test, fitted and described, and its file."""
    test = prepared.arm.index_tests[name]
    inside = development(prepared)
    features, known = prepared.features[name].iloc[inside], prepared.reference.take(inside)
    seed = int(fingerprint(prepared.arm.design.seed, name, "bundle")[:7], 16)
    try:
        fitted = test.model.fit(features, known, seed=seed)
        drawn = portrait(fitted, features, test=name)
    except HeparError as error:
        raise type(error)(f"bundle of arm {prepared.name!r}: {error}") from None
    terms = {term: float(value) for term, value in fitted.describe().items()}
    part = TestPart(
        label=test.label,
        model=drawn.part,
        features=tuple(one.model_dump(mode="json", by_alias=True) for one in test.features),
        fingerprints=tuple(one.fingerprint for one in test.features),
        thresholds=tuple(Cut.model_validate(cut.model_dump()) for cut in test.thresholds),
        setups=dict(setups),
        training=_training(features, known, seed=seed, terms=terms),
        performance=_performance(rows, name),
        parity=drawn.parity,
    )
    return part, drawn.content


def _training(features: pd.DataFrame, known: Reference, *, seed: int, terms: dict[str, float]) -> Training:
    numbers = [str(name) for name in features.columns if features[name].dtype != object]
    return Training(
        cases=len(known),
        participants=len(set(known.participants)),
        sites=int(known.table["site"].nunique()),
        outcome=_told_outcome(known),
        seed=seed,
        terms=terms,
        ranges={name: (float(features[name].min()), float(features[name].max())) for name in numbers},
    )


def _told_outcome(known: Reference) -> str:
    if isinstance(known.outcome, Continuous):
        value = known.table["value"]
        return f"{value.min():g} to {value.max():g} {known.outcome.unit}".strip()
    return f"{int(known.positive.sum())} of {len(known)} positive"


def _performance(rows: pd.DataFrame, name: str) -> tuple[Performance, ...]:
    """The study's estimates of the test, in all its cases; those of subgroups stay in the report."""
    rows = rows[(rows["test"] == name) & (rows["group"] == "") & rows["value"].notna()]
    return tuple(Performance.model_validate(_plain(row)) for row in rows.to_dict("records"))


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The columns that a bundle tells; a number that is missing is left out."""
    return {str(name): value for name, value in row.items() if name in TOLD and value == value}


def _acquisitions(test: IndexTest) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in test.features for name in one.acquisitions))


def _setups(
    prepared: Prepared, test: IndexTest, *, store: Artefacts, jobs: int, progress: Progress
) -> dict[str, tuple[Setup, ...]]:
    """How the recordings of the development cases were acquired, each way with its number of cases."""
    cases = [prepared.cohort.cases[row] for row in development(prepared)]
    found = {}
    for name in _acquisitions(test):
        held = [case.acquisition(name) for case in cases if name in case.acquisitions]
        what = f"bundle: presets of {name}"
        told = ordered_map(partial(_setup_rows, store), held, jobs=jobs, what=what, progress=progress)
        counts: dict[str, int] = {}
        for rows in told:
            for key in {Setup.model_validate(row).model_dump_json() for row in rows}:
                counts[key] = counts.get(key, 0) + 1
        setups = [Setup.model_validate_json(key).model_copy(update={"n": n}) for key, n in counts.items()]
        found[name] = tuple(sorted(setups, key=lambda one: (-one.n, one.device, one.preset)))
    return found


def _setup_rows(store: Artefacts, acquisition: Acquisition) -> list[dict[str, Any]]:
    key = fingerprint(__version__, "setups", acquisition.fingerprint)
    rows: list[dict[str, Any]] = store.get_or_make(key, partial(_read_setups, acquisition))["setups"]
    return rows


def _read_setups(acquisition: Acquisition) -> Mapping[str, Any]:
    views: tuple[RfFrames, ...] = acquisition.load()
    names = ("device", "preset", "geometry", "fs_mhz", "fc_mhz")
    return {"setups": [{name: getattr(view, name) for name in names} for view in views]}


def _manifest(
    study: Study, prepared: Prepared, *, parts: dict[str, TestPart], files: Mapping[str, bytes]
) -> Manifest:
    outcome = prepared.arm.outcome
    unit = outcome.unit if isinstance(outcome, Continuous) else ""
    return Manifest(
        simulated=study.simulated,
        study=study.name,
        title=study.title,
        question=study.question.strip(),
        intended_use=study.intended_use,
        limits=study.limits,
        arm=prepared.name,
        arm_title=prepared.arm.title,
        protocol=study.fingerprint,
        data=prepared.manifest,
        hepar=__version__,
        outcome=Judged.model_validate({"label": outcome.label, "kind": outcome.kind, "unit": unit}),
        tests=parts,
        files={file: digest(content) for file, content in files.items()},
    )
