"""Fitted models as files of a bundle: tabular ones as numbers in JSON, networks in ONNX, both held against the fit."""

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.errors import ProtocolError, RunError
from ..core.packages import refuse_absent
from ..data.bundle import Network, Parity, Table
from ..data.packed import unpack
from ..data.portable import Linear, Row, Single
from ..io.onnx_network import Floats, OnnxNetwork, pattern, version
from ..models.as_is import Taken
from ..models.base import Fitted, Model, Scores
from ..models.logistic import FittedLogistic
from ..models.network import FittedNetwork
from ..models.piped import Piped
from ..models.ridge import FittedRidge
from ..models.tuned import Tuned
from .steps import unwrapped

SAME = 1e-4
"""Largest difference between a network by torch and by onnxruntime in any answer, for its file to be accepted."""
SAME_TABLE = 1e-9
"""The same for tabular models, where both sides compute in double precision, as a share of the score."""
HELD = ("rf_net", "bmode_net", "logistic", "ridge", "as_is")
"""Kinds of model that a bundle holds, also inside `tuned` and `piped`."""
COMPARED = 64
"""Cases on which a network is compared, at most."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A fitted model as a file."""

    part: Network | Table
    content: bytes
    parity: Parity


def refuse_unheld(model: Model, *, test: str) -> None:
    """Refuse a model that no bundle holds, before it is fitted."""
    while isinstance(model, Piped | Tuned):
        model = model.model
    if model.kind not in HELD:
        raise ProtocolError(
            f"index test {test!r}: a bundle holds {', '.join(HELD)}, not {model.kind}; leave the test out (--test names"
            " those to take)"
        )


def portrait(fitted: Fitted, features: pd.DataFrame, *, test: str) -> Portrait:
    """`fitted` as a file named after `test`, compared with it on the rows of `features` that it was fitted on.

    Raises:
        ProtocolError: a model, or a step before it, that no bundle holds.
        RunError: the file does not compute what the model does.
    """
    inner, seen = unwrapped(fitted, features)
    _refuse_changed(features, seen, test)
    if isinstance(inner, FittedNetwork):
        return _network(inner, seen, test)
    made = _numbers(inner, test)
    content = json.dumps(made.model_dump(mode="json"), indent=1, allow_nan=False).encode()
    return Portrait(
        Table(file=f"{test}.json"),
        content,
        _table_parity(made, inner.predict(seen), features=seen, test=test),
    )


def _refuse_changed(before: pd.DataFrame, after: pd.DataFrame, test: str) -> None:
    """Refuse steps that do more than choose features: what they learnt is not in a bundle."""
    kept = [name for name in after.columns if name in before.columns]
    if len(kept) < len(after.columns) or not after.equals(before[kept]):
        raise ProtocolError(
            f"index test {test!r}: a step before its model changes features (harmonisation, projection, ranks), which a"
            " bundle does not hold yet; steps that only choose features are fine"
        )


def _numbers(fitted: Fitted, test: str) -> Linear | Single:
    if isinstance(fitted, Taken):
        if math.isnan(fitted.typical):
            raise ProtocolError(
                f"index test {test!r}: as_is with `missing: no score` has no answer where the feature is missing, and a"
                " bundle must give one; take `missing: median`"
            )
        return Single(feature=fitted.feature, sign=fitted.sign, typical=fitted.typical)
    if isinstance(fitted, FittedLogistic):
        logit = fitted.estimator
        return _linear(fitted, logit.coef_[0], float(logit.intercept_[0]), link="logit")
    if isinstance(fitted, FittedRidge):
        ridge = fitted.estimator
        return _linear(fitted, ridge.coef_, float(ridge.intercept_), link="log" if fitted.log else "identity")
    raise ProtocolError(f"index test {test!r}: a bundle holds {', '.join(HELD)}, not {type(fitted).__name__}")


def _linear(
    fitted: FittedLogistic | FittedRidge, coefficients: np.ndarray, intercept: float, *, link: str
) -> Linear:
    encoding = fitted.encoding
    names = [str(name) for name in fitted.estimator.feature_names_in_]
    return Linear.model_validate(
        {
            "link": link,
            "intercept": intercept,
            "coefficients": dict(zip(names, map(float, coefficients), strict=True)),
            "medians": dict(encoding.medians),
            "means": dict(encoding.means),
            "deviations": dict(encoding.deviations),
            "levels": dict(encoding.levels),
            "commonest": dict(encoding.commonest),
        }
    )


def _table_parity(made: Linear | Single, expected: Scores, *, features: pd.DataFrame, test: str) -> Parity:
    rows = [_row(values) for values in features.to_dict("records")]
    found = np.array([made.score(row) for row in rows])
    scale = np.maximum(np.abs(expected.score), 1.0)
    largest = float(np.max(np.abs(found - expected.score) / scale))
    if not largest <= SAME_TABLE:
        raise RunError(
            f"index test {test!r}: its file differs from the model by {largest:.3g}; this is an error of ours"
        )
    return Parity(largest=largest, cases=len(rows), by="double precision on both sides, relative")


def _row(values: dict[object, object]) -> Row:
    plain = {str(name): value for name, value in values.items()}
    return {name: v if isinstance(v, float | str) else None for name, v in plain.items()}


def _network(fitted: FittedNetwork, features: pd.DataFrame, test: str) -> Portrait:
    refuse_absent(("torch", "onnx", "onnxruntime"), what="a bundle with a network")
    import torch

    from ..nets.export import OPSET, Whole, to_onnx

    streams = [[unpack(text).astype(np.float32) for text in features[name]] for name in fitted.columns]
    shapes = tuple(tuple(int(n) for n in column[0].shape[1:]) for column in streams)
    whole = Whole(
        fitted.network(),
        level=fitted.level,
        means=[scale.mean for scale in fitted.scales],
        deviations=[scale.deviation for scale in fitted.scales],
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        to_onnx(whole, str(path), shapes=shapes, names=fitted.columns)
        content = path.read_bytes()
    network = OnnxNetwork(content, name=f"{test}.onnx")
    largest, cases = _network_parity(network, fitted, features, streams=streams, test=test)
    head = fitted.blueprint.heads[0]
    part = Network.model_validate(
        {
            "file": f"{test}.onnx",
            "opset": OPSET,
            "columns": fitted.columns,
            "shapes": shapes,
            "answer": fitted.answer,
            "task": head.task,
            "centre": fitted.centre,
            "spread": fitted.spread,
            "log": fitted.log,
            "probe": network(pattern(shapes))[0][0].tolist(),
        }
    )
    by = f"torch {torch.__version__} and onnxruntime {version()}, any answer of the network"
    return Portrait(part, content, Parity(largest=largest, cases=cases, by=by))


def _network_parity(
    network: OnnxNetwork,
    fitted: FittedNetwork,
    features: pd.DataFrame,
    *,
    streams: Sequence[Sequence[Floats]],
    test: str,
) -> tuple[float, int]:
    """Largest difference in any answer on real cases, each by itself."""
    cases = min(len(features), COMPARED)
    expected = fitted.told(features.iloc[:cases]).answers
    found = np.stack([network([column[k][None] for column in streams])[0][0] for k in range(cases)])
    largest = float(np.max(np.abs(found - expected)))
    if not largest < SAME:
        raise RunError(
            f"index test {test!r}: onnxruntime differs from torch by {largest:.3g} in an answer, allowed is {SAME:g};"
            " no bundle is written: try other versions of torch, onnx and onnxruntime"
        )
    return largest, cases
