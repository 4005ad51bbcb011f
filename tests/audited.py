"""SIMULATED subjects of an audit, for its tests."""

from typing import Any

import numpy as np

from hepar.study.audit.subject import Column, Contrast, Kind, Role, Source, Subject, objects


def column(name: str, values: Any, *, kind: Kind = "category", role: Role = "metadata") -> Column:
    return Column(name, kind, role, objects(list(values)))


def subject(
    positive: Any,
    *columns: Column,
    participants: Any = None,
    sites: Any = None,
    parts: Any = None,
    label: Any = None,
    sources: tuple[Source, ...] = (),
    reference_date: str | None = None,
) -> Subject:
    """A subject of a yes-or-no outcome with the columns given."""
    truth = np.asarray(positive, dtype=float)
    n = truth.size
    words = ["yes" if value > 0.5 else "no" for value in truth]
    return Subject(
        name="SIMULATED",
        case_ids=[f"C{k}" for k in range(n)],
        participants=objects([f"P{k}" for k in range(n)] if participants is None else list(participants)),
        sites=objects([None] * n if sites is None else list(sites)),
        parts=objects([None] * n if parts is None else list(parts)),
        label=objects(words if label is None else list(label)),
        contrasts=(Contrast("disease", truth),),
        columns=columns,
        sources=sources,
        reference_date=reference_date,
        simulated=True,
    )
