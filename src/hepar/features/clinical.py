"""Clinical fields as features."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..core.errors import DataError
from ..core.fingerprint import fingerprint
from ..data.case import Case
from .base import Extractor, Value


class Clinical(Extractor):
    """The named clinical fields as they are (in the dictionary's units), and the logarithm of those under `log`.

    A field under `log` gives `log_<field>` = ln(field); a zero or negative value is refused, because a detection limit
    needs a decision: declare it in the dictionary. A field under `log1p` gives ln(1 + field), for counts.
    """

    kind: Literal["clinical"] = "clinical"
    costly: ClassVar[bool] = False
    fields: tuple[str, ...] = ()
    log: tuple[str, ...] = Field(default=())
    log1p: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See `Extractor`."""
        return (*self.fields, *self.log, *self.log1p)

    @property
    def numeric(self) -> tuple[str, ...]:
        """See `Extractor`."""
        return (*self.log, *self.log1p)

    def inputs(self, case: Case) -> str:
        """See `Extractor`."""
        return fingerprint({name: case.clinical[name] for name in self.reads})

    def extract(self, case: Case) -> Mapping[str, Value]:
        """See `Extractor`."""
        plain = {name: _plain(case.clinical[name]) for name in self.fields}
        logs = {f"log_{name}": _logarithm(case, name) for name in self.log}
        counts = {f"log1p_{name}": _logarithm(case, name, plus=1.0) for name in self.log1p}
        return {**plain, **logs, **counts}


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, str):
        return value
    return float(value)


def _logarithm(case: Case, name: str, *, plus: float = 0.0) -> float | None:
    value = case.clinical[name]
    if value is None:
        return None
    if isinstance(value, str) or value + plus <= 0:
        raise DataError(
            f"case {case.case_id}: {name} is {value!r}, which has no logarithm; give the field a range above zero in"
            " the dictionary (out_of_range: missing), or use it without log"
        )
    return math.log(value + plus)
