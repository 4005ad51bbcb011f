"""One row of the audit trail, and the hash that chains it to the row before."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from dataclasses import field as column
from typing import Literal

Action = Literal[
    "created",
    "login",
    "login refused",
    "refused",
    "user",
    "dictionary",
    "enrol",
    "enter",
    "change",
    "raise",
    "answer",
    "close",
    "lock",
    "unlock",
    "export",
    "verify",
]
START = "0" * 64
"""What the first row has for the hash of the row before."""
Algorithm = Literal["sha256", "hmac-sha256"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be recorded, before it has a place in the chain; empty where nothing applies.

    `site` is that of the participant, or of the actor where no participant is concerned. `instrument` is the repeated
    form, as in `Record`. `old` is the key of the query where `action` is raise, answer or close.
    """

    action: Action
    participant: str = ""
    event: str = ""
    instrument: str = ""
    instance: str = ""
    field: str = ""
    old: str = ""
    new: str = column(default="", repr=False)
    reason: str = ""
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the trail; `at` is UTC to the millisecond, ISO 8601."""

    seq: int
    at: str
    actor: str
    role: str
    site: str
    action: str
    participant: str
    event: str
    instrument: str
    instance: str
    field: str
    old: str
    new: str
    reason: str
    prev: str
    hash: str

    def as_json(self) -> str:
        """The row as a line of an exported trail."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


COLUMNS = tuple(each.name for each in fields(Entry))
SEALED = COLUMNS[:-1]
"""What the hash of a row is made over."""
Seal = Callable[[tuple[object, ...]], str]


def algorithm(key: bytes | None) -> Algorithm:
    """The algorithm that seals rows with `key`, or without one."""
    return "sha256" if key is None else "hmac-sha256"


def sealer(key: bytes | None) -> Seal:
    """The function that gives the hash of a row's values, in the order of `SEALED`.

    SHA-256 (FIPS 180-4), or with a key HMAC-SHA256 (RFC 2104), of the values as a JSON list without white space, in
    UTF-8. The previous hash is the last of them, so that no row can be changed without changing all that follow.
    """

    def seal(values: tuple[object, ...]) -> str:
        # a tampered row may hold bytes that are no UTF-8, which arrive as lone surrogates, or no text at all
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=repr)
        content = text.encode("utf-8", "surrogatepass")
        if key is None:
            return hashlib.sha256(content).hexdigest()
        return hmac.digest(key, content, "sha256").hex()

    return seal
