"""What a run gives: everything a report needs, and nothing that can change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ..analyses.base import Findings
from ..data.cohort import Cohort
from ..data.dictionary import Dataset
from ..data.predictions import Predictions
from ..data.reference import Reference
from .explanation import together
from .harmonisation import Harmonisation
from .partition import Fold
from .protocol import Arm, Study
from .provenance import Provenance
from .steps import Steps


@dataclass(frozen=True, slots=True)
class Prepared:
    """An arm before anything is learnt: who is in it, what is known of them, how they are divided."""

    name: str
    arm: Arm
    dataset: Dataset | None
    """Where the cases came from: source, licence, citation."""
    cohort: Cohort
    """Included cases, with the flow that led to them and the notes of the import."""
    manifest: str
    """Fingerprint of the data as read, before anyone was excluded."""
    clinical: pd.DataFrame
    """Clinical record of the included cases."""
    reference: Reference
    folds: tuple[Fold, ...]
    features: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Feature table of each index test, one row a case; empty before they are extracted."""


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What was found in one arm."""

    prepared: Prepared
    predictions: Predictions
    findings: Findings
    models: pd.DataFrame
    """What each fold's model says of itself: columns `test, fold, term, value`."""
    explanations: pd.DataFrame = field(default_factory=lambda: together([]))
    """Shapley values of held-out cases; empty unless an index test asks for them."""
    acquired: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Image -> parameter -> what the headers of all cases say of it."""
    steps: Steps = field(default_factory=Steps)
    """What the steps before the models did in each part."""
    harmonised: tuple[Harmonisation, ...] = ()
    """Whether the batches can be told apart before and after each `combat` step."""

    @property
    def arm(self) -> Arm:
        """The arm's part of the protocol."""
        return self.prepared.arm


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What was found in every arm, and where it came from."""

    study: Study
    arms: Mapping[str, ArmResult]
    provenance: Provenance

    def __repr__(self) -> str:
        """Short: the whole would print every case of the study."""
        return f"Result({self.study.name!r}, arms={list(self.arms)})"

    @property
    def estimates(self) -> pd.DataFrame:
        """Every estimate of every arm, in one table."""
        return _together({name: arm.findings.rows for name, arm in self.arms.items()})

    @property
    def predictions(self) -> pd.DataFrame:
        """Every prediction of every arm, in one table."""
        return _together({name: arm.predictions.table for name, arm in self.arms.items()})

    @property
    def curves(self) -> pd.DataFrame:
        """Every curve of every arm, in one table."""
        return _together({name: arm.findings.curves for name, arm in self.arms.items()})

    @property
    def explanations(self) -> pd.DataFrame:
        """Shapley values of every arm, in one table."""
        return _together({name: arm.explanations for name, arm in self.arms.items()})

    @property
    def failures(self) -> pd.DataFrame:
        """The cases whose features could not be extracted, and why; it names cases and files."""
        rows = [
            (name, step.criterion, failure.case_id, failure.reason)
            for name, arm in self.arms.items()
            for step in arm.prepared.cohort.flow
            for failure in step.failures
        ]
        return pd.DataFrame(rows, columns=["arm", "step", "case_id", "reason"])


def _together(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([table.assign(arm=name) for name, table in tables.items()], ignore_index=True)
