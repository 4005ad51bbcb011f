"""The lock: what was fixed before unblinding, and what a later run did otherwise."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.atomic import write_atomically
from ..core.document import explain
from ..core.errors import ProtocolError
from .protocol import Study
from .provenance import Provenance


class Lock(BaseModel):
    """Protocol, data and software as they were when they were locked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    protocol: str
    document: dict[str, Any]
    """The whole protocol, so that a deviation can be named."""
    manifests: dict[str, str]
    hepar: str
    commit: str
    """For information: committing the lock itself makes another commit, which is no deviation."""
    locked: str


def make_lock(study: Study, found: Provenance) -> Lock:
    """A lock of `study` as it stands now."""
    return Lock(
        study=study.name,
        protocol=found.protocol,
        document=study.model_dump(mode="json", by_alias=True),
        manifests=dict(found.manifests),
        hepar=found.hepar,
        commit=found.commit,
        locked=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def write_lock(lock: Lock, path: Path) -> Path:
    """Write `lock`; an existing lock is never replaced, because that would hide a deviation."""
    if path.exists():
        raise ProtocolError(f"{path} exists; a lock is made once: keep it, or remove it by hand and say why")
    write_atomically(path, json.dumps(lock.model_dump(), indent=2) + "\n")
    return path


def read_lock(path: Path) -> Lock:
    """The lock at `path`."""
    try:
        return Lock.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProtocolError(f"{path}: lock cannot be read ({error.strerror})") from None
    except ValidationError as error:
        raise ProtocolError(f"{path} is not a lock: {'; '.join(explain(error, Lock))}") from None


def compare(found: Provenance, study: Study, lock: Lock) -> Provenance:
    """`found` with what deviates from `lock`."""
    return replace(found, lock=f"locked {lock.locked}", deviations=tuple(_deviations(found, study, lock)))


def _deviations(found: Provenance, study: Study, lock: Lock) -> Sequence[str]:
    then, now = _leaves(lock.document), _leaves(study.model_dump(mode="json", by_alias=True))
    changed = {
        f"protocol, {key}": (then.get(key, "absent"), now.get(key, "absent")) for key in {**then, **now}
    }
    same_text = not any(before != after for before, after in changed.values())
    pairs: Mapping[str, tuple[str, str]] = {
        **changed,
        **({"version of a component": (lock.protocol, found.protocol)} if same_text else {}),
        "software version": (lock.hepar, found.hepar),
        **{
            f"data of arm {arm!r}": (lock.manifests.get(arm, "absent"), found.manifests.get(arm, "absent"))
            for arm in sorted({*lock.manifests, *found.manifests})
        },
    }
    return [
        f"{what} is {after}; it was locked as {before}"
        for what, (before, after) in pairs.items()
        if before != after
    ]


def _leaves(value: Any, path: str = "") -> dict[str, str]:
    """Every value of a nested document, by its dotted place."""
    if isinstance(value, dict):
        places = [(f"{path}.{key}" if path else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        places = [(f"{path}[{k}]", inner) for k, inner in enumerate(value)]
    else:
        return {path: str(value)}
    return {name: leaf for place, inner in places for name, leaf in _leaves(inner, place).items()}
