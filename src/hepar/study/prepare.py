"""From protocol to prepared arms: data read, eligibility applied, reference standard observed, cases divided.

Everything that can be refused is refused here, before any model is trained.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, HeparError, ProtocolError
from ..data.cohort import Cohort, Failure
from ..data.dictionary import Dataset, dictionary_path, read_dataset
from ..data.eligibility import screen
from ..data.reference import Reference, reference
from ..io.tables import cohort_of
from .fit_for_use import refuse_unfit_protocol, refuse_unlearnable
from .partition import Fold, check_folds
from .protocol import Arm, Study
from .result import Prepared

REFERENCE_MISSING = "reference standard missing"


def prepare(study: Study, folder: Path) -> list[Prepared]:
    """Every arm of `study`, ready to be predicted; data paths are relative to `folder`."""
    arms = []
    for name, arm in study.arms.items():
        document = _dictionary_of(arm.data, folder)
        dataset = read_dataset(document)
        _refuse_unmarked(study, name, dataset)
        arms.append(prepare_arm(name, arm, cohort_of(dataset, document), dataset=dataset))
    return arms


def prepare_arm(name: str, arm: Arm, cohort: Cohort, *, dataset: Dataset | None = None) -> Prepared:
    """One arm on the cohort given; `dataset` is where it came from, if it came from a data dictionary."""
    try:
        return _prepare(name, arm, cohort, dataset=dataset)
    except HeparError as error:
        raise type(error)(f"arm {name!r} ({arm.data}): {error}") from None


def _refuse_unmarked(study: Study, name: str, dataset: Dataset) -> None:
    """Refuse a study on simulated data whose report would not say it."""
    made = dataset.simulated or any(one.simulated for one in dataset.acquisitions.values())
    if made and not study.simulated:
        raise ProtocolError(
            f"arm {name!r}: the data set {dataset.name!r} is SIMULATED; write `simulated: true` in the protocol,"
            " so that every page of the report says so"
        )


def _dictionary_of(data: str, folder: Path) -> Path:
    """A dictionary beside the protocol, else that of the bundled data set so called."""
    beside = folder / data
    return dictionary_path(beside if beside.exists() or beside.suffix in (".yaml", ".yml") else data)


def _prepare(name: str, arm: Arm, cohort: Cohort, *, dataset: Dataset | None) -> Prepared:
    refuse_unfit_protocol(arm, cohort, dataset)
    manifest = cohort.fingerprint
    included, observed = _with_reference(arm, screen(cohort, arm.eligibility))
    known = Reference(arm.outcome, observed, whole=arm.design.partition.keeps_whole)
    clinical, folds = divide(arm, included, known)
    return Prepared(
        name=name,
        arm=arm,
        dataset=dataset,
        cohort=included,
        manifest=manifest,
        clinical=clinical,
        reference=known,
        folds=folds,
    )


def divide(arm: Arm, cohort: Cohort, known: Reference) -> tuple[pd.DataFrame, tuple[Fold, ...]]:
    """The clinical record and the parts of the included cases; refuses those of which nothing can be learnt."""
    clinical = cohort.clinical()
    refuse_unlearnable(known)
    _refuse_empty_fields(arm, clinical)
    folds = tuple(arm.design.partition.folds(known, clinical, seed=arm.design.seed))
    check_folds(folds, known)
    return clinical, folds


def without_failed(prepared: Prepared, step: str, failures: Sequence[Failure]) -> Prepared:
    """The arm less the cases that failed at `step`, divided anew."""
    out = frozenset(failure.case_id for failure in failures)
    cohort = prepared.cohort.without(step, sorted(out), failures=failures)
    kept = ~prepared.reference.table.index.isin(list(out))
    known = prepared.reference.take(kept.nonzero()[0])
    clinical, folds = divide(prepared.arm, cohort, known)
    return replace(prepared, cohort=cohort, clinical=clinical, reference=known, folds=folds)


def _with_reference(arm: Arm, cohort: Cohort) -> tuple[Cohort, pd.DataFrame]:
    """The cases that have a reference standard; those without leave by a step of their own."""
    observed = reference(arm.outcome, cohort.clinical())
    unknown = observed[list(arm.outcome.columns)].isna().any(axis=1)
    missing = observed.index[unknown].tolist()
    included = cohort.without(REFERENCE_MISSING, missing, missing=len(missing))
    if not len(included):
        raise DataError(
            f"none of the {len(cohort)} eligible cases has a reference standard ({arm.outcome.label})"
        )
    return included, observed[~unknown]


def _refuse_empty_fields(arm: Arm, clinical: pd.DataFrame) -> None:
    for reader, fields in arm.read_by_tests.items():
        empty = [field for field in fields if not clinical[field].notna().any()]
        if empty:
            raise DataError(
                f"{reader} reads field {empty[0]!r}, which is missing in all {len(clinical)} included cases;"
                " remove it, or check its column and missing codes in the dictionary"
            )
