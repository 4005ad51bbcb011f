"""What a bundle says of itself: a study's tests as files that a hospital runs, and everything to judge them by."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .portable import Portable

FORMAT: Literal["hepar-bundle"] = "hepar-bundle"
VERSION: Literal[1] = 1
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"
NOTICE = "Research software. Not a medical device."
FileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.(onnx|json)$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Judged(_Part):
    """What is predicted, and in which unit."""

    label: str
    kind: Literal["binary", "graded", "continuous"]
    unit: str = ""
    """Of a quantity; empty where the answer is a probability or a score without one."""


class Cut(_Part):
    """A threshold that the protocol fixed."""

    value: float
    meaning: str
    source: str
    scale: Literal["score", "probability"]


class Setup(_Part):
    """How recordings were acquired: one preset of one device, as far as a model cares."""

    device: str
    preset: str
    geometry: str
    fs_mhz: float
    fc_mhz: float
    n: int = Field(default=1, ge=1)
    """Cases in training that were recorded so."""


class Performance(_Part):
    """One estimate of the study's report, from cases that the model in question never saw.

    It is that of models of the same kind, fitted in the study's partition; the bundle's own model saw all of them.
    """

    analysis: str
    quantity: str
    versus: str = ""
    role: str
    threshold: float | None = None
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    method: str = ""


class Training(_Part):
    """Whom the model was fitted on."""

    cases: int
    participants: int
    sites: int
    outcome: str
    """The outcome among them in a few words, e.g. "41 positive" or "2.9 to 37.4 kPa"."""
    seed: int
    terms: dict[str, float]
    """What the model says of itself: coefficients, capacity, epochs."""
    ranges: dict[str, tuple[float, float]]
    """Lowest and highest value of each number that it reads."""


class Parity(_Part):
    """How far the files here are from the model as it was fitted, in the largest difference of a score."""

    largest: float
    cases: int
    by: str
    """What computed both sides, with versions."""


class Network(_Part):
    """A network in ONNX: it takes arrays as the extractors give them, one patient at a time."""

    kind: Literal["network"] = "network"
    file: FileName
    opset: int
    columns: tuple[str, ...]
    """Features with packed arrays, in the order of the network's inputs."""
    shapes: tuple[tuple[int, ...], ...]
    """Of a frame in each column: channels, across, along."""
    answer: int
    """Which of the network's answers is the score."""
    task: Literal["binary", "ordinal", "regression"]
    centre: float = 0.0
    spread: float = 1.0
    log: bool = False
    """A regression's answer times `spread` plus `centre` is the quantity, or its logarithm."""
    probe: tuple[float, ...]
    """Its answers to a fixed pattern, by which a hospital's installation is tried before it is used."""


class Table(_Part):
    """A tabular model in JSON."""

    kind: Literal["table"] = "table"
    file: FileName


class TestPart(_Part):
    """One test of the bundle."""

    __test__ = False  # it is no pytest class

    label: str
    model: Annotated[Network | Table, Field(discriminator="kind")]
    features: tuple[dict[str, Any], ...]
    """Extractors with their settings, as in the protocol."""
    fingerprints: tuple[str, ...]
    """Of the extractors: they change with settings and with the version of their code."""
    thresholds: tuple[Cut, ...]
    setups: dict[str, tuple[Setup, ...]]
    """Acquisition -> how those in training were recorded."""
    training: Training
    performance: tuple[Performance, ...]
    parity: Parity


class Manifest(_Part):
    """A bundle as a document."""

    format: Literal["hepar-bundle"] = FORMAT
    version: Literal[1] = VERSION
    notice: str = NOTICE
    simulated: bool
    """Trained on SIMULATED patients: its answers are evidence about nobody."""
    study: str
    title: str
    question: str
    intended_use: str
    limits: tuple[str, ...]
    arm: str
    arm_title: str
    protocol: str
    """Fingerprint of the protocol."""
    data: str
    """Fingerprint of the cohort as read."""
    hepar: str
    outcome: Judged
    tests: dict[str, TestPart] = Field(min_length=1)
    files: dict[FileName, Sha256]


TableModel = Portable
"""What a table's file holds."""
