"""Case record forms in one call: what comes with the program, a dictionary to begin with, checks, double entry."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.atomic import write_atomically
from ..core.errors import DataError, RunError
from ..engine.parallel import Progress, silent

if TYPE_CHECKING:
    from ..data.crf.double_entry import DoubleEntry
    from ..data.crf.form import FormDictionary
    from ..data.crf.query import Query
    from ..data.crf.record import Export
    from ..io.redcap.pull import Pulled
    from ..io.redcap.study_table import StudyTable

QUERIES, PAGE = "queries.csv", "queries.html"
DIFFERENCES, AGREEMENT, ENTRY_PAGE = "differences.csv", "agreement.csv", "double-entry.html"
DICTIONARY = "dictionary.csv"


@dataclass(frozen=True, slots=True)
class Bundled:
    """A dictionary that comes with the program."""

    name: str
    forms: tuple[str, ...]
    fields: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Every query by key, those of earlier checks too, and the files that hold them."""

    queries: Mapping[str, "Query"]
    table: Path
    page: Path
    simulated: bool
    unasked: tuple[str, ...] = ()
    """Fields of which no export tells whether the form shows them: not asked for, never hidden."""

    def count(self, state: str) -> int:
        """Queries in this state."""
        return sum(query.state == state for query in self.queries.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """What a double entry gave, and its files."""

    found: "DoubleEntry"
    agreement: Path
    differences: Path
    page: Path
    simulated: bool


def dictionaries() -> tuple[Bundled, ...]:
    """The dictionaries that come with the program, by name."""
    from ..io.redcap.dictionary import bundled_dictionaries, read_dictionary

    read = (read_dictionary(name) for name in bundled_dictionaries())
    return tuple(Bundled(one.name, one.forms, len(one.fields)) for one in read)


def begin_forms(study: str, *, out: str | Path) -> tuple[Path, ...]:
    """Write the bundled dictionary of `study`, and what is to be read with it, into the folder `out`; gives the files.

    Raises:
        ProtocolError: there is no such bundled dictionary.
        RunError: a file is there already (nothing is overwritten), or cannot be written.
    """
    from ..io.crf_files import bundled_files

    found = {Path(out) / name: text for name, text in bundled_files(study).items()}
    there = [str(path) for path in found if path.exists()]
    if there:
        raise RunError(f"{', '.join(there)}: is there already and is not overwritten; choose another folder")
    for path, text in found.items():
        write_atomically(path, text)
    return tuple(found)


def check_forms(
    dictionary: str | Path,
    export: str | Path,
    *,
    out: str | Path,
    missing_codes: Collection[str] = (),
    events: Collection[str] = (),
    partial: bool = False,
    today: dt.date | None = None,
    images: str | Path | None = None,
    progress: Progress = silent,
) -> Checked:
    """Check an export against its dictionary; writes queries.csv and queries.html into the folder `out`.

    `dictionary` is a file or the name of a bundled one. Answers in a queries.csv that is there already are kept. A
    `partial` export may lack columns of the dictionary. `events` are the names of the project's events, where lines of
    others are to be found. `images` holds a folder of DICOM for each participant, against which the forms are held.

    Raises:
        DataError, ProtocolError: a file cannot be read; the dictionary cannot be kept; queries.csv cannot be used.
        RunError: a file cannot be written.
    """
    from ..data.crf.check import check, ordered
    from ..data.crf.completeness import completeness, is_simulated
    from ..data.crf.rules_form import unasked
    from ..data.crf.states import carried_over, looked_at
    from ..io.query_table import read_queries, write_queries
    from ..report.query_page import Made, check_page

    day, folder = today or dt.date.today(), Path(out)
    form, records = _read(dictionary, export, missing_codes=missing_codes, partial=partial)
    earlier = read_queries(folder / QUERIES)
    found = check(form, records, today=day, events=events)
    if images is not None:
        from ..study.form_images import image_queries

        found += image_queries(form, records, Path(images), progress=progress)
    seen = looked_at(form, records, images=images is not None)
    queries = carried_over(ordered(form, found), earlier, looked_at=seen)
    simulated = is_simulated(form, records)
    made = Made(f"{Path(export).name}, checked as of {day.isoformat()}", simulated)
    left = tuple(name for name, _ in unasked(form))
    skipped = _skipped(form, missing_codes)
    page = check_page(form, queries, completeness(form, records), of=made, skipped=skipped, unasked=left)
    table = write_queries(queries, folder / QUERIES)
    write_atomically(folder / PAGE, page)
    return Checked(queries, table, folder / PAGE, simulated, left)


def compare_entries(
    dictionary: str | Path,
    first: str | Path,
    second: str | Path,
    *,
    out: str | Path,
    missing_codes: Collection[str] = (),
    partial: bool = False,
) -> Compared:
    """Compare two entries of the same forms; writes agreement.csv, differences.csv and double-entry.html into `out`.

    Raises:
        DataError, ProtocolError: a file cannot be read.
        RunError: a file cannot be written.
    """
    from ..data.crf.completeness import is_simulated
    from ..data.crf.double_entry import compare
    from ..io.agreement_table import write_agreement
    from ..io.query_table import write_queries
    from ..report.entry_page import entry_page
    from ..report.query_page import Made

    form, one = _read(dictionary, first, missing_codes=missing_codes, partial=partial)
    _, other = _read(dictionary, second, missing_codes=missing_codes, partial=partial)
    found, folder = compare(form, one, other), Path(out)
    simulated = is_simulated(form, one)
    page = entry_page(form, found, of=Made(f"{Path(first).name} and {Path(second).name}", simulated))
    agreement = write_agreement(found, folder / AGREEMENT)
    differences = write_queries({query.key: query for query in found.queries}, folder / DIFFERENCES)
    write_atomically(folder / ENTRY_PAGE, page)
    return Compared(found, agreement, differences, folder / ENTRY_PAGE, simulated)


def example_forms(study: str | Path, *, out: str | Path, participants: int = 60, seed: int = 1) -> Path:
    """Write SIMULATED records of a dictionary, with known errors and a second entry, into the new folder `out`.

    Raises:
        DataError: there is no such dictionary.
        RunError: the folder is there already or cannot be written.
        SimulationError: fewer than one participant, or a dictionary that no values satisfy.
    """
    from ..simulation.crf.files import write_example

    return write_example(study, Path(out), participants=participants, seed=seed)


def study_data(
    dictionary: str | Path,
    export: str | Path,
    *,
    out: str | Path,
    rows: str = "",
    missing_codes: Collection[str] = (),
    partial: bool = False,
) -> "StudyTable":
    """Write an export as `table.csv` and `dictionary.yaml`, which a protocol reads, into the new folder `out`.

    One row a participant, or one for each instance of the repeated form `rows`. Identifiers are left out.

    Raises:
        DataError, ProtocolError: a file cannot be read, or nothing is left of it.
        RunError: the folder is there already or cannot be written.
    """
    from ..io.redcap.study_table import write_study_table

    form, records = _read(dictionary, export, missing_codes=missing_codes, partial=partial)
    return write_study_table(form, records, Path(out), rows=rows)


def pull_records(url: str, *, token_file: str | Path, out: str | Path) -> "Pulled":
    """Fetch dictionary and records of a REDCap project into the folder `out`; see `hepar crf pull --help`."""
    from ..io.redcap.pull import pull

    return pull(url, token_file=Path(token_file), folder=Path(out))


def _read(
    dictionary: str | Path, export: str | Path, *, missing_codes: Collection[str], partial: bool
) -> tuple["FormDictionary", "Export"]:
    from ..io.redcap.dictionary import read_dictionary
    from ..io.redcap.export import read_export

    form = read_dictionary(dictionary, missing_codes=missing_codes)
    records = read_export(Path(export), form, missing_codes=missing_codes, partial=partial)
    if not records.records:
        raise DataError(
            f"{export}: holds a header and no record, so that nothing could be found wrong with it; export it again"
        )
    return form, records


def _skipped(form: "FormDictionary", missing_codes: Collection[str]) -> tuple[str, ...]:
    from ..data.crf.calculations import calculations_of

    return tuple(name for name, _ in calculations_of(form, missing_codes=frozenset(missing_codes)).skipped)
