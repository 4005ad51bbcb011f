"""A SIMULATED project on disk: dictionary, records with seeded errors, a second entry, the truth, a README."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, fields
from importlib.resources import files
from pathlib import Path

from ...data.crf.form import FormDictionary
from ...data.crf.record import Export
from ...io.csv_text import csv_text
from ...io.redcap.dictionary import bundled_dictionaries, dictionary_text, read_dictionary
from ...io.redcap.records import record_table
from ...io.whole_folder import whole_folder
from .errors import Planted, with_errors
from .example import example_export
from .second_entry import SLIP_RATE, Slip, second_entry

DICTIONARY, RECORDS, SECOND = "dictionary.csv", "records.csv", "records_second_entry.csv"
CORRECTED = "records_corrected.csv"
TRUTH, SLIPS, README, INSTRUCTIONS = "truth.csv", "truth_second_entry.csv", "README.md", "instructions.md"


def write_example(
    study: Path | str,
    folder: Path,
    *,
    participants: int = 60,
    seed: int = 1,
    each: int = 3,
    events: bool = False,
) -> Path:
    """Write a SIMULATED project of `study`, a bundled dictionary or a file, into `folder`, whole or not at all.

    Records hold up to `each` errors of each kind; the second entry differs from them in known cells. The same seed
    gives the same bytes.

    Raises:
        DataError: there is no such dictionary.
        RunError: the folder is there already or cannot be written.
        SimulationError: no participants, or a dictionary that no values satisfy.
    """
    dictionary = read_dictionary(study)
    clean = example_export(dictionary, participants=participants, seed=seed, events=events)
    seeded, planted = with_errors(clean, dictionary, seed=seed, each=each)
    again, slips = second_entry(seeded, dictionary, seed=seed)
    with whole_folder(folder) as made:
        for name, text in (
            *_forms(study, dictionary),
            *_records(dictionary, {RECORDS: seeded, CORRECTED: clean, SECOND: again}),
            *_truth(planted, slips),
        ):
            (made / name).write_text(text, encoding="utf-8", newline="")
        about = _readme(dictionary, participants=participants, seed=seed, planted=planted, slips=slips)
        (made / README).write_text(about, encoding="utf-8", newline="")
    return folder


def export_text(export: Export, dictionary: FormDictionary) -> str:
    """The export as REDCap writes a raw one."""
    return record_table(export.records, record_id=dictionary.record_id, columns=export.columns).text


def _forms(study: Path | str, dictionary: FormDictionary) -> Iterator[tuple[str, str]]:
    """The dictionary; of a bundled one as it is, with the instructions."""
    if not isinstance(study, str) or study not in bundled_dictionaries():
        yield DICTIONARY, dictionary_text(dictionary)
        return
    bundled = files("hepar") / "studies" / "crf"
    yield DICTIONARY, (bundled / f"{study}.csv").read_text(encoding="utf-8")
    yield INSTRUCTIONS, (bundled / f"{study}.md").read_text(encoding="utf-8")


def _records(dictionary: FormDictionary, exports: Mapping[str, Export]) -> Iterator[tuple[str, str]]:
    for name, export in exports.items():
        yield name, export_text(export, dictionary)


def _truth(planted: tuple[Planted, ...], slips: tuple[Slip, ...]) -> Iterator[tuple[str, str]]:
    yield TRUTH, csv_text([one.name for one in fields(Planted)], map(astuple, planted))
    yield SLIPS, csv_text([one.name for one in fields(Slip)], map(astuple, slips))


def _readme(
    dictionary: FormDictionary,
    *,
    participants: int,
    seed: int,
    planted: tuple[Planted, ...],
    slips: tuple[Slip, ...],
) -> str:
    return f"""# SIMULATED records of the case record form {dictionary.name}

{participants} SIMULATED participants, seed {seed}. Nobody stands behind them: every value and date was drawn. They
show how forms are checked; they are no evidence about patients.

| file | what it is |
|---|---|
| `{DICTIONARY}` | the data dictionary, as REDCap takes it |
| `{RECORDS}` | a raw export; {len(planted)} errors stand in it |
| `{TRUTH}` | those errors: where each stands, its kind, the rule that finds it, what is right, what was entered |
| `{CORRECTED}` | the same without them, as it stands when every query is mended |
| `{SECOND}` | the same forms entered a second time; about {SLIP_RATE:.1%} of the filled cells differ |
| `{SLIPS}` | the {len(slips)} cells that differ |

An error may break the rules of other fields that read it: a wrong answer hides what depends on it. Where the rule in
`{TRUTH}` is empty, reading the file mends the error (blanks around a value), and no query is due.
"""
