"""Who is who: the table that leads from a pseudonym back to the patient, encrypted (AES-256-GCM, key by scrypt)."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ...core.atomic import OWNER_ONLY, atomic_file
from ...core.errors import DataError, ProtocolError, RunError
from ..csv_text import csv_text

MAGIC = b"HEPAR-LINKAGE-1\n"
SALT_BYTES, NONCE_BYTES, KEY_BYTES, TAG_BYTES = 16, 12, 32, 16
LEAST_SECRET_BYTES = 16
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
"""Cost of one try at a passphrase (Percival & Josefsson, RFC 7914): 32 MB of memory."""
HEADER = ("kind", "original", "new", "subject")


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """What an original identifier became."""

    kind: str
    """`subject`, `study` or `slide`."""
    original: str
    new: str
    subject: str
    """Pseudonym of the subject it belongs to."""


def add_links(path: Path, links: Iterable[Link], *, secret: bytes) -> tuple[Link, ...]:
    """Add `links` to the table at `path`, which is made where there is none; gives all of it, sorted.

    Written whole or not at all, readable by its owner alone; what it held stays.

    Raises:
        DataError: the table was changed, cut or encrypted with another secret.
        ProtocolError: an identifier of the table has another pseudonym now, as with another key; or two share one.
        RunError: another run is writing it, or it cannot be written.
    """
    with _alone(path):
        known = read_links(path, secret=secret) if path.exists() else ()
        merged = tuple(sorted({*known, *links}))
        _refuse_contradictions(merged, path)
        with atomic_file(path, private=True) as file:
            file.write(_sealed(merged, secret))
    return merged


def read_links(path: Path, *, secret: bytes) -> tuple[Link, ...]:
    """The table at `path`.

    Raises:
        DataError: it cannot be read, is no such table, was changed, or has another secret.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: the linkage table cannot be read ({error.strerror}); check the path"
        ) from None
    start = len(MAGIC) + SALT_BYTES + NONCE_BYTES
    if not content.startswith(MAGIC) or len(content) < start + TAG_BYTES:
        raise DataError(
            f"{path}: is no linkage table, or its beginning is damaged; give what hepar deid wrote"
        )
    salt, nonce = content[len(MAGIC) : len(MAGIC) + SALT_BYTES], content[len(MAGIC) + SALT_BYTES : start]
    try:
        text = AESGCM(_key(secret, salt)).decrypt(nonce, content[start:], content[: len(MAGIC) + SALT_BYTES])
    except InvalidTag:
        raise DataError(
            f"{path}: cannot be decrypted: it was changed after it was written, or it was written with another key;"
            " give that key, or restore a copy"
        ) from None
    return tuple(Link(**row) for row in json.loads(text))


def links_text(links: Iterable[Link]) -> str:
    """The table as CSV."""
    return csv_text(HEADER, ([link.kind, link.original, link.new, link.subject] for link in links))


def _sealed(links: Iterable[Link], secret: bytes) -> bytes:
    """The table under a key and a nonce that are used once."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    text = json.dumps([asdict(link) for link in links], ensure_ascii=False).encode("utf-8")
    head = MAGIC + salt
    return head + nonce + AESGCM(_key(secret, salt)).encrypt(nonce, text, head)


def _key(secret: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    if len(secret) < LEAST_SECRET_BYTES:
        raise ProtocolError(
            f"the secret of the linkage table has {len(secret)} bytes; it needs {LEAST_SECRET_BYTES} or more"
        )
    return Scrypt(salt=salt, length=KEY_BYTES, **_SCRYPT).derive(secret)


def _refuse_contradictions(links: Iterable[Link], path: Path) -> None:
    """Refuse an original with two pseudonyms, and a pseudonym with two originals."""
    by_original: dict[tuple[str, str], str] = {}
    by_new: dict[tuple[str, str], str] = {}
    for link in links:
        if by_original.setdefault((link.kind, link.original), link.new) != link.new:
            raise ProtocolError(
                f"{path}: a {link.kind} of this table would get a second pseudonym; use the key of this table, or begin"
                " another one"
            )
        if by_new.setdefault((link.kind, link.new), link.original) != link.original:
            raise ProtocolError(
                f"{path}: two identifiers of kind {link.kind} would share the pseudonym {link.new}"
            )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else adds to the table meanwhile."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
    except FileExistsError:
        raise RunError(
            f"{path}: another run is writing this table; wait for it. If there is none, remove {lock.name}"
        ) from None
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror}); choose another place") from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
