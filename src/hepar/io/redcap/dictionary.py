"""REDCap's data dictionary, 18 columns of CSV, read into fields and written back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from ...core.errors import DataError, ProtocolError, choices
from ...data.crf.choice_list import IMPLIED, choices_text
from ...data.crf.coherence import problems_between
from ...data.crf.dictionary_line import CODED, COLUMNS, HEADER, NEEDED, parse_line
from ...data.crf.form import FormDictionary, FormField
from ...data.crf.problem import Problem, Weight, listed
from .sheet import Sheet, read_sheet, sheet_text

SPELLINGS: Mapping[str, str] = {label.lower(): name for name, label in HEADER.items()}
"""A column as the project's pages write it, in small letters -> as the interface for programs does."""


def bundled_dictionaries() -> tuple[str, ...]:
    """Names of the dictionaries that come with the program."""
    folder = _bundled()
    found = (item.name for item in folder.iterdir()) if folder.is_dir() else ()
    return tuple(sorted(name.removesuffix(".csv") for name in found if name.endswith(".csv")))


def read_dictionary(source: Path | str, *, missing_codes: Collection[str] = ()) -> FormDictionary:
    """The dictionary in the file `source`, or the bundled one of that name.

    `missing_codes` are the project's missing data codes, which stand in its settings, not in the dictionary.

    Raises:
        DataError: no such file or name; no table; something in it is wrong: all of it is listed, the worst first.
        ProtocolError: a missing data code is blank.
    """
    if any(not code.strip() for code in missing_codes):
        raise ProtocolError("a missing data code is blank; name what stands in the cell, e.g. -999 or UNK")
    if isinstance(source, str) and source in bundled_dictionaries():
        with as_file(_bundled() / f"{source}.csv") as path:
            return _read(path, name=source, missing_codes=missing_codes)
    path = Path(source)
    if not _is_there(path):
        raise DataError(
            f"{path}: there is no such file, and no bundled dictionary; {choices(str(source), bundled_dictionaries())}"
        )
    return _read(path, name=path.stem, missing_codes=missing_codes)


def dictionary_of(
    lines: Sequence[tuple[int, Mapping[str, str]]],
    *,
    name: str,
    where: str,
    missing_codes: Collection[str] = (),
) -> FormDictionary:
    """The dictionary that numbered `lines` make, each a cell for every one of `COLUMNS`.

    Raises:
        DataError: there is no line, or something is wrong in them: all of it is listed, the worst first.
    """
    if not lines:
        raise DataError(f"{where}: the dictionary has no field; write one line for each")
    problems = list(_twice(lines))
    fields: dict[str, FormField] = {}
    for line, cells in lines:
        field, wrong = parse_line(cells, line=line, missing_codes=missing_codes)
        problems += wrong
        if field is not None:
            fields.setdefault(field.name, field)
    places = {cells["field_name"]: line for line, cells in reversed(lines)}
    dictionary = FormDictionary(name, tuple(fields.values()))
    if fields:
        problems += problems_between(dictionary, lines=places)
    if problems:
        raise DataError(f"{where}: the dictionary cannot be used: {listed(problems)}")
    return dictionary


def dictionary_text(dictionary: FormDictionary) -> str:
    """The dictionary as CSV, its columns as the project's pages write them.

    What a spreadsheet would run as a formula gets an apostrophe before it, which `read_dictionary` takes off. How a
    form is laid out (alignment, numbers of questions, ranking in a matrix) is not kept.
    """
    return sheet_text(tuple(HEADER.values()), map(dictionary_cells, dictionary.fields))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than the system allows
        return False


def _bundled() -> Traversable:
    return files("hepar") / "studies" / "crf"


def dictionary_cells(field: FormField) -> tuple[str, ...]:
    """The cells of a field's line, in the order of `COLUMNS`."""
    written = choices_text(field.choices) if field.choices != IMPLIED.get(field.type) else ""
    return (
        field.name,
        field.form,
        field.section,
        field.type,
        field.label,
        written if field.type in CODED else field.calculation,
        field.note,
        field.validation,
        field.least,
        field.most,
        "y" if field.identifier else "",
        field.branching,
        "y" if field.required else "",
        "",
        "",
        field.matrix,
        "",
        field.annotation,
    )


def _read(path: Path, *, name: str, missing_codes: Collection[str]) -> FormDictionary:
    sheet = read_sheet(path, known=lambda column: _canonical(column) in COLUMNS)
    return dictionary_of(list(_lines(path, sheet)), name=name, where=str(path), missing_codes=missing_codes)


def _canonical(column: str) -> str:
    small = " ".join(column.lower().split())
    return SPELLINGS.get(small, small)


def _lines(path: Path, sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    columns = tuple(_canonical(column) for column in sheet.header)
    _refuse_columns(path, sheet.header, columns)
    empty = dict.fromkeys(COLUMNS, "")
    for line, row in sheet.rows:
        yield line, {**empty, **dict(zip(columns, row, strict=True))}


def _refuse_columns(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    lacking = [column for column in NEEDED if column not in columns]
    extra = [name for name, column in zip(header, columns, strict=True) if column not in COLUMNS]
    if lacking and len(lacking) == len(NEEDED):
        raise DataError(
            f"{path}: is no data dictionary; its header holds {', '.join(header[:4])}, a dictionary's begins with"
            f" {HEADER['field_name']!r} or {COLUMNS[0]!r}. Take it from the project: Codebook or Data Dictionary,"
            " Download"
        )
    if lacking:
        raise DataError(
            f"{path}: the dictionary has no column {', '.join(map(repr, lacking))}; download it again"
        )
    if extra:
        raise DataError(
            f"{path}: {', '.join(map(repr, extra))} is none of the 18 columns of a data dictionary; delete it, or"
            f" correct its name. {choices(_canonical(extra[0]), COLUMNS)}"
        )
    twice = next((column for place, column in enumerate(columns) if column in columns[:place]), None)
    if twice:
        raise DataError(f"{path}: the column {twice!r} stands twice, in both spellings; delete one")


def _twice(lines: Sequence[tuple[int, Mapping[str, str]]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for line, cells in lines:
        name = cells["field_name"]
        if name in first:
            text = f"the name stands in line {first[name]} as well; give each field its own"
            yield Problem(Weight.STRUCTURE, line, name, text)
        first.setdefault(name, line)
