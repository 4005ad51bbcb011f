"""Pseudonym and shift of dates of a person, the same at every site that holds the key."""

import hashlib
import hmac
from base64 import b32encode
from dataclasses import dataclass, field

from ...core.errors import DataError
from .options import Options

SHORTEST_KEY = 16
"""Bytes of a key below which it could be guessed."""
LEAST_SHIFT_DAYS = 366
SHIFTS = 3285
"""Dates move back by 366 days to ten years, so that no date stays in its year."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How data sets are de-identified: the project's secret `key` and the options. The key is never printed."""

    key: bytes = field(repr=False)
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise DataError(
                f"the key has {len(self.key)} bytes; it needs at least {SHORTEST_KEY} random ones: make it with"
                " secrets.token_bytes(32) and give every site the same"
            )


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands for a person: the name in place of theirs, and the days added to each of their dates."""

    name: str
    shift_days: int


def digest(key: bytes, purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text` under `key`, another one for each `purpose` (RFC 2104)."""
    return hmac.new(key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def subject_of(key: bytes, patient_id: str, *, issuer: str = "") -> Subject:
    """The subject that stands for `patient_id`, of those that `issuer` gives out; blanks around it do not count.

    The name is 60 bits of an HMAC in letters and digits: among 100,000 persons two share one with a chance of 4e-9.
    Refuses an empty `patient_id`, which would make one subject of several persons.
    """
    number_of, given_by = (text.strip(" \0") for text in (patient_id, issuer))
    if not number_of:
        raise DataError("without a Patient ID it cannot be told whose data these are; set the file aside")
    person = f"{given_by}\0{number_of}"
    name = b32encode(digest(key, "subject", person)[:10]).decode("ascii")[:12]
    number = int.from_bytes(digest(key, "shift", person)[:8], "big")
    return Subject(name=f"S-{name}", shift_days=-(LEAST_SHIFT_DAYS + number % SHIFTS))
