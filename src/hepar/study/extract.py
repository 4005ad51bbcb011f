"""Features of every case, once for each extractor; a case whose image cannot be used leaves the arm, and is told of.

This comes before the cases are divided into parts, so that all tests of an arm are judged on the same cases.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from .._version import __version__
from ..core.errors import HeparError, ProtocolError, RunError
from ..core.fingerprint import fingerprint
from ..core.packages import how_to_install
from ..data.case import Case
from ..data.cohort import Cohort, Failure
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from ..features.base import Extractor, Value
from .prepare import without_failed
from .result import Prepared

Row = Mapping[str, Value]
MOST_FAILED = 0.5
"""Share of the cases beyond which failures are no longer a few cases' trouble, but the protocol's."""
NO_MEMORY = "the image needs more memory than there is; run fewer jobs, or take larger voxels"
SHOWN = 3
"""How many reasons an error quotes."""


def extract(
    prepared: Prepared, *, store: Artefacts = NOTHING, jobs: int = 1, progress: Progress = silent
) -> Prepared:
    """The arm with the feature table of each index test, less the cases that an extractor failed on.

    A case leaves by the first index test, in the protocol's order, whose features cannot be had: its image cannot be
    read, or its region not be used. Where more than half of the cases fail, or the protocol or the disk is at fault,
    the run stops.
    """
    rows: dict[str, dict[str, Row]] = {}
    for test in prepared.arm.index_tests.values():
        for extractor in test.features:
            if extractor.fingerprint not in rows:
                what = f"{prepared.name}: extracting {extractor.kind} features"
                found = _of_all(prepared, extractor, store=store, jobs=jobs, what=what, progress=progress)
                prepared = _without_failed(prepared, test.label, found)
                rows[extractor.fingerprint] = {k: v for k, v in found.items() if not isinstance(v, Failure)}
    tables = {
        name: _table(prepared.cohort, [rows[extractor.fingerprint] for extractor in test.features])
        for name, test in prepared.arm.index_tests.items()
    }
    return replace(prepared, features=tables)


def _of_all(
    prepared: Prepared, extractor: Extractor, *, store: Artefacts, jobs: int, what: str, progress: Progress
) -> dict[str, Row | Failure]:
    """What the extractor makes of each case; one that costs nothing is neither spread, nor kept, nor forgiven."""
    case_ids = [case.case_id for case in prepared.cohort]
    if not extractor.costly:
        return dict(zip(case_ids, map(extractor.extract, prepared.cohort), strict=True))
    task = partial(_row_or_failure, extractor, store)
    found = ordered_map(task, prepared.cohort, jobs=jobs, what=what, progress=progress)
    return dict(zip(case_ids, found, strict=True))


def _row_or_failure(extractor: Extractor, store: Artefacts, case: Case) -> Row | Failure:
    try:
        key = fingerprint(__version__, extractor.fingerprint, extractor.inputs(case))
        return store.get_or_make(key, partial(extractor.extract, case))
    except ImportError as error:
        raise ProtocolError(
            f"the extractor {extractor.kind!r} {how_to_install((error.name or 'numba').partition('.')[0])}"
        ) from None
    except (ProtocolError, RunError):
        raise
    except (HeparError, OSError) as error:
        return Failure(case.case_id, str(error), nameless(str(error), case))
    except MemoryError:
        return Failure(case.case_id, NO_MEMORY, NO_MEMORY)


def _without_failed(prepared: Prepared, label: str, found: Mapping[str, Row | Failure]) -> Prepared:
    failures = [one for one in found.values() if isinstance(one, Failure)]
    if not failures:
        return prepared
    if len(failures) > MOST_FAILED * len(found):
        reasons = "\n".join(f"  {one.case_id}: {one.reason}" for one in failures[:SHOWN])
        raise RunError(
            f"arm {prepared.name!r}: the features of {label!r} could not be extracted from {len(failures)} of"
            f" {len(found)} cases; the first reasons:\n{reasons}"
        )
    return without_failed(prepared, f"features could not be extracted: {label}", failures)


def _table(cohort: Cohort, columns: Sequence[Mapping[str, Row]]) -> pd.DataFrame:
    """One row a case: numbers (NaN where missing) and categories (None where missing)."""
    rows = [{n: value for part in columns for n, value in part[case.case_id].items()} for case in cohort]
    table = pd.DataFrame(rows, index=cohort.clinical().index)
    numbers = [name for name in table if not table[name].map(lambda v: isinstance(v, str)).any()]
    return table.astype(dict.fromkeys(numbers, float))


def nameless(message: str, case: Case) -> str:
    """`message` without what could name the participant: paths, names of files, identifiers."""
    for text, instead in sorted(_names(case), key=lambda pair: -len(pair[0])):
        message = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", instead, message)
    return message


def _names(case: Case) -> Iterator[tuple[str, str]]:
    """Texts of a message that name the case or its files, and what stands in their place."""
    yield from ((case.case_id, "[case]"), (case.participant_id, "[participant]"))
    for name, acquisition in case.acquisitions.items():
        for path in (*acquisition.files, *acquisition.every_file):
            yield from _places(path, f"[{name} file]")


def _places(path: Path, instead: str) -> Iterator[tuple[str, str]]:
    yield str(path), instead
    yield path.name, instead
