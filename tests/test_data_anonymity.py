"""How many participants look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepar.core.errors import DataError
from hepar.data.anonymity import anonymity


def test_the_smallest_class_is_k() -> None:
    found = anonymity(
        ["a", "b", "c", "d", "e"], {"age_y": ["50", "50", "50", "61", "61"], "sex": ["m", "m", "f", "m", "m"]}
    )
    assert (found.k, found.unique, found.participants) == (1, 1, 5)
    assert found.sizes == {1: 1, 2: 2}
    assert (found.below(2), found.below(3)) == (1, 5)
    assert found.mean_risk == pytest.approx(3 / 5)


def test_what_is_left_without_a_column_is_told() -> None:
    found = anonymity(["a", "b", "c", "d"], {"age_y": ["50", "50", "61", "61"], "sex": ["m", "f", "m", "f"]})
    assert found.k == 1
    assert {name: rest.k for name, rest in found.without.items()} == {"age_y": 2, "sex": 2}


def test_a_participant_of_several_rows_counts_once_and_is_known_by_all_of_them() -> None:
    found = anonymity(["a", "a", "b", "c"], {"segment": ["2", "7", "2", "2"]})
    assert found.sizes == {1: 1, 2: 1}


def test_an_empty_cell_is_a_value_of_its_own() -> None:
    assert anonymity(["a", "b", "c"], {"age_y": ["", "50", "50"]}).unique == 1


def test_without_quasi_identifiers_everybody_is_alike() -> None:
    assert anonymity(["a", "b", "c"], {}).k == 3


def test_columns_of_another_length_and_no_participant_are_refused() -> None:
    with pytest.raises(DataError, match="'sex' has 1 rows"):
        anonymity(["a", "b"], {"sex": ["m"]})
    with pytest.raises(DataError, match="no participant"):
        anonymity([], {"sex": []})


@given(st.lists(st.tuples(st.sampled_from("mf"), st.sampled_from("123")), min_size=1, max_size=40))
def test_sharing_less_never_makes_anybody_easier_to_find(rows: list[tuple[str, str]]) -> None:
    names = [str(place) for place in range(len(rows))]
    found = anonymity(names, {"sex": [sex for sex, _ in rows], "age": [age for _, age in rows]})
    assert sum(size * count for size, count in found.sizes.items()) == len(rows)
    assert all(rest.k >= found.k and rest.mean_risk <= found.mean_risk for rest in found.without.values())
