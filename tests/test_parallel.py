import pytest

from hepar.core.errors import RunError
from hepar.engine import parallel
from hepar.engine.parallel import ordered_map


def double(x: int) -> int:
    return 2 * x


def test_the_order_is_kept_whatever_the_number_of_jobs() -> None:
    assert (
        ordered_map(double, range(20), jobs=2) == ordered_map(double, range(20)) == [2 * x for x in range(20)]
    )


def test_progress_is_told_from_nothing_to_all() -> None:
    told: list[tuple[str, int, int]] = []
    ordered_map(double, range(3), what="doubling", progress=lambda *step: told.append(step))
    assert told == [("doubling", k, 3) for k in range(4)]


def test_there_are_never_more_workers_than_cores_or_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "effective_n_jobs", lambda jobs: 4 if jobs == -1 else jobs)
    assert [parallel._workers(jobs, items) for jobs, items in ((500, 100), (500, 3), (2, 100), (1, 0))] == [
        4,
        3,
        2,
        1,
    ]


@pytest.mark.parametrize("jobs", [0, -2])
def test_a_number_of_jobs_that_makes_no_sense_is_refused(jobs: int) -> None:
    with pytest.raises(RunError, match=f"jobs is {jobs}; give 1 or more"):
        ordered_map(double, range(3), jobs=jobs)


def test_no_items_give_no_results() -> None:
    assert ordered_map(double, []) == []
