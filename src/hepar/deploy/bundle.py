"""A bundle opened: every file checked, every extractor the same as at training, every network tried."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from pydantic import TypeAdapter, ValidationError

from ..core.errors import DataError, HeparError, ProtocolError, choices
from ..data.bundle import Manifest, Network, TestPart
from ..data.packed import is_packed, unpack
from ..data.portable import Linear, Portable, Row, Single, logistic
from ..features.base import Extractor
from ..io.bundle_file import read_bundle
from ..io.onnx_network import Floats, OnnxNetwork, pattern

PROBE = 1e-3
"""How far the answers of a network to a fixed pattern may be from those at its making."""
_PORTABLE: TypeAdapter[Linear | Single] = TypeAdapter(Portable)


class Predictor(Protocol):
    """Anything that scores the features of one case."""

    def answer(self, row: Row) -> tuple[float, float | None]:
        """Score, and probability where the model gives one."""
        ...

    def imputed(self, row: Row) -> tuple[str, ...]:
        """Features for which something typical stands."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ReadyNetwork:
    """A network beside what turns its answers into a score."""

    part: Network
    network: OnnxNetwork

    def answer(self, row: Row) -> tuple[float, float | None]:
        """Logit and probability of the outcome, or the quantity in its unit."""
        streams = [
            _stream(row.get(name), name, shape)
            for name, shape in zip(self.part.columns, self.part.shapes, strict=True)
        ]
        found = float(self.network(streams)[0][0, self.part.answer])
        if not np.isfinite(found):
            raise DataError(
                "the network gives no number for this recording; it is none that the test can judge"
            )
        if self.part.task != "regression":
            return found, logistic(found)
        value = self.part.centre + self.part.spread * found
        return float(np.exp(value)) if self.part.log else value, None

    def imputed(self, row: Row) -> tuple[str, ...]:
        """Arrays that are none: without them it refuses to answer."""
        return tuple(name for name in self.part.columns if not is_packed(row.get(name)))


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A test that can be asked."""

    name: str
    part: TestPart
    extractors: tuple[Extractor, ...]
    predictor: Predictor

    @property
    def acquisitions(self) -> tuple[str, ...]:
        """Those that it reads; the first is what is recorded of the patient."""
        return tuple(dict.fromkeys(name for one in self.extractors for name in one.acquisitions))

    @property
    def reads(self) -> tuple[str, ...]:
        """Clinical fields that it reads."""
        return tuple(dict.fromkeys(name for one in self.extractors for name in one.reads))


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """What a hospital runs; `name` is the SHA-256 of its manifest."""

    manifest: Manifest
    name: str
    tests: tuple[Ready, ...]


def open_bundle(path: Path | str, *, tests: Sequence[str] = ()) -> Bundle:
    """The bundle at `path` with the `tests` named, or all of them.

    Raises:
        DataError: it is damaged, was changed, is of another version, or this installation computes something else.
        ProtocolError: a test is none of the bundle's, or onnxruntime is not installed.
    """
    path = Path(path)
    manifest, files, name = read_bundle(path)
    for test in tests:
        if test not in manifest.tests:
            raise ProtocolError(f"{path}: has no test {test!r}; {choices(test, manifest.tests)}")
    chosen = {test: manifest.tests[test] for test in tests or manifest.tests}
    return Bundle(
        manifest, name, tuple(_ready(test, part, files=files, path=path) for test, part in chosen.items())
    )


def _ready(name: str, part: TestPart, *, files: Mapping[str, bytes], path: Path) -> Ready:
    where = f"{path}, test {name!r}"
    content = files.get(part.model.file)
    if content is None:
        raise DataError(
            f"{where}: its file {part.model.file} is not among those of the bundle; make it again"
        )
    extractors = _extractors(part, where)
    if isinstance(part.model, Network):
        return Ready(name, part, extractors, _network(part.model, content, where))
    try:
        return Ready(name, part, extractors, _PORTABLE.validate_python(json.loads(content)))
    except (ValueError, ValidationError):
        raise DataError(
            f"{where}: {part.model.file} is no model that this software knows; make it again"
        ) from None


def _extractors(part: TestPart, where: str) -> tuple[Extractor, ...]:
    """The extractors, if they still compute what they did at training."""
    try:
        made = tuple(Extractor.parse(settings) for settings in part.features)
    except HeparError as error:
        raise DataError(
            f"{where}: features that this software does not make: {error}; use the version that made the bundle"
        ) from None
    for one, known in zip(made, part.fingerprints, strict=True):
        if one.fingerprint != known:
            raise DataError(
                f"{where}: the extractor {one.kind!r} of this software differs from the one at training; use the"
                " version that made the bundle, or make the bundle again"
            )
    return made


def _network(part: Network, content: bytes, where: str) -> ReadyNetwork:
    network = OnnxNetwork(content, name=f"{where}, {part.file}")
    if len(network.inputs) != len(part.columns):
        raise DataError(
            f"{where}: the network reads {len(network.inputs)} arrays, not {len(part.columns)}; make it again"
        )
    told = network(pattern(part.shapes))[0][0]
    if told.shape != (len(part.probe),) or not np.allclose(told, part.probe, rtol=0, atol=PROBE):
        raise DataError(
            f"{where}: the network answers a fixed pattern with {np.round(told, 4).tolist()} here and with"
            f" {np.round(part.probe, 4).tolist()} where it was made; this installation is not fit to run it"
        )
    return ReadyNetwork(part, network)


def _stream(value: float | str | None, name: str, shape: tuple[int, ...]) -> Floats:
    """A packed array as the network takes it, (1, frames, channels, across, along)."""
    if not is_packed(value):
        raise DataError(
            f"{name} is {str(value)[:40]!r}, no packed array; the recording gives nothing to judge"
        )
    array = unpack(str(value)).astype(np.float32)
    if array.shape[1:] != shape:
        raise DataError(f"{name} has the shape {array.shape[1:]} for each frame; the network reads {shape}")
    return array[None]
