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


def test_no_items_give_no_results() -> None:
    assert ordered_map(double, []) == []
