"""Map over items in order, in this process or in several."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from joblib import Parallel, delayed, effective_n_jobs

from ..core.errors import RunError

A = TypeVar("A")
B = TypeVar("B")

Progress = Callable[[str, int, int], None]
"""Told `(what, done, of)` as the items of a long stage are finished."""


def silent(_what: str, _done: int, _of: int) -> None:
    """A progress that says nothing."""


def ordered_map(
    function: Callable[[A], B],
    items: Iterable[A],
    *,
    jobs: int = 1,
    what: str = "",
    progress: Progress = silent,
) -> list[B]:
    """`[function(item) for item in items]`, by `jobs` processes (-1: one for each core; never more).

    joblib is the engine: under `joblib.parallel_config(backend=...)` the same call runs on Dask or Ray.
    """
    todo: Sequence[A] = list(items)
    progress(what, 0, len(todo))
    workers = _workers(jobs, len(todo))
    if workers == 1:
        results = map(function, todo)
    else:
        results = Parallel(n_jobs=workers, return_as="generator")(delayed(function)(item) for item in todo)
    done = []
    for result in results:
        done.append(result)
        progress(what, len(done), len(todo))
    return done


def _workers(jobs: int, items: int) -> int:
    if jobs < -1 or jobs == 0:
        raise RunError(f"jobs is {jobs}; give 1 or more, or -1 for one on each core")
    return max(1, min(int(effective_n_jobs(jobs)), int(effective_n_jobs(-1)), items))
