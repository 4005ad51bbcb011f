"""Analyses: a predictions table in, estimates and curves out. Where a score came from is not known here."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.component import Component
from ..core.errors import ProtocolError
from ..data.predictions import Predictions, Test
from ..stats.estimate import Estimate

ROW = (
    "analysis",
    "quantity",
    "test",
    "versus",
    "role",
    "group",
    "threshold",
    "horizon_y",
    "value",
    "low",
    "high",
    "p",
    "se",
    "n",
    "events",
    "method",
)
"""Columns of an estimates table. `group` is a subgroup as `field=level`, empty for everyone; `versus` is the test
subtracted in a difference, empty otherwise. `test` is empty where a row is about the cohort. `n` and `events` count
the cases used and those with the outcome; of a proportion: its denominator and numerator."""

CURVE = ("analysis", "curve", "test", "role", "group", "x", "y", "low", "high", "n")
"""Columns of a curves table: points of ROC, calibration, net benefit, survival and forest plots, in drawing order."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an analysis found: estimates (columns `ROW`) and curves (columns `CURVE`)."""

    rows: pd.DataFrame
    curves: pd.DataFrame

    @classmethod
    def of(
        cls, rows: Iterable[Mapping[str, Any]], curves: Iterable[Mapping[str, Any] | pd.DataFrame] = ()
    ) -> "Findings":
        """Findings from rows and curve points (or whole curves)."""
        frames = [c if isinstance(c, pd.DataFrame) else pd.DataFrame([c]) for c in curves]
        return cls(_table(pd.DataFrame(list(rows)), ROW), _table(_stack(frames), CURVE))

    @classmethod
    def together(cls, parts: Sequence["Findings"]) -> "Findings":
        """The findings of several analyses, in order."""
        return cls(
            _table(_stack([p.rows for p in parts]), ROW), _table(_stack([p.curves for p in parts]), CURVE)
        )


class Analysis(Component):
    """One question asked of the predictions."""

    family: ClassVar = "hepar.analyses"
    accepts: ClassVar[frozenset[str]]
    """Kinds of outcome that it can judge; a protocol that does not fit is refused before any computation."""

    @property
    def names_tests(self) -> tuple[str, ...]:
        """Tests that its parameters name: the protocol is checked against them."""
        return ()

    def judged(self, predictions: Predictions) -> tuple[tuple[str, Test], ...]:
        """Every role and test; refuses an outcome that the analysis does not accept."""
        kind = predictions.outcome.kind
        if kind not in self.accepts:
            raise ProtocolError(
                f"analysis {self.kind!r} does not fit outcome {kind!r}; it accepts: {', '.join(sorted(self.accepts))}"
            )
        return tuple((role, test) for role in predictions.roles() for test in predictions.tests)

    @abstractmethod
    def run(self, predictions: Predictions) -> Findings:
        """Estimates and curves, for every role that occurs."""


def row(
    estimate: Estimate, *, analysis: str, quantity: str, test: str, role: str, **more: Any
) -> dict[str, Any]:
    """One row of an estimates table; `more` sets `versus, group, threshold, horizon_y`."""
    place = {"versus": "", "group": "", "threshold": float("nan"), "horizon_y": float("nan"), **more}
    numbers = {
        name: getattr(estimate, name) for name in ("value", "low", "high", "p", "se", "n", "events", "method")
    }
    return {"analysis": analysis, "quantity": quantity, "test": test, "role": role, **place, **numbers}


def curve(
    name: str, x: np.ndarray, y: np.ndarray, *, analysis: str, test: str, role: str, **more: Any
) -> pd.DataFrame:
    """Points of one curve, in drawing order; `more` sets `group, low, high, n` (one value or one for each point)."""
    place = {"analysis": analysis, "curve": name, "test": test, "role": role, "group": ""}
    limits = {"low": float("nan"), "high": float("nan"), "n": float("nan")}
    return pd.DataFrame({"x": np.asarray(x, dtype=float), "y": y}).assign(**{**place, **limits, **more})


def _stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    full = [frame for frame in frames if len(frame)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame()


def _table(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    text = {"analysis", "quantity", "test", "versus", "role", "group", "method", "curve"}
    frame = frame.reindex(columns=list(columns))
    return frame.assign(
        **{
            name: frame[name].fillna("").astype(object) if name in text else frame[name].astype(float)
            for name in columns
        }
    )
