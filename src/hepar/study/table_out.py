"""A table onto disk in the format that its name says, whole or not at all."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import pandas as pd

from ..core.atomic import write_bytes_atomically
from ..core.errors import ProtocolError, RunError, choices
from ..core.packages import refuse_absent


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _tsv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, sep="\t", lineterminator="\n").encode("utf-8")


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _excel(table: pd.DataFrame) -> bytes:
    buffer = BytesIO()
    table.to_excel(buffer, index=False)
    return buffer.getvalue()


WRITERS: Mapping[str, Callable[[pd.DataFrame], bytes]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".parquet": _parquet,
    ".xlsx": _excel,
}


def refuse_unwritable(path: Path) -> None:
    """Refuse, before any work, a format or a place that cannot be written."""
    if path.is_dir():
        raise ProtocolError(f"{path}: is a folder; name a file in it, e.g. {path / 'features.csv'}")
    if path.suffix.lower() not in WRITERS:
        raise ProtocolError(f"{path}: a table cannot be written so; {choices(path.suffix, WRITERS)}")
    if path.suffix.lower() == ".parquet":
        refuse_absent(["pyarrow"], what=f"{path}:")
    _refuse_closed(path.parent)


def _refuse_closed(folder: Path) -> None:
    """Refuse a folder that takes no file: better now than after hours of work."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RunError(
            f"{folder}: no file can be written there ({error.strerror}); choose another folder"
        ) from None


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write `table` to `path` (CSV, TSV, Parquet or Excel by its ending)."""
    refuse_unwritable(path)
    write_bytes_atomically(path, WRITERS[path.suffix.lower()](table))
    return path
