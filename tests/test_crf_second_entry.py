"""A second entry differs where it says it does."""

import pytest

from hepar.core.errors import SimulationError
from hepar.data.crf.double_entry import compare
from hepar.io.redcap import read_dictionary
from hepar.simulation.crf import example_export, second_entry, with_errors

FORMS = read_dictionary("fibrosis-fusion")
CLEAN = example_export(FORMS, participants=60, seed=1)


def test_the_comparison_finds_every_slip_and_nothing_else() -> None:
    again, slips = second_entry(CLEAN, FORMS, seed=1, rate=0.01)
    found = compare(FORMS, CLEAN, again)
    places = {(query.participant, query.event, query.instance, query.field) for query in found.queries}
    assert places == {(slip.participant, slip.event, slip.instance, slip.field) for slip in slips}
    assert len(places) > 30


def test_the_rate_of_slips_is_the_one_asked_for() -> None:
    cells = sum(
        text != ""
        for record in CLEAN.records
        for field in FORMS.fields[1:]
        if field.type not in ("calc", "file", "sql")
        for text in (record.values[column] for column in field.columns)
    )
    _, slips = second_entry(CLEAN, FORMS, seed=2, rate=0.05)
    assert abs(len(slips) / cells - 0.05) < 4 * (0.05 * 0.95 / cells) ** 0.5  # four standard errors


def test_no_slip_leaves_the_records_and_all_changes_every_cell() -> None:
    again, slips = second_entry(CLEAN, FORMS, seed=1, rate=0)
    assert (again, slips) == (CLEAN, ())
    _, slips = second_entry(CLEAN, FORMS, seed=1, rate=1)
    assert all(slip.first != slip.second for slip in slips)
    assert len(slips) > 3000


def test_lines_that_stand_twice_are_compared_once_so_only_the_first_slips() -> None:
    twice, _ = with_errors(CLEAN, FORMS, seed=1, kinds=("line twice",), each=40)
    again, _ = second_entry(twice, FORMS, seed=1, rate=1)
    assert again.records[60:] == twice.records[60:]


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(SimulationError, match="0 to 1"):
        second_entry(CLEAN, FORMS, seed=1, rate=1.5)
