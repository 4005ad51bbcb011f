"""Bundles on disk: a folder, or the same in a zip archive; every file is checked against its hash before it is used."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from ..core.atomic import write_bytes_atomically
from ..core.document import explain
from ..core.errors import DataError, RunError
from ..data.bundle import CHECKSUM, FORMAT, MANIFEST, VERSION, Manifest
from .whole_folder import whole_folder

LARGEST = 256 * 2**20
"""Bytes that a file of a bundle may have, so that a damaged or hostile one takes no more memory."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Time of every file in an archive, so that the same bundle gives the same bytes."""
_AGAIN = "copy the bundle again from its source"


def write_bundle(manifest: Manifest, files: Mapping[str, bytes], out: Path) -> str:
    """Write the bundle to the new folder `out`, or to an archive where its name ends in .zip, whole or not at all.

    Gives the SHA-256 of its manifest, which names the bundle.
    """
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    head = text.encode("utf-8")
    name = digest(head)
    whole = {MANIFEST: head, CHECKSUM: f"{name}  {MANIFEST}\n".encode(), **files}
    if out.suffix.lower() == ".zip":
        refuse_present(out)
        write_bytes_atomically(out, _zipped(whole))
        return name
    with whole_folder(out) as folder:
        for file, content in whole.items():
            (folder / file).write_bytes(content)
    return name


def refuse_present(out: Path) -> None:
    """Refuse a place where something lies already: a bundle in use is never replaced."""
    if out.exists() or out.is_symlink():
        raise RunError(f"{out}: is there already, and nothing is replaced; choose another name, or remove it")


def read_bundle(path: Path) -> tuple[Manifest, Mapping[str, bytes], str]:
    """The manifest, the files that it names, and the SHA-256 of the manifest.

    Raises:
        DataError: it is no bundle, of another version, damaged, or changed after it was made.
    """
    head = _content(path, MANIFEST)
    name = digest(head)
    if _content(path, CHECKSUM).decode("ascii", errors="replace").split()[:1] != [name]:
        raise DataError(f"{path}: {MANIFEST} was changed after the bundle was made, or is damaged; {_AGAIN}")
    manifest = _manifest(path, head)
    files = {}
    for file, known in manifest.files.items():
        files[file] = _content(path, file)
        if digest(files[file]) != known:
            raise DataError(f"{path}: {file} was changed after the bundle was made, or is damaged; {_AGAIN}")
    return manifest, files, name


def digest(content: bytes) -> str:
    """SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            info = zipfile.ZipInfo(file, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def _content(path: Path, file: str) -> bytes:
    """One file of the bundle."""
    if not path.exists():
        raise DataError(
            f"{path}: there is no such bundle; name the folder or archive that hepar bundle wrote"
        )
    try:
        return _from_folder(path, file) if path.is_dir() else _from_archive(path, file)
    except KeyError:
        raise DataError(
            f"{path}: has no {file}; is it a bundle, and whole? If it was one, {_AGAIN}"
        ) from None
    except (
        zipfile.BadZipFile,
        EOFError,
        RuntimeError,
    ):  # RuntimeError: encrypted, or of an unknown compression
        raise DataError(f"{path}: is no bundle, or a damaged one; {_AGAIN}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); check its rights") from None


def _from_folder(path: Path, file: str) -> bytes:
    found = path / file
    if not found.is_file() or found.is_symlink():
        raise KeyError(file)
    _refuse_large(path, file, found.stat().st_size)
    return found.read_bytes()


def _from_archive(path: Path, file: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(file)
        _refuse_large(path, file, info.file_size)
        with archive.open(info) as opened:
            return opened.read(LARGEST + 1)


def _refuse_large(path: Path, file: str, size: int) -> None:
    if size > LARGEST:
        raise DataError(
            f"{path}: {file} has {size:,} bytes, more than a file of a bundle has ({LARGEST:,}); {_AGAIN}"
        )


def _manifest(path: Path, head: bytes) -> Manifest:
    try:
        found = json.loads(head)
        kind, version = found.get("format"), found.get("version")
    except (ValueError, AttributeError):
        raise DataError(f"{path}: {MANIFEST} is no JSON; {_AGAIN}") from None
    if kind != FORMAT or version != VERSION:
        raise DataError(
            f"{path}: is a bundle of the kind {kind!r}, version {version!r}; this software reads {FORMAT!r}, version"
            f" {VERSION}: make the bundle again, or use the version of the software that made it"
        )
    try:
        return Manifest.model_validate(found)
    except ValidationError as error:
        raise DataError(
            f"{path}: {MANIFEST} is not valid: {'; '.join(explain(error, Manifest)[:3])}"
        ) from None
