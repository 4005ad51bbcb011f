"""Run a study: one pass down, cohort -> features -> predictions -> estimates."""

from functools import partial
from pathlib import Path

from ..analyses.base import Analysis, Findings
from ..data.predictions import Predictions
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from .extract import extract
from .harmonisation import harmonised
from .imaging import acquired
from .lock import Lock, compare
from .null import null_by_refits
from .predict import predict
from .prepare import prepare
from .protocol import Arm, Study
from .provenance import Provenance, provenance
from .result import ArmResult, Prepared, Result


def run(
    study: Study,
    folder: Path,
    *,
    lock: Lock | None = None,
    store: Artefacts = NOTHING,
    jobs: int = 1,
    progress: Progress = silent,
) -> Result:
    """Run `study`; its data paths are relative to `folder`. `store` and `jobs` change the time, never the result."""
    prepared = prepare(study, folder)
    found = provenance_of(study, prepared, folder, lock=lock)
    arms = {part.name: run_arm(part, store=store, jobs=jobs, progress=progress) for part in prepared}
    return Result(study, arms, found)


def run_arm(
    prepared: Prepared, *, store: Artefacts = NOTHING, jobs: int = 1, progress: Progress = silent
) -> ArmResult:
    """Extract, predict and analyse one arm."""
    extracted = extract(prepared, store=store, jobs=jobs, progress=progress)
    found = predict(extracted, store=store, jobs=jobs, progress=progress)
    return ArmResult(
        prepared=extracted,
        predictions=found.predictions,
        findings=Findings.together(
            [
                analyse(prepared.name, prepared.arm, found.predictions, jobs=jobs, progress=progress),
                null_by_refits(extracted, found.predictions, store=store, jobs=jobs, progress=progress),
            ]
        ),
        models=found.models,
        explanations=found.explanations,
        acquired=acquired(extracted, store=store, jobs=jobs, progress=progress),
        steps=found.steps,
        harmonised=harmonised(
            extracted.name,
            extracted.arm,
            features=extracted.features,
            reference=extracted.reference,
            store=store,
            jobs=jobs,
            progress=progress,
        ),
    )


def analyse(
    name: str, arm: Arm, predictions: Predictions, *, jobs: int = 1, progress: Progress = silent
) -> Findings:
    """The findings of the arm's analyses, in the protocol's order."""
    ask = partial(_ask, predictions)
    return Findings.together(
        ordered_map(ask, arm.asked, jobs=jobs, what=f"{name}: analysing", progress=progress)
    )


def provenance_of(
    study: Study, prepared: list[Prepared], folder: Path, *, lock: Lock | None = None
) -> Provenance:
    """Where a run of `study` on the prepared arms comes from, held against `lock` if there is one."""
    found = provenance(
        protocol=study.fingerprint,
        manifests={part.name: part.manifest for part in prepared},
        seeds={part.name: part.arm.design.seed for part in prepared},
        folder=folder,
    )
    return compare(found, study, lock) if lock else found


def _ask(predictions: Predictions, analysis: Analysis) -> Findings:
    return analysis.run(predictions)
