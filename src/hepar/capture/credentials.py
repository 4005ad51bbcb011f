"""Passwords of users: scrypt (Percival and Josefsson 2016, RFC 7914) of the standard library, never kept themselves."""

import hashlib
import hmac
import secrets

from ..core.errors import ProtocolError

LOG2_N, R, P = 15, 8, 3
"""Cost: 32 MiB of memory and three rounds for each attempt."""
LEAST_LENGTH = 12
LONGEST = 1024


def made_credential(password: str) -> str:
    """What is kept of `password`: parameters, salt and hash.

    Raises:
        ProtocolError: it is shorter than 12 characters or longer than 1024.
    """
    if not LEAST_LENGTH <= len(password) <= LONGEST:
        raise ProtocolError(
            f"the password has {len(password)} characters; it needs {LEAST_LENGTH} to {LONGEST}:"
            " a sentence is easy to keep in mind"
        )
    salt = secrets.token_bytes(16)
    return f"scrypt:{LOG2_N}:{R}:{P}:{salt.hex()}:{_hash(password, salt, cost=(LOG2_N, R, P)).hex()}"


def fits(password: str, credential: str) -> bool:
    """Whether `password` is that of `credential`; takes as long where there is none."""
    kind, *rest = (credential or f"none:{LOG2_N}:{R}:{P}:{'00' * 16}:{'00' * 32}").split(":")
    log2_n, r, p, salt, kept = rest
    made = _hash(password[:LONGEST], bytes.fromhex(salt), cost=(int(log2_n), int(r), int(p)))
    return hmac.compare_digest(made, bytes.fromhex(kept)) and kind == "scrypt"


def text_digest(text: str) -> str:
    """SHA-256 of a text that the trail vouches for without holding it, e.g. a credential."""
    return hashlib.sha256(text.encode()).hexdigest()


def _hash(password: str, salt: bytes, *, cost: tuple[int, int, int]) -> bytes:
    log2_n, r, p = cost
    memory = 128 * r * (2**log2_n + p + 2) + 2**20
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"), salt=salt, n=2**log2_n, r=r, p=p, maxmem=memory, dklen=32
    )
