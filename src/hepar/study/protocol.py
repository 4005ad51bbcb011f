"""The study protocol: a frozen, hashable document, in YAML or in Python."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, model_validator

from ..analyses.base import Analysis
from ..analyses.standard import standard
from ..comparators.base import Comparator
from ..core.component import Component
from ..core.document import read_document
from ..core.errors import ProtocolError, choices
from ..core.fingerprint import fingerprint
from ..data.eligibility import Criterion
from ..data.outcome import Outcome
from ..features.base import Extractor
from ..models.base import Model
from .partition import KFold, Partition

Extractors = tuple[Annotated[SerializeAsAny[Extractor], BeforeValidator(Extractor.parse)], ...]
OneModel = Annotated[SerializeAsAny[Model], BeforeValidator(Model.parse)]
OneComparator = Annotated[SerializeAsAny[Comparator], BeforeValidator(Comparator.parse)]
OneAnalysis = Annotated[SerializeAsAny[Analysis], BeforeValidator(Analysis.parse)]
OnePartition = Annotated[SerializeAsAny[Partition], BeforeValidator(Partition.parse)]
FEWEST_REFITS = 20
"""Refits on dealt labels below which p could not reach 0.05."""
TestName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProtocolThreshold(_Part):
    """A pre-specified threshold of an index test."""

    value: float
    meaning: str
    source: str = "protocol"
    scale: Literal["score", "probability"] = "probability"


class Explain(_Part):
    """Which predictions of an index test are explained by Shapley values, against whom, and how closely."""

    cases: int = Field(default=60, ge=1)
    """Held-out cases of each part that are explained, at most."""
    background: int = Field(default=30, ge=2)
    """Training cases that stand for a feature nobody knows, at most."""
    draws: int = Field(default=4, ge=2)
    """Random orders of the features for each case and background case; more make the Monte-Carlo error smaller."""
    scale: Literal["score", "probability"] = "score"
    groups: dict[TestName, str] = {}
    """Name of each group of features -> the prefix of theirs: the longest that fits; an empty one takes the rest."""


class Refits(_Part):
    """How often an index test is fitted anew on outcomes dealt among the participants, and in which parts."""

    draws: int = 20
    parts: Literal["first", "all"] = "first"

    @model_validator(mode="after")
    def _enough_draws(self) -> Self:
        if self.draws < FEWEST_REFITS:
            raise ProtocolError(
                f"refits.draws: {self.draws} are too few to make a null; give {FEWEST_REFITS} or more. A single"
                " shuffle strays far from chance by itself (an AUC of 0.25 has been seen), and p can be no smaller"
                f" than 1 / (draws + 1), here {1 / (max(self.draws, 0) + 1):.2g}"
            )
        return self


class IndexTest(_Part):
    """A model and the features it may see."""

    label: str
    features: Extractors = Field(min_length=1)
    model: OneModel
    thresholds: tuple[ProtocolThreshold, ...] = ()
    explain: Explain | None = None
    refits: Refits | None = None


class Design(_Part):
    """Who is predicted by whom, in how many risk groups, by which seed."""

    partition: OnePartition = KFold()
    risk_groups: int = Field(default=3, ge=2, le=5)
    seed: int = 0


class Arm(_Part):
    """One question on one data set: who enters, what is predicted, by what, against what."""

    title: str
    data: str
    """Path of the data set's dictionary, relative to the protocol; or the name of a bundled data set."""
    eligibility: tuple[Criterion, ...] = ()
    outcome: Outcome
    index_tests: dict[TestName, IndexTest] = Field(min_length=1)
    comparators: dict[TestName, OneComparator] = {}
    subgroups: tuple[str, ...] = ()
    describe: tuple[str, ...] = ()
    """Fields of table 1 beyond the features, subgroups and comparators' fields."""
    design: Design = Design()
    analyses: tuple[OneAnalysis, ...] = ()
    """Empty: the standard analyses of the outcome's kind."""
    also: tuple[OneAnalysis, ...] = ()
    """Analyses beside those, e.g. the sample size, which needs parameters that only people can give."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._refuse_shared_names()
        self._refuse_outcome_among_features()
        for name, test in self.index_tests.items():
            _refuse_outcome_kind(
                f"model {test.model.kind!r} of {name!r}", test.model.accepts, self.outcome.kind
            )
        for analysis in (*self.analyses, *self.also):
            _refuse_outcome_kind(f"analysis {analysis.kind!r}", analysis.accepts, self.outcome.kind)
            for test_name in analysis.names_tests:
                if test_name not in self.tests:
                    raise ProtocolError(
                        f"analysis {analysis.kind!r} names test {test_name!r}; {choices(test_name, self.tests)}"
                    )
        return self

    @property
    def tests(self) -> tuple[str, ...]:
        """Names of all tests, index tests first."""
        return (*self.index_tests, *self.comparators)

    @property
    def reads(self) -> Mapping[str, tuple[str, ...]]:
        """Clinical fields by who reads them."""
        features = {
            f"index test {name!r}": tuple(field for extractor in test.features for field in extractor.reads)
            for name, test in self.index_tests.items()
        }
        comparators = {f"comparator {name!r}": tuple(c.needs) for name, c in self.comparators.items()}
        return {
            "outcome": self.outcome.fields,
            **features,
            **comparators,
            "subgroups": self.subgroups,
            "describe": self.describe,
            "partition": self.design.partition.reads,
        }

    @property
    def read_by_tests(self) -> Mapping[str, tuple[str, ...]]:
        """Clinical fields by the index test or comparator that reads them."""
        return {
            who: fields for who, fields in self.reads.items() if who.startswith(("index test", "comparator"))
        }

    def components(self) -> Iterator[Component]:
        """Every component that the arm names."""
        for test in self.index_tests.values():
            yield from (*test.features, test.model)
        yield from (*self.comparators.values(), *self.asked, self.design.partition)

    @property
    def asked(self) -> tuple[Analysis, ...]:
        """The analyses that are run, in their order."""
        return (*(self.analyses or standard(self.outcome.kind)), *self.also)

    def _refuse_shared_names(self) -> None:
        shared = set(self.index_tests) & set(self.comparators)
        if shared:
            raise ProtocolError(f"{sorted(shared)} are both index tests and comparators; rename one of them")

    def _refuse_outcome_among_features(self) -> None:
        for reader, fields in self.read_by_tests.items():
            leaked = set(fields) & set(self.outcome.fields)
            if leaked:
                raise ProtocolError(
                    f"{reader} reads {sorted(leaked)}, which the outcome is made of; remove it"
                )


class Study(_Part):
    """What is studied, in whom, against what, and how it is judged."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    question: str
    registration: str = "not registered"
    simulated: bool = False
    intended_use: str = ""
    limits: tuple[str, ...] = ()
    """Limits of the study in plain words, printed in the report beside those that the software finds."""
    statements: dict[str, str] = {}
    """Answers to checklist items that only people can give, by evidence key, e.g. `admin.funding`."""
    arms: dict[TestName, Arm] = Field(min_length=1)

    @property
    def fingerprint(self) -> str:
        """Changes with anything that can change a result: lock it before unblinding."""
        components = [c.fingerprint for arm in self.arms.values() for c in arm.components()]
        return fingerprint(self.model_dump(mode="json", by_alias=True), components)


def bundled() -> Mapping[str, Path]:
    """The bundled protocols, by name."""
    folder = Path(str(files("hepar") / "studies"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_protocol(protocol: str | Path) -> Path:
    """The file that `protocol` names: a path, or the name of a bundled protocol."""
    path, known = Path(protocol), bundled()
    if path.is_file():
        return path
    if str(protocol) in known:
        return known[str(protocol)]
    raise ProtocolError(
        f"no protocol {str(protocol)!r}: it is neither a file nor a bundled protocol; {choices(str(protocol), known)}"
    )


def read_protocol(protocol: str | Path) -> tuple[Study, Path]:
    """The study in a file, or the bundled one of that name, and the folder that its data paths are relative to."""
    path = find_protocol(protocol)
    return read_document(Study, path, what="protocol"), path.parent


def _refuse_outcome_kind(what: str, accepts: frozenset[str], kind: str) -> None:
    if kind not in accepts:
        raise ProtocolError(f"{what} does not fit outcome {kind!r}; it accepts: {', '.join(sorted(accepts))}")
