"""The lock: what was fixed before unblinding, and what a later run did otherwise."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.document import explain
from ..core.errors import ProtocolError
from ..engine.store import write_atomically
from .protocol import Study
from .provenance import Provenance


class Lock(BaseModel):
    """Protocol, data and software as they were when they were locked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    protocol: str
    manifests: dict[str, str]
    hepar: str
    commit: str
    locked: str


def make_lock(study: Study, found: Provenance) -> Lock:
    """A lock of `study` as it stands now."""
    return Lock(
        study=study.name,
        protocol=found.protocol,
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


def compare(found: Provenance, lock: Lock) -> Provenance:
    """`found` with what deviates from `lock`."""
    return replace(found, lock=f"locked {lock.locked}", deviations=tuple(_deviations(found, lock)))


def _deviations(found: Provenance, lock: Lock) -> Sequence[str]:
    pairs: Mapping[str, tuple[str, str]] = {
        "protocol": (lock.protocol, found.protocol),
        "software version": (lock.hepar, found.hepar),
        "git commit": (lock.commit, found.commit),
        **{
            f"data of arm {arm!r}": (lock.manifests.get(arm, "absent"), found.manifests.get(arm, "absent"))
            for arm in sorted({*lock.manifests, *found.manifests})
        },
    }
    return [f"{what} is {now}; it was locked as {then}" for what, (then, now) in pairs.items() if then != now]
