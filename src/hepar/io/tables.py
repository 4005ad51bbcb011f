"""Clinical tables from files: CSV, TSV (also gzipped), Excel and Parquet, as a frame of text or as a cohort."""

from pathlib import Path

import pandas as pd

from ..core.errors import DataError, choices
from ..data.cohort import Cohort
from ..data.dictionary import Dataset, dictionary_path, read_dataset
from .cohort_table import cohort_from_frame
from .delimited import DELIMITERS, read_delimited
from .workbook import read_parquet, read_workbook

__all__ = ["cohort_from_frame", "cohort_of", "read_cohort", "read_table"]

EXTENSIONS = (*DELIMITERS, *(f"{ending}.gz" for ending in DELIMITERS), ".xlsx", ".parquet")


def read_table(
    path: Path | str,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    header_row: int | None = None,
) -> pd.DataFrame:
    """The table at `path`, every cell as text ("" where empty), indexed by its row in the file.

    `sheet` names one of an Excel workbook (the only one when omitted); `delimiter` follows from the extension when
    omitted; `header_row` is the row of the file, counted from 1, that holds the column names (the first that is not
    blank when omitted). Nothing is interpreted: what a cell means is the data dictionary's to say.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise DataError(
                f"{path}: there is no such file; check the path, which is relative to {Path.cwd()}"
            )
        if path.is_dir():
            raise DataError(f"{path}: is a directory, not a table; name a file in it")
        kind = extension(path)
        if kind == ".xlsx":
            return read_workbook(path, sheet=sheet, header_row=header_row)
        if kind == ".parquet":
            return read_parquet(path, header_row=header_row)
        delimiter = delimiter or DELIMITERS[kind.removesuffix(".gz")]
        return read_delimited(path, delimiter=delimiter, encoding=encoding, header_row=header_row)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror or error}); check that the file is yours to read and not in use"
        ) from None


def extension(path: Path) -> str:
    """The table format that the name of `path` ends in."""
    name = path.name.lower()
    for ending in sorted(EXTENSIONS, key=len, reverse=True):
        if name.endswith(ending):
            return ending
    raise DataError(
        f"{path}: a table cannot be read from a {path.suffix or 'nameless'} file; {choices('', EXTENSIONS)}"
    )


def read_cohort(dataset: Path | str) -> Cohort:
    """The cohort of the data dictionary at `dataset`, or of the bundled data set of that name.

    Units are converted and values dropped only as the dictionary says, and each such change is among the `notes`.
    """
    document = dictionary_path(dataset)
    return cohort_of(read_dataset(document), document)


def cohort_of(described: Dataset, document: Path) -> Cohort:
    """The cohort of a data dictionary already read, which lies at `document`."""
    path = document.parent / described.table
    _refuse_no_table(document, path, table=described.table)
    frame = read_table(
        path,
        sheet=described.sheet,
        delimiter=described.delimiter,
        encoding=described.encoding,
        header_row=described.header_row,
    )
    return cohort_from_frame(frame, described, source=str(path), folder=document.parent)


def _refuse_no_table(document: Path, path: Path, *, table: str) -> None:
    try:
        there, directory = path.exists(), path.is_dir()
    except OSError:
        return  # what `read_table` says of it
    if directory:
        raise DataError(f"{document}: its table {table!r} is a directory ({path}); name a file in it")
    if not there:
        raise DataError(
            f"{document}: its table {table!r} is not there (looked for {path}); the path is relative to the dictionary"
        )
