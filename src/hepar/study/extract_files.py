"""From image and mask files to a table on disk, with what failed and what to know."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..core.atomic import write_atomically
from ..core.errors import RunError
from ..engine.parallel import Progress, silent
from ..engine.store import NOTHING, Store
from .batch import Extraction, Method, extract_pairs
from .pairs import Failure, Found
from .table_out import refuse_unwritable, write_table

SHOWN = 5
"""How many reasons an error quotes."""


def extract_to(
    out: Path | None,
    files: Found,
    method: Method,
    *,
    labels: Mapping[str, int] | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> Extraction:
    """Extract and write to `out`; an extraction in which every case fails is refused and writes no table.

    Which cases failed is written all the same.
    """
    if out is not None:
        refuse_unwritable(out)
    store = Store(store_beside(out)) if out is not None else NOTHING
    found = extract_pairs(files.pairs, method, labels=labels, store=store, jobs=jobs, progress=progress)
    found = replace(found, failures=(*files.failures, *found.failures))
    if out is not None:
        write_failures(found.failures, out)
    if found.table.empty:
        raise RunError(_all_failed(found.failures))
    if out is not None:
        write_table(found.table, out)
        write_atomically(out.with_name(f"{out.stem}.reporting.txt"), f"{method.reporting}\n")
    return replace(found, notes=(*method.notes, *found.notes))


def failures_beside(out: Path) -> Path:
    """Where the cases that failed are listed."""
    return out.with_name(f"{out.stem}.failures.csv")


def store_beside(out: Path) -> Path:
    """Where what was computed is kept, so that an interrupted extraction goes on."""
    return out.with_name(f"{out.stem}.store")


def _all_failed(failures: Sequence[Failure]) -> str:
    reasons = "\n".join(f"  {failure.name}: {failure.reason}" for failure in failures[:SHOWN])
    n = len(failures)
    first = "" if n <= SHOWN else f"; the first {SHOWN} of {n} reasons"
    return f"no region could be measured, so that no table is written{first}:\n{reasons}"


def write_failures(failures: Sequence[Failure], out: Path) -> None:
    """The list of failures beside `out`; an old one is removed where nothing failed, or it would accuse good cases."""
    path = failures_beside(out)
    if failures:
        write_table(pd.DataFrame([{"case": f.name, "reason": f.reason} for f in failures]), path)
    else:
        path.unlink(missing_ok=True)
