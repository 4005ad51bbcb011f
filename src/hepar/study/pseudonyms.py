"""Pseudonyms that only whoever holds the key can lead back: keyed HMAC-SHA256 (RFC 2104; FIPS 180-4)."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import ProtocolError, RunError

LEAST_BYTES, LEAST_KINDS = 32, 8
"""A shorter key, or one of fewer different bytes, could be found by trying."""
DIGITS = 16
"""Hex digits of a pseudonym: 64 bits, so that two of a million people share one with a chance of 3 in 100 million."""
_MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_hex(32))' > study.key"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names in place of identifiers; the same key, study and identifier give the same name."""

    key: bytes = field(repr=False)
    study: str

    def case(self, identifier: str) -> str:
        """Of a case."""
        return self._of("C", identifier)

    def participant(self, identifier: str) -> str:
        """Of a participant."""
        return self._of("P", identifier)

    def site(self, identifier: str) -> str:
        """Of a site, or of anything that names one."""
        return self._of("S", identifier)

    def _of(self, kind: str, identifier: str) -> str:
        message = "\0".join((self.study, kind, identifier)).encode("utf-8")
        return f"{kind}-{hmac.new(self.key, message, hashlib.sha256).hexdigest()[:DIGITS]}"


def read_key(path: Path) -> bytes:
    """The sponsor's key in the file at `path`, white space at its ends left out.

    Raises:
        ProtocolError: it cannot be read, is shorter than 32 bytes, or holds fewer than 8 different ones.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ProtocolError(f"{path}: the key cannot be read ({error.strerror}); {_MAKE_ONE}") from None
    if len(key) < LEAST_BYTES:
        raise ProtocolError(
            f"{path}: the key has {len(key)} bytes; it needs {LEAST_BYTES} or more: {_MAKE_ONE}"
        )
    if len(set(key)) < LEAST_KINDS:
        raise ProtocolError(
            f"{path}: the key is made of {len(set(key))} different bytes, which can be guessed; {_MAKE_ONE}"
        )
    return key


def refuse_shared_names(names: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
    """Refuse two identifiers that got one pseudonym; `names` are pairs of identifier and pseudonym."""
    pairs = dict(names)
    if len(set(pairs.values())) < len(pairs):
        raise RunError(
            "two identifiers got the same pseudonym, which practically never happens; use another key"
        )
